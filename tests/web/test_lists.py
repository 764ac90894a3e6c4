"""Lists of entries: the next one is begun at once, and what became of one is told where the focus goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journey_forms import engine_of
from tests.support.sending import draft_of
from tests.support.service_app import Person, Service, make_service

FORM = """
form: family
title: A family
version: 1
access: anyone
pages:
  - id: kids
    title: Children
    fields:
      - id: kids
        type: repeat
        label: Your children
        item_name: child
        item_title: ((first))
        max_items: 2
        fields:
          - id: first
            type: text
            label: First name
            required: true
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms", family=FORM))
    yield made
    made.store.close()


@pytest.fixture
def visitor(service: Service) -> Person:
    return service.person()


@pytest.fixture
def way(service: Service, visitor: Person) -> str:
    return f"/drafts/{draft_of(service, visitor, {}, 'family').id}/"


def add(visitor: Person, way: str, action: str, first: str) -> str:
    """Where adding an entry leads, within the draft."""
    page = visitor.get(f"{way}kids.new").text
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    del found["csrf"]
    texts = {**found, f"kids.{found['new']}.first": first, "-action": action}
    return str(visitor.submit(f"{way}kids.new", texts).headers["location"]).split("/", 3)[3]


def test_the_list_says_who_was_added_where_the_focus_goes(visitor: Person, way: str) -> None:
    to = add(visitor, way, "save_item", "Zo\u00eb <b>")
    assert re.fullmatch(r"kids\?added=i[a-z0-9]{12}#notice", to)
    page = visitor.get(way + to.partition("#")[0]).text
    assert (
        'id="notice" role="status" tabindex="-1"><p class="govuk-body">Zo\u00eb &lt;b&gt; was added</p>'
        in page
    )
    assert "was added" not in visitor.get(f"{way}kids").text


def test_save_and_add_another_begins_the_next_and_says_who_was_added(visitor: Person, way: str) -> None:
    assert 'value="save_and_add">Save and add another<' in visitor.get(f"{way}kids.new").text
    to = add(visitor, way, "save_and_add", "Zo\u00eb")
    assert re.fullmatch(r"kids\.new\?added=i[a-z0-9]{12}#notice", to)
    page = visitor.get(way + to.partition("#")[0]).text
    assert "Zo\u00eb was added" in page
    assert "Add child" in page


def test_the_last_entry_that_a_list_takes_offers_no_further_one(visitor: Person, way: str) -> None:
    add(visitor, way, "save_item", "Zo\u00eb")
    assert "save_and_add" not in visitor.get(f"{way}kids.new").text


def test_an_entry_with_errors_stays_and_adds_none_besides(visitor: Person, way: str) -> None:
    assert re.fullmatch(r"kids\.i[a-z0-9]{12}\?check=1#main-content", add(visitor, way, "save_and_add", ""))


@pytest.mark.parametrize("query", ["added=", "added=nobody", "saved=..%2F", "added=<script>"])
def test_a_made_up_notice_is_none(visitor: Person, way: str, query: str) -> None:
    assert 'id="notice"' not in visitor.get(f"{way}kids?{query}").text
