"""The tree of a YAML file: scalars stay text, every node has its span.

The classes aren't frozen: a frozen dataclass costs three times as long to make, and a form has thousands of
nodes. Nothing changes a node once `formengine.language.reader.read` has returned it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from formengine.language.reader.locating import locator
from formengine.language.source import Located, Source, Span


@dataclass(slots=True)
class Scalar:
    """One scalar, as text, written at ``source.text[start:end]`` with its quotes.

    `style` is how it is written: "" for plain, otherwise the quote or the ``|`` or ``>`` it begins with.
    """

    text: str
    source: Source = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)
    style: str = ""

    @property
    def span(self) -> Span:
        """The span of the scalar, with quotes."""
        return Span(self.source, self.start, self.end)

    @property
    def plain(self) -> bool:
        """Whether it stands without quotes, so that ``null`` or ``true`` may mean more than text."""
        return not self.style

    @property
    def located(self) -> Located:
        """The text with the way back from each of its characters to the file."""
        return Located(
            self.text, self.span, locator(self.text, self.source, self.start, self.end, self.style)
        )

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2 core reads this as null: nothing at all, ``~`` or ``null``."""
        return not self.style and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[YamlNode, ...]
    source: Source = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """From the first dash or bracket to the end of the last item."""
        return Span(self.source, self.start, self.end)


@dataclass(slots=True)
class MappingEntry:
    """One key of a mapping with its value."""

    key: Scalar
    value: YamlNode


@dataclass(slots=True)
class Mapping:
    """An ordered mapping; no key occurs twice."""

    entries: tuple[MappingEntry, ...]
    source: Source = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """From the first key or brace to the end of the last value."""
        return Span(self.source, self.start, self.end)

    def get(self, key: str) -> YamlNode | None:
        """The value of `key`, or None where it is not written."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None

    def __iter__(self) -> Iterator[MappingEntry]:
        return iter(self.entries)


YamlNode = Scalar | Sequence | Mapping
