"""What leaves the engine: one golden `submission/1` a form, the same each time and valid under its schema."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formengine import compile_form, evaluate, load
from formengine.form.analysis.samples import sample_answers
from formengine.form.schema.envelope import submission_schema
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge
from formengine.form.state import NotCompleteError
from tests.form.features import form_of
from tests.support.shipped import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 11, 22)
FORMS: dict[str, str | Path] = {
    "request-for-support": "request-for-support",
    "early-help-notification": "early-help-notification",
    "allotment-waiting-list": EXAMPLES / "allotment-waiting-list",
}

each_form = pytest.mark.parametrize("name", FORMS)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.submission.json").read_text(encoding="utf-8"))


def sent(name: str, answers: Any) -> Any:
    state = evaluate(compile_form(load(FORMS[name])), answers, on=DAY)
    return state.submission(at="2026-11-22T10:30:00+00:00", reference="EX-2026-0001")


def without_identity(submission: Any) -> Any:
    """The submission without what every edit of a definition changes."""
    return {key: value for key, value in submission.items() if key != "digest"}


@each_form
def test_the_golden_answers_give_the_golden_submission(name: str) -> None:
    expected = golden(name)
    assert without_identity(sent(name, expected["answers"])) == without_identity(expected)


@each_form
def test_the_same_answers_give_the_same_bytes(name: str) -> None:
    answers = golden(name)["answers"]
    assert json.dumps(sent(name, answers)) == json.dumps(sent(name, answers))


@each_form
def test_a_submission_carries_the_digest_of_its_definition(name: str) -> None:
    assert sent(name, golden(name)["answers"])["digest"] == load(FORMS[name]).digest


@each_form
def test_the_golden_submission_is_valid_under_the_schemas_of_envelope_and_answers(name: str) -> None:
    expected = golden(name)
    for document, value in (
        (submission_schema(), expected),
        (schema(compile_form(load(FORMS[name])), DAY), expected["answers"]),
    ):
        assert fast_judge(document)(value)
        assert Draft202012Validator(document).is_valid(value)


def test_answers_that_do_not_count_never_reach_a_submission() -> None:
    expected = golden("request-for-support")
    child = expected["answers"]["child"] | {"due_date": "2027-01-01"}
    draft = expected["answers"] | {"child": child}
    assert without_identity(sent("request-for-support", draft)) == without_identity(expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "2 things must be put right first"),
        ({"urgency": "standard"}, "1 thing must be put right first"),
    ],
)
def test_what_cannot_be_sent_gives_no_submission(answers: Any, said: str) -> None:
    state = evaluate(form_of("required"), answers, on=DAY)
    with pytest.raises(NotCompleteError, match=f"the form cannot be sent: {said}"):
        state.submission(at="2026-11-22T09:00:00Z")


@each_form
@pytest.mark.parametrize("seed", range(5))
def test_every_sample_becomes_a_valid_envelope(name: str, seed: int) -> None:
    form = compile_form(load(FORMS[name]))
    envelope = sent(name, sample_answers(form, on=DAY, seed=seed))
    assert Draft202012Validator(submission_schema()).is_valid(envelope)
    assert envelope["form"] == form.id
    assert envelope["on"] == "2026-11-22"
