"""One line of free text."""

from __future__ import annotations

from random import Random

from formengine.language.fields.base import (
    Control,
    Decoded,
    FieldSettings,
    FieldType,
    Key,
    Posted,
    Problem,
    Rule,
    Schema,
)
from formengine.language.fields.patterns import CONTROL_CHARACTER, NOT_BLANK, line_of, sample_of
from formengine.language.fields.single_line import max_length_rule, one_line
from formengine.language.json_types import Json

# The tokens of HTML's autofill (WCAG 2.2, 1.3.5) that a form about other people and oneself can use.
AUTOCOMPLETE = (
    "name",
    "given-name",
    "additional-name",
    "family-name",
    "organization",
    "organization-title",
    "street-address",
    "address-line1",
    "address-line2",
    "address-level2",
    "postal-code",
    "email",
    "tel",
    "off",
)
SHAPE: Schema = {"type": "string", "pattern": NOT_BLANK, "not": {"pattern": CONTROL_CHARACTER}}
_SAMPLES = ("Oak", "River Lane", "Sam Example", "Ash Tree Primary School", "Zoë", "O'Neil-Example", "42 b")


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    return Decoded(one_line(posted.text()) or None)


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    pattern = settings.limit("pattern")
    fits = (Rule(Problem("pattern"), line_of(pattern)),) if pattern else ()
    return (*max_length_rule(settings), *fits)


def _unreadable(value: Json, _: FieldSettings) -> Problem:
    return Problem("not_one_line" if isinstance(value, str) else "not_text")


def _control(settings: FieldSettings) -> Control:
    return Control(
        "input",
        {
            "input_type": "text",
            "autocomplete": settings.limit("autocomplete", ""),
            "spellcheck": settings.limit("spellcheck", True),
            "max_length": settings.limit("max_length"),
        },
    )


def _sample(settings: FieldSettings, random: Random) -> str:
    longest = settings.limit("max_length")
    pattern = settings.limit("pattern")
    if pattern:
        # A pattern may also describe blanks and blank ends, which no answer has.
        texts = [sample_of(pattern, random, max_length=longest) for _ in range(50)]
        return next((text for text in texts if text and one_line(text) == text), texts[0])
    return one_line(random.choice(_SAMPLES)[:longest])


TEXT = FieldType(
    name="text",
    doc="One line of text, such as a name. Blank ends are cut off; everything inside is kept as typed.",
    keys=(
        Key("max_length", "whole_number", "The most characters an answer may have, spaces included."),
        Key(
            "pattern",
            "pattern",
            "A regular expression that the whole answer must fit, such as `[A-Z]{2}[0-9]{4}`. "
            "Say in `messages:` what people have to enter.",
        ),
        Key(
            "autocomplete",
            "one_of",
            "What the browser may fill in, such as `given-name`. Only for details of the person filling in.",
            choices=AUTOCOMPLETE,
        ),
        Key(
            "spellcheck",
            "boolean",
            "Whether the browser checks the spelling. Write `false` for names and codes.",
        ),
    ),
    decode=_decode,
    shape=lambda _: SHAPE,
    reading=lambda _: {"by": "line"},
    rules=_rules,
    type_error=_unreadable,
    error_codes=("not_text", "not_one_line"),
    control=_control,
    sample=_sample,
)
