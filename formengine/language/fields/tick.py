"""One box to tick: ``"yes"`` or no answer at all."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
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
    TypedReading,
    Word,
    shown,
)
from formengine.language.json_types import Json

TICKED: Schema = {"const": "yes"}
TICK_READING: TypedReading = {"by": "code_chosen", "codes": ["yes"]}


def decode_tick(posted: Posted, _: FieldSettings) -> Decoded:
    """``"yes"`` when the box was sent ticked, nothing when it was not sent."""
    typed = posted.text().strip()
    if typed in {"", "yes"}:
        return Decoded(typed or None)
    return Decoded(typed, Problem("not_offered"))


def display_tick(value: Json, _: FieldSettings) -> Display:
    """Yes, in the reader's language."""
    return shown(Word("values.yes") if value == "yes" else str(value))


TICK = FieldType(
    name="tick",
    doc="One box to tick. Conditions ask `is ticked` or `is not ticked`. An empty box is no answer.",
    kind=lambda _: Kind.TICK,
    decode=decode_tick,
    shape=lambda _: TICKED,
    reading=lambda _: TICK_READING,
    error_codes=("not_offered",),
    control=lambda _: Control("tick"),
    display=display_tick,
    paper_space=lambda _: PaperSpace("tick"),
    sample=lambda _settings, _random: "yes",
)
