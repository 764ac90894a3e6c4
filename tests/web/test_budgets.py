"""Budgets a session, an address and a day: past them people are asked to show that they are human, never sent away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from formengine.service.drafts.drafts import DraftBusyError
from formengine.service.rate_limits import DESCRIBED, LIMITS, LimitKind
from tests.support.journey_forms import engine_of
from tests.support.journey_people import begun, brought_back, draft_at, post, sign_in, signed_in
from tests.support.service_app import Person, Service, make_service
from tests.support.signing_in import begin_to_register
from tests.support.upload_files import pdf

pytestmark = pytest.mark.slow

HOUR = 3600
START = {"safe": "yes", "nearby": "yes"}


@pytest.fixture
def helping(tmp_path: Path) -> Iterator[Service]:
    """A service with small forms."""
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    yield made
    made.store.close()


def allow(monkeypatch: pytest.MonkeyPatch, kind: LimitKind, most: int) -> None:
    monkeypatch.setitem(LIMITS, kind, ((most, HOUR),))


def pass_captcha(service: Service, browser: Person) -> None:
    """As the right solution does."""
    session = service.context.sessions.find(browser.token)
    assert session is not None
    service.context.captcha.passed(session)


def where(browser: Person, path: str, typed: dict[str, str]) -> str:
    """Where a post leads; a draft's id left out."""
    parts = browser.submit(path, typed).headers.get("location", "").split("/")
    return "/".join(part for part in parts if len(part) != 22)


def sessions(service: Service) -> int:
    with closing(sqlite3.connect(service.settings.database)) as database:
        return int(database.execute("SELECT count(*) FROM sessions").fetchone()[0])


def test_every_limit_is_described() -> None:
    assert set(DESCRIBED) == set(LIMITS)


# --- what anonymous requests store -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/drafts/abc/{}", "/drafts/{}/one", "/drafts/{}/{}.remove"])
def test_a_session_does_not_grow_by_an_address_that_somebody_made_up(helping: Service, path: str) -> None:
    stranger = helping.person()
    answer = stranger.get(path.format("a" * 30_000, "b" * 30_000))
    assert answer.headers["location"] == "/account/sign-in"
    session = helping.context.sessions.find(stranger.token)
    assert sum(map(len, session.facts.values() if session is not None else [])) == 0


def test_pages_to_look_at_begin_so_many_sessions_of_one_address_and_posts_go_on(
    helping: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "session_ip", 3)
    for _ in range(6):
        answer = helping.person().get("/my-forms")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")
    assert sessions(helping) == 3
    assert begun(helping.person(), "ask-for-help", **START)
    assert sessions(helping) == 4


# --- a puzzle buys one action ----------------------------------------------------------------------------------------


def test_forms_begun_past_the_budget_ask_for_the_captcha_each(
    helping: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "start_session", 1)
    browser = helping.person()
    # The first one begins the session.
    assert [where(browser, "/forms/ask-for-help", START) for _ in range(3)] == [
        "/drafts/",
        "/drafts/",
        "/human-test",
    ]
    pass_captcha(helping, browser)
    assert browser.get("/human-test").headers["location"] == "/forms/ask-for-help"
    assert where(browser, "/forms/ask-for-help", START) == "/drafts/"
    assert where(browser, "/forms/ask-for-help", START) == "/human-test"
    # Whoever needs help at once is not sent away either.
    pass_captcha(helping, browser)
    urgent = where(browser, "/forms/ask-for-help", {"safe": "no", "nearby": "yes"})
    assert urgent == "/drafts/call-first"


@pytest.mark.parametrize("kind", ["start_ip", "start_account"])
def test_an_address_and_an_account_have_budgets_too(
    helping: Service, monkeypatch: pytest.MonkeyPatch, kind: LimitKind
) -> None:
    allow(monkeypatch, kind, 2)
    account = signed_in(helping).account
    assert account is not None
    ways = []
    for _ in range(4):
        browser = helping.person()
        sign_in(helping, browser, account)
        ways.append(where(browser, "/forms/ask-for-help", START))
    assert ways == ["/drafts/"] * 2 + ["/human-test"] * 2


def test_a_school_may_begin_as_many_forms_as_a_school_does() -> None:
    assert LIMITS["start_ip"] == ((300, HOUR), (1_000, 24 * HOUR))
    assert LIMITS["submit_ip"] == ((200, HOUR),)


def test_passing_for_one_draft_opens_no_other(helping: Service) -> None:
    visitor = helping.person()
    first, second = (begun(visitor, "visit", kind="home") for _ in range(2))
    assert visitor.get(f"{first}about").headers["location"] == "/human-test"
    pass_captcha(helping, visitor)
    assert visitor.get(f"{first}about").status_code == 200
    assert visitor.get(f"{first}about").status_code == 200
    assert visitor.get(f"{second}about").headers["location"] == "/human-test"
    assert visitor.get(f"{first}about").status_code == 200


def test_a_look_at_the_headers_uses_up_nothing(helping: Service) -> None:
    visitor = helping.person()
    way, other = (begun(visitor, "visit", kind="home") for _ in range(2))
    pass_captcha(helping, visitor)
    visitor.head(f"{other}about")
    assert visitor.get(f"{way}about").status_code == 200


def test_a_session_of_before_that_had_passed_goes_on(helping: Service) -> None:
    visitor = helping.person()
    way = begun(visitor, "visit", kind="home")
    session = helping.context.sessions.find(visitor.token)
    assert session is not None
    helping.context.sessions.set_facts(session, human="1")
    assert visitor.get(f"{way}about").status_code == 200


def test_what_was_passed_is_used_up_by_one_of_many_at_once(helping: Service) -> None:
    token, session = helping.context.sessions.start()
    session = helping.context.captcha.passed(session)
    assert [helping.context.captcha.spend(session) for _ in range(3)] == [True, False, False]
    assert token


def test_links_to_strangers_ask_for_the_captcha_each(
    helping: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "link_session", 1)
    visitor = helping.person()
    way = begun(visitor, "ask-for-help", **START)

    def asked(to: str) -> str:
        return where(visitor, f"{way}save-by-email", {"email": to, "word": "lighthouse keeper"})

    assert asked("one@example.org") == "/drafts/link-sent"
    assert asked("two@example.org") == "/human-test"
    assert helping.mail("two@example.org") == []
    pass_captcha(helping, visitor)
    assert asked("two@example.org") == "/drafts/link-sent"
    assert asked("three@example.org") == "/human-test"
    assert len(helping.mail()) == 2


def test_registering_past_the_budget_asks_for_the_captcha_each(
    helping: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "sign_up_ip", 0)
    browser = helping.person()

    def registering(email: str) -> str:
        return begin_to_register(browser, email).headers["location"]

    assert registering("one@example.org") == "/human-test"
    pass_captcha(helping, browser)
    assert registering("one@example.org") == "/account/register/code"
    assert registering("two@example.org") == "/human-test"
    assert helping.mail("two@example.org") == []


# --- what is stored of a draft ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file_bytes_ip", "file_bytes_owner"])
def test_files_past_the_budget_are_not_taken_and_the_form_goes_on(
    helping: Service, monkeypatch: pytest.MonkeyPatch, kind: LimitKind
) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "visit", kind="home")
    allow(monkeypatch, kind, len(pdf()))

    def sent(name: str, action: str) -> tuple[int, str]:
        shown = brought_back(owner.browser.get(f"{way}why"))
        letter = ("letters", (name, pdf(), "application/pdf"))
        answer = owner.browser.submit(
            f"{way}why", {**shown, "-action": action, "reason": "Because"}, files=[letter]
        )
        return answer.status_code, answer.text

    assert sent("first.pdf", "index")[0] == 303
    status, page = sent("second.pdf", "index")
    assert status == 422
    assert "“second.pdf” was not taken, because many files came" in page
    assert draft_at(helping, way, owner.account).answers["reason"] == "Because"
    assert post(owner.browser, f"{way}why", action="index", reason="Still").status_code == 303


def test_a_draft_is_changed_so_often_a_day_and_what_was_typed_stands_on_the_page(
    helping: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formengine.service.drafts.drafts._SAVES_A_DAY", 2)
    owner = signed_in(helping)
    way = begun(owner.browser, "ask-for-help", **START)
    assert [post(owner.browser, f"{way}you", name=name).status_code for name in ("A", "B")] == [303, 303]
    answer = post(owner.browser, f"{way}you", name="The third")
    assert answer.status_code == 429
    assert "The third" in answer.text
    draft = draft_at(helping, way, owner.account)
    assert draft.answers["name"] == "B"
    with pytest.raises(DraftBusyError):
        helping.context.drafts.save(draft, {}, step="you", shown=(), urgent=False)
    helping.clock.move(days=1)
    helping.context.drafts.save(draft, {}, step="you", shown=(), urgent=False)
