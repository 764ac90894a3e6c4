"""A place to sign on paper; it has no value and no control of its own on screen."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import Control, Decoded, FieldType, PaperSpace, Problem, Schema
from formengine.language.fields.single_line import no_checks, no_codes, no_rules, nothing_to_validate, shown

_NO_VALUE: Schema = {"not": {}}

SIGNATURE = FieldType(
    name="signature",
    doc="A line to sign and date on the printed form. On screen nothing is asked.",
    keys=(),
    has_options=False,
    kind=lambda _: Kind.OPAQUE,
    codes=no_codes,
    decode=lambda _posted, _settings: Decoded(),
    encode=lambda _value, _settings: {},
    shape=lambda _: _NO_VALUE,
    rules=no_rules,
    type_error=lambda _value, _settings: Problem("paper_only"),
    validate=nothing_to_validate,
    checks=no_checks,
    error_codes=("paper_only",),
    scale=1,
    control=lambda _: Control("signature"),
    display=lambda value, _: shown(str(value)),
    paper_space=lambda _: PaperSpace("signature"),
    sample=lambda _settings, _random: None,
)
