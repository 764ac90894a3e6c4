"""A draft keeps the definition it was begun with: it opens, is judged and is sent whatever has become of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.form.actions.items import items_of
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from tests.support.journey_forms import write
from tests.support.journey_people import begun, draft_at, give_token, post, signed_in
from tests.support.service_app import Person, Service, make_service

pytestmark = pytest.mark.slow

FORM = """
form: survey
title: Survey
version: 1
access: anyone
pages:
  - id: first
    title: First
    fields:
      - id: name
        type: text
        label: Name
        required: true
  - id: second
    title: Second
    fields:
      - id: amount
        type: number
        label: Number
      - id: pets
        type: repeat
        label: Pets
        item_name: pet
        item_title: ((species))
        fields:
          - id: species
            type: text
            label: Species
  - id: third
    title: Third
    fields:
      - id: comment
        type: long_text
        label: Comment
"""
AMOUNT = """      - id: amount
        type: number
        label: Number
"""
EXTRA_PAGE = """  - id: between
    title: Between
    fields:
      - id: extra
        type: text
        label: Extra
        required: true
"""
CHANGES = {
    "a question added": FORM.replace("  - id: second\n", EXTRA_PAGE + "  - id: second\n"),
    "a question removed": FORM.replace(AMOUNT, ""),
    "a question renamed": FORM.replace("- id: name", "- id: full_name"),
    "a type changed": FORM.replace("type: number", "type: date"),
    "a question required": FORM.replace("label: Comment", "label: Comment\n        required: true"),
    "a page removed": FORM[: FORM.index("  - id: third")],
    "a page renamed": FORM.replace("- id: second", "- id: another"),
    "a list became a table": FORM.replace("type: repeat", "type: repeat\n        layout: table"),
    "the file is broken": FORM.replace("type: text", "type: txt", 1),
    "the file is gone": "",
}
ANSWERS = {"name": "Ada", "amount": "3", "comment": "Nothing to add"}
PAGES = ("first", "second", "third")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    write(tmp_path / "forms", FORM)
    return make_service(tmp_path, engine=Engine(folders=(tmp_path / "forms",)))


def published(service: Service, folder: Path, text: str) -> Service:
    """The service started again after the form's file was changed."""
    path = write(folder, FORM)
    if text:
        path.write_text(text, encoding="utf-8")
    else:
        path.unlink()
    service.store.close()
    store = SqliteStore(service.settings.database)
    app = create_app(Engine(folders=(folder,)), store, service.keys, service.clock, settings=service.settings)
    return replace(service, own=app, store=store)


def fill_in(browser: Person, way: str, page: str) -> None:
    """Nothing; the page is posted with its answers, a pet on the second."""
    if page == "second":
        new = browser.get(f"{way}pets.new")
        item = new.text.partition('name="new" value="')[2].partition('"')[0]
        post(browser, f"{way}pets.new", **{f"pets.{item}.species": "Cat", "new": item})
    names = {"first": ["name"], "second": ["amount"], "third": ["comment"]}[page]
    answer = post(browser, f"{way}{page}", **{name: ANSWERS[name] for name in names})
    assert "check=1" not in answer.headers["location"], page


@pytest.mark.parametrize("reached", range(4), ids=["just begun", *(f"after the {page}" for page in PAGES)])
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_draft_goes_on_as_it_was_begun(tmp_path: Path, service: Service, change: str, reached: int) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "survey")
    for page in PAGES[:reached]:
        fill_in(somebody.browser, way, page)
    begun_with = draft_at(service, way, somebody.account).form.digest

    service = published(service, tmp_path / "forms", CHANGES[change])
    browser = service.person()
    give_token(browser, somebody.token)
    for page in PAGES:
        assert browser.get(f"{way}{page}").status_code == 200, page
    for page in PAGES[reached:]:
        fill_in(browser, way, page)
    draft = draft_at(service, way, somebody.account)
    assert draft.form.digest == begun_with
    assert service.context.drafts.state(draft).errors == {}
    sent = browser.submit(f"{way}check-answers", {"-action": "submit", "rev": str(draft.rev)})
    assert sent.headers["location"] == f"{way}sent"
    found = service.context.submissions.sent(way.split("/")[2], account=somebody.account, holder=None)
    assert found is not None
    assert (found.envelope["digest"], found.answers["name"]) == (begun_with, "Ada")
    assert [pet["species"] for pet in items_of(found.answers, "pets")] == ["Cat"]
    service.store.close()


def test_a_new_draft_is_begun_with_the_changed_definition(tmp_path: Path, service: Service) -> None:
    somebody = signed_in(service)
    old = begun(somebody.browser, "survey")
    service = published(service, tmp_path / "forms", CHANGES["a question added"])
    browser = service.person()
    give_token(browser, somebody.token)
    new = begun(browser, "survey")
    assert browser.get(f"{new}between").status_code == 200
    assert browser.get(f"{old}between").status_code == 404
    service.store.close()
