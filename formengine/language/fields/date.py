"""A day, in three boxes; stored as ISO text such as ``2026-09-01``."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.expressions.iso_days import DAY, on_or_after, on_or_before
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Posted,
    Problem,
    Rule,
    Schema,
    shown,
)
from formengine.language.fields.dates import (
    PARTS,
    date_reading,
    decoded,
    encode_parts,
    in_words,
    limit_day,
    read_parts,
    typed_in_words,
    typed_parts,
    unreadable_parts,
)
from formengine.language.fields.patterns import line_of
from formengine.language.json_types import Json

SCHEMA: Schema = line_of(DAY)


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    typed = typed_parts(posted, PARTS)
    return decoded(typed, read_parts(typed, PARTS)) if typed else Decoded()


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    rules = []
    for key, pattern in (("minimum", on_or_after), ("maximum", on_or_before)):
        limit = limit_day(settings, key)
        if limit is not None:
            today = settings.limit(f"{key}_is_today", default=False)
            name = f"{key}_today" if today else key
            problem = Problem(name, {key: in_words(limit.isoformat()), "parts": PARTS})
            rules.append(Rule(problem, line_of(pattern(limit))))
    return tuple(rules)


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(in_words(value) if isinstance(value, str) else typed_in_words(value))


def _sample(settings: FieldSettings, random: Random) -> str:
    low, high = limit_day(settings, "minimum"), limit_day(settings, "maximum")
    first = low or (high - timedelta(days=3650) if high else date(2009, 1, 1))
    last = high or (low + timedelta(days=3650) if low else date(2026, 6, 30))
    return (first + timedelta(days=random.randint(0, max(0, (last - first).days)))).isoformat()


DATE = FieldType(
    name="date",
    doc="A day, asked as day, month and year. Month names are understood; a year has four figures.",
    keys=(
        Key("minimum", "day", "The earliest day allowed, such as `2026-09-01`, or `today`."),
        Key("maximum", "day", "The latest day allowed, such as `2026-09-01`, or `today`."),
        Key(
            "autocomplete",
            "one_of",
            "Write `bday` only when the person filling in gives their own date of birth.",
            choices=("bday", "off"),
        ),
    ),
    kind=lambda _: Kind.DATE,
    decode=_decode,
    encode=lambda value, _: encode_parts(value),
    shape=lambda _: SCHEMA,
    reading=lambda _: date_reading([(None, PARTS)]),
    rules=_rules,
    type_error=lambda value, _: unreadable_parts(value, PARTS),
    error_codes=("incomplete", "short_year", "not_real"),
    control=lambda settings: Control(
        "date", {"parts": PARTS, "autocomplete": settings.limit("autocomplete", "")}
    ),
    display=_display,
    paper_space=lambda _: PaperSpace("date", {"parts": PARTS}),
    sample=_sample,
)
