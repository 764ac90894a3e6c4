"""Changing an answer from check answers: the way back there, and what comes between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.journey_forms import engine_of
from tests.support.sending import draft_of
from tests.support.service_app import Person, Service, make_service

FORM = """
form: trip
title: A trip
version: 1
access: anyone
pages:
  - id: who
    title: Who
    fields:
      - id: name
        type: text
        label: Name
        required: true
      - id: diet
        type: yes_no
        label: Do you have a diet?
        required: true
  - id: kids
    title: Children
    fields:
      - id: kids
        type: repeat
        label: Your children
        item_name: child
        item_title: ((first))
        pages:
          - id: name
            title: The child's name
            fields:
              - id: first
                type: text
                label: First name
                required: true
          - id: more
            title: More about the child
            fields:
              - id: swims
                type: yes_no
                label: Does the child swim?
              - id: how_far
                type: number
                label: How far?
                show_if: diet is yes
                required: true
  - id: food
    title: Food
    fields:
      - id: eats
        type: text
        label: What do you eat?
        required: true
        show_if: diet is yes
      - id: drinks
        type: text
        label: What do you drink?
  - id: end
    title: End
    fields:
      - id: note
        type: text
        label: Note
        required: true
"""
WHOLE = {
    "name": "Ada",
    "diet": "no",
    "kids": [{"id": "k1", "first": "Zoë", "swims": "yes"}],
    "drinks": "Tea",
    "note": "None",
}
BUTTON = "Save and go back to your answers"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms", trip=FORM))
    yield made
    made.store.close()


@pytest.fixture
def visitor(service: Service) -> Person:
    return service.person()


def begun(service: Service, visitor: Person, **answers: Any) -> str:
    return f"/drafts/{draft_of(service, visitor, {**WHOLE, **answers}, 'trip').id}/"


def change(visitor: Person, way: str, question: str) -> str:
    """The address within the draft that Change leads to for a question."""
    page = visitor.get(f"{way}check-answers").text
    links = re.findall(r'href="([^"]+)">Change<span class="govuk-visually-hidden"> ([^<]+)<', page)
    return next(str(href) for href, label in links if label.startswith(question))


def hidden_in(visitor: Person, address: str) -> dict[str, str]:
    """The hidden inputs of a page but for the token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', visitor.get(address).text)
    return {name: value for name, value in found if name != "csrf"}


def press(visitor: Person, address: str, action: str = "next", **texts: str) -> str:
    """Where the button of the page leads, its hidden inputs sent along; relative to the draft."""
    address = address.partition("#")[0]
    answer = visitor.submit(address, {**hidden_in(visitor, address), "-action": action, **texts})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/", 3)[3]


def test_a_change_comes_back_to_check_answers_and_the_button_says_so(
    service: Service, visitor: Person
) -> None:
    way = begun(service, visitor)
    to = change(visitor, way, "Name")
    assert to == "who?from=answers#name"
    assert BUTTON in visitor.get(f"{way}who?from=answers").text
    assert BUTTON not in visitor.get(f"{way}who").text
    assert press(visitor, way + to, name="Bea", diet="no") == "check-answers"


def test_a_page_walked_in_order_goes_on_in_order(service: Service, visitor: Person) -> None:
    way = begun(service, visitor)
    assert press(visitor, f"{way}who", name="Bea", diet="no") == "kids"


def test_an_entry_is_changed_on_the_page_that_asks_and_comes_back(service: Service, visitor: Person) -> None:
    way = begun(service, visitor)
    to = change(visitor, way, "Does the child swim?")
    assert to == "kids.k1.more?from=answers#kids.k1.swims"
    assert BUTTON in visitor.get(f"{way}kids.k1.more?from=answers").text
    assert press(visitor, way + to, "save_item", **{"kids.k1.swims": "no"}) == "check-answers"


def test_what_a_change_opens_is_answered_first_page_by_page(service: Service, visitor: Person) -> None:
    way = begun(service, visitor)
    first = press(visitor, way + change(visitor, way, "Do you have a diet?"), name="Ada", diet="yes")
    assert first == "kids.k1.more?from=answers~"
    second = press(visitor, way + first, "save_item", **{"kids.k1.how_far": "3"})
    assert second == "food?from=answers~"
    assert press(visitor, way + second, eats="Rice", drinks="Tea") == "check-answers"


def test_what_was_missing_before_the_change_does_not_come_between(service: Service, visitor: Person) -> None:
    way = begun(service, visitor, note=None)
    assert press(visitor, way + change(visitor, way, "Name"), name="Bea", diet="no") == "check-answers"


def test_typing_that_was_saved_meanwhile_does_not_hide_what_it_opened(
    service: Service, visitor: Person
) -> None:
    way = begun(service, visitor)
    address = f"{way}who?from=answers"
    hidden = hidden_in(visitor, address)
    saved = visitor.submit(f"{way}autosave", {**hidden, "-place": "who", "name": "Ada", "diet": "yes"})
    newest = {key: saved.json()[key] for key in ("rev", "base")}
    answer = visitor.submit(address, {**hidden, **newest, "-action": "next", "name": "Ada", "diet": "yes"})
    assert answer.headers["location"].endswith("/kids.k1.more?from=answers~")


def test_a_page_that_is_wrong_keeps_the_way_back(service: Service, visitor: Person) -> None:
    way = begun(service, visitor)
    wrong = press(visitor, f"{way}who?from=answers", name="", diet="no")
    assert wrong == "who?check=1&from=answers~#main-content"
    assert press(visitor, way + wrong, name="Bea", diet="no") == "check-answers"


def test_a_list_changed_from_check_answers_keeps_the_way_through_its_entries(
    service: Service, visitor: Person
) -> None:
    way = begun(service, visitor)
    entry = press(visitor, f"{way}kids?from=answers", "add:kids")
    assert entry == "kids.new?from=list~"
    again = press(visitor, f"{way}kids?from=answers", "change:kids.k1")
    assert press(visitor, way + again, "save_item", **{"kids.k1.first": "Zoe"}) == (
        "kids?from=answers~&saved=k1#notice"
    )
    asked = press(visitor, f"{way}kids?from=answers", "remove:kids.k1")
    assert asked == "kids.k1.remove?from=answers~"
    assert press(visitor, way + asked, "remove:kids.k1") == "kids?from=answers~#kids"
    assert press(visitor, f"{way}kids?from=answers~") == "check-answers"


@pytest.mark.parametrize("made_up", ["", "elsewhere", "https://example.com", "answers/../x", "lists"])
def test_a_way_back_that_was_made_up_is_none(service: Service, visitor: Person, made_up: str) -> None:
    way = begun(service, visitor)
    assert press(visitor, f"{way}who?from={made_up}", name="Bea", diet="no") == "kids"


def test_a_form_with_very_much_missing_still_has_a_short_way_back(service: Service, visitor: Person) -> None:
    way = begun(service, visitor, kids=[{"id": f"k{turn}"} for turn in range(300)])
    to = press(visitor, f"{way}who?from=answers", name="", diet="no")
    assert len(to) < 2000
    assert press(visitor, way + to, name="Bea", diet="yes") == "check-answers"
