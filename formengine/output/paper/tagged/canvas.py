"""Pages to draw on: fpdf2 made to write tagged content.

Every private hook of fpdf2 that we use is in this module or in `structure`, and `tests/output/test_paper_hooks.py`
holds them to what we expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import NamedTuple, cast

from fpdf import FPDF
from fpdf.actions import URIAction
from fpdf.annotations import PDFAnnotation
from fpdf.enums import PDFResourceType
from fpdf.fonts import TTFFont
from fpdf.outline import OutlineSection
from fpdf.prefs import ViewerPreferences
from fpdf.syntax import DestinationXYZ, Name

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.fonts import Face
from formengine.output.paper.tagged.metadata import Attachment, DocumentInfo, xmp
from formengine.output.paper.tagged.object_streams import compacted
from formengine.output.paper.tagged.structure import Element, Leaf, StructureTree, text_string
from formengine.output.paper.tagged.style import MM_PER_PT, Colour
from formengine.output.paper.tagged.text import TextRun

# Tables that a subset has no use for: what makes a font variable (without them it is the default instance,
# which is what we measured) and what shapes text (done by then). Left in, they take half the time a document
# costs.
_UNUSED_TABLES = (
    *("fvar", "gvar", "avar", "cvar", "HVAR", "VVAR", "MVAR", "STAT"),
    *("GSUB", "GPOS", "GDEF", "BASE", "JSTF", "kern", "DSIG"),
)
# A bookmark is a string, at most 32,767 bytes in PDF/A (ISO 19005-3, 6.1.13); nobody reads one that long.
_BOOKMARK_CHARACTERS = 120


class Artifact(Enum):
    """Why something on the page is no content (ISO 32000-1, 14.8.2.2)."""

    LAYOUT = "/Artifact <</Type /Layout>>"
    HEADER = "/Artifact <</Type /Pagination /Subtype /Header>>"
    FOOTER = "/Artifact <</Type /Pagination /Subtype /Footer>>"
    REPEATED = "/Artifact <</Type /Pagination>>"


class Anchor(NamedTuple):
    """Somewhere in the document: a height on a page."""

    page: int
    top_mm: float


class Area(NamedTuple):
    """A rectangle on a page, by its top left corner."""

    x_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


class _Document(FPDF):
    def __init__(self, tree: StructureTree, about: DocumentInfo, size_mm: tuple[float, float]) -> None:
        # fpdf2 knows no PDF/A-3A; 3U brings the output intent and its checks, the tags and our XMP make it
        # 3A.
        super().__init__(unit="mm", format=size_mm, enforce_compliance="PDF/A-3U")
        self.struct_builder = tree  # type: ignore[assignment]
        self.set_auto_page_break(False)
        self.set_creation_date(about.at)
        self.set_title(" ".join(scripts.clean(about.title).split()))
        self.set_lang(about.language)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        # 0 leaves the reader's own magnification alone (ISO 32000-1, table 151); fpdf2's default does not.
        self.set_display_mode(0.0)
        self.set_xmp_metadata(xmp(about))


class _LinkAnnotation(PDFAnnotation):
    """A link that the structure tree knows.

    fpdf2 writes every public attribute, so `struct_parent` is enough.
    """

    struct_parent: int


class _Codes(dict[str, str]):
    """The code of each character in a font's subset, which takes it in when first asked for."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__()
        self.font = font

    def __missing__(self, char: str) -> str:
        code = self.font.subset.pick(ord(char))
        if code is None:
            raise KeyError(f"{self.font.name} has no U+{ord(char):04X}")
        found = self[char] = f"{code:04X}"
        return found


class Canvas:
    """The pages of one document and their structure tree.

    Lengths are millimetres from the page's top left.
    """

    def __init__(self, about: DocumentInfo, size_mm: tuple[float, float]) -> None:
        self.tree = StructureTree()
        self._pdf = _Document(self.tree, about, size_mm)
        self._height_mm = size_mm[1]
        self._keys: dict[int, int] = {}
        self._pages: dict[int, list[str]] = {}
        self._open: Leaf | Artifact | None = None
        self._fill: Colour | None = None
        self._pen: tuple[float, Colour] | None = None
        self._fonts: dict[Face, tuple[TTFFont, _Codes]] = {}
        self._used: set[tuple[int, int]] = set()

    @property
    def page(self) -> int:
        """The number of the page drawn on, 0 before the first."""
        return self._pdf.page

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._pdf.pages)

    def add_page(self) -> None:
        """A new page, which is drawn on from now."""
        self.close()
        self._pdf.add_page()
        page = self._pdf.pages[self.page]
        self._keys[self.page] = page.struct_parents = self.tree.page_key()
        # ISO 14289-1, 7.18.3: the tab order of a page with annotations is that of the structure.
        page.__dict__["tabs"] = Name("S")
        self._pages[self.page] = []
        self._fill = self._pen = None

    def turn_to(self, page: int) -> None:
        """Draw on `page` again, over what is there."""
        self.close()
        self._pdf.page = page
        self._fill = self._pen = None

    def close(self) -> None:
        """End the marked content that is open, if any."""
        if self._open is not None:
            self._pages[self.page].append("EMC")
            self._open = None

    def _mark(self, place: Leaf | Artifact, actual: str | None = None) -> None:
        """What is drawn next belongs to `place`; `actual` is its text where the glyphs do not give it (ActualText)."""
        if isinstance(place, Artifact):
            self.artifact(place)
        elif self._open is not place or actual is not None:
            self.close()
            mcid = self.tree.mark(place, self.page, self._keys[self.page])
            # Not as a sequence inside the leaf's own: readers are found that lose what follows an inner one.
            says = "" if actual is None else f" /ActualText {text_string(actual)}"
            tag = place.owner.tag if actual is None else "Span"
            self._pages[self.page].append(f"/{tag} <</MCID {mcid}{says}>> BDC")
            self._open = place

    def artifact(self, kind: Artifact) -> None:
        """What is drawn next is no content."""
        if self._open is kind:
            return
        self.close()
        self._pages[self.page].append(f"{kind.value} BDC")
        self._open = kind

    @contextmanager
    def decoration(self) -> Iterator[None]:
        """Lines and boxes drawn inside are layout artifacts."""
        self.artifact(Artifact.LAYOUT)
        yield
        self.close()

    def piece(
        self,
        piece: TextRun,
        place: Leaf | Artifact,
        *,
        x_mm: float,
        baseline_mm: float,
        size_pt: float,
        colour: Colour,
    ) -> None:
        """Draw `piece` with its origin at the point given, as content of `place`."""
        self._mark(place, piece.actual)
        font, codes = self._font(piece.face)
        ops = self._pages[self.page]
        if colour != self._fill:
            ops.append(f"{_rgb(colour)} rg")
            self._fill = colour
        if piece.glyphs is None:
            shown = f"<{''.join(map(codes.__getitem__, piece.text))}> Tj"
        else:
            shown = self._shaped(font, piece, size_pt)
        x_pt, y_pt = x_mm / MM_PER_PT, (self._height_mm - baseline_mm) / MM_PER_PT
        ops.append(f"BT /F{font.i} {size_pt:g} Tf {x_pt:.2f} {y_pt:.2f} Td {shown} ET")
        if piece.actual is not None and isinstance(place, Leaf):
            self.close()

    def _font(self, face: Face) -> tuple[TTFFont, _Codes]:
        found = self._fonts.get(face)
        if found is None:
            family = f"face{len(self._fonts)}"
            self._pdf.add_font(family, fname=face.path)
            font = cast(TTFFont, self._pdf.fonts[family])
            for table in _UNUSED_TABLES:
                if table in font.ttfont:
                    del font.ttfont[table]
            # Outlines stay byte for byte as the font has them, so there is nothing to measure again.
            font.ttfont.recalcBBoxes = False
            found = self._fonts[face] = font, _Codes(font)
        number = found[0].i
        if (number, self.page) not in self._used:
            self._used.add((number, self.page))
            self._pdf._resource_catalog.add(PDFResourceType.FONT, number, self.page)  # noqa: SLF001
        return found

    @staticmethod
    def _shaped(font: TTFFont, piece: TextRun, size_pt: float) -> str:
        """Operators that show shaped glyphs, each where shaping placed it, in reading order."""
        ops, array = [], ""
        pen, rise = 0, 0
        for glyph in piece.glyphs or ():
            name = font.ttfont.getGlyphName(glyph.glyph_id)
            width = round(font.scale * font.ttfont["hmtx"].metrics[name][0] + 0.001)
            # A glyph that continues a cluster still needs a Unicode value (ISO 19005-3, 6.2.11.7.2); the
            # ActualText around it is what is read.
            unicode = tuple(map(ord, glyph.text)) or (0x200B,)
            code = font.subset.pick_glyph(
                font.subset.get_glyph(
                    glyph=glyph.glyph_id, unicode=unicode, glyph_name=name, glyph_width=width
                )
            )
            if glyph.y != rise:
                ops.append(f"[{array}] TJ {glyph.y * size_pt / 1000:.3f} Ts")
                array, rise = "", glyph.y
            back = pen - glyph.x
            array += f" {back} <{code:04X}>" if back else f"<{code:04X}>"
            pen = glyph.x + width
        ops.append(f"[{array}] TJ")
        return " ".join([*ops, "0 Ts"] if rise else ops)

    def line(self, x_mm: float, y_mm: float, to_x_mm: float, width_mm: float, colour: Colour) -> None:
        """Draw a horizontal line whose middle is at `y_mm`."""
        self.fill(x_mm, y_mm - width_mm / 2, to_x_mm - x_mm, width_mm, colour)

    def fill(self, x_mm: float, y_mm: float, width_mm: float, height_mm: float, colour: Colour) -> None:
        """Draw a filled rectangle, given its top left corner, inside the open artifact."""
        x, y, w, h = (n / MM_PER_PT for n in (x_mm, self._height_mm - y_mm - height_mm, width_mm, height_mm))
        if colour != self._fill:
            self._pages[self.page].append(f"{_rgb(colour)} rg")
            self._fill = colour
        self._pages[self.page].append(f"{x:.2f} {y:.2f} {w:.2f} {h:.2f} re f")

    def frame(self, area: Area, width_mm: float, colour: Colour) -> None:
        """Draw the outline of a rectangle, or a line where that has no height or no width, inside the open artifact."""
        ops = self._pages[self.page]
        if self._pen != (width_mm, colour):
            ops.append(f"{width_mm / MM_PER_PT:.2f} w {_rgb(colour)} RG")
            self._pen = width_mm, colour
        bottom_mm = self._height_mm - area.top_mm - area.height_mm
        x, y, w, h = (n / MM_PER_PT for n in (area.x_mm, bottom_mm, area.width_mm, area.height_mm))
        shape = (
            f"{x:.2f} {y:.2f} {w:.2f} {h:.2f} re"
            if w and h
            else f"{x:.2f} {y:.2f} m {x + w:.2f} {y + h:.2f} l"
        )
        ops.append(f"{shape} S")

    def link(self, element: Element, to: str | Anchor, words: str, area: Area) -> None:
        """Make a rectangle a link to an address or a place, described by `words` and held by the Link `element`."""
        annotation = _LinkAnnotation(
            "Link",
            area.x_mm / MM_PER_PT,
            (self._height_mm - area.top_mm) / MM_PER_PT,
            area.width_mm / MM_PER_PT,
            area.height_mm / MM_PER_PT,
            action=URIAction(to) if isinstance(to, str) else None,
            dest=None if isinstance(to, str) else self._destination(to),
            contents=_shortened(words),
        )
        annotation.struct_parent = self.tree.annotation_key(element)
        self._pdf.pages[self.page].add_annotation(annotation)
        element.kids.append((self.page, annotation))

    def _destination(self, place: Anchor) -> DestinationXYZ:
        return DestinationXYZ(place.page, top=(self._height_mm - place.top_mm) / MM_PER_PT)

    def bookmark(self, title: str, level: int, top_mm: float) -> None:
        """A bookmark to a height on this page; `level` 1 is the top."""
        there = self._destination(Anchor(self.page, top_mm))
        section = OutlineSection(_shortened(title), level - 1, self.page, there, None)
        self._pdf._outline.append(section)  # noqa: SLF001

    def embed(self, attachment: Attachment, at: datetime) -> None:
        """Attach a file, associated with the whole document (ISO 19005-3, 6.8)."""
        self._pdf.embed_file(
            bytes=attachment.content,
            basename=attachment.name,
            desc=attachment.description,
            mime_type=attachment.mime_type,
            associated_file_relationship=attachment.relationship,
            creation_date=at,
            modification_date=at,
            compress=True,
        )

    def finish(self) -> bytes:
        """The document's bytes. Nothing can be drawn afterwards."""
        self.close()
        for number, ops in self._pages.items():
            page = self._pdf.pages[number]
            cast(bytearray, page.contents).extend("\n".join(ops).encode("latin-1"))
            self.tree.pages[number] = page
        try:
            return compacted(bytes(self._pdf.output()))
        finally:
            for font, _ in self._fonts.values():
                font.close()


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part:g}" for part in colour)


def _shortened(words: str) -> str:
    words = " ".join(scripts.clean(words).split())
    return words if len(words) <= _BOOKMARK_CHARACTERS else f"{words[: _BOOKMARK_CHARACTERS - 1]}\u2026"
