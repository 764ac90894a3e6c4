"""docs/security.md: each row of the ASVS has a test that exists, a page that exists, or a reason."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from formengine.service.rate_limits import LIMITS
from formengine.service.security_events import EVENTS
from tests.support.docs_pages import CHECKOUT, anchors, text_of

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(text_of(CHECKOUT / "docs/asvs.yaml"))
# How many requirements of levels 1 and 2 each chapter of version 5.0.0 has.
CHAPTERS = {
    "V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 35, "V7": 18, "V8": 7, "V9": 7, "V10": 29, "V11": 14,
    "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16, "V17": 7,
}  # fmt: skip


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """The names of the tests in a file, of functions and of methods."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_every_requirement_of_both_levels_has_a_row() -> None:
    counted: dict[str, int] = {}
    for each in TABLE:
        chapter = each.partition(".")[0]
        counted[chapter] = counted.get(chapter, 0) + 1
    assert counted == CHAPTERS
    assert sum(counted.values()) == 253
    assert sum(row["level"] == 1 for row in TABLE.values()) == 70
    assert all(re.fullmatch(r"V\d{1,2}\.\d{1,2}\.\d{1,2}", each) for each in TABLE)


@pytest.mark.parametrize("requirement", TABLE)
def test_a_row_has_what_its_state_asks_for(requirement: str) -> None:
    row = TABLE[requirement]
    assert set(row) <= {"level", "about", "state", "tests", "pages", "reason"}
    assert row["about"].strip()
    shown = bool(row.get("tests") or row.get("pages"))
    assert {
        "met": shown,
        "partly": shown and bool(row.get("reason")),
        "operator": bool(row.get("reason")),
        "none": bool(row.get("reason")) and not shown,
    }[row["state"]]


def test_each_test_that_a_row_names_exists() -> None:
    missing = [
        f"{requirement}: {name}"
        for requirement, row in TABLE.items()
        for name in row.get("tests", ())
        for path, _, test in [name.partition("::")]
        if not (CHECKOUT / path).is_file() or test not in names_of_tests(CHECKOUT / path)
    ]
    assert missing == []


def test_each_page_that_a_row_names_exists() -> None:
    missing = [
        f"{requirement}: {place}"
        for requirement, row in TABLE.items()
        for place in row.get("pages", ())
        for path, _, anchor in [place.partition("#")]
        if not (CHECKOUT / path).is_file() or (anchor and anchor not in anchors(CHECKOUT / path))
    ]
    assert missing == []


def test_the_page_has_every_row_limit_and_event() -> None:
    page = text_of(CHECKOUT / "docs/security.md")
    assert [each for each in TABLE if f"| {each} |" not in page] == []
    budgets = text_of(CHECKOUT / "docs/budgets.md")
    assert [each for each in LIMITS if f"(`{each}`) |" not in budgets] == []
    events = text_of(CHECKOUT / "docs/security-events.md")
    assert [each for each in EVENTS if f"| `{each}` |" not in events] == []
