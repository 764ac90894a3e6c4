"""The contents of a paper document: blocks and runs of text, as plain values.

Lengths are millimetres, type sizes points. A block knows nothing of pages;
`formengine.output.paper.tagged.document.write` turns a sequence of blocks into a tagged PDF.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_LINK = re.compile(r"(https?://|mailto:|tel:)[!-~]{1,2000}", re.ASCII | re.IGNORECASE)


def check_language(tag: str | None) -> None:
    """Raise ValueError unless `tag` is None or shaped like a BCP 47 language tag."""
    if tag is not None and not _LANGUAGE_TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} is not a language tag such as en-GB")


def can_link(address: str) -> bool:
    """Whether a document may link to `address`; see `StyledRun`."""
    return _LINK.fullmatch(address) is not None


@dataclass(frozen=True, slots=True)
class StyledRun:
    """A stretch of text in one style. A line feed in `text` starts a new line.

    `link` is an absolute http, https, mailto or tel address in ASCII of at most 2,000 characters, so that no
    other kind of action can get into a document; anything else raises ValueError.
    """

    text: str
    bold: bool = False
    emphasis: bool = False
    link: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        check_language(self.language)
        if self.link is not None and not can_link(self.link):
            raise ValueError(
                f"{self.link[:100]!r} is not a web, mail or telephone address a document may link to"
            )


RichText: TypeAlias = str | StyledRun | Sequence[str | StyledRun]


def runs(text: RichText) -> tuple[StyledRun, ...]:
    """`text` as runs: a bare string becomes one plain run."""
    if isinstance(text, str):
        return (StyledRun(text),)
    if isinstance(text, StyledRun):
        return (text,)
    return tuple(StyledRun(part) if isinstance(part, str) else part for part in text)


class ParagraphKind(Enum):
    """What a paragraph is for; `formengine.output.paper.tagged.style` says how each looks."""

    BODY = "body"
    LEAD = "lead"
    SMALL = "small"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class PaperHeading:
    """A heading of `level` 1 to 6, with a bookmark unless `bookmark` is False.

    It stays with what follows it.
    """

    text: RichText
    level: int
    bookmark: bool = True
    language: str | None = None

    def __post_init__(self) -> None:
        check_language(self.language)
        if not 1 <= self.level <= 6:
            raise ValueError(f"a heading's level is 1 to 6, not {self.level}")


@dataclass(frozen=True, slots=True)
class PaperParagraph:
    """Running text. `keep_with_next` holds it on the page of the block that follows."""

    text: RichText
    kind: ParagraphKind = ParagraphKind.BODY
    language: str | None = None
    keep_with_next: bool = False

    def __post_init__(self) -> None:
        check_language(self.language)


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list whose items have bullets; an item is text, or blocks when it holds more than a paragraph."""

    items: Sequence[Content]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list whose items are counted from `start`; an item is text, or blocks when it holds more."""

    items: Sequence[Content]
    start: int = 1


FlowBlock: TypeAlias = PaperParagraph | Bullets | Numbered
Content: TypeAlias = RichText | Sequence[FlowBlock]
"""What an item, a cell or a callout holds: text, or a sequence of paragraphs and lists."""


def flow_blocks(content: Content) -> tuple[FlowBlock, ...]:
    """`content` as blocks: text becomes one paragraph, an empty sequence none."""
    if isinstance(content, str | StyledRun):
        return (PaperParagraph(content),)
    blocks = tuple(part for part in content if isinstance(part, PaperParagraph | Bullets | Numbered))
    if blocks:
        if len(blocks) != len(content):
            raise TypeError("an item or cell holds text or blocks, not both")
        return blocks
    text = tuple(part for part in content if isinstance(part, str | StyledRun))
    return (PaperParagraph(text),) if text else ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of `AnswerTable`: the label is the row's header cell, the value its data cell.

    `room_mm` is left free under the value, for a pen.
    """

    label: Content
    value: Content
    language: str | None = None
    room_mm: float = 0.0

    def __post_init__(self) -> None:
        check_language(self.language)


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """A table of labels and values.

    `head` names the two columns, or is None for a table without column headers. `about` is whom or what the
    answers are about: the eye finds it again at the top of each further page that the table goes on to.

    `label_share` is the label column's part of the width, between 0.1 and 0.9.
    """

    rows: Sequence[Answer]
    head: tuple[RichText, RichText] | None = None
    label_share: float = 0.36
    about: str = ""

    def __post_init__(self) -> None:
        if not 0.1 <= self.label_share <= 0.9:
            raise ValueError("label_share is between 0.1 and 0.9")


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with column headers; a row's first cell is its header unless `row_headers` is False.

    `about` is as in `AnswerTable`. `shares` are the columns' relative widths, equal when None. A row of another
    length than `columns` raises ValueError.
    """

    columns: Sequence[RichText]
    rows: Sequence[Sequence[Content]]
    shares: Sequence[float] | None = None
    row_headers: bool = True
    about: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a data table has at least one column")
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, the table {len(self.columns)} columns")
        if self.shares is not None and (
            len(self.shares) != len(self.columns) or min(self.shares) <= 0.05 * sum(self.shares)
        ):
            raise ValueError("shares holds one number a column, each more than a twentieth of their sum")


class Tone(Enum):
    """How urgent a callout is."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class PaperCallout:
    """A box around `content`, with a bold `title` when there is one."""

    content: Content
    title: RichText | None = None
    tone: Tone = Tone.NOTE


@dataclass(frozen=True, slots=True)
class Divider:
    """A horizontal line that means nothing to a screen reader."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a new page; at the top of a page it does nothing."""


@dataclass(frozen=True, slots=True)
class TableOfContents:
    """The headings of level 2 that follow and have bookmarks, each a link to where it stands, with its page's number.

    `page_words` is the description of a link, with `{title}` and `{page}`.
    """

    page_words: str = "{title}, {page}"


PaperBlock: TypeAlias = (
    TableOfContents
    | PaperHeading
    | PaperParagraph
    | Bullets
    | Numbered
    | AnswerTable
    | DataTable
    | PaperCallout
    | Divider
    | PageBreak
)
