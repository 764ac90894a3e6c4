"""What choice and choices share: codes, labels, and pointers to people already entered."""

from __future__ import annotations

import re

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import FieldSettings, Schema, TypedReading
from formengine.language.fields.patterns import line_of

# Up to the first number of options are radios; up to the second a drop-down; more are found by typing.
RADIOS_UP_TO = 8
SELECT_UP_TO = 20
ITEM_ID = "[A-Za-z0-9_-]{1,64}"


def chooses_people(settings: FieldSettings) -> bool:
    """Whether the options are people (or other items) entered earlier, by `options_from`."""
    return "options_from" in settings.limits


def kind_of(settings: FieldSettings, kind: Kind) -> Kind:
    """`kind`, or opaque where the options are people: expressions may only ask if there is an answer."""
    return Kind.OPAQUE if chooses_people(settings) else kind


def codes_of(settings: FieldSettings) -> tuple[str, ...]:
    """The codes on offer, in order; none where the options are people."""
    return () if chooses_people(settings) else tuple(option.code for option in settings.options)


def code_schema(settings: FieldSettings) -> Schema:
    """The schema of one code.

    A pointer is a source's path, for an item followed by ``/`` and the item's id: ``child``, ``agencies/a1``.
    Whether the person is really there, the engine checks.
    """
    if not chooses_people(settings):
        return {"enum": list(codes_of(settings))}
    paths = "|".join(path.replace(".", "[.]") for path in settings.limits["options_from"])
    return line_of(f"(?:{paths})(?:/{ITEM_ID})?")


def code_reading(settings: FieldSettings) -> TypedReading:
    """What the browser knows of one code: those on offer, or the form of a pointer."""
    if chooses_people(settings):
        return {"fits": str(code_schema(settings)["pattern"])}
    return {"codes": list(codes_of(settings))}


def is_code(value: object, settings: FieldSettings) -> bool:
    """Whether `value` is a code on offer, or has the form of a pointer to someone entered earlier."""
    if not isinstance(value, str):
        return False
    if chooses_people(settings):
        return re.fullmatch(str(code_schema(settings)["pattern"]), value) is not None
    return value in codes_of(settings)


def label_of(code: object, settings: FieldSettings) -> str:
    """What people read for a code; the code itself where it is not (or no longer) on offer."""
    return next((option.label for option in settings.options if option.code == code), str(code))
