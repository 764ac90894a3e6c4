"""The journey in a real browser: with JavaScript off, by keyboard alone, on a narrow screen, and as time runs out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from formengine.form.actions import next_page
from formengine.form.plan import Form
from formengine.form.state import State
from tests.support.journey_browsing import (
    boxes_of,
    boxes_of_item,
    fill,
    fill_by_keyboard,
    items_of,
    leave,
    place,
    watched,
    whole,
)
from tests.support.journey_people import EMAIL, account_of, sign_in_page
from tests.support.service_app import Service
from tests.tools.browser import opened

FORMS = ("request-for-support", "early-help-notification")
PASSWORD = "a password of four words"
NARROW = ViewportSize(width=320, height=640)


def form_of(service: Service, form_id: str) -> Form:
    form = service.context.drafts.forms.current(form_id)
    assert form is not None
    return form


def begin(page: Page, site: str, service: Service, form_id: str, state: State) -> None:
    """Nothing; somebody signed in has begun the form."""
    sign_in_page(service, page, site, account_of(service))
    page.goto(f"{site}/forms/{form_id}")
    if form_of(service, form_id).start is not None:
        fill(page, boxes_of(state, "start"))
    page.get_by_role("button", name="Start").click()
    if page.url.endswith("/call-first"):
        page.get_by_role("button", name="Continue to the form").click()


def in_draft(page: Page, name: str) -> str:
    """The address of what is called so within the draft."""
    return page.url.rpartition("/")[0] + f"/{name}"


def pages_of(state: State) -> list[str]:
    """The pages that a person walks through, in order, from the first to the one that sends."""
    pages, at = [], next_page(state, "start") if state.form.start else state.form.pages[0].id
    while at is not None:
        pages.append(at)
        at = next_page(state, at)
    return pages


def on(page: Page, value: str = "next") -> None:
    """Nothing; the page's button is pressed."""
    page.locator(f'.app-buttons [name="-action"][value="{value}"]').click()


# --- without JavaScript -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_is_filled_in_and_sent_with_javascript_off(
    page_without_javascript: Page, service: Service, site: str, form_id: str
) -> None:
    page, state = page_without_javascript, whole(form_of(service, form_id), 3)
    begin(page, site, service, form_id, state)
    if not place(page):
        page.goto(in_draft(page, pages_of(state)[0]))
    for page_id in pages_of(state):
        assert place(page) == page_id
        fill(page, boxes_of(state, page_id))
        for path, item in items_of(state, page_id):
            page.locator(f'[name="-action"][value="add:{path}"]').click()
            fill(page, boxes_of_item(item, page.locator('[name="new"]').input_value()))
            on(page, "save_item")
            assert place(page).partition("?")[0] == page_id
        if page_id != "submit":
            on(page)
        if place(page) == page_id and page.locator("#advice").count():
            on(page)
        if place(page) == "check-answers":
            on(page)
    on(page, "submit")
    assert place(page) == "sent"
    with service.store.read() as tx:
        assert [line.form for line in tx.submissions.listed(9)] == [form_id]


def test_a_newcomer_gets_from_the_hub_to_page_two_with_javascript_off(
    page_without_javascript: Page, service: Service, site: str
) -> None:
    """The hub, urgent, whom to call, the human test by e-mail, page 1, the gate, registering: and on page 2."""
    page, email = page_without_javascript, "pat.newcomer@example.org"
    page.goto(f"{site}/hub")
    page.get_by_role("link", name="Request for Support").click()
    page.get_by_label("Urgent", exact=True).check()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Continue to the form").click()
    assert page.url == f"{site}/human-test"
    page.locator('[name="email"]').fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(service.code(email))
    page.locator("main button[type=submit]").first.click()
    assert place(page) == "about"
    on(page)
    assert place(page) == "child"
    page.get_by_role("button", name="Login or Register").click()
    page.get_by_role("button", name="Register for new account").click()
    page.locator('[name="first_name"]').fill("Pat")
    page.locator('[name="last_name"]').fill("Newcomer")
    page.locator("main button[type=submit]").first.click()
    page.locator('[name="email"]').fill(email)
    page.locator('[name="new_password"]').fill(PASSWORD)
    page.locator('[name="confirm"]').fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.get_by_label("Code").fill(service.code(email))
    page.get_by_role("button", name="Finish").click()
    page.locator('main a[href*="/drafts/"]').click()
    assert place(page) == "child"
    # What is known of the person stands there, and the urgency was carried along.
    expect(page.locator("main")).to_contain_text("Newcomer")
    page.get_by_role("button", name="Save for later", exact=True).click()
    page.get_by_role("button", name="Go to My forms").click()
    expect(page.locator("main")).to_contain_text("Request for Support")


# --- by keyboard alone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_is_filled_in_and_sent_by_keyboard_alone(
    page: Page, service: Service, site: str, form_id: str
) -> None:
    said, state = watched(page), whole(form_of(service, form_id), 3)
    begin(page, site, service, form_id, state)
    if not place(page):
        page.goto(in_draft(page, pages_of(state)[0]))
    for page_id in pages_of(state):
        assert place(page) == page_id
        boxes = boxes_of(state, page_id)
        for path, item in items_of(state, page_id):
            leave(page, partial(fill_by_keyboard, page, boxes, f"add:{path}"))
            of_item = boxes_of_item(item, page.locator('[name="new"]').input_value())
            leave(page, partial(fill_by_keyboard, page, of_item, "save_item"))
            assert place(page).partition("?")[0] == page_id
            boxes = {}
        last = page_id == "submit"
        leave(page, partial(fill_by_keyboard, page, boxes, "submit" if last else "next"))
        if place(page) == page_id and page.locator("#advice").count():
            leave(page, partial(fill_by_keyboard, page, {}, "next"))
        if place(page) == "check-answers":
            leave(page, partial(fill_by_keyboard, page, {}, "next"))
    assert place(page) == "sent"
    assert said == []


# --- on a narrow screen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", FORMS)
def test_nothing_is_lost_beside_a_narrow_screen(
    browser: Browser, service: Service, site: str, form_id: str
) -> None:
    state = whole(form_of(service, form_id), 5, minimal=False)
    with opened(browser, viewport=NARROW) as page:
        begin(page, site, service, form_id, state)
        tools = ["", "check-answers?check=1", "save-for-later", "close", "cancel", "print", "timed-out"]
        for name in [*pages_of(state), *tools]:
            page.goto(in_draft(page, name))
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            assert wide <= NARROW["width"], (name, wide)


# --- time and saving --------------------------------------------------------------------------------------------------


def test_a_dialog_warns_and_one_press_goes_on(page: Page, service: Service, site: str) -> None:
    page.clock.install()
    said = watched(page)
    begin(page, site, service, "request-for-support", whole(form_of(service, "request-for-support"), 3))
    page.goto(in_draft(page, "child"))
    page.locator('[name="child.first_name"]').focus()
    dialog = page.get_by_role("dialog", name="Your time is running out")
    page.clock.fast_forward("17:50")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("00:15")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("You have 2 minutes left")
    expect(page.get_by_role("button", name="Stay on this page")).to_be_focused()
    page.clock.fast_forward("01:10")
    expect(dialog).to_contain_text("You have less than a minute left")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator('[name="child.first_name"]')).to_be_focused()
    page.clock.fast_forward("17:50")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("00:15")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")  # as good as the button
    expect(dialog).to_be_hidden()
    assert said == []


def test_unsaved_text_of_three_fields_is_there_after_signing_in_again(
    page: Page, service: Service, site: str
) -> None:
    page.clock.install()
    account = account_of(service)
    with service.store.write() as tx:
        row = tx.accounts.get(account)
        assert row is not None
        tx.accounts.replace(replace(row, password_hash=service.context.passwords.hash(PASSWORD)))
    sign_in_page(service, page, site, account)
    page.goto(f"{site}/forms/request-for-support")
    page.get_by_label("Standard", exact=True).check()
    page.get_by_role("button", name="Start").click()
    page.goto(in_draft(page, "request"))
    typed = {
        "concerns": "He was very quiet today",
        "complicating": "They moved in May",
        "other": "See the letter",
    }
    names = page.locator("textarea").evaluate_all("boxes => boxes.map(box => box.name)")[:3]
    for name, text in zip(names, typed.values(), strict=True):
        # As fast as nobody types: none of it is saved before the time is over.
        page.locator(f'[name="{name}"]').evaluate("(box, text) => { box.value = text; }", text)
    page.clock.fast_forward("20:01")
    page.wait_for_url("**/timed-out?at=request")
    expect(page.locator("main")).to_contain_text("What you had entered is kept")
    expect(page.locator("body")).not_to_contain_text("very quiet")
    page.get_by_role("button", name="Sign in and go on").click()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Submit").click()
    page.get_by_label("Code").fill(service.code(EMAIL))
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/request")
    for name, text in zip(names, typed.values(), strict=True):
        expect(page.locator(f'[name="{name}"]')).to_have_value(text)


def test_what_is_typed_is_saved_without_a_press_and_back_loses_nothing(
    page: Page, service: Service, site: str
) -> None:
    said = watched(page)
    begin(page, site, service, "request-for-support", whole(form_of(service, "request-for-support"), 3))
    page.goto(in_draft(page, "child"))
    page.locator('[name="child.first_name"]').fill("Ana")
    expect(page.locator("#saved")).to_have_text("Your answers are saved")
    page.locator('[name="child.last_name"]').fill("Example")
    # Left by the menu before anything was saved again; then by the browser's own Back, twice.
    page.get_by_role("button", name="Request Details").click()
    page.wait_for_url("**/request")
    page.go_back()
    expect(page.locator('[name="child.last_name"]')).to_have_value("Example")
    page.locator('[name="child.last_name"]').fill("Other")
    page.get_by_role("link", name="My forms").click()
    page.wait_for_url("**/my-forms")
    page.go_back()
    expect(page.locator('[name="child.first_name"]')).to_have_value("Ana")
    expect(page.locator('[name="child.last_name"]')).to_have_value("Other")
    assert said == []


def test_two_windows_that_save_while_typing_end_in_a_choice(page: Page, service: Service, site: str) -> None:
    begin(page, site, service, "request-for-support", whole(form_of(service, "request-for-support"), 3))
    page.goto(in_draft(page, "child"))
    other = page.context.new_page()
    other.goto(page.url)
    page.locator('[name="child.first_name"]').fill("Ana")
    expect(page.locator("#saved")).to_have_text("Your answers are saved")
    other.locator('[name="child.first_name"]').fill("Bea")
    expect(other.locator("#saved")).to_contain_text("changed in another window")
    on(other)
    other.wait_for_url("**/conflict?post=*")
    other.get_by_role("button", name="Keep what I entered here").click()
    expect(other.locator('[name="child.first_name"]')).to_have_value("Bea")


def test_without_a_network_a_press_leaves_what_is_typed_on_the_page(
    page: Page, service: Service, site: str
) -> None:
    begin(page, site, service, "request-for-support", whole(form_of(service, "request-for-support"), 3))
    page.goto(in_draft(page, "child"))
    page.locator('[name="child.first_name"]').fill("An")
    expect(page.locator("#saved")).to_have_text("Your answers are saved")
    page.context.set_offline(True)
    page.locator('[name="child.first_name"]').fill("Ana")
    on(page)
    expect(page.locator("#saved")).to_contain_text("What you entered is still on this page")
    expect(page.locator('[name="child.first_name"]')).to_have_value("Ana")
    page.context.set_offline(False)
    on(page)
    page.wait_for_url("**/child?check=1#main-content")
    expect(page.locator('[name="child.first_name"]')).to_have_value("Ana")


def test_signed_out_in_another_window_the_page_keeps_what_is_typed(
    page: Page, service: Service, site: str
) -> None:
    begin(page, site, service, "request-for-support", whole(form_of(service, "request-for-support"), 3))
    page.goto(in_draft(page, "child"))
    page.locator('[name="child.first_name"]').fill("Ana")
    service.clock.move(minutes=30)
    expect(page.locator("#saved")).to_contain_text("You have been signed out")
    on(page)
    page.wait_for_url("**/timed-out?held=1&at=child")
    expect(page.locator("main")).to_contain_text("will be saved when you have signed in")
