"""Advice about expressions that are correct and may still not mean what the author thinks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from formengine.language.diagnostics import Findings
from formengine.language.expressions.ast import (
    And,
    Answered,
    Counted,
    Expr,
    Includes,
    Is,
    Kind,
    ListOperand,
    Not,
    Operand,
    Or,
    Quantified,
)
from formengine.language.expressions.operands import operands


def lint(expr: Expr, findings: Findings, *, place: Literal["condition", "check"]) -> None:
    """Add infos about `expr` to `findings`."""
    asked = {(part.operand.repeat, part.operand.key) for part in _walk(expr) if isinstance(part, Answered)}
    counted = {part.items.key for part in _walk(expr) if isinstance(part, Counted)}
    if place == "condition":
        _silence(expr, asked, findings)
    for part in _walk(expr):
        if isinstance(part, Is) and part.operand.kind is Kind.TEXT:
            findings.add(
                "text-is-exact",
                f"`{part.operand.key}` is free text: this is true only of exactly these letters",
                part.span,
                severity="info",
                help="a `choice` or `yes_no` field can be tested without guessing how people write",
            )
        if isinstance(part, Quantified) and part.quantifier != "any" and part.items.key not in counted:
            findings.add(
                "true-of-empty-list",
                f"`{part.quantifier} of {part.items.key}` is true as well when the list is empty",
                part.span,
                severity="info",
                help=f"where at least one item is meant, add `and count of {part.items.key} is at least 1`",
            )
    _items_not_asked(expr, findings, negated=False)


def _walk(expr: Expr) -> Iterator[Expr]:
    yield expr
    match expr:
        case And() | Or():
            for part in expr.parts:
                yield from _walk(part)
        case Not():
            yield from _walk(expr.part)
        case Quantified() | Counted():
            if expr.where is not None:
                yield from _walk(expr.where)


def _silence(expr: Expr, asked: set[tuple[str | None, str]], findings: Findings) -> None:
    """``consent is not yes`` is unknown while it is unanswered: report so, unless that is tested too."""
    for part in _walk(expr):
        if not isinstance(part, Not) or not isinstance(part.part, Is | Includes):
            continue
        operand = part.part.operand
        if (operand.repeat, operand.key) not in asked:
            findings.add(
                "silent-while-unanswered",
                f"This is not true while `{operand.key}` is unanswered",
                part.span,
                severity="info",
                help=f"where it should be, write `({operand.key} is not answered or …)`",
            )


def _items_not_asked(expr: Expr, findings: Findings, *, negated: bool) -> None:
    """An item that is not asked leaves ``all of``, ``none of`` and upper counts unknown for good."""
    match expr:
        case And() | Or():
            for part in expr.parts:
                _items_not_asked(part, findings, negated=negated)
        case Not():
            _items_not_asked(expr.part, findings, negated=not negated)
        case Quantified() | Counted() if expr.where is not None:
            growing = isinstance(expr, Quantified) and expr.quantifier == "any"
            growing = growing or (isinstance(expr, Counted) and expr.order in {"gt", "ge"})
            conditional = _conditional(expr.where)
            if conditional is not None and growing == negated:
                findings.add(
                    "item-not-asked",
                    f"`{conditional.key}` is not asked in every item, and for an item where it is not, "
                    "this can be neither true nor false",
                    expr.span,
                    severity="info",
                    help="inside `where (…)`, add what decides whether it is asked: `(… is not … or …)`",
                )


def _conditional(where: Expr) -> Operand | None:
    """An answer with a `show_if` of its own that can leave `where` unknown: each part of it reads one."""
    parts = where.parts if isinstance(where, And | Or) else (where,)
    first: Operand | None = None
    for part in parts:
        reads = [
            operand
            for operand in operands(part)
            if not isinstance(operand, ListOperand) and operand.conditional
        ]
        if not reads:
            return None
        first = first or reads[0]
    return first
