"""An NHS number: ten figures, the last a check (NHS Data Dictionary, NHS NUMBER: modulus 11)."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import (
    Control,
    Display,
    FieldSettings,
    PaperSpace,
    Problem,
    Schema,
    shown,
)
from formengine.language.fields.patterns import line_of
from formengine.language.fields.single_line import code_characters, one_box
from formengine.language.json_types import Json, expect_text

SCHEMA: Schema = line_of("[0-9]{10}")
# What England, Wales and the Isle of Man give out, and the range 999, which is for tests and never given out.
# Scotland's and Northern Ireland's numbers have ten figures too and are as real: a warning, no error.
_ENGLAND_AND_WALES = re.compile("4[0-9]{9}|[67][0-9]{9}|999[0-9]{7}")


def _read(typed: str) -> str | None:
    code = code_characters(typed)
    return code if re.fullmatch("[0-9]{10}", code) else None


def check_figure(first_nine: str) -> int:
    """The tenth figure; 10 where no number begins like this."""
    total = sum(int(figure) * weight for figure, weight in zip(first_nine, range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11


def _inspect(value: Json, _: FieldSettings) -> tuple[Problem, ...]:
    number = expect_text(value)
    if len(set(number)) == 1 or check_figure(number[:9]) != int(number[9]):
        return (Problem("checksum"),)
    return () if _ENGLAND_AND_WALES.fullmatch(number) else (Problem("from_elsewhere", level="warn"),)


def _show(value: str) -> Display:
    return shown(f"{value[:3]} {value[3:6]} {value[6:]}" if _read(value) else value)


def _sample(random: Random) -> str:
    """A number of the range that is never given out."""
    start = random.randint(0, 999_900)
    beginnings = (f"999{number:06}" for number in range(start, start + 100))
    first_nine = next(text for text in beginnings if check_figure(text) < 10)
    return f"{first_nine}{check_figure(first_nine)}"


NHS_NUMBER = one_box(
    "nhs_number",
    "An NHS number, with or without spaces. Its check figure is tested.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "code", "fits": str(SCHEMA["pattern"])},
    fault="not_an_nhs_number",
    validate=_inspect,
    checks=("checksum",),
    advice=("from_elsewhere",),
    control=lambda _: Control(
        "input", {"input_type": "text", "inputmode": "numeric", "spellcheck": False, "width": 10}
    ),
    show=_show,
    paper_space=PaperSpace("boxes", {"groups": (3, 3, 4)}),
    sample=_sample,
)
