"""Answers from elsewhere as a draft: what fits is kept as it is, whatever else there is is told and hurts nobody."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from formengine.form.actions.import_answers import ImportedAnswers, import_answers
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.plan import Form
from formengine.form.plan.forward_pass import reach, usable_items
from formengine.form.state import evaluate
from formengine.form.state.counted import fields_with_answers
from tests.support.generators.forms import generated_form
from tests.support.pdf_samples import FORMS, ON, filled, form_of, small_form
from tests.support.tiers import cases
from tests.support.torture_samples import TORTURE, torture_answers

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def taken(form: Form, answers: Any, was: Form | None = None) -> ImportedAnswers:
    numbers = count(1)
    return import_answers(form, answers, new_item=lambda: f"new{next(numbers)}", was=was)


def by_path(form: Form, answers: Any) -> dict[str, Any]:
    """The answers that a person typed: no files, nothing worked out or read only."""
    return {
        path: value
        for path, field, value in fields_with_answers(form, answers)
        if field.is_asked and not field.spec.read_only and field.spec.type.name not in {"file", "files"}
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("form_id", FORMS)
def test_answers_that_fit_come_back_as_they_are(form_id: str, seed: int) -> None:
    form = form_of(form_id)
    found = taken(form, filled(form_id, seed))
    assert by_path(form, found.draft) == by_path(form, filled(form_id, seed))
    assert {each.why for each in found.leftovers} <= {"file"}


@settings(max_examples=cases(10, long=250))
@given(st.integers(0, 10_000))
def test_answers_to_generated_forms_come_back_as_they_are(seed: int) -> None:
    form = generated_form(f"taken{seed}")
    try:
        answers = sample_answers(form, on=ON, seed=seed)
    except NoSampleFoundError:
        assume(False)
    found = taken(form, answers)
    assert by_path(form, found.draft) == by_path(form, answers)
    assert {each.why for each in found.leftovers} <= {"file"}


@settings(max_examples=cases(25, long=600))
@given(st.data())
def test_answers_of_any_shape_make_a_draft_that_can_be_judged(data: st.DataObject) -> None:
    form = form_of(TORTURE)
    answers = dict(torture_answers())
    for name in data.draw(st.lists(st.sampled_from(sorted(answers)), max_size=8)):
        answers[name] = data.draw(anything)
    found = taken(form, answers)
    assert taken(form, found.draft).draft == found.draft
    evaluate(form, found.draft, on=ON)
    for key in form.repeats:
        kept = reach(found.draft, key.split("."))
        assert kept is None or usable_items(kept) == kept


@given(anything)
def test_what_is_no_answers_at_all_makes_a_draft(answers: Any) -> None:
    form = form_of(FORMS[0])
    assert taken(form, taken(form, answers).draft).leftovers == ()


MOVED = """\
- id: child
  type: group
  label: Child
  renamed_from: pupil
  fields:
    - id: first_name
      type: text
      label: First name
- id: surname
  type: text
  label: Surname
  renamed_from: pupil.last_name
- id: friends
  type: repeat
  label: Friends
  item_name: Friend
  item_title: ((called))
  renamed_from: mates
  fields:
    - id: called
      type: text
      label: Called
      renamed_from: mates.name
"""


def test_answers_follow_what_was_renamed(tmp_path: Path) -> None:
    form = small_form(tmp_path, MOVED)
    answers = {
        "pupil": {"first_name": "Ada", "last_name": "Example"},
        "mates": [{"id": "a", "name": "Bea"}],
    }
    found = taken(form, answers)
    assert found.draft == {
        "child": {"first_name": "Ada"},
        "surname": "Example",
        "friends": [{"id": "a", "called": "Bea"}],
    }
    assert found.leftovers == ()
    newer = taken(form, {"surname": "Young", "pupil": {"last_name": "Old"}})
    assert newer.draft == {"surname": "Young"}
    assert [(each.why, each.question, each.text) for each in newer.leftovers] == [
        ("no_question", "pupil.last_name", "Old")
    ]


def test_an_option_that_went_is_told_by_the_name_it_had(tmp_path: Path) -> None:
    colour = "- id: colour\n  type: choice\n  label: Colour\n  options:\n    {}\n    b: Blue"
    (tmp_path / "now").mkdir()
    now, was = (
        small_form(tmp_path / "now", colour.format("r: Red")),
        small_form(tmp_path, colour.format("g: Green")),
    )
    found = taken(now, {"colour": "g"}, was)
    assert found.draft == {"colour": "g"}
    assert [(each.why, each.question, each.text) for each in found.leftovers] == [
        ("not_offered", "Colour", "Green")
    ]
