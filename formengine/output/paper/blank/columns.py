"""Which lists of items paper prints as a table, and what its columns need.

A list with ``layout: table`` is one on paper, too, where a pen has room in every column. A date takes the room of two
columns, as does a longer text; six are as many as an A4 page has room for.
"""

from __future__ import annotations

from collections.abc import Sequence

from formengine.form.plan import Field, Node, Note, Repeat
from formengine.output.paper.blank.pieces import (
    Cells,
    FromList,
    Lines,
    OneTick,
    PaperQuestion,
    Parts,
    Space,
    TickOption,
    Ticks,
    WritingLine,
)

MOST_UNITS = 6
# A table has so many times the rows that another list has blocks: a row is smaller than a block.
ROWS_A_BLOCK = 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Options that stand in the table by their labels; others stand there by a letter, and above it once in full.
_MOST_LABELS, _LONGEST_LABEL = 3, 10


def column_fields(repeat: Repeat) -> tuple[Field, ...]:
    """The questions that would head the columns of a list with ``layout: table``; () where its entries are no rows.

    They are none with pages, headings, groups or texts between the questions, or a condition on one of them.
    """
    if repeat.spec.layout != "table" or repeat.pages:
        return ()
    asked = [node for node in repeat.nodes if not _is_nothing_on_paper(node)]
    if any(not isinstance(node, Field) or node.show_if is not None for node in asked):
        return ()
    return tuple(node for node in asked if isinstance(node, Field))


def _is_nothing_on_paper(node: Node) -> bool:
    if isinstance(node, Field):
        return node.calculation is not None
    return isinstance(node, Note) and node.spec.screen_only


def fits_a_table(questions: Sequence[PaperQuestion]) -> bool:
    """Whether a pen has room for these questions side by side; one alone is no table."""
    return (
        len(questions) > 1
        and all(question.name and not question.notes for question in questions)
        and sum(units(question.space) for question in questions) <= MOST_UNITS
    )


def units(space: Space) -> int:
    """How many of the table's units of width an answer needs; more than all of them where no cell can hold it."""
    match space:
        case WritingLine(before="") | Cells() | OneTick() | FromList(several=False):
            return 1
        case Ticks(options) if len(options) <= len(_LETTERS) and not any(option.go for option in options):
            return 1
        case Parts() | Lines():
            return 2
        case _:
            return MOST_UNITS + 1


def letters(ticks: Ticks) -> tuple[str, ...]:
    """What stands beside each box in a cell: the options' labels where they are few and short, else letters."""
    options = ticks.options
    if len(options) <= _MOST_LABELS and not any(o.hint or len(o.label) > _LONGEST_LABEL for o in options):
        return tuple(option.label for option in options)
    return tuple(_LETTERS[: len(options)])


def lettered(space: Space) -> tuple[tuple[str, TickOption], ...]:
    """The options that stand in the cells by a letter, each with its letter."""
    if not isinstance(space, Ticks):
        return ()
    pairs = zip(letters(space), space.options, strict=True)
    return tuple((mark, option) for mark, option in pairs if mark != option.label)
