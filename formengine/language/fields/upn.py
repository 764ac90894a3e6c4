"""A unique pupil number: a check letter, authority, school, year and serial number (DfE, UPN guide)."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import Control, FieldSettings, PaperSpace, Problem, Schema
from formengine.language.fields.patterns import line_of
from formengine.language.fields.single_line import code_characters, one_box
from formengine.language.json_types import Json, expect_text

_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # without I, O and S; their places are their values
_LETTER = "[A-HJ-NP-RT-Z]"
# The thirteenth is a letter in a temporary number.
SCHEMA: Schema = line_of(f"{_LETTER}[0-9]{{11}}(?:[0-9]|{_LETTER})")
_UPN = re.compile(str(SCHEMA["pattern"]))
# Wide on purpose: authorities come and go (Dorset, Cumbria), so an unknown one is advice and never an error.
_AUTHORITIES = ((1, 5), (201, 213), (301, 394), (420, 420), (660, 681), (800, 945))


def _read(typed: str) -> str | None:
    code = code_characters(typed)
    return code if _UPN.fullmatch(code) else None


def check_letter(rest: str) -> str:
    """The first character, from the twelve that follow it (weights 2 to 13, modulus 23)."""
    values = (int(c) if c.isdigit() else _LETTERS.index(c) for c in rest)
    return _LETTERS[sum(value * weight for weight, value in enumerate(values, start=2)) % 23]


def _inspect(value: Json, _: FieldSettings) -> tuple[Problem, ...]:
    number = expect_text(value)
    if check_letter(number[1:]) != number[0]:
        return (Problem("checksum"),)
    authority = int(number[1:4])
    if any(first <= authority <= last for first, last in _AUTHORITIES):
        return ()
    return (Problem("unknown_authority", {"authority": number[1:4]}, level="warn"),)


def _sample(random: Random) -> str:
    """A number of a school that does not exist."""
    last = random.choice([*"0123456789", *_LETTERS])
    rest = f"8869999{random.randint(10, 25)}{random.randint(0, 99):02}{last}"
    return check_letter(rest) + rest


UPN = one_box(
    "upn",
    "A unique pupil number of 13 characters, temporary ones too. Its check letter is tested.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "code", "fits": _UPN.pattern},
    fault="not_a_upn",
    validate=_inspect,
    checks=("checksum",),
    advice=("unknown_authority",),
    control=lambda _: Control("input", {"input_type": "text", "spellcheck": False, "width": 20}),
    paper_space=PaperSpace("boxes", {"groups": (13,)}),
    sample=_sample,
)
