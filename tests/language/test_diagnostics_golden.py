"""Each code's example is told in the words written beside it, by the whole way through the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from formengine.language.diagnostics import Findings, render_text
from formengine.language.reader import read, read_file
from formengine.language.source import Source
from tests.language.diagnostics.checking import PAIRS, check

EXAMPLES = sorted(PAIRS.glob("*.yaml"))
JARGON = re.compile(
    r"\b(scalar|token|mapping|sequence|node|parser|scanner|flow|plain|stream)\b", re.IGNORECASE
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gets_exactly_the_findings_written_beside_it(example: Path) -> None:
    told = render_text(check(example.read_bytes(), example.name))
    assert told == example.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_the_code_it_is_named_after(example: Path) -> None:
    assert example.stem in {finding.code for finding in check(example.read_bytes(), example.name)}


def test_no_text_stands_without_its_definition() -> None:
    assert [path.name for path in PAIRS.glob("*.txt") if not path.with_suffix(".yaml").is_file()] == []


def test_words_for_authors_hold_no_jargon() -> None:
    jargon = {
        (path.name, found)
        for path in PAIRS.glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("error[", "warning[", "info[")) or " = help: " in line
        for found in JARGON.findall(line)
    }
    assert jargon == set()


def test_file_unreadable_is_told_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    findings = Findings()
    assert read_file(tmp_path / "form.yaml", findings, name="example/form.yaml") is None
    assert render_text(findings.in_file_order()) == (
        "error[file-unreadable]: There is no such file: example/form.yaml\n --> example/form.yaml\n"
    )


def test_more_findings_are_counted_not_listed() -> None:
    findings = Findings()
    read(Source("form.yaml", "form: x\n" + "label: a\n" * 151), findings)
    assert len(findings.found) == 101
    assert [finding.code for finding in findings.found[-2:]] == ["duplicate-key", "more-findings"]
    assert findings.found[-1].message == "There are 50 more findings from here on, not listed"
