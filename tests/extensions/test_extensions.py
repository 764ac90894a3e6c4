"""Packages of others, installed apart, add a field type and a theme by public names alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from tests.docs.test_public import private
from tests.support.docs_pages import CHECKOUT

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PACKAGES = ("formengine-uprn", "formengine-example-theme")
FORM = """
form: repair
title: Report a repair
version: 1
access: anyone
pages:
  - id: home
    title: Your home
    fields:
      - id: property
        type: uprn
        label: Property number
        least_figures: 6
        required: true
      - id: what
        type: long_text
        label: What is broken?
  - id: more
    title: More
    fields:
      - id: sure
        type: tick
        label: The number ((property)) is right
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which both packages are installed, and nothing else is."""
    folder = tmp_path_factory.mktemp("extensions")
    for package in PACKAGES:
        shutil.copytree(HERE / package, folder / package)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
        apart = ["--no-deps", "--no-build-isolation", "--no-cache-dir", "--target", str(folder / "site")]
        subprocess.run([*pip, *apart, str(folder / package)], check=True)
    return folder / "site"


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Runs `python` in a folder of its own, where both packages can be imported."""
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")

    def ran(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": f"{CHECKOUT}{os.pathsep}{installed}", **variables}
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return ran


def formengine(run: Run, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run("-m", "formengine", *arguments, **variables)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_uses_public_names_alone(package: str) -> None:
    for module in (HERE / package).rglob("*.py"):
        assert private(module.read_text(encoding="utf-8")) == []


def test_a_field_type_is_named_by_an_option_and_has_its_own_rule_and_words(run: Run, tmp_path: Path) -> None:
    named = ("--field-types", "formengine_uprn:FIELD_TYPES")
    assert "There is no type `uprn`" in formengine(run, "check", "form.yaml").stdout
    assert formengine(run, "check", "form.yaml", *named).stdout == "1 file checked, nothing found\n"
    (tmp_path / "short.json").write_text('{"property": "123"}', encoding="utf-8")
    said = formengine(run, "validate", "form.yaml", "short.json", *named).stdout
    assert "Property number must have at least 6 numbers" in said
    (tmp_path / "wrong.json").write_text('{"property": "12 Mill Lane"}', encoding="utf-8")
    assert "Property number must be a UPRN of 12 numbers or less" in (
        formengine(run, "validate", "form.yaml", "wrong.json", *named).stdout
    )
    filled = json.loads(formengine(run, "fill", "form.yaml", *named).stdout)
    assert filled["property"].isdecimal()


def test_a_field_type_and_a_theme_reach_pages_text_and_the_pdf(run: Run, tmp_path: Path) -> None:
    named = (
        *("--field-types", "formengine_uprn:UPRN"),
        *("--theme", "formengine_example_theme:THEME"),
    )
    (tmp_path / "answers.json").write_text('{"property": "100020010001"}', encoding="utf-8")
    assert formengine(run, "render", "form.yaml", "-o", "pages", "--errors", *named).returncode == 0
    page = (tmp_path / "pages" / "home.html").read_text(encoding="utf-8")
    assert "We need an answer to “Property number”" in page
    assert "example-theme" in page
    assert "Save and go on" in page
    answered = ("render", "form.yaml", "answers.json", "-o", "answered", *named)
    assert formengine(run, *answered).returncode == 0
    more = (tmp_path / "answered" / "more.html").read_text(encoding="utf-8")
    assert "The number UPRN 100020010001 is right" in more
    made = formengine(run, "pdf", "form.yaml", "answers.json", "-o", "a.pdf", *named)
    assert (made.returncode, made.stderr) == (0, "")
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        drawn = b"".join(page.Contents.read_bytes() for page in pdf.pages)
    assert b"0.353 0.165 0.51 rg" in drawn


PROGRAM = """
from datetime import date
from formengine import FIELD_TYPES, Engine, post_page, words
from formengine_example_theme import THEME
from formengine_uprn import UPRN
engine = Engine(themes=(THEME,), field_types={**FIELD_TYPES, "uprn": UPRN})
form = engine.form("form.yaml")
outcome = post_page(form, {}, "home", {"property": [""]}, on=date(2026, 11, 22))
print([words(error) for error in outcome.errors])
print(len(FIELD_TYPES))
"""


def test_a_program_hands_over_both_and_nothing_is_registered(run: Run) -> None:
    ran = run("-W", "error", "-c", PROGRAM)
    assert ran.stderr == ""
    assert ran.stdout == "['We need an answer to “Property number”']\n24\n"


SERVICE = """
from pathlib import Path
from starlette.testclient import TestClient
import os
from formengine import Address, Keyring, SqliteStore, create_app, engine_of, settings_of

class Book:
    async def at(self, postcode):
        return [Address("1", "Own Street", "Ownton", postcode)]

settings = settings_of(os.environ)
engine = engine_of(settings)
app = create_app(engine, SqliteStore(None), Keyring.new(), settings=settings, addresses=Book(), background=False)
assert isinstance(app.state.context.addresses, Book)
with TestClient(app, base_url="http://127.0.0.1:8000") as person:
    print(person.get("/forms/repair").status_code, "Report a repair" in person.get("/forms/repair").text)
    print(sorted(engine.form("repair").fields))
"""


def test_a_service_takes_both_from_its_settings_and_a_look_up_from_a_program(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "forms" / "repair").mkdir(parents=True)
    shutil.copy(tmp_path / "form.yaml", tmp_path / "forms" / "repair" / "form.yaml")
    ran = run(
        "-c",
        SERVICE,
        FORMENGINE_DEFINITIONS="forms",
        FORMENGINE_FIELD_TYPES="formengine_uprn:FIELD_TYPES",
        FORMENGINE_THEMES="formengine_example_theme:THEME",
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "200 True\n['property', 'sure', 'what']\n"


# --- what a package does wrong is reported at start, by name ------------------------------------------------

MUTE = """
from dataclasses import replace
from formengine import Control
from formengine_uprn import UPRN
MUTE = replace(UPRN, words={})
UNSEEN = replace(UPRN, control=lambda settings: Control("map"))
NUMBER = 7
"""
WRONG_TYPES = {
    "wrong:MUTE": "The field type uprn has no words for its rule not_a_uprn",
    "wrong:UNSEEN": "The field type uprn is asked by the template controls/map.html, which no theme has",
    "wrong:NUMBER": "wrong:NUMBER holds 7, which is no field type",
    "wrong:NOTHING": "The module wrong has no NOTHING, which wrong:NOTHING names",
    "absent:TYPES": "There is no module absent, which absent:TYPES names",
    "formengine_uprn": "formengine_uprn does not name an object as module:object does",
}


@pytest.mark.parametrize(
    ("command", "name"),
    [*(("check", name) for name in WRONG_TYPES), ("doctor", "wrong:MUTE"), ("serve", "wrong:UNSEEN")],
)
def test_a_field_type_that_cannot_be_used_is_reported_at_start_by_name(
    run: Run, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "wrong.py").write_text(MUTE, encoding="utf-8")
    if command == "check":
        ran = formengine(run, "check", "form.yaml", "--field-types", name)
    else:
        port = ("--port", "0") if command == "serve" else ()
        ran = formengine(run, command, "--data", "data", *port, FORMENGINE_FIELD_TYPES=name)
    assert ran.returncode != 0
    assert WRONG_TYPES[name] in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


WRONG_THEMES = {
    "words/en.yaml": ("buttons:\n  continu: On\n", "line 2: buttons.continu is no text of formengine"),
    "pdf/style.yaml": ("colours:\n  acent: '5a2a82'\n", "line 2: colours.acent is no key of a style"),
    "html/templates/page.html": (
        "{% extends 'frame.html' %}",
        "page.html takes from frame.html, which no theme has",
    ),
    "html/templates/form.html": ("{% block %}", "form.html, line 1"),
}


@pytest.mark.parametrize(
    ("command", "file"),
    [
        *(("doctor", file) for file in WRONG_THEMES),
        ("serve", "words/en.yaml"),
        ("serve", "html/templates/form.html"),
    ],
)
def test_a_theme_that_cannot_be_used_is_reported_at_start_by_file(
    run: Run, tmp_path: Path, command: str, file: str
) -> None:
    text, told = WRONG_THEMES[file]
    (tmp_path / "theme" / file).parent.mkdir(parents=True)
    (tmp_path / "theme" / file).write_text(text, encoding="utf-8")
    port = ("--port", "0") if command == "serve" else ()
    ran = formengine(run, command, "--data", "data", *port, FORMENGINE_THEMES="theme")
    assert ran.returncode != 0
    assert told in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_theme_s_name_that_stands_for_nothing_is_refused(run: Run) -> None:
    ran = formengine(run, "doctor", FORMENGINE_THEMES="formengine_example_theme:LOOKS")
    assert ran.returncode == 1
    assert ran.stderr == (
        "FORMENGINE_THEMES cannot be used: The module formengine_example_theme has no LOOKS, which "
        "formengine_example_theme:LOOKS names\n"
    )
