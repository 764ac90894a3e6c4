"""A telephone number, kept as it was typed."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any

from formengine.language.fields.base import Control, FieldSettings, Key, Problem, Rule
from formengine.language.fields.single_line import max_length_rule, one_box, one_line
from formengine.language.fields.text import SHAPE
from formengine.language.json_types import Json, expect_text

REGION = "GB"  # where a number without a country code is at home
MAX_LENGTH = 60
# Numbers that nobody has, Ofcom's for drama; some of them the phonenumbers package calls possible, not valid.
_SAMPLES = ("020 7946 0123", "0113 496 0999", "0808 157 0192", "+44 20 7946 0456", "07700 900982")


# A British number as nearly everybody writes it: landline or mobile, ten figures behind 0 or +44.
_USUAL = re.compile(r"(?:\+44|0) ?([127](?:[ -]?[0-9]){9})")


@cache
def _in_use() -> re.Pattern[str]:
    """The British landline and mobile numbers in use, as the phonenumbers package knows them."""
    import phonenumbers

    known: Any = phonenumbers.PhoneMetadata.metadata_for_region(REGION)
    kinds = (known.fixed_line, known.mobile)
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in kinds))


def _is_usual(value: str) -> bool:
    """Whether this is a British number in use, in its usual writing, which `phonenumbers` takes long to find."""
    written = _USUAL.fullmatch(value)
    return written is not None and bool(_in_use().fullmatch(written[1].replace(" ", "").replace("-", "")))


def _inspect(value: Json, _: FieldSettings) -> tuple[Problem, ...]:
    """That a number cannot be one is an error; that it is not in use is advice, since plans change."""
    typed = expect_text(value)
    if _is_usual(typed):
        return ()
    import phonenumbers

    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        return (Problem("not_a_number"),)
    # "Possible" alone lets a mobile number with a figure missing pass, as some British numbers are short.
    types = phonenumbers.PhoneNumberType
    by_first = {"7": types.MOBILE, "1": types.FIXED_LINE, "2": types.FIXED_LINE}
    british = number.country_code == phonenumbers.country_code_for_region(REGION)
    kind = by_first.get(str(number.national_number)[0], types.UNKNOWN) if british else types.UNKNOWN
    possible = phonenumbers.is_possible_number_for_type_with_reason(number, kind)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return (Problem("not_a_number"),)
    return () if phonenumbers.is_valid_number(number) else (Problem("unusual", level="warn"),)


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    return max_length_rule(settings, MAX_LENGTH)


def _sample(random: Random) -> str:
    return random.choice(_SAMPLES)


PHONE = one_box(
    "phone",
    "A telephone number in any familiar form, with or without country code and extension. Kept as typed.",
    read=one_line,
    schema=SHAPE,
    reading={"by": "line"},
    fault="not_text",
    rules=_rules,
    validate=_inspect,
    checks=("not_a_number",),
    advice=("unusual",),
    keys=(
        Key(
            "autocomplete",
            "one_of",
            "Write `tel` only when the person filling in gives their own number.",
            choices=("tel", "off"),
        ),
    ),
    control=lambda settings: Control(
        "input",
        {
            "input_type": "tel",
            "autocomplete": settings.limit("autocomplete", ""),
            "spellcheck": False,
            "width": 20,
        },
    ),
    sample=_sample,
)
