"""A month of a year; stored as ``2026-10``."""

from __future__ import annotations

from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.expressions.iso_days import MONTH as MONTH_PATTERN
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    PaperSpace,
    Posted,
    Schema,
    shown,
)
from formengine.language.fields.dates import (
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

SCHEMA: Schema = line_of(MONTH_PATTERN)
_PARTS: tuple[DatePart, ...] = ("month", "year")


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    typed = typed_parts(posted, _PARTS)
    return decoded(typed, read_parts(typed, _PARTS)) if typed else Decoded()


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    parts = encode_parts(value)
    # There is no box for a day: what is no month is shown in the box for the month.
    return {("month" if part == "day" else part): texts for part, texts in parts.items()}


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(in_words(value) if isinstance(value, str) else typed_in_words(value))


def _sample(_: FieldSettings, random: Random) -> str:
    return f"{random.randint(2015, 2026)}-{random.randint(1, 12):02}"


MONTH = FieldType(
    name="month",
    doc="A month and a year, such as October 2026.",
    kind=lambda _: Kind.PARTIAL_DATE,
    decode=_decode,
    encode=_encode,
    shape=lambda _: SCHEMA,
    reading=lambda _: date_reading([(None, _PARTS)]),
    type_error=lambda value, _: unreadable_parts(value, _PARTS),
    error_codes=("incomplete", "short_year", "not_real"),
    control=lambda _: Control("date", {"parts": _PARTS}),
    display=_display,
    paper_space=lambda _: PaperSpace("date", {"parts": _PARTS}),
    sample=_sample,
)
