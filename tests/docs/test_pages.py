"""The documentation as a whole: links lead somewhere, generated parts are fresh, nothing stands in it that must not."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs import generate
from tests.support.docs_pages import CHECKOUT, DOCS, PAGES, anchors, blocks, links, text_of, without_code

# Hosts that pages may link to: standards, the pages behind the two forms, and hosts for examples.
HOSTS = {
    "www.example.org",
    "forms.example.org",
    "json-schema.org",
    "design-system.service.gov.uk",
    "www.standardwebhooks.com",  # how webhooks are signed
    "api.os.uk",  # the address look-up that operators may subscribe to
    "www.bbc.co.uk",  # where "Exit this page" leads in an example
}
# Folders of a machine, but for those that the guide for operators gives the service.
PATHS_OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(home|root|tmp|usr|opt|var|mnt|srv|work|Users|private)/(?!formengine|lib/formengine)"
)
# Words that say something of how the page was written, or that authors need not know.
UNWANTED = re.compile(r"\b(TODO|FIXME|TBD|XXX|lorem ipsum)\b", re.IGNORECASE)
JARGON = re.compile(
    r"\b(boolean|string|regex|null|array|mapping|scalar|parser?|compiles?d?|render(?:s|ed|ing)|validat(?:or|ion)|"
    r"instantiat\w+|repositor(?:y|ies)|runtime|traceback|callback|schema|integer|Kleene|AST)\b"
)
# Pages for authors on which a name of the language or of a command is one of these words.
NAMED_SO = {"commands.md", "files.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_each_link_within_the_documentation_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / parts.path).resolve() if parts.path else page
        if target.parent == DOCS / "pictures":  # drawn by `make pictures`, held below
            continue
        if not target.exists() or (parts.fragment and parts.fragment not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_each_picture_shown_is_one_that_make_pictures_draws() -> None:
    source = (CHECKOUT / "tests/tools/pictures.py").read_text(encoding="utf-8")
    shown = {Path(link).stem for page in PAGES for link in links(page) if "pictures/" in link}
    drawn = set()
    for form, page_ids in re.findall(r'^    "([a-z-]+)": \((.+)\),$', source, re.MULTILINE):
        drawn |= {f"{form}-{page_id}" for page_id in re.findall(r'"(\w+)"', page_ids)} | {
            f"{form}-pdf",
            f"{form}-family",
            f"{form}-blank",
        }
    (tables,) = re.findall(r"^HEADS_OF_TABLES = \{(.+)\}$", source, re.MULTILINE)
    drawn |= {f"{form}-table" for form in re.findall(r'"([a-z-]+)"', tables)}
    assert shown
    assert shown <= drawn


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_out_lead_only_to_hosts_that_are_known(page: Path) -> None:
    found = set(re.findall(r"https?://([^/\s`)\"'*]+)", without_code(page)))
    assert found <= HOSTS | {
        "127.0.0.1:8000",
        "127.0.0.1:8000,",
        "127.0.0.1:8000;",
        "example.org",
        "example.com",
        "",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_no_path_of_a_machine_and_no_unfinished_place_stands_in_it(page: Path) -> None:
    text = text_of(page)
    assert PATHS_OF_A_MACHINE.findall(text) == []
    assert UNWANTED.findall(text) == []


def test_generated_parts_are_fresh() -> None:
    assert [str(path.relative_to(CHECKOUT)) for path in generate.stale_documents()] == []


def test_generated_parts_are_closed() -> None:
    for page in PAGES:
        text = text_of(page)
        assert text.count("<!-- generated:") == text.count("<!-- end of generated part -->"), page


def test_every_page_of_the_documentation_can_be_reached_from_its_front_page() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [
            (page.parent / urlsplit(link).path).resolve() for link in links(page) if not urlsplit(link).scheme
        ]
    assert [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page not in reached] == []


@pytest.mark.parametrize(
    "page",
    [page for page in (DOCS / "authors").rglob("*.md") if "diagnostics" not in page.parts],
    ids=lambda page: page.name,
)
def test_pages_for_authors_hold_no_jargon(page: Path) -> None:
    words = set(JARGON.findall(re.sub(r"`[^`]*`|<!--.*?-->|\(.*?\.md[^)]*\)", "", without_code(page))))
    assert words <= ({"schema", "Schema"} if page.name in NAMED_SO else set())


def test_headings_of_a_page_differ() -> None:
    for page in PAGES:
        headings = re.findall(r"^#+ .+$", without_code(page), re.MULTILINE)
        assert len(headings) == len(set(headings)), page


def test_each_block_of_code_says_its_kind() -> None:
    assert [block.name for page in PAGES for block in blocks(page, "")] == []
