"""The desk in a real browser: a request is opened and decided by its own buttons, and axe finds nothing on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.desk_people import OFFICER, TEACHER, decide, open_case, path_of, sent_by, staff
from tests.support.journey_browsing import leave, watched
from tests.support.journey_people import account_of, sign_in_page
from tests.support.service_app import Service, make_service, running
from tests.tools.browser import axe, opened


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path)
    yield made
    made.store.close()


def press(page: Page, name: str) -> None:
    """Press the button, and wait for the page that it leads to; axe finds nothing there."""
    leave(page, page.get_by_role("button", name=name, exact=True).click)
    assert axe(page) == [], name


def test_a_request_is_decided_by_the_pages_own_words(browser: Browser, service: Service) -> None:
    teacher = account_of(service, TEACHER)
    receipt = sent_by(service, teacher, urgency="urgent")
    officer = staff(service, OFFICER)
    assert officer.account is not None
    with running(service.own) as site, opened(browser) as page:
        said = watched(page)
        sign_in_page(service, page, site, officer.account)
        page.goto(f"{site}/desk")
        assert axe(page) == []
        leave(page, page.get_by_role("link", name=receipt.reference).click)
        press(page, "Open the case")
        press(page, "Work on it")
        page.get_by_role("group", name="Is immediate protection needed?").get_by_label("Yes").check()
        press(page, "Strategy discussion now")
        assert page.get_by_role("alert").get_by_text("whether the family is known").is_visible()
        page.get_by_role("group", name="Is the family known?").get_by_label("Not known").check()
        # A colleague is faster.
        other = staff(service, "other@example.org")
        open_case(other, receipt.reference)
        decide(other, receipt.reference, "protect", stage="contact", immediate="yes", known="open")
        press(page, "Strategy discussion now")
        assert page.get_by_text("A colleague was faster").is_visible()
        page.get_by_role("group", name="Decision").get_by_label("Early help").check()
        page.get_by_label("Threshold and reasons").fill("Level 3")
        press(page, "Step down to early help")
        assert page.get_by_text(f"Your decision on {receipt.reference} is recorded.").is_visible()
        leave(page, page.get_by_role("link", name="Done lately").click)
        assert axe(page) == []
        page.goto(f"{site}{path_of(receipt.reference)}")
        assert axe(page) == []
        sign_in_page(service, page, site, teacher)
        for address in ("/my-forms", f"/drafts/{receipt.draft}/sent"):
            page.goto(f"{site}{address}")
            assert axe(page) == [], address
            assert page.get_by_text("Outcome: Early help for the family").count() == 1
        # A page that shows what is wrong is answered with 422, which the browser notes.
        assert [each for each in said if "422" not in each] == []
