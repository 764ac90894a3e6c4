"""Two windows, sessions that end, and saving while somebody types: nothing that was typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from formengine.form.actions.items import items_of
from formengine.language.fields.stored_files import files_in
from formengine.service.accounts.destinations import PageTarget
from formengine.service.fault_points import arm, disarm
from formengine.store.sqlite import SqliteStore
from formengine.web.addresses import path_of
from formengine.web.app import create_app
from tests.support.journey_forms import engine_of
from tests.support.journey_people import (
    Somebody,
    account_of,
    begun,
    brought_back,
    come_back,
    draft_at,
    give_token,
    post,
    signed_in,
)
from tests.support.service_app import Person, Service, make_service
from tests.support.upload_files import pdf

JSON = {"accept": "application/json"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    yield made
    made.store.close()


@pytest.fixture
def sam(service: Service) -> tuple[Somebody, str]:
    """Somebody signed in, and the way into their draft."""
    somebody = signed_in(service)
    return somebody, begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")


def submit(browser: Person, way: str, at: str, shown: httpx2.Response, /, **answers: str) -> httpx2.Response:
    """The answer to a page that was shown earlier, posted now."""
    return browser.submit(f"{way}{at}", {"-action": "next", **brought_back(shown), **answers})


def choose(browser: Person, answer: httpx2.Response, keep: str) -> httpx2.Response:
    """The answer to choosing on the page that an answer leads to."""
    page = browser.get(answer.headers["location"])
    return browser.submit(answer.headers["location"], {**brought_back(page), "keep": keep})


# --- two windows ------------------------------------------------------------------------------------------------------


def test_the_second_of_two_windows_is_shown_both_versions_question_by_question(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    first, second = somebody.browser.get(f"{way}you"), somebody.browser.get(f"{way}you")
    submit(somebody.browser, way, "you", first, name="Ada", age="40", has_children="no")
    answer = submit(somebody.browser, way, "you", second, name="Ada Lovelace", age="40", has_children="yes")
    assert answer.status_code == 303
    page = somebody.browser.get(answer.headers["location"])
    text = re.sub(r"<[^>]+>", " ", page.text)
    text = " ".join(text.split())
    assert "This page was changed in another window" in text
    assert "Name What you entered here Ada Lovelace What was saved in the other window Ada" in text
    # Not the code that is kept, but what people read.
    assert "Do you have children? What you entered here Yes What was saved in the other window No" in text
    different, _, same = text.partition("Answers that are the same in both")
    assert "Age What you entered here 40 What was saved in the other window 40" in same
    assert "Age" not in different
    assert draft_at(service, way, somebody.account).answers["name"] == "Ada"


@pytest.mark.parametrize(("keep", "name"), [("yours", "Bea"), ("theirs", "Ada")])
def test_the_version_that_is_chosen_is_kept(
    service: Service, sam: tuple[Somebody, str], keep: str, name: str
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    submit(somebody.browser, way, "you", shown, name="Ada")
    answer = submit(somebody.browser, way, "you", shown, name="Bea")
    done = choose(somebody.browser, answer, keep)
    assert done.headers["location"] == f"{way}{'page-close' if keep == 'yours' else 'you'}"
    assert draft_at(service, way, somebody.account).answers["name"] == name
    # The question has been answered: the way to it leads to the form.
    assert somebody.browser.get(answer.headers["location"]).headers["location"] == way


def test_before_the_choice_neither_version_is_lost(service: Service, sam: tuple[Somebody, str]) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    submit(somebody.browser, way, "you", shown, name="Ada")
    answer = submit(somebody.browser, way, "you", shown, name="Bea")
    for _ in range(2):  # looked at again, later, and after a Back
        page = somebody.browser.get(answer.headers["location"]).text
        assert "Ada" in page
        assert "Bea" in page


def test_a_choice_made_on_what_was_changed_once_more_is_asked_again(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    submit(somebody.browser, way, "you", shown, name="Ada")
    answer = submit(somebody.browser, way, "you", shown, name="Bea")
    question = somebody.browser.get(answer.headers["location"])
    post(somebody.browser, f"{way}you", name="Cleo")
    done = somebody.browser.submit(answer.headers["location"], {**brought_back(question), "keep": "yours"})
    assert done.headers["location"] == answer.headers["location"]
    assert draft_at(service, way, somebody.account).answers["name"] == "Cleo"
    assert "Cleo" in somebody.browser.get(answer.headers["location"]).text


def test_two_windows_on_two_pages_do_not_meet(service: Service, sam: tuple[Somebody, str]) -> None:
    somebody, way = sam
    you, close = somebody.browser.get(f"{way}you"), somebody.browser.get(f"{way}page-close")
    submit(somebody.browser, way, "you", you, name="Ada")
    submit(somebody.browser, way, "page-close", close, **{"rooms.new.person": "Bo"})
    answers = draft_at(service, way, somebody.account).answers
    assert answers["name"] == "Ada"
    assert [row["person"] for row in items_of(answers, "rooms")] == ["Bo"]


def test_a_page_that_another_window_took_out_shows_what_was_typed_on_it(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    post(somebody.browser, f"{way}you", name="Ada", has_children="yes", how_many="1")
    new = somebody.browser.get(f"{way}children.new")
    item = brought_back(new)["new"]
    post(somebody.browser, f"{way}you", name="Ada", has_children="no")
    answer = submit(somebody.browser, way, "children.new", new, **{f"children.{item}.first_name": "Cy"})
    page = somebody.browser.get(answer.headers["location"])
    assert "This page is not part of your form any more" in page.text
    assert re.search(r"First name</dt>\s*<dd[^>]*>Cy</dd>", page.text)
    assert choose(somebody.browser, answer, "theirs").headers["location"] == way


def test_both_windows_saving_at_the_same_moment_lose_nothing(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    other: list[httpx2.Response] = []

    def meanwhile(point: str) -> None:
        if point == "draft.save.before" and not other:
            other.append(httpx2.Response(0))
            other[0] = submit(somebody.browser, way, "you", shown, name="Bea")

    arm(0, meanwhile)
    try:
        first = submit(service_window(service, somebody), way, "you", shown, name="Ada")
    finally:
        disarm()
    assert other[0].headers["location"] == f"{way}page-close"
    assert first.headers["location"].startswith(f"{way}conflict?post=")
    assert "Ada" in somebody.browser.get(first.headers["location"]).text
    assert draft_at(service, way, somebody.account).answers["name"] == "Bea"


def service_window(service: Service, somebody: Somebody) -> Person:
    """Another window of the same browser."""
    window = service.person()
    give_token(window, somebody.token)
    return window


def test_a_restart_between_saving_and_looking_loses_nothing(
    tmp_path: Path, service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    answer = post(somebody.browser, f"{way}you", name="Ada")
    assert answer.status_code == 303
    service.store.close()
    store = SqliteStore(service.settings.database)
    app = create_app(
        engine_of(tmp_path / "forms"), store, service.keys, service.clock, settings=service.settings
    )
    browser = replace(service, own=app, store=store).person()
    give_token(browser, somebody.token)
    assert 'value="Ada"' in browser.get(f"{way}you").text
    store.close()


# --- while typing -----------------------------------------------------------------------------------------------------


def autosave(
    browser: Person, way: str, shown: httpx2.Response, place: str, **answers: str
) -> httpx2.Response:
    return browser.submit(f"{way}autosave", {**brought_back(shown), "-place": place, **answers}, headers=JSON)


def test_what_is_typed_is_saved_and_the_page_goes_on_from_it(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    saved = autosave(somebody.browser, way, shown, "you", name="Ad")
    assert (saved.status_code, saved.json()["place"]) == (200, "you")
    assert draft_at(service, way, somebody.account).answers["name"] == "Ad"
    kept = {"rev": saved.json()["rev"], "base": saved.json()["base"]}
    answer = somebody.browser.submit(f"{way}you", {**kept, "name": "Ada", "-action": "next"})
    assert answer.headers["location"] == f"{way}page-close"
    assert draft_at(service, way, somebody.account).answers["name"] == "Ada"


def test_saving_while_typing_finds_nothing_wrong_and_answers_no_list(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    post(somebody.browser, f"{way}you", name="Ada", has_children="yes", how_many="1")
    shown = somebody.browser.get(f"{way}children")
    assert autosave(somebody.browser, way, shown, "children").status_code == 200
    assert "children" not in draft_at(service, way, somebody.account).answers


def test_a_new_item_saved_while_typing_has_its_own_address_and_is_one_item(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    post(somebody.browser, f"{way}you", name="Ada", has_children="yes", how_many="1")
    shown = somebody.browser.get(f"{way}children.new")
    new = brought_back(shown)["new"]
    first = autosave(somebody.browser, way, shown, "children.new", **{f"children.{new}.first_name": "C"})
    assert first.json()["place"] == f"children.{new}.who"
    kept = {name: first.json()[name] for name in ("rev", "base", "new")}
    somebody.browser.submit(
        f"{way}autosave",
        {**kept, "-place": f"children.{new}.who", f"children.{new}.first_name": "Cy"},
        headers=JSON,
    )
    items = draft_at(service, way, somebody.account).answers["children"]
    assert items == [{"id": new, "first_name": "Cy"}]


def test_typing_over_a_change_made_elsewhere_saves_nothing_and_says_so(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    post(somebody.browser, f"{way}you", name="Ada")
    saved = autosave(somebody.browser, way, shown, "you", name="Bea")
    assert (saved.status_code, saved.json()) == (409, {"changed": True})
    assert draft_at(service, way, somebody.account).answers["name"] == "Ada"


def test_saving_more_than_once_a_second_is_slowed_down_and_pages_are_saved_all_the_same(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    statuses = {autosave(somebody.browser, way, shown, "you").status_code for _ in range(61)}
    assert statuses == {200, 429}
    post(somebody.browser, f"{way}you", name="Ada")
    assert draft_at(service, way, somebody.account).answers["name"] == "Ada"


@pytest.mark.parametrize("place", ["nothing", "", "rooms.r1", "../x"])
def test_saving_a_page_that_is_not_there_says_so(sam: tuple[Somebody, str], place: str) -> None:
    somebody, way = sam
    answer = somebody.browser.submit(f"{way}autosave", {"-place": place}, headers=JSON)
    assert answer.status_code == 404


# --- the end of a session ---------------------------------------------------------------------------------------------


def test_a_page_asked_for_after_the_session_leads_to_signing_in_and_back(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    service.clock.move(minutes=30)
    answer = somebody.browser.get(f"{way}you")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")
    session = service.context.sessions.find(somebody.token)
    assert session is not None
    assert path_of(PageTarget.of_facts(session.facts)) == f"{way}you"


def test_a_page_posted_after_the_session_is_kept_and_saved_when_its_owner_has_signed_in(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    service.clock.move(minutes=30)
    answer = submit(somebody.browser, way, "you", shown, name="Ada", age="40", has_children="no")
    assert answer.headers["location"].startswith(f"{way}timed-out?")
    page = somebody.browser.get(answer.headers["location"])
    assert "It is kept for a day and will be saved when you have signed in" in page.text
    assert "Ada" not in page.text
    assert draft_at(service, way, somebody.account).answers.get("name") is None
    assert somebody.account is not None
    assert come_back(service, somebody.browser, somebody.account).headers["location"] == f"{way}you"
    assert 'value="Ada"' in somebody.browser.get(f"{way}you").text
    answers = draft_at(service, way, somebody.account).answers
    assert {name: answers[name] for name in ("name", "age", "has_children")} == {
        "name": "Ada",
        "age": 40,
        "has_children": "no",
    }


def test_a_late_post_is_not_saved_for_whoever_else_signs_in(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    service.clock.move(minutes=30)
    submit(somebody.browser, way, "you", shown, name="Ada")
    come_back(service, somebody.browser, account_of(service, "other@example.org"))
    assert somebody.browser.get(f"{way}you").status_code == 404
    assert "name" not in draft_at(service, way, somebody.account).answers


def test_a_late_post_to_a_page_changed_meanwhile_asks_which_to_keep(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    post(somebody.browser, f"{way}you", name="Bea")
    service.clock.move(minutes=30)
    submit(somebody.browser, way, "you", shown, name="Ada")
    assert somebody.account is not None
    answer = come_back(service, somebody.browser, somebody.account)
    assert answer.headers["location"].startswith(f"{way}conflict?post=")
    # Whoever looks at another page first is asked all the same.
    assert somebody.browser.get(f"{way}you").headers["location"] == answer.headers["location"]
    page = somebody.browser.get(answer.headers["location"]).text
    assert "Ada" in page
    assert "Bea" in page


PDF = ("letter.pdf", pdf(), "application/pdf")


def test_a_file_posted_after_the_session_is_there_after_signing_in(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "visit", kind="home")
    shown = somebody.browser.get(f"{way}why")
    service.clock.move(minutes=30)
    answer = somebody.browser.submit(
        f"{way}why",
        {**brought_back(shown), "reason": "See the letter", "-action": "next"},
        files=[("letters", PDF)],
    )
    assert answer.headers["location"].startswith(f"{way}timed-out?held=1")
    assert somebody.account is not None
    assert come_back(service, somebody.browser, somebody.account).headers["location"] == f"{way}why"
    answers = draft_at(service, way, somebody.account).answers
    assert answers["reason"] == "See the letter"
    assert [file["name"] for file in files_in(answers["letters"])] == ["letter.pdf"]
    assert (
        service.context.uploads.content(way.split("/")[2], str(files_in(answers["letters"])[0]["id"]))
        == PDF[1]
    )


def test_files_kept_from_before_stay_when_their_page_is_posted_late(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "visit", kind="home")
    somebody.browser.submit(
        f"{way}why",
        {**brought_back(somebody.browser.get(f"{way}why")), "-action": "index"},
        files=[("letters", PDF)],
    )
    file_id = str(files_in(draft_at(service, way, somebody.account).answers["letters"])[0]["id"])
    shown = somebody.browser.get(f"{way}why")
    service.clock.move(minutes=30)
    somebody.browser.submit(
        f"{way}why", {**brought_back(shown), "letters-keep": file_id, "reason": "Later", "-action": "next"}
    )
    assert somebody.account is not None
    come_back(service, somebody.browser, somebody.account)
    answers = draft_at(service, way, somebody.account).answers
    assert (answers["reason"], [file["id"] for file in files_in(answers["letters"])]) == ("Later", [file_id])


def test_a_visitors_late_page_is_saved_when_they_open_their_link(service: Service) -> None:
    browser = service.person()
    way = begun(browser, "ask-for-help", safe="yes", nearby="yes")
    browser.submit(f"{way}save-by-email", {"email": "pat@example.org", "word": "blue kettles"})
    shown = browser.get(f"{way}you")
    service.clock.move(minutes=30)
    answer = submit(browser, way, "you", shown, name="Ada")
    page = browser.get(answer.headers["location"])
    assert "Open the link in this browser within a day, and it will be saved" in page.text
    link = re.search(r"/resume/[A-Za-z0-9_-]+", service.mail("pat@example.org")[0].email.text)
    assert link is not None
    opened = browser.submit(link[0], {"word": "blue kettles"})
    assert opened.headers["location"] == f"{way}you"
    assert 'value="Ada"' in browser.get(f"{way}you").text


def test_the_last_save_of_a_page_ends_the_session_and_keeps_what_was_typed(
    service: Service, sam: tuple[Somebody, str]
) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    saved = autosave(somebody.browser, way, shown, "you", name="Ada", **{"-ends": "1"})
    assert saved.status_code == 200
    assert service.context.sessions.find(somebody.token) is None
    assert draft_at(service, way, somebody.account).answers["name"] == "Ada"
    page = somebody.browser.get(f"{way}timed-out?at=you")
    assert "What you had entered is kept" in page.text
    session = service.context.sessions.find(somebody.token)
    assert session is not None
    assert path_of(PageTarget.of_facts(session.facts)) == f"{way}you"


@pytest.mark.parametrize(
    "at", ["//evil.example.org", "https://evil.example.org", "..\\x", "a/../../b", "%00"]
)
def test_the_page_that_says_so_leads_nowhere_else(
    service: Service, sam: tuple[Somebody, str], at: str
) -> None:
    somebody, way = sam
    answer = somebody.browser.get(f"{way}timed-out", params={"at": at})
    assert answer.headers["location"] == way


def test_a_script_is_told_that_the_session_is_over(service: Service, sam: tuple[Somebody, str]) -> None:
    somebody, way = sam
    shown = somebody.browser.get(f"{way}you")
    assert somebody.browser.submit(f"{way}keep-alive", headers=JSON).json() == {"stays": True}
    service.clock.move(minutes=30)
    assert somebody.browser.submit(f"{way}keep-alive", headers=JSON).status_code == 401
    assert autosave(somebody.browser, way, shown, "you", name="Ada").status_code == 401


def test_one_press_keeps_the_session_alive(service: Service, sam: tuple[Somebody, str]) -> None:
    somebody, way = sam
    for _ in range(10):
        service.clock.move(minutes=19)
        assert somebody.browser.submit(f"{way}keep-alive", headers=JSON).status_code == 200
    assert somebody.browser.get(f"{way}you").status_code == 200


def test_without_an_account_nobody_is_told_to_sign_in_when_time_is_over(service: Service) -> None:
    browser = service.person()
    way = begun(browser, "ask-for-help", safe="yes", nearby="yes")
    service.clock.move(minutes=30)
    answer = browser.get(f"{way}you")
    assert answer.headers["location"] == f"{way}timed-out"
    page = browser.get(answer.headers["location"])
    assert "it cannot be opened any more" in page.text
    assert 'href="/forms/ask-for-help"' in page.text


def test_the_page_says_after_which_time_it_ends(sam: tuple[Somebody, str]) -> None:
    somebody, way = sam
    page = somebody.browser.get(f"{way}you").text
    assert (
        "This page times out after 10 minutes of inactivity. Save your answers before you leave it." in page
    )
    assert 'data-app-timeout-minutes="10" data-app-warn-minutes="3"' in page


def test_a_question_called_place_keeps_its_own_answer_when_the_page_saves_itself(tmp_path: Path) -> None:
    form = (
        "form: lights\ntitle: Street lights\nversion: 1\naccess: anyone\npages:\n  - id: light\n    title: The light\n"
        "    fields:\n      - {id: place, type: text, label: Where is the light?}\n"
        "      - {id: ends, type: text, label: Where does the street end?}\n"
    )
    service = make_service(tmp_path, engine=engine_of(tmp_path / "forms", lights=form))
    somebody = signed_in(service)
    way = begun(somebody.browser, "lights")
    shown = somebody.browser.get(f"{way}light")
    typed = {"-place": "light", "place": "High Street", "ends": "1"}
    saved = somebody.browser.submit(f"{way}autosave", {**brought_back(shown), **typed}, headers=JSON)
    assert saved.status_code == 200
    assert draft_at(service, way, somebody.account).answers == {"place": "High Street", "ends": "1"}
    service.store.close()
