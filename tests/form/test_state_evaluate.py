"""What evaluating promises whatever the answers: one verdict, no exception, errors in the order people read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from formengine import Engine, Form, State, compile_form, evaluate, load
from formengine.form.analysis.samples import sample_answers
from formengine.form.plan import Field, Repeat, walk
from formengine.form.state import FieldState, NodeState, NoteState, RepeatState
from formengine.language.fields import FIELD_TYPES
from formengine.language.json_types import Json, as_object
from formengine.language.words import words
from tests.form.features import every_case, features, form_of
from tests.support.generators.drafts import RUBBISH, Answerer
from tests.support.tiers import cases

DAY = date(2026, 11, 22)
REAL_FORMS = ("request-for-support", "early-help-notification")

TEXTS = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(
    ["", " ", "yes", "no", "2026-02-31", "\ud800", "\x00", "a" * 5000, "2026-02-29", "child"]
)
NUMBERS = st.integers() | st.sampled_from([10**400, -(10**400)]) | st.floats()
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | st.just("id"), inner, max_size=4),
    max_leaves=12,
)


@cache
def real_form(name: str) -> Form:
    return compile_form(load(name))


@cache
def sample(name: str, seed: int) -> str:
    return json.dumps(sample_answers(real_form(name), on=DAY, seed=seed))


def everything(state: State) -> dict[str, Any]:
    """All that a state tells, each part worked out."""
    return {
        "answers": state.answers,
        "errors": {path: words(error) for path, error in state.errors.items()},
        "warnings": {path: words(found) for path, found in state.warnings.items()},
        "pages": [(page.id, page.title, _questions(page.nodes)) for page in state.pages],
        "urgent": state.urgent,
        "route": state.route,
        "complete": state.complete,
        "stopped_at": state.stopped_at,
    }


def _questions(nodes: tuple[NodeState, ...]) -> list[tuple[Any, ...]]:
    """The questions and texts among `nodes` with all that is told of them, what was typed left out."""
    told: list[tuple[Any, ...]] = []
    for node in nodes:
        if isinstance(node, FieldState):
            told.append(
                (node.path, node.label, node.answer, node.required, node.relevance, node.opens, node.options)
            )
        elif isinstance(node, NoteState):
            told.append((node.text, node.relevance, node.opens))
        else:
            told.append((node.label, node.relevance, node.opens))
            told.extend(_questions(() if isinstance(node, RepeatState) else node.nodes))
        if isinstance(node, RepeatState):
            told.extend((item.path, item.title, _questions(item.nodes)) for item in node.items)
    return told


def holders(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within a JSON value."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield (*path, key)
        yield from holders(inner, (*path, key))


def put(answers: Json, path: tuple[Any, ...], value: Json) -> Json:
    """A copy of `answers` with `value` at `path`."""
    changed = deepcopy(answers)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def irrelevant_places(state: State) -> list[tuple[str, ...]]:
    """The paths, at the form's own level, of answers that do not count now."""
    form = state.form
    return [
        field.path
        for field in form.fields.values()
        if field.is_asked and state.run().relevance[field.gate] is not True
    ]


@given(answers=JSON_VALUES)
@settings(max_examples=cases(30, long=600))
@example(answers={"children_same_address": [{"id": "\ud800"}], "child": {"first_name": "\ud800"}})
@example(answers={"urgency": {"urgency": "urgent"}, "child": [], "has_children_same_address": ["yes"]})
@pytest.mark.parametrize("name", REAL_FORMS)
def test_any_json_value_gives_a_state_and_no_exception(name: str, answers: Json) -> None:
    state = evaluate(real_form(name), answers, on=DAY)
    assert set(everything(state)["errors"]) == set(state.errors)
    assert state.complete is False


@given(data=st.data())
@settings(max_examples=cases(40, long=1000))
@pytest.mark.parametrize("name", REAL_FORMS)
def test_any_mutation_of_right_answers_gives_a_state_and_no_exception(name: str, data: st.DataObject) -> None:
    answers = json.loads(sample(name, data.draw(st.integers(0, 5))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(list(holders(answers))))
        answers = put(answers, place, data.draw(JSON_VALUES | st.sampled_from(RUBBISH)))
    state = evaluate(real_form(name), answers, on=DAY)
    told = everything(state)
    assert all(message.strip() for message in (*told["errors"].values(), *told["warnings"].values()))
    assert everything(evaluate(real_form(name), answers, on=DAY)) == told


def test_answers_nested_ever_so_deep_give_a_state() -> None:
    deep: Json = "yes"
    for _ in range(5_000):
        deep = [deep]
    state = evaluate(
        real_form("request-for-support"), {"urgency": deep, "child": {"first_name": deep}}, on=DAY
    )
    assert words(state.errors["urgency"]) == "Select what type of referral this is from the options offered"


@pytest.mark.parametrize("feature", features())
def test_every_feature_takes_rubbish_everywhere_without_an_exception(feature: str) -> None:
    form = form_of(feature)
    random = Random(feature)
    answerer = Answerer(form, DAY, random)
    for _ in range(25):
        draft = answerer.draft(rubbish=0.3)
        told = everything(evaluate(form, draft, on=DAY))
        assert told == everything(evaluate(form, deepcopy(draft), on=DAY))


@pytest.mark.parametrize("case", every_case(), ids=str)
def test_the_answers_that_count_count_the_same_when_given_alone(case: Any) -> None:
    state = evaluate(case.form, case.answers, on=case.on)
    again = evaluate(case.form, state.answers, on=case.on)
    assert again.answers == state.answers
    assert [page.id for page in again.pages] == [page.id for page in state.pages]
    if state.complete:
        assert dict(again.errors) == {}


@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(12, long=250))
@pytest.mark.parametrize("name", REAL_FORMS)
def test_random_drafts_of_both_forms_keep_what_counts_when_it_is_given_alone(name: str, seed: int) -> None:
    form = real_form(name)
    draft = Answerer(form, DAY, Random(seed)).draft()
    state = evaluate(form, draft, on=DAY)
    assert evaluate(form, state.answers, on=DAY).answers == state.answers


@given(seed=st.integers(0, 10**6), data=st.data())
@settings(max_examples=cases(12, long=250))
@pytest.mark.parametrize("name", REAL_FORMS)
def test_answers_that_do_not_count_change_nothing_and_come_back_when_they_do(
    name: str, seed: int, data: st.DataObject
) -> None:
    form = real_form(name)
    draft = Answerer(form, DAY, Random(seed)).complete()
    state = evaluate(form, draft, on=DAY)
    places = [place for place in irrelevant_places(state) if isinstance(_holder(draft, place), dict)]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    changed = put(draft, place, data.draw(JSON_VALUES))
    other = evaluate(form, changed, on=DAY)
    assert everything(other) == everything(state)
    assert everything(evaluate(form, put(changed, place, _at(draft, place)), on=DAY)) == everything(state)


def _holder(answers: Json, path: tuple[str, ...]) -> Json:
    return _at(answers, path[:-1])


def _at(answers: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        answers = answers.get(key) if isinstance(answers, dict) else None
    return answers


def test_an_answer_hidden_and_shown_again_is_as_it_was() -> None:
    form = form_of("sections-and-groups")
    answers: dict[str, Json] = {"shown": "yes", "in_section": "A", "deeper": "B", "nested": {"in_group": "C"}}
    before = evaluate(form, answers, on=DAY)
    hidden = evaluate(form, {**answers, "shown": "no"}, on=DAY)
    assert hidden.answers == {"shown": "no"}
    assert everything(evaluate(form, {**as_object(hidden.draft), "shown": "yes"}, on=DAY)) == everything(
        before
    )


def reading_order(form: Form, state: State) -> list[str]:
    """Every path at which an answer can stand, in the order people read."""
    paths: list[str] = []
    for page in form.every_page:
        for node in walk(page.nodes):
            if isinstance(node, Repeat):
                paths.append(node.key)
                for item in state.run().items.get(node.key, ()):
                    inside = [inner for inner in walk(node.nodes) if isinstance(inner, Field)]
                    paths.extend(f"{node.key}.{item.answers['id']}.{inner.key}" for inner in inside)
            elif isinstance(node, Field):
                paths.append(node.key)
    return paths


@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(12, long=250))
@pytest.mark.parametrize("name", REAL_FORMS)
def test_errors_stand_in_reading_order_by_paths_with_item_ids(name: str, seed: int) -> None:
    form = real_form(name)
    state = evaluate(form, Answerer(form, DAY, Random(seed)).draft(rubbish=0.2), on=DAY)
    order = {path: turn for turn, path in enumerate(reading_order(form, state))}
    turns = [order[path] for path in state.errors if path in order]
    assert turns == sorted(turns)
    assert all(
        path in order or error.rule in {"unknown_answer", "not_an_object", "stopped"}
        for path, error in state.errors.items()
    )


def test_errors_keep_to_an_item_wherever_it_is_moved() -> None:
    form = form_of("items-and-ids")
    items = [{"id": "h1", "agrees": "yes"}, {"id": "h2"}, {"id": "h3", "agrees": "no"}]
    for order in (items, items[::-1]):
        assert list(evaluate(form, {"household": order}, on=DAY).errors) == ["household.h2.agrees"]


def test_many_threads_get_the_same_states() -> None:
    form = compile_form(load("request-for-support"))
    drafts = [json.loads(sample("request-for-support", seed)) for seed in range(4)] + [
        {},
        {"urgency": "urgent"},
    ]
    days = [DAY + timedelta(days=offset) for offset in range(2)]
    alone = [
        everything(evaluate(real_form("request-for-support"), draft, on=day))
        for draft in drafts
        for day in days
    ]

    def work(_: int) -> list[dict[str, Any]]:
        return [everything(evaluate(form, draft, on=day)) for draft in drafts for day in days]

    with ThreadPoolExecutor(8) as threads:
        for told in threads.map(work, range(8)):
            assert told == alone


def test_evaluating_changes_neither_answers_nor_form() -> None:
    form = real_form("request-for-support")
    draft = json.loads(sample("request-for-support", 3))
    before = deepcopy(draft)
    told = everything(evaluate(form, draft, on=DAY))
    assert draft == before
    assert everything(evaluate(form, draft, on=DAY)) == told


@pytest.mark.parametrize("answers", [None, [], "", 7, True, [{"id": "a"}]])
def test_answers_that_are_no_object_are_one_error(answers: Json) -> None:
    state = evaluate(form_of("required"), answers, on=DAY)
    assert {path: words(error) for path, error in state.errors.items()} == {
        "": "The answers must be one group of names and values"
    }
    assert state.answers == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")], ids=str)
def test_what_is_no_number_of_json_is_an_error_at_every_type_and_raises_nowhere(value: float) -> None:
    text = "form: all\ntitle: All\nversion: 1\naccess: anyone\npages:\n  - id: p\n    title: P\n    fields:\n"
    types = [name for name in FIELD_TYPES if name not in {"calculated", "file", "files", "signature"}]
    needs = {
        "choice": ", options: {a: A, b: B}",
        "choices": ", options: {a: A, b: B}",
    }
    for name in types:
        text += f"      - {{id: q_{name}, type: {name}, label: L{needs.get(name, '')}}}\n"
    text += "      - {id: fine, type: number, label: L, decimal_places: 2}\n"
    form = Engine().form_of_text(text.encode())
    answers = {f"q_{name}": value for name in types} | {"fine": value}
    found = evaluate(form, answers, on=date(2026, 11, 30))
    assert {path for path in found.errors if "." not in path} >= answers.keys()
