"""Nothing that serves a request is imported by it: with too little memory each save would fail with an ImportError."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx2
import pyotp
import pytest

from formengine.service.crypto.keyring import Keyring
from tests.chaos.referral import DEFINITIONS, Way
from tests.cli.test_serve import NO_SETTINGS, page
from tests.support.journey_people import begun, brought_back
from tests.support.service_app import Person
from tests.support.signing_in import EMAIL, PASSWORD
from tests.support.upload_files import doc, docx, jpeg, pdf, png

pytestmark = pytest.mark.slow

# Python prints a line for each module at the moment when it is loaded.
PROGRAM = [sys.executable, "-u", "-X", "importtime", "-c", "from formengine.cli import main; main()"]
_LOADED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)
FOLDER = "formengine-demo"
PAPERS = """
form: papers
title: Papers
version: 1
pages:
  - id: papers_page
    title: Papers
    fields:
      - id: papers
        type: files
        label: Papers
"""


class Browser(httpx2.Client):
    """A browser of a service in another process."""

    def __init__(self, address: str, keys: Keyring) -> None:
        super().__init__(
            base_url=address, follow_redirects=False, headers={"accept": "text/html"}, timeout=60
        )
        self.keys = keys

    @property
    def service(self) -> Browser:
        """What the steps of signing in ask for a code."""
        return self

    def code(self, _: str = "") -> str:
        """The six figures of the newest e-mail that has any."""
        found = re.search(r"\b([0-9]{6})\b", self.get("/demo/mailbox").text)
        assert found is not None
        return found[1]

    @property
    def token(self) -> str:
        """The token in the cookie."""
        return next((cookie.value or "" for cookie in self.cookies.jar if cookie.name == "sid"), "")

    def submit(
        self,
        path: str,
        texts: Mapping[str, Any] | None = None,
        *,
        files: Sequence[Any] = (),
        headers: Any = None,
    ) -> httpx2.Response:
        """The answer to a page posted as a browser does it."""
        if not self.token:
            self.get("/hub")
        data = {"csrf": self.keys.index("csrf", self.token), **(texts or {})}
        given = {"sec-fetch-site": "same-origin", **(headers or {})}
        return self.post(path, data=data, files=list(files) or None, headers=given)


class RemoteWay(Way):
    """The whole way through a form, at a browser of a service in another process."""

    def __init__(self, browser: Browser) -> None:
        self.browser = cast(Person, browser)
        self.known = {}
        self.hear = lambda _: None


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Path]]:
    """The address of a running `formengine serve`, and the file that grows with each module it loads."""
    errors = folder / "errors"
    (folder / "forms" / "papers").mkdir(parents=True)
    (folder / "forms" / "papers" / "form.yaml").write_text(PAPERS, encoding="utf-8")
    with errors.open("w") as file, subprocess.Popen(
        [*PROGRAM, "serve", "--demo", "--definitions", str(DEFINITIONS), "--definitions", "forms", "--port", "0"],
        stdout=subprocess.PIPE, stderr=file, text=True, cwd=folder, env=NO_SETTINGS,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        try:
            while (found := re.search(r"The service is at (http://127\.0\.0\.1:\d+)/", said)) is None:
                line = process.stdout.readline()
                assert line, errors.read_text()
                said += line
            page(f"{found[1]}/healthz")
            yield found[1], errors
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def test_a_whole_journey_loads_no_module(tmp_path: Path) -> None:
    with served(tmp_path) as (address, errors):
        at_start = len(errors.read_text())
        keys = Keyring.of_file(tmp_path / FOLDER / "data.keys")
        with Browser(address, keys) as browser:
            walk(browser)
        loaded = _LOADED.findall(errors.read_text()[at_start:])
    assert loaded == []


def walk(browser: Browser) -> None:
    """Everything that people do: the portal, an account, a form with files, PDFs, the account's pages, errors."""
    look(browser, "/", "/gateway", "/hub", "/contacts", "/nowhere", "/readyz", "/metrics")
    browser.submit("/account/sign-in", {"email": EMAIL, "password": "wrong"})
    way = RemoteWay(browser)
    way.go_up_to_sending()
    at = way.known["way"]
    papers = begun(cast(Person, browser), "papers")
    taken = [
        browser.submit(
            f"{papers}files", {"field": "papers"}, files=[("papers", (name, content, kind))]
        ).status_code
        for name, content, kind in (
            ("a.pdf", pdf(b"Another"), "application/pdf"),
            ("a.docx", docx(), "application/octet-stream"),
            ("b.doc", doc(), "application/msword"),
            ("d.jpg", jpeg(), "image/jpeg"),
            ("c.png", png(), "image/png"),
        )
    ]
    assert taken == [201] * 5
    look(
        browser,
        at,
        *(f"{at}{name}" for name in ("check-answers", "print", "save-for-later", "cancel", "exit")),
    )
    kept = browser.get(f"{at}answers-pdf").content
    assert kept.startswith(b"%PDF-")
    way.send()
    assert browser.get(f"{at}answers-pdf").content.startswith(b"%PDF-")
    look(browser, f"{at}sent", "/my-forms", "/account", "/account/sessions")
    read = browser.submit("/continue", {}, files=[("pdf", ("kept.pdf", io.BytesIO(kept), "application/pdf"))])
    # Where the form is one that there is, the page that shows what was read.
    assert "Tell us of a concern" in read.text
    for path, texts in (
        ("/account/details", {"first_name": "Alex", "last_name": "Morgan", "phone": "+33 1 23 45 67 89"}),
        ("/account/password", {"password": PASSWORD, "new_password": "password", "confirm": "password"}),
        ("/account/email", {"email": "no address", "password": PASSWORD}),
    ):
        shown = browser.get(path)
        assert browser.submit(path, {**brought_back(shown), **texts}).status_code < 500
    shown = browser.get("/account/two-step")
    secret = re.search(r"\b[A-Z2-7]{32}\b", shown.text.replace(" ", ""))
    assert secret is not None
    browser.submit("/account/two-step", {**brought_back(shown), "code": pyotp.TOTP(secret[0]).now()})
    browser.submit("/account/sign-out")


def look(browser: Browser, *paths: str) -> None:
    """Open these pages; each is an answer that no failure of ours made."""
    assert [path for path in paths if browser.get(path).status_code >= 500] == []
