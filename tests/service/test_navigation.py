"""Which step the buttons of a page lead to, and what is kept of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from formengine.form.actions import Outcome, post_page
from formengine.form.state import State, evaluate
from formengine.language.json_types import Json
from formengine.service.drafts.navigation import kept_step, next_step
from formengine.service.drafts.step import Step, step_of
from tests.support.journey_forms import engine_of

ON = date(2026, 11, 24)
ANSWERS: dict[str, Json] = {
    "nearby": "yes",
    "safe": "yes",
    "name": "Ada",
    "has_children": "yes",
    "how_many": 1,
    "children": [{"id": "i1", "first_name": "Bo"}],
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    form = engine_of(Path(tmp_path_factory.mktemp("forms"))).form("ask-for-help")
    return evaluate(form, ANSWERS, on=ON)


@pytest.mark.parametrize(
    ("at", "action", "to"),
    [
        ("you", "next", "children"),
        ("children", "next", "close"),
        ("close", "next", None),
        ("children.i1.who", "save_item", "children.i1.school"),
        ("children.i1.school", "save_item", "children"),
        ("you", "check_answers", None),
        ("you", "page:close", "close"),
        ("you", "page:nowhere", "you"),
        ("children", "add:children", "children.new"),
        ("children", "add:nothing", "children"),
        ("close", "add:rooms", "close"),
        ("children", "change:children.i1", "children.i1.who"),
        ("children", "change:children.i9", "children"),
        ("children", "change:nothing.i1", "children"),
        ("children", "remove:children.i1", "children"),
        ("you", "index", "you"),
        ("you", "save_for_later", "you"),
        ("you", "autosave", "you"),
        ("you", "", "you"),
    ],
)
def test_a_button_leads_to_a_step(state: State, at: str, action: str, to: str | None) -> None:
    step = step_of(state.form, at)
    assert step is not None
    found = next_step(action, step, state)
    assert (found.name if found is not None else None) == to


def posted(state: State, **texts: str) -> Outcome:
    """What comes of posting the first page."""
    answers = {name: value for name, value in ANSWERS.items() if name != "name"}
    return post_page(state.form, answers, "you", {name: (text,) for name, text in texts.items()}, on=ON)


@pytest.mark.parametrize(
    ("name", "action", "kept"),
    [
        ("Ada", "next", "close"),
        ("Ada", "check_answers", "check answers"),
        ("", "next", "you"),
        ("", "page:close", "close"),
        ("", "check_answers", "check answers"),
    ],
)
def test_who_goes_on_from_a_page_that_is_not_right_stays_there_and_who_leaves_it_does_not(
    state: State, name: str, action: str, kept: str
) -> None:
    outcome = posted(state, name=name, has_children="no", **{"-action": action})
    assert kept_step(outcome, action, Step("you")) == kept
