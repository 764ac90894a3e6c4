"""The examples and everything that ships: no finding, and the results that the examples promise."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formengine import Form, compile_form, evaluate, load
from formengine.engine import Engine
from formengine.form.analysis.outline import outline_text
from formengine.form.compiler import check_form
from formengine.language.diagnostics import Findings
from formengine.language.loader import check_source, open_source
from formengine.portal import load_portal
from tests.support.shipped import CHECKOUT, DEFINITIONS, EXAMPLES, shipped_yaml

ON = date(2026, 11, 22)
STORIES = sorted(path.parent for path in EXAMPLES.glob("*/answers.json"))
FILES = [path for path in shipped_yaml() if path.name != "portal.yaml"]

stories = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


def _form(story: Path) -> Form:
    """The form of the story: its own, or the bundled one with its name."""
    return compile_form(load(story if (story / "form.yaml").is_file() else story.name))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_shipped_file_has_no_finding(path: Path) -> None:
    findings = Findings()
    opened = open_source(path, findings)
    assert opened is not None
    kind, definition = check_source(*opened, findings)
    assert kind in ("form", "list", "fragment", "process")
    if definition is not None:
        check_form(definition, findings)
    assert [finding.code for finding in findings.in_file_order()] == []
    assert kind != "process" or Engine().check(path) == ()


def test_the_portal_opens_with_its_four_tiles() -> None:
    assert [tile.opens.to for tile in load_portal(DEFINITIONS / "portal.yaml").hub.tiles] == [
        "request-for-support",
        "occupational_therapy",
        "fostering_and_adoption",
        "information_and_advice",
    ]


def test_the_smallest_form_has_fifteen_lines() -> None:
    lines = (EXAMPLES / "fifteen-lines" / "form.yaml").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("#")]) == 15


@stories
def test_the_answers_of_a_story_are_complete_and_need_no_second_look(story: Path) -> None:
    state = evaluate(_form(story), _json(story / "answers.json"), on=ON)
    assert (dict(state.errors), dict(state.warnings)) == ({}, {})


@stories
def test_the_answers_that_count_are_as_expected(story: Path) -> None:
    state = evaluate(_form(story), _json(story / "answers.json"), on=ON)
    assert state.answers == _json(story / "expected" / "answers.json")


@stories
def test_the_outline_of_a_story_is_as_expected(story: Path) -> None:
    assert outline_text(_form(story)) == (story / "expected" / "outline.txt").read_text(encoding="utf-8")


@stories
def test_every_story_stands_in_the_list(story: Path) -> None:
    assert f"| `{story.name}` |" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
