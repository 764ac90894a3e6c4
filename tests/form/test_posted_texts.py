"""A post with one text where a sequence of texts is wanted is refused: of the letters only the last would be kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from formengine.form.actions import goes_on, post_item, post_page
from formengine.form.plan import Form
from formengine.language.fields.base import Posted
from formengine.language.json_types import Json
from tests.support.loading import compiled

ON = date(2026, 11, 22)
TEXTS = r"^what was posted as {!r} must be a sequence of texts, such as a list$"
FILES = r"^the files posted as {!r} must be a sequence of files, such as a list$"
STORED: Json = {"id": "f1", "name": "plan.pdf", "type": "application/pdf", "size": 12}


@pytest.fixture(scope="module")
def form() -> Form:
    return compiled(
        """
        form: lone-texts
        title: Lone texts
        version: 1
        pages:
          - id: you
            title: About you
            fields:
              - id: name
                type: text
                label: Name
              - id: plan
                type: file
                label: Plan
              - id: children
                type: repeat
                label: Children
                item_name: child
                item_title: ((first_name))
                fields:
                  - id: first_name
                    type: text
                    label: First name
        """
    )


Post = Callable[[Form, dict[str, Any], dict[str, Any]], Any]
POSTS: dict[str, Post] = {
    "page": lambda form, data, files: post_page(form, {}, "you", data, on=ON, files=files),
    "item": lambda form, data, files: post_item(form, {}, "children", "c1", data, on=ON, files=files),
}


@pytest.mark.parametrize("lone", ["Sam Example", "", b"Sam Example", {"0": "Sam Example"}])
@pytest.mark.parametrize("name", ["name", "children.c1.first_name", "born-day", "move", "not_on_the_page"])
@pytest.mark.parametrize("post", POSTS)
def test_one_text_for_an_input_is_refused(form: Form, post: str, name: str, lone: object) -> None:
    with pytest.raises(TypeError, match=TEXTS.format(name)):
        POSTS[post](form, {name: lone}, {})


@pytest.mark.parametrize("lone", [STORED, "f1"])
@pytest.mark.parametrize("post", POSTS)
def test_one_file_for_an_input_is_refused(form: Form, post: str, lone: object) -> None:
    with pytest.raises(TypeError, match=FILES.format("plan")):
        POSTS[post](form, {}, {"plan": lone})


@pytest.mark.parametrize("texts", [["Sam Example"], ("Sam Example",), ["", "Sam Example"]])
def test_any_sequence_of_texts_is_read_and_its_last_counts(form: Form, texts: list[str]) -> None:
    posted = post_page(form, {}, "you", {"name": texts}, on=ON, files={"plan": [STORED]})
    assert posted.draft == {"name": "Sam Example", "plan": STORED, "children": []}


def test_one_text_for_the_button_is_refused() -> None:
    with pytest.raises(TypeError, match=TEXTS.format("-action")):
        goes_on({"-action": "next"})
    assert goes_on({"-action": ["next"]})


@pytest.mark.parametrize("part", ["", "day"])
def test_one_text_for_a_part_of_an_answer_is_refused(part: str) -> None:
    refused = f"^the part {part!r} of a post must be a tuple of texts, not one text$"
    with pytest.raises(TypeError, match=refused):
        Posted({part: "12"})  # type: ignore[dict-item]
    assert Posted({part: ("12",)}).text(part) == "12"


@pytest.mark.parametrize(
    ("posted", "went_on"),
    [
        ({"-action": ["next"]}, True),
        ({"-action": ["index"]}, False),
        ({"move": ["next"]}, True),
        ({"move": ["index"]}, False),
        ({"-action": ["submit"], "move": ["index"]}, True),
        ({}, True),
    ],
)
def test_a_page_that_version_0_1_drew_may_be_posted_after_an_upgrade(
    posted: dict[str, list[str]], went_on: bool
) -> None:
    assert goes_on(posted) is went_on
