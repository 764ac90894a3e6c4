"""What scripts add to questions, in the browser: uploads with progress, long lists to search, addresses, counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, ViewportSize, expect

from tests.support.help_forms import LANGUAGES, engine_with_helps
from tests.support.service_app import Service, make_service, running
from tests.support.upload_files import jpeg, pdf
from tests.tools import nu
from tests.tools.browser import axe, opened

NARROW = ViewportSize(width=320, height=700)
LETTER = FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=pdf())
PHOTO = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=jpeg())
NO_PDF = (
    "“bad.pdf” is not a PDF file, although its name says so. "
    "Open it, save it again, best as a PDF, and choose that"
)
BAD = FilePayload(name="bad.pdf", mimeType="application/pdf", buffer=b"MZ")


class Held(list[Route]):
    """Requests that are not let through."""

    def hold(self, route: Route) -> None:
        self.append(route)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("helps")
    made = make_service(folder, engine=engine_with_helps(folder / "forms"))
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def site(service: Service) -> Iterator[str]:
    with running(service.own) as address:
        yield address


@pytest.fixture
def faults() -> list[str]:
    """What the page complains of: scripts that fail, policies that are broken."""
    return []


@pytest.fixture
def at(page: Page, site: str, faults: list[str]) -> Iterator[Callable[[str], Page]]:
    """Opens a page of a new draft, with its scripts started."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda message: faults.append(message.text) if "policy" in message.text.lower() else None
    )

    def go(name: str) -> Page:
        begin(page, site, name)
        page.locator("body.govuk-frontend-supported").wait_for()
        return page

    yield go
    assert faults == []


def begin(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/forms/helps")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/drafts/**")
    page.goto(re.sub(r"(/drafts/[^/]+/).*", rf"\1{name}", page.url))


def stored(service: Service, page: Page) -> dict[str, Any]:
    """The draft's answers."""
    draft = re.search("/drafts/([^/]+)/", page.url)
    assert draft is not None
    with service.store.read() as tx:
        row = tx.drafts.get(draft[1])
    assert row is not None
    return dict(service.context.drafts.unsealed(row).answers)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continue", exact=True).click()


def rows(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".app-files__file").all_inner_texts()]


# --- uploads --------------------------------------------------------------------------------------------------------


def test_files_are_uploaded_as_soon_as_they_are_chosen_and_stay_when_the_page_is_posted(
    at: Callable[[str], Page], service: Service
) -> None:
    page = at("papers")
    page.set_input_files("#papers", [LETTER, PHOTO])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf", "photo.jpg"])
    expect(page.locator("#papers-status")).to_have_text(
        "photo.jpg has been uploaded. Not checked for viruses"
    )
    go_on(page)
    page.wait_for_url("**/place")
    assert [file["name"] for file in stored(service, page)["papers"]] == ["letter.pdf", "photo.jpg"]


def test_an_upload_says_how_far_it_has_come_and_the_page_waits_for_it(
    at: Callable[[str], Page], service: Service
) -> None:
    page = at("papers")
    held = Held()
    page.route("**/files", held.hold)
    page.set_input_files("#papers", [LETTER])
    bar = page.get_by_role("progressbar", name="Uploading letter.pdf")
    bar.wait_for()
    expect(page.locator("#papers-status")).to_have_text("Uploading letter.pdf")
    assert axe(page) == []
    go_on(page)
    expect(page.locator("#letter-status")).to_have_text("Wait until the files have been uploaded")
    assert page.url.endswith("/papers")
    held[0].continue_()
    page.wait_for_url("**/place")
    assert [file["name"] for file in stored(service, page)["papers"]] == ["letter.pdf"]


def test_a_refused_file_is_told_in_the_list_and_to_screen_readers(at: Callable[[str], Page]) -> None:
    page = at("papers")
    page.set_input_files("#papers", [BAD, LETTER])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf"])
    assert rows(page)[0] == NO_PDF
    assert axe(page) == []


def test_why_a_file_was_refused_stays_when_the_page_is_loaded_again_until_another_is_chosen(
    at: Callable[[str], Page],
) -> None:
    page = at("papers")
    page.set_input_files("#papers", [BAD])
    expect(page.locator("#papers-status")).to_have_text(NO_PDF)
    page.reload()
    page.locator("body.govuk-frontend-supported").wait_for()
    expect(page.locator("#papers-error")).to_have_text(f"Error: {NO_PDF}")
    expect(page.locator(".govuk-error-summary a")).to_have_text([NO_PDF])
    assert axe(page) == []
    page.set_input_files("#papers", [LETTER])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf"])
    expect(page.locator(".govuk-error-summary")).to_have_count(0)
    expect(page.locator("#papers-error")).to_have_count(0)
    assert page.locator("#papers").get_attribute("aria-describedby") == "papers-hint papers-limits"
    assert axe(page) == []
    page.reload()
    page.locator("body.govuk-frontend-supported").wait_for()
    expect(page.locator("#papers-error")).to_have_count(0)


def test_a_choice_of_several_keeps_what_is_said_of_each_that_was_refused(at: Callable[[str], Page]) -> None:
    page = at("papers")
    page.set_input_files("#papers", [BAD, LETTER])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf"])
    page.reload()
    expect(page.locator("#papers-error")).to_have_text(f"Error: {NO_PDF}")


def test_a_file_that_is_too_large_is_told_without_being_sent_and_stays_told(
    at: Callable[[str], Page],
) -> None:
    large = (
        "“letter.pdf” must be 2 MB or smaller. "
        "Save it smaller, such as with smaller pictures, or in parts, and choose that"
    )
    page = at("papers")
    content = b"%PDF-" + b"x" * 2_000_001
    with page.expect_response("**/files") as told:
        page.set_input_files(
            "#letter", [FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=content)]
        )
    expect(page.locator("#letter-status")).to_have_text(large)
    assert len(told.value.request.post_data_buffer or b"") < 1_000
    page.reload()
    expect(page.locator("#letter-error")).to_have_text(f"Error: {large}")


def test_a_file_is_removed_in_the_page_and_gone_when_it_is_posted(
    at: Callable[[str], Page], service: Service
) -> None:
    page = at("papers")
    page.set_input_files("#papers", [LETTER, PHOTO])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf", "photo.jpg"])
    page.get_by_role("button", name="Remove letter.pdf").click()
    expect(page.locator(".app-files__file a")).to_have_text(["photo.jpg"])
    expect(page.locator("#papers-status")).to_have_text("letter.pdf has been removed")
    assert page.evaluate("document.activeElement.id") == "papers"
    go_on(page)
    page.wait_for_url("**/place")
    assert [file["name"] for file in stored(service, page)["papers"]] == ["photo.jpg"]


def test_a_file_that_the_network_lost_goes_with_the_page(at: Callable[[str], Page], service: Service) -> None:
    page = at("papers")
    page.route("**/files", lambda route: route.abort())
    page.set_input_files("#papers", [LETTER])
    expect(page.locator("#papers-status")).to_have_text(
        "“letter.pdf” could not be uploaded by itself. It is still chosen, and is sent when you go on"
    )
    go_on(page)
    page.wait_for_url("**/place")
    assert [file["name"] for file in stored(service, page)["papers"]] == ["letter.pdf"]


def test_a_new_file_takes_the_place_of_the_old_where_one_is_asked_for(
    at: Callable[[str], Page], service: Service
) -> None:
    page = at("papers")
    page.set_input_files("#letter", [LETTER])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf"])
    page.set_input_files("#letter", [PHOTO])
    expect(page.locator(".app-files__file a")).to_have_text(["photo.jpg"])
    go_on(page)
    page.wait_for_url("**/place")
    assert stored(service, page)["letter"]["name"] == "photo.jpg"


def test_the_enter_key_goes_on_and_removes_no_file(at: Callable[[str], Page], service: Service) -> None:
    page = at("papers")
    page.set_input_files("#papers", [LETTER])
    expect(page.locator(".app-files__file a")).to_have_text(["letter.pdf"])
    page.locator("#name").press("Enter")
    page.wait_for_url("**/place")
    assert [file["name"] for file in stored(service, page)["papers"]] == ["letter.pdf"]


def test_without_javascript_files_go_with_the_page_and_a_button_removes_one(
    page_without_javascript: Page, site: str, service: Service
) -> None:
    page = page_without_javascript
    begin(page, site, "papers")
    page.set_input_files("#papers", [LETTER, PHOTO])
    go_on(page)
    page.wait_for_url("**/place")
    page.go_back()
    page.get_by_role("button", name="Remove letter.pdf").click()
    page.wait_for_url("**/papers#papers")
    assert len(rows(page)) == 1
    assert [file["name"] for file in stored(service, page)["papers"]] == ["photo.jpg"]


# --- long lists -----------------------------------------------------------------------------------------------------


def test_a_long_list_is_a_combobox_that_says_what_it_finds(at: Callable[[str], Page]) -> None:
    page = at("place")
    box = page.get_by_role("combobox", name="First language")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.type("kur")
    expect(box).to_have_attribute("aria-expanded", "true")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text(["Kurdish (Kurmanji)", "Kurdish (Sorani)"])
    expect(page.locator(".app-type-ahead [role=status]")).to_have_text("2 options")
    assert axe(page) == []


def test_apostrophes_and_accents_need_not_be_typed(at: Callable[[str], Page]) -> None:
    page = at("place")
    box = page.get_by_role("combobox", name="First language")
    options = page.get_by_role("listbox").get_by_role("option")
    found = {}
    for typed in ("kiche", "k'iche'", "iche", "lemko", "maori", "portugues"):
        box.fill(typed)
        found[typed] = options.all_inner_texts()
    assert found == {
        "kiche": ["K’iche’"],
        "k'iche'": ["K’iche’"],
        "iche": ["K’iche’"],
        "lemko": ["Łemko"],
        "maori": ["Māori"],
        "portugues": ["Português"],
    }


def test_an_option_is_chosen_with_the_keyboard_alone(at: Callable[[str], Page], service: Service) -> None:
    page = at("place")
    box = page.get_by_role("combobox", name="First language")
    box.type("kur")
    box.press("ArrowDown")
    box.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    expect(page.locator(f"[id='{active}']")).to_have_text("Kurdish (Sorani)")
    expect(page.locator(f"[id='{active}']")).to_have_attribute("aria-selected", "true")
    assert axe(page) == []
    box.press("Enter")
    expect(box).to_have_value("Kurdish (Sorani)")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert page.url.endswith("/place")
    page.fill("[id='home.postcode']", "ME14 1XQ")
    go_on(page)
    page.wait_for_url("**/documents")
    assert stored(service, page)["language"] == f"l{LANGUAGES.index('Kurdish (Sorani)')}"
    page.go_back()
    expect(page.get_by_role("combobox", name="First language")).to_have_value("Kurdish (Sorani)")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sign", ["British Sign Language"]),
        ("lang brit", ["British Sign Language"]),
        ("maori", ["Māori"]),
        ("PORTUGUES", ["Português"]),
        ("an", []),
        ("gre", ["Greek"]),
        ("p", ["Pashto", "Polish", "Português", "Punjabi"]),
    ],
)
def test_each_word_typed_begins_a_word_of_the_option(
    at: Callable[[str], Page], typed: str, found: list[str]
) -> None:
    page = at("place")
    page.get_by_role("combobox", name="First language").type(typed)
    expect(page.locator("#language-list li")).to_have_text(found)


def test_escape_closes_the_list_and_the_arrow_opens_all_of_it(at: Callable[[str], Page]) -> None:
    page = at("place")
    box = page.get_by_role("combobox", name="First language")
    box.press("ArrowDown")
    expect(page.locator("#language-list li")).to_have_count(len(LANGUAGES))
    box.press("Escape")
    expect(page.locator("#language-list")).to_be_hidden()


def test_what_is_no_option_is_said_at_once_told_by_the_server_and_never_lost(
    at: Callable[[str], Page],
) -> None:
    page = at("place")
    page.fill("[id='home.postcode']", "ME14 1XQ")
    box = page.get_by_role("combobox", name="First language")
    box.type("Klingon")
    box.press("Tab")
    expect(page.locator(".app-type-ahead__none")).to_have_text("No option matches. Change what you typed")
    go_on(page)
    summary = page.locator(".govuk-error-summary__list")
    expect(summary).to_have_text("Select first language from the options offered")
    expect(page.get_by_role("combobox", name="First language")).to_have_value("Klingon")
    summary.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "language"
    assert axe(page) == []


def test_an_option_is_chosen_with_the_mouse(at: Callable[[str], Page]) -> None:
    page = at("place")
    box = page.get_by_role("combobox", name="First language")
    box.click()
    page.get_by_role("option", name="Greek").click()
    expect(box).to_have_value("Greek")
    expect(page.locator("select[name=language]")).to_have_value(f"l{LANGUAGES.index('Greek')}")


def test_without_javascript_a_long_list_is_a_select(page_without_javascript: Page, site: str) -> None:
    begin(page_without_javascript, site, "place")
    select = page_without_javascript.get_by_label("First language")
    select.select_option("Greek")
    assert select.evaluate("each => each.tagName") == "SELECT"


# --- addresses ------------------------------------------------------------------------------------------------------


def test_an_address_is_found_chosen_filled_in_and_reset_without_leaving_the_page(
    at: Callable[[str], Page], service: Service
) -> None:
    page = at("place")
    page.fill("[id='home.postcode']", "me14 1xq")
    page.fill("[id='home.house']", "10")
    page.get_by_role("button", name="Find address").click()
    found = page.get_by_label("Choose an address")
    expect(found).to_be_focused()
    expect(found.locator("option:checked")).to_have_text("10 Nowhere Road, Sampletown, ME14 1XQ")
    expect(page.locator("[id='home-said']")).to_have_text(re.compile("^6 addresses found for ME14 1XQ"))
    assert axe(page) == []
    page.get_by_role("button", name="Use this address").click()
    expect(page.locator("[id='home.street']")).to_have_value("Nowhere Road")
    expect(page.locator("[id='home.postcode']")).to_have_value("ME14 1XQ")
    expect(page.locator("[id='home.house']")).to_be_focused()
    expect(page.get_by_role("button", name="Search again")).to_be_visible()
    page.get_by_role("button", name="Reset address").click()
    expect(page.locator("[id='home.street']")).to_have_value("")
    expect(page.locator("[id='home.postcode']")).to_have_value("")


def test_a_look_up_that_cannot_be_reached_says_so_and_the_address_goes_by_hand(
    at: Callable[[str], Page],
) -> None:
    page = at("place")
    page.route("**/address-search", lambda route: route.abort())
    page.fill("[id='home.postcode']", "ME14 1XQ")
    page.get_by_role("button", name="Find address").click()
    expect(page.locator("[id='home-said']")).to_have_text(
        "Addresses cannot be looked up at the moment. Enter the address yourself"
    )
    page.fill("[id='home.street']", "By hand")
    expect(page.locator("[id='home.street']")).to_have_value("By hand")


def test_without_javascript_the_buttons_find_use_and_reset_an_address(
    page_without_javascript: Page, site: str, service: Service
) -> None:
    page = page_without_javascript
    begin(page, site, "place")
    page.fill("[id='home.postcode']", "ME14 1XQ")
    page.get_by_role("button", name="Find address").click()
    page.get_by_label("Choose an address").select_option("The Old Barn, Nowhere Road, Sampletown, ME14 1XQ")
    page.get_by_role("button", name="Use this address").click()
    expect(page.locator("[id='home.house']")).to_have_value("The Old Barn")
    assert stored(service, page)["home"]["street"] == "Nowhere Road"
    page.get_by_role("button", name="Reset address").click()
    expect(page.locator("[id='home.house']")).to_have_value("")
    assert "home" not in stored(service, page)


# --- counts ---------------------------------------------------------------------------------------------------------


def test_characters_are_counted_as_the_server_counts_them_and_nothing_over_the_limit_is_lost(
    at: Callable[[str], Page],
) -> None:
    page = at("place")
    page.fill("#story", "😀" * 40)
    count = page.locator(".govuk-character-count__status")
    expect(count).to_have_text("You have 0 characters remaining")
    page.fill("#story", "😀" * 41)
    expect(count).to_have_text("You have 1 character too many")
    expect(page.locator(".govuk-character-count__sr-status")).to_have_attribute("aria-live", "polite")
    page.fill("[id='home.postcode']", "ME14 1XQ")
    go_on(page)
    expect(page.locator("#story-error")).to_contain_text("must be 40 characters or less")
    expect(page.locator("#story")).to_have_value("😀" * 41)


# --- every state ----------------------------------------------------------------------------------------------------


@pytest.mark.java
def test_axe_and_nu_find_nothing_in_any_state_and_nothing_scrolls_sideways_at_320_pixels(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    states: list[Path] = []

    def look(page: Page, name: str) -> None:
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name

    def keep(page: Page, name: str) -> None:
        # As the server sent it, which is what Nu is for.
        look(page, name)
        path = tmp_path / f"{name}.html"
        path.write_text(page.request.get(page.url).text(), encoding="utf-8")
        states.append(path)

    with opened(browser, viewport=NARROW) as page:
        begin(page, site, "papers")
        page.set_input_files(
            "#papers",
            [FilePayload(name=f"{'long ' * 18}.pdf", mimeType="application/pdf", buffer=pdf()), BAD, PHOTO],
        )
        page.locator(".app-files__file a").nth(1).wait_for()
        look(page, "uploaded")
        go_on(page)
        page.wait_for_url("**/place")
        page.go_back()
        page.locator("body.govuk-frontend-supported").wait_for()
        keep(page, "listed")
        page.goto(page.url.replace("papers", "place"))
        page.locator("body.govuk-frontend-supported").wait_for()
        page.get_by_role("combobox", name="First language").click()
        look(page, "list-open")
        page.fill("[id='home.postcode']", "ME14 1XQ")
        page.goto(f"{page.url}?check=1")
        keep(page, "place-errors")
    with opened(browser, viewport=NARROW, javascript=False) as page:
        begin(page, site, "place")
        page.fill("[id='home.postcode']", "ME14 1XQ")
        page.get_by_role("button", name="Find address").click()
        path = tmp_path / "addresses.html"
        path.write_text(page.request.get(page.url).text(), encoding="utf-8")
        states.append(path)
    assert nu.messages(states) == []
