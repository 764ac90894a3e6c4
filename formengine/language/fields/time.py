"""A time of day; stored on the 24-hour clock as ``14:30``."""

from __future__ import annotations

import re
from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import Control, Display, PaperSpace, Schema, Word, shown
from formengine.language.fields.patterns import line_of
from formengine.language.fields.single_line import one_box, plain_figures

SCHEMA: Schema = line_of("(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?([ap]\.?m\.?)?")
_NAMED = {"midday": "12:00", "noon": "12:00", "12midday": "12:00", "12noon": "12:00", "midnight": "00:00"}


def _read(typed: str) -> str | None:
    """``14:30`` for ``2:30pm``, ``14.30``, ``1430`` or ``2 30 p.m.``; a bare ``14`` is no time."""
    plain = plain_figures(typed).casefold().replace(" ", "")
    if plain in _NAMED:
        return _NAMED[plain]
    found = _TIME.fullmatch(plain)
    if not found or not (found[2] or found[3]):
        return None
    hour, minute, half = int(found[1]), int(found[2] or "0"), (found[3] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _show(value: str) -> Display:
    if value in {"12:00", "00:00"}:
        return shown(Word("times.midday" if value == "12:00" else "times.midnight"))
    hour, _, minute = value.partition(":")
    if not (hour.isdigit() and minute.isdigit()):
        return shown(value)
    clock = f"{(int(hour) - 1) % 12 + 1}" + (f":{minute}" if minute != "00" else "")
    return shown(Word("times.morning" if int(hour) < 12 else "times.afternoon", {"clock": clock}))


def _sample(random: Random) -> str:
    return f"{random.randint(0, 23):02}:{random.choice((0, 15, 30, 45)):02}"


TIME = one_box(
    "time",
    "A time of day. `14:30`, `2:30pm` and `14.30` are the same.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "time", "written": _TIME.pattern, "named": dict(_NAMED)},
    fault="not_a_time",
    kind=Kind.TIME,
    control=lambda _: Control("input", {"input_type": "text", "spellcheck": False, "width": 5}),
    show=_show,
    paper_space=PaperSpace("boxes", {"groups": (2, 2), "between": ":"}),
    sample=_sample,
)
