"""Lists laid out as tables: on paper they are tables with rows to write in, where a pen has room for every column."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.language.words import Wording
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.form_pieces import BlankForm
from formengine.output.paper.blank.pdf import blank_pdf
from formengine.output.paper.blank.pieces import QuestionTable
from formengine.output.paper.reading.contents import open_pdf
from formengine.output.paper.reading.pdf_answers import filled_in
from formengine.output.paper.tagged.style import find_style
from tests.support.paper_boxes import boxes_of, overlapping
from tests.support.paper_filling import SENDING, fields_of, fillable, filled
from tests.support.paper_reading import read
from tests.support.pdf_samples import form_of, small_form
from tests.tools import verapdf

VISITS = """
- id: children
  type: repeat
  label: Children
  item_name: child
  item_title: ((name))
  fields:
    - id: name
      type: text
      label: Name
- id: visits
  type: repeat
  label: Visits
  layout: table
  item_name: visit
  item_title: ((who))
  fields:
    - id: who
      type: text
      label: Who
      required: true
    - id: day
      type: date
      label: Day
      hint: Of the first visit
    - id: alone
      type: yes_no
      label: Alone?
      short_label: whether alone
    - id: seen
      type: choices
      label: Whom they saw
      options_from: [children]
      option_label: ((name))
"""


def tables(form: Form, blocks: int = 3) -> list[QuestionTable]:
    """The tables of questions that a form has on paper."""
    pieces = BlankForm(form, Wording(), blocks=blocks).pages()
    return [piece for piece in pieces if isinstance(piece, QuestionTable)]


def columns(count: int, more: str = "") -> str:
    """A list laid out as a table, with so many short questions; `more` is further YAML of the list."""
    fields = "".join(f"    - id: q{n}\n      type: text\n      label: Q{n}\n" for n in range(count))
    head = "- id: things\n  type: repeat\n  label: Things\n  layout: table\n  item_name: thing\n"
    return f"{head}  item_title: ((q0))\n{more}  fields:\n{fields}"


def test_a_table_has_a_column_a_question_and_twice_as_many_rows_as_there_are_blocks(tmp_path: Path) -> None:
    form = small_form(tmp_path, VISITS)
    (made,) = tables(form)
    assert [(one.number, one.label, one.mark) for one in made.columns] == [
        ("2", "Who", ""),
        ("3", "Day", "(optional)"),
        ("4", "Alone?", "(optional)"),
        ("5", "Whom they saw", "(optional)"),
    ]
    assert [row[0].name for row in made.rows] == [f"visits.{number}.who" for number in range(1, 7)]
    assert [row[0].about for row in made.rows][:2] == ["Visit 1", "Visit 2"]
    assert len(tables(form, blocks=5)[0].rows) == 10


def test_rows_keep_to_what_a_list_may_hold(tmp_path: Path) -> None:
    assert len(tables(small_form(tmp_path, columns(3, "  max_items: 4\n")))[0].rows) == 4
    assert len(tables(small_form(tmp_path, columns(3, "  min_items: 9\n")))[0].rows) == 9


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        (columns(1), 0),
        (columns(2), 1),
        (columns(6), 1),
        (columns(7), 0),
        (columns(3).replace("layout: table", "layout: cards"), 0),
        (columns(4) + "    - id: day\n      type: date\n      label: Day\n", 1),
        (columns(5) + "    - id: day\n      type: date\n      label: Day\n", 0),
        (columns(4) + "    - id: told\n      type: long_text\n      label: Told\n", 1),
        (columns(3) + "      show_if: q0 is answered\n", 0),
        (columns(3) + "      required_if: q0 is answered\n", 0),
        (columns(3) + "    - type: note\n      text: One more thing.\n", 0),
        (columns(3) + "    - type: note\n      text: Press Add.\n      screen_only: true\n", 1),
        (columns(3) + "    - id: home\n      type: address\n      label: Home\n", 0),
        (columns(3) + "    - id: proof\n      type: file\n      label: Proof\n", 0),
    ],
)
def test_a_list_is_a_table_where_a_pen_has_room_for_all_of_it(
    tmp_path: Path, fields: str, count: int
) -> None:
    form = small_form(tmp_path, fields)
    assert len(tables(form)) == count
    assert "Thing 1" in str(blank_pieces(form, SENDING))


def test_a_page_too_narrow_for_tables_has_blocks(tmp_path: Path) -> None:
    form = small_form(tmp_path, VISITS)
    narrow = replace(find_style(), page_width_mm=180.0)
    assert read(blank_pdf(form, SENDING).content).find("THead") != []
    assert read(blank_pdf(form, SENDING, style=narrow).content).find("THead") == []


def test_it_is_tagged_as_a_table_and_its_head_stands_again_for_the_eye_alone(tmp_path: Path) -> None:
    form = small_form(tmp_path, VISITS)
    content = Engine().blank_pdf(form, replace(SENDING, blocks=12)).content
    (table,) = (one for one in read(content).find("Table") if one.find("THead"))
    heads = [cell.text for cell in table.find("THead")[0].find("TH")]
    assert heads == ["No.", "2 Who", "3 Day (optional)", "4 Alone? (optional)", "5 Whom they saw (optional)"]
    rows = table.find("TBody")[0].find("TR")
    assert [row.find("TH")[0].text for row in rows] == [str(number) for number in range(1, 25)]
    assert {(len(row.find("TH")), len(row.find("TD"))) for row in rows} == {(1, 4)}
    assert {cell.scope for cell in table.find("TH")} == {"Column", "Row"}
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    pages = [_page_text(content, number) for number in range(1, count + 1)]
    with_head = [number for number, text in enumerate(pages) if "5 Whom" in text]
    assert len(with_head) > 1
    assert with_head == list(range(with_head[0], with_head[-1] + 1))
    assert overlapping(boxes_of(content)) == []


def _page_text(content: bytes, number: int) -> str:
    command = ["pdftotext", "-f", str(number), "-l", str(number), "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def test_hints_and_what_letters_stand_for_are_said_above_the_table(tmp_path: Path) -> None:
    text = read(Engine().blank_pdf(small_form(tmp_path, VISITS), SENDING).content).text
    assert "3. Day: Of the first visit." in text
    assert "5. Whom they saw: Tick all that apply. a – Child 1" in text
    assert "4. Alone?: " not in text


def test_what_is_typed_into_cells_becomes_the_items_answers(tmp_path: Path) -> None:
    form = small_form(tmp_path, VISITS)
    content = fillable(form)
    posted = {
        "children.2.name": ("Bo",),
        "visits.1.who": ("Ada",),
        "visits.1.alone": ("no",),
        "visits.3.who": ("Midwife of\rthe ward",),
        "visits.3.day-day": ("22",),
        "visits.3.day-month": ("11",),
        "visits.3.day-year": ("2026",),
        "visits.3.seen": ("children/2",),
    }
    back = filled_in(form, open_pdf(filled(content, posted)).fields)
    assert back.unread == ()
    assert back.draft["visits"] == [
        {"id": "1", "who": "Ada", "alone": "no"},
        {"id": "3", "who": "Midwife of the ward", "day": "2026-11-22", "seen": ["children/2"]},
    ]


def test_a_cell_s_field_says_its_row_and_its_question(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(fillable(small_form(tmp_path, VISITS)))) as pdf:
        said = {name: str(one.TU) for name, one in fields_of(pdf)}
    assert said["visits.2.who"] == "Visit 2: 2. Who"
    assert said["visits.2.day-month"] == "Visit 2: 3. Day: Month"
    assert re.fullmatch(r"Visit 2: 5\. Whom they saw: Child 1 .*", said["visits.2.seen-1"])


def test_in_word_it_is_a_table_whose_head_is_repeated(tmp_path: Path) -> None:
    document = docx.Document(io.BytesIO(Engine().blank_docx(small_form(tmp_path, VISITS), SENDING)))
    (table,) = (one for one in document.tables if one.rows[0].cells[0].text == "No.")
    assert [cell.text for cell in table.rows[0].cells][1:3] == ["2 Who", "3 Day (optional)"]
    assert table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    assert len(table.rows) == 7
    tags = [found.get(qn("w:val")) for found in table.rows[2]._tr.iter(qn("w:tag"))]
    assert tags == [
        "visits.2.who",
        "visits.2.day",
        *("visits.2.alone=yes", "visits.2.alone=no"),
        *(f"visits.2.seen=children/{number}" for number in (1, 2, 3)),
    ]


@pytest.mark.java
def test_tables_are_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    form = small_form(tmp_path, VISITS)
    files = [tmp_path / "pen.pdf", tmp_path / "type.pdf"]
    for file, content in zip(files, (Engine().blank_pdf(form, SENDING).content, fillable(form)), strict=True):
        file.write_bytes(content)
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []


def test_the_agencies_of_the_request_for_support_are_a_table() -> None:
    (made,) = tables(form_of("request-for-support"))
    assert [one.label for one in made.columns] == [
        "Practitioner full name",
        "Job Role",
        "Team/organisation",
        "Telephone Number",
        "Email Address",
        "Supporting member(s)",
    ]
