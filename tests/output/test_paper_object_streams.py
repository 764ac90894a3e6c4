"""Documents written compactly hold what they held before, and are a fraction of the size."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from fpdf import FPDF
from pikepdf import ObjectStreamMode

from formengine.engine import Engine
from formengine.output.paper.tagged.object_streams import OBJECTS_A_STREAM, compacted
from tests.support.paper_filling import SENDING
from tests.support.pdf_samples import AT, FORMS, form_of


def plainly(pages: int) -> bytes:
    """A document of so many pages, with a bookmark and a link on each, as fpdf2 writes it."""
    pdf = FPDF()
    pdf.set_creation_date(AT)
    pdf.set_font("helvetica")
    for number in range(pages):
        pdf.add_page()
        pdf.start_section(f"Page {number}")
        pdf.cell(text=f"endobj and endstream {number}", link="https://example.com/endstream")
    return bytes(pdf.output())


def held(content: bytes, objects: int) -> list[bytes]:
    """What the objects are, from number 1 on; the size of pages left out, which qpdf makes an object when it reads."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        things = [pdf.get_object(number, 0) for number in range(1, objects + 1)]
        said = [
            (thing.read_bytes() if isinstance(thing, pikepdf.Stream) else b"") + thing.unparse(resolved=True)
            for thing in things
        ]
    return [re.sub(rb"/MediaBox \d+ 0 R", b"", one) for one in said]


def count(content: bytes) -> int:
    """The highest object number."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return int(pdf.trailer.Size) - 1


@pytest.mark.parametrize("pages", [1, 3, OBJECTS_A_STREAM])
def test_every_object_is_there_with_its_number_and_nothing_changed(pages: int) -> None:
    before = plainly(pages)
    after = compacted(before)
    assert held(after, count(before)) == held(before, count(before))
    assert len(after) < len(before)
    with pikepdf.open(io.BytesIO(after)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == pages


def test_what_pikepdf_writes_is_compacted_too() -> None:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(plainly(3))) as pdf:
        pdf.save(made, object_stream_mode=ObjectStreamMode.disable, deterministic_id=True)
    before = made.getvalue()
    assert held(compacted(before), count(before)) == held(before, count(before))


def test_only_streams_stand_alone() -> None:
    content = compacted(plainly(3))
    alone = re.findall(rb"\d+ 0 obj(.*?)endobj", content, re.DOTALL)
    assert alone
    assert all(b"\nstream\n" in one for one in alone)


def test_the_same_document_has_the_same_bytes_and_another_another_identifier() -> None:
    one, other = plainly(1), plainly(2)
    assert compacted(one) == compacted(one)
    identifiers = {re.findall(rb"/ID \[<(\w{32})> <\1>\]", compacted(content))[0] for content in (one, other)}
    assert len(identifiers) == 2


def test_what_is_compact_already_is_refused() -> None:
    with pytest.raises(ValueError, match="cross-reference table"):
        compacted(compacted(plainly(1)))


@pytest.mark.parametrize("form_id", FORMS)
def test_a_whole_form_on_paper_takes_at_most_120_kb(form_id: str) -> None:
    assert len(Engine().blank_pdf(form_of(form_id), SENDING).content) <= 120_000
