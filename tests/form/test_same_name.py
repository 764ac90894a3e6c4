"""People of one name are told apart wherever they are chosen or shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from formengine.engine import Engine
from formengine.form.state import State

ENGINE = Engine()
FORM = ENGINE.form_of_text(
    b"""
form: s
title: S
version: 1
pages:
  - id: p
    title: P
    fields:
      - id: me
        type: group
        label: Yourself
        fields:
          - id: name
            type: text
            label: Your name
      - id: kids
        type: repeat
        label: Children
        item_name: child
        item_title: ((name))
        fields:
          - id: name
            type: text
            label: Name
      - id: others
        type: repeat
        label: Children elsewhere
        item_name: child
        item_title: ((name))
        fields:
          - id: name
            type: text
            label: Name
      - id: who
        type: choices
        label: Who is it about
        options_from: [me, kids, others]
        option_label: ((name))
"""
)


def state(**answers: Any) -> State:
    return ENGINE.evaluate(FORM, answers, on=date(2026, 11, 30))


def choices(found: State) -> dict[str, str]:
    page = found.page("p")
    assert page is not None
    field = next(each for each in page.fields if each.path == "who")
    return {option.code: option.label for option in field.options}


TWINS = [{"id": "a", "name": "Unborn Smith"}, {"id": "b", "name": "Unborn Smith"}]


def test_two_of_one_list_are_told_apart_by_their_number() -> None:
    found = state(kids=[*TWINS, {"id": "c", "name": "Zoe"}])
    assert choices(found) == {
        "kids/a": "Unborn Smith (child 1)",
        "kids/b": "Unborn Smith (child 2)",
        "kids/c": "Zoe",
    }


def test_two_of_different_lists_are_told_apart_by_the_list_and_one_of_a_group_by_the_group() -> None:
    found = state(me={"name": "Ada"}, kids=[{"id": "a", "name": "Ada"}], others=[{"id": "b", "name": "Ada"}])
    assert choices(found) == {
        "me": "Ada (Yourself)",
        "kids/a": "Ada (child 1, Children)",
        "others/b": "Ada (child 1, Children elsewhere)",
    }


def test_the_record_says_which_of_the_two_was_chosen() -> None:
    text = ENGINE.text(
        state(kids=TWINS, who=["kids/b"]), reference="A-1", at=datetime(2026, 11, 30, tzinfo=UTC)
    )
    assert "Unborn Smith (child 2)" in text.split("Who is it about")[1]


def test_entries_of_one_name_have_titles_of_their_own() -> None:
    found = [state(kids=[*TWINS, {"id": "c"}]).item("kids", each) for each in "abc"]
    assert [item.title for item in found if item] == [
        "Unborn Smith (child 1)",
        "Unborn Smith (child 2)",
        "Child 3",
    ]


def test_an_entry_without_a_name_keeps_its_number_alone() -> None:
    assert choices(state(kids=[{"id": "a"}, {"id": "b"}])) == {"kids/a": "Child 1", "kids/b": "Child 2"}
