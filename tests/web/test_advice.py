"""Advice stops whoever goes on once: it is shown, and the second press goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journey_forms import engine_of
from tests.support.sending import draft_of
from tests.support.service_app import Person, Service, make_service

FORM = """
form: club
title: A club
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
      - id: born
        type: date
        label: Date of birth
        check:
          - that: born is less than 18 years ago
            warn: Check the date of birth. By this date the person is 18 or over
  - id: kids
    title: Children
    fields:
      - id: kids
        type: repeat
        label: Your children
        item_name: child
        item_title: ((first))
        fields:
          - id: first
            type: text
            label: First name
          - id: age
            type: number
            label: Age
            check:
              - that: age is less than 18
                warn: Check the age
  - id: end
    title: End
    fields:
      - id: note
        type: text
        label: Note
submit:
  title: Send
"""
BORN_1890 = {"born-day": "1", "born-month": "1", "born-year": "1890"}
HEADING = "Check this, then go on"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms", club=FORM))
    yield made
    made.store.close()


@pytest.fixture
def visitor(service: Service) -> Person:
    return service.person()


@pytest.fixture
def way(service: Service, visitor: Person) -> str:
    return f"/drafts/{draft_of(service, visitor, {'name': 'Ada'}, 'club').id}/"


def hidden_in(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in found if name != "csrf"}


def press(visitor: Person, address: str, action: str = "next", **texts: str) -> str:
    """Where the button leads, within the draft, of the page as it is shown now."""
    address = address.partition("#")[0]
    page = visitor.get(address).text
    answer = visitor.submit(address, {**hidden_in(page), "-action": action, **texts})
    return str(answer.headers["location"]).split("/", 3)[3]


def test_a_date_of_birth_of_1890_stops_once_and_is_told_on_the_page(visitor: Person, way: str) -> None:
    assert HEADING not in visitor.get(f"{way}who").text
    assert press(visitor, f"{way}who", name="Ada", **BORN_1890) == "who#main-content"
    page = visitor.get(f"{way}who").text
    assert HEADING in page
    assert '<a class="govuk-link" href="#born-day">Check the date of birth.' in page
    assert 'id="born-advice"' in page
    assert "There is a problem" not in page
    assert press(visitor, f"{way}who", name="Ada", **BORN_1890) == "kids"
    assert "Check the date of birth" in visitor.get(f"{way}check-answers").text


def test_another_answer_that_is_advised_about_stops_again(visitor: Person, way: str) -> None:
    assert press(visitor, f"{way}who", name="Ada", **BORN_1890) == "who#main-content"
    assert press(visitor, f"{way}who", name="Ada", **{**BORN_1890, "born-year": "1990"}) == "who#main-content"
    assert press(visitor, f"{way}who", name="Bea", **{**BORN_1890, "born-year": "1990"}) == "kids"


def test_what_is_put_right_goes_on_and_leaves_no_advice(visitor: Person, way: str) -> None:
    press(visitor, f"{way}who", name="Ada", **BORN_1890)
    assert press(visitor, f"{way}who", name="Ada", **{**BORN_1890, "born-year": "2015"}) == "kids"
    assert HEADING not in visitor.get(f"{way}who").text


def test_advice_keeps_nobody_from_leaving_aside(visitor: Person, way: str) -> None:
    assert press(visitor, f"{way}who", "page:end", name="Ada", **BORN_1890) == "end"


def test_a_page_left_aside_shows_its_advice_when_it_is_seen_again(visitor: Person, way: str) -> None:
    press(visitor, f"{way}who", "page:end", name="Ada", **BORN_1890)
    assert HEADING in visitor.get(f"{way}who").text
    assert press(visitor, f"{way}who", name="Ada", **BORN_1890) == "kids"


def test_what_was_saved_beside_the_page_does_not_pass_in_silence(visitor: Person, way: str) -> None:
    hidden = hidden_in(visitor.get(f"{way}who").text)
    texts = {"name": "Ada", **BORN_1890}
    saved = visitor.submit(f"{way}autosave", {**hidden, "-place": "who", **texts}).json()
    answer = visitor.submit(f"{way}who", {**hidden, "rev": saved["rev"], "base": saved["base"], **texts})
    assert answer.headers["location"].endswith("/who#main-content")


def test_errors_come_first_and_the_advice_with_them(visitor: Person, way: str) -> None:
    assert press(visitor, f"{way}who", name="", **BORN_1890) == "who?check=1#main-content"
    page = visitor.get(f"{way}who?check=1").text
    assert "Enter name" in page
    assert HEADING in page
    assert press(visitor, f"{way}who?check=1", name="Ada", **BORN_1890) == "kids"


def test_an_entry_stops_once_and_the_page_of_its_list_does_not(visitor: Person, way: str) -> None:
    new = hidden_in(visitor.get(f"{way}kids.new").text)["new"]
    child = {f"kids.{new}.first": "Zoë", f"kids.{new}.age": "40"}
    here = press_new(visitor, way, new, child)
    assert here == f"kids.{new}#main-content"
    page = visitor.get(f"{way}kids.{new}").text
    assert HEADING in page
    assert "Check the age" in page
    assert press(visitor, f"{way}kids.{new}", "save_item", **child) == f"kids?saved={new}#notice"
    assert press(visitor, f"{way}kids") == "end"


def press_new(visitor: Person, way: str, new: str, texts: dict[str, str]) -> str:
    """Where saving a new entry leads, whose page was drawn with this id."""
    hidden = {**hidden_in(visitor.get(f"{way}kids.new").text), "new": new}
    answer = visitor.submit(f"{way}kids.new", {**hidden, "-action": "save_item", **texts})
    return str(answer.headers["location"]).split("/", 3)[3]


def test_a_change_from_check_answers_stops_once_and_comes_back(visitor: Person, way: str) -> None:
    stopped = press(visitor, f"{way}who?from=answers", name="Ada", **BORN_1890)
    assert stopped == "who?from=answers~#main-content"
    assert press(visitor, way + stopped, name="Ada", **BORN_1890) == "check-answers"


def test_made_up_signs_accept_nothing(visitor: Person, way: str) -> None:
    hidden = hidden_in(visitor.get(f"{way}who").text)
    answer = visitor.submit(f"{way}who", {**hidden, "-seen": "0 1 born advice", "name": "Ada", **BORN_1890})
    assert answer.headers["location"].endswith("/who#main-content")
