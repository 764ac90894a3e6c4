"""What changed between two texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

# So many unchanged lines are shown around a change.
_AROUND: Final = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a comparison. number: in the newer text, for one that is gone in the older; 0 for a gap between."""

    kind: Literal["same", "added", "removed", "gap"]
    number: int
    text: str


def changed_lines(before: str, after: str) -> list[DiffLine]:
    """The lines that were added and removed, each with the lines around it; none where the texts are equal."""
    old, new = before.splitlines(), after.splitlines()
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND))
    lines: list[DiffLine] = []
    for number, group in enumerate(groups):
        if number:
            lines.append(DiffLine("gap", 0, ""))
        for tag, from_old, to_old, from_new, to_new in group:
            if tag == "equal":
                lines += _numbered("same", new, from_new, to_new)
                continue
            lines += _numbered("removed", old, from_old, to_old)
            lines += _numbered("added", new, from_new, to_new)
    return lines


def _numbered(
    kind: Literal["same", "added", "removed"], lines: list[str], start: int, end: int
) -> Iterator[DiffLine]:
    return (DiffLine(kind, number + 1, lines[number]) for number in range(start, end))
