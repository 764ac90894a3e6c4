"""Partial evaluation: what is already known becomes a constant, and only the open answers are still read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from formengine.language.expressions.ast import And, Expr, ListOperand, Not, Or, Unknown
from formengine.language.expressions.build import Truth, Values, build
from formengine.language.expressions.operands import operands
from formengine.language.expressions.today import Today

OpenKeys = Collection[tuple[str | None, str]]


def fold(
    expr: Expr, values: Values, item: Values | None, today: Today, open_keys: OpenKeys
) -> Expr | bool | None:
    """A tree that reads only the open answers and is, whatever they are, as true as `expr`; or its truth.

    `open_keys` are the answers that can still change, as (repeat, key): ``(None, "child.first_name")`` for an
    answer of the form, ``("children", "subject")`` for one of the current item, ``(None, "children")`` for a
    list. A test on one of them stays as it is; every other one is decided by `values`, `item` and `today`.
    None means unknown.
    """
    folded = _fold(expr, values, item, today, open_keys)
    return None if isinstance(folded, Unknown) else folded


def decided_by(expr: Expr, open_keys: OpenKeys) -> Literal["open", "known", "both"]:
    """Whether all tests of `expr` read open answers, so that folding leaves it as it is, or none does, or some."""
    found = _openness(expr, open_keys)
    if len(found) > 1:
        return "both"
    return "open" if True in found else "known"


def _openness(expr: Expr, open_keys: OpenKeys) -> set[bool]:
    match expr:
        case And() | Or():
            return set().union(*(_openness(part, open_keys) for part in expr.parts))
        case Not():
            return _openness(expr.part, open_keys)
        case _:
            return {_is_open(expr, open_keys)}


def _fold(expr: Expr, values: Values, item: Values | None, today: Today, open_keys: OpenKeys) -> Expr | bool:
    match expr:
        case And() | Or():
            parts = [_fold(part, values, item, today, open_keys) for part in expr.parts]
            return _joined(expr, parts)
        case Not():
            part = _fold(expr.part, values, item, today, open_keys)
            if isinstance(part, bool):
                return not part
            return part if isinstance(part, Unknown) else Not(part, expr.span)
        case _ if _is_open(expr, open_keys):
            return expr
        case _:
            return _constant(build(expr)(values, item, today))


def _constant(truth: Truth) -> Expr | bool:
    return Unknown() if truth is None else truth


def _is_open(test: Expr, open_keys: OpenKeys) -> bool:
    """Whether a test reads an open answer; one over a list hangs on the list alone.

    Raises `ValueError` where a test of two answers reads an open and a known one: the known one would have to
    be disclosed. Only checks compare two answers, and they are not folded.
    """
    first = next(operands(test), None)
    if isinstance(first, ListOperand):
        return (None, first.key) in open_keys
    reads = {
        (operand.repeat, operand.key) in open_keys
        for operand in operands(test)
        if not isinstance(operand, ListOperand)
    }
    if len(reads) > 1:
        raise ValueError("a test of two answers, one open and one known, cannot be folded")
    return True in reads


def _joined(expr: And | Or, parts: list[Expr | bool]) -> Expr | bool:
    """The parts joined again: a constant decides or is dropped, and unknown occurs at most once."""
    deciding = isinstance(expr, Or)
    if any(part is deciding for part in parts):
        return deciding
    left: list[Expr] = []
    for part in parts:
        if not isinstance(part, bool) and not (isinstance(part, Unknown) and Unknown() in left):
            left.append(part)
    if not left:
        return not deciding
    return left[0] if len(left) == 1 else type(expr)(tuple(left), expr.span)
