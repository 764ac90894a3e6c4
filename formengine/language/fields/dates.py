"""Days, months and years as people type them, in boxes of their own.

Order of findings (GOV.UK Design System, date input): what is missing, then what cannot be, then the limits.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Literal

from formengine.language.fields.base import Decoded, FieldSettings, Posted, Problem, TypedReading, Word
from formengine.language.fields.single_line import one_line, plain_figures
from formengine.language.json_types import Json

DatePart = Literal["day", "month", "year"]
PARTS: tuple[DatePart, ...] = ("day", "month", "year")

# Names that people type for a month, by their first three letters, English and Welsh.
_ENGLISH = "january february march april may june july august september october november december"
_WELSH = "ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr"
_MONTHS = {
    name[:length]: number
    for names in (_ENGLISH, _WELSH)
    for number, name in enumerate(names.split(), start=1)
    for length in range(3, len(name) + 1)
} | {"sept": 9}
_DAY = re.compile("([0-9]{1,2})(?:st|nd|rd|th)?")
_MONTH_FIGURES = re.compile("[0-9]{1,2}")
_YEAR = re.compile("[0-9]{4}")
_NO_YEAR = "0000"
_ISO = re.compile("([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def typed_parts(posted: Posted, parts: tuple[DatePart, ...]) -> dict[str, str]:
    """What was typed into each box, blank ends cut off; boxes left empty are absent."""
    typed: dict[str, str] = {part: one_line(posted.text(part)) for part in parts}
    return {part: text for part, text in typed.items() if text}


def month_number(text: str) -> int | None:
    """1 to 12 for ``9``, ``09``, ``Sep``, ``september`` or the Welsh name; None for anything else."""
    plain = plain_figures(text)
    if _MONTH_FIGURES.fullmatch(plain):
        number = int(plain)
        return number if 1 <= number <= 12 else None
    return _MONTHS.get(plain.rstrip(".").casefold())


def day_number(text: str) -> int | None:
    """1 to 31 for ``5``, ``05`` or ``5th``; None for anything else."""
    found = _DAY.fullmatch(plain_figures(text).casefold())
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


def year_number(text: str) -> int | None:
    """1 to 9999 for a year of four figures; None for anything else."""
    plain = plain_figures(text)
    return int(plain) if _YEAR.fullmatch(plain) and plain != _NO_YEAR else None


def date_reading(needs: Iterable[tuple[DatePart | None, tuple[DatePart, ...]]]) -> TypedReading:
    """How the browser reads a date.

    `needs`: the parts that must be there where one is typed. The first that fits decides; None always fits.
    """
    return {
        "by": "date",
        "parts": list(PARTS),
        "needs": [[typed, list(parts)] for typed, parts in needs],
        "day": _DAY.pattern,
        "month_figures": _MONTH_FIGURES.pattern,
        "months": dict(_MONTHS),
        "year": _YEAR.pattern,
        "no_year": _NO_YEAR,
    }


def incomplete(missing: tuple[str, ...]) -> Problem:
    """The problem that the boxes `missing` were left empty."""
    return Problem("incomplete", {"missing": Word(f"dates.missing.{'_'.join(missing)}"), "parts": missing})


def read_parts(typed: Mapping[str, str], parts: tuple[DatePart, ...]) -> str | Problem:
    """The ISO text of what was typed in all of `parts` (the last is "year"), or what is wrong with it."""
    missing = tuple(part for part in parts if part not in typed)
    if missing:
        return incomplete(missing)
    if re.fullmatch("[0-9]{1,3}", plain_figures(typed["year"])):
        # A year of two figures is not guessed: 30 may be 1930 or 2030.
        return Problem("short_year", {"parts": ("year",)})
    numbers = {
        "day": day_number(typed.get("day", "1")),
        "month": month_number(typed.get("month", "1")),
        "year": year_number(typed["year"]),
    }
    wrong = tuple(part for part in parts if numbers[part] is None)
    day, month, year = numbers["day"], numbers["month"], numbers["year"]
    if day is None or month is None or year is None:
        return Problem("not_real", {"parts": wrong})
    if day > monthrange(year, month)[1]:
        return Problem("not_real", {"parts": parts})
    written = {"day": f"{day:02}", "month": f"{month:02}", "year": f"{year:04}"}
    return "-".join(written[part] for part in reversed(parts))


def decoded(typed: dict[str, str], read: str | Problem) -> Decoded:
    """What was read, or what was typed with what is wrong with it."""
    return Decoded(typed, read) if isinstance(read, Problem) else Decoded(read)


def encode_parts(value: Json) -> dict[str, tuple[str, ...]]:
    """The boxes of an ISO text (``2026-09-01``, ``2026-09``, ``2026``), or of what was typed, by part."""
    if isinstance(value, Mapping):
        return {part: (str(value[part]),) for part in PARTS if part in value}
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if not found:
        # Text from elsewhere that is no date: shown where it can be mended, never dropped.
        return {} if value is None else {"day": (str(value),)}
    year, month, day = found.groups()
    numbers = (("day", day and str(int(day))), ("month", month and str(int(month))), ("year", year))
    return {part: (text,) for part, text in numbers if text}


def unreadable_parts(value: Json, parts: tuple[DatePart, ...]) -> Problem:
    """What is wrong with a value that is no ISO text of these parts."""
    if isinstance(value, Mapping):
        typed = {part: text for part in parts if isinstance(text := value.get(part), str) and text.strip()}
        read = read_parts({str(part): text for part, text in typed.items()}, parts) if typed else None
        if isinstance(read, Problem):
            return read
    return Problem("not_real", {"parts": parts})


def in_words(value: str) -> Word:
    """An ISO text (``2026-09-01``, ``2026-09``, ``2026``) as people read it, such as 1 September 2026."""
    found = _ISO.fullmatch(value)
    year, month, day = found.groups() if found else ("", "", "")
    if not found or (month and not 1 <= int(month) <= 12):
        return Word("dates.as_typed", {"text": value})
    facts: dict[str, object] = {"year": str(int(year))}
    if month:
        facts["month"] = Word(f"dates.months.{int(month)}")
    if day:
        facts["day"] = str(int(day))
    return Word(f"dates.{'day' if day else 'month' if month else 'year'}", MappingProxyType(facts))


def typed_in_words(value: Json) -> str:
    """What was typed into the boxes, such as ``31 2 2026``, where it is no date."""
    if isinstance(value, Mapping):
        return " ".join(str(value[part]) for part in PARTS if part in value)
    return str(value)


def settled(settings: FieldSettings, on: date) -> FieldSettings:
    """`settings` with ``today`` in `minimum` and `maximum` as the day `on`, so that they become rules.

    Until then a limit of ``today`` is no rule: a schema that names no day cannot hold it.
    """
    limits = dict(settings.limits)
    for key in ("minimum", "maximum"):
        if limits.get(key) == "today":
            limits[key] = on
            limits[f"{key}_is_today"] = True
    return replace(settings, limits=MappingProxyType(limits))


def limit_day(settings: FieldSettings, key: str) -> date | None:
    """The day an author set as `minimum` or `maximum`; None for none and for an unsettled ``today``."""
    limit = settings.limit(key)
    if limit is None or limit == "today":
        return None
    return limit if isinstance(limit, date) else date.fromisoformat(limit)
