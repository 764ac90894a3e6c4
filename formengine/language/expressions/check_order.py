"""Checks the tests of order, and the comparison of two answers."""

from __future__ import annotations

from typing import Literal

from formengine.language.diagnostics import Findings
from formengine.language.expressions.ast import (
    CompareAnswers,
    CompareDate,
    CompareNumber,
    Expr,
    Kind,
    Not,
    Operand,
    Order,
    RelativeDay,
    SameAnswer,
)
from formengine.language.expressions.check_value import described
from formengine.language.expressions.constants import TODAY, read_day, read_distance, read_number
from formengine.language.expressions.syntax import (
    Distance,
    Name,
    OrderTest,
    OrderWords,
    RawValue,
    SameAnswerTest,
    Syntax,
)

_DATES = {Kind.DATE, Kind.PARTIAL_DATE}
_MIRRORED: dict[Order, Order] = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_DAY_WORDS = {"lt": "before", "le": "on or before", "gt": "after", "ge": "on or after"}
_AMOUNT_WORDS = {"lt": "less than", "le": "at most", "gt": "more than", "ge": "at least"}


def check_order(test: OrderTest, operand: Operand, syntax: Syntax, findings: Findings) -> Expr | None:
    """The typed test against a constant, or None after a finding."""
    limit = test.limit
    if isinstance(limit, Name) or not _has_order(test, operand, syntax, findings):
        return None
    if operand.kind is Kind.NUMBER:
        return _number(test, operand, limit, syntax, findings)
    return _date(test, operand, limit, syntax, findings)


def check_order_of_answers(
    test: OrderTest, operand: Operand, other: Operand, syntax: Syntax, findings: Findings
) -> Expr | None:
    """The typed comparison with the answer `other`, or None after a finding."""
    if not _has_order(test, operand, syntax, findings) or not _comparable(
        test, operand, other, syntax, findings
    ):
        return None
    span = syntax.span(test)
    limit = test.limit
    if isinstance(limit, Distance):
        if operand.kind is Kind.NUMBER:
            _not_a_number(test, limit, syntax, findings)
            return None
        distance = read_distance(limit, syntax, findings)
        if distance is None:
            return None
        amount, unit = distance
        order = _order_of_days(test.order, limit.direction)
        return CompareAnswers(
            operand, order, other, -amount if limit.direction == "before" else amount, unit, span
        )
    if operand.kind is Kind.NUMBER and test.order.of_days:
        _wrong_words(test, operand, _AMOUNT_WORDS, syntax, findings)
        return None
    if operand.kind is not Kind.NUMBER and not test.order.of_days:
        _wrong_words(test, operand, _DAY_WORDS, syntax, findings)
        return None
    return CompareAnswers(operand, test.order.order, other, span=span)


def _has_order(test: OrderTest, operand: Operand, syntax: Syntax, findings: Findings) -> bool:
    """Whether answers of this kind can be more or less, earlier or later; reports a finding where not."""
    if operand.kind is Kind.NUMBER or operand.kind in _DATES:
        return True
    name = test.name.dotted
    help_ = {
        Kind.TEXT: "text has no order; only numbers and dates do",
        Kind.CHOICE: f"name the options: `{name} is one of …`",
        Kind.CHOICES: f"name the options: `{name} includes any of …`",
        Kind.TICK: f"write `{name} is ticked`",
        Kind.TIME: f"write `{name} is …` or `{name} is answered`",
    }
    findings.add(
        "operator-does-not-fit",
        f"`{name}` is {described(operand.kind)}, and `is {test.order.text}` does not go with it",
        syntax.span(test),
        help=help_.get(operand.kind, f"write `{name} is answered`"),
    )
    return False


def _number(
    test: OrderTest, operand: Operand, limit: RawValue | Distance, syntax: Syntax, findings: Findings
) -> Expr | None:
    if isinstance(limit, Distance) or limit.form in {"date", "today"}:
        _not_a_number(test, limit, syntax, findings)
        return None
    if test.order.of_days:
        _wrong_words(test, operand, _AMOUNT_WORDS, syntax, findings)
        return None
    number = read_number(limit, operand, syntax, findings)
    return None if number is None else CompareNumber(operand, test.order.order, number, syntax.span(test))


def _not_a_number(test: OrderTest, limit: RawValue | Distance, syntax: Syntax, findings: Findings) -> None:
    findings.add(
        "value-does-not-fit",
        f"`{test.name.dotted}` is a number, and `{syntax.written(limit)}` is about days",
        syntax.span(limit),
        label="not a number",
        help=f"write `{test.name.dotted} is {_AMOUNT_WORDS[test.order.order]}` and a number",
    )


def _wrong_words(
    test: OrderTest, operand: Operand, words: dict[str, str], syntax: Syntax, findings: Findings
) -> None:
    findings.add(
        "operator-does-not-fit",
        f"`{test.name.dotted}` is {described(operand.kind)}, and `{test.order.text}` does not go with it",
        syntax.span(test.order),
        help=f"write `{test.name.dotted} is {words[test.order.order]} {syntax.written(test.limit)}`",
    )


def _date(
    test: OrderTest, operand: Operand, limit: RawValue | Distance, syntax: Syntax, findings: Findings
) -> Expr | None:
    span = syntax.span(test)
    if isinstance(limit, Distance):
        distance = read_distance(limit, syntax, findings)
        if distance is None:
            return None
        amount, unit = distance
        order = _order_of_days(test.order, limit.direction)
        direction: Literal["ago", "from_today"] = "ago" if limit.direction == "ago" else "from_today"
        return CompareDate(operand, order, RelativeDay(amount, unit, direction) if amount else TODAY, span)
    if limit.form == "number":
        _unit_missing(test, limit, syntax, findings)
        return None
    if not test.order.of_days:
        _wrong_words(test, operand, _DAY_WORDS, syntax, findings)
        return None
    day = read_day(limit, operand, syntax, findings)
    return None if day is None else CompareDate(operand, test.order.order, day, span)


def _unit_missing(test: OrderTest, limit: RawValue, syntax: Syntax, findings: Findings) -> None:
    words = f"{test.name.dotted} is {test.order.text}"
    if test.order.of_days:
        label, help_ = "not a date", f"write a whole date, such as `{words} 2026-09-01`"
    else:
        label, help_ = "no unit", f"for an age write `{words} {limit.raw} years ago`"
    findings.add(
        "unit-missing",
        f"`{test.name.dotted}` is a date, and `{limit.raw}` is a number without a unit",
        syntax.span(limit),
        label=label,
        help=help_,
    )


def _order_of_days(words: OrderWords, direction: Literal["ago", "from_today", "before", "after"]) -> Order:
    """The order of the dates themselves: at least 18 years ago is on or before the day 18 years back."""
    if words.of_days or direction in {"from_today", "after"}:
        return words.order
    return _MIRRORED[words.order]


def _comparable(
    test: OrderTest | SameAnswerTest, operand: Operand, other: Operand, syntax: Syntax, findings: Findings
) -> bool:
    """Whether two answers are of comparable kinds, and are two; reports a finding where not."""
    if (operand.key, operand.repeat) == (other.key, other.repeat):
        findings.add(
            "compares-with-itself",
            f"`{test.name.dotted}` is compared with itself",
            syntax.span(test),
        )
        return False
    both_dates = operand.kind in _DATES and other.kind in _DATES
    if (operand.kind is other.kind or both_dates) and operand.scale == other.scale:
        return True
    kinds = f"`{operand.key}` is {described(operand.kind)} and `{other.key}` is {described(other.kind)}"
    if operand.scale != other.scale:
        kinds = f"Of `{operand.key}` and `{other.key}` only one is an amount of money"
    findings.add(
        "answers-do-not-compare",
        f"{kinds}, so they cannot be compared",
        syntax.span(test),
    )
    return False


def check_same_answer(
    test: SameAnswerTest, operand: Operand, other: Operand, syntax: Syntax, findings: Findings
) -> Expr | None:
    """``x is the same as y``, typed, or None after a finding."""
    span = syntax.span(test)
    if not _comparable(test, operand, other, syntax, findings):
        return None
    if operand.kind not in {Kind.TEXT, Kind.CHOICE, Kind.NUMBER, Kind.DATE, Kind.TIME} or (
        operand.kind is not other.kind
    ):
        words = "is different from" if test.negated else "is the same as"
        findings.add(
            "operator-does-not-fit",
            f"`{test.name.dotted}` is {described(operand.kind)}, and `{words}` does not go with it",
            span,
        )
        return None
    same = SameAnswer(operand, other, span)
    return Not(same, span) if test.negated else same
