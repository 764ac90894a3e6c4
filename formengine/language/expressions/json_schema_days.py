"""Comparisons of days as patterns over ISO text; of some days only the month or the year is known."""

from __future__ import annotations

from datetime import date, timedelta

from formengine.language.expressions.ast import Kind
from formengine.language.expressions.iso_days import from_on, up_to
from formengine.language.expressions.schema_fragments import Fragment, any_of

_FIRST, _LAST = date.min.isoformat(), date.max.isoformat()
_NEGATION = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}


def compared_day(order: str, day: str, kind: Kind, *, truth: bool) -> Fragment:
    """The schema of the dates for which "is `order` `day`" is definitely true, or definitely false.

    `day` is ISO text, "" before every day and "~" after every day of the calendar. A date of kind
    `partial_date` stands for all days of its month or year and must agree in all of them.
    """
    partial = kind is Kind.PARTIAL_DATE
    if order == "eq":
        if truth:
            return {"const": day} if _FIRST <= day <= _LAST else False
        if not partial:
            return {"not": {"const": day}} if _FIRST <= day <= _LAST else True
        return any_of((_until(_day_before(day), partial=partial), _since(_day_after(day), partial=partial)))
    order = order if truth else _NEGATION[order]
    match order:
        case "le":
            return _until(day, partial=partial)
        case "lt":
            return _until(_day_before(day), partial=partial)
        case "ge":
            return _since(day, partial=partial)
        case _:
            return _since(_day_after(day), partial=partial)


def _until(day: str, *, partial: bool) -> Fragment:
    """The dates whose last day is `day` or before."""
    if day < _FIRST:
        return False
    if day >= _LAST:
        return True
    texts = [up_to(day)]
    if partial:
        after = date.fromisoformat(day) + timedelta(days=1)
        if (after.year, after.month) > (1, 1):
            year, month = divmod(after.year * 12 + after.month - 2, 12)
            texts.append(up_to(f"{year:04}-{month + 1:02}"))
        if after.year > 1:
            texts.append(up_to(f"{after.year - 1:04}"))
    return _pattern(texts)


def _since(day: str, *, partial: bool) -> Fragment:
    """The dates whose first day is `day` or after."""
    if day > _LAST:
        return False
    if day <= _FIRST:
        return True
    texts = [from_on(day)]
    if partial:
        before = date.fromisoformat(day) - timedelta(days=1)
        if (before.year, before.month) < (9999, 12):
            year, month = divmod(before.year * 12 + before.month, 12)
            texts.append(from_on(f"{year:04}-{month + 1:02}"))
        if before.year < 9999:
            texts.append(from_on(f"{before.year + 1:04}"))
    return _pattern(texts)


def _pattern(texts: list[str]) -> Fragment:
    return {"pattern": f"^(?:{'|'.join(texts)})$"}


def _day_before(day: str) -> str:
    return _neighbour(day, -1)


def _day_after(day: str) -> str:
    return _neighbour(day, 1)


def _neighbour(day: str, step: int) -> str:
    if day in {"", "~"}:
        return day
    try:
        return (date.fromisoformat(day) + timedelta(days=step)).isoformat()
    except OverflowError:
        return "" if step < 0 else "~"
