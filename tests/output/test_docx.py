"""The blank form as a Word document: what printed paper has, as Word's own headings, lists, tables and controls."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.pieces import questions
from formengine.output.paper.tagged.blocks import PaperHeading
from formengine.output.paper.tagged.flow import plain
from tests.support.command_line import run
from tests.support.generators.forms import generated_form
from tests.support.paper_filling import AT, SENDING
from tests.support.pdf_samples import FORMS, form_of, small_form
from tests.support.tiers import cases

pytestmark = pytest.mark.slow


def word(form: Form) -> Document:
    return docx.Document(io.BytesIO(Engine().blank_docx(form, SENDING)))


def text_of(document: Document) -> str:
    """Everything that the body says, those of content controls and links among it."""
    body: Any = document.element.body
    return "".join(
        part.text or "" if part.tag == qn("w:t") else "\n" for part in body.iter(qn("w:t"), qn("w:p"))
    )


def controls(document: Document) -> list[Any]:
    body: Any = document.element.body
    return list(body.iter(qn("w:sdt")))


def tag(control: Any) -> str:
    found = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
    return "" if found is None else str(found.get(qn("w:val")))


def title(control: Any) -> str:
    return str(control.find(f"{qn('w:sdtPr')}/{qn('w:alias')}").get(qn("w:val")))


@pytest.mark.parametrize("form_id", FORMS)
def test_it_has_the_headings_questions_and_notes_of_the_printed_form(form_id: str) -> None:
    form = form_of(form_id)
    document = word(form)
    pieces = blank_pieces(form, SENDING, fillable=True, contents=False)
    headings = [
        (f"Heading {piece.level}", plain(piece.text)) for piece in pieces if isinstance(piece, PaperHeading)
    ]
    found = [
        (paragraph.style.name, paragraph.text)
        for paragraph in document.paragraphs
        if paragraph.style is not None and str(paragraph.style.name).startswith("Heading")
    ]
    assert found == headings
    said = text_of(document)
    for question in questions(pieces):
        assert question.label in said
        assert all(note in said for note in question.notes)
    assert "No – go to question" in said


def test_it_says_its_title_author_language_and_date() -> None:
    about = word(form_of("request-for-support")).core_properties
    assert about.title == "Request for Support (Professionals)"
    assert about.author == "Exampleshire Council"
    assert about.language == "en-GB"
    assert about.created is not None
    assert about.created.replace(tzinfo=None) == AT.replace(tzinfo=None)
    with zipfile.ZipFile(io.BytesIO(Engine().blank_docx(form_of("request-for-support"), SENDING))) as package:
        styles = package.read("word/styles.xml").decode()
    assert 'w:lang w:val="en-GB"' in styles
    assert 'w:lang w:val="en-US"' not in styles


TYPES = """
- id: name
  type: text
  label: Name
- id: story
  type: long_text
  label: Story
- id: born
  type: date
  label: Born
- id: pet
  type: yes_no
  label: Do you have a pet?
- id: agreed
  type: tick
  label: I agree
- id: language
  type: choice
  label: Language
  options: lists/languages
- type: signature
  label: Signed
  paper_only: true
"""


def test_questions_are_content_controls_tagged_by_path_and_titled_by_question(tmp_path: Path) -> None:
    document = word(small_form(tmp_path, TYPES))
    kinds = [
        (tag(control), title(control), str(control.find(qn("w:sdtPr"))[-1].tag).rpartition("}")[2])
        for control in controls(document)
    ]
    assert kinds[:7] == [
        ("name", "1. Name", "text"),
        ("story", "2. Story", "text"),
        ("born", "3. Born", "date"),
        ("pet=yes", "Yes (4. Do you have a pet?)", "checkbox"),
        ("pet=no", "No (4. Do you have a pet?)", "checkbox"),
        ("agreed", "5. I agree", "checkbox"),
        ("language", "6. Language", "comboBox"),
    ]
    tables = ["\n".join(cell.text for row in table.rows for cell in row.cells) for table in document.tables]
    assert any(table.startswith("Signature\n") and "Name" in table and "Date" in table for table in tables)


def test_numbered_lists_begin_anew(tmp_path: Path) -> None:
    fields = """
- type: note
  text: |
    1. One
    2. Two
- type: note
  text: |
    1. Again one
- id: a
  type: text
  label: A
"""
    document = word(small_form(tmp_path, fields))
    numbers = [
        paragraph._p.pPr.numPr.numId.val  # type: ignore[union-attr]
        for paragraph in document.paragraphs
        if paragraph.style is not None and paragraph.style.name == "List Number"
    ]
    assert len(numbers) == 3
    assert numbers[0] == numbers[1] != numbers[2]


def test_tags_and_titles_are_no_longer_than_word_takes(tmp_path: Path) -> None:
    form = small_form(tmp_path, f"- id: {'a' * 60}\n  type: yes_no\n  label: {'Long ' * 40}")
    for control in controls(word(form)):
        assert len(tag(control)) <= 64
        assert len(title(control)) <= 64


def test_the_same_input_gives_the_same_bytes() -> None:
    form = form_of("early-help-notification")
    assert Engine().blank_docx(form, SENDING) == Engine().blank_docx(form, SENDING)


@settings(max_examples=cases(5, long=80))
@given(st.integers(0, 10_000))
def test_every_generated_form_opens_again(seed: int) -> None:
    form = generated_form(f"word{seed}")
    document = word(form)
    ids = [control.find(f"{qn('w:sdtPr')}/{qn('w:id')}").get(qn("w:val")) for control in controls(document)]
    assert len(ids) == len(set(ids))
    assert document.paragraphs[1].text == form.title


def test_the_command_writes_a_word_document(tmp_path: Path) -> None:
    file = tmp_path / "form.docx"
    made = run("docx", "request-for-support", "--blocks", "2", "-o", str(file))
    assert (made.code, made.err) == (0, "")
    said = text_of(docx.Document(str(file)))
    assert "Child 2" in said
    assert "Person 3" not in said.replace("“Person 3”", "")
