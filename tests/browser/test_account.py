"""The pages around accounts in Chromium: accessible, without a breach of the policy, and empty after signing out."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Error, Page

from formengine.service.accounts.identity import with_app
from formengine.service.accounts.users import users
from tests.support.service_app import Service
from tests.support.signing_in import EMAIL, PASSWORD
from tests.tools.browser import DESKTOP, axe, opened

PAGES = (
    "/account", "/account/details", "/account/email", "/account/email/code", "/account/password",
    "/account/two-step", "/account/sessions", "/account/close", "/account/sign-out", "/account/register/done",
)  # fmt: skip
PHONE = {"width": 320, "height": 640}


@pytest.fixture(params=[DESKTOP["width"], PHONE["width"]])
def sized(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page as wide as a desk's screen, and one as narrow as WCAG 1.4.10 asks for."""
    with opened(browser, viewport={"width": request.param, "height": 800}) as page:
        yield page


def breaches(page: Page) -> list[str]:
    """What the browser says from now on of policies that were broken, errors of scripts among it."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda message: said.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return said


def is_sound(page: Page) -> None:
    """Nothing; the page has no fault that axe finds, and is no wider than the window."""
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def register_in(page: Page, site: str, service: Service, *, check: bool = False) -> None:
    """Nothing; the person at the browser has an account and is signed in, by the keyboard alone."""
    page.goto(f"{site}/account/sign-in")
    if check:
        is_sound(page)
    page.get_by_role("button", name="Register for new account").click()
    page.get_by_label("First name").fill("Alex")
    page.get_by_label("Last name").fill("Morgan")
    page.keyboard.press("Enter")
    page.get_by_label("Email").wait_for()
    if check:
        is_sound(page)
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/register/code")
    if check:
        is_sound(page)
    page.get_by_label("Code").fill(service.code(EMAIL))
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/register/done")


def test_registering_is_accessible_and_breaks_no_policy(sized: Page, site: str, service: Service) -> None:
    said = breaches(sized)
    register_in(sized, site, service, check=True)
    is_sound(sized)
    assert said == []


def test_pages_of_an_account_are_accessible_and_break_no_policy(
    sized: Page, site: str, service: Service
) -> None:
    said = breaches(sized)
    register_in(sized, site, service)
    for path in PAGES:
        sized.goto(site + path)
        is_sound(sized)
    assert said == []


def test_pages_of_recovery_codes_are_accessible_and_break_no_policy(
    sized: Page, site: str, service: Service
) -> None:
    said = breaches(sized)
    register_in(sized, site, service)
    (account,) = users(service.service)
    with service.store.write() as tx:
        row = tx.accounts.get(account.id)
        assert row is not None
        tx.accounts.replace(with_app(service.service, row, pyotp.random_base32()))
    sized.goto(f"{site}/account/recovery-codes")
    is_sound(sized)
    sized.get_by_label("Password", exact=True).fill(PASSWORD)
    sized.get_by_role("button", name="Make new codes").click()
    sized.get_by_role("button", name="I have kept them").wait_for()
    is_sound(sized)
    sized.context.clear_cookies()
    sized.goto(f"{site}/account/sign-in")
    sized.get_by_label("Email").fill(EMAIL)
    sized.get_by_label("Password", exact=True).fill(PASSWORD)
    sized.keyboard.press("Enter")
    sized.get_by_role("link", name="Use a recovery code").click()
    is_sound(sized)
    assert said == []


def test_errors_lead_to_their_boxes(page: Page, site: str) -> None:
    said = breaches(page)
    page.goto(f"{site}/account/sign-in")
    page.get_by_role("button", name="Submit").click()
    assert page.title().startswith("Error: ")
    is_sound(page)
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    page.get_by_role("link", name="Enter your password").click()
    assert page.evaluate("document.activeElement.id") == "password"
    assert said == []


def test_a_password_can_be_shown_and_is_hidden_again_when_sent(page: Page, site: str) -> None:
    page.goto(f"{site}/account/sign-in")
    page.get_by_label("Password", exact=True).fill("some text")
    page.get_by_role("button", name="Show password").click()
    assert page.locator("#password").get_attribute("type") == "text"
    page.get_by_role("button", name="Hide password").click()
    assert page.locator("#password").get_attribute("type") == "password"


def test_after_signing_out_the_back_button_shows_nothing(page: Page, site: str, service: Service) -> None:
    register_in(page, site, service)
    page.goto(f"{site}/account/details")
    assert page.get_by_label("Last name").input_value() == "Morgan"
    page.goto(f"{site}/account")
    assert page.get_by_text(EMAIL).is_visible()
    page.goto(f"{site}/account/sign-out")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/signed-out")
    for _ in range(3):
        page.go_back()
        assert "Morgan" not in page.content()
        assert EMAIL not in page.content()
    page.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.go_back()


def test_paper_has_no_buttons(page: Page, site: str) -> None:
    page.goto(f"{site}/account/register")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.locator("button:visible, .govuk-button:visible").count()


def test_an_account_can_be_made_without_scripts(
    page_without_javascript: Page, site: str, service: Service
) -> None:
    register_in(page_without_javascript, site, service)
    assert page_without_javascript.get_by_text("Your account is ready").is_visible()


def test_the_qr_code_is_drawn_as_large_as_a_telephone_needs_it(
    page: Page, site: str, service: Service
) -> None:
    register_in(page, site, service)
    page.goto(f"{site}/account/two-step")
    box = page.get_by_role("img", name="QR code").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (220, 220)


def test_two_browsers_see_each_other(page: Page, site: str, service: Service) -> None:
    register_in(page, site, service)
    service.clock.move(minutes=2)
    other = service.person()
    other.submit("/account/sign-in", {"email": EMAIL, "password": PASSWORD})
    other.submit("/account/code", {"code": service.code(EMAIL)})
    page.goto(f"{site}/account/sessions")
    assert page.get_by_role("heading", name="Another browser").count() == 1
    is_sound(page)
    assert page.get_by_label("Everywhere else").is_checked()
    page.get_by_role("button", name="Sign out there").click()
    page.get_by_role("link", name="Enter your password").wait_for()
    is_sound(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("You are signed out everywhere else").wait_for()
    assert other.get("/account").status_code == 303
