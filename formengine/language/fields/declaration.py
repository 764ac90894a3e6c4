"""A statement that a person confirms by ticking it; ``"yes"`` or no answer."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import Control, FieldSettings, FieldType, Key, PaperSpace
from formengine.language.fields.tick import TICK_READING, TICKED, decode_tick, display_tick


def _statement(settings: FieldSettings) -> str:
    return str(settings.limit("statement", settings.label))


DECLARATION = FieldType(
    name="declaration",
    doc="A statement to confirm with a tick. Usually `required: true`.",
    keys=(
        Key(
            "statement",
            "text",
            "The words beside the box, such as I confirm that …; the label when not written.",
        ),
    ),
    kind=lambda _: Kind.TICK,
    decode=decode_tick,
    shape=lambda _: TICKED,
    reading=lambda _: TICK_READING,
    error_codes=("not_offered",),
    control=lambda settings: Control("declaration", {"statement": _statement(settings)}),
    display=display_tick,
    paper_space=lambda settings: PaperSpace("tick", {"statement": _statement(settings)}),
    sample=lambda _settings, _random: "yes",
)
