"""A tagged PDF of a sequence of blocks: PDF/UA-1 and PDF/A-3A in one file.

    from datetime import UTC, datetime
    from formengine.output.paper.tagged.blocks import Answer, AnswerTable, PaperHeading
    from formengine.output.paper.tagged.fonts import find_fonts
    from formengine.output.paper.tagged.document import write
    from formengine.output.paper.tagged.metadata import DocumentInfo

    about = DocumentInfo("Request", "Exampleshire Council", "en-GB", at=datetime(2026, 11, 22, tzinfo=UTC))
    blocks = [PaperHeading("Request", 1), AnswerTable([Answer("First name", "Zoë")])]
    pdf = write(blocks, about, find_fonts())
    pdf.content

The same arguments give the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.blocks import (
    AnswerTable,
    Bullets,
    Content,
    DataTable,
    Divider,
    Numbered,
    PageBreak,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    RichText,
    StyledRun,
    TableOfContents,
    Tone,
    flow_blocks,
    runs,
)
from formengine.output.paper.tagged.canvas import Artifact, Canvas
from formengine.output.paper.tagged.flow import Column, Line, Setter, plain
from formengine.output.paper.tagged.fonts import Fonts, FontStyle
from formengine.output.paper.tagged.layout import (
    Box,
    BreakBox,
    CalloutBox,
    ContentsBox,
    ContentsEntry,
    Furniture,
    PageCursor,
    RowBox,
    RuleBox,
    TableBox,
    TextBox,
)
from formengine.output.paper.tagged.metadata import Attachment, DocumentInfo
from formengine.output.paper.tagged.structure import SCOPE_COLUMN, SCOPE_ROW, Element
from formengine.output.paper.tagged.style import MM_PER_PT, PaperStyle, find_style
from formengine.output.paper.tagged.text import StyledText, Typesetter

__all__ = ["Attachment", "DocumentInfo", "Furniture", "PaperStyle", "Written", "write"]

_log = logging.getLogger(__name__)
_ELLIPSIS = "\u2026"
_HEAD_MM = 13.0
_FOOT_MM = 15.0
# More than one line holds, so that what a table is about is measured once and cut at the line's end.
_LONGEST_ABOUT = 200
# About twenty lines of the column of answers, a third of a page.
_NARRATIVE = 1200


class OwnBlock(Protocol):
    """A block that sets itself, for what the blocks of `formengine.output.paper.tagged.blocks` do not cover."""

    def box(self, setter: Setter, root: Element) -> Box:
        """The block's box, its structure elements added to `root`."""


@dataclass(frozen=True, slots=True)
class Written:
    """A finished document.

    `substituted` are the characters that no font has, in code point order; each is drawn as a substitute and
    still read and copied as itself.
    """

    content: bytes
    page_count: int
    substituted: tuple[str, ...]


def write(
    blocks: Sequence[PaperBlock | OwnBlock],
    about: DocumentInfo,
    fonts: Fonts,
    *,
    furniture: Furniture | None = None,
    style: PaperStyle | None = None,
    attachments: Sequence[Attachment] = (),
) -> Written:
    """The PDF of `blocks`, in the style of formengine's own theme unless `style` says otherwise.

    No text makes it raise: what cannot be drawn is substituted (`Written.substituted`), and long text flows
    on to further pages. Raises ValueError when heading levels skip one (ISO 14289-1, 7.4.2), which is a
    mistake of the caller's.
    """
    _check_levels(blocks)
    style = style or find_style()
    furniture = furniture or Furniture()
    canvas = Canvas(about, (style.page_width_mm, style.page_height_mm))
    typesetter = Typesetter(fonts)
    setter = Setter(typesetter, style)
    builder = _Builder(setter, canvas.tree.document, furniture)
    boxes = builder.boxes(blocks)
    pages = PageCursor(canvas, style)
    _put(boxes, pages)
    for box in boxes:
        if isinstance(box, ContentsBox):
            box.finish(pages, setter)
    _Furnisher(canvas, setter, furniture, canvas.tree.document).furnish()
    for file in attachments:
        canvas.embed(file, about.at)
    if typesetter.substituted:
        # The code points alone: what stood around them is somebody's answer.
        codes = ", ".join(f"U+{ord(char):04X}" for char in sorted(typesetter.substituted))
        _log.warning("no installed font has %s; drawn as a substitute", codes)
    return Written(canvas.finish(), canvas.page_count, tuple(sorted(typesetter.substituted)))


def _check_levels(blocks: Sequence[PaperBlock | OwnBlock]) -> None:
    level = 0
    for block in blocks:
        if isinstance(block, PaperHeading):
            if block.level > level + 1:
                raise ValueError(
                    f"heading {plain(block.text)[:60]!r} is of level {block.level} after level {level}"
                )
            level = block.level


def _put(boxes: Sequence[Box], pages: PageCursor) -> None:
    """Put boxes on pages.

    A box that keeps with the next is not left at a page's foot without the start of the next.
    """
    for number, box in enumerate(boxes):
        space_mm = 0.0 if pages.at_top else box.space_mm
        need_mm = space_mm + box.start_mm()
        follower = number
        while boxes[follower].keeps_with_next and follower + 1 < len(boxes):
            follower += 1
            need_mm += boxes[follower].space_mm + boxes[follower].start_mm()
        if not pages.at_top:
            if pages.room_mm < need_mm <= pages.whole_mm:
                pages.new_page()
            else:
                pages.y_mm += space_mm
        box.put(pages)


class _Builder:
    """Blocks as boxes, each with its structure elements under `root`."""

    def __init__(self, setter: Setter, root: Element, furniture: Furniture) -> None:
        self.setter = setter
        self.style = setter.style
        self.root = root
        self.furniture = furniture

    def boxes(self, blocks: Sequence[PaperBlock | OwnBlock]) -> list[Box]:
        """The boxes of all blocks, in order; the contents lead to the headings that follow them."""
        boxes = [self.box(block) for block in blocks]
        for number, box in enumerate(boxes):
            if isinstance(box, ContentsBox):
                box.entries = [
                    self._entry(heading, box)
                    for heading in boxes[number + 1 :]
                    if isinstance(heading, TextBox)
                    and heading.bookmark is not None
                    and heading.bookmark[1] == 2
                ]
        return boxes

    def box(self, block: PaperBlock | OwnBlock) -> Box:
        """The box of any block."""
        match block:
            case TableOfContents():
                return self._contents(block)
            case PaperHeading():
                return self._heading(block)
            case PaperParagraph() | Bullets() | Numbered():
                lines = self.setter.flow(block, self.root, self.style.width_mm)
                keeps = isinstance(block, PaperParagraph) and block.keep_with_next
                return TextBox(Column(lines), lines[0].space_mm if lines else 0.0, keeps)
            case AnswerTable():
                return self._answers(block)
            case DataTable():
                return self._table(block)
            case PaperCallout():
                return self._callout(block)
            case Divider():
                return RuleBox()
            case PageBreak():
                return BreakBox()
            case _:
                return block.box(self.setter, self.root)

    def _heading(self, block: PaperHeading) -> TextBox:
        style = self.style.headings[block.level - 1]
        element = self.root.add(f"H{block.level}", language=block.language)
        lines = self.setter.text(block.text, element, style, self.style.width_mm)
        bookmark = (plain(block.text), block.level) if block.bookmark else None
        return TextBox(Column(lines), style.space_before_mm, keeps_with_next=True, bookmark=bookmark)

    def _contents(self, block: TableOfContents) -> ContentsBox:
        style = self.style.paragraphs[ParagraphKind.BODY]
        return ContentsBox(
            self.root.add("TOC"), block.page_words, style.space_before_mm, style.space_before_mm / 3
        )

    def _entry(self, heading: TextBox, contents: ContentsBox) -> ContentsEntry:
        style = self.style.paragraphs[ParagraphKind.BODY]
        link = contents.element.add("TOCI").add("Reference").add("Link")
        title = heading.bookmark[0] if heading.bookmark is not None else ""
        width_mm = self.style.width_mm - contents.NUMBER_MM
        words = self.setter.text(
            " ".join(title.split()), link, replace(style, colour=self.style.link), width_mm
        )
        return ContentsEntry(heading, link, Column(words), link.leaf())

    def _columns(self, shares: Sequence[float]) -> tuple[list[float], list[float]]:
        """Where the columns begin and how wide their text is; a gutter keeps neighbours apart."""
        whole_mm = self.style.width_mm + self.style.cell_gutter_mm
        widths = [whole_mm * share / sum(shares) for share in shares]
        lefts = [0.0, *accumulate(widths[:-1])]
        return lefts, [width - self.style.cell_gutter_mm for width in widths]

    def _continued(self, about: str = "") -> Column:
        """What stands above what goes on from the page before: one line, an artifact like the furniture."""
        words = " ".join(
            part for part in (scripts.clean(about)[:_LONGEST_ABOUT], self.furniture.continued) if part
        )
        if not words:
            return Column()
        spare = Element(self.root.tree, "P", None)
        return Column(self.setter.text(words, spare, self.style.furniture, self.style.width_mm)[:1])

    def _head(self, texts: Sequence[RichText], table: Element, widths: Sequence[float]) -> RowBox:
        row = table.add("THead").add("TR")
        cells = [
            self.setter.cell(_bold(text), row.add("TH", SCOPE_COLUMN), width)
            for text, width in zip(texts, widths, strict=True)
        ]
        return RowBox(cells)

    def _answers(self, block: AnswerTable) -> TableBox:
        table = self.root.add("Table")
        lefts, widths = self._columns((block.label_share, 1 - block.label_share))
        head = self._head(block.head, table, widths) if block.head is not None else None
        body = table.add("TBody") if block.rows else table
        rows = []
        for answer in block.rows:
            row = body.add("TR", language=answer.language)
            below = _is_narrative(answer.value)
            label_mm, value_mm = (self.style.width_mm, self.style.width_mm) if below else widths
            label = self.setter.cell(answer.label, row.add("TH", SCOPE_ROW), label_mm, bold=True)
            value = self.setter.cell(answer.value, row.add("TD"), value_mm)
            if answer.room_mm:
                value.lines.append(Line([], answer.room_mm, 0.0))
            if below:
                value.lines[0].space_mm = self.style.list_gap_mm
                rows.append(RowBox([Column([*label.lines, *value.lines])], label=label))
            else:
                rows.append(RowBox([label, value]))
        return self._table_box(head, rows, lefts, block.about)

    def _table(self, block: DataTable) -> TableBox:
        table = self.root.add("Table")
        lefts, widths = self._columns(block.shares or [1.0] * len(block.columns))
        head = self._head(block.columns, table, widths)
        body = table.add("TBody") if block.rows else table
        rows = []
        for contents in block.rows:
            row, cells = body.add("TR"), []
            for number, (content, width) in enumerate(zip(contents, widths, strict=True)):
                header = block.row_headers and not number
                element = row.add("TH", SCOPE_ROW) if header else row.add("TD")
                cells.append(self.setter.cell(content, element, width, bold=header))
            rows.append(RowBox(cells))
        return self._table_box(head, rows, lefts, block.about)

    def _table_box(self, head: RowBox | None, rows: list[RowBox], lefts: list[float], about: str) -> TableBox:
        continued = self._continued()
        goes_on = self._continued(about) if about.strip() else Column()
        return TableBox(head, rows, lefts, self.style.cell_padding_mm, continued, goes_on)

    def _callout(self, block: PaperCallout) -> CalloutBox:
        style, warning = self.style, block.tone is Tone.WARNING
        element = self.root.add("Div")
        width_mm = style.width_mm - 1.4 - 2 * style.callout_padding_mm
        lines = []
        if block.title is not None:
            lines += self.setter.paragraph(PaperParagraph(_bold(block.title)), element, width_mm)
        inner = element.add("Div")
        lines += self.setter.cell(block.content, inner, width_mm).lines
        if block.title is not None and len(lines) > 1:
            lines[1].space_mm = max(lines[1].space_mm, 1.0)
        bar, fill = (style.warning, style.warning_fill) if warning else (style.accent, style.note_fill)
        return CalloutBox(Column(lines), bar, fill, style.callout_padding_mm)


def _is_narrative(content: Content) -> bool:
    """Whether it would fill so many lines of a column that it is better read across the page, under its label."""
    characters = 0
    for block in flow_blocks(content):
        if isinstance(block, PaperParagraph):
            characters += sum(len(run.text) for run in runs(block.text))
    return characters > _NARRATIVE


def _bold(text: RichText) -> tuple[StyledRun, ...]:
    return tuple(StyledRun(run.text, True, run.emphasis, run.link, run.language) for run in runs(text))


class _Furnisher:
    """Draws what stands at the head and foot of every page, when all pages are known."""

    def __init__(self, canvas: Canvas, setter: Setter, furniture: Furniture, root: Element) -> None:
        self.canvas = canvas
        self.setter = setter
        self.style = setter.style
        self.furniture = furniture
        # Text is set for an element; an artifact has none, so this one stays outside the tree.
        self.element = Element(root.tree, "P", None)

    def furnish(self) -> None:
        """Draw the furniture of all pages."""
        style, words, total = self.style, self.furniture, str(self.canvas.page_count)
        foot_mm = style.page_height_mm - _FOOT_MM
        for page in range(1, self.canvas.page_count + 1):
            self.canvas.turn_to(page)
            if page == 1:
                with self.canvas.decoration():
                    self.canvas.fill(0, 0, style.page_width_mm, 5.0, style.accent)
            elif words.head_left or words.head_right:
                self._line(
                    Artifact.HEADER, words.head_left, words.head_right, _HEAD_MM, rule_mm=_HEAD_MM + 5.2
                )
            number = words.page_of.replace("{pages}", total).replace("{page}", str(page))
            self._line(Artifact.FOOTER, words.foot_left, number, foot_mm, rule_mm=foot_mm - 1.6)
        self.canvas.close()

    def _line(self, kind: Artifact, left: str, right: str, top_mm: float, rule_mm: float) -> None:
        style = self.style
        self.canvas.artifact(kind)
        self.canvas.line(style.left_mm, rule_mm, style.left_mm + style.width_mm, 0.2, style.rule)
        right_mm = self._words(right, kind, top_mm, style.width_mm * 0.45, at_right=True)
        self._words(left, kind, top_mm, style.width_mm - right_mm - 6.0, at_right=False)
        self.canvas.close()

    def _words(self, text: str, kind: Artifact, top_mm: float, width_mm: float, *, at_right: bool) -> float:
        """Draw one line of `text`, shortened to `width_mm`; returns its width in millimetres."""
        style = self.style.furniture
        words = " ".join(scripts.clean(text).split())[:300]
        lines = self.setter.typesetter.lines([StyledText(words, FontStyle(), 0)], style.size_pt, width_mm)
        while len(lines) > 1:
            words = words[: -1 - max(1, len(words) // 20)].rstrip() + _ELLIPSIS
            lines = self.setter.typesetter.lines([StyledText(words, FontStyle(), 0)], style.size_pt, width_mm)
        pieces = lines[0].pieces
        start_mm = min((p.x_mm for p in pieces), default=0.0)
        used_mm = sum(p.piece.width_em for p in pieces) * style.size_pt * MM_PER_PT / 1000
        x_mm = self.style.left_mm - start_mm + (self.style.width_mm - used_mm if at_right else 0.0)
        baseline_mm = top_mm + style.line_mm / 2 + 0.33 * style.size_pt * MM_PER_PT
        for placed in pieces:
            self.canvas.piece(
                placed.piece,
                kind,
                x_mm=x_mm + placed.x_mm,
                baseline_mm=baseline_mm,
                size_pt=style.size_pt,
                colour=style.colour,
            )
        return used_mm
