"""A value the engine works out from other answers; nobody types it, and what a post sends for it is ignored."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Schema,
    shown,
)
from formengine.language.fields.numbers import LARGEST, written
from formengine.language.fields.patterns import NOT_BLANK
from formengine.language.json_types import Json

_TEXT: Schema = {"type": "string", "pattern": NOT_BLANK}
_NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}


def _is_number(settings: FieldSettings) -> bool:
    return bool(settings.limit("value_kind", "text") == "number")


def _kind(settings: FieldSettings) -> Kind:
    return Kind.NUMBER if _is_number(settings) else Kind.TEXT


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(written(Decimal(value)) if isinstance(value, int) else str(value))


def _sample(settings: FieldSettings, random: Random) -> Json:
    return random.randint(0, 5) if _is_number(settings) else "Calculated text"


CALCULATED = FieldType(
    name="calculated",
    doc="A count, a text or the first case that holds, worked out from other answers.",
    keys=(
        Key(
            "value",
            "special",
            "A count such as `count of children`, a text with answers, or a list of `when` and `then`.",
            required=True,
        ),
    ),
    kind=_kind,
    decode=lambda _posted, _settings: Decoded(),
    encode=lambda _value, _settings: {},
    shape=lambda settings: _NUMBER if _is_number(settings) else _TEXT,
    reading=lambda _: {"by": "nobody"},
    error_codes=("not_calculated",),
    control=lambda _: Control("calculated"),
    display=_display,
    paper_space=lambda _: PaperSpace("none"),
    sample=_sample,
)
