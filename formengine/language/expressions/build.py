"""The Python back end: each node of the tree becomes one small closure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from operator import eq, ge, gt, le, lt
from typing import Any

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
from formengine.language.expressions.today import Today, interval, shifted
from formengine.language.json_types import Json

Values = Mapping[str, Json]
Truth = bool | None
Evaluate = Callable[[Values, Values | None, Today], Truth]
# `Any` below is the value of an answer: the checker saw to it that it is of its operand's kind, as the test needs it.
_Compare = Callable[[Any, Any], bool]

_COMPARE: dict[str, _Compare] = {"lt": lt, "le": le, "gt": gt, "ge": ge, "eq": eq}


def build(expr: Expr) -> Evaluate:
    """A function that returns whether `expr` is true, false or unknown (None).

    It takes the valid, relevant answers by key, those of the current item (None outside items) and the day.
    It never changes them and holds no state, so one function serves every thread.
    """
    match expr:
        case And():
            return _and(tuple(build(part) for part in expr.parts))
        case Or():
            return _or(tuple(build(part) for part in expr.parts))
        case Not():
            return _not(build(expr.part))
        case Quantified():
            return _QUANTIFIERS[expr.quantifier](expr.items.key, build(expr.where))
        case Counted():
            return _count(expr)
        case Unknown():
            return lambda _values, _item, _today: None
        case Answered() | Ticked():
            return _present(expr.operand)
        case SameAnswer():
            return _two(expr.operand, expr.other, eq)
        case CompareAnswers():
            return _compare_answers(expr)
        case CompareDate():
            return _date(expr)
        case _:
            return _one(expr.operand, _test_of(expr))


def _and(parts: tuple[Evaluate, ...]) -> Evaluate:
    if len(parts) == 2:
        first, second = parts

        def both(values: Values, item: Values | None, today: Today) -> Truth:
            left = first(values, item, today)
            if left is False:
                return False
            right = second(values, item, today)
            return right if left or right is False else None

        return both

    def every(values: Values, item: Values | None, today: Today) -> Truth:
        result: Truth = True
        for part in parts:
            truth = part(values, item, today)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return every


def _or(parts: tuple[Evaluate, ...]) -> Evaluate:
    def some(values: Values, item: Values | None, today: Today) -> Truth:
        result: Truth = False
        for part in parts:
            truth = part(values, item, today)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    return some


def _not(part: Evaluate) -> Evaluate:
    def negation(values: Values, item: Values | None, today: Today) -> Truth:
        truth = part(values, item, today)
        return None if truth is None else not truth

    return negation


def _present(operand: Operand) -> Evaluate:
    key = operand.key
    if operand.repeat is None:
        return lambda values, _item, _today: key in values
    return lambda _values, item, _today: key in item  # type: ignore[operator]  # an item's answer is read in an item


def _one(operand: Operand, test: Callable[[Any], bool]) -> Evaluate:
    """`test` of one answer, unknown while it is missing."""
    key = operand.key
    if operand.repeat is None:

        def of_form(values: Values, _item: Values | None, _today: Today) -> Truth:
            value = values.get(key)
            return None if value is None else test(value)

        return of_form

    def of_item(_values: Values, item: Values | None, _today: Today) -> Truth:
        value = item.get(key)  # type: ignore[union-attr]  # an item's answer is read in an item
        return None if value is None else test(value)

    return of_item


def _test_of(expr: Is | Includes | StartsWith | CompareNumber) -> Callable[[Any], bool]:
    match expr:
        case Is(values=(one,)):
            return one.__eq__ if isinstance(one, str) else lambda value: bool(value == one)
        case Is():
            return frozenset(expr.values).__contains__
        case Includes(codes=(code,)):
            return lambda ticked: code in ticked
        case Includes():
            codes = frozenset(expr.codes)
            return lambda ticked: not codes.isdisjoint(ticked)
        case StartsWith():
            prefix = expr.prefix
            return lambda text: bool(text.startswith(prefix))
        case CompareNumber():
            compare, limit = _COMPARE[expr.order], expr.value
            return lambda number: compare(number, limit)


def _read(operand: Operand) -> Callable[[Values, Values | None], Any]:
    key = operand.key
    if operand.repeat is None:
        return lambda values, _item: values.get(key)
    return lambda _values, item: item.get(key)  # type: ignore[union-attr]  # as in _one


def _date(expr: CompareDate) -> Evaluate:
    read, day = _read(expr.operand), expr.day
    partial = expr.operand.kind is Kind.PARTIAL_DATE
    compare = _partial(expr.order) if partial else _COMPARE[expr.order]
    if isinstance(day, date):
        fixed = day.isoformat()

        def against_fixed(values: Values, item: Values | None, _today: Today) -> Truth:
            value = read(values, item)
            return None if value is None else compare(value, fixed)

        return against_fixed
    relative: RelativeDay = day

    def against_today(values: Values, item: Values | None, today: Today) -> Truth:
        value = read(values, item)
        return None if value is None else compare(value, today.cut(relative))

    return against_today


def _partial(order: str) -> Callable[[str, str], Truth]:
    """Compares an interval with a day: true or false where all its days agree, unknown where they do not."""
    compare = _COMPARE[order]

    def of_interval(written: str, day: str) -> Truth:
        first, last = interval(written)
        if order == "eq":
            if first == last:
                return first == day
            return None if first <= day <= last else False
        of_first = compare(first, day)
        return of_first if of_first == compare(last, day) else None

    return of_interval


def _two(operand: Operand, other: Operand, compare: Callable[[Any, Any], Truth]) -> Evaluate:
    """`compare` of two answers, unknown while either is missing."""
    read, read_other = _read(operand), _read(other)

    def both(values: Values, item: Values | None, _today: Today) -> Truth:
        left, right = read(values, item), read_other(values, item)
        return None if left is None or right is None else compare(left, right)

    return both


def _compare_answers(expr: CompareAnswers) -> Evaluate:
    compare, amount, unit = _COMPARE[expr.order], expr.amount, expr.unit
    if expr.operand.kind is Kind.NUMBER:
        return _two(expr.operand, expr.other, compare)

    def at_distance(iso: str) -> str:
        return shifted(date.fromisoformat(iso), amount, unit) if amount else iso

    if expr.operand.kind is Kind.DATE and expr.other.kind is Kind.DATE:
        return _two(expr.operand, expr.other, lambda left, right: compare(left, at_distance(right)))

    def intervals(left: str, right: str) -> Truth:
        first, last = interval(left)
        other_first, other_last = (at_distance(iso) for iso in interval(right))
        # The comparison is monotone in both dates: its extremes are at opposite ends of the two intervals.
        one, another = compare(first, other_last), compare(last, other_first)
        return one if one == another else None

    return _two(expr.operand, expr.other, intervals)


def _any(key: str, where: Evaluate) -> Evaluate:
    def any_of(values: Values, _item: Values | None, today: Today) -> Truth:
        items: Any = values.get(key)
        if items is None:
            return None
        result: Truth = False
        for item in items:
            truth = where(values, item, today)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    return any_of


def _all(key: str, where: Evaluate) -> Evaluate:
    return _not(_any(key, _not(where)))


def _none(key: str, where: Evaluate) -> Evaluate:
    return _not(_any(key, where))


_QUANTIFIERS = {"any": _any, "all": _all, "none": _none}


def _count(expr: Counted) -> Evaluate:
    """Counts between the items that are true and those that are not false."""
    key, number, compare = expr.items.key, expr.number, _COMPARE[expr.order]
    where = build(expr.where) if expr.where is not None else lambda _values, _item, _today: True
    exactly = expr.order == "eq"

    def count(values: Values, _item: Values | None, today: Today) -> Truth:
        items: Any = values.get(key)
        if items is None:
            return None
        low = high = 0
        for item in items:
            truth = where(values, item, today)
            if truth is not False:
                high += 1
                low += truth is True
        if exactly:
            return low == high == number or (None if low <= number <= high else False)
        of_low = compare(low, number)
        return of_low if of_low == compare(high, number) else None

    return count
