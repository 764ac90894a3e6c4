"""`formengine publish` and `formengine publications`, as an operator runs them beside a service."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.store.sqlite import SqliteStore
from tests.support.command_line import run
from tests.support.studio import FORM, TOWNS, definitions

NEW = FORM.replace("version: 1", "version: 2")
WHY = ("--reason", "Unclear")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service's folder, with the form's file in ``forms``, which the variables name."""
    for name in list(os.environ):
        if name.startswith("FORMENGINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FORMENGINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMENGINE_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("FORMENGINE_DEFINITIONS", str(definitions(tmp_path / "forms")))
    (tmp_path / "data").mkdir()
    assert run("keys", "new").code == 0
    SqliteStore(tmp_path / "data/formengine.sqlite3").close()
    return tmp_path


def test_a_file_is_published_listed_brought_back_and_exported(place: Path) -> None:
    assert run("publish", "visit", *WHY).out == "visit, version 1, is published as number 1.\n"
    definitions(place / "forms", NEW)
    assert run("publish", "visit", *WHY).out == "visit, version 2, is published as number 2.\n"
    back = run("publications", "back", "visit", "1", "--reason", "Back")
    assert back.out == "visit, version 1, is published as number 3.\n"
    listed = json.loads(run("publications", "list", "visit", "--format", "json").out)
    assert [(each["number"], each["version"], each["brings_back"], each["current"]) for each in listed] == [
        (3, "1", 1, True),
        (2, "2", None, False),
        (1, "1", None, False),
    ]
    lines = run("publications", "list", "visit").out.splitlines()
    assert lines[0].startswith("*   3\t1\t")
    assert lines[0].endswith("operator\t(brings back 1) Back")
    assert run("publications", "export", "visit", str(place / "out"), "--number", "2").code == 0
    assert (place / "out/visit/form.yaml").read_bytes() == NEW.encode()
    assert (place / "out/lists/towns.yaml").read_bytes() == TOWNS.encode()


def test_what_cannot_be_published_says_why(place: Path) -> None:
    definitions(place / "forms", FORM.replace("type: date", "type: dat"))
    refused = run("publish", "visit", *WHY)
    assert refused.code == 1
    assert "There is no type `dat`" in refused.err
    assert "visit/form.yaml:22" in refused.err
    definitions(place / "forms")
    assert run("publish", "visit", *WHY).code == 0
    assert run("publish", "visit", *WHY).err == "visit is published like that already\n"
    assert run("publish", "nothing", *WHY).code == 1
    assert run("publications", "back", "visit", "7", *WHY).err == "There is no publication 7 of visit\n"
    assert run("publications", "export", "nothing", str(place)).err == "nothing was never published\n"


def test_doctor_says_where_the_file_and_the_publication_differ(place: Path) -> None:
    assert run("publish", "visit", *WHY).code == 0
    assert "Publication 1 of visit, version 1, is filled in" in run("doctor").out
    assert "the file differs" not in run("doctor").out
    definitions(place / "forms", NEW)
    assert "note forms    visit: the file differs from publication 1" in run("doctor").out
    assert Engine((place / "forms",)).texts_of("visit")["visit/form.yaml"] == NEW
