"""Days and moments as people read them."""

from __future__ import annotations

from datetime import date, datetime

from formengine.language.words.wording import Wording


def day_text(day: date, wording: Wording) -> str:
    """``22 November 2026``."""
    month = wording.text(f"dates.months.{day.month}")
    return wording.text("dates.day", day=str(day.day), month=month, year=str(day.year))


def moment_text(at: datetime, wording: Wording) -> str:
    """``22 November 2026 at 14:05``, in the time zone of `at`."""
    return wording.text("paper.moment", day=day_text(at, wording), time=f"{at:%H:%M}")
