"""A place to sign on paper; it has no value and no control of its own on screen."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import Control, Decoded, FieldType, PaperSpace, Schema

_NO_VALUE: Schema = {"not": {}}

SIGNATURE = FieldType(
    name="signature",
    doc="A line to sign and date on the printed form. On screen nothing is asked.",
    kind=lambda _: Kind.OPAQUE,
    decode=lambda _posted, _settings: Decoded(),
    encode=lambda _value, _settings: {},
    shape=lambda _: _NO_VALUE,
    reading=lambda _: {"by": "nobody"},
    error_codes=("paper_only",),
    control=lambda _: Control("signature"),
    paper_space=lambda _: PaperSpace("signature"),
    sample=lambda _settings, _random: None,
)
