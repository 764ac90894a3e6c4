"""The room that paper leaves for a field's answer, from its type's `paper_space`."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from formengine.form.plan import Field
from formengine.language.words import Wording
from formengine.output.paper.blank.pieces import (
    BoxPart,
    Cells,
    FromList,
    Lines,
    OneTick,
    Parts,
    SignatureSpace,
    Space,
    TickOption,
    Ticks,
    WritingLine,
)

# Texts of up to so many characters have a box for each; longer ones than the second get several lines.
MOST_CELLS, ONE_LINE = 16, 80
# Handwriting puts about so many characters on a line across the page.
CHARACTERS_A_LINE = 60
MOST_LINES = 24
# A long text at the form's own level is the heart of most forms: it gets more lines than the screen shows.
LINES_MORE = 2
_FIGURES = {"day": 2, "month": 2, "year": 4}


def space_of(field: Field, options: tuple[TickOption, ...], wording: Wording, from_list: str) -> Space:
    """The room for `field`, whose options are `options`; `from_list` says where they are listed, "" for here."""
    settings = field.spec.settings
    blank = field.spec.type.paper_space(settings)
    facts = blank.facts
    match blank.shape:
        case "options" if from_list:
            return FromList(options, from_list, several=field.spec.type.name == "choices")
        case "options":
            return Ticks(options, several=field.spec.type.name == "choices") if options else WritingLine()
        case "tick":
            statement = facts.get("statement", "")
            return OneTick("yes", statement if statement != settings.label else "")
        case "lines":
            return _lines(field, facts["count"])
        case "boxes":
            return Cells(tuple(facts["groups"]), facts.get("between", ""))
        case "date":
            return Parts(
                tuple(
                    BoxPart(part, wording.text(f"dates.parts.{part}"), _FIGURES[part])
                    for part in facts["parts"]
                )
            )
        case "signature":
            return SignatureSpace(wording.text("paper.name"), wording.text("paper.date"))
        case "line":
            return _line(settings.limit("max_length"), facts)
        case "none":
            return WritingLine()


def _line(most: int | None, facts: Mapping[str, Any]) -> Space:
    before = facts.get("prefix", "")
    if most is None or before:
        return WritingLine(before=before)
    if most <= MOST_CELLS:
        return Cells((most,))
    return WritingLine(most) if most <= ONE_LINE else Lines(min(4, ceil(most / CHARACTERS_A_LINE)))


def _lines(field: Field, count: int) -> Lines:
    most = field.spec.settings.limit("max_length")
    if most is not None:
        return Lines(max(2, min(MOST_LINES, ceil(most / CHARACTERS_A_LINE))))
    return Lines(min(MOST_LINES, count if field.repeat is not None else count * LINES_MORE))
