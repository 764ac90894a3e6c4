"""Forms that somebody was filling in under an earlier main are still filled in, and sent, under today's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.upgrade.acting import WORD, continue_from, finish, id_in, sign_in, without_file_ids
from tests.upgrade.folders import Shared, Told, Upgraded, each
from tests.upgrade.opening import Person, brought_back

pytestmark = pytest.mark.slow

# What 0.1 kept as a place although nobody stands there: a tool that is called as a page is (saved while somebody typed
# on "Who is close to you"), and the question whether to remove an item.
NO_PLACES = {"close", "children.iayankmad0001.remove"}

# --- drafts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "name"), each("drafts"))
def test_a_draft_holds_what_was_typed(shared: Shared, folder: Path, name: str) -> None:
    data = shared(folder)
    draft = data.told["drafts"][name]
    now = data.service.draft(id_in(draft["way"]))
    same = ("account", "form", "version", "digest", "rev", "answers", "errors", "pages", "urgent")
    assert {key: now[key] for key in same} == {key: draft["kept"][key] for key in same}


@pytest.mark.parametrize(("folder", "name"), each("drafts"))
def test_the_pages_of_a_draft_show_what_was_typed(shared: Shared, folder: Path, name: str) -> None:
    data = shared(folder)
    draft = data.told["drafts"][name]
    browser = data.browser(draft["browser"])
    for page, phrases in draft["shows"].items():
        shown = browser.get(f"{draft['way']}{page}")
        assert shown.status_code == 200, page
        assert [phrase for phrase in phrases if phrase not in shown.text] == [], page


@pytest.mark.parametrize(("folder", "name"), each("drafts"))
def test_my_forms_leads_on_with_a_draft(shared: Shared, folder: Path, name: str) -> None:
    data = shared(folder)
    draft = data.told["drafts"][name]
    browser = data.browser(draft["browser"])
    listed = browser.get("/my-forms").text
    assert f'href="{draft["way"]}' in listed
    link = listed.partition(f'href="{draft["way"]}')[2].partition('"')[0]
    if draft["kept"]["place"] not in NO_PLACES:
        # Places are stored without addresses since 0.1.
        assert link == draft["kept"]["place"].replace(" ", "-")
    assert browser.get(f"{draft['way']}{link}").status_code == 200, link


def page_of(location: str) -> str:
    """The page of a draft that an address leads to."""
    return location.partition("#")[0].partition("?")[0]


@pytest.mark.parametrize(("folder", "name"), each("drafts"))
def test_a_draft_goes_on_until_it_is_sent(going_on: Shared, folder: Path, name: str) -> None:
    data = going_on(folder)
    draft = data.told["drafts"][name]
    steps, reference = finish(data.service, data.told, draft)
    # Where in a page, and what it says of what was just saved, may become another.
    assert [page_of(step.leads_to) for step in steps] == [page_of(step["leads_to"]) for step in draft["rest"]]
    assert data.service.status(id_in(draft["way"])) == "submitted"
    envelope = data.service.envelope(reference)
    assert without_file_ids(envelope["answers"]) == draft["finished"]
    kept = draft["kept"]
    assert (envelope["digest"], envelope["version"]) == (kept["digest"], kept["version"])
    assert data.service.audit_problem(data.told["audit"]) == ""


# --- pages that were posted and not saved, or are still open ----------------------------------------------------------


def lands(browser: Person, landed: str, held: Told) -> None:
    """The browser must have landed where the page was saved, and see what it said."""
    assert landed == held["lands_on"]
    for page, phrases in held["shows"].items():
        shown = browser.get(page)
        assert [phrase for phrase in phrases if phrase not in shown.text] == [], page


def test_a_page_that_came_too_late_is_saved_after_signing_in(data: Upgraded) -> None:
    held = data.told["held"]["late page of an account"]
    browser = data.browser(held["browser"])
    lands(browser, sign_in(data.service, browser, data.account(held["sign_in"])), held)


def test_pages_of_a_visitor_that_came_too_late_are_saved_after_opening_the_mailed_link(
    data: Upgraded,
) -> None:
    held = data.told["held"]["late page of a visitor"]
    browser = data.browser(held["browser"])
    lands(browser, browser.submit(held["link"], {"word": WORD}).headers["location"], held)


def test_a_page_that_came_too_late_is_offered_at_another_browser(data: Upgraded) -> None:
    late = data.told["held"]["late page of an account"]
    browser = data.browser("")
    sign_in(data.service, browser, data.account(late["sign_in"]))
    asked = browser.get(late["next"]).headers["location"]
    shown = browser.get(asked)
    chosen = browser.submit(asked, {**brought_back(shown), "keep": "yours"})
    assert chosen.status_code == 303
    for page, phrases in late["shows"].items():
        assert [phrase for phrase in phrases if phrase not in browser.get(page).text] == []


def test_both_versions_of_a_page_are_still_there_to_choose_from(data: Upgraded) -> None:
    held = data.told["held"]["two windows"]
    browser = data.browser(held["browser"])
    shown = browser.get(held["conflict"])
    assert [version for version in held["both"] if version not in shown.text] == []
    chosen = browser.submit(held["conflict"], {**brought_back(shown), "keep": "yours"})
    assert chosen.headers["location"] == held["lands_on"]
    for page, phrases in held["shows"].items():
        assert [phrase for phrase in phrases if phrase not in browser.get(page).text] == []


def test_a_page_that_was_open_meanwhile_is_saved_when_it_is_posted(data: Upgraded) -> None:
    page = data.told["held"]["open in a browser"]
    posted = data.browser(page["browser"]).submit(page["page"], page["texts"])
    assert posted.headers["location"] == page["lands_on"]


# --- copies that people kept ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "turn"), each("kept"))
def test_a_kept_pdf_becomes_a_draft_again(going_on: Shared, folder: Path, turn: int) -> None:
    data = going_on(folder)
    kept = data.told["kept"][turn]
    content = (folder / "kept" / kept["file"]).read_bytes()
    way, _ = continue_from(data.browser(kept["browser"]), kept["file"], content)
    now = data.service.draft(id_in(way))
    same = ("form", "version", "digest", "answers")
    assert {key: now[key] for key in same} == {key: kept[key] for key in same}
