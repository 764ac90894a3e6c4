"""Both executions say what the corpus says, and the corpus notices a wrong operator in either."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from formengine.language.bundled import bundled_folder
from formengine.language.expressions import Today, build, from_json, to_json, to_text
from formengine.language.expressions import build as build_function
from formengine.language.json_types import Json
from tests.language.conformance import OPERANDS, Case, cases, scope, typed
from tests.tools.node import run_module

CASES = tuple(cases())
BATCH = Path(__file__).parents[1] / "support" / "generators" / "conditions_batch.mjs"
MODULE = bundled_folder("renderers") / "html" / "static" / "conditions.js"


def wrong_in_python() -> list[Case]:
    return [
        case
        for case in CASES
        if build(case.expr)(case.values, case.item, Today(case.on)) is not case.expected
    ]


def wrong_in_browser(module: Path) -> list[Case]:
    payload = [[to_json(case.expr), case.values, case.item, case.on.isoformat()] for case in CASES]
    truths = run_module(BATCH, {"module": str(module), "cases": payload})
    return [case for case, truth in zip(CASES, truths, strict=True) if truth is not case.expected]


def test_python_says_what_the_corpus_says() -> None:
    assert wrong_in_python() == []


def test_the_browser_says_what_the_corpus_says(tmp_path: Path) -> None:
    copy = tmp_path / "conditions.mjs"
    copy.write_text(MODULE.read_text(encoding="utf-8"), encoding="utf-8")
    assert wrong_in_browser(copy) == []


def test_the_corpus_has_each_truth_many_times() -> None:
    truths = [case.expected for case in CASES]
    assert len(truths) >= 600
    assert min(truths.count(truth) for truth in (True, False, None)) >= 150


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(left, right) => left < right", "(left, right) => left <= right"),
        ("(left, right) => left <= right", "(left, right) => left < right"),
        ("(left, right) => left > right", "(left, right) => left >= right"),
        ("(left, right) => left >= right", "(left, right) => left > right"),
        ("(left, right) => left === right", "(left, right) => left !== right"),
        ("if (truth === false) return false;", ""),
        ("if (truth === true) return true;\n      if", "if"),
        ("return truth === null ? null : !truth;", "return !truth;"),
        ("tree.values.includes(value)", "tree.values[0] === value"),
        ("tree.codes.some(", "tree.codes.every("),
        ("text.startsWith(", "text.includes("),
        ("if (truth !== false) high += 1;", "if (truth === true) high += 1;"),
        ("return low === high ? true : null;", "return true;"),
        ('day.direction === "ago"', 'day.direction !== "ago"'),
        ("Math.min(day, daysOfMonth(toYear, toMonth))", "day"),
        ("month === 2 && leap ? 29", "month === 2 ? 28"),
        ('unit === "weeks" ? 7', 'unit === "weeks" ? 1'),
        ("ofFirst === COMPARE[order](last, day) ? ofFirst : null", "ofFirst"),
        ("answer.list === undefined ? values : item", "values"),
        ("if (!Object.hasOwn(values, tree.list)) return null;\n  let result", "let result"),
    ],
)
def test_a_wrong_operator_planted_in_the_browser_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    text = MODULE.read_text(encoding="utf-8")
    assert right in text
    copy = tmp_path / "conditions.mjs"
    # A missing guard would throw on `undefined`; a planted list makes it answer instead.
    planted = text.replace(right, wrong).replace("of values[tree.list])", "of values[tree.list] ?? [])")
    copy.write_text(planted, encoding="utf-8")
    assert wrong_in_browser(copy) != []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("lt", operator.le), ("le", operator.lt), ("gt", operator.ge), ("ge", operator.gt), ("eq", operator.ne)],
)
def test_a_wrong_operator_planted_in_python_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any
) -> None:
    module: Mapping[str, Any] = build_function.__globals__
    monkeypatch.setitem(module["_COMPARE"], name, wrong)
    assert wrong_in_python() != []


def test_a_tree_comes_back_from_json_as_it_went() -> None:
    assert [case.expr for case in CASES if from_json(to_json(case.expr), OPERANDS) != case.expr] == []


@pytest.mark.parametrize(
    ("tree", "refused"),
    [
        ("answered", TypeError),
        ([], TypeError),
        ({"op": "and", "parts": [True]}, TypeError),
        ({"op": "and", "parts": "ab"}, TypeError),
        ({"op": "answered", "answer": {"key": 1, "kind": "text"}}, TypeError),
        ({"op": "includes", "answer": {"key": "a", "kind": "choices"}, "codes": [1]}, TypeError),
        ({"op": "is", "answer": {"key": "a", "kind": "number"}, "values": [True]}, TypeError),
        ({"op": "number", "answer": {"key": "a", "kind": "number"}, "order": "lt", "value": "3"}, TypeError),
        ({}, KeyError),
        ({"op": "sounds_like", "answer": {"key": "a", "kind": "text"}}, KeyError),
        ({"op": "answered"}, KeyError),
        ({"op": "number", "answer": {"key": "a", "kind": "number"}, "order": "eq", "value": 3}, KeyError),
        (
            {
                "op": "date",
                "answer": {"key": "a", "kind": "date"},
                "order": "lt",
                "day": {"amount": 1, "unit": "moons", "direction": "ago"},
            },
            KeyError,
        ),
    ],
)
def test_json_that_is_no_tree_is_refused(tree: Json, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        from_json(tree)


def test_an_expression_written_out_reads_as_itself() -> None:
    lists = {"items.json": "children"}
    for case in CASES:
        names = scope(lists.get(case.file))
        assert typed(to_text(case.expr), place="check", names=names) == case.expr
