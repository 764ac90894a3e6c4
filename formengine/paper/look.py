"""How a document looks: page, type sizes, spacing, colours. Lengths in millimetres, type sizes in points."""

from __future__ import annotations

from dataclasses import dataclass, field

from formengine.paper.blocks import Kind

MM_PER_PT = 25.4 / 72

Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 1, in sRGB."""


def colour(hexadecimal: str) -> Colour:
    """The colour of six hexadecimal digits, with or without a leading #.

    Raises ValueError for anything else.
    """
    digits = hexadecimal.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{hexadecimal!r} is not a colour of six hexadecimal digits")
    red, green, blue = (round(int(digits[i : i + 2], 16) / 255, 3) for i in (0, 2, 4))
    return red, green, blue


INK = colour("1a1a1a")
GREY = colour("505a5f")


@dataclass(frozen=True, slots=True)
class TextLook:
    """How a paragraph is set: size, distance between baselines, space above it."""

    size_pt: float
    line_mm: float
    space_before_mm: float
    colour: Colour = INK
    bold: bool = False


def _headings() -> tuple[TextLook, ...]:
    return (
        TextLook(24, 10.0, 0.0, bold=True),
        TextLook(16, 7.2, 9.0, bold=True),
        TextLook(12.5, 5.8, 6.5, bold=True),
        TextLook(11, 5.2, 5.0, bold=True),
        TextLook(10.5, 5.0, 4.5, bold=True),
        TextLook(10.5, 5.0, 4.5, bold=True, colour=GREY),
    )


def _paragraphs() -> dict[Kind, TextLook]:
    return {
        Kind.BODY: TextLook(10.5, 5.0, 2.8),
        Kind.LEAD: TextLook(13, 6.2, 3.2),
        Kind.SMALL: TextLook(8.5, 4.0, 2.0, colour=GREY),
        Kind.MUTED: TextLook(10.5, 5.0, 2.8, colour=GREY),
    }


@dataclass(frozen=True, slots=True)
class Look:
    """The looks of a whole document on A4. `accent` is a council's own colour."""

    page_width_mm: float = 210.0
    page_height_mm: float = 297.0
    left_mm: float = 22.0
    right_mm: float = 22.0
    top_mm: float = 27.0
    first_top_mm: float = 24.0
    bottom_mm: float = 25.0
    accent: Colour = field(default_factory=lambda: colour("1d4f7c"))
    link: Colour = field(default_factory=lambda: colour("1d4f7c"))
    warning: Colour = field(default_factory=lambda: colour("b3261e"))
    warning_fill: Colour = field(default_factory=lambda: colour("fdf1f0"))
    note_fill: Colour = field(default_factory=lambda: colour("eef3f7"))
    rule: Colour = field(default_factory=lambda: colour("c3c9cd"))
    headings: tuple[TextLook, ...] = field(default_factory=_headings)
    paragraphs: dict[Kind, TextLook] = field(default_factory=_paragraphs)
    furniture: TextLook = field(default_factory=lambda: TextLook(8.5, 4.0, 0.0, colour=GREY))
    list_indent_mm: float = 6.0
    list_gap_mm: float = 1.2
    cell_padding_mm: float = 1.9
    cell_gutter_mm: float = 5.0
    callout_padding_mm: float = 4.0

    @property
    def width_mm(self) -> float:
        """The width of the text, between the margins."""
        return self.page_width_mm - self.left_mm - self.right_mm

    @property
    def foot_mm(self) -> float:
        """How far down the page text may reach."""
        return self.page_height_mm - self.bottom_mm
