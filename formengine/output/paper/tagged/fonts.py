"""Fonts found in installed packages, what each covers and which one draws a character.

The base is Source Sans Pro (package font-source-sans-pro), static TrueType that covers Latin with all its
extensions, Greek and Cyrillic. Fallbacks, in order: files a deployment passes, Roboto (font-roboto), then
every Noto Sans and Arimo family of the fontpkg-* packages, sorted by name. Variable fonts are used at their
default instance.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

from formengine.output.paper.tagged import scripts

SUBSTITUTES = "\ufffd\u25a1\u25ca?"
"""What stands for a character that no font has: the first of these that some font of the chain has."""


class FontsMissingError(Exception):
    """No base font: the package font-source-sans-pro is not installed, or lacks a file."""

    def __init__(self, package: str) -> None:
        super().__init__(package)
        self.package = package

    def __str__(self) -> str:
        return f"PDF needs the fonts of the Python package {self.package}: install formengine[pdf]"


class NotAFontError(Exception):
    """A file passed as a font cannot be read as TrueType or OpenType with a Unicode character map."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is not a TrueType or OpenType font with a Unicode character map"


class FontStyle(NamedTuple):
    """One of the four styles of a family."""

    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph placed by shaping, lengths in thousandths of the type size.

    `x` is from the left of the shaped text, offset included. `text` is what the glyph says: its cluster, or
    "" for the other glyphs of a cluster.
    """

    glyph_id: int
    x: int
    y: int
    text: str


class Face:
    """One font file. What it covers is read at first use; nothing of it changes afterwards."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"Face({self.path.name})"

    @functools.cached_property
    def advances(self) -> dict[str, int]:
        """The width of each character the face has, in thousandths of the type size.

        Raises `NotAFontError`.
        """
        try:
            # Opened here because fontTools leaves a file open that it cannot read.
            with self.path.open("rb") as file, TTFont(file, lazy=True) as font:
                names: dict[int, str] = font.getBestCmap() or {}
                scale = 1000 / font["head"].unitsPerEm
                metrics = font["hmtx"].metrics
                # Rounded as fpdf2 rounds the widths it writes, so that lines end where viewers end them.
                advances = {
                    chr(code): round(scale * metrics[name][0] + 0.001) for code, name in names.items()
                }
        except (OSError, TTLibError, KeyError) as error:
            raise NotAFontError(self.path) from error
        if not advances:
            raise NotAFontError(self.path)
        return advances

    @functools.cached_property
    def _shaper(self) -> Any:  # noqa: ANN401 - uharfbuzz has no types
        import uharfbuzz  # type: ignore[import-untyped]

        return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self.path))))

    def shape(self, text: str, *, right_to_left: bool) -> tuple[tuple[Glyph, ...], int]:
        """The glyphs of `text` in reading order, as HarfBuzz joins, stacks and places them, and their width.

        Text from right to left has its first glyph at the right, so that what a reader or a program takes
        from the file comes in the order it is read.
        """
        import uharfbuzz

        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if right_to_left else "ltr"
        buffer.flags = uharfbuzz.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        uharfbuzz.shape(self._shaper, buffer)
        scale = 1000 / self._shaper.face.upem
        found = list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
        starts = sorted({info.cluster for info, _ in found})
        ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
        glyphs = []
        pen = 0
        for info, place in found:
            cluster = text[info.cluster : ends.pop(info.cluster, info.cluster)]
            # Glyph 0 is .notdef, which PDF/A refuses (ISO 19005-3, 6.2.11.8). Shaping only meets it for the
            # dotted circle that it puts under a mark standing alone.
            if info.codepoint:
                x, y = round(scale * (pen + place.x_offset)), round(scale * place.y_offset)
                glyphs.append(Glyph(info.codepoint, x, y, cluster))
            pen += place.x_advance
        return tuple(reversed(glyphs) if right_to_left else glyphs), round(scale * pen)


@dataclass(frozen=True, slots=True)
class Fonts:
    """Four chains of faces, one a style; the first face of a chain that has a character draws it."""

    regular: tuple[Face, ...]
    bold: tuple[Face, ...]
    italic: tuple[Face, ...]
    bold_italic: tuple[Face, ...]

    def chain(self, style: FontStyle) -> tuple[Face, ...]:
        """The chain of a style."""
        if style.bold:
            return self.bold_italic if style.italic else self.bold
        return self.italic if style.italic else self.regular

    def missing(self, text: str) -> frozenset[str]:
        """The characters of `text` that no face draws.

        White space and invisible characters count as drawn.
        """
        return frozenset(
            char
            for char in set(text)
            if not char.isspace()
            and not scripts.is_invisible(char)
            and all(char not in face.advances for face in self.regular)
        )


@dataclass(frozen=True, slots=True)
class _Family:
    """Where a package keeps the four styles of a family: regular, bold, italic, bold italic."""

    package: str
    files: tuple[str, str, str, str]


_BASE = _Family(
    "font_source_sans_pro",
    (
        "SourceSansPro-Regular.ttf",
        "SourceSansPro-Bold.ttf",
        "SourceSansPro-It.ttf",
        "SourceSansPro-BoldIt.ttf",
    ),
)
_FALLBACK = _Family(
    "font_roboto", ("Roboto-Regular.ttf", "Roboto-Bold.ttf", "Roboto-Italic.ttf", "Roboto-BoldItalic.ttf")
)


@functools.cache
def _face(path: Path) -> Face:
    return Face(path)


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "files"


def _styles(family: _Family) -> tuple[Face, ...] | None:
    folder = _folder(family.package)
    if folder is None:
        return None
    paths = [folder / name for name in family.files]
    return tuple(_face(path) for path in paths) if all(path.is_file() for path in paths) else None


def _other_scripts() -> Iterable[Face]:
    names = {point.value for point in entry_points(group="fontpkg.family")}
    for package in sorted(name for name in names if name.startswith(("fontpkg_noto_sans", "fontpkg_arimo"))):
        folder = _folder(package)
        if folder is not None:
            upright = sorted(path for path in folder.glob("*.ttf") if "Italic" not in path.name)
            yield from (_face(path) for path in upright[:1])


@functools.lru_cache(maxsize=16)
def _find(extra: tuple[Path, ...]) -> Fonts:
    base = _styles(_BASE)
    if base is None:
        raise FontsMissingError("font-source-sans-pro")
    given = tuple(_face(path) for path in extra)
    for face in given:
        face.advances  # noqa: B018  a file that is no font is refused here, not in the middle of a document
    fallback = _styles(_FALLBACK) or ()
    rest = tuple(_other_scripts())

    def chain(style: int) -> tuple[Face, ...]:
        upright = style % 2 if style > 1 else style
        wanted = [base[style], base[upright], base[0], *given]
        if fallback:
            wanted += [fallback[style], fallback[upright], fallback[0]]
        return tuple(dict.fromkeys([*wanted, *rest]))

    return Fonts(chain(0), chain(1), chain(2), chain(3))


def find_fonts(extra: Sequence[Path] = ()) -> Fonts:
    """The fonts installed here, with the files `extra` as the first fallback, in their order.

    Raises `FontsMissingError` when the base font is not installed and `NotAFontError` for a file in `extra`
    that is none.
    """
    return _find(tuple(extra))
