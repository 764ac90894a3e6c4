"""Every page of the shipped forms, empty, with errors, filled and with hostile answers, held to the standards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, ViewportSize

from formengine import evaluate
from formengine.form.state import FieldState
from formengine.language.bundled import bundled_folder
from tests.support.html_dom import Element, parse
from tests.support.html_sites import FORMS, HOSTILE, ON, SEEDS, answers_of, form, write_sites
from tests.tools import nu
from tests.tools.browser import axe, opened, served

pytestmark = pytest.mark.slow

NARROW = ViewportSize(width=320, height=700)
# As a service would send it: no inline script or style, nothing from elsewhere.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="module")
def pages(folder: Path) -> list[Path]:
    return write_sites(folder)


@pytest.fixture(scope="module")
def different(pages: list[Path]) -> list[Path]:
    """The pages without those that are another one byte for byte: a site shows much of what the others show."""
    return list({path.read_bytes(): path for path in reversed(pages)}.values())[::-1]


@pytest.fixture(scope="module")
def trees(pages: list[Path]) -> dict[Path, Element]:
    return {path: parse(path.read_text(encoding="utf-8")) for path in pages}


@pytest.fixture(scope="module")
def address(folder: Path, pages: list[Path]) -> Iterator[str]:
    with served(folder) as address:
        yield address


@pytest.mark.java
def test_the_nu_html_checker_finds_neither_errors_nor_warnings(pages: list[Path]) -> None:
    assert nu.messages(pages) == []


def test_axe_finds_no_violation_and_no_page_scrolls_sideways_at_320_pixels_or_breaks_its_policy(
    browser: Browser, folder: Path, different: list[Path], address: str
) -> None:
    faults: list[str] = []
    with opened(browser, viewport=NARROW) as page:
        page.on("console", lambda message: faults.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        for path in different:
            page.goto(f"{address}/{path.relative_to(folder)}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > NARROW["width"]:
                faults.append(f"{path.relative_to(folder)}: {wide} pixels wide")
            faults += [f"{path.relative_to(folder)}: {violation}" for violation in axe(page)]
    assert faults == []


def _with_plain_style(route: Route) -> None:
    """As where govuk-frontend could not be fetched."""
    style = bundled_folder("renderers") / "html" / "static" / "plain.css"
    route.fulfill(body=style.read_text(encoding="utf-8"), content_type="text/css")


@pytest.mark.parametrize("site", [f"{name}-errors" for name in SEEDS])
def test_axe_finds_no_violation_on_a_wide_screen_and_without_govuk_frontend(
    browser: Browser, folder: Path, pages: list[Path], address: str, site: str
) -> None:
    found = {}
    chosen = [path for path in pages if path.parent.name == site]
    with opened(browser) as page:
        page.route("**/vendor/*.css", _with_plain_style)
        for path in chosen[::2]:
            page.goto(f"{address}/{path.relative_to(folder)}")
            found[path.name] = axe(page)
    with opened(browser) as page:
        for path in chosen[1::2]:
            page.goto(f"{address}/{path.relative_to(folder)}")
            found[path.name] = axe(page)
    assert found == {path.name: [] for path in chosen}


def test_the_pages_run_under_a_strict_content_policy(browser: Browser, folder: Path, address: str) -> None:
    refused: list[str] = []
    with opened(browser) as page:
        page.route("**/*.html", _with_policy)
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"{address}/request-for-support-1/agreement.html")
        page.locator("body.govuk-frontend-supported").wait_for()
    assert refused == []


def _with_policy(route: Route) -> None:
    response = route.fetch()
    route.fulfill(response=response, headers={**response.headers, "content-security-policy": POLICY})


def test_every_link_and_every_error_leads_to_something_that_is_there(
    folder: Path, trees: dict[Path, Element]
) -> None:
    ids = {path: {each.attributes.get("id", "") for each in tree.walk()} for path, tree in trees.items()}
    lost = []
    for path, tree in trees.items():
        for link in [each for each in tree.walk() if each.tag == "a"]:
            href = link.attributes["href"]
            if "://" in href or href.startswith(("mailto:", "tel:")):
                continue
            name, _, fragment = href.partition("#")
            target = path.parent / name if name else path
            if target not in ids or (fragment and fragment not in ids[target]):
                lost.append(f"{path.relative_to(folder)}: {href}")
    assert lost == []


def test_no_page_says_an_id_twice_or_refers_to_one_that_is_missing(trees: dict[Path, Element]) -> None:
    for path, tree in trees.items():
        ids = [each.attributes["id"] for each in tree.walk() if "id" in each.attributes]
        assert len(ids) == len(set(ids)), path
        for each in tree.walk():
            wanted = each.attributes.get("aria-describedby", "") + " " + each.attributes.get("for", "")
            assert set(wanted.split()) <= set(ids), (path, wanted)


@pytest.mark.parametrize("name", FORMS)
def test_every_question_of_a_page_can_be_answered_without_javascript(
    name: str, folder: Path, trees: dict[Path, Element]
) -> None:
    for site, answers in (
        (f"{name}-empty", {}),
        *((f"{name}-{s}", answers_of(name, s)) for s in SEEDS.get(name, ())),
    ):
        for page in evaluate(form(name), answers, on=ON).pages:
            if page.page.spec.paper_only:
                continue
            tree = trees[folder / site / f"{page.id}.html"]
            named = {
                each.attributes["name"].split("-")[0] for each in tree.walk() if "name" in each.attributes
            }
            asked = {field.path for field in page.fields if _can_be_answered(field)}
            # What only a list kept on other pages could open needs another page first.
            assert {path for path in asked if path not in named} <= {"supervised"}, page.id


def _can_be_answered(state: FieldState) -> bool:
    field = state.field
    return field.is_asked and not field.spec.read_only and bool(state.options or not field.sources)


@pytest.mark.parametrize("name", SEEDS)
def test_hostile_answers_are_shown_as_they_were_typed(
    name: str, folder: Path, trees: dict[Path, Element]
) -> None:
    seen = 0
    for path, tree in trees.items():
        if path.parent.name != f"{name}-hostile":
            continue
        assert not [each for each in tree.walk() if each.tag == "b"]
        for each in tree.walk():
            if each.tag == "script":
                assert each.attributes.get("src") or each.attributes["type"] == "application/json"
            if HOSTILE in (each.attributes.get("value", ""), each.raw_text.removeprefix("\n")):
                seen += 1
        assert "49" not in tree.find(id="main-content").text
    assert seen > 10


@pytest.mark.parametrize("name", SEEDS)
def test_a_page_with_errors_says_so_in_its_title_and_at_its_top_first(
    name: str, folder: Path, trees: dict[Path, Element]
) -> None:
    state = evaluate(form(name), {}, on=ON)
    for page in state.pages:
        if page.page.spec.paper_only:
            continue
        tree = trees[folder / f"{name}-errors" / f"{page.id}.html"]
        title = next(each for each in tree.walk() if each.tag == "title").text
        assert title.startswith("Error: ") is bool(page.errors)
        assert len(tree.find_all(class_="govuk-error-summary")) == (1 if page.errors else 0)
        if page.errors:
            first = tree.find(id="main-content").children[1]
            assert isinstance(first, Element)
            assert first.attributes["class"] == "govuk-error-summary"


def test_an_empty_form_shows_no_errors_before_anybody_asked(folder: Path, trees: dict[Path, Element]) -> None:
    for path, tree in trees.items():
        if path.parent.name.endswith("-empty"):
            assert not tree.find_all(class_="govuk-error-message"), path


def test_no_page_carries_a_template_or_style_that_a_policy_would_refuse(pages: list[Path]) -> None:
    for path in pages:
        text = path.read_text(encoding="utf-8")
        for forbidden in (" style=", "<style", "onclick=", "onload=", "javascript:", "Undefined"):
            assert forbidden not in text.replace(HOSTILE, ""), path
