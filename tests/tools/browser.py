"""Chromium, driven by Playwright, and axe, which finds accessibility faults in its pages.

The fixtures `browser`, `page` and `page_without_javascript` are there in every test (tests/conftest.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.support.tiers import needed
from tests.tools import ToolError
from tests.tools.node import package_file

# WCAG 2.2 levels A and AA, as axe names them.
WCAG_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
FLAGS = (
    "--no-sandbox",  # a container's root user has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page that fetches anything from elsewhere is broken here, as it would be behind a council's firewall.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
DESKTOP = ViewportSize(width=1280, height=900)
# How long anything in a page is waited for, whoever else keeps the machine busy. What comes sooner is seen sooner.
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of axe that a page breaks: the rule's id, what it asks, and the elements (CSS selectors)."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]


def chromium() -> str:
    """The browser's path: $CHROMIUM, or Debian's chromium."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        raise ToolError("Chromium is not installed and $CHROMIUM names none: run `make test`")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    needed("browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, *, javascript: bool = True, viewport: ViewportSize = DESKTOP, locale: str = "en-GB"
) -> Iterator[Page]:
    """A blank page in a fresh context (no cookies), ready for `axe`; closed at the end."""
    context = browser.new_context(java_script_enabled=javascript, viewport=viewport, locale=locale)
    context.set_default_timeout(TIMEOUT_MS)
    if javascript:
        # An init script runs even where the page's own policy forbids foreign scripts.
        context.add_init_script(package_file("axe-core/axe.min.js").read_text(encoding="utf-8"))
    try:
        yield context.new_page()
    finally:
        context.close()


class _QuietHandler(SimpleHTTPRequestHandler):
    """Files of a folder, without a line in the log for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address ("http://127.0.0.1:40123") under which the files of `folder` are served meanwhile.

    A page opened as ``file:`` cannot load its JavaScript modules; a served one can.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def axe(page: Page, *, within: str | None = None) -> list[Violation]:
    """The violations of WCAG 2.2 A and AA that axe finds on `page`, or in the element `within` (a selector).

    The page must have been opened with JavaScript.
    """
    found = page.evaluate(
        "([within, tags]) => axe.run(within ?? document, {runOnly: tags, resultTypes: ['violations']})",
        [within, list(WCAG_TAGS)],
    )
    return [
        Violation(
            rule=entry["id"],
            impact=entry["impact"],
            help=entry["help"],
            elements=tuple(" ".join(map(str, node["target"])) for node in entry["nodes"]),
        )
        for entry in found["violations"]
    ]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A blank page of its own for each test."""
    with opened(browser) as page:
        yield page


@pytest.fixture
def page_without_javascript(browser: Browser) -> Iterator[Page]:
    """The same with JavaScript switched off."""
    with opened(browser, javascript=False) as page:
        yield page
