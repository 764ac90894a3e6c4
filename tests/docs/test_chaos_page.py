"""docs/chaos.md names every scenario there is, and has the figures of each."""

from __future__ import annotations

import re

from tests.chaos.scenarios import SCENARIOS
from tests.support.docs_pages import DOCS, rows

PAGE = DOCS / "chaos.md"


def test_the_page_says_of_every_scenario_what_is_done() -> None:
    named = [cells[0].strip("`") for cells in rows(PAGE, "The scenarios")]
    assert named == list(SCENARIOS)
    assert all(len(cells[1]) > 20 for cells in rows(PAGE, "The scenarios"))


def test_the_page_has_the_figures_of_every_scenario() -> None:
    shown = [cells[0].strip("`") for cells in rows(PAGE, "Figures of a real run")]
    assert shown == list(SCENARIOS)
    figures = [cells[1:] for cells in rows(PAGE, "Figures of a real run")]
    # Tried, acknowledged, lost, twice, milliseconds.
    assert all(re.fullmatch(r"[\d,]+ [\d,]+ 0 0 ([\d,]+|not asked)", " ".join(cells)) for cells in figures)
