"""A United Kingdom postcode; stored with capitals and one space, as ``ME14 1XQ``."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import Control, Key, PaperSpace, Schema
from formengine.language.fields.patterns import line_of
from formengine.language.fields.single_line import code_characters, one_box

# Areas, districts and inward letters (never C I K M O V) that can occur, after the Bulk Data Transfer
# schema; GIR 0AA and the forces' BFPO numbers are exceptions.
_OUTWARD = "(?:[A-PR-UWYZ][0-9][0-9A-HJKPSTUW]?|[A-PR-UWYZ][A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)"
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
SCHEMA: Schema = line_of(f"GIR 0AA|BFPO [0-9]{{1,4}}|{_OUTWARD} {_INWARD}")
_POSTCODE = re.compile(str(SCHEMA["pattern"]))
# Where the space stands, by what a code begins with; from its end where the place is negative.
_SPACES = (("BFPO", 4), ("", -3))
_SAMPLES = (
    "ME14 1XQ",
    "CT1 2EH",
    "SW1A 1AA",
    "M1 1AE",
    "B33 8TH",
    "CR2 6XH",
    "DN55 1PT",
    "W1A 0AX",
    "BFPO 58",
)


def _read(typed: str) -> str | None:
    code = code_characters(typed)
    space = next(place for start, place in _SPACES if code.startswith(start))
    spaced = f"{code[:space]} {code[space:]}"
    return spaced if _POSTCODE.fullmatch(spaced) else None


def _sample(random: Random) -> str:
    return random.choice(_SAMPLES)


POSTCODE = one_box(
    "postcode",
    "A full UK postcode, in any case and with or without space; BFPO numbers too.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "code", "spaces": [list(each) for each in _SPACES], "fits": _POSTCODE.pattern},
    fault="not_a_postcode",
    keys=(
        Key(
            "autocomplete",
            "one_of",
            "Write `postal-code` only when the person filling in gives their own address.",
            choices=("postal-code", "off"),
        ),
    ),
    control=lambda settings: Control(
        "input",
        {
            "input_type": "text",
            "autocomplete": settings.limit("autocomplete", ""),
            "spellcheck": False,
            "width": 10,
        },
    ),
    paper_space=PaperSpace("boxes", {"groups": (4, 3)}),
    sample=_sample,
)
