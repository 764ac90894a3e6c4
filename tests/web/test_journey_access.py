"""Whose draft it is, on every address of a draft; and that what a person was not asked does not count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journey_forms import engine_of
from tests.support.journey_people import begun, brought_back, draft_at, post, signed_in
from tests.support.service_app import Person, Service, make_service

pytestmark = pytest.mark.slow

CANARY = "Canary Ophelia"
# Every address of a draft, by the name of its route; a new route fails the test below until it is named here.
PATHS = {
    "/drafts/{draft}": "",
    "/drafts/{draft}/": "/",
    "/drafts/{draft}/call-first": "/call-first",
    "/drafts/{draft}/check-answers": "/check-answers",
    "/drafts/{draft}/save-for-later": "/save-for-later",
    "/drafts/{draft}/close": "/close",
    "/drafts/{draft}/cancel": "/cancel",
    "/drafts/{draft}/print": "/print",
    "/drafts/{draft}/exit": "/exit",
    "/drafts/{draft}/conflict": "/conflict?post=x",
    "/drafts/{draft}/answer-question": "/answer-question",
    "/drafts/{draft}/autosave": "/autosave",
    "/drafts/{draft}/keep-alive": "/keep-alive",
    "/drafts/{draft}/timed-out": "/timed-out?at=you",
    "/drafts/{draft}/files": "/files",
    "/drafts/{draft}/files/{file}": "/files/x",
    "/drafts/{draft}/files/{file}/remove": "/files/x/remove",
    "/drafts/{draft}/address-search": "/address-search",
    "/drafts/{draft}/sent": "/sent",
    "/drafts/{draft}/create-pdf": "/create-pdf",
    "/drafts/{draft}/answers-pdf": "/answers-pdf",
    "/drafts/{draft}/save-by-email": "/save-by-email",
    "/drafts/{draft}/link-sent": "/link-sent",
    "/drafts/{draft}/{name}": "/you",
}
# What these say is the same whoever asks, and whether or not there is such a draft.
SAME_FOR_ALL = {"", "/timed-out?at=you"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    yield made
    made.store.close()


@pytest.fixture
def others(service: Service) -> dict[str, Person]:
    """Everybody who is not the owner."""
    visitor = service.person()
    begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    return {
        "nobody yet": service.person(),
        "a visitor": visitor,
        "another user": signed_in(service, "other@example.org").browser,
        "a member of staff": signed_in(service, "staff@example.org", "staff").browser,
        "an administrator": signed_in(service, "admin@example.org", "administrator").browser,
    }


@pytest.fixture
def owned(service: Service) -> tuple[Person, str]:
    """The owner, and their draft with an answer in it."""
    owner = signed_in(service, "owner@example.org").browser
    way = begun(owner, "ask-for-help", safe="yes", nearby="yes")
    post(owner, f"{way}you", name=CANARY)
    return owner, way.rstrip("/")


def test_every_address_of_a_draft_is_named_here(service: Service) -> None:
    known = {route.path for route in service.own.routes if "{draft}" in route.path}  # type: ignore[attr-defined]
    assert known == set(PATHS)


@pytest.mark.parametrize(
    "who", ["nobody yet", "a visitor", "another user", "a member of staff", "an administrator"]
)
def test_a_draft_shows_itself_to_its_owner_alone(
    others: dict[str, Person], owned: tuple[Person, str], who: str
) -> None:
    """Signed in as somebody else: 404. Not signed in: the way to sign in. Never an answer, never a change."""
    browser, (_, draft) = others[who], owned
    missing = f"/drafts/{'0' * 22}"
    for path in PATHS.values():
        if path in SAME_FOR_ALL:
            continue
        got, none = browser.get(draft + path), browser.get(missing + path)
        assert got.status_code in {303, 401, 404, 405}, (path, got.status_code)
        assert CANARY not in got.text, path
        # Nothing tells whether there is such a draft.
        assert got.status_code == none.status_code, path
        assert (got.headers.get("location") or "").replace(draft, missing) == (
            none.headers.get("location") or ""
        ), path


@pytest.mark.parametrize(
    "who", ["nobody yet", "a visitor", "another user", "a member of staff", "an administrator"]
)
def test_nobody_else_changes_a_draft(
    service: Service, others: dict[str, Person], owned: tuple[Person, str], who: str
) -> None:
    browser, (owner, draft) = others[who], owned
    hidden = brought_back(owner.get(f"{draft}/you"))
    texts = {**hidden, "name": "Mallory", "-action": "delete", "-place": "you", "keep": "yours"}
    for path in PATHS.values():
        answer = browser.submit(draft + path, texts)
        assert answer.status_code in {303, 401, 404, 405}, (path, answer.status_code)
    session = service.context.sessions.find(owner.token)
    assert session is not None
    kept = draft_at(service, f"{draft}/", session.account)
    assert (kept.row.status, kept.answers["name"]) == ("open", CANARY)
    assert CANARY in owner.get(f"{draft}/you").text


def test_a_visitors_draft_opens_in_their_own_browser_alone(
    service: Service, others: dict[str, Person]
) -> None:
    visitor = service.person()
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name=CANARY)
    assert CANARY in visitor.get(f"{way}you").text
    for who, browser in others.items():
        answer = browser.get(f"{way}you")
        assert answer.status_code in {303, 404}, who
        assert CANARY not in answer.text, who


def test_the_owner_gets_in_everywhere(owned: tuple[Person, str]) -> None:
    owner, draft = owned
    for name in (
        "/",
        "/you",
        "/check-answers",
        "/save-for-later",
        "/close",
        "/cancel",
        "/print",
        "/create-pdf",
    ):
        assert owner.get(draft + name).status_code == 200, name


@pytest.mark.parametrize(
    "name", ["you", "children.new", "check-answers", "autosave", "cancel", "conflict", "keep-alive"]
)
def test_a_post_without_the_browsers_token_is_not_taken(owned: tuple[Person, str], name: str) -> None:
    owner, draft = owned
    answer = owner.post(f"{draft}/{name}", data={"name": "Mallory", "csrf": "0" * 64})
    assert answer.status_code == 403


# --- forged answers ---------------------------------------------------------------------------------------------------


def test_an_answer_to_a_question_that_is_not_asked_does_not_count(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    # The question is hidden while there are no children; a forger sends an answer all the same.
    post(somebody.browser, f"{way}you", name="Ada", has_children="no", how_many="9")
    state = service.context.drafts.state(draft_at(service, way, somebody.account))
    assert "how_many" not in state.answers


def test_an_answer_of_another_page_is_not_taken(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    post(somebody.browser, f"{way}page-close", name="Mallory", safe="no", action="index")
    answers = draft_at(service, way, somebody.account).answers
    assert answers == {"safe": "yes", "nearby": "yes"}


def test_a_page_that_is_skipped_takes_no_answer(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    answer = somebody.browser.submit(f"{way}children.new", {"new": "i0123456789ab", "-action": "next"})
    # What was typed is kept apart for the person to see, and is no part of the draft.
    assert answer.headers["location"].startswith(f"{way}conflict?post=")
    assert "children" not in draft_at(service, way, somebody.account).answers


def test_pages_past_the_gate_take_no_post_before_signing_in(service: Service) -> None:
    visitor = service.person()
    way = begun(visitor, "visit", kind="home")
    session = service.context.sessions.find(visitor.token)
    assert session is not None
    service.context.sessions.set_facts(session, human="1")
    for name in ("when", "why"):
        answer = visitor.submit(f"{way}{name}", {"reason": "forged", "-action": "next", "rev": "1"})
        assert answer.headers["location"] == "/account/sign-in"
    draft = service.context.drafts.open(way.split("/")[2], account=None, holder=session.token_hash)
    assert draft is not None
    assert draft.answers == {"kind": "home"}


def test_files_of_another_draft_cannot_be_named(service: Service) -> None:
    somebody = signed_in(service)
    theirs = begun(somebody.browser, "early-help-notification")
    assert somebody.browser.get(f"{theirs}files/{'0' * 22}").status_code == 404
