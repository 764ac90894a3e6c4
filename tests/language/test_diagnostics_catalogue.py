"""The catalogue and the code hold the same codes, and each has an example."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.language.diagnostics.catalogue import AREAS, CATALOGUE
from tests.language.diagnostics.checking import PAIRS

pytestmark = pytest.mark.slow

PACKAGE = Path(__file__).parents[2] / "formengine"
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+|alias|anchor|tag")
# Functions that take a code as an early argument and hand it on to `Findings.add`.
TELLERS = {
    "add",
    "Diagnostic",
    "_add",
    "_tell",
    "_slip",
    "report",
    "NameFault",
    "YamlExplanation",
    "_report",
    "_finding",
    "tell",
}
# Codes that no file of its own can bring about; each is held by a test of `test_diagnostics_golden`.
WITHOUT_EXAMPLE = {"file-unreadable", "more-findings", "unknown-form"}


def told_codes() -> Iterator[str]:
    """Each code that stands as a literal where a finding is made."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "diagnostics" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in TELLERS:
                for argument in node.args[:3]:
                    yield from _literals(argument)


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and KEBAB.fullmatch(node.value):
        yield node.value


def test_each_code_that_is_told_is_in_the_catalogue() -> None:
    assert sorted(set(told_codes()) - set(CATALOGUE)) == []


def test_each_code_of_the_catalogue_is_told_somewhere() -> None:
    assert sorted(set(CATALOGUE) - set(told_codes())) == []


def test_each_code_has_an_example() -> None:
    examples = {path.stem for path in PAIRS.glob("*.yaml")}
    assert sorted(set(CATALOGUE) - examples - WITHOUT_EXAMPLE) == []


def test_no_code_stands_in_two_areas() -> None:
    assert len(CATALOGUE) == sum(len(codes) for codes in AREAS.values())


def test_titles_are_one_line_and_meanings_are_sentences() -> None:
    assert [
        code for code, entry in CATALOGUE.items() if entry.title.endswith(".") or "\n" in entry.title
    ] == []
    assert [
        code for code, entry in CATALOGUE.items() if not entry.meaning.rstrip().endswith((".", "`."))
    ] == []
