"""Python closures, the browser's module and JSON Schema agree on every expression and all answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from itertools import groupby
from operator import ge
from pathlib import Path
from random import Random
from typing import Any

import pytest

from formengine.form.plan.forward_pass import Judge
from formengine.form.schema.validators import judge
from formengine.language.bundled import bundled_folder
from formengine.language.expressions import Today, build, to_json
from formengine.language.expressions.ast import Expr, Not
from formengine.language.expressions.json_schema import Schemas
from tests.support.generators.trees import (
    ITEMS,
    RELEVANCE,
    Case,
    Combination,
    atoms,
    cases,
    check_combinations,
    combination_of,
    combinations,
    truths_of,
)
from tests.tools.node import run_module

pytestmark = pytest.mark.slow

BATCH = Path(__file__).parents[1] / "support" / "generators" / "conditions_batch.mjs"
AT_LEAST = 50

Truth = bool | None


def all_cases(seed: int, every: Iterable[Combination], *, trees: int, answers: int) -> list[Case]:
    """Cases of every combination, more of lists; the order of the combinations decides nothing."""
    return [
        case
        for combination in every
        for case in cases(
            seeded(f"{seed}{combination}"),
            combination,
            trees=trees * (1 + (combination.kind == "list")),
            answers=answers,
        )
    ]


def seeded(seed: str) -> Random:
    return Random(seed)


def by_python(made: list[Case]) -> list[Truth]:
    return [truth_of(case.expr, case) for case in made]


def truth_of(expr: Expr, case: Case) -> Truth:
    return build(expr)(case.values, case.item, Today(case.on))


def by_browser(made: list[Case], module: Path) -> list[Truth]:
    payload = [[to_json(case.expr), case.values, case.item, case.on.isoformat()] for case in made]
    truths: list[Truth] = run_module(BATCH, {"module": str(module), "cases": payload})
    return truths


def by_schema(made: list[Case]) -> list[Truth]:
    """The truth as the two schemas tell it; "both" would be an error of its own."""
    truths: list[Truth] = []
    # The cases of one expression follow each other: its schemas are made once for all of them.
    for _, group in groupby(made, key=lambda case: (id(case.expr), case.on, case.item is None)):
        of_expr = list(group)
        first, schemas = of_expr[0], Schemas(of_expr[0].on, RELEVANCE)
        judge_true, judge_false = (judge_of(schemas, expr, first) for expr in (first.expr, Not(first.expr)))
        for case in of_expr:
            is_true, is_false = judge_true(case.document), judge_false(case.document)
            assert not (is_true and is_false), case
            truths.append(True if is_true else False if is_false else None)
    return truths


def judge_of(schemas: Schemas, expr: Expr, case: Case) -> Judge:
    schema = schemas.true(expr) if case.item is None else schemas.for_items(ITEMS, expr, True, False)
    return (lambda _: schema) if isinstance(schema, bool) else judge(schema)


def disagreements(made: list[Case], truths: list[Truth], others: list[Truth]) -> list[Any]:
    return [
        (case, truth, other)
        for case, truth, other in zip(made, truths, others, strict=True)
        if truth is not other
    ]


def conditions_module() -> Path:
    return bundled_folder("renderers") / "html" / "static" / "conditions.js"


def test_three_back_ends_agree_on_every_condition() -> None:
    made = all_cases(1, combinations(), trees=12, answers=16)
    assert len(made) >= 20_000
    truths = by_python(made)
    assert disagreements(made, truths, by_schema(made)) == []
    assert disagreements(made, truths, by_browser(made, conditions_module())) == []

    seen = Counter(
        (combination_of(part, in_item=case.item is not None), truth_of(part, case))
        for case in made
        for part in atoms(case.expr)
    )
    rare = {
        (combination, truth): seen[combination, truth]
        for combination in combinations()
        for truth in truths_of(combination)
        if seen[combination, truth] < AT_LEAST
    }
    assert rare == {}
    impossible = [c for c in combinations() if seen[c, None] and None not in truths_of(c)]
    assert impossible == []


def test_python_and_the_browser_agree_on_checks_of_two_answers() -> None:
    made = all_cases(2, check_combinations(), trees=8, answers=16)
    truths = by_python(made)
    assert disagreements(made, truths, by_browser(made, conditions_module())) == []


def planted_cases() -> list[Case]:
    wanted = [c for c in combinations() if c.operator in {"number gt", "day gt", "relative day gt"}]
    return all_cases(3, wanted, trees=6, answers=12)


def test_a_wrong_operator_planted_in_the_python_closures_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = planted_cases()
    by_rule = by_schema(made)
    monkeypatch.setitem(import_module("formengine.language.expressions.build")._COMPARE, "gt", ge)
    assert disagreements(made, by_python(made), by_rule) != []


def test_a_wrong_operator_planted_in_the_json_schema_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = planted_cases()
    bounds = import_module("formengine.language.expressions.json_schema")._BOUNDS
    monkeypatch.setitem(bounds, ("gt", True), "minimum")
    monkeypatch.setitem(bounds, ("gt", False), "exclusiveMaximum")
    assert disagreements(made, by_python(made), by_schema(made)) != []


def test_a_wrong_operator_planted_in_the_browser_is_found(tmp_path: Path) -> None:
    made = planted_cases()
    source = conditions_module().read_text(encoding="utf-8")
    right, wrong = "gt: (left, right) => left > right", "gt: (left, right) => left >= right"
    assert source.count(right) == 1
    planted = tmp_path / "conditions.mjs"
    planted.write_text(source.replace(right, wrong), encoding="utf-8")
    assert disagreements(made, by_python(made), by_browser(made, planted)) != []
