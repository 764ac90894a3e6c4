"""The tree of a YAML file: scalars stay text, every node knows its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from formengine.source import Located, Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar, as text. `plain` tells that it stood without quotes, so that ``null`` or ``true`` may mean more."""

    text: str
    span: Span = field(compare=False, repr=False)
    plain: bool = True
    located: Located = field(compare=False, repr=False, default=None)  # type: ignore[assignment]

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2 core reads this as null: nothing at all, ``~`` or ``null``."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """An ordered mapping; no key occurs twice."""

    entries: tuple[Entry, ...]
    span: Span = field(compare=False, repr=False)

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None where it is not written."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


Node = Scalar | Sequence | Mapping
