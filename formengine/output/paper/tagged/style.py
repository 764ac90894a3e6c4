"""The style of a document: page, type sizes, spacing, colours. Lengths in millimetres, type sizes in points.

The values come from ``pdf/style.yaml`` of a theme. formengine's own file sets everything; a council's sets only what
differs.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from formengine.language.diagnostics import Findings, near
from formengine.language.reader import Mapping as MappingNode
from formengine.language.reader import Scalar, read, read_file
from formengine.output.paper.tagged.blocks import ParagraphKind
from formengine.output.themes import ThemeError, theme_folders

MM_PER_PT = 25.4 / 72
STYLE_FILE = "style.yaml"
_OLD_FILE = "look.yaml"
HEADINGS = 6
# Text in a paler colour is hard to read on white (WCAG 2.2, success criterion 1.4.3).
LEAST_CONTRAST = 4.5
LEAST_TEXT_MM = 60.0
_HEXADECIMAL = re.compile("#?[0-9A-Fa-f]{6}", re.ASCII)

Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 1, in sRGB."""


def colour(hexadecimal: str) -> Colour:
    """The colour of six hexadecimal digits, with or without a leading #.

    Raises ValueError for anything else.
    """
    if not _HEXADECIMAL.fullmatch(hexadecimal):
        raise ValueError(f"{hexadecimal!r} is not a colour of six hexadecimal digits")
    digits = hexadecimal.removeprefix("#")
    red, green, blue = (round(int(digits[i : i + 2], 16) / 255, 3) for i in (0, 2, 4))
    return red, green, blue


def contrast_with_white(ink: Colour) -> float:
    """The contrast ratio of a colour with white, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in ink)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a paragraph is set: size, distance between baselines, space above it."""

    size_pt: float
    line_mm: float
    space_before_mm: float
    colour: Colour
    bold: bool


@dataclass(frozen=True, slots=True)
class PaperStyle:
    """The style of a whole document. `accent` is a council's own colour; `headings` are those of level 1 to 6."""

    page_width_mm: float
    page_height_mm: float
    left_mm: float
    right_mm: float
    top_mm: float
    first_top_mm: float
    bottom_mm: float
    accent: Colour
    link: Colour
    warning: Colour
    warning_fill: Colour
    note_fill: Colour
    rule: Colour
    headings: tuple[TextStyle, ...]
    paragraphs: Mapping[ParagraphKind, TextStyle]
    furniture: TextStyle
    list_indent_mm: float
    list_gap_mm: float
    cell_padding_mm: float
    cell_gutter_mm: float
    callout_padding_mm: float
    signature_mm: float
    writing_mm: float
    line_mm: float
    cell_mm: float
    tick_mm: float

    @property
    def width_mm(self) -> float:
        """The width of the text, between the margins."""
        return self.page_width_mm - self.left_mm - self.right_mm

    @property
    def foot_mm(self) -> float:
        """How far down the page text may reach."""
        return self.page_height_mm - self.bottom_mm


def find_style(*themes: Path) -> PaperStyle:
    """The style of formengine with what the folders `themes` have otherwise, the first of them before the others.

    Raises `ThemeError`, in one sentence with file and line, for a folder that is no theme and for a file with a key
    that there is not, or a value that no document can be set with.
    """
    return _style(themes) if themes else _bundled_style()


@functools.cache
def _bundled_style() -> PaperStyle:
    return _style(())


def _style(themes: tuple[Path, ...]) -> PaperStyle:
    values: dict[str, _Value] = {}
    for folder in reversed(theme_folders("pdf", themes)):
        path = folder / STYLE_FILE
        if (folder / _OLD_FILE).is_file():
            raise ThemeError(f"{folder / _OLD_FILE} is called {STYLE_FILE} now; rename it")
        if path.is_file():
            values = _overlaid(values, _read(path))
    return _Values(values).style()


@dataclass(frozen=True, slots=True)
class _Value:
    """One value as written, and where."""

    text: str
    place: str


def _read(path: Path) -> dict[str, _Value]:
    """The values of a file by dotted key."""
    findings = Findings()
    source = read_file(path, findings, name=str(path), max_bytes=100_000)
    root = None
    if source is not None:
        root = read(source, findings)
    if root is None or findings.has_errors:
        found = findings.in_file_order()[0]
        raise ThemeError(f"{path}, line {found.span.line}: {found.message}")
    return dict(_leaves(root, "", path))


def _leaves(mapping: MappingNode, prefix: str, path: Path) -> Iterator[tuple[str, _Value]]:
    for entry in mapping:
        key = f"{prefix}{entry.key.text}"
        place = f"{path}, line {entry.key.span.line}: {key}"
        if isinstance(entry.value, MappingNode):
            yield from _leaves(entry.value, f"{key}.", path)
        elif isinstance(entry.value, Scalar):
            yield key, _Value(entry.value.text, place)
        else:
            raise ThemeError(f"{place} is a list; it is one value")


def _overlaid(values: dict[str, _Value], own: dict[str, _Value]) -> dict[str, _Value]:
    """`values` with the `own` ones in their places; only the first file, formengine's, may bring keys."""
    for key, value in own.items() if values else ():
        if key not in values:
            close = near(key, values)
            raise ThemeError(
                f"{value.place} is no key of a style" + (f"; did you mean {close}?" if close else "")
            )
    return {**values, **own}


@dataclass(frozen=True, slots=True)
class _Values:
    """Values read as what they are."""

    values: Mapping[str, _Value]

    def style(self) -> PaperStyle:
        style = PaperStyle(
            page_width_mm=self.length("page.width_mm", least=100),
            page_height_mm=self.length("page.height_mm", least=100),
            left_mm=self.length("page.left_mm"),
            right_mm=self.length("page.right_mm"),
            top_mm=self.length("page.top_mm"),
            first_top_mm=self.length("page.first_top_mm"),
            bottom_mm=self.length("page.bottom_mm"),
            accent=self.colour("colours.accent"),
            link=self.ink("colours.link"),
            warning=self.colour("colours.warning"),
            warning_fill=self.colour("colours.warning_fill"),
            note_fill=self.colour("colours.note_fill"),
            rule=self.colour("colours.rule"),
            headings=tuple(self.text(f"text.heading_{level}") for level in range(1, HEADINGS + 1)),
            paragraphs={kind: self.text(f"text.{kind.value}") for kind in ParagraphKind},
            furniture=self.text("text.furniture"),
            list_indent_mm=self.length("lists.indent_mm"),
            list_gap_mm=self.length("lists.gap_mm"),
            cell_padding_mm=self.length("tables.cell_padding_mm"),
            cell_gutter_mm=self.length("tables.cell_gutter_mm"),
            callout_padding_mm=self.length("callouts.padding_mm"),
            signature_mm=self.length("pen.signature_mm"),
            writing_mm=self.length("pen.writing_mm"),
            line_mm=self.length("pen.line_mm", least=4, most=30),
            cell_mm=self.length("pen.cell_mm", least=4, most=12),
            tick_mm=self.length("pen.tick_mm", least=3, most=12),
        )
        if style.width_mm < LEAST_TEXT_MM:
            raise ThemeError(
                f"{self.values['page.left_mm'].place} leaves no room for text between the margins"
            )
        if style.foot_mm - max(style.top_mm, style.first_top_mm) < LEAST_TEXT_MM:
            raise ThemeError(f"{self.values['page.top_mm'].place} leaves no room for text above the foot")
        return style

    def length(self, key: str, *, least: float = 0.0, most: float = 1000.0) -> float:
        value = self.values[key]
        try:
            number = float(value.text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise ThemeError(f"{value.place} is a number from {least:g} to {most:g}, not {value.text!r}")
        return number

    def colour(self, key: str) -> Colour:
        value = self.values[key]
        try:
            return colour(value.text)
        except ValueError as error:
            raise ThemeError(f"{value.place}: {error}") from None

    def ink(self, key: str) -> Colour:
        """A colour that text is set in."""
        ink = self.colour(key)
        ratio = contrast_with_white(ink)
        if ratio < LEAST_CONTRAST:
            raise ThemeError(
                f"{self.values[key].place} is too pale for text: its contrast with white is {ratio:.1f}, "
                f"at least {LEAST_CONTRAST} is needed"
            )
        return ink

    def text(self, key: str) -> TextStyle:
        name, bold = self.values[f"{key}.colour"], self.values[f"{key}.bold"]
        if f"colours.{name.text}" not in self.values:
            raise ThemeError(f"{name.place} is the name of a colour such as ink, not {name.text!r}")
        if bold.text not in {"true", "false"}:
            raise ThemeError(f"{bold.place} is true or false, not {bold.text!r}")
        return TextStyle(
            self.length(f"{key}.size_pt", least=6, most=72),
            self.length(f"{key}.line_mm", least=2, most=40),
            self.length(f"{key}.space_before_mm", most=60),
            self.ink(f"colours.{name.text}"),
            bold.text == "true",
        )
