"""Schema and engine agree on a condition in an item that reads outer answers alone and again within larger parts."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from formengine import compile_form, evaluate, load
from formengine.form.schema.export import schema
from tests.support.html_sites import ON

FORM = """\
form: t
title: T
version: 1
access: anyone
pages:
  - id: p
    title: P
    fields:
      - {{id: a, type: yes_no, label: A}}
      - {{id: b, type: yes_no, label: B}}
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: ((own or kid))
        fields:
          - id: own
            type: choice
            label: Own
            options: {{x: X, y: Y}}
          - id: extra
            type: text
            label: More
            show_if: {condition}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "a is yes and (own is x or (a is yes and b is yes))",
        "a is yes and (own is x or a is no or b is yes)",
        "(own is x or (b is yes and a is yes)) and a is yes",
        "not (a is yes and (own is x or not (a is yes or b is no)))",
        "(a is yes and b is yes) or (own is x and (a is yes or (b is yes and own is y)))",
        "a is yes and (own is x or (b is yes and not (a is yes and b is yes)))",
    ],
)
def test_outer_parts_that_recur_within_larger_ones(condition: str, tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(FORM.format(condition=condition), encoding="utf-8")
    form = compile_form(load(tmp_path))
    validator = jsonschema.Draft202012Validator(schema(form, ON))
    wrong: list[dict[str, Any]] = []
    for a, b, own, extra in product(("yes", "no", None), ("yes", "no", None), ("x", "y", None), ("t", None)):
        item = {key: value for key, value in {"id": "i1", "own": own, "extra": extra}.items() if value}
        answers = {key: value for key, value in {"a": a, "b": b, "kids": [item]}.items() if value}
        state = evaluate(form, answers, on=ON)
        engine = state.complete and json.loads(json.dumps(state.answers)) == answers
        if engine is not validator.is_valid(answers):
            wrong.append(answers)
    assert wrong == []
