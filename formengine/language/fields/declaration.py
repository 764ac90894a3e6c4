"""A statement that a person confirms by ticking it; ``"yes"`` or no answer."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import Control, FieldSettings, FieldType, Key, PaperSpace, Problem
from formengine.language.fields.single_line import (
    as_typed,
    no_checks,
    no_codes,
    no_rules,
    nothing_to_validate,
)
from formengine.language.fields.tick import TICKED, decode_tick, display_tick


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
    has_options=False,
    kind=lambda _: Kind.TICK,
    codes=no_codes,
    decode=decode_tick,
    encode=as_typed,
    shape=lambda _: TICKED,
    rules=no_rules,
    type_error=lambda _value, _settings: Problem("not_offered"),
    validate=nothing_to_validate,
    checks=no_checks,
    error_codes=("not_offered",),
    scale=1,
    control=lambda settings: Control("declaration", {"statement": _statement(settings)}),
    display=display_tick,
    paper_space=lambda settings: PaperSpace("tick", {"statement": _statement(settings)}),
    sample=lambda _settings, _random: "yes",
)
