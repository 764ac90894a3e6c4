"""SIGKILL at every fault point of a person's way: what they were told is there, once; and they can go on and send.

One way is registering, signing in with a code, starting a draft, saving pages, an item of a list, a file, sending, and
sending again (`referral`); the other is posting too late, removing, changing, deleting and closing (`upkeep`). Each is
walked with the first fault point deadly, then the second, and so on until none is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.nursery import Nursery, Run, Scenario, nursery_of
from tests.chaos.referral import referral
from tests.chaos.upkeep import upkeep

pytestmark = pytest.mark.slow


@dataclass
class Tally:
    """What happened over all runs."""

    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    points: set[str] = field(default_factory=set)

    def count(self, number: int, point: str, found: dict[str, list[str]]) -> None:
        at = f"killed at {number} ({point}): "
        self.lost += [at + each for each in found["lost"]]
        self.twice += [at + each for each in found["twice"]]
        self.broken += [at + each for each in found["broken"]]


def known_after(run: Run, before: dict[str, Any]) -> dict[str, Any]:
    """What the person was told up to the end of the run."""
    said = [each for each in run.told if "found" not in each]
    return said[-1] if said else before


def live_again(nursery: Nursery, folder: Path, known: dict[str, Any], life: int) -> Run:
    """The life after: it looks at what is there, walks the way to its end, and looks again."""
    run = nursery.run(folder, {"known": known, "life": life, "look": True}, 0)
    assert not run.killed
    return run


def kill_everywhere(nursery: Nursery, folder: Path) -> Tally:
    """What comes of killing the scenario at each fault point."""
    tally = Tally()
    number = 1
    while True:
        place = folder / str(number)
        place.mkdir()
        first = nursery.run(place, {"known": {}, "life": 0, "look": False}, number)
        tally.points |= set(first.points)
        if not first.killed:
            return tally
        tally.kills += 1
        tally.acknowledged += len([each for each in first.told if "found" not in each])
        for said in live_again(nursery, place, known_after(first, {}), life=1).told:
            if "found" in said:
                tally.count(number, first.points[-1], said["found"])
        number += 1


@pytest.mark.parametrize(("scenario", "points"), [(referral, 25), (upkeep, 20)])
def test_killed_anywhere_nothing_acknowledged_is_lost_or_there_twice(
    tmp_path: Path, scenario: Scenario, points: int, figures: Callable[[str], None]
) -> None:
    with nursery_of(scenario) as nursery:
        tally = kill_everywhere(nursery, tmp_path)
    figures(
        f"killed at fault points, {scenario.__name__}: {tally.kills} kills at "
        f"{len(tally.points)} named points, {tally.acknowledged} acknowledged, {len(tally.lost)} lost, "
        f"{len(tally.twice)} duplicated"
    )
    assert (tally.lost, tally.twice, tally.broken) == ([], [], [])
    assert len(tally.points) >= points
