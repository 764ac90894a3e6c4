"""Answers on which conditions turn: each constant a form compares an answer with, and its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from formengine.expressions import Today
from formengine.expressions.ast import (
    And,
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
    StartsWith,
)
from formengine.fields.base import Json
from formengine.form import Condition, Field, Form, Group, Node, Page, Repeat, Section

Candidates = dict[tuple[str | None, str], list[Json]]


def candidates(form: Form, on: date) -> Candidates:
    """For each answer that a condition or check reads, by (repeat, key): values on both sides of every turn."""
    found: Candidates = {}
    today = Today(on)
    for condition in _conditions(form):
        for atom in _atoms(condition.expr):
            if isinstance(atom, Is | Includes | StartsWith | CompareNumber | CompareDate):
                values = found.setdefault((atom.operand.repeat, atom.operand.key), [])
                values.extend(value for value in _around(atom, today) if value not in values)
    return found


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
