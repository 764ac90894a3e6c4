"""Yes or no, and a third answer where a person may not know."""

from __future__ import annotations

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
    Schema,
    Word,
    shown,
)
from formengine.language.json_types import Json

_ANSWERS = ("yes", "no", "not_known")


def _codes(settings: FieldSettings) -> tuple[str, ...]:
    return _ANSWERS if settings.limit("not_known", default=False) else _ANSWERS[:2]


def _decode(posted: Posted, settings: FieldSettings) -> Decoded:
    typed = posted.text().strip()
    if not typed:
        return Decoded()
    return Decoded(typed, None if typed in _codes(settings) else Problem("not_offered"))


def _shape(settings: FieldSettings) -> Schema:
    return {"enum": list(_codes(settings))}


def _words(settings: FieldSettings) -> tuple[tuple[str, Word], ...]:
    return tuple((code, Word(f"values.{code}")) for code in _codes(settings))


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(Word(f"values.{value}") if value in _ANSWERS else str(value))


YES_NO = FieldType(
    name="yes_no",
    doc="Yes or no. Stored as `yes` and `no`; with `not_known: true` also `not_known`.",
    keys=(Key("not_known", "boolean", "Whether a third answer, Not known, is offered."),),
    kind=lambda _: Kind.CHOICE,
    codes=_codes,
    decode=_decode,
    shape=_shape,
    reading=lambda settings: {"by": "code_chosen", "codes": list(_codes(settings))},
    error_codes=("not_offered",),
    control=lambda settings: Control("radios", {"inline": True, "answers": _words(settings)}),
    display=_display,
    paper_space=lambda settings: PaperSpace("options", {"answers": _words(settings)}),
    sample=lambda settings, random: random.choice(_codes(settings)),
)
