"""The page about the definition language says what the engine does: every table on it is run, or named as prose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.form.schema.export import schema
from formengine.form.schema.relevance import repeat_relevance
from formengine.form.schema.validators import judge
from formengine.form.state import evaluate
from formengine.language.bundled import bundled_folder
from formengine.language.expressions import schema_fragments
from formengine.language.expressions.json_schema import Schemas
from tests.support import docs_language as page
from tests.support.docs_language import Cell, Table, answers_in, code, each_row
from tests.support.docs_pages import CHECKOUT, blocks
from tests.tools.node import run_module

BATCH = CHECKOUT / "tests/support/generators/conditions_batch.mjs"
MODULE = bundled_folder("renderers") / "html/static/conditions.js"
CELLS = [*page.truth_cells()]
OUTCOMES = [
    (table, row) for table in page.outcome_tables() for row in table.rows
]  # a row is a draft and what becomes of it
Truth = bool | None


# --- conditions over answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_engine_says_what_a_cell_says(cell: Cell) -> None:
    assert page.by_python(cell) is cell.truth


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.place == "condition"], ids=str)
def test_the_json_schema_says_what_a_cell_says(cell: Cell) -> None:
    assert page.is_exact(cell)
    assert page.by_schema(cell) is cell.truth


def test_the_browser_says_what_every_cell_says(tmp_path: Path) -> None:
    copy = tmp_path / "conditions.mjs"
    copy.write_text(MODULE.read_text(encoding="utf-8"), encoding="utf-8")
    cases = [page.for_browser(cell) for cell in CELLS]
    truths = run_module(BATCH, {"module": str(copy), "cases": cases})
    assert [cell for cell, truth in zip(CELLS, truths, strict=True) if truth is not cell.truth] == []


def test_the_page_has_each_truth_often() -> None:
    truths = [cell.truth for cell in CELLS]
    assert min(truths.count(truth) for truth in (True, False, None)) >= 90


def test_no_schema_says_a_comparison_of_two_answers() -> None:
    assert [cell for cell in CELLS if cell.place == "check" and page.is_exact(cell)] == []


@pytest.mark.parametrize(("table", "row"), OUTCOMES, ids=str)
def test_a_form_makes_of_answers_what_the_table_says(
    table: Table, row: tuple[str, ...], tmp_path: Path
) -> None:
    form = page.form_with_files(table.form, tmp_path)
    answers = answers_in(row[0])
    state = evaluate(form, answers, on=page.ON)
    said = dict(zip(table.head, row, strict=True))
    assert state.answers == (answers if said["Counted"] == "as given" else answers_in(said["Counted"]))
    for head, found in (("Errors", state.errors), ("Warnings", state.warnings)):
        if head in said:
            assert [(path, error.rule) for path, error in found.items()] == [*answers_in(said[head]).items()]
    if "Pages" in said:
        assert [shown.id for shown in state.pages] == answers_in(said["Pages"])
    accepted = judge(schema(form, page.ON))(state.answers)
    assert ("accepts" if accepted else "refuses") == said["Schema"]


# --- JSON Schema ---------------------------------------------------------------------------------------------


def schemas_of(expression: str) -> tuple[Any, Any]:
    form = page.form_of(page.with_condition(page.example(), expression))
    condition = form.fields["asked"].show_if
    assert condition is not None
    schemas = Schemas(page.ON, repeat_relevance(form))
    return schemas.true(condition.expr), schemas.false(condition.expr)


@each_row(page.table("JSON Schema", "Test of a value"))
def test_the_schema_of_a_value_is_the_one_shown(row: tuple[str, ...]) -> None:
    expression = code(row[0])
    shown = tuple(schema_fragments.present(expression.split()[0], json.loads(code(cell))) for cell in row[1:])
    assert schemas_of(expression) == shown


@each_row(page.table("JSON Schema", "Test"))
def test_the_schema_of_a_test_is_the_one_shown(row: tuple[str, ...]) -> None:
    assert schemas_of(code(row[0])) == tuple(json.loads(code(cell)) for cell in row[1:])


def test_the_schema_of_a_day_is_the_one_shown() -> None:
    (shown,) = [json.loads(block.text) for block in blocks(page.PAGE, "json")]
    assert schemas_of("born is before 2026-09-01")[0] == shown


# --- the page as a whole -------------------------------------------------------------------------------------

# Tables that say in words what others show by example.
PROSE = {
    ("Pieces", 1),
    ("Constants", 1),
    ("Dates", 1),
    ("Two answers", 1),
    ("Stop pages", 1),
    ("Calculated answers", 1),
    ("Inserted answers", 1),
    ("JSON Schema", 1),
    ("JSON Schema", 4),
    ("JSON Schema", 5),
}
# Tables that tests of their own read, in test_docs_language_tables.py or above.
READ = {
    *(("Logic", number) for number in (1, 2, 3)),
    *(
        (heading, 1)
        for heading in ("Answers", "Sections and groups", "Tests of one answer", "Names", "Order")
    ),
    *((heading, 1) for heading in ("Relevance", "Lists", "Half-filled items", "Required answers", "Checks")),
    *((heading, 1) for heading in ("Urgency", "Options")),
    *((heading, 2) for heading in ("Dates", "Two answers", "JSON Schema")),
    ("JSON Schema", 3),
}


def test_every_table_is_run_or_is_prose() -> None:
    run = {cell.table for cell in CELLS} | {str(table) for table in page.outcome_tables()}
    left = {str(table) for table in page.tables()} - run
    assert left == {f"{heading} {number}" for heading, number in PROSE | READ}


def test_the_example_form_is_one_without_a_finding() -> None:
    assert Engine().check_text(page.example().encode(), "form.yaml") == ()


# --- citations -----------------------------------------------------------------------------------------------

CITATION = re.compile(r"docs/language\.md, ([^).]+)")
CODE = re.compile(r"\blanguage, [A-F][0-9]+")
LINE_END = re.compile(r"\s*\n\s*(?:#|//|\*)?\s*")


def cited_in() -> Iterator[tuple[str, str]]:
    """The files that may cite the page, by name, each in one line."""
    for folder in ("formengine", "tests", "renderers"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml", ".js", ".mjs", ".html", ".css", ".lark"} and not (
                {"node_modules", "vendor", "__pycache__"} & {*path.parts}
            ):
                text = path.read_text(encoding="utf-8", errors="replace")
                if "language" in text:
                    yield str(path.relative_to(CHECKOUT)), LINE_END.sub(" ", text)


def test_a_citation_names_headings_of_the_page() -> None:
    known = page.headings()
    lost = {
        (name, heading)
        for name, text in cited_in()
        for cited in CITATION.findall(text)
        for heading in cited.split("; ")
        if heading.strip() not in known
    }
    assert lost == set()


def test_nothing_cites_the_language_by_a_code() -> None:
    assert [(name, found) for name, text in cited_in() for found in CODE.findall(text)] == []
