"""Where text is on the pages of a PDF: a box for each stretch that is shown, worked out from the file itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from tests.support.paper_reading import instructions, unicode_maps

# Capitals and descenders of the fonts in use, in parts of the type size: what the eye sees as the line.
ASCENT, DESCENT = 0.66, 0.2


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of text on a page (from 0), in points from its bottom left."""

    page: int
    left: float
    right: float
    baseline: float
    size: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two are drawn over one another by more than a hair's breadth."""
        across = min(self.right, other.right) - max(self.left, other.left)
        top = min(self.baseline + ASCENT * self.size, other.baseline + ASCENT * other.size)
        bottom = max(self.baseline - DESCENT * self.size, other.baseline - DESCENT * other.size)
        return across > 0.5 and top - bottom > 0.5


def boxes_of(content: bytes) -> list[Box]:
    """The boxes of all text, page by page, in the order drawn."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [box for number, page in enumerate(pdf.pages) for box in _boxes(page, number)]


def overlapping(boxes: list[Box]) -> list[tuple[Box, Box]]:
    """The pairs of boxes on one page that overlap."""
    found = []
    for page in sorted({box.page for box in boxes}):
        ordered = sorted((box for box in boxes if box.page == page), key=lambda box: box.baseline)
        for number, box in enumerate(ordered):
            for other in ordered[number + 1 :]:
                if other.baseline - box.baseline > 40:
                    break
                if box.overlaps(other):
                    found.append((box, other))
    return found


def _boxes(page: pikepdf.Page, number: int) -> Iterator[Box]:
    maps = unicode_maps(page)
    widths = {str(name): _widths(font) for name, font in page.Resources.get("/Font", {}).items()}
    spaces = {name: {code for code, said in each.items() if said == " "} for name, each in maps.items()}
    blank: set[int] = set()
    font: dict[int, float] = {}
    size = left = baseline = 0.0
    for operands, name in instructions(page):
        if name == "Tf":
            font, size = widths[str(operands[0])], float(operands[1])
            blank = spaces[str(operands[0])]
        elif name == "Td":
            left, baseline = float(operands[0]), float(operands[1])
        elif name in {"Tj", "TJ"}:
            shown = [operands[0]] if name == "Tj" else list(operands[0])
            right = left + size / 1000 * sum(_advance(part, font) for part in shown)
            # The space that keeps a line's end apart from the beginning of the next is seen by nobody.
            last = shown[-1] if shown else None
            unseen = 0.0
            if (
                isinstance(last, pikepdf.String)
                and (code := int.from_bytes(bytes(last)[-2:], "big")) in blank
            ):
                unseen = size / 1000 * font[code]
            yield Box(number, left, right - unseen, baseline, size)
            left = right


def _advance(part: Any, font: dict[int, float]) -> float:
    if not isinstance(part, pikepdf.String):
        return -float(part)
    raw = bytes(part)
    return sum(font[int.from_bytes(raw[at : at + 2], "big")] for at in range(0, len(raw), 2))


def _widths(font: pikepdf.Object) -> dict[int, float]:
    """The width of each code (ISO 32000-1, 9.7.4.3): runs of codes with one width, or with a list of them."""
    (descendant,) = font.DescendantFonts
    found: dict[int, float] = {}
    parts = list(descendant.W)
    while parts:
        first, second = int(parts[0]), parts[1]
        if isinstance(second, pikepdf.Array):
            found |= {first + number: float(width) for number, width in enumerate(second)}
            parts = parts[2:]
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(parts[2]))
            parts = parts[3:]
    default = float(descendant.get("/DW", 1000))
    return _Defaulted(found, default)


class _Defaulted(dict[int, float]):
    def __init__(self, found: dict[int, float], default: float) -> None:
        super().__init__(found)
        self.default = default

    def __missing__(self, _: int) -> float:
        return self.default
