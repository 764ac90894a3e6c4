"""The page about the definition language as the tests read it: its tables, each with the form it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.form.schema.relevance import repeat_relevance
from formengine.form.schema.validators import judge
from formengine.form.state import State, evaluate
from formengine.language.expressions import Expr, to_json
from formengine.language.expressions.ast import Not
from formengine.language.expressions.json_schema import Schemas
from formengine.language.json_types import Json
from tests.form.features import _CoreLoader
from tests.support.docs_pages import DOCS, files_on, text_of

PAGE = DOCS / "language.md"
ON = date(2026, 11, 22)
TRUTHS: Mapping[str, bool | None] = {"T": True, "F": False, "U": None}

_PIECES = re.compile(
    r"^(?:(?P<heading>#{1,6} .+)|```yaml\n(?P<yaml>[\s\S]*?)^```|```[a-z]+\n[\s\S]*?^```|(?P<table>(?:\|.*\n)+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Table:
    """A table: the heading above it, its head and rows, and the form that was shown last before it."""

    heading: str
    number: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    form: str

    def __str__(self) -> str:
        return f"{self.heading} {self.number}"


@dataclass(frozen=True)
class Cell:
    """One truth that a table tells: of a condition, or a comparison in a check, for these answers on this day."""

    table: str
    form: str
    expression: str
    answers: str
    on: date
    place: str
    truth: bool | None

    def __str__(self) -> str:
        return f"{self.table}: {self.expression} {self.answers} {self.on}"


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a table's line."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


@cache
def tables() -> tuple[Table, ...]:
    """Every table of the page, in order."""
    found: list[Table] = []
    heading = form = ""
    for piece in _PIECES.finditer(text_of(PAGE)):
        if piece["heading"]:
            heading = piece["heading"].lstrip("# ")
        elif piece["yaml"]:
            form = piece["yaml"] if piece["yaml"].startswith("form: ") else form
        elif piece["table"]:
            head, _, *rows = [cells_of(line) for line in piece["table"].strip().splitlines()]
            number = 1 + sum(table.heading == heading for table in found)
            found.append(Table(heading, number, head, tuple(rows), form))
    return tuple(found)


def headings() -> set[str]:
    """The headings of the page, as they are cited."""
    return {piece["heading"].lstrip("# ") for piece in _PIECES.finditer(text_of(PAGE)) if piece["heading"]}


def example() -> str:
    """The form that most tables are about: the first one on the page."""
    return next(table.form for table in tables() if table.form)


def table(heading: str, *head: str) -> Table:
    """The table under `heading` whose head begins with `head`."""
    (found,) = [each for each in tables() if each.heading == heading and each.head[: len(head)] == head]
    return found


def each_row(shown: Table) -> pytest.MarkDecorator:
    """A test of each row of a table."""
    return pytest.mark.parametrize("row", shown.rows, ids=lambda row: " ".join(row[:2]))


def code(cell: str) -> str:
    """What stands in a cell without its backticks."""
    return cell.strip("`")


def is_code(cell: str) -> bool:
    """Whether a cell is one piece of code."""
    return len(cell) > 2 and cell[0] == cell[-1] == "`"


def answers_in(cell: str) -> Any:
    """The value that a cell writes in one line of YAML 1.2."""
    return yaml.load(code(cell), Loader=_CoreLoader)  # noqa: S506 (a SafeLoader)


def truth_cells() -> Iterator[Cell]:
    """Every cell of the tables that cross conditions with answers."""
    for each in tables():
        first, *rest = each.head
        for row in each.rows:
            if each.head == ("Day", "Condition", "Answers", "Truth"):
                day, condition, answers, truth = row
                on = date.fromisoformat(day)
                yield Cell(str(each), each.form, code(condition), answers, on, "condition", TRUTHS[truth])
                continue
            if first not in {"Answers", "Condition", "Check"}:
                continue
            place = "check" if first == "Check" else "condition"
            for other, truth in zip(rest, row[1:], strict=True):
                if is_code(other):
                    condition, answers = (other, row[0]) if first == "Answers" else (row[0], other)
                    yield Cell(str(each), each.form, code(condition), answers, ON, place, TRUTHS[truth])


def outcome_tables() -> list[Table]:
    """The tables that tell what a form makes of answers."""
    return [each for each in tables() if each.head[:2] == ("Answers", "Counted")]


def loaded(text: str) -> Any:
    """The form in `text` as plain dicts and lists, to be changed."""
    return deepcopy(yaml.load(text, Loader=_CoreLoader))  # noqa: S506 (a SafeLoader)


def written(definition: Any) -> str:
    """A form of plain dicts and lists as text."""
    return yaml.safe_dump(definition, sort_keys=False, width=10**6, allow_unicode=True)


@cache
def form_of(text: str) -> Form:
    """The compiled form."""
    return Engine().form_of_text(text.encode())


def codes_of(text: str) -> set[str]:
    """The codes of the errors found in a form."""
    found = Engine().check_text(text.encode(), "form.yaml")
    return {finding.code for finding in found if finding.severity == "error"}


def with_last(text: str, field: Mapping[str, Any]) -> str:
    """The form with one more field at the end of its last page."""
    definition = loaded(text)
    definition["pages"][-1]["fields"].append(dict(field))
    return written(definition)


def asked(condition: str) -> dict[str, Any]:
    """A question that counts while the condition is true."""
    return {"id": "asked", "type": "text", "label": "Asked", "show_if": condition}


@cache
def with_condition(text: str, condition: str) -> str:
    """The form with a question that `condition` opens."""
    return with_last(text, asked(condition))


@cache
def with_check(text: str, that: str) -> str:
    """The form with a check on its last page."""
    definition = loaded(text)
    definition["pages"][-1]["check"] = [{"that": that, "else": "It does not hold"}]
    return written(definition)


def judged(cell: Cell) -> tuple[Form, State, Expr]:
    """The form of a cell with its expression in it, the state of its answers, and the expression's tree."""
    form = form_of(
        with_check(cell.form, cell.expression)
        if cell.place == "check"
        else with_condition(cell.form, cell.expression)
    )
    state = evaluate(form, answers_in(cell.answers), on=cell.on)
    last = form.pages[-1]
    condition = last.checks[-1].condition if cell.place == "check" else form.fields["asked"].show_if
    assert condition is not None
    return form, state, condition.expr


def by_python(cell: Cell) -> bool | None:
    """The truth as the engine's pass finds it."""
    form, state, _ = judged(cell)
    run = state.run()
    if cell.place == "check":
        return form.pages[-1].checks[-1].condition.test(run.values, None, run.today)
    return run.relevance[form.fields["asked"].gate]


def for_browser(cell: Cell) -> list[Any]:
    """A case as `generators/conditions_batch.mjs` takes it."""
    _, state, expr = judged(cell)
    return [to_json(expr), state.run().values, None, cell.on.isoformat()]


def is_exact(cell: Cell) -> bool:
    """Whether a schema can say the cell's condition."""
    form, _, expr = judged(cell)
    return not Schemas(cell.on, repeat_relevance(form)).inexact(expr)


def by_schema(cell: Cell) -> bool | None:
    """The truth as the two schemas tell it of the answers that count."""
    form, state, expr = judged(cell)
    schemas = Schemas(cell.on, repeat_relevance(form))
    is_true, is_false = (accepts(schemas.true(each), state.answers) for each in (expr, Not(expr)))
    assert not (is_true and is_false), cell
    return True if is_true else False if is_false else None


def accepts(schema: Any, answers: Json) -> bool:
    """Whether `schema`, an object or a boolean, accepts the answers."""
    return schema if isinstance(schema, bool) else judge(schema)(answers)


@cache
def form_with_files(text: str, folder: Path) -> Form:
    """The form of `text`, which may use the lists and fragments that the page shows; `folder` is written to."""
    for name, content in files_on(PAGE).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    path = folder / "example/form.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Engine(folders=(folder,)).form(path)
