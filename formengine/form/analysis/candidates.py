"""Answers on which conditions turn: each constant a form compares an answer with, and its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from formengine.form.plan import Condition, Field, Form, Group, Node, Page, Repeat, Run, Section
from formengine.language.expressions import Today
from formengine.language.expressions.ast import (
    And,
    CompareAnswers,
    CompareDate,
    CompareNumber,
    Counted,
    Expr,
    Includes,
    Is,
    Kind,
    Not,
    Or,
    Quantified,
    RelativeDay,
    SameAnswer,
    StartsWith,
)
from formengine.language.json_types import Json

Candidates = dict[tuple[str | None, str], list[Json]]


def candidates(form: Form, on: date, also: Iterable[Condition] = ()) -> Candidates:
    """For each answer that a condition or check reads, by (repeat, key): values on both sides of every turn.

    also: conditions over the form's answers that stand beside it.
    """
    found: Candidates = {}
    today = Today(on)
    for condition in (*_conditions(form), *also):
        for atom in _atoms(condition.expr):
            if isinstance(atom, Is | Includes | StartsWith | CompareNumber | CompareDate):
                values = found.setdefault((atom.operand.repeat, atom.operand.key), [])
                values.extend(value for value in _around(atom, today) if value not in values)
    return found


def checks_by_place(form: Form) -> dict[tuple[str | None, str], list[Condition]]:
    """For each field at which a check can report an error, by (repeat, key): the conditions of those checks."""
    found: dict[tuple[str | None, str], list[Condition]] = {}

    def note(node: Page | Node, repeat: str | None) -> None:
        if isinstance(node, Field | Group | Page):
            for check in node.checks:
                key = check.at or (node.key if isinstance(node, Field) else "")
                found.setdefault((repeat, key), []).append(check.condition)
        inside = node.key if isinstance(node, Repeat) else repeat
        for inner in node.pages if isinstance(node, Repeat) and node.pages else getattr(node, "nodes", ()):
            note(inner, inside)

    for page in form.every_page:
        note(page, None)
    return found


# How far a day may lie from another that a check compares it with, beyond the distance the check names.
_SOME_DAYS = (0, 1, 30, 400)
_DAYS_IN = {"days": 1, "weeks": 7, "months": 31, "years": 366}


def beside(condition: Condition, node: Field, run: Run) -> list[Json]:
    """Values of `node` at and around what a comparison of two answers compares it with; [] where that is missing."""
    found: list[Json] = []
    for atom in _atoms(condition.expr):
        if not isinstance(atom, SameAnswer | CompareAnswers):
            continue
        for one, other in ((atom.operand, atom.other), (atom.other, atom.operand)):
            if (one.repeat, one.key) == (node.repeat, node.key):
                values = run.values if other.repeat is None else run.item or {}
                found.extend(_close_to(values.get(other.key), atom))
    return found


def _close_to(value: Json, atom: SameAnswer | CompareAnswers) -> list[Json]:
    if value is None or isinstance(atom, SameAnswer):
        return [] if value is None else [value]
    if isinstance(value, int | float):
        return [value - 1, value, value + 1]
    if not isinstance(value, str):
        return []
    distance = abs(atom.amount) * _DAYS_IN[atom.unit]
    try:
        day = date.fromisoformat(value)
        days = [day + timedelta(days=sign * (distance + some)) for sign in (-1, 1) for some in _SOME_DAYS]
    except (ValueError, OverflowError):
        return []  # only part of the date is known, or the calendar ends
    return [day.isoformat() for day in days]


def _conditions(form: Form) -> Iterator[Condition]:
    if form.urgent_if is not None:
        yield form.urgent_if
    for page in form.every_page:
        yield from _of(page)


def _of(node: Page | Node) -> Iterator[Condition]:
    if node.show_if is not None:
        yield node.show_if
    if isinstance(node, Field):
        if node.required_if is not None:
            yield node.required_if
        yield from node.offers.values()
        if node.calculation is not None:
            yield from (condition for condition, _ in node.calculation.cases if condition is not None)
    if isinstance(node, Field | Group | Repeat | Page):
        yield from (check.condition for check in node.checks)
    if isinstance(node, Section | Group | Page | Repeat):
        for inner in node.nodes:
            yield from _of(inner)
    if isinstance(node, Repeat):
        for page in node.pages:
            if page.show_if is not None:
                yield page.show_if
            yield from (check.condition for check in page.checks)


def _atoms(expr: Expr) -> Iterator[Expr]:
    match expr:
        case And() | Or():
            for part in expr.parts:
                yield from _atoms(part)
        case Not():
            yield from _atoms(expr.part)
        case Quantified() | Counted():
            if expr.where is not None:
                yield from _atoms(expr.where)
        case _:
            yield expr


def _around(atom: Is | Includes | StartsWith | CompareNumber | CompareDate, today: Today) -> list[Json]:
    """The values near the turn of one atom, as stored."""
    match atom:
        case Is():
            return list(atom.values)
        case Includes():
            return [[code] for code in atom.codes]
        case StartsWith():
            return [atom.prefix]
        case CompareNumber():
            return [atom.value - 1, atom.value, atom.value + 1]
        case CompareDate():
            written = today.cut(atom.day) if isinstance(atom.day, RelativeDay) else atom.day.isoformat()
            try:
                cut = date.fromisoformat(written)
                days = [cut - timedelta(days=1), cut, cut + timedelta(days=1)]
                days += [cut - timedelta(days=400), cut + timedelta(days=400)]
            except (ValueError, OverflowError):
                return []  # the cut lies past either end of the calendar
            texts = [day.isoformat() for day in days]
            if atom.operand.kind is Kind.PARTIAL_DATE:
                texts += [text[:7] for text in texts]
            return list(texts)
