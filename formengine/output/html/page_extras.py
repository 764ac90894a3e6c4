"""Page extras, which a service adds to the state: files that were refused, files being checked, addresses found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from formengine.form.state import FieldError
from formengine.language.fields.base import NOTHING


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address to choose: the value that its button posts, and the whole address on one line."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class AddressList:
    """What a look-up found for one address. message: a sentence shown instead of a list, or before it."""

    postcode: str = ""
    message: str = ""
    addresses: Sequence[FoundAddress] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class PageExtras:
    """What one page shows that is not in the answers.

    errors: what is wrong, in words, by the path of the answer; shown before the errors of the state there. files: the
    status of a stored file in words, by its id. waiting: ids of files without a link, as the virus check comes before
    anybody opens them. addresses: by the path of the address. advice: warnings of the page, shown though no
    errors are, to whoever is about to go on. returns: whether the page's button leads back to check
    answers and says so. notice: what became of an entry just now (a word of ``lists``), and its title.
    """

    errors: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    files: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    waiting: frozenset[str] = frozenset()
    addresses: Mapping[str, AddressList] = field(default_factory=lambda: NOTHING)
    advice: tuple[FieldError, ...] = ()
    returns: bool = False
    notice: tuple[str, str] = ("", "")

    @property
    def differ(self) -> bool:
        """Whether there are extras, so that no cached page will do."""
        return bool(self.errors or self.addresses or self.advice or self.returns or self.notice[0])

    def error(self, path: str) -> str:
        """What is wrong with the answer at `path`, in one text; "" for nothing."""
        return ". ".join(self.errors.get(path, ()))


NO_EXTRAS = PageExtras()
