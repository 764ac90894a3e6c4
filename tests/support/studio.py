"""The studio for tests: a small form in a folder of its own, people who change it, and what its pages have."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx2

from formengine.engine import Engine
from tests.support.journey_people import Somebody, brought_back, signed_in
from tests.support.service_app import Person, Service, make_service

FORM = """\
# What the town asks before a visit.
form: visit
title: Ask for a visit
version: 1
access: anyone
pages:
  - id: about
    title: About you
    fields:
      - id: name
        type: text
        label: Your name
        required: true
      - id: town
        type: choice
        label: Your town
        options: lists/towns
  - id: when
    title: When
    fields:
      - id: day
        type: date
        label: Which day suits you
"""
TOWNS = """\
list: towns
options:
  dover: Dover
  deal: Deal
"""
MAIN = "visit/form.yaml"
WAY = "/studio/forms/visit"


def definitions(folder: Path, form: str = FORM) -> Path:
    """The folder of definitions in which the form and its list are."""
    (folder / "visit").mkdir(parents=True, exist_ok=True)
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "visit/form.yaml").write_text(form, encoding="utf-8")
    (folder / "lists/towns.yaml").write_text(TOWNS, encoding="utf-8")
    return folder


def studio_service(folder: Path, form: str = FORM, **settings: Any) -> Service:
    """A service whose one form is the visit's."""
    forms = definitions(folder / "forms", form)
    return make_service(folder, engine=Engine((forms,)), definitions=(forms,), **settings)


def author(service: Service, name: str = "ash") -> Somebody:
    """Somebody at a browser who may change forms."""
    return signed_in(service, f"{name}@example.org", "author")


def text_in(page: str, name: str = "text") -> str:
    """The text in a text box of the page."""
    found = re.search(rf'<textarea[^>]* id="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None, name
    return unescape(found[1])


def save(browser: Person, text: str, *, shown: str | None = None, file: str = MAIN) -> httpx2.Response:
    """The answer to saving this text on the page as it is now, or on one that was `shown` before."""
    hidden = brought_back(browser.get(f"{WAY}/text?file={file}")) if shown is None else hidden_in(shown)
    return browser.submit(f"{WAY}/text", {**hidden, "text": text.replace("\n", "\r\n")})


def publish(browser: Person, reason: str = "It was unclear") -> httpx2.Response:
    """The answer to publishing the change as it is."""
    hidden = hidden_in(browser.get(f"{WAY}/changes").text)
    return browser.submit(f"{WAY}/changes", {**hidden, "reason": reason, "do": "publish"})


def roll_back(browser: Person, number: int, reason: str = "Nobody understood it") -> httpx2.Response:
    """The answer to bringing back an earlier publication."""
    newest = re.search(r'name="after" value="(\d+)"', browser.get(f"{WAY}/history").text)
    assert newest is not None
    return browser.submit(f"{WAY}/history", {"number": str(number), "after": newest[1], "reason": reason})


def hidden_in(page: str) -> dict[str, str]:
    """What the page brings back unseen, but for the token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(text) for name, text in found if name != "csrf"}
