"""The app as a whole: its pages, its errors, its cookie, and where it can be mounted."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.service_app import Person


def test_a_browser_gets_its_cookie_with_the_first_page(person: Person) -> None:
    first = person.get("/hub")
    assert first.headers["set-cookie"].startswith("sid=")
    assert "set-cookie" not in person.get("/hub").headers


def test_a_page_can_be_looked_at_in_a_browser(page: Page, site: str) -> None:
    page.goto(f"{site}/hub")
    assert (
        page.get_by_role("heading", level=1).inner_text()
        == "Welcome to the Kent Integrated Children's Services Portal"
    )
