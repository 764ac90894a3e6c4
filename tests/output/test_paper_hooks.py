"""What the tagged layer expects of fpdf2 beyond its promises; a new fpdf2 that breaks it fails here first."""

import inspect
import io
from collections.abc import Iterator
from importlib.metadata import version

import pikepdf
import pytest
from fpdf import FPDF
from fpdf.annotations import PDFAnnotation
from fpdf.enums import PDFResourceType
from fpdf.fonts import SubsetMap, TTFFont
from fpdf.outline import OutlineSection
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import Name, PDFObject, build_obj_dict

from formengine.output.paper.tagged.fonts import find_fonts


@pytest.fixture
def pdf() -> Iterator[FPDF]:
    document = FPDF()
    document.add_font("base", fname=find_fonts().regular[0].path)
    document.add_page()
    yield document
    for font in document.fonts.values():
        assert isinstance(font, TTFFont)
        font.close()


def test_fpdf2_is_of_the_release_we_know() -> None:
    assert version("fpdf2").startswith("2.8.")


def test_structure_comes_from_struct_builder_by_iteration() -> None:
    source = inspect.getsource(OutputProducer._add_structure_tree)
    assert "self.fpdf.struct_builder.empty()" in source
    assert "for pdf_obj in self.fpdf.struct_builder:" in source
    assert "fpdf.struct_builder.doc_struct_elem.k" in inspect.getsource(OutputProducer)


def test_objects_are_numbered_through_id_and_written_by_serialize() -> None:
    thing = PDFObject()
    thing.id = 7
    assert thing.ref == "7 0 R"
    assert list(inspect.signature(PDFObject.serialize).parameters) == [
        "self",
        "obj_dict",
        "_security_handler",
    ]


def test_pages_take_content_struct_parents_and_further_entries(pdf: FPDF) -> None:
    page = pdf.pages[1]
    assert isinstance(page, PDFPage)
    assert isinstance(page.contents, bytearray)
    page.struct_parents = 3
    page.__dict__["tabs"] = Name("S")
    assert "tabs" in dir(page)


def test_public_attributes_of_an_annotation_are_written() -> None:
    note = PDFAnnotation("Link", 0, 0, 1, 1, contents="words")
    note.id = 9
    note.struct_parent = 5  # type: ignore[attr-defined]
    written = build_obj_dict(
        {key: getattr(note, key) for key in dir(note)}, _security_handler=None, _obj_id=1
    )
    assert str(written["/StructParent"]) == "5"
    assert str(written["/F"]) == "4"


def test_fonts_are_registered_by_number_in_the_resource_catalogue(pdf: FPDF) -> None:
    font = pdf.fonts["base"]
    assert isinstance(font, TTFFont)
    assert font.i == 1
    pdf._resource_catalog.add(PDFResourceType.FONT, font.i, 1)
    assert font.i in pdf._resource_catalog.get_used_resources(PDFResourceType.FONT)


def test_subset_maps_characters_and_shaped_glyphs_to_codes(pdf: FPDF) -> None:
    font = pdf.fonts["base"]
    assert isinstance(font, TTFFont)
    assert isinstance(font.subset, SubsetMap)
    a = font.subset.pick(ord("a"))
    assert a is not None
    assert font.subset.pick(ord("a")) == a
    assert font.subset.pick(0x4E00) is None
    glyph = font.subset.get_glyph(glyph=42, unicode=(0x66, 0x69), glyph_name="fi", glyph_width=500)
    assert font.subset.pick_glyph(glyph) not in (a, None)


def test_bookmarks_are_outline_sections_in_a_list(pdf: FPDF) -> None:
    assert pdf._outline == []
    assert list(inspect.signature(OutlineSection).parameters) == [
        "name",
        "level",
        "page_number",
        "dest",
        "struct_elem",
    ]


def test_pdfa_3u_brings_the_output_intent_and_no_information_dictionary() -> None:
    pdf = FPDF(enforce_compliance="PDF/A-3U")
    pdf.add_page()
    with pikepdf.open(io.BytesIO(bytes(pdf.output()))) as written:
        assert written.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/Info" not in written.trailer
