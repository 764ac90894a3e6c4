"""A folded condition reads the open answers alone and is as true as the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.expressions import (
    Expr,
    ListOperand,
    Today,
    build,
    fold,
    from_json,
    operands,
    to_json,
    to_text,
)
from formengine.language.expressions.ast import And, Not, Or
from tests.language.conformance import Case, cases, typed

# Two answers are compared in checks alone, and those are not folded.
CASES = tuple(
    case for case in cases() if case.file != "checks.json" and case.expression != "born is after dob"
)
TODAY = Today(date(2026, 11, 22))
JOIN: dict[str, Callable[[Expr, Expr], Expr]] = {
    "and": lambda left, right: And((left, right)),
    "or": lambda left, right: Or((left, right)),
    "and not": lambda left, right: And((left, Not(right))),
    "not or": lambda left, right: Or((Not(left), right)),
}


def places(expr: Expr) -> set[tuple[str | None, str]]:
    """What can be open of `expr`: a list as a whole, any other answer by itself."""
    lists = {operand.key for operand in operands(expr) if isinstance(operand, ListOperand)}
    return {
        (None, operand.key) if isinstance(operand, ListOperand) else (operand.repeat, operand.key)
        for operand in operands(expr)
        if isinstance(operand, ListOperand) or operand.repeat not in lists
    }


@st.composite
def situations(draw: st.DrawFn) -> tuple[Expr, Case, Case, frozenset[tuple[str | None, str]]]:
    first = draw(st.sampled_from(CASES))
    second = draw(st.sampled_from([case for case in CASES if case.file == first.file]))
    expr = JOIN[draw(st.sampled_from(sorted(JOIN)))](first.expr, second.expr)
    open_keys = draw(st.frozensets(st.sampled_from(sorted(places(expr), key=str))))
    return expr, first, second, open_keys


@given(situations())
def test_folding_what_is_known_changes_no_truth(
    situation: tuple[Expr, Case, Case, frozenset[tuple[str | None, str]]],
) -> None:
    expr, first, second, open_keys = situation
    values = {**first.values, **second.values}
    item = {**(first.item or {}), **(second.item or {})}
    today = Today(first.on)
    whole = build(expr)(values, item, today)
    folded = fold(expr, values, item, today, open_keys)
    if folded is None or isinstance(folded, bool):
        assert folded is whole
        return
    assert places(folded) <= open_keys
    open_values = {key: value for key, value in values.items() if (None, key) in open_keys}
    open_item = {key: value for key, value in item.items() if (first_list(open_keys), key) in open_keys}
    assert build(folded)(open_values, open_item, today) is whole
    assert build_again(folded)(open_values, open_item, today) is whole


def first_list(open_keys: frozenset[tuple[str | None, str]]) -> str | None:
    return next((repeat for repeat, _ in open_keys if repeat is not None), None)


def build_again(folded: Expr) -> Callable[..., bool | None]:
    """The folded tree after its way through JSON."""
    tree = from_json(to_json(folded))
    assert tree is not None
    assert not isinstance(tree, bool)
    return build(tree)


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"consent": "yes"}, "age is at least 3"),
        ({"consent": "no"}, "False"),
        ({}, "(unknown) and age is at least 3"),
    ],
)
def test_an_earlier_answer_leaves_no_trace_in_the_page(values: dict[str, str], left: str) -> None:
    folded = fold(typed("consent is yes and age is at least 3"), values, None, TODAY, {(None, "age")})
    assert (str(folded) if isinstance(folded, bool) or folded is None else to_text(folded)) == left


def test_an_open_list_keeps_its_test_and_a_known_one_does_not() -> None:
    expr = typed("any of children where (subject is yes) and unborn is not ticked")
    items = {"children": [{"id": "c1", "subject": "yes"}]}
    assert fold(expr, items, None, TODAY, ()) is True
    still_open = fold(expr, {}, None, TODAY, {(None, "children")})
    assert still_open == typed("any of children where (subject is yes)")


def test_two_answers_of_which_one_is_known_are_not_told_to_the_page() -> None:
    expr = typed("seen is after born", place="check")
    with pytest.raises(ValueError, match="two answers"):
        fold(expr, {"born": "2026-01-01"}, None, TODAY, {(None, "seen")})
