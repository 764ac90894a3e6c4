"""What every benchmark shares: both sides timed in turn in one run, medians, and the ratio that counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

WIDTH = 62


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a benchmark: seconds of ours and of the reference, and what their ratio should be.

    at_most: ours takes at most so many times the reference's time. at_least: the reference takes at least so many
    times ours. Neither: a figure to know, without an aim.
    """

    what: str
    ours_s: float
    theirs_s: float
    at_most: float | None = None
    at_least: float | None = None

    def __str__(self) -> str:
        ratio = self.ours_s / self.theirs_s if self.at_least is None else self.theirs_s / self.ours_s
        aim = "no aim"
        if self.at_most is not None:
            aim = f"at most {self.at_most:g}"
        elif self.at_least is not None:
            aim = f"at least {self.at_least:g}"
        times = f"{shown(self.ours_s)} against {shown(self.theirs_s)}"
        return f"{self.what:{WIDTH}} {times}   {ratio:7.2f} ×   ({aim})"


def shown(seconds: float) -> str:
    """A time with its unit, nine characters wide."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:6.1f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:6.1f} ms"
    return f"{seconds:6.2f} s "


def median_times_s(sides: Sequence[Callable[[], object]], rounds: int, *, times: int = 1) -> list[float]:
    """The median seconds of this process's CPU in one call of each side.

    Each round calls every side in turn, `times` times in a row.

    One round before the first is not counted.
    """
    found: list[list[float]] = [[] for _ in sides]
    for turn in range(rounds + 1):
        for side, taken in zip(sides, found, strict=True):
            start = time.process_time()
            for _ in range(times):
                side()
            if turn:
                taken.append((time.process_time() - start) / times)
    return [statistics.median(taken) for taken in found]


def report(figures: Iterable[Figure]) -> None:
    """Print each figure on a line of its own, as soon as it is known."""
    for figure in figures:
        print(figure, flush=True)
