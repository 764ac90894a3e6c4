"""What the blank form asks: questions with the room for their answers, as plain values.

PDF and Word draw them; text between them is ordinary blocks (`formengine.output.paper.tagged.blocks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formengine.output.paper.tagged.blocks import Content, PaperBlock


@dataclass(frozen=True, slots=True)
class TickOption:
    """One thing to tick. `code` is what a filled-in file says for it; `go` where to go after it, or ""."""

    code: str
    label: str
    hint: str = ""
    go: str = ""


@dataclass(frozen=True, slots=True)
class WritingLine:
    """One line to write on; `characters` is how many it shall hold, None when nobody knows."""

    characters: int | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Ruled lines for a longer text."""

    count: int


@dataclass(frozen=True, slots=True)
class Cells:
    """A box for each character, in groups; `between` stands between the groups."""

    groups: tuple[int, ...]
    between: str = ""


@dataclass(frozen=True, slots=True)
class BoxPart:
    """Some boxes of their own, such as those for a month, with a word under them; `id` as in a posted form."""

    id: str
    label: str
    cells: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Several groups of boxes, each an answer's part: a date."""

    parts: tuple[BoxPart, ...]


@dataclass(frozen=True, slots=True)
class Ticks:
    """Options to tick, one of them or `several`; without boxes, `boxed` False, a list that is chosen from elsewhere."""

    options: tuple[TickOption, ...]
    several: bool = False
    boxed: bool = True


@dataclass(frozen=True, slots=True)
class OneTick:
    """A single box with `statement` beside it, or the question's label where that is all there is to say."""

    code: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class FromList:
    """A line for one of the options of a list at the end of the form, or of several; `words` say which list."""

    options: tuple[TickOption, ...]
    words: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class SignatureSpace:
    """Room for a signature, the name in capitals and the date, with these words."""

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No room of its own: the parts of a composite follow."""


Space = WritingLine | Lines | Cells | Parts | Ticks | OneTick | FromList | SignatureSpace | Nothing


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """A question on paper.

    number: "12", "12a", or "" for what is no question of the form. mark: what stands behind the label, "*" or
    "(optional)". notes: where the pen goes next, each a sentence. name: the answer's path, in a list with the number of
    the block for an item's id (``children.2.first_name``); "" where a filled-in file has nothing to read. about: what
    the question belongs to, for those who come to its field alone ("Child 2").
    """

    number: str
    label: str
    space: Space
    mark: str = ""
    hint: Content = ()
    notes: tuple[str, ...] = ()
    name: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """A list's questions as a table: each question heads a column, each row is an item's.

    rows: the same questions for each item, so that a filled-in file finds them; at least one. number_words: what heads
    the column of the rows' numbers.
    """

    rows: tuple[tuple[PaperQuestion, ...], ...]
    number_words: str

    @property
    def columns(self) -> tuple[PaperQuestion, ...]:
        """The questions as they head their columns."""
        return self.rows[0]


BlankPiece = PaperBlock | PaperQuestion | QuestionTable


def questions(pieces: tuple[BlankPiece, ...]) -> Iterator[PaperQuestion]:
    """The questions among `pieces`, in order."""
    for piece in pieces:
        if isinstance(piece, PaperQuestion):
            yield piece
        elif isinstance(piece, QuestionTable):
            yield from (question for row in piece.rows for question in row)
