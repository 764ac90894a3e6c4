"""One of several options: as radios, a drop-down or a search box, depending on their number."""

from __future__ import annotations

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
    Posted,
    Problem,
    shown,
)
from formengine.language.fields.choice_options import (
    RADIOS_UP_TO,
    SELECT_UP_TO,
    chooses_people,
    code_reading,
    code_schema,
    codes_of,
    is_code,
    kind_of,
    label_of,
)
from formengine.language.json_types import Json


def _decode(posted: Posted, settings: FieldSettings) -> Decoded:
    typed = posted.text().strip()
    if not typed:
        return Decoded()
    return Decoded(typed, None if is_code(typed, settings) else Problem("not_offered"))


def _control(settings: FieldSettings) -> Control:
    many = len(settings.options)
    by_length = "radios" if many <= RADIOS_UP_TO else "select" if many <= SELECT_UP_TO else "type_ahead"
    return Control(settings.limit("control", by_length))


def _display(value: Json, settings: FieldSettings) -> Display:
    return shown(label_of(value, settings))


def _sample(settings: FieldSettings, random: Random) -> str:
    if chooses_people(settings):
        return str(random.choice(settings.limits["options_from"]))
    return random.choice(codes_of(settings))


CHOICE = FieldType(
    name="choice",
    doc="One of several options. Up to 8 are radios, up to 20 a drop-down, more a box to search in.",
    keys=(
        Key(
            "control",
            "one_of",
            "How the options look, where their number should not decide it.",
            choices=("radios", "select", "type_ahead"),
        ),
    ),
    has_options=True,
    kind=lambda settings: kind_of(settings, Kind.CHOICE),
    codes=codes_of,
    decode=_decode,
    shape=code_schema,
    reading=lambda settings: {"by": "code_chosen", **code_reading(settings)},
    error_codes=("not_offered",),
    control=_control,
    display=_display,
    paper_space=lambda _: PaperSpace("options"),
    sample=_sample,
)
