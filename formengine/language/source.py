"""Sources and spans: where a piece of text is in the file an author wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """A text with the name people know it by, such as ``request-for-support/form.yaml``."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset at which each line begins; the first is 0."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`, both counted from 1, columns in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end; empty past the end."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source, from offset `start` up to and without `end`, in characters."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line on which the span begins, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column at which the span begins, from 1, in characters."""
        return self.source.position(self.start)[1]


NOWHERE = Span(Source("", ""), 0, 0)


@dataclass(frozen=True, slots=True)
class Located:
    """Text an author wrote, with the way back from each of its characters to the file.

    `text` is the value of the YAML scalar; `span` is where it is written, with its quotes. They differ in length
    inside quoted, folded and block scalars, so a part of the text is found with `part`.
    """

    text: str
    span: Span = field(compare=False, repr=False)
    locate: Callable[[int, int], Span] | None = field(default=None, compare=False, repr=False)

    def part(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]`` in the file."""
        if self.locate is not None:
            return self.locate(start, end)
        return Span(self.span.source, self.span.start + start, self.span.start + end)
