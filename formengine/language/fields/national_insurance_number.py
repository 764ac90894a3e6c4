"""A National Insurance number; stored without spaces, as ``AA123456A``."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import Control, Display, PaperSpace, Schema, shown
from formengine.language.fields.patterns import line_of
from formengine.language.fields.single_line import code_characters, one_box

# HMRC manual NIM39110: no D F I Q U V in the prefix, no O in its second place; BG GB KN NK NT TN ZZ never.
# Written without look-ahead, which the linear engine refuses: the first letter decides what may follow.
_PREFIX = (
    "(?:[ACEHJLMOPRSWXY][ABCEGHJ-NPR-TW-Z]|B[ABCEHJ-NPR-TW-Z]|G[ACEGHJ-NPR-TW-Z]|K[ABCEGHJ-MPR-TW-Z]"
    "|N[ABCEGHJLMNPRSW-Z]|T[ABCEGHJ-MPR-TW-Z]|Z[ABCEGHJ-NPR-TW-Y])"
)
SCHEMA: Schema = line_of(f"{_PREFIX}[0-9]{{6}}[A-D]")
_NUMBER = re.compile(str(SCHEMA["pattern"]))


def _read(typed: str) -> str | None:
    code = code_characters(typed)
    return code if _NUMBER.fullmatch(code) else None


def _show(value: str) -> Display:
    pairs = [value[at : at + 2] for at in range(0, len(value), 2)]
    return shown(" ".join(pairs) if _read(value) else value)


def _sample(random: Random) -> str:
    """A number with a prefix kept for administration, which is in no person's number."""
    return f"{random.choice(('MW', 'NC', 'PZ'))}{random.randint(0, 999_999):06}{random.choice('ABCD')}"


NATIONAL_INSURANCE_NUMBER = one_box(
    "national_insurance_number",
    "A National Insurance number, in any case and with or without spaces.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "code", "fits": _NUMBER.pattern},
    fault="not_a_national_insurance_number",
    control=lambda _: Control("input", {"input_type": "text", "spellcheck": False, "width": 10}),
    show=_show,
    paper_space=PaperSpace("boxes", {"groups": (2, 2, 2, 2, 1)}),
    sample=_sample,
)
