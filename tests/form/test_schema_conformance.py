"""The JSON Schemas of "definitely true" and "definitely false" say what the corpus says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from formengine.form.schema.validators import judge
from formengine.language.expressions.ast import Expr, Not
from formengine.language.expressions.json_schema import Schemas
from tests.language.conformance import Case, cases

LIST = "children"
# Two answers are compared in checks alone, and no schema can say that: those are x-check.
CASES = tuple(case for case in cases() if not Schemas(case.on, {}).inexact(case.expr))


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by key as the document that a schema judges."""
    document: dict[str, Any] = {}
    for key, value in flat.items():
        *groups, last = key.split(".")
        place = document
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = [nested(item) for item in value] if key == LIST else value
    return document


def accepts(expr: Expr, case: Case) -> bool:
    schemas = Schemas(case.on, {})
    document = nested(case.values)
    if case.item is None:
        schema = schemas.true(expr)
    else:
        document[LIST] = [nested(case.item)]
        schema = schemas.for_items(LIST, expr, True, False)
    return schema if isinstance(schema, bool) else judge(schema)(document)


def truth(case: Case) -> bool | None:
    is_true, is_false = accepts(case.expr, case), accepts(Not(case.expr), case)
    assert not (is_true and is_false), case
    return True if is_true else False if is_false else None


def test_the_schemas_say_what_the_corpus_says() -> None:
    assert [case for case in CASES if truth(case) is not case.expected] == []


def test_most_of_the_corpus_can_be_said_in_a_schema() -> None:
    assert len(CASES) >= 550


@pytest.mark.parametrize("expected", [True, False, None])
def test_each_truth_occurs_often(expected: bool | None) -> None:
    assert sum(case.expected is expected for case in CASES) >= 100
