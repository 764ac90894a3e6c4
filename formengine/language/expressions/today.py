"""The day of an evaluation, and the days that are counted from it."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, timedelta

from formengine.language.expressions.ast import RelativeDay, Unit

# Texts that sort before and after every ISO date, for days the calendar (years 1 to 9999) does not have.
BEFORE_ALL_DAYS = ""
AFTER_ALL_DAYS = "~"


def shifted(day: date, amount: int, unit: Unit) -> str:
    """The day `amount` units after `day` (before it when negative) as ISO text.

    Months and years keep the day of the month, cut to the month's last day. Past either end of the calendar,
    `BEFORE_ALL_DAYS` or `AFTER_ALL_DAYS`.
    """
    if unit in {"months", "years"}:
        months = day.year * 12 + day.month - 1 + amount * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        if not MINYEAR <= year <= MAXYEAR:
            return BEFORE_ALL_DAYS if year < MINYEAR else AFTER_ALL_DAYS
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).isoformat()
    days = amount * (7 if unit == "weeks" else 1)
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        return BEFORE_ALL_DAYS if days < 0 else AFTER_ALL_DAYS


def interval(written: str) -> tuple[str, str]:
    """The first and last day of ``2026-09-01``, ``2026-09`` or ``2026``, as ISO text."""
    if len(written) == 10:
        return written, written
    if len(written) == 4:
        return f"{written}-01-01", f"{written}-12-31"
    last = monthrange(int(written[:4]), int(written[5:7]))[1]
    return f"{written}-01", f"{written}-{last:02d}"


class Today:
    """The day on which expressions are evaluated, and what is counted from it, each once.

    One may serve any number of evaluations and threads: what it caches depends on the day alone.
    """

    __slots__ = ("_cuts", "iso", "on")

    def __init__(self, on: date) -> None:
        self.on = on
        self.iso = on.isoformat()
        self._cuts: dict[RelativeDay, str] = {}

    def cut(self, day: RelativeDay) -> str:
        """`day` as ISO text."""
        known = self._cuts.get(day)
        if known is None:
            signed = -day.amount if day.direction == "ago" else day.amount
            known = self._cuts[day] = shifted(self.on, signed, day.unit)
        return known
