from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formengine.form.compiler import compile_form
from formengine.form.schema.envelope import submission_schema
from formengine.form.schema.validators import fast_judge
from formengine.form.state import evaluate
from formengine.language.loader import load_packed
from tests.form.test_schema_forms import breaches
from tests.tools.ajv import validate

FORM = """
form: small
title: Small
version: 2026.1
access: anyone
notices:
  - id: privacy
    title: Privacy
    version: 2026-11
    link: https://example.org/privacy
    for: notifier
pages:
  - id: one
    title: One
    fields:
      - id: gender
        type: choice
        label: Gender
        options:
          f:
            label: Female
            codes:
              cin: 2
"""


def submission() -> dict[str, Any]:
    state = evaluate(compile_form(load_packed({"small.yaml": FORM})), {"gender": "f"}, on=date(2026, 11, 22))
    return state.submission(at="2026-11-22T10:30:00Z", reference="RFS-1234")


def test_what_the_engine_sends_is_valid() -> None:
    assert submission()["codes"] == {"gender": {"cin": "2"}}
    assert fast_judge(submission_schema())(submission())
    assert Draft202012Validator(submission_schema()).is_valid(submission())
    assert validate(submission_schema(), [submission()]) == [True]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "submission/2"),
        ("form", "../small"),
        ("digest", "abc"),
        ("on", "2026-02-31"),
        ("at", "2026-11-22"),
        ("at", "2026-11-22T10:30:00"),
        ("at", "2026-11-22T25:30:00Z"),
        ("urgency", "soon"),
        ("notices", [{"id": "privacy"}]),
        ("answers", []),
        ("codes", {"gender": "2"}),
        ("codes", {"gender": []}),
        ("reference", "RFS\n1"),
        ("more", 1),
    ],
)
def test_an_envelope_with_a_wrong_part_is_refused(key: str, value: Any) -> None:
    wrong = submission() | {key: value}
    assert fast_judge(submission_schema())(wrong) is False
    assert validate(submission_schema(), [wrong]) == [False]


@pytest.mark.parametrize("key", sorted(submission_schema()["required"]))
def test_an_envelope_without_a_part_is_refused(key: str) -> None:
    whole = submission()
    del whole[key]
    assert fast_judge(submission_schema())(whole) is False


def test_the_envelope_schema_keeps_to_the_dialect() -> None:
    Draft202012Validator.check_schema(submission_schema())
    assert list(breaches(submission_schema())) == []
