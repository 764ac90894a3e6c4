"""A mended copy of a file for the parser, with the way back to what the author wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from formengine.language.reader.nodes import Mapping, Scalar, Sequence, YamlNode
from formengine.language.source import Source, Span


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The text that the copy has in place of ``text[start:end]`` of the file."""

    start: int
    end: int
    instead: str


class RepairedText:
    """The text with its edits made. Of edits that overlap, the one that begins first applies."""

    def __init__(self, source: Source, text: str, edits: Iterable[Edit]) -> None:
        self.source = source
        self.edits = _apart(edits)
        parts: list[str] = []
        self._starts = [0]
        self._places = [(0, 0, 0, 0)]
        at = length = 0
        for edit in self.edits:
            parts += [text[at : edit.start], edit.instead]
            begin = length + edit.start - at
            length = begin + len(edit.instead)
            at = edit.end
            self._starts.append(begin)
            self._places.append((begin, length, edit.start, edit.end))
        parts.append(text[at:])
        self.text = "".join(parts)

    def to_source(self, index: int) -> int:
        """The offset in the file of offset `index` in the copy."""
        begin, stop, start, end = self._places[bisect_right(self._starts, index) - 1]
        if index >= stop:
            return end + index - stop
        return start if index == begin else end

    def reach(self, start: int, end: int) -> Span:
        """The span in the file of a stretch of the copy."""
        last = len(self.source.text)
        first = min(self.to_source(start), last)
        return Span(self.source, first, min(max(first, self.to_source(end)), last))

    def relocate(self, node: YamlNode) -> None:
        """Change the offsets of `node` and of all in it to those of the file."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            one.start, one.end = self.to_source(one.start), self.to_source(one.end)
            if isinstance(one, Scalar):
                if self.source.text[one.start : one.end] == one.text:
                    one.style = ""
            elif isinstance(one, Sequence):
                waiting += one.items
            elif isinstance(one, Mapping):
                for entry in one.entries:
                    waiting += (entry.key, entry.value)


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept
