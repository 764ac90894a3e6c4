"""The pages of the journey by the standards: axe finds nothing in any state, nor does the Nu HTML checker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from formengine.engine import Engine
from tests.support.journey_browsing import watched
from tests.support.journey_forms import engine_of
from tests.support.journey_people import (
    account_of,
    begun,
    brought_back,
    draft_at,
    give_token,
    post,
    sign_in_page,
    signed_in,
)
from tests.support.service_app import Person, Service, make_service, running
from tests.tools import nu
from tests.tools.browser import axe, opened

LONG = "Wolfeschlegelsteinhausenbergerdorff-Cholmondeley-Featherstonehaugh"
TOOLS = (
    "",
    "check-answers",
    "check-answers?check=1",
    "save-for-later",
    "close",
    "cancel",
    "print",
    "create-pdf",
)


def full_draft(service: Service, browser: Person, account: str | None) -> tuple[str, list[str]]:
    """The way into a draft with 20 children, one without a surname and one with a long name; and its pages."""
    way = begun(browser, "request-for-support", urgency="urgent")
    draft = draft_at(service, way, account)
    children = [
        {"id": f"i{number}", "first_name": f"Child{number}", "last_name": "Example"}
        for number in range(1, 21)
    ]
    children[0].pop("last_name")
    children[1] |= {"first_name": "Anneliese Maximiliana", "last_name": LONG}
    answers = {
        **draft.answers,
        "child": {"first_name": "Ana", "last_name": LONG},
        "has_children_same_address": "yes",
        "children_same_address": children,
        "has_agencies": "yes",
        "agencies": [{"id": "a1", "practitioner": f"Dr {LONG}", "supports": ["children_same_address/i2"]}],
    }
    service.context.drafts.save(draft, answers, step="child", shown=(), urgent=True)
    pages = [page.id for page in draft.form.every_page]
    items = [
        "children_same_address.i1",
        "children_same_address.i2?check=1",
        "children_same_address.i2.remove",
    ]
    return way, [
        *pages,
        *(f"{page}?check=1" for page in pages),
        *items,
        "children_same_address.new",
        "call-first",
    ]


def conflict(browser: Person, way: str) -> str:
    """The name of a choice between two versions of a page."""
    shown = browser.get(f"{way}child")
    post(browser, f"{way}child", child__first_name="Bea", action="index")
    answer = browser.submit(
        f"{way}child", {**brought_back(shown), "child.first_name": LONG, "-action": "index"}
    )
    return str(answer.headers["location"].removeprefix(way))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    forms = tmp_path / "forms"
    made = make_service(tmp_path, engine=Engine(folders=engine_of(forms).folders))
    yield made
    made.store.close()


def test_axe_finds_nothing_on_any_page_of_a_full_draft(browser: Browser, service: Service) -> None:
    somebody = signed_in(service)
    way, names = full_draft(service, somebody.browser, somebody.account)
    names += [*TOOLS, conflict(somebody.browser, way)]
    with running(service.own) as site, opened(browser) as page:
        said = watched(page)
        assert somebody.account is not None
        sign_in_page(service, page, site, somebody.account)
        for name in names:
            page.goto(f"{site}{way}{name}")
            assert axe(page) == [], name
        page.goto(f"{site}{way}child")
        page.evaluate("document.getElementById('time-is-running-out').showModal()")
        assert axe(page) == []
        assert said == []


def test_axe_finds_nothing_where_a_form_is_open_to_anyone(browser: Browser, service: Service) -> None:
    with running(service.own) as site, opened(browser) as page:
        said = watched(page)
        page.goto(f"{site}/forms/ask-for-help")
        assert axe(page) == []
        page.get_by_role("group", name="Do you live nearby?").get_by_label("Yes").check()
        page.get_by_role("group", name="Are you safe now?").get_by_label("No", exact=True).check()
        page.get_by_role("button", name="Start").click()
        way = page.url.rpartition("/")[0]
        for name in (
            "call-first",
            "",
            "you",
            "you?check=1",
            "page-close",
            "submit",
            "save-for-later",
            "close",
        ):
            page.goto(f"{way}/{name}")
            assert axe(page) == [], name
        assert said == []


def test_axe_finds_nothing_on_the_way_from_a_link_asked_for_to_the_form(
    browser: Browser, service: Service
) -> None:
    with running(service.own) as site, opened(browser) as page, opened(browser) as elsewhere:
        said = watched(page)
        page.goto(f"{site}/forms/ask-for-help")
        page.get_by_role("group", name="Do you live nearby?").get_by_label("Yes").check()
        page.get_by_role("group", name="Are you safe now?").get_by_label("Yes").check()
        page.get_by_role("button", name="Start").click()
        page.goto(f"{page.url.rpartition('/')[0]}/save-by-email")
        assert axe(page) == []
        page.get_by_role("button", name="Send me the link").click()
        expect(page.get_by_role("link", name="Choose a word to open the link with")).to_be_visible()
        assert axe(page) == []
        page.get_by_label("Email address").fill("pat@example.org")
        page.get_by_label("Choose a word to open the link with").fill("blue kettles")
        page.get_by_role("button", name="Send me the link").click()
        link = next(
            path for path in service.mail("pat@example.org")[0].email.text.split() if "/resume/" in path
        )
        elsewhere.goto(f"{site}/resume/{link.rpartition('/')[2]}")
        assert axe(elsewhere) == []
        elsewhere.get_by_label("The word that you chose").fill("red kettles")
        elsewhere.get_by_role("button", name="Go on with the form").click()
        expect(elsewhere.get_by_role("link", name="This is not the word that you chose")).to_be_visible()
        elsewhere.get_by_text("I do not remember the word").click()
        assert axe(elsewhere) == []
        elsewhere.get_by_label("The word that you chose").fill("Blue Kettles")
        elsewhere.get_by_role("button", name="Go on with the form").click()
        expect(elsewhere).to_have_url(re.compile("/drafts/"))
        # The browser itself tells of the page with errors.
        assert [line for line in said if "422" not in line] == []


@pytest.mark.parametrize("by", ["button", "shift"])
def test_the_way_out_leaves_at_once_and_back_shows_no_answer(page: Page, service: Service, by: str) -> None:
    with running(service.own) as site:
        page.goto(f"{site}/forms/ask-for-help")
        page.get_by_role("group", name="Do you live nearby?").get_by_label("Yes").check()
        page.get_by_role("group", name="Are you safe now?").get_by_label("Yes").check()
        page.get_by_role("button", name="Start").click()
        page.goto(page.url.rpartition("/")[0] + "/you")
        page.locator('[name="name"]').fill("Canary Ophelia")
        expect(page.locator("#saved")).to_have_text("Your answers are saved")
        left: list[str] = []

        def leave(route: Route) -> None:
            # No test reaches another host: the service's own answer is looked at, and something else shown.
            left.append(route.fetch(max_redirects=0).headers["location"])
            route.fulfill(body="Sunny", content_type="text/html")

        page.route("**/exit", leave)
        if by == "button":
            page.get_by_role("button", name="Exit this page").click()
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
        expect(page.locator("body")).to_have_text("Sunny")
        assert left == ["https://www.example.org/weather"]
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "/drafts/" not in page.url
        expect(page.locator("body")).not_to_contain_text("Ophelia")
        assert "Ophelia" not in page.content()


def test_axe_finds_nothing_when_time_is_over(page: Page, service: Service) -> None:
    with running(service.own) as site:
        account = account_of(service)
        sign_in_page(service, page, site, account)
        page.goto(f"{site}/forms/visit")
        page.get_by_label("At home").check()
        page.get_by_role("button", name="Start").click()
        way = page.url.rpartition("/")[0]
        service.clock.move(minutes=30)
        for name in ("timed-out?at=when", "timed-out?held=1&at=when"):
            page.goto(f"{way}/{name}")
            assert page.get_by_role("heading", level=1).inner_text() == "You have been signed out"
            assert axe(page) == [], name


@pytest.mark.java
def test_the_nu_checker_finds_no_error_on_any_page(tmp_path: Path, service: Service) -> None:
    somebody = signed_in(service)
    browser = somebody.browser
    way, names = full_draft(service, browser, somebody.account)
    paths = [f"{way}{name}" for name in (*names, *TOOLS, conflict(browser, way))]
    paths += ["/forms/request-for-support", "/forms/ask-for-help"]
    help_way = begun(browser, "ask-for-help", safe="yes", nearby="yes")
    paths += [f"{help_way}{name}" for name in ("", "you", "you?check=1", "page-close", "submit")]
    texts = {path: browser.get(path) for path in paths}
    browser.submit(f"{help_way}cancel", {"-action": "delete"})
    texts["cancelled"] = browser.get(help_way)
    gate = service.person()
    gate_way = begun(gate, "visit", kind="home")
    session = service.context.sessions.find(gate.token)
    assert session is not None
    service.context.sessions.set_facts(session, human="1")
    texts["gate"] = gate.get(f"{gate_way}when")
    service.clock.move(minutes=30)
    late = service.person()
    give_token(late, somebody.token)
    texts["timed out"] = late.get(f"{way}timed-out?at=child")
    files = []
    for number, (name, answer) in enumerate(texts.items()):
        assert answer.status_code == 200, (name, answer.status_code)
        files.append(tmp_path / f"{number}.html")
        files[-1].write_text(answer.text, encoding="utf-8")
    found = [(list(texts)[int(each.path.stem)], each.text, each.extract) for each in nu.errors(files)]
    assert found == []
