"""The human test: its puzzle, the code in its place, and both in the pages."""

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import altcha
import pytest
from playwright.sync_api import Page

from formengine.service.accounts.authentication import Refused
from tests.support.html_dom import parse
from tests.support.service_app import Person, Service
from tests.support.service_parts import EMAIL, Parts
from tests.tools.browser import axe

pytestmark = pytest.mark.slow

BROWSER = "the token of a browser"


def solution_of(text: str, change: Callable[[dict[str, Any]], object] = lambda _: None) -> str:
    """The puzzle solved, as the page's script sends it; `change` may tamper with it."""
    kept = json.loads(text)
    solved = altcha.solve_challenge(altcha.Challenge.from_dict(kept))
    assert solved is not None
    payload = {"challenge": kept, "solution": solved.to_dict()}
    change(payload)
    return base64.b64encode(json.dumps(payload).encode()).decode()


# --- the puzzle ---------------------------------------------------------------------------------------------------


def test_a_solved_puzzle_passes_once(parts: Parts) -> None:
    solution = solution_of(parts.captcha.puzzle(BROWSER).text)
    parts.clock.move(seconds=2)
    assert parts.captcha.fault(BROWSER, solution) is None
    assert parts.captcha.fault(BROWSER, solution) == "used"


def test_a_puzzle_is_solved_within_the_guesses_that_the_page_counts(parts: Parts) -> None:
    puzzle = parts.captcha.puzzle(BROWSER)
    solved = altcha.solve_challenge(altcha.Challenge.from_dict(json.loads(puzzle.text)))
    assert solved is not None
    assert 100 <= solved.counter <= puzzle.most_guesses


def test_another_browsers_solution_does_not_pass(parts: Parts) -> None:
    solution = solution_of(parts.captcha.puzzle(BROWSER).text)
    parts.clock.move(seconds=2)
    assert parts.captcha.fault("another browser", solution) == "wrong"


def test_nobody_answers_within_a_second(parts: Parts) -> None:
    assert parts.captcha.fault(BROWSER, solution_of(parts.captcha.puzzle(BROWSER).text)) == "wrong"


def test_a_puzzle_lasts_twenty_minutes(parts: Parts) -> None:
    solution = solution_of(parts.captcha.puzzle(BROWSER).text)
    parts.clock.move(minutes=20, seconds=1)
    assert parts.captcha.fault(BROWSER, solution) == "late"


def test_the_box_that_people_do_not_see_must_stay_empty(parts: Parts) -> None:
    solution = solution_of(parts.captcha.puzzle(BROWSER).text)
    parts.clock.move(seconds=2)
    assert parts.captcha.fault(BROWSER, solution, trap="https://spam.example.com") == "wrong"


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload["solution"].update(derivedKey="00" * 32),
        lambda payload: payload["challenge"]["parameters"].update(cost=1),
        lambda payload: payload["challenge"]["parameters"].update(keyPrefix="", keySignature=None),
        lambda payload: payload["challenge"]["parameters"]["data"].update(made=9_999_999_999),
        lambda payload: payload["challenge"].update(signature=""),
        lambda payload: payload["challenge"].pop("parameters"),
        lambda payload: payload.pop("solution"),
    ],
)
def test_a_tampered_puzzle_does_not_pass(parts: Parts, change: Callable[[dict[str, Any]], object]) -> None:
    solution = solution_of(parts.captcha.puzzle(BROWSER).text, change)
    parts.clock.move(seconds=2)
    assert parts.captcha.fault(BROWSER, solution) == "wrong"


@pytest.mark.parametrize(
    "text", ["", "x", "AAAA", "é", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOiBudWxsfQ==", "[" * 5000, "\ud800"]
)
def test_what_is_no_solution_does_not_pass(parts: Parts, text: str) -> None:
    assert parts.captcha.fault(BROWSER, text) == "wrong"


# --- the code -----------------------------------------------------------------------------------------------------


def test_a_mailed_code_shows_it_too(parts: Parts) -> None:
    token, session = parts.sessions.start()
    assert parts.captcha.send_code(session, EMAIL) is None
    assert parts.captcha.enter_code(session, "000000" if parts.code() != "000000" else "1") == Refused(
        "wrong"
    )
    assert parts.captcha.enter_code(session, parts.code()) is None
    found = parts.sessions.find(token)
    assert found is not None
    assert found.facts["human"] == "1"


def test_the_emails_to_one_address_are_few_whoever_asks_and_the_last_lets_anybody_in_who_reads_it(
    parts: Parts,
) -> None:
    sessions = []
    for _ in range(20):
        _, session = parts.sessions.start()
        assert parts.captcha.send_code(session, EMAIL) is None
        sessions.append(session)
    assert len(parts.mail(EMAIL)) == 6
    lasting = re.search(r"(?:[0-9]{4}-){3}[0-9]{4}", parts.mail(EMAIL)[0].email.text)
    assert lasting is not None
    newest = parts.sessions.set_facts(sessions[-1])
    assert parts.captcha.enter_code(newest, lasting[0]) is None


def test_who_has_mistyped_the_address_gets_a_code_at_the_right_one_at_once(parts: Parts) -> None:
    token, session = parts.sessions.start()
    assert parts.captcha.send_code(session, "alex.morgna@example.org") is None
    session = parts.sessions.set_facts(session)
    assert parts.captcha.send_code(session, EMAIL) is None
    session = parts.sessions.set_facts(session)
    assert parts.captcha.enter_code(session, parts.code(EMAIL)) is None
    found = parts.sessions.find(token)
    assert found is not None
    assert found.facts["human"] == "1"


# --- the pages ----------------------------------------------------------------------------------------------------


def puzzle_on(person: Person) -> str:
    """The puzzle on the page."""
    forms = [
        each for each in parse(person.get("/human-test").text).walk() if "data-puzzle" in each.attributes
    ]
    return forms[0].attributes["data-puzzle"]


def test_the_page_says_why_in_the_portals_words_and_offers_both_ways(person: Person) -> None:
    text = person.get("/human-test").text
    assert '<h1 class="govuk-heading-l">Human Test</h1>' in text
    assert "Are you human?" in text
    assert "Why are you seeing this?" in text
    assert "Use a code by email instead" in text
    assert "does not run scripts" in text


def test_reading_the_page_makes_no_session(person: Person, service: Service) -> None:
    assert puzzle_on(person)
    assert service.context.sessions.find(person.token) is None


def test_a_solution_posted_from_the_page_leads_on_and_the_session_remembers(
    person: Person, service: Service
) -> None:
    solution = solution_of(puzzle_on(person))
    service.clock.move(seconds=2)
    done = person.submit("/human-test", {"solution": solution})
    assert done.headers["location"] == "/hub"
    session = service.context.sessions.find(person.token)
    assert session is not None
    assert session.facts["human"] == "1"


@pytest.mark.parametrize("trap", ["", "https://spam.example.com"])
def test_a_solution_is_refused_a_second_time_and_with_the_box_filled_in(
    person: Person, service: Service, trap: str
) -> None:
    solution = solution_of(puzzle_on(person))
    service.clock.move(seconds=2)
    if not trap:
        assert service.context.captcha.fault(person.csrf, solution) is None
    again = person.submit("/human-test", {"solution": solution, "website": trap})
    assert again.status_code == 422
    assert ("This was sent before" if not trap else "That did not work") in again.text
    assert service.context.sessions.find(person.token) is None


def test_without_scripts_a_code_by_email_leads_on(person: Person, service: Service) -> None:
    asked = person.submit("/human-test", {"-action": "email", "email": EMAIL})
    assert asked.headers["location"] == "/human-test/code"
    assert "Enter your code" in person.get("/human-test/code").text
    wrong = person.submit("/human-test/code", {"code": "12"})
    assert wrong.status_code == 422
    done = person.submit("/human-test/code", {"code": service.code(EMAIL)})
    assert done.headers["location"] == "/hub"
    assert person.get("/human-test").headers["location"] == "/hub"


@pytest.mark.parametrize("email", ["", "nobody", "a@example.org\r\nBcc: b@example.org", "a b@example.org"])
def test_only_an_address_gets_a_code(person: Person, service: Service, email: str) -> None:
    answer = person.submit("/human-test", {"-action": "email", "email": email})
    assert answer.status_code == 422
    assert service.mail() == []


def test_a_program_that_fills_in_everything_gets_no_code(person: Person, service: Service) -> None:
    answer = person.submit("/human-test", {"-action": "email", "email": EMAIL, "website": "spam"})
    assert answer.status_code == 422
    assert service.mail() == []


def test_who_passed_goes_on_to_where_they_were_going(person: Person, service: Service) -> None:
    token, session = service.context.sessions.start()
    facts = {"next_draft": "x", "next_step": "about", "then_page": "register"}
    service.context.sessions.set_facts(session, **facts)
    person.cookies.set("sid", token, domain="127.0.0.1")
    service.context.captcha.passed(session)
    # To look at the page forgets nothing; to press its button does.
    assert person.get("/human-test").headers["location"] == "/account/register"
    assert person.submit("/human-test").headers["location"] == "/account/register"
    assert person.submit("/human-test").headers["location"] == "/drafts/x/about"


def test_in_a_browser_the_puzzle_is_solved_by_itself_without_a_breach_of_the_policy(
    page: Page, site: str, service: Service
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}/human-test")
    assert page.locator("summary").is_visible()
    assert not page.get_by_label("Email", exact=True).is_visible()
    box = page.locator("#trap").bounding_box()
    assert box is not None
    clip = page.locator("#trap").evaluate("(input) => getComputedStyle(input.parentElement).clipPath")
    assert clip == "inset(50%)"
    assert axe(page) == []
    service.clock.now += timedelta(seconds=5)
    page.get_by_role("button", name="I am human").click()
    page.wait_for_url(f"{site}/hub")
    assert said == []


def test_in_a_browser_a_puzzle_that_cannot_be_solved_leads_to_the_code(page: Page, site: str) -> None:
    page.goto(f"{site}/human-test")
    page.evaluate("() => { crypto.subtle.importKey = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="I am human").click()
    page.get_by_text("Your browser could not solve the puzzle").wait_for()
    assert page.get_by_label("Email", exact=True).is_visible()
    assert not page.get_by_role("button", name="I am human").is_visible()


def test_without_scripts_the_way_by_email_stands_open(page_without_javascript: Page, site: str) -> None:
    page_without_javascript.goto(f"{site}/human-test")
    assert page_without_javascript.get_by_label("Email", exact=True).is_visible()
    assert not page_without_javascript.get_by_role("button", name="I am human").is_visible()
