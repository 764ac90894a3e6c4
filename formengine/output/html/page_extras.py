"""What a service knows of a page besides the state: files that were not taken, files being checked, addresses found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from formengine.language.fields.base import NOTHING


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address to choose: what chooses it, and all of it on one line."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class AddressList:
    """What a look-up found for one address. message: what is said instead of a list, or before it."""

    postcode: str = ""
    message: str = ""
    addresses: Sequence[FoundAddress] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class PageExtras:
    """Things to say on one page, none of which is in the answers.

    errors: what is wrong, in words, by the path of the answer; it is said before what the state finds there. files:
    what is said of a stored file, by its id. addresses: by the path of the address.
    """

    errors: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    files: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    addresses: Mapping[str, AddressList] = field(default_factory=lambda: NOTHING)

    @property
    def differ(self) -> bool:
        """Whether what is said can stand on no page prepared for everybody."""
        return bool(self.errors or self.addresses)

    def error(self, path: str) -> str:
        """What is wrong with the answer at `path`, in one text; "" for nothing."""
        return ". ".join(self.errors.get(path, ()))


NO_ASIDES = PageExtras()
