"""`make advisories` says what is known of our packages, and never passes without data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.advisories import CANARY, check

WEAK = {"name": CANARY[0], "version": CANARY[1], "vulns": [{"id": "EX-1", "fix_versions": ["2.11"]}]}
SOUND = {"name": "click", "version": "8.3", "vulns": []}


def answering(of_canary: str, of_ours: str) -> Callable[[Path], str]:
    """A pip-audit that answers so."""
    return lambda pins: of_canary if pins.name == "canary.txt" else of_ours


def said(*packages: object) -> str:
    return json.dumps({"dependencies": packages})


@pytest.mark.parametrize("nothing", ["", "no JSON", "{}", said(), said({**WEAK, "vulns": []})])
def test_without_data_it_says_so_and_does_not_pass(tmp_path: Path, nothing: str) -> None:
    code, (line,) = check(tmp_path / "constraints.txt", answering(nothing, said(SOUND)))
    assert code == 2
    assert line.startswith("No advisory data")
    assert "NOTHING WAS CHECKED" in line


@pytest.mark.parametrize("nothing", ["", "no JSON", "{}"])
def test_an_answer_for_the_known_one_alone_does_not_pass(tmp_path: Path, nothing: str) -> None:
    code, (line,) = check(tmp_path / "constraints.txt", answering(said(WEAK), nothing))
    assert (code, "NOTHING WAS CHECKED" in line) == (2, True)


def test_a_weak_package_is_named_with_what_mends_it(tmp_path: Path) -> None:
    found = {**SOUND, "vulns": [{"id": "EX-2", "fix_versions": ["8.4"]}, {"id": "EX-3", "fix_versions": []}]}
    code, lines = check(tmp_path / "constraints.txt", answering(said(WEAK), said(found)))
    assert (code, list(lines)) == (
        1,
        ["click 8.3: EX-2, mended in 8.4", "click 8.3: EX-3, mended in none yet"],
    )


def test_with_data_and_no_finding_it_says_for_how_many_packages(tmp_path: Path) -> None:
    code, lines = check(tmp_path / "constraints.txt", answering(said(WEAK), said(SOUND)))
    assert (code, list(lines)) == (0, ["No advisory is known for the 1 packages of constraints.txt."])
