"""A date of which the day, or day and month, may not be known: ``2026-10-05``, ``2026-10`` or ``2026``.

What is not known is not invented: no first, no fifteenth of the month is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.expressions.iso_days import DAY, MONTH, YEAR
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    PaperSpace,
    Posted,
    Problem,
    Schema,
    shown,
)
from formengine.language.fields.dates import (
    PARTS,
    DatePart,
    date_reading,
    decoded,
    encode_parts,
    in_words,
    read_parts,
    typed_in_words,
    typed_parts,
    unreadable_parts,
)
from formengine.language.fields.patterns import line_of
from formengine.language.json_types import Json

SCHEMA: Schema = line_of(f"{DAY}|{MONTH}|{YEAR}")


# A day needs its month, everything a year.
_NEEDS: tuple[tuple[DatePart | None, tuple[DatePart, ...]], ...] = (
    ("day", PARTS),
    ("month", ("month", "year")),
    (None, ("year",)),
)


def _needed(typed: Mapping[str, Json]) -> tuple[DatePart, ...]:
    """The parts that must be there, given which were typed."""
    return next(parts for part, parts in _NEEDS if part is None or part in typed)


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    typed = typed_parts(posted, PARTS)
    return decoded(typed, read_parts(typed, _needed(typed))) if typed else Decoded()


def _unreadable(value: Json, _: FieldSettings) -> Problem:
    return unreadable_parts(value, _needed(value) if isinstance(value, dict) else PARTS)


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(in_words(value) if isinstance(value, str) else typed_in_words(value))


def _sample(_: FieldSettings, random: Random) -> str:
    day = f"{random.randint(1990, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    return day[: random.choice((4, 7, 10))]


APPROXIMATE_DATE = FieldType(
    name="approximate_date",
    doc="A date that may lack its day, or its day and month, where people do not know them.",
    kind=lambda _: Kind.PARTIAL_DATE,
    decode=_decode,
    encode=lambda value, _: encode_parts(value),
    shape=lambda _: SCHEMA,
    reading=lambda _: date_reading(_NEEDS),
    type_error=_unreadable,
    error_codes=("incomplete", "short_year", "not_real"),
    control=lambda _: Control("date", {"parts": PARTS, "approximate": True}),
    display=_display,
    paper_space=lambda _: PaperSpace("date", {"parts": PARTS, "approximate": True}),
    sample=_sample,
)
