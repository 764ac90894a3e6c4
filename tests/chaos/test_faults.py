"""Faults of the machine, the network and the hour: nothing acknowledged is lost or there twice, and all goes on.

`make chaos` runs all of each scenario (docs/chaos.md has its figures); `make test` a cut.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.scenarios import SCENARIOS
from tests.support.tiers import TIER

# In a long run one scenario may last for minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_acknowledged_is_lost_or_there_twice(
    tmp_path: Path, name: str, figures: Callable[[str], None]
) -> None:
    tally = SCENARIOS[name](tmp_path, TIER == "long")
    figures(tally.line())
    assert tally.wrong() == []
    assert tally.acknowledged > 0
