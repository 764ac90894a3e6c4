"""SIGKILL at every fault point of a person's way: what they were told is there, once; and they can go on and send.

The way is registering, signing in with a code, starting a draft, saving pages, an item of a list, a file, sending, and
sending again. It is walked with the first fault point deadly, then the second, and so on until none is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.nursery import Nursery, Run, nursery_of
from tests.chaos.referral import referral

# Each is killed by a test process of its own, so that two processors share the work.
SHARES = 2


@dataclass
class Tally:
    """What happened over all runs of a share."""

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


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with nursery_of(referral) as nursery:
        yield nursery


def known_after(run: Run, before: dict[str, Any]) -> dict[str, Any]:
    """What the person was told up to the end of the run."""
    said = [each for each in run.told if "found" not in each]
    return said[-1] if said else before


def live_again(nursery: Nursery, folder: Path, known: dict[str, Any], life: int) -> Run:
    """The life after: it looks at what is there, walks the way to its end, and looks again."""
    run = nursery.run(folder, {"known": known, "life": life, "look": True}, 0)
    assert not run.killed
    return run


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_anywhere_nothing_acknowledged_is_lost_or_there_twice(
    nursery: Nursery, tmp_path: Path, share: int, figures: Callable[[str], None]
) -> None:
    tally = Tally()
    number = share + 1
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        first = nursery.run(folder, {"known": {}, "life": 0, "look": False}, number)
        tally.points |= set(first.points)
        if not first.killed:
            break
        known = known_after(first, {})
        tally.kills += 1
        tally.acknowledged += len([each for each in first.told if "found" not in each])
        second = live_again(nursery, folder, known, life=1)
        for said in second.told:
            if "found" in said:
                tally.count(number, first.points[-1], said["found"])
        assert len(known_after(second, known)["references"]) == 1
        number += SHARES
    figures(
        f"killed at fault points, share {share + 1} of {SHARES}: {tally.kills} kills at {len(tally.points)} named "
        f"points, {tally.acknowledged} acknowledged, {len(tally.lost)} lost, {len(tally.twice)} duplicated"
    )
    assert (tally.lost, tally.twice, tally.broken) == ([], [], [])
    assert len(tally.points) >= 25
    assert tally.kills >= 20
