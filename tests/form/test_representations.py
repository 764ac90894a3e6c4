"""What a prompt, a log or a traceback shows of a form and of a state: one short line, and no answer."""

from __future__ import annotations

from datetime import date

import pytest

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.form.state import State, copy_for, evaluate
from formengine.language.loader import load

SECRET = "Quillfeather"


@pytest.fixture(scope="module")
def form() -> Form:
    return compile_form(load("request-for-support"))


@pytest.fixture(scope="module")
def state(form: Form) -> State:
    return evaluate(form, {"child": {"first_name": SECRET}}, on=date(2026, 11, 22))


def test_a_form_is_shown_by_id_version_and_the_head_of_its_digest(form: Form) -> None:
    assert repr(form) == f"<Form 'request-for-support' {form.version}, digest {form.digest[:12]}>"


def test_a_definition_is_shown_as_its_form_is(form: Form) -> None:
    definition = load("request-for-support")
    assert repr(definition) == repr(form).replace("Form", "Definition", 1)


def test_a_state_is_shown_by_form_and_day(form: Form, state: State) -> None:
    assert repr(state) == f"<State of {form!r} on 2026-11-22>"


def test_a_copy_is_shown_with_its_audience(state: State) -> None:
    assert repr(copy_for(state, "family")).endswith(" on 2026-11-22, the copy for 'family'>")


def test_no_answer_is_shown(state: State) -> None:
    assert all(SECRET not in repr(each) for each in (state, copy_for(state, "family")))


def test_two_forms_that_differ_are_told_apart(form: Form) -> None:
    assert repr(form) != repr(compile_form(load("early-help-notification")))
