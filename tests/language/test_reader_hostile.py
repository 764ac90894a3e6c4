"""No definition, however made, ends in anything but findings: at once, and in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.language.diagnostics import render_github, render_json, render_text
from formengine.language.diagnostics.sarif import render_sarif
from tests.language.diagnostics.checking import DEFINITIONS, PAIRS, check
from tests.language.hostile.definitions import BIG, SMALL
from tests.support.tiers import cases

MOST_SECONDS = 1
MOST_BYTES = 200_000_000
MOST_CHARACTERS = 10_000_000
# Odd, but nothing is wrong with them.
HARMLESS = {
    "two-byte-order-marks", "mixed-line-ends", "many-fields",
    "carriage-returns-only", "windows-line-ends",
}  # fmt: skip


@pytest.fixture(scope="session")
def outcomes() -> dict[str, dict[str, Any]]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.language.hostile.run_all"],
        cwd=PAIRS.parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return {line["name"]: line for line in map(json.loads, ended.stdout.splitlines())}


def test_there_are_more_than_forty_hostile_definitions() -> None:
    assert len({*SMALL, *BIG}) == len(SMALL) + len(BIG)
    assert len(SMALL) + len(BIG) > 100


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SMALL, *BIG])
def test_a_hostile_definition_ends_in_findings(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    outcome = outcomes[name]
    assert outcome["status"] == 0, outcome
    assert outcome["has_errors"] or name in HARMLESS
    assert outcome["cpu_s"] <= MOST_SECONDS
    assert outcome["peak_bytes"] <= MOST_BYTES
    assert outcome["text_characters"] <= MOST_CHARACTERS


REAL_FORMS = tuple(path.read_bytes() for path in sorted(DEFINITIONS.glob("*/*.yaml")))
MARKS = ": # ' \" - { } [ ] * &a !!x << (( )) or and not \\ ? , ` @ % “ ” --- ... |"
SPACES = (b" ", b"  ", b"\t", b"\n", b"\r", b"\n\n  ", b"\0", b"\xff", "\u2028".encode(), "\xa0".encode())
SCRAPS = (
    *(mark.encode() for mark in MARKS.split()),
    *(f"{mark} ".encode() for mark in MARKS.split()),
    *(f"\n{mark}\n".encode() for mark in MARKS.split()),
    *SPACES,
)
WORDS = (b"a", b"label", b"form", b"pages", b"x: y")


def told_in_every_way(raw: bytes) -> None:
    """Nothing; raises what `check` or a rendering raises."""
    findings = check(raw, "form.yaml")
    for finding in findings:
        text = finding.span.source.text
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.message
        assert "\n" not in finding.message
    assert render_text(findings).count("[") >= len(findings)
    assert render_github(findings).count("\n") == len(findings)
    assert len(json.loads(render_json(findings))["diagnostics"]) == len(findings)
    assert len(json.loads(render_sarif(findings, version="1"))["runs"][0]["results"]) == len(findings)


@given(st.binary(max_size=300))
@settings(max_examples=cases(100, long=1500), deadline=None)
def test_bytes_without_sense_are_told_of(raw: bytes) -> None:
    told_in_every_way(raw)


@given(
    st.lists(st.sampled_from([*SCRAPS, b"a", b"label", b"form", b"pages", b"x: y"]), max_size=40).map(
        b"".join
    )
)
@settings(max_examples=cases(150, long=3000), deadline=None)
def test_scraps_of_yaml_are_told_of(raw: bytes) -> None:
    told_in_every_way(raw)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real form with some of its bytes removed, doubled or replaced by scraps."""
    raw = draw(st.sampled_from(REAL_FORMS))
    start = draw(st.integers(0, max(len(raw) - 1500, 0)))
    if draw(st.booleans()):
        raw = b"form: form\n" + raw[start : start + 1500]
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        end = min(at + draw(st.integers(0, 12)), len(raw))
        raw = raw[:at] + draw(st.sampled_from(SCRAPS)) + raw[at if draw(st.booleans()) else end :]
    return raw


@given(mutated())
@settings(max_examples=cases(60, long=2000), deadline=None)
def test_real_forms_with_slips_are_told_of(raw: bytes) -> None:
    told_in_every_way(raw)
