"""Moves of a shell: what a post does to a draft, the order of pages, items."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.form.actions import (
    add_item,
    first_unfinished,
    next_page,
    post_item,
    post_page,
    previous_page,
    remove_item,
)
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.json_types import Json, expect_list
from tests.support.loading import compiled

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def form() -> Form:
    return compiled(
        """
        form: moves
        title: Moves
        version: 1
        pages:
          - id: you
            title: About you
            fields:
              - id: name
                type: text
                label: Name
                required: true
              - id: born
                type: date
                label: Date of birth
              - id: has_children
                type: yes_no
                label: Do you have children?
                short_label: whether you have children
              - id: childminder
                type: text
                label: Childminder
                required: true
                show_if: has_children is yes
          - id: children
            title: Children
            show_if: has_children is yes
            fields:
              - id: children
                type: repeat
                label: Children
                item_name: child
                item_title: ((first_name))
                fields:
                  - id: first_name
                    type: text
                    label: First name
                    required: true
          - id: agencies
            title: Agencies
            fields:
              - id: agencies
                type: repeat
                label: Agencies
                layout: table
                item_name: agency
                item_title: ((item.name))
                max_items: 2
                fields:
                  - id: name
                    type: text
                    label: Name
                  - id: role
                    type: text
                    label: Role
        """
    )


def test_a_posted_page_is_kept_as_answers(form: Form) -> None:
    data = {
        "name": ["Ann"],
        "born-day": ["14"],
        "born-month": ["February"],
        "born-year": ["1990"],
        "has_children": ["no"],
    }
    outcome = post_page(form, {}, "you", data, on=ON)
    assert outcome.draft == {"name": "Ann", "born": "1990-02-14", "has_children": "no"}
    assert outcome.may_go_on


def test_an_impossible_date_is_kept_as_typed_and_is_an_error(form: Form) -> None:
    data = {"name": ["Ann"], "born-day": ["31"], "born-month": ["2"], "born-year": ["1990"]}
    outcome = post_page(form, {}, "you", data, on=ON)
    assert outcome.draft["born"] == {"day": "31", "month": "2", "year": "1990"}
    assert [(error.path, error.rule) for error in outcome.errors] == [("born", "not_real")]


def test_what_was_emptied_leaves_the_draft(form: Form) -> None:
    assert post_page(form, {"name": "Ann", "has_children": "no"}, "you", {"name": [""]}, on=ON).draft == {}


def test_answers_of_other_pages_stay(form: Form) -> None:
    draft: dict[str, Json] = {"children": [{"id": "a", "first_name": "Bo"}], "elsewhere": 1}
    outcome = post_page(form, draft, "you", {"name": ["Ann"], "has_children": ["no"]}, on=ON)
    assert outcome.draft == {**draft, "name": "Ann", "has_children": "no"}


def test_a_draft_is_never_changed(form: Form) -> None:
    draft = {"agencies": [{"id": "a", "name": "School"}]}
    post_page(form, draft, "agencies", {"agencies.a.name": ["Clinic"]}, on=ON)
    remove_item(draft, "agencies", "a")
    assert draft == {"agencies": [{"id": "a", "name": "School"}]}


def test_blank_rows_of_a_table_are_dropped_and_new_ones_kept(form: Form) -> None:
    draft = {"agencies": [{"id": "a", "name": "School"}, {"id": "b", "name": "Clinic"}]}
    data = {
        "agencies.a.name": ["  "],
        "agencies.b.name": ["Clinic"],
        "agencies.n1.role": ["Nurse"],
        "agencies.n2.name": [""],
    }
    outcome = post_page(form, draft, "agencies", data, on=ON)
    assert outcome.draft == {"agencies": [{"id": "b", "name": "Clinic"}, {"id": "n1", "role": "Nurse"}]}


def test_too_many_rows_are_an_error_and_none_is_cut(form: Form) -> None:
    data = {f"agencies.n{number}.name": ["x"] for number in range(3)}
    outcome = post_page(form, {}, "agencies", data, on=ON)
    assert len(expect_list(outcome.draft["agencies"])) == 3
    assert [error.rule for error in outcome.errors] == ["too_many_items"]


def test_an_item_is_added_edited_and_removed(form: Form) -> None:
    draft = {"name": "Ann", "has_children": "yes", "childminder": "Mo"}
    outcome = post_item(form, draft, "children", "c1", {"children.c1.first_name": ["Bo"]}, on=ON)
    assert outcome.draft["children"] == [{"id": "c1", "first_name": "Bo"}]
    outcome = post_item(form, outcome.draft, "children", "c1", {"children.c1.first_name": ["Jo"]}, on=ON)
    assert outcome.draft["children"] == [{"id": "c1", "first_name": "Jo"}]
    assert remove_item(outcome.draft, "children", "c1")["children"] == []


def test_a_half_filled_item_is_kept_with_its_error(form: Form) -> None:
    draft = {"name": "Ann", "has_children": "yes", "childminder": "Mo"}
    outcome = post_item(form, draft, "children", "c1", {}, on=ON)
    assert outcome.draft["children"] == [{"id": "c1"}]
    assert [error.path for error in outcome.errors] == ["children.c1.first_name"]


def test_adding_an_item_that_is_there_changes_nothing() -> None:
    draft = add_item({}, "children", "c1")
    assert add_item(draft, "children", "c1") is draft


def test_pages_follow_one_another_past_those_that_do_not_count(form: Form) -> None:
    state = evaluate(form, {"name": "Ann", "has_children": "no"}, on=ON)
    assert next_page(state, "you") == "agencies"
    assert previous_page(state, "agencies") == "you"
    assert next_page(state, "agencies") is None
    assert next_page(state, "children") == "agencies"


def test_the_first_unfinished_page_is_that_of_the_first_error(form: Form) -> None:
    assert first_unfinished(evaluate(form, {"has_children": "no"}, on=ON)) == "you"
    assert first_unfinished(evaluate(form, {"name": "Ann"}, on=ON)) is None


def test_a_page_that_does_not_count_cannot_be_posted(form: Form) -> None:
    with pytest.raises(KeyError):
        post_page(form, {}, "children", {}, on=ON)


NAMES = st.sampled_from(
    [
        "name",
        "born-day",
        "born-month",
        "has_children",
        "childminder",
        "agencies.a.name",
        "x",
        "agencies.é.role",
    ]
)


@given(st.dictionaries(NAMES, st.lists(st.text(max_size=8), max_size=3)))
def test_no_post_raises_and_none_loses_another_pages_answers(form: Form, data: dict[str, list[str]]) -> None:
    draft = {"children": [{"id": "a", "first_name": "Bo"}]}
    outcome = post_page(form, draft, "you", data, on=ON)
    assert outcome.draft["children"] == draft["children"]
