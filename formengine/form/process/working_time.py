"""Deadlines in working time: Monday to Friday without the bank holidays of England and Wales.

The holidays are reckoned by the rules of the Banking and Financial Dealings Act 1971 and the proclamations that have
stood since 1978, so that no list runs out. A day that is proclaimed once, such as for a coronation, is entered in
`PROCLAIMED`.

A working day as a length is one day's working hours: what comes on Monday at 14:12 and may take one working day is due
on Tuesday at 14:12; what comes at night or on a holiday begins to count when work next begins.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from formengine.language.process_model import TimeLimit, WorkingHours

# Holidays that were proclaimed for one year alone, from 2026 on.
PROCLAIMED: Final[frozenset[date]] = frozenset()

_DAY: Final = timedelta(days=1)
_DAY_MIN: Final = 24 * 60
_MONDAY: Final = 0
_SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Whether the day is from Monday to Friday and no bank holiday in England and Wales."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales; where one falls on a weekend, the working day that stands for it."""
    easter = _easter_sunday(year)
    holidays = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= _SATURDAY or day in holidays:
            day += _DAY
        holidays.add(day)
    return frozenset(holidays | {day for day in PROCLAIMED if day.year == year})


def _monday_from(day: date) -> date:
    return day + timedelta(days=(_MONDAY - day.weekday()) % 7)


def _easter_sunday(year: int) -> date:
    """The Sunday of Easter in the Gregorian calendar, by the anonymous algorithm (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leap_years, years = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leap_years - moon - years) % 7
    month, day = divmod(moon + weekday - 7 * ((golden + 11 * moon + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


def add_time(since: datetime, limit: TimeLimit, hours: WorkingHours) -> datetime:
    """When a limit that runs from `since` is over; both in the zone of whoever works. Working time is wall time."""
    match limit.unit:
        case "working_days":
            return _add_working(since, limit.amount * hours.length_min, hours)
        case "working_hours":
            return _add_working(since, limit.amount * 60, hours)
        case "days" | "weeks":
            return since + timedelta(days=limit.amount * (7 if limit.unit == "weeks" else 1))
        case "hours" | "minutes":
            # Through UTC: an hour lasts an hour on the night on which the clocks change, too.
            elapsed = timedelta(minutes=limit.amount * (60 if limit.unit == "hours" else 1))
            return (since.astimezone(UTC) + elapsed).astimezone(since.tzinfo)


def worked_minutes(since: datetime, until: datetime, hours: WorkingHours) -> int:
    """How many working minutes lie between two moments in the same zone; 0 where the second is the earlier one."""
    worked, day = 0, since.date()
    while day <= until.date():
        if is_working_day(day):
            begins = max(hours.begins_min, _minute(since) if day == since.date() else 0)
            ends = min(hours.ends_min, _minute(until) if day == until.date() else _DAY_MIN)
            worked += max(ends - begins, 0)
        day += _DAY
    return worked


def _add_working(since: datetime, minutes: int, hours: WorkingHours) -> datetime:
    day, at = since.date(), max(_minute(since), hours.begins_min)
    left = minutes
    while not is_working_day(day) or at + left > hours.ends_min:
        if is_working_day(day):
            left -= max(hours.ends_min - at, 0)
        day, at = day + _DAY, hours.begins_min
    midnight = datetime(day.year, day.month, day.day, tzinfo=since.tzinfo)
    return midnight + timedelta(minutes=at + left)


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
