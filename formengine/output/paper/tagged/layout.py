"""What goes on pages: boxes of lines, tables and rules, and how each of them breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from formengine.output.paper.tagged.blocks import ParagraphKind
from formengine.output.paper.tagged.canvas import Anchor, Area, Canvas
from formengine.output.paper.tagged.flow import Column, Setter
from formengine.output.paper.tagged.structure import Element, Leaf
from formengine.output.paper.tagged.style import Colour, PaperStyle

# A row or callout up to this height moves whole to the next page rather than break.
KEEP_WHOLE_MM = 45.0
# The lines of a paragraph or cell that are left alone on neither side of a page's end (widows and orphans).
TOGETHER = 2


class PageCursor:
    """The place where the next box goes."""

    def __init__(self, canvas: Canvas, style: PaperStyle) -> None:
        self.canvas = canvas
        self.style = style
        self.y_mm = 0.0
        self.at_top = True
        self.new_page()

    @property
    def room_mm(self) -> float:
        """The height left on the page."""
        return self.style.foot_mm - self.y_mm

    @property
    def whole_mm(self) -> float:
        """The height of a page's text after the first page."""
        return self.style.foot_mm - self.style.top_mm

    def new_page(self) -> None:
        """Go to the top of a new page."""
        self.canvas.add_page()
        self.y_mm = self.style.top_mm if self.canvas.page > 1 else self.style.first_top_mm
        self.at_top = True

    def used(self, height_mm: float) -> None:
        """Move down."""
        self.y_mm += height_mm
        self.at_top = False


class Box(Protocol):
    """A set block. `space_mm` is the space above it, which the top of a page takes away."""

    space_mm: float
    keeps_with_next: bool

    def start_mm(self) -> float:
        """The smallest height of it worth starting on a page."""

    def put(self, pages: PageCursor) -> None:
        """Draw it from where `pages` stands, on as many pages as it takes."""


@dataclass(slots=True)
class TextBox:
    """A heading, a paragraph or a list. `bookmark` is its title and level in the outline.

    `place` is where it begins, once it has been put.
    """

    column: Column
    space_mm: float
    keeps_with_next: bool = False
    bookmark: tuple[str, int] | None = None
    place: Anchor | None = None

    def start_mm(self) -> float:
        """Two lines, or all of what stays with the next block."""
        lines = self.column.lines
        count = len(lines) if self.keeps_with_next or len(lines) <= TOGETHER + 1 else TOGETHER
        return Column(lines[:count]).height_mm()

    def put(self, pages: PageCursor) -> None:
        """Draw the lines; neither the first nor the last of them stands alone on a page."""
        column, done, total = self.column, 0, len(self.column.lines)
        if self.bookmark is not None:
            pages.canvas.bookmark(*self.bookmark, pages.y_mm)
        self.place = Anchor(pages.canvas.page, pages.y_mm)
        while done < total:
            fit = column.fitting(done, pages.room_mm)
            if fit < total - done:
                if total - done - fit < TOGETHER:
                    fit -= TOGETHER - (total - done - fit)
                if fit < min(TOGETHER, total - done):
                    fit = 0
            if fit <= 0 and pages.at_top:
                fit = 1
            if fit > 0:
                pages.used(column.draw(pages.canvas, pages.style.left_mm, pages.y_mm, done, fit))
                done += fit
            if done < total:
                pages.new_page()


@dataclass(slots=True)
class RuleBox:
    """A horizontal line."""

    space_mm: float = 5.0
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """Next to nothing: a line needs no room of its own."""
        return 1.0

    def put(self, pages: PageCursor) -> None:
        """Draw the line, unless a page begins here."""
        if pages.at_top:
            return
        style = pages.style
        with pages.canvas.decoration():
            pages.canvas.line(style.left_mm, pages.y_mm, style.left_mm + style.width_mm, 0.25, style.rule)
        pages.used(0.5)


@dataclass(slots=True)
class BreakBox:
    """The end of a page."""

    space_mm: float = 0.0
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """0: the end of a page needs no room."""
        return 0.0

    def put(self, pages: PageCursor) -> None:
        """Go to a new page, unless one begins here."""
        if not pages.at_top:
            pages.new_page()


@dataclass(slots=True)
class CalloutBox:
    """Lines in a filled box with a bar at its left."""

    column: Column
    bar: Colour
    fill: Colour
    padding_mm: float
    space_mm: float = 5.0
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """All of a small box, else two lines."""
        whole_mm = self.column.height_mm()
        lines = self.column.lines
        start_mm = whole_mm if whole_mm <= KEEP_WHOLE_MM else Column(lines[:TOGETHER]).height_mm()
        return start_mm + 2 * self.padding_mm

    def put(self, pages: PageCursor) -> None:
        """Draw the box, once a page."""
        done, total, canvas, style = 0, len(self.column.lines), pages.canvas, pages.style
        if pages.room_mm < self.start_mm() and not pages.at_top:
            pages.new_page()
        while done < total:
            fit = max(1, self.column.fitting(done, pages.room_mm - 2 * self.padding_mm))
            height_mm = Column(self.column.lines[done : done + fit]).height_mm() + 2 * self.padding_mm
            with canvas.decoration():
                canvas.fill(style.left_mm, pages.y_mm, style.width_mm, height_mm, self.fill)
                canvas.fill(style.left_mm, pages.y_mm, 1.4, height_mm, self.bar)
            x_mm = style.left_mm + 1.4 + self.padding_mm
            self.column.draw(canvas, x_mm, pages.y_mm + self.padding_mm, done, fit)
            pages.used(height_mm)
            done += fit
            if done < total:
                pages.new_page()


@dataclass(slots=True)
class ContentsEntry:
    """A line of the contents: the heading it leads to, the Link element that says so, the heading's words set.

    `number` is the leaf for the page's number. `at` is the page and top of each line, once it has been put.
    """

    heading: TextBox
    link: Element
    words: Column
    number: Leaf
    at: list[Anchor] = field(default_factory=list)


@dataclass(slots=True)
class ContentsBox:
    """A table of contents. Its page numbers are drawn last of all, when every heading has its place."""

    NUMBER_MM: ClassVar[float] = 10.0

    element: Element
    page_words: str
    space_mm: float
    gap_mm: float
    entries: list[ContentsEntry] = field(default_factory=list)
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """The first two entries."""
        return sum(entry.words.height_mm() + self.gap_mm for entry in self.entries[:TOGETHER])

    def put(self, pages: PageCursor) -> None:
        """Draw the headings' words; an entry breaks between lines only where no page has room for it."""
        for entry in self.entries:
            height_mm = entry.words.height_mm()
            if height_mm > pages.room_mm and not pages.at_top:
                pages.new_page()
            for number in range(len(entry.words.lines)):
                if entry.words.lines[number].height_mm > pages.room_mm:
                    pages.new_page()
                entry.at.append(Anchor(pages.canvas.page, pages.y_mm))
                pages.used(entry.words.draw(pages.canvas, pages.style.left_mm, pages.y_mm, number, 1))
            pages.used(self.gap_mm)
        pages.canvas.close()

    def finish(self, pages: PageCursor, setter: Setter) -> None:
        """Draw what leads to each heading: a line, the page's number, the link."""
        for entry in self.entries:
            if entry.heading.place is not None and entry.at:
                self._lead(pages, setter, entry, entry.heading.place)

    def _lead(self, pages: PageCursor, setter: Setter, entry: ContentsEntry, to: Anchor) -> None:
        canvas, style, last = pages.canvas, pages.style, entry.words.lines[-1]
        page, top_mm = entry.at[-1]
        canvas.turn_to(page)
        text_look = style.paragraphs[ParagraphKind.BODY]
        number = setter.line(str(to.page), entry.number, text_look)
        right_mm = style.left_mm + style.width_mm
        x_mm = right_mm - number.width_mm
        number.draw(canvas, x_mm, top_mm)
        canvas.close()
        from_mm = style.left_mm + last.width_mm + 2.0
        if from_mm < x_mm - 4.0:
            with canvas.decoration():
                canvas.line(from_mm, top_mm + last.baseline_mm, x_mm - 2.0, 0.15, style.rule)
        words = self.page_words.replace("{page}", str(to.page)).replace("{title}", _words_of(entry.heading))
        for (at_page, at_mm), line in zip(entry.at, entry.words.lines, strict=True):
            canvas.turn_to(at_page)
            canvas.link(entry.link, to, words, Area(style.left_mm, at_mm, style.width_mm, line.height_mm))


def _words_of(heading: TextBox) -> str:
    return heading.bookmark[0] if heading.bookmark is not None else ""


@dataclass(slots=True)
class RowBox:
    """A table's row: one column of lines a cell.

    With a `label` it has one cell of the table's whole width, which begins with the lines of that label.
    """

    cells: list[Column]
    label: Column | None = None

    @property
    def together(self) -> int:
        """How many lines of a cell are worth starting on a page."""
        return TOGETHER + (len(self.label.lines) if self.label is not None else 0)

    def height_mm(self) -> float:
        """The height of the text in the highest cell."""
        return max(cell.height_mm() for cell in self.cells)


@dataclass(slots=True)
class TableBox:
    """A table; `head` is its row of column headers, repeated as an artifact on every page that it goes on to.

    `continued` stands, as an artifact, in the first column of a row that goes on from the page before, under
    the row's repeated first cell; `goes_on` at the top of every page that the table goes on to.
    """

    head: RowBox | None
    rows: list[RowBox]
    lefts_mm: list[float]
    padding_mm: float
    continued: Column
    goes_on: Column
    space_mm: float = 3.5
    keeps_with_next: bool = False

    def _head_mm(self) -> float:
        return 0.0 if self.head is None else self.head.height_mm() + 2 * self.padding_mm

    def _row_start_mm(self, row: RowBox) -> float:
        height_mm = row.height_mm()
        if height_mm > KEEP_WHOLE_MM:
            height_mm = max(Column(cell.lines[: row.together]).height_mm() for cell in row.cells)
        return height_mm + 2 * self.padding_mm

    def _rows_start_mm(self, number: int) -> float:
        """What must fit for row `number` to begin here, so that no row stands alone on either side of a page's end."""
        left = len(self.rows) - number
        together = TOGETHER if number == 0 or left == TOGETHER else 1
        starts_mm = [self._row_start_mm(row) for row in self.rows[number : number + TOGETHER + 1]]
        if number == 0 and left == TOGETHER + 1 and sum(starts_mm) <= 2 * KEEP_WHOLE_MM:
            together = left
        return sum(starts_mm[:together])

    def start_mm(self) -> float:
        """The column headers and the start of the first rows."""
        if self.head is not None and self._head_mm() > KEEP_WHOLE_MM:
            return self._row_start_mm(self.head)
        return self._head_mm() + self._rows_start_mm(0)

    def put(self, pages: PageCursor) -> None:
        """Draw the rows. A row higher than `KEEP_WHOLE_MM` breaks between lines; nothing is ever cut."""
        if pages.room_mm < self.start_mm() and not pages.at_top:
            pages.new_page()
        if self.head is not None and self._head_mm() > KEEP_WHOLE_MM:
            # Too high to say again on every page, it breaks like any row.
            self.rows = [self.head, *self.rows]
            self.head = None
        if self.head is not None:
            self._put_head(pages, self.head, repeated=False)
        else:
            self._rule(pages)
        for number, row in enumerate(self.rows):
            need_mm = self._rows_start_mm(number) if number else self._row_start_mm(row)
            if pages.room_mm < need_mm and not pages.at_top:
                self._turn(pages)
            self._put_row(pages, row)

    def _turn(self, pages: PageCursor) -> None:
        pages.new_page()
        if self.goes_on.lines:
            count = len(self.goes_on.lines)
            left_mm = pages.style.left_mm
            pages.used(self.goes_on.draw(pages.canvas, left_mm, pages.y_mm, 0, count, repeated=True))
            pages.canvas.close()
            pages.used(self.padding_mm)
        if self.head is not None:
            self._put_head(pages, self.head, repeated=True)
        else:
            self._rule(pages)

    def _put_head(self, pages: PageCursor, head: RowBox, *, repeated: bool) -> None:
        counts = [len(cell.lines) for cell in head.cells]
        self._put_part(pages, head, [0] * len(counts), counts, repeated=repeated)
        self._rule(pages, strong=True)

    def _rule(self, pages: PageCursor, *, strong: bool = False) -> None:
        style, canvas = pages.style, pages.canvas
        with canvas.decoration():
            ink = style.accent if strong else style.rule
            canvas.line(
                style.left_mm, pages.y_mm, style.left_mm + style.width_mm, 0.5 if strong else 0.25, ink
            )

    def _put_part(
        self, pages: PageCursor, row: RowBox, first: list[int], counts: list[int], *, repeated: bool = False
    ) -> None:
        """Draw some lines of each cell, and move down by the highest."""
        y_mm = pages.y_mm + self.padding_mm
        height_mm = 0.0
        if row.label is not None and first[0] >= len(row.label.lines):
            self._repeat_label(pages, row.label)
            y_mm += self._above_mm(row, first)
        elif row.label is None and first[0] and first[0] == len(row.cells[0].lines):
            height_mm = self._repeat_label(pages, row.cells[0])
        for cell, left_mm, start, count in zip(row.cells, self.lefts_mm, first, counts, strict=False):
            x_mm = pages.style.left_mm + left_mm
            used_mm = cell.draw(pages.canvas, x_mm, y_mm, start, count, repeated=repeated)
            height_mm = max(height_mm, used_mm + self._above_mm(row, first))
        pages.canvas.close()
        pages.used(height_mm + 2 * self.padding_mm)

    def _put_row(self, pages: PageCursor, row: RowBox) -> None:
        first = [0] * len(row.cells)
        totals = [len(cell.lines) for cell in row.cells]
        while True:
            room_mm = pages.room_mm - 2 * self.padding_mm - self._above_mm(row, first)
            counts = [_kept(cell, start, room_mm) for cell, start in zip(row.cells, first, strict=True)]
            if not any(counts):
                # A line that no page has room for is drawn all the same: never lost, never an endless loop.
                counts = [min(1, total - start) for total, start in zip(totals, first, strict=True)]
            self._put_part(pages, row, first, counts)
            first = [start + count for start, count in zip(first, counts, strict=True)]
            if first == totals:
                self._rule(pages)
                return
            self._turn(pages)

    def _above_mm(self, row: RowBox, first: list[int]) -> float:
        """The height that the repeated label of a row of one cell takes above what goes on under it."""
        if row.label is None or first[0] < len(row.label.lines):
            return 0.0
        count = row.label.fitting(0, KEEP_WHOLE_MM / 2)
        label_mm = Column(row.label.lines[:count]).height_mm()
        return label_mm + self.continued.height_mm() + self.padding_mm / 2

    def _repeat_label(self, pages: PageCursor, label: Column) -> float:
        """Repeat the label of the row that continues here, for the eye alone; returns the height used, in mm."""
        x_mm, y_mm = pages.style.left_mm + self.lefts_mm[0], pages.y_mm + self.padding_mm
        count = label.fitting(0, KEEP_WHOLE_MM / 2)
        used_mm = label.draw(pages.canvas, x_mm, y_mm, 0, count, repeated=True)
        more = self.continued
        return used_mm + more.draw(pages.canvas, x_mm, y_mm + used_mm, 0, len(more.lines), repeated=True)


def _kept(cell: Column, start: int, room_mm: float) -> int:
    """How many lines from `start` on go in `room_mm`, so that the rest, if any, is not one line by itself."""
    count, left = cell.fitting(start, room_mm), len(cell.lines) - start
    if 0 < left - count < TOGETHER < count:
        count -= TOGETHER - (left - count)
    return count


@dataclass(frozen=True, slots=True)
class Furniture:
    """What stands at the head and foot of pages, as artifacts; "" leaves a place empty.

    The head stands on every page but the first. `page_of` may hold `{page}` and `{pages}`. `continued` stands
    under the label of a table row that goes on from the page before.
    """

    head_left: str = ""
    head_right: str = ""
    foot_left: str = ""
    page_of: str = "{page} / {pages}"
    continued: str = ""
