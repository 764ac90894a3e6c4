"""A field type for formengine: a unique property reference number (UPRN), for which a form may name the least."""

from __future__ import annotations

from random import Random
from typing import Any

from formengine import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Posted,
    Problem,
    Rule,
    Word,
)

_LONGEST = 12


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    typed = "".join(posted.text().split())
    if not typed:
        return Decoded()
    readable = typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST
    return Decoded(typed, None if readable else Problem("not_a_uprn"))


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    least = settings.limit("least_figures")
    if least is None:
        return ()
    shape = {"pattern": f"^[0-9]{{{least},{_LONGEST}}}$", "not": {"pattern": "[\\r\\n]"}}
    return (Rule(Problem("too_few_figures", {"least": least}), shape),)


def _display(value: Any, _: FieldSettings) -> Display:
    """The number with what it is called before it, in the reader's language."""
    return Display("text", (Word("types.uprn.shown", {"number": str(value)}),))


def _sample(settings: FieldSettings, random: Random) -> str:
    least = settings.limit("least_figures", 1)
    return str(random.randint(10 ** (least - 1), 10**_LONGEST - 1))


UPRN = FieldType(
    name="uprn",
    doc="A unique property reference number of up to 12 figures.",
    keys=(Key("least_figures", "whole_number", "The fewest figures that the number may have."),),
    decode=_decode,
    shape=lambda _: {"type": "string", "pattern": f"^[0-9]{{1,{_LONGEST}}}$", "not": {"pattern": "[\\r\\n]"}},
    rules=_rules,
    error_codes=("not_a_uprn",),
    control=lambda _: Control("input", {"input_type": "text", "inputmode": "numeric", "width": 20}),
    display=_display,
    paper_space=lambda _: PaperSpace("boxes", {"groups": (4, 4, 4)}),
    sample=_sample,
    words={
        "not_a_uprn": "{Name} must be a UPRN of 12 numbers or less",
        "too_few_figures": {
            "count": "least",
            "one": "{Name} must have at least {least} number",
            "other": "{Name} must have at least {least} numbers",
        },
        "types.uprn.shown": "UPRN {number}",
    },
)

FIELD_TYPES = {UPRN.name: UPRN}
