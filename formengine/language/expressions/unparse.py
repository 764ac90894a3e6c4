"""Writes a typed tree as an author would have written it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from formengine.language.expressions.ast import (
    And,
    Answered,
    CompareAnswers,
    CompareDate,
    CompareNumber,
    Counted,
    Expr,
    Includes,
    Is,
    Kind,
    Not,
    Operand,
    Or,
    Quantified,
    RelativeDay,
    SameAnswer,
    StartsWith,
    Ticked,
    Unknown,
)
from formengine.language.expressions.syntax import LANGUAGE_WORDS

_BARE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*|-?[0-9]+(\.[0-9]+)?|[0-9]{1,2}:[0-9]{2}")
_DAY_WORDS = {"lt": "before", "le": "on or before", "gt": "after", "ge": "on or after"}
_AMOUNT_WORDS = {"lt": "less than", "le": "at most", "gt": "more than", "ge": "at least"}
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def written_value(raw: str) -> str:
    """`raw` as written in an expression: bare where that is possible, else in quotes."""
    bare = _BARE.fullmatch(raw) and raw not in LANGUAGE_WORDS
    return raw if bare else f'"{raw}"'


def to_text(expr: Expr) -> str:
    """`expr` in the expression language; parsed and checked where it was, it gives an equal tree.

    Answers are written by their keys, so an answer that shares its name with an outer one becomes ambiguous. An
    `Unknown` has no words in the language and is written ``(unknown)``.
    """
    match expr:
        case And() | Or():
            word = " and " if isinstance(expr, And) else " or "
            return word.join(_bracketed(part) for part in expr.parts)
        case Not():
            return _negated(expr.part)
        case Quantified():
            return f"{expr.quantifier} of {expr.items.key} where ({to_text(expr.where)})"
        case Unknown():
            return "(unknown)"
        case _:
            return _test(expr, negated=False)


def _bracketed(part: Expr) -> str:
    return f"({to_text(part)})" if isinstance(part, And | Or) else to_text(part)


def _negated(part: Expr) -> str:
    match part:
        case And() | Or():
            return f"not ({to_text(part)})"
        case Answered() | Ticked() | Is() | SameAnswer():
            return _test(part, negated=True)
        case Includes() if len(part.codes) == 1:
            return _test(part, negated=True)
        case Counted() if part.order == "eq":
            return _test(part, negated=True)
        case CompareDate() if part.order == "eq":
            return _test(part, negated=True)
        case _:
            return f"not {to_text(part)}"


def _test(expr: Expr, *, negated: bool) -> str:
    not_ = "not " if negated else ""
    match expr:
        case Answered() | Ticked():
            state = "answered" if isinstance(expr, Answered) else "ticked"
            return f"{expr.operand.key} is {not_}{state}"
        case Is():
            return f"{expr.operand.key} is {not_}{_values(expr.operand, expr.values)}"
        case Includes():
            if len(expr.codes) > 1:
                return f"{expr.operand.key} includes any of {', '.join(map(written_value, expr.codes))}"
            verb = "does not include" if negated else "includes"
            return f"{expr.operand.key} {verb} {written_value(expr.codes[0])}"
        case StartsWith():
            return f"{expr.operand.key} starts with {written_value(expr.prefix)}"
        case CompareNumber():
            return f"{expr.operand.key} is {_AMOUNT_WORDS[expr.order]} {_number(expr.operand, expr.value)}"
        case CompareDate() if expr.order == "eq":
            return f"{expr.operand.key} is {not_}{_day(expr.day)}"
        case CompareDate():
            return f"{expr.operand.key} is {_day_order(expr)} {_day(expr.day)}"
        case Counted():
            return _count(expr, not_)
        case SameAnswer():
            words = "different from" if negated else "the same as"
            return f"{expr.operand.key} is {words} {expr.other.key}"
        case CompareAnswers():
            return _two_answers(expr)
        case _:
            raise AssertionError(expr)


def _values(operand: Operand, values: tuple[str | int | float, ...]) -> str:
    number = operand.kind is Kind.NUMBER
    written = [
        _number(operand, value) if number and not isinstance(value, str) else written_value(str(value))
        for value in values
    ]
    return written[0] if len(written) == 1 else f"one of {', '.join(written)}"


def _number(operand: Operand, value: float) -> str:
    written = Decimal(repr(value)) / operand.scale
    return f"{written:f}"


def _day_order(expr: CompareDate) -> str:
    if isinstance(expr.day, date) or expr.day.amount == 0:
        return _DAY_WORDS[expr.order]
    return _AMOUNT_WORDS[_MIRRORED[expr.order] if expr.day.direction == "ago" else expr.order]


def _day(day: date | RelativeDay) -> str:
    if isinstance(day, date):
        return day.isoformat()
    if day.amount == 0:
        return "today"
    return f"{day.amount} {day.unit} {'ago' if day.direction == 'ago' else 'from today'}"


def _count(expr: Counted, not_: str) -> str:
    where = f" where ({to_text(expr.where)})" if expr.where is not None else ""
    order = not_ if expr.order == "eq" else f"{_AMOUNT_WORDS[expr.order]} "
    return f"count of {expr.items.key}{where} is {order}{expr.number}"


def _two_answers(expr: CompareAnswers) -> str:
    if expr.operand.kind is Kind.NUMBER:
        return f"{expr.operand.key} is {_AMOUNT_WORDS[expr.order]} {expr.other.key}"
    distance = ""
    if expr.amount:
        direction = "after" if expr.amount > 0 else "before"
        distance = f"{abs(expr.amount)} {expr.unit} {direction} "
    return f"{expr.operand.key} is {_DAY_WORDS[expr.order]} {distance}{expr.other.key}"
