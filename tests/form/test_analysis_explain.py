"""Why a question is asked: every condition on the way, outermost first, and whether each holds."""

from __future__ import annotations

from datetime import date

import pytest

from formengine import evaluate
from formengine.form.analysis.explain import explain_path, paths
from formengine.language.json_types import Json
from tests.form.features import features, form_of

DAY = date(2026, 11, 22)


def told(feature: str, answers: Json, path: str) -> tuple[bool | None, list[tuple[str, str, bool | None]]]:
    found = explain_path(evaluate(form_of(feature), answers, on=DAY), path)
    assert found is not None
    return found.asked, [(reason.carrier, reason.condition.text, reason.holds) for reason in found.reasons]


def test_a_question_without_a_condition_is_asked() -> None:
    assert told("stop", {}, "consent") == (True, [])


@pytest.mark.parametrize(
    ("answers", "holds"), [({"shown": "yes"}, True), ({"shown": "no"}, False), ({}, None)]
)
def test_the_heading_around_a_question_decides(answers: Json, holds: bool | None) -> None:
    assert told("sections-and-groups", answers, "deeper") == (
        holds,
        [("Under a heading", "shown is yes", holds)],
    )
    assert told("sections-and-groups", answers, "nested.inner.deepest") == (
        holds,
        [("In a group", "shown is yes", holds)],
    )


def test_in_an_item_its_own_answers_decide() -> None:
    answers = {"children": [{"id": "a", "at_school": "yes"}, {"id": "b", "at_school": "no"}]}
    page = "The school of ((first_name or the child))"
    for item, holds in (("a", True), ("b", False), ("new", None)):
        assert told("repeat-with-pages", answers, f"children.{item}.school") == (
            holds,
            [(page, "at_school is yes", holds)],
        )


def test_what_stands_behind_a_stop_page_is_not_asked() -> None:
    found = explain_path(evaluate(form_of("stop"), {"consent": "no"}, on=DAY), "name")
    assert found is not None
    assert (found.asked, found.stopped_at) == (False, "You cannot go on")
    before = explain_path(evaluate(form_of("stop"), {"consent": "no"}, on=DAY), "consent")
    assert before is not None
    assert (before.asked, before.stopped_at) == (True, "")


@pytest.mark.parametrize("path", ["", "nothing", "consent.x", ".", "people.a", "a" * 10_000])
def test_a_path_the_form_does_not_have_is_none(path: str) -> None:
    assert explain_path(evaluate(form_of("stop"), {}, on=DAY), path) is None


@pytest.mark.parametrize("feature", features())
def test_every_path_of_a_form_can_be_explained_and_agrees_with_its_state(feature: str) -> None:
    form = form_of(feature)
    state = evaluate(form, {}, on=DAY)
    for path in paths(form):
        found = explain_path(state, path)
        assert found is not None, path
        if path in form.fields and not form.fields[path].sources:
            assert found.asked == state.run().relevance[form.fields[path].gate], path
