"""What opens and closes on a page as people answer is what the engine says counts; nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from formengine import Form, compile_form, evaluate, load
from formengine.form.actions import post_page
from formengine.form.state import FieldState, RepeatState
from formengine.form.state.views import fields_in
from formengine.language.json_types import Json
from formengine.output.html import render_site
from tests.support.html_sites import ON, form
from tests.tools.browser import opened, served

KINDS = """\
form: kinds
title: Kinds
version: 2026.1
access: anyone
pages:
  - id: all
    title: All kinds
    fields:
      - id: colour
        type: choice
        label: Colour
        options:
          red: Red
          blue: Blue
      - id: why_red
        type: text
        label: Why red?
        show_if: colour is red
      - id: more_red
        type: text
        label: More about red
        show_if: why_red is answered
      - id: agreed
        type: tick
        label: Agreed
      - id: not_agreed
        type: text
        label: Why not?
        show_if: agreed is not ticked
      - id: pets
        type: choices
        label: Pets
        options:
          cat: Cat
          dog: Dog
          none_of_these:
            label: None
            exclusive: true
      - id: cat_name
        type: text
        label: Name of the cat
        show_if: pets includes cat
      - id: age
        type: number
        label: Age
      - id: school
        type: text
        label: School
        show_if: age is less than 19
      - id: rent
        type: money
        label: Rent
      - id: help_with_rent
        type: yes_no
        label: Help with the rent?
        show_if: rent is at least 500
      - id: born
        type: date
        label: Born
      - id: nursery
        type: text
        label: Nursery
        show_if: born is less than 5 years ago
      - id: moved
        type: approximate_date
        label: Moved
      - id: address_before
        type: text
        label: Address before
        show_if: moved is on or after 2024-01-01
      - id: postcode
        type: postcode
        label: Postcode
      - id: island
        type: text
        label: Island
        show_if: postcode starts with ME12
"""

TABLE = """\
form: table
title: Table
version: 1
access: anyone
pages:
  - id: all
    title: All
    fields:
      - id: has
        type: yes_no
        label: Any children
      - id: area
        type: choice
        label: Area
        options:
          east: East
          west: West
      - id: kids
        type: repeat
        label: Children
        layout: table
        item_name: child
        item_title: ((name))
        show_if: has is yes
        fields:
          - id: name
            type: text
            label: Name
          - id: school
            type: text
            label: School in the east
            show_if: area is east and name is answered
      - id: some
        type: text
        label: About the children
        show_if: count of kids is at least 1
      - id: nobody
        type: text
        label: No children, really
        show_if: count of kids is 0
      - id: zoe
        type: text
        label: About Zoë
        show_if: any of kids where (name is "Zoë")
"""

OPTIONS = """\
form: options
title: Options
version: 1
access: anyone
pages:
  - id: all
    title: All
    fields:
      - id: colour
        type: choice
        label: Colour
        options: {red: Red, blue: Blue}
      - id: shade
        type: choice
        label: Shade
        options:
          crimson: {label: Crimson, show_if: colour is red}
          navy: {label: Navy, show_if: colour is blue}
      - id: why_navy
        type: text
        label: Why navy?
        show_if: shade is navy
      - id: extras
        type: choices
        label: Extras
        options:
          trim: Trim
          piping: {label: Piping, show_if: shade is crimson}
      - id: why_piping
        type: text
        label: Why piping?
        show_if: extras includes piping
      - id: cloth
        type: choice
        label: Cloth
        control: select
        options:
          wool: Wool
          denim: {label: Denim, show_if: colour is blue}
      - id: why_denim
        type: text
        label: Why denim?
        show_if: cloth is denim
"""

Act = Callable[[Page], None]


def fill(name: str, text: str) -> Act:
    return lambda page: page.locator(f'[name="{name}"]').fill(text)


def check(name: str, value: str) -> Act:
    return lambda page: page.locator(f'[name="{name}"][value="{value}"]').check()


def date(name: str, day: str, month: str, year: str) -> Act:
    def act(page: Page) -> None:
        for part, text in (("day", day), ("month", month), ("year", year)):
            page.locator(f'[name="{name}-{part}"]').fill(text)

    return act


# What a person does, and the answers a post of the page then holds.
CASES: list[tuple[list[Act], dict[str, Any]]] = [
    ([], {}),
    ([check("colour", "red")], {"colour": "red"}),
    ([check("colour", "red"), fill("why_red", "Warm")], {"colour": "red", "why_red": "Warm"}),
    (
        [check("colour", "red"), fill("why_red", "Warm"), check("colour", "blue")],
        {"colour": "blue", "why_red": "Warm"},
    ),
    ([check("colour", "red"), fill("why_red", "   ")], {"colour": "red", "why_red": "   "}),
    ([check("agreed", "yes")], {"agreed": "yes"}),
    ([check("pets", "cat"), check("pets", "dog")], {"pets": ["cat", "dog"]}),
    ([fill("age", "18")], {"age": 18}),
    ([fill("age", "19")], {"age": 19}),
    ([fill("rent", "£1,500.00")], {"rent": 150000}),
    ([fill("rent", "499.99")], {"rent": 49999}),
    ([date("born", "23", "11", "2021")], {"born": "2021-11-23"}),
    ([date("born", "22", "11", "2021")], {"born": "2021-11-22"}),
    ([date("born", "1", "Sept", "2023")], {"born": "2023-09-01"}),
    ([date("born", "31", "2", "2023")], {"born": {"day": "31", "month": "2", "year": "2023"}}),
    ([date("moved", "", "", "2024")], {"moved": "2024"}),
    ([date("moved", "", "", "2023")], {"moved": "2023"}),
    ([date("moved", "", "3", "2024")], {"moved": "2024-03"}),
    ([fill("age", "18.5")], {"age": "18.5"}),
    ([fill("age", "£18")], {"age": "£18"}),
    ([fill("rent", "1000,50")], {"rent": "1000,50"}),
    ([fill("rent", "500.999")], {"rent": "500.999"}),
    ([fill("postcode", "ME1")], {"postcode": "ME1"}),
    ([fill("postcode", "me12-2ab")], {"postcode": "ME12 2AB"}),
]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return compiled(KINDS, tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return compiled(TABLE, tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return compiled(OPTIONS, tmp_path_factory.mktemp("options"))


def compiled(text: str, folder: Path) -> Form:
    (folder / "form.yaml").write_text(text, encoding="utf-8")
    return compile_form(load(folder))


@pytest.fixture(scope="module")
def address(
    kinds: Form, table: Form, options: Form, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("reveals")
    render_site(kinds, {}, ON, folder / "kinds")
    render_site(options, {}, ON, folder / "options")
    render_site(table, {}, ON, folder / "table")
    render_site(form("request-for-support"), {}, ON, folder / "support")
    with served(folder) as address:
        yield address


def visible(page: Page, field: FieldState) -> bool:
    return bool(page.evaluate("id => document.getElementById(id).checkVisibility()", first_id(field)))


def first_id(field: FieldState) -> str:
    parts = field.field.spec.type.control(field.settings).context.get("parts")
    return f"{field.path}-{parts[0]}" if parts else field.path


def shown_and_relevant(
    page: Page, of: Form, page_id: str, answers: dict[str, Any]
) -> tuple[set[str], set[str]]:
    """The questions on screen, and those that the engine says count."""
    state = evaluate(of, answers, on=ON).page(page_id)
    assert state is not None
    everything = evaluate(of, {}, on=ON).page(page_id)
    assert everything is not None
    shown = {field.path for field in everything.fields if visible(page, field)}
    return shown, {field.path for field in state.fields if field.relevance is True}


def test_the_browser_opens_and_closes_what_the_engine_says(
    browser: Browser, kinds: Form, address: str
) -> None:
    with opened(browser) as page:
        for acts, answers in CASES:
            page.goto(f"{address}/kinds/all.html")
            page.locator("body.govuk-frontend-supported").wait_for()
            for act in acts:
                act(page)
            shown, relevant = shown_and_relevant(page, kinds, "all", answers)
            assert shown == relevant, answers
            assert page.locator("[data-app-note]:visible").count() == 0


ROW = {"id": "new", "name": "Zoë"}
TABLE_CASES: list[tuple[list[Act], dict[str, Any]]] = [
    ([], {}),
    ([check("has", "no")], {"has": "no"}),
    ([check("has", "yes")], {"has": "yes"}),
    ([check("has", "yes"), fill("kids.new.name", "Zoë")], {"has": "yes", "kids": [ROW]}),
    (
        [check("has", "yes"), fill("kids.new.name", "Zoë"), check("has", "no")],
        {"has": "no", "kids": [ROW]},
    ),
    (
        [check("area", "east"), check("has", "yes"), fill("kids.new.name", "Zoë")],
        {"area": "east", "has": "yes", "kids": [ROW]},
    ),
]


def test_a_list_on_the_page_counts_as_the_engine_says_also_where_its_gate_is_closed(
    browser: Browser, address: str, table: Form
) -> None:
    with opened(browser) as page:
        for acts, answers in TABLE_CASES:
            page.goto(f"{address}/table/all.html")
            page.locator("body.govuk-frontend-supported").wait_for()
            for act in acts:
                act(page)
            state = evaluate(table, answers, on=ON).page("all")
            assert state is not None
            relevant = {field.path for field in state.fields if field.relevance is True}
            ids = ("has", "area", "some", "nobody", "zoe")
            shown = {id_ for id_ in ids if page.locator(f'[name="{id_}"]').first.is_visible()}
            assert shown == relevant & set(ids), answers
            school = state.nodes[2].items if isinstance(state.nodes[2], RepeatState) else ()
            asked = any(
                field.relevance
                for item in school
                for field in fields_in(item.nodes)
                if field.field.id == "school"
            )
            assert page.locator('[name="kids.new.school"]').is_visible() is asked, answers


def choose(name: str, value: str) -> Act:
    def act(page: Page) -> None:
        page.locator(f'select[name="{name}"]').select_option(value)

    return act


RED, BLUE = check("colour", "red"), check("colour", "blue")
OPTION_CASES: list[tuple[list[Act], dict[str, Any]]] = [
    ([], {}),
    ([RED], {"colour": "red"}),
    ([BLUE, check("shade", "navy")], {"colour": "blue", "shade": "navy"}),
    ([BLUE, check("shade", "navy"), RED], {"colour": "red"}),
    ([BLUE, check("shade", "navy"), RED, BLUE], {"colour": "blue", "shade": "navy"}),
    (
        [RED, check("shade", "crimson"), check("extras", "piping"), check("extras", "trim")],
        {"colour": "red", "shade": "crimson", "extras": ["trim", "piping"]},
    ),
    (
        [RED, check("shade", "crimson"), check("extras", "piping"), check("extras", "trim"), BLUE],
        {"colour": "blue", "extras": ["trim"]},
    ),
    ([BLUE, choose("cloth", "denim")], {"colour": "blue", "cloth": "denim"}),
    ([BLUE, choose("cloth", "denim"), RED], {"colour": "red"}),
    ([BLUE, choose("cloth", "denim"), RED, BLUE], {"colour": "blue", "cloth": "denim"}),
]


def test_options_come_and_go_with_the_answers_of_their_page_as_the_engine_offers_them(
    browser: Browser, address: str, options: Form
) -> None:
    with opened(browser) as page:
        for acts, answers in OPTION_CASES:
            page.goto(f"{address}/options/all.html")
            page.locator("body.govuk-frontend-supported").wait_for()
            for act in acts:
                act(page)
            sent = page.evaluate(
                "() => [...new FormData(document.getElementById('answers')).entries()]"
                ".filter(([name, value]) => !name.startsWith('-') && value !== '')"
            )
            posted: dict[str, list[str]] = {}
            for name, value in sent:
                posted.setdefault(name, []).append(value)
            kept = post_page(options, {}, "all", posted, on=ON).draft
            assert kept == answers
            state = evaluate(options, answers, on=ON).page("all")
            assert state is not None
            for field in state.fields:
                offered = {option.code for option in field.options}
                shown = {
                    option.code
                    for option in field.options_on_page
                    if page.locator(f'[name="{field.path}"][value="{option.code}"]').is_visible()
                    or page.locator(
                        f'[name="{field.path}"] option[value="{option.code}"]:not([hidden])'
                    ).count()
                }
                assert shown == offered, (field.path, answers)
            asked = {field.path for field in state.fields if field.relevance is True}
            assert {id_ for id_ in ("why_navy", "why_piping", "why_denim") if is_shown(page, id_)} == {
                id_ for id_ in asked if id_.startswith("why_")
            }
            nothing = page.get_by_text("What you can choose here depends on other answers")
            assert nothing.is_visible() is ("colour" not in answers)


def is_shown(page: Page, name: str) -> bool:
    return page.locator(f'[name="{name}"]').is_visible()


def test_a_post_that_chose_what_its_own_answers_offer_goes_on(options: Form) -> None:
    chosen = post_page(options, {}, "all", {"colour": ["red"], "shade": ["crimson"]}, on=ON)
    assert chosen.draft == {"colour": "red", "shade": "crimson"}
    assert (chosen.errors, chosen.opened) == ((), ())


def test_without_javascript_each_option_says_when_it_is_offered(browser: Browser, address: str) -> None:
    with opened(browser, javascript=False) as page:
        page.goto(f"{address}/options/all.html")
        assert page.locator('[name="shade"][value="crimson"]').is_visible()
        assert page.locator('label[for="shade"]').inner_text() == (
            "Crimson (only if the answer to “Colour” is “Red”)"
        )
        assert page.locator('option[value="denim"]').inner_text() == (
            "Denim (only if the answer to “Colour” is “Blue”)"
        )
        assert not page.get_by_text("What you can choose here depends on other answers").is_visible()


def test_what_only_the_engine_can_read_opens_with_its_note(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/kinds/all.html")
        page.locator("body.govuk-frontend-supported").wait_for()
        fill("postcode", "me122ab")(page)
        assert page.locator('[name="island"]').is_visible()
        assert page.locator("[data-app-note]:visible").count() == 0
        fill("postcode", "ME1\uff12 2AB")(page)
        assert page.locator('[name="island"]').is_visible()
        assert page.locator("[data-app-note]:visible").all_inner_texts() == [
            "Only answer this if the answer to “Postcode” starts with “ME12”"
        ]
        fill("postcode", "")(page)
        assert page.locator('[name="island"]').is_hidden()


def test_the_agreement_page_opens_each_answer_s_questions(browser: Browser, address: str) -> None:
    support = form("request-for-support")
    with opened(browser) as page:
        page.goto(f"{address}/support/agreement.html")
        page.locator("body.govuk-frontend-supported").wait_for()
        for code in ("yes", "refused", "not_sought", "yes"):
            check("agreement", code)(page)
            shown, relevant = shown_and_relevant(page, support, "agreement", {"agreement": code})
            assert shown == relevant
            assert page.get_by_text("do not give them a copy").is_visible() is (code == "not_sought")


def test_what_was_typed_comes_back_when_a_question_opens_again(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/support/agreement.html")
        page.locator("body.govuk-frontend-supported").wait_for()
        check("agreement", "refused")(page)
        fill("no_agreement_reason", "They said no")(page)
        check("agreement", "yes")(page)
        assert page.locator('[name="no_agreement_reason"]').is_hidden()
        check("agreement", "refused")(page)
        assert page.locator('[name="no_agreement_reason"]').input_value() == "They said no"


def test_without_javascript_every_question_stands_there_with_its_note(browser: Browser, address: str) -> None:
    with opened(browser, javascript=False) as page:
        page.goto(f"{address}/support/agreement.html")
        for name in ("agreement_by", "agreement_on-day", "no_agreement_reason"):
            assert page.locator(f'[name="{name}"]').is_visible()
        assert page.locator("[data-app-note]").first.inner_text() == (
            "Only answer these if the answer to “Has agreement to engage been obtained?” is “Yes”"
        )


def test_a_page_tells_the_browser_nothing_of_answers_given_elsewhere(tmp_path: Path) -> None:
    notification = form("early-help-notification")
    secret: Json = {
        "notifier": {"notified_on": "2026-11-01"},
        "children": [{"id": "c1", "first_name": "Quentin", "date_of_birth": "2008-03-09", "subject": "yes"}],
    }
    render_site(notification, secret, ON, tmp_path)
    text = (tmp_path / "consent.html").read_text(encoding="utf-8")
    assert "young_person_consent" in text
    assert re.search(r"(?<!\\u)2008", text) is None  # U+2008 is one of the blank characters
    assert "Quentin" not in text


def test_the_keyboard_goes_from_the_skip_link_through_every_question_to_the_buttons(
    browser: Browser, address: str
) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/support/reasons.html")
        page.locator("body.govuk-frontend-supported").wait_for()
        reached = []
        for _ in range(25):
            page.keyboard.press("Tab")
            reached.append(
                # A long list is a box to search in; it has the list's id, and no name of its own.
                page.evaluate(
                    "(({name, id, textContent}) => name || id || textContent.trim())(document.activeElement)"
                )
            )
        assert reached[0] == "Skip to main content"
        order = [
            reached.index(each)
            for each in ("primary_reason", "secondary_reason", "Previous", "Next", "Print")
        ]
        assert order == sorted(order)


def test_the_error_summary_has_the_focus_and_leads_to_the_first_box_of_a_date(
    browser: Browser, tmp_path: Path
) -> None:
    render_site(form("request-for-support"), {}, ON, tmp_path, with_errors=True)
    with served(tmp_path) as address, opened(browser) as page:
        page.goto(f"{address}/child.html")
        page.locator("body.govuk-frontend-supported").wait_for()
        assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
        page.get_by_role("link", name="Enter the date of birth of the child or young person").click()
        assert page.evaluate("document.activeElement.id") == "child.date_of_birth-day"
        page.get_by_role("link", name="Select the gender of the child or young person").click()
        assert page.evaluate("document.activeElement.id") == "child.gender"
