"""The time by which things are destroyed: it follows the system's clock only as far as running bears it out.

A clock can be wrong: after a flat battery, on a restored machine, by somebody's hand. So nothing is destroyed, and
nobody is told that it will be, by the system's clock alone. Each reading of the clock is compared with how long the
service has run in all its life, which no setting of a clock changes: the difference is the moment at which that
running would have begun, and it stays the same while the clock is right. The steady moment is the earliest that any
reading of the last `BORNE_OUT_BY` of running leads to.

What follows, whatever the clock does:

* A jump ahead, of any size, makes nothing due until the service has run for `BORNE_OUT_BY` with it; back before then,
  and it has made nothing due at all. A time for which the service stood still is the same to it, and delays ends.
* A jump back is followed at once, and for as long the steady moment stays behind.
* What was kept at one moment is not older, by the steady moment, than the service has run since, for `BORNE_OUT_BY`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from formengine.service.logging import log
from formengine.store.protocol import Store, Transaction
from formengine.store.rows import ClockReadingRow

# Seconds that only ever grow, and not while the machine sleeps; where they begin says nothing.
Monotonic = Callable[[], float]

# So long must the service have run with a clock before what that clock alone makes due is destroyed.
BORNE_OUT_BY: Final = timedelta(days=7)
# Readings that differ by less are the same: clocks are set right by seconds all the time, and restarts take some.
SAME: Final = timedelta(minutes=1)
# A clock that is so far from the steady moment is worth an operator's look.
NOTABLE: Final = timedelta(minutes=10)
# At most so many rows of a kind that people entrusted to the service are destroyed in one run.
MOST_A_RUN: Final = 200


@dataclass(frozen=True, slots=True)
class SteadyMoment:
    """A moment to destroy by. shown: the clock's, never earlier. running_s: how long the service ran in all its life.

    waits: how long it must run on, with the clock as it is, until the moment is the clock's.
    """

    at: datetime
    shown: datetime
    running_s: float
    waits: timedelta

    @property
    def behind(self) -> timedelta:
        """How far it is behind the clock."""
        return self.shown - self.at


class SteadyClock:
    """Reads the steady moment, and keeps in the store what it needs for that after the next start."""

    def __init__(self, store: Store, clock: Callable[[], datetime], monotonic: Monotonic) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._begun: tuple[float, float] | None = None
        self._lock = threading.Lock()

    def read(self) -> SteadyMoment:
        """Return the steady moment. Raises `StoreError`."""
        with self._store.write() as tx:
            return self.read_in(tx)

    def read_in(self, tx: Transaction) -> SteadyMoment:
        """Return the steady moment inside the caller's change; the reading is kept with it."""
        known = tx.clock.readings()
        newest = tx.audit.last()
        shown, entry = self._clock(), newest.seq if newest is not None else 0
        before_s = max((row.seen_s for row in known), default=0.0)
        running_s = max(before_s, self._running(before_s))
        if known:
            stamped = tx.audit.earliest_after(max(row.entry for row in known))
        else:
            # A store from before there were readings: its newest entry stands for the clock's last one.
            stamped = newest.at if newest is not None else None
        readings = [_reading(known, shown, running_s, running_s, entry)]
        if stamped is not None:
            # What was kept since the last reading, by a clock that has been set right since.
            earlier = _reading(known, stamped, before_s, running_s, entry)
            if earlier.zero_at < readings[0].zero_at - SAME:
                readings.append(earlier)
        for row in readings:
            tx.clock.keep(row)
        tx.clock.forget(running_s - BORNE_OUT_BY.total_seconds())
        if known:
            _log_jump(newest_reading(known), readings[0])
        return steady_moment([*known, *readings], shown, running_s)

    def look(self) -> SteadyMoment | None:
        """Return the steady moment, and keep nothing; None where there was no reading yet. Raises `StoreError`.

        From a process that has read none itself it is as if the service had stood still since the last one.
        """
        with self._store.read() as tx:
            known = tx.clock.readings()
        if not known:
            return None
        before_s = newest_reading(known).seen_s
        running_s = before_s if self._begun is None else max(before_s, self._running(before_s))
        return steady_moment(known, self._clock(), running_s)

    def _running(self, before_s: float) -> float:
        """How long the service has run, by this process; two processes at once count once."""
        with self._lock:
            now_s = self._monotonic()
            if self._begun is None:
                self._begun = (now_s, before_s)
            began_s, ran_s = self._begun
            return ran_s + (now_s - began_s)


def steady_moment(readings: Sequence[ClockReadingRow], shown: datetime, running_s: float) -> SteadyMoment:
    """Return the steady moment after these readings; the clock shows `shown` after `running_s` seconds of running."""
    span_s = BORNE_OUT_BY.total_seconds()
    late = [
        (led_to, row.seen_s)
        for row in readings
        if row.seen_s >= running_s - span_s
        and (led_to := row.zero_at + timedelta(seconds=running_s)) < shown - SAME
    ]
    if not late:
        return SteadyMoment(shown, shown, running_s, timedelta(0))
    last_s = max(seen_s for _, seen_s in late)
    return SteadyMoment(
        min(led_to for led_to, _ in late), shown, running_s, timedelta(seconds=last_s + span_s - running_s)
    )


def newest_reading(readings: Sequence[ClockReadingRow]) -> ClockReadingRow:
    """Return what the clock showed last. Raises ValueError where there is no reading."""
    # Of two at once the later: the other one is what an entry was stamped with before.
    return max(readings, key=lambda row: (row.seen_s, row.zero_at))


def _reading(
    known: Sequence[ClockReadingRow], shown: datetime, at_s: float, seen_s: float, entry: int
) -> ClockReadingRow:
    """What is kept of a clock that shows `shown` after `at_s` of running: the earliest known that is the same."""
    zero_at = shown - timedelta(seconds=at_s)
    same = [row.zero_at for row in known if abs(row.zero_at - zero_at) <= SAME]
    return ClockReadingRow(zero_at=min(same, default=zero_at), seen_s=seen_s, entry=entry)


def _log_jump(last: ClockReadingRow, found: ClockReadingRow) -> None:
    by = found.zero_at - last.zero_at
    if abs(by) >= NOTABLE:
        way = "ahead" if by > timedelta(0) else "back"
        log.warning("clock_jumped", fault=way, seconds=round(abs(by).total_seconds()))


system_monotonic: Monotonic = time.monotonic
