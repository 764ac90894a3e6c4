"""The studio in Chromium: by the keyboard, accessible, without a breach of the policy, and with JavaScript off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.journey_people import account_of, sign_in_page
from tests.support.service_app import Service, running
from tests.support.studio import FORM, WAY, studio_service
from tests.tools.browser import axe

NEW = FORM.replace("label: Your name", "label: Your full name")
CHOSEN = """() => {
  const box = document.activeElement;
  return box.value.slice(box.selectionStart, box.selectionEnd);
}"""
WATCH = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.breaches.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Service]:
    made = studio_service(tmp_path)
    yield made
    made.store.close()


def is_sound(page: Page) -> None:
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def go_to(page: Page, site: str, studio: Service) -> None:
    sign_in_page(studio, page, site, account_of(studio, "ash@example.org", "author"))
    page.goto(f"{site}/studio")


def test_an_author_goes_from_a_slip_to_a_publication_by_the_keyboard(studio: Service, page: Page) -> None:
    page.add_init_script(WATCH)
    with running(studio.own) as site:
        go_to(page, site, studio)
        is_sound(page)
        page.get_by_role("link", name="Ask for a visit").press("Enter")
        page.get_by_label("The text of visit/form.yaml").fill(NEW.replace("type: date", "type: dat"))
        page.get_by_role("button", name="Save").press("Enter")
        page.get_by_text("Your text is saved.").wait_for()
        is_sound(page)
        # The finding's link puts the cursor on its line in the box.
        page.get_by_role("link", name="Line 22").press("Enter")
        assert page.evaluate(CHOSEN) == "        type: dat"
        # What is typed is checked a moment later, with nothing pressed.
        page.keyboard.type("        type: dxte")
        page.get_by_text("There is no type `dxte`").wait_for()
        is_sound(page)
        page.get_by_role("link", name="Line 22").press("Enter")
        page.keyboard.type("        type: date")
        page.locator("#finding-list").get_by_text("There is nothing wrong with it.").wait_for()
        # The preview has the text as it stands in the box, not saved yet.
        page.get_by_role("button", name="Preview").press("Enter")
        frame = page.frame_locator("iframe[name=preview]")
        frame.get_by_label("Your full name").fill("Ada Example")
        frame.get_by_role("button", name="Continue").last.press("Enter")
        frame.get_by_role("heading", name="When").wait_for()
        assert [each.evaluate("window.breaches") for each in page.frames] == [[], []]
        page.get_by_role("button", name="Save").press("Enter")
        page.get_by_text("Your text is saved.").wait_for()
        page.get_by_role("link", name="Changes").press("Enter")
        is_sound(page)
        page.get_by_label("Why it is published").fill("The question was not understood")
        page.get_by_role("button", name="Publish").press("Enter")
        page.get_by_text("It is published.").wait_for()
        is_sound(page)
        page.set_viewport_size({"width": 320, "height": 640})
        for path in (
            "/studio",
            f"{WAY}/outline?remove=about/town",
            f"{WAY}/text",
            f"{WAY}/review",
            f"{WAY}/names?path=town",
            f"{WAY}/changes",
            f"{WAY}/history",
        ):
            page.goto(f"{site}{path}")
            is_sound(page)


def test_without_javascript_the_text_is_saved_previewed_and_published(
    studio: Service, page_without_javascript: Page
) -> None:
    page = page_without_javascript
    with running(studio.own) as site:
        go_to(page, site, studio)
        page.goto(f"{site}{WAY}/text")
        page.get_by_label("The text of visit/form.yaml").fill(NEW)
        page.get_by_role("button", name="Preview").press("Enter")
        page.frame_locator("iframe[name=preview]").get_by_label("Your full name").wait_for()
        page.get_by_role("button", name="Save").press("Enter")
        page.get_by_role("link", name="Changes").press("Enter")
        page.get_by_label("Why it is published").fill("The question was not understood")
        page.get_by_role("button", name="Publish").press("Enter")
        page.get_by_text("It is published.").wait_for()
    assert [line.row.number for line in studio.context.publishing.history("visit")] == [2, 1]


def test_an_approver_approves_by_the_keyboard(studio: Service, page: Page) -> None:
    account = account_of(studio, "kit@example.org", "author")
    copies, reviews = studio.context.working_copies, studio.context.reviews
    seen = copies.now("visit")
    assert seen is not None
    text = {seen.main: FORM.replace("label: Your name", "label: Your full name")}
    kept = copies.save("visit", text, rev=seen.rev, base=seen.base, account=account)
    form = studio.context.engine.check_texts(kept.texts).form
    assert form is not None
    reviews.ask("visit", form.digest, account=account, written="It was unclear")
    with running(studio.own) as site:
        sign_in_page(studio, page, site, account_of(studio, "noor@example.org", "approver"))
        page.goto(f"{site}{WAY}/review")
        is_sound(page)
        page.get_by_label("Approve this text").press("Space")
        page.get_by_role("button", name="Save my decision").press("Enter")
        page.get_by_text("This text is approved.").wait_for()
        is_sound(page)
        page.goto(f"{site}{WAY}/changes")
        is_sound(page)
    assert reviews.of("visit", form.digest, account).stage == "approved"
