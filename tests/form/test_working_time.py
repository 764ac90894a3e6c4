"""Deadlines count working time: no night, no weekend, no bank holiday."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.form.process.working_time import add_time, bank_holidays, worked_minutes
from formengine.language.process_model import TimeLimit, TimeUnit, WorkingHours
from tests.support.tiers import cases

LONDON = ZoneInfo("Europe/London")
OFFICE, ALWAYS = WorkingHours(9 * 60, 17 * 60), WorkingHours(0, 24 * 60)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


# As published on gov.uk.
@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
    ],
)
def test_the_bank_holidays_of_a_year_are_those_that_are_published(year: int, days: str) -> None:
    assert bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


@pytest.mark.parametrize(
    ("amount", "unit", "since", "due"),
    [
        (1, "working_days", "2026-11-30 14:12", "2026-12-01 14:12"),
        (1, "working_days", "2026-11-27 14:12", "2026-11-30 14:12"),
        (1, "working_days", "2026-11-28 10:00", "2026-11-30 17:00"),
        (1, "working_days", "2026-11-30 20:00", "2026-12-01 17:00"),
        (1, "working_days", "2026-12-24 16:00", "2026-12-29 16:00"),
        (4, "working_days", "2026-04-01 12:00", "2026-04-09 12:00"),
        (1, "working_hours", "2026-11-30 16:30", "2026-12-01 09:30"),
        (4, "working_hours", "2026-11-30 07:00", "2026-11-30 13:00"),
        (1, "hours", "2026-12-24 16:00", "2026-12-24 17:00"),
        (90, "minutes", "2026-12-24 16:00", "2026-12-24 17:30"),
        (28, "days", "2026-11-30 14:12", "2026-12-28 14:12"),
        (12, "weeks", "2026-11-30 14:12", "2027-02-22 14:12"),
    ],
)
def test_a_limit_is_over_at(amount: int, unit: TimeUnit, since: str, due: str) -> None:
    assert add_time(london(since), TimeLimit(amount, unit), OFFICE) == london(due)


def test_an_hour_lasts_an_hour_on_the_night_on_which_the_clocks_go_back() -> None:
    before = london("2026-10-25 00:30")
    after = add_time(before, TimeLimit(2, "hours"), ALWAYS)
    assert after.timestamp() - before.timestamp() == 2 * 60 * 60
    assert f"{after:%H:%M}" == "01:30"


def test_a_team_that_works_around_the_clock_still_rests_on_holidays() -> None:
    assert add_time(london("2026-12-24 16:00"), TimeLimit(1, "working_days"), ALWAYS) == london(
        "2026-12-29 16:00"
    )


@settings(max_examples=cases(60, long=3000))
@given(
    st.integers(0, 60 * 24 * 400),
    st.integers(1, 40),
    st.sampled_from(["working_days", "working_hours"]),
    st.sampled_from([OFFICE, ALWAYS, WorkingHours(7 * 60 + 30, 20 * 60)]),
)
def test_between_a_beginning_and_its_deadline_lie_as_many_working_minutes_as_the_limit_has(
    minute: int, amount: int, unit: TimeUnit, hours: WorkingHours
) -> None:
    since = london("2026-01-01 00:00") + timedelta(minutes=minute)
    due = add_time(since, TimeLimit(amount, unit), hours)
    assert worked_minutes(since, due, hours) == amount * (hours.length_min if unit == "working_days" else 60)


def test_no_time_was_worked_between_a_moment_and_an_earlier_one() -> None:
    assert worked_minutes(london("2026-12-01 12:00"), london("2026-11-30 12:00"), OFFICE) == 0
    assert worked_minutes(london("2026-11-30 12:00"), london("2026-11-30 11:00"), OFFICE) == 0
