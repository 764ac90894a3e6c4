"""Form fields in a finished PDF: AcroForm (ISO 32000-1, 12.7) put in by pikepdf.

Each field stands where the page has its frame, is the child of a Form element of the structure tree, in reading order,
and is called what it asks (TU). There are no scripts and no actions, and every appearance is a plain stream, as PDF/A-3
and PDF/UA-1 ask; so a file is both until somebody's program writes into it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pikepdf
from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Pdf, String

from formengine.output.paper.blank.boxes import FieldPlace
from formengine.output.paper.reading.pdf_answers import STATE
from formengine.output.paper.tagged.fonts import Fonts, FontStyle
from formengine.output.paper.tagged.object_streams import compacted
from formengine.output.paper.tagged.style import MM_PER_PT

# Field flags (ISO 32000-1, tables 226, 228 and 230).
_MULTILINE, _RADIO, _COMBO = 1 << 12, 1 << 15, 1 << 17
_PRINT = 1 << 2
_TEXT_PT = 10.0
# The characters of Windows-1252, which simple fonts of forms are encoded in.
_CHARACTERS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(32, 256)}


def with_fields(content: bytes, places: Sequence[FieldPlace], fonts: Fonts) -> bytes:
    """The PDF `content` with a field at each of `places`, in their order; the same input gives the same bytes.

    Raises ValueError where the structure tree has other Form elements than `places` say, which is a mistake of ours.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        forms = list(_form_elements(pdf.Root.StructTreeRoot))
        if [str(form.T) for form in forms] != [place.id for place in places]:
            raise ValueError("the fields and the structure tree's Form elements are not the same")
        _Fields(pdf).add(places, forms, _font(pdf, fonts.chain(FontStyle())[0].path))
        made = io.BytesIO()
        pdf.save(made, object_stream_mode=ObjectStreamMode.disable, deterministic_id=True)
    return compacted(made.getvalue())


def _form_elements(root: Object) -> Iterator[Object]:
    """The Form elements in reading order."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.get("/S") == Name.Form:
            yield element
            continue
        kids = element.get("/K", Array())
        inside = list(kids) if isinstance(kids, Array) else [kids]
        waiting += [kid for kid in reversed(inside) if isinstance(kid, Dictionary) and "/S" in kid]


@dataclass(slots=True)
class _Fields:
    """Adds fields to one document."""

    pdf: Pdf
    roots: list[Object] = field(default_factory=list)
    groups: dict[str, Object] = field(default_factory=dict)
    radios: dict[str, Object] = field(default_factory=dict)
    marks: dict[tuple[bytes, float, float], Object] = field(default_factory=dict)

    def add(self, places: Sequence[FieldPlace], forms: Sequence[Object], font: Object) -> None:
        structure = self.pdf.Root.StructTreeRoot
        key = int(structure.ParentTreeNextKey)
        appearance = Dictionary(Font=Dictionary(Fm=font))
        for place, form in zip(places, forms, strict=True):
            page = self.pdf.pages[place.page - 1]
            widget = self._widget(place, page, key)
            # It was there to find the element by.
            del form.T
            form.K = Dictionary(Type=Name.OBJR, Obj=widget, Pg=page.obj)
            structure.ParentTree.Nums.append(key)
            structure.ParentTree.Nums.append(form)
            if "/Annots" not in page.obj:
                page.obj.Annots = Array()
            page.obj.Annots.append(widget)
            key += 1
        structure.ParentTreeNextKey = key
        self.pdf.Root.AcroForm = self.pdf.make_indirect(
            Dictionary(Fields=Array(self.roots), DA=String(_appearance_string(_TEXT_PT)), DR=appearance)
        )

    def _widget(self, place: FieldPlace, page: pikepdf.Page, key: int) -> Object:
        area = place.area
        height_pt = float(page.mediabox[3])
        left, top = area.x_mm / MM_PER_PT, height_pt - area.top_mm / MM_PER_PT
        width, height = area.width_mm / MM_PER_PT, area.height_mm / MM_PER_PT
        rect = [round(number, 2) for number in (left, top - height, left + width, top)]
        widget = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                Rect=Array(rect),
                F=_PRINT,
                P=page.obj,
                StructParent=key,
                TU=String(place.words),
            )
        )
        if place.kind in {"tick", "radio"}:
            self._box(widget, place, width, height)
        else:
            self._text(widget, place, width, height)
        return widget

    def _text(self, widget: Object, place: FieldPlace, width: float, height: float) -> None:
        widget.FT = Name.Tx if place.kind != "choice" else Name.Ch
        widget.DA = String(_appearance_string(_TEXT_PT))
        widget.AP = Dictionary(N=self._stream(b"/Tx BMC EMC", width, height))
        if place.kind == "lines":
            widget.Ff = _MULTILINE
        elif place.kind == "choice":
            widget.Ff = _COMBO
            pairs = [("", " "), *place.options]
            widget.Opt = Array([Array([String(code), String(label)]) for code, label in pairs])
        self._name(widget, place.id)

    def _box(self, widget: Object, place: FieldPlace, width: float, height: float) -> None:
        on = Name("/" + STATE + place.code)
        cross = (
            f"q 1.2 w {width * 0.2:.2f} {height * 0.2:.2f} m {width * 0.8:.2f} {height * 0.8:.2f} l "
            f"{width * 0.2:.2f} {height * 0.8:.2f} m {width * 0.8:.2f} {height * 0.2:.2f} l S Q"
        )
        states = Dictionary()
        states[str(on)] = self._mark(cross.encode(), width, height)
        states["/Off"] = self._mark(b"q Q", width, height)
        widget.AP = Dictionary(N=states)
        widget.AS = Name.Off
        if place.kind == "tick":
            widget.FT = Name.Btn
            widget.V = Name.Off
            self._name(widget, place.id)
            return
        group = self.radios.get(place.name)
        if group is None:
            words, _, _ = place.words.rpartition(": ")
            group = self.pdf.make_indirect(
                Dictionary(FT=Name.Btn, Ff=_RADIO, V=Name.Off, TU=String(words), Kids=Array())
            )
            self.radios[place.name] = group
            self._name(group, place.name)
        widget.Parent = group
        group.Kids.append(widget)

    def _mark(self, operators: bytes, width: float, height: float) -> Object:
        """One stream for all boxes that look the same: nobody's program writes into it, as it does into a text's."""
        key = operators, round(width, 2), round(height, 2)
        if key not in self.marks:
            self.marks[key] = self._stream(operators, width, height)
        return self.marks[key]

    def _stream(self, operators: bytes, width: float, height: float) -> Object:
        stream = self.pdf.make_stream(operators)
        stream.Type, stream.Subtype = Name.XObject, Name.Form
        stream.BBox = Array([0, 0, round(width, 2), round(height, 2)])
        return stream

    def _name(self, made: Object, name: str) -> None:
        """Name a field: each id of its path is a field of its own that holds the next (ISO 32000-1, 12.7.3.2)."""
        *outer, last = name.split(".")
        made.T = String(last)
        inside: Object | None = None
        for depth in range(1, len(outer) + 1):
            path = ".".join(outer[:depth])
            group = self.groups.get(path)
            if group is None:
                group = self.pdf.make_indirect(Dictionary(T=String(outer[depth - 1]), Kids=Array()))
                self.groups[path] = group
                self._hang(group, inside)
            inside = group
        self._hang(made, inside)

    def _hang(self, made: Object, inside: Object | None) -> None:
        if inside is None:
            self.roots.append(made)
        else:
            made.Parent = inside
            inside.Kids.append(made)


def _appearance_string(size_pt: float) -> str:
    return f"/Fm {size_pt:g} Tf 0.1 g"


def _font(pdf: Pdf, path: Path) -> Object:
    """The font that what is typed is shown in: simple TrueType with the characters of Windows-1252, embedded."""
    program, widths, box, ascent, descent = _program(path)
    file = pdf.make_stream(program)
    file.Length1 = len(program)
    name = Name("/FORMEN+" + path.stem)
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=name,
            Flags=32,
            FontBBox=Array(list(box)),
            ItalicAngle=0,
            Ascent=ascent,
            Descent=descent,
            CapHeight=ascent,
            StemV=80,
            FontFile2=file,
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=name,
            FirstChar=32,
            LastChar=255,
            Widths=Array(list(widths)),
            Encoding=Name.WinAnsiEncoding,
            FontDescriptor=descriptor,
        )
    )


@cache
def _program(path: Path) -> tuple[bytes, tuple[int, ...], tuple[int, ...], int, int]:
    """The font cut to Windows-1252: its bytes, widths from character 32 on, bounding box, ascent, descent."""
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = True
    options.hinting = False
    options.recalc_timestamp = False
    with TTFont(path, recalcTimestamp=False) as font:
        cut = subset.Subsetter(options)
        cut.populate(unicodes=[ord(char) for char in _CHARACTERS.values() if char])
        cut.subset(font)
        scale = 1000 / font["head"].unitsPerEm
        names = font.getBestCmap()
        metrics = font["hmtx"].metrics
        widths = tuple(
            round(scale * metrics[names.get(ord(char) if char else 0, ".notdef")][0])
            for char in _CHARACTERS.values()
        )
        head = font["head"]
        box = tuple(round(scale * number) for number in (head.xMin, head.yMin, head.xMax, head.yMax))
        ascent, descent = (round(scale * number) for number in (font["hhea"].ascent, font["hhea"].descent))
        made = io.BytesIO()
        font.save(made)
    return made.getvalue(), widths, box, ascent, descent
