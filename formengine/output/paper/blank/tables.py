"""A table of questions set on pages: each cell is the room for one answer, the head stands again on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from formengine.output.paper.blank.boxes import FieldPlace, Frame, QuestionSetter, QuestionSheet, Strip
from formengine.output.paper.blank.columns import letters, units
from formengine.output.paper.blank.pieces import (
    FromList,
    Lines,
    OneTick,
    PaperQuestion,
    Parts,
    QuestionTable,
    Ticks,
)
from formengine.output.paper.tagged.blocks import ParagraphKind
from formengine.output.paper.tagged.flow import Column, Setter
from formengine.output.paper.tagged.layout import Box, PageCursor
from formengine.output.paper.tagged.structure import SCOPE_COLUMN, SCOPE_ROW, Element

# Narrower than this a page has no room for tables of questions: a date would not fit its columns.
LEAST_TABLE_MM = 150.0
LEAST_COLUMN_MM = 24.0
NUMBERS_MM = 8.0
PADDING_MM = 1.2
# A narrow cell is filled in on two lines.
TEXT_MM, MOST_LINES = 17.0, 4
BETWEEN_TICKS_MM, AFTER_TICK_MM = 2.4, 1.0


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table of questions as a block of paper: see `formengine.output.paper.tagged.document.OwnBlock`."""

    table: QuestionTable
    sheet: QuestionSheet

    def box(self, setter: Setter, root: Element) -> Box:
        """The table, set."""
        return _TableSetter(self.table, self.sheet, setter, root.add("Table")).box()


@dataclass(slots=True)
class QuestionTableBox:
    """The rows of a table on pages; none of them breaks."""

    head: Strip
    rows: list[Strip]
    space_mm: float = 2.5
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """The head and the first two rows."""
        return self.head.height_mm + sum(row.height_mm for row in self.rows[:2])

    def put(self, pages: PageCursor) -> None:
        """Draw the rows, on as many pages as it takes."""
        self._put_head(pages, repeated=False)
        for row in self.rows:
            if row.height_mm > pages.room_mm and not pages.at_top:
                pages.new_page()
                self._put_head(pages, repeated=True)
            row.draw(pages)

    def _put_head(self, pages: PageCursor, *, repeated: bool) -> None:
        style = pages.style
        with pages.canvas.decoration():
            pages.canvas.fill(style.left_mm, pages.y_mm, style.width_mm, self.head.height_mm, style.note_fill)
        self.head.draw(pages, repeated=repeated)


class _TableSetter:
    """Sets one table; `element` is its Table."""

    def __init__(self, table: QuestionTable, sheet: QuestionSheet, setter: Setter, element: Element) -> None:
        self.table = table
        self.sheet = sheet
        self.setter = setter
        self.style = setter.style
        self.small = replace(
            self.style.paragraphs[ParagraphKind.SMALL],
            colour=self.style.paragraphs[ParagraphKind.BODY].colour,
        )
        self.element = element
        shares = [float(units(question.space)) for question in table.columns]
        needs_mm = [self._longest_mm(question.label) + 2 * PADDING_MM for question in table.columns]
        self.widths_mm = [NUMBERS_MM, *_widths(self.style.width_mm - NUMBERS_MM, shares, needs_mm)]
        self.lefts_mm = [0.0, *accumulate(self.widths_mm[:-1])]

    def box(self) -> QuestionTableBox:
        """The head and the rows."""
        heads = self.element.add("THead").add("TR")
        words = [self.table.number_words]
        words += [
            " ".join(part for part in (question.number, question.label, question.mark) if part)
            for question in self.table.columns
        ]
        head = self._row(
            [
                self._words(text, heads.add("TH", SCOPE_COLUMN), width_mm)
                for text, width_mm in zip(words, self.widths_mm, strict=True)
            ]
        )
        body = self.element.add("TBody")
        rows = []
        for number, questions in enumerate(self.table.rows, 1):
            row = body.add("TR")
            cells = [self._words(str(number), row.add("TH", SCOPE_ROW), NUMBERS_MM)]
            cells += [
                self._cell(question, row.add("TD"), width_mm)
                for question, width_mm in zip(questions, self.widths_mm[1:], strict=True)
            ]
            rows.append(self._row(cells))
        return QuestionTableBox(head, rows)

    def _longest_mm(self, label: str) -> float:
        """The width of the longest word of a column's head."""
        spare = Element(self.element.tree, "P", None)
        words = (self.setter.text(word, spare, self.small, 1000.0, bold=True) for word in label.split())
        return max(lines[0].width_mm for lines in words)

    def _words(self, text: str, element: Element, width_mm: float) -> Strip:
        lines = Column(self.setter.text(text, element, self.small, width_mm - 2 * PADDING_MM, bold=True))
        return Strip(lines.height_mm() + 2 * PADDING_MM, [(PADDING_MM, PADDING_MM, lines)])

    def _row(self, cells: Sequence[Strip]) -> Strip:
        """The cells side by side, each in a frame of the row's height; what fills a whole cell has no frame yet."""
        made = Strip(max(cell.height_mm for cell in cells))
        for cell, left_mm, width_mm in zip(cells, self.lefts_mm, self.widths_mm, strict=True):
            moved = cell.moved(left_mm)
            made.texts += moved.texts
            whole = next((frame.field for frame in moved.frames if not frame.width_mm), None)
            made.frames.append(Frame(left_mm, 0.0, width_mm, made.height_mm, field=whole))
            made.frames += [frame for frame in moved.frames if frame.width_mm]
        return made

    def _cell(self, question: PaperQuestion, element: Element, width_mm: float) -> Strip:
        """The room for one answer."""
        asking = QuestionSetter(question, self.sheet, self.setter, element)
        match question.space:
            case Ticks() as ticks:
                return self._ticks(ticks, asking, width_mm)
            case OneTick(code):
                box = asking.tick((width_mm - self.style.tick_mm) / 2, code, "tick", question.label, "")
                return Strip(
                    self.style.line_mm, [], [replace(box, y_mm=(self.style.line_mm - box.height_mm) / 2)]
                )
            case Parts(parts):
                return self._padded(asking.parts_strip(parts))
            case Lines(count):
                place = asking.place("lines")
                return Strip(min(count, MOST_LINES) * self.style.line_mm, [], _whole(place))
            case FromList(options):
                place = asking.place("choice")
                if place is not None:
                    place.options = tuple((option.code, option.label) for option in options)
                return Strip(self.style.line_mm, [], _whole(place))
            case _:
                return Strip(TEXT_MM, [], _whole(asking.place("lines")))

    @staticmethod
    def _padded(strip: Strip) -> Strip:
        moved = strip.moved(PADDING_MM, PADDING_MM)
        moved.height_mm += PADDING_MM
        return moved

    def _ticks(self, ticks: Ticks, asking: QuestionSetter, width_mm: float) -> Strip:
        """The options' boxes row by row, with a letter or a short label beside each."""
        marks = letters(ticks)
        kind = "tick" if ticks.several or len(marks) == 1 else "radio"
        outer, made = asking.element, Strip(0.0)
        beside_mm = self.style.tick_mm + AFTER_TICK_MM
        pairs: list[tuple[Frame, Column]] = []
        for number, (mark, option) in enumerate(zip(marks, ticks.options, strict=True), 1):
            asking.element = outer.add("P")
            frame = asking.tick(
                0.0, option.code, "tick" if kind == "tick" else "radio", option.label, str(number)
            )
            room_mm = width_mm - beside_mm - 2 * PADDING_MM
            pairs.append((frame, Column(self.setter.text(mark, asking.element, self.small, room_mm))))
        widest_mm = max(line.width_mm for _, column in pairs for line in column.lines) + beside_mm
        across = max(1, int((width_mm - 2 * PADDING_MM + BETWEEN_TICKS_MM) / (widest_mm + BETWEEN_TICKS_MM)))
        step_mm = max(self.style.tick_mm + 1.4, *(column.height_mm() for _, column in pairs))
        for at, (frame, column) in enumerate(pairs):
            x_mm = PADDING_MM + at % across * (widest_mm + BETWEEN_TICKS_MM)
            y_mm = PADDING_MM + at // across * step_mm
            middle_mm = (step_mm - column.lines[0].height_mm) / 2
            made.frames.append(replace(frame, x_mm=x_mm, y_mm=y_mm + (step_mm - frame.height_mm) / 2))
            made.texts.append((x_mm + beside_mm, y_mm + middle_mm, column))
        made.height_mm = 2 * PADDING_MM + -(-len(pairs) // across) * step_mm
        return made


def _widths(room_mm: float, shares: Sequence[float], needs_mm: Sequence[float]) -> list[float]:
    """The room by `shares`; a column whose longest word needs more has it, where the others can do with less."""
    wide = [need > room_mm * share / sum(shares) for share, need in zip(shares, needs_mm, strict=True)]
    left_mm = room_mm - sum(need for need, is_wide in zip(needs_mm, wide, strict=True) if is_wide)
    left = sum(share for share, is_wide in zip(shares, wide, strict=True) if not is_wide)
    widths = [
        need if is_wide else left_mm * share / left
        for share, need, is_wide in zip(shares, needs_mm, wide, strict=True)
        if is_wide or left
    ]
    if len(widths) == len(shares) and all(
        width >= LEAST_COLUMN_MM * share for width, share in zip(widths, shares, strict=True)
    ):
        return widths
    return [room_mm * share / sum(shares) for share in shares]


def _whole(place: FieldPlace | None) -> list[Frame]:
    """A field as large as its cell; None on paper, where the cell's own frame is all."""
    return [] if place is None else [Frame(0.0, 0.0, 0.0, 0.0, field=place)]
