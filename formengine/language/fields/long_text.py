"""Free text of several lines."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import (
    BLANK_CHARACTERS,
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Posted,
    Problem,
    Schema,
)
from formengine.language.fields.patterns import NOT_BLANK, UNSEEN_CHARACTER
from formengine.language.fields.single_line import max_length_rule
from formengine.language.json_types import Json

SHAPE: Schema = {"type": "string", "pattern": NOT_BLANK, "not": {"pattern": UNSEEN_CHARACTER}}
DEFAULT_ROWS = 5
# A word processor's soft line end, its page end, and Unicode's line and paragraph ends.
_LINE_ENDS = re.compile("[\v\f\u0085\u2028\u2029]")
_UNSEEN_CHARACTERS = "\x00-\x08\x0e-\x1f\x7f"
_UNSEEN = re.compile(f"[{_UNSEEN_CHARACTERS}\ud800-\udfff]")
_SAMPLES = (
    "There was a meeting at school.\nEveryone agreed what happens next.",
    "No change since last week.",
    "First line.\n\n- a point\n- another point\n\nLast line.",
)


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    r"""The text with line ends as ``\n``; blank lines around it are cut off, an indented first line stays."""
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", posted.text())).rstrip(BLANK_CHARACTERS)
    blank_start = text[: len(text) - len(text.lstrip(BLANK_CHARACTERS))]
    return Decoded(text[blank_start.rfind("\n") + 1 :] or None)


def _sample(settings: FieldSettings, random: Random) -> str:
    return random.choice(_SAMPLES)[: settings.limit("max_length")].rstrip(BLANK_CHARACTERS)


def _unreadable(value: Json, _: FieldSettings) -> Problem:
    return Problem("control_characters" if isinstance(value, str) else "not_text")


def _control(settings: FieldSettings) -> Control:
    return Control(
        "textarea", {"rows": settings.limit("rows", DEFAULT_ROWS), "max_length": settings.limit("max_length")}
    )


def _display(value: Json, _: FieldSettings) -> Display:
    return Display("lines", tuple(str(value).split("\n")))


LONG_TEXT = FieldType(
    name="long_text",
    doc="Text of several lines, such as what happened. Line ends are kept.",
    keys=(
        Key(
            "max_length",
            "whole_number",
            "The most characters an answer may have, spaces and line ends included.",
        ),
        Key(
            "rows",
            "whole_number",
            "How many lines the box shows; 5 when not written. It never limits the answer.",
        ),
    ),
    decode=_decode,
    shape=lambda _: SHAPE,
    reading=lambda _: {"by": "lines", "line_ends": _LINE_ENDS.pattern, "unseen": f"[{_UNSEEN_CHARACTERS}]"},
    rules=max_length_rule,
    type_error=_unreadable,
    error_codes=("not_text", "control_characters"),
    control=_control,
    display=_display,
    paper_space=lambda settings: PaperSpace("lines", {"count": settings.limit("rows", DEFAULT_ROWS)}),
    sample=_sample,
)
