"""The quick look at answers never passes over an error or advice, and sees at once that right answers are right."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine import Form, compile_form, evaluate, load
from formengine.form.state.field_errors import find_problems
from formengine.language.json_types import Json
from tests.form.features import every_case
from tests.support.generators.drafts import Answerer
from tests.support.generators.forms import generated_form
from tests.support.tiers import cases

DAY = date(2026, 11, 22)
SHIPPED = {name: compile_form(load(name)) for name in ("request-for-support", "early-help-notification")}


def looks_right(form: Form, answers: Json, on: date = DAY) -> bool:
    run = evaluate(form, answers, on=on).run()
    return all(look(run) for look in form.plan.quick_checks)


def looks_quiet(form: Form, answers: Json, on: date = DAY) -> bool:
    run = evaluate(form, answers, on=on).run()
    return all(look(run) for look in form.plan.quiet)


def warnings(form: Form, answers: Json, on: date = DAY) -> set[str]:
    """The paths of all warnings, found one by one."""
    state = evaluate(form, answers, on=on)
    return set(find_problems(form, answers, state.run(), state.texts.label).warnings)


def errors(form: Form, answers: Json, on: date = DAY) -> set[str]:
    """The paths of all errors, found one by one."""
    state = evaluate(form, answers, on=on)
    return set(find_problems(form, answers, state.run(), state.texts.label).errors)


@pytest.mark.parametrize("name", SHIPPED)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(15, long=300))
def test_answers_that_count_are_seen_to_be_right_or_wrong(name: str, seed: int) -> None:
    form = SHIPPED[name]
    answers = evaluate(form, Answerer(form, DAY, Random(seed)).complete(), on=DAY).answers
    assert looks_right(form, answers) == (not errors(form, answers))


@pytest.mark.parametrize("name", SHIPPED)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(40, long=1000))
def test_no_error_and_no_advice_in_changed_answers_passes_the_look(name: str, seed: int) -> None:
    form = SHIPPED[name]
    answerer = Answerer(form, DAY, Random(seed))
    changed = answerer.mutated(answerer.complete())
    assert not (looks_right(form, changed) and errors(form, changed))
    assert not (looks_quiet(form, changed) and warnings(form, changed))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(20, long=600))
def test_no_error_and_no_advice_in_answers_to_random_forms_passes_the_look(seed: int) -> None:
    form = generated_form(str(seed))
    answerer = Answerer(form, DAY, Random(seed))
    for answers in (answerer.draft(), answerer.mutated(answerer.complete())):
        assert not (looks_right(form, answers) and errors(form, answers))
        assert not (looks_quiet(form, answers) and warnings(form, answers))


@pytest.mark.parametrize("case", every_case(), ids=str)
def test_no_error_and_no_advice_in_the_cases_of_the_feature_forms_passes_the_look(case: Any) -> None:
    right = looks_right(case.form, case.answers, case.on)
    assert not (right and errors(case.form, case.answers, case.on))
    quiet = looks_quiet(case.form, case.answers, case.on)
    assert not (quiet and warnings(case.form, case.answers, case.on))
