"""Questions set on pages: the label, and room for a pen or for a field to type into.

A question is cut into strips, each of which stays whole; between strips a page may end. Frames are layout artifacts.
Where a document is to be typed into, each room is a `FieldPlace` with a Form element of its own in the structure tree,
which `formengine.output.paper.blank.fillable` turns into a form field when the pages are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from formengine.output.paper.blank.pieces import (
    BoxPart,
    Cells,
    FromList,
    Lines,
    Nothing,
    OneTick,
    PaperQuestion,
    Parts,
    SignatureSpace,
    TickOption,
    Ticks,
    WritingLine,
)
from formengine.output.paper.tagged.blocks import (
    Content,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    flow_blocks,
)
from formengine.output.paper.tagged.canvas import Area
from formengine.output.paper.tagged.flow import Column, Setter, plain
from formengine.output.paper.tagged.flow import Line as SetLine
from formengine.output.paper.tagged.fonts import FontStyle
from formengine.output.paper.tagged.layout import Box, PageCursor
from formengine.output.paper.tagged.structure import LIST_DISC, Element, text_string
from formengine.output.paper.tagged.style import MM_PER_PT, PaperStyle
from formengine.output.paper.tagged.text import StyledText

# A question up to this height moves whole to the next page rather than break.
KEEP_WHOLE_MM = 115.0
LABEL_SHARE = 0.34
GUTTER_MM = 5.0
# Narrower than this there is no room for a label beside its answer.
LEAST_BESIDE_MM = 120.0
# A label with hint of more lines than this, or options of more, stand one above the other across the page.
MOST_LINES_BESIDE, MOST_OPTIONS_BESIDE = 6, 6
CHARACTERS_BESIDE = 24
AFTER_TICK_MM, BETWEEN_COLUMNS_MM, MOST_COLUMNS = 2.2, 6.0, 4
BELOW_OPTION_MM = 1.7
BETWEEN_GROUPS_MM = 3.0
MM_A_CHARACTER = 3.4
FRAME_MM = 0.25

NOWHERE_YET = Area(0.0, 0.0, 0.0, 0.0)

FieldKind = Literal["text", "lines", "tick", "radio", "choice"]


@dataclass(slots=True)
class FieldPlace:
    """A field to type into, and where it stands once its page is known.

    name: the answer's path, with a part behind a hyphen as in a post. id: the same, different for each widget of one
    field. words: what it asks, for those who come to it alone. code: what a tick or radio says. options: code and
    label of each thing to choose.
    """

    kind: FieldKind
    name: str
    id: str
    words: str
    code: str = ""
    options: tuple[tuple[str, str], ...] = ()
    page: int = 0
    area: Area = NOWHERE_YET


@dataclass(slots=True)
class Frame:
    """A rectangle to write in, or a line where it has no height; `field` is what stands in it on a computer."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    light: bool = False
    field: FieldPlace | None = None


@dataclass(slots=True)
class Strip:
    """What stays on one page: texts and frames by their place in it."""

    height_mm: float
    texts: list[tuple[float, float, Column]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def moved(self, x_mm: float, y_mm: float = 0.0) -> Strip:
        """The same, further right and down."""
        texts = [(x + x_mm, y + y_mm, column) for x, y, column in self.texts]
        frames = [
            replace(frame, x_mm=frame.x_mm + x_mm, y_mm=frame.y_mm + y_mm, field=frame.field)
            for frame in self.frames
        ]
        return Strip(self.height_mm + y_mm, texts, frames)

    def draw(self, pages: PageCursor, *, repeated: bool = False) -> None:
        """Draw it where `pages` stands; `repeated` text is an artifact."""
        canvas, style, top_mm = pages.canvas, pages.style, pages.y_mm
        if self.frames:
            with canvas.decoration():
                for frame in self.frames:
                    _draw(frame, pages)
        for x_mm, y_mm, column in self.texts:
            column.draw(canvas, style.left_mm + x_mm, top_mm + y_mm, 0, len(column.lines), repeated=repeated)
        canvas.close()
        pages.used(self.height_mm)


def _draw(frame: Frame, pages: PageCursor) -> None:
    canvas, style = pages.canvas, pages.style
    colour = style.rule if frame.light else style.furniture.colour
    area = Area(style.left_mm + frame.x_mm, pages.y_mm + frame.y_mm, frame.width_mm, frame.height_mm)
    canvas.frame(area, FRAME_MM, colour)
    if frame.field is not None:
        frame.field.page = canvas.page
        frame.field.area = area


@dataclass(slots=True)
class QuestionBox:
    """A question on pages; the first `lead` strips, its words, stay with the strip after them."""

    strips: list[Strip]
    lead: int
    space_mm: float
    keeps_with_next: bool = False

    def start_mm(self) -> float:
        """All of a question up to `KEEP_WHOLE_MM`, else its words and the first room for its answer."""
        whole_mm = sum(strip.height_mm for strip in self.strips)
        if whole_mm <= KEEP_WHOLE_MM:
            return whole_mm
        start_mm = sum(strip.height_mm for strip in self.strips[: self.lead + 2])
        return start_mm if start_mm <= KEEP_WHOLE_MM else self.strips[0].height_mm

    def put(self, pages: PageCursor) -> None:
        """Draw the strips, on as many pages as it takes."""
        for strip in self.strips:
            if strip.height_mm > pages.room_mm and not pages.at_top:
                pages.new_page()
            strip.draw(pages)


@dataclass(slots=True)
class QuestionSheet:
    """Sets questions one after the other. `places` are the fields to type into, in order, when `fillable`."""

    fillable: bool = False
    places: list[FieldPlace] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    """A question as a block of paper: see `formengine.output.paper.tagged.document.OwnBlock`."""

    question: PaperQuestion
    sheet: QuestionSheet

    def box(self, setter: Setter, root: Element) -> Box:
        """The question, set."""
        return QuestionSetter(self.question, self.sheet, setter, root).box()


class QuestionSetter:
    """Sets one question; `element` is what its structure elements are added to."""

    def __init__(
        self, question: PaperQuestion, sheet: QuestionSheet, setter: Setter, element: Element
    ) -> None:
        self.question = question
        self.sheet = sheet
        self.setter = setter
        self.style: PaperStyle = setter.style
        self.element = element
        self.body = self.style.paragraphs[ParagraphKind.BODY]
        self.wide_mm = self.style.width_mm

    # --- the whole ---------------------------------------------------------------------------------------

    def box(self) -> QuestionBox:
        """The question with its label beside its answer where both are short, else above it."""
        question, space = self.question, self.question.space
        # Words may begin a little lower than frames, so that both stand on one line.
        gap_mm = 2.6 if question.number else 1.2
        if isinstance(space, OneTick) and not space.statement:
            strips = self._one_tick(space)
            lead = len(strips)
        elif self._beside():
            left_mm = self.wide_mm * LABEL_SHARE
            words = self._words(left_mm - GUTTER_MM)
            if len(words) <= MOST_LINES_BESIDE:
                return self._side_by_side(words, left_mm, gap_mm)
            strips, lead = words, len(words)
            strips += [strip.moved(left_mm) for strip in self._room(self.wide_mm - left_mm)]
        else:
            strips = self._words(self.wide_mm)
            lead = len(strips)
            indent_mm = self._number_mm() if strips and isinstance(space, Ticks | OneTick) else 0.0
            room = [strip.moved(indent_mm) for strip in self._room(self.wide_mm - indent_mm)]
            if strips and room:
                strips[-1].height_mm += 1.2
            strips += room
        return QuestionBox(
            strips or [Strip(0.1)], lead, gap_mm + 1.6, keeps_with_next=isinstance(space, Nothing)
        )

    def _beside(self) -> bool:
        space = self.question.space
        if (
            self.wide_mm < LEAST_BESIDE_MM
            or not self.question.label
            or self._lines_beside() > MOST_LINES_BESIDE
        ):
            return False
        if isinstance(space, Ticks):
            return len(space.options) <= MOST_OPTIONS_BESIDE and not any(
                option.hint or len(option.label) > 70 for option in space.options
            )
        return not isinstance(space, Lines | Nothing) and not (
            isinstance(space, OneTick) and len(space.statement) > 90
        )

    def _lines_beside(self) -> int:
        """About how many lines the words would take beside the answer; lists among them take no notice of that."""
        question = self.question
        texts = [f"{question.label} {question.mark}", *question.notes]
        texts += [
            plain(block.text) for block in flow_blocks(question.hint) if isinstance(block, PaperParagraph)
        ]
        return sum(ceil(len(text) / CHARACTERS_BESIDE) for text in texts)

    def _side_by_side(self, words: list[Strip], left_mm: float, gap_mm: float) -> QuestionBox:
        room = self._room(self.wide_mm - left_mm)
        made = Strip(0.0)
        for strips, x_mm, down_mm in ((words, 0.0, self._down_mm()), (room, left_mm, 0.0)):
            y_mm = down_mm
            for strip in strips:
                moved = strip.moved(x_mm, y_mm)
                made.texts += moved.texts
                made.frames += moved.frames
                y_mm += strip.height_mm
            made.height_mm = max(made.height_mm, y_mm)
        return QuestionBox([made], 0, gap_mm)

    def _down_mm(self) -> float:
        """How much lower than its frame a label begins, so that its first line stands in the frame's middle."""
        if isinstance(self.question.space, Ticks | OneTick):
            return 0.0
        return max(0.0, min(2.0, (self.style.line_mm - self.body.line_mm) / 2))

    # --- words -------------------------------------------------------------------------------------------

    def _words(self, width_mm: float) -> list[Strip]:
        """Number, label, hint and notes, a strip a line; the number stands in the margin of the rest."""
        question = self.question
        if not question.label:
            return []
        lines = Column()
        indent_mm = self._number_mm()
        label = self.element.add("P")
        if question.number:
            number = self.setter.text(f"{question.number}\u00a0", label, self.body, width_mm, bold=True)
            first = number[0]
        else:
            first = None
        lines.lines += self._label(label, width_mm - indent_mm)
        helps: list[Content] = [question.hint] if flow_blocks(question.hint) else []
        helps += [(PaperParagraph(StyledRun(note, emphasis=True)),) for note in question.notes]
        for content in helps:
            for block in flow_blocks(content):
                more = self.setter.flow(block, self.element, width_mm - indent_mm)
                if more:
                    more[0].space_mm = 0.6
                lines.lines += more
        strips = [self._line_strip(lines, at, indent_mm) for at in range(len(lines.lines))]
        if first is not None:
            strips[0].texts.insert(0, (0.0, 0.0, Column([first])))
        return strips

    def _label(self, element: Element, width_mm: float) -> list[SetLine]:
        label, mark = self.question.label, self.question.mark
        if len(mark) > 1:
            return self.setter.text([StyledRun(label, bold=True), f" {mark}"], element, self.body, width_mm)
        return self.setter.text(f"{label} {mark}".rstrip(), element, self.body, width_mm, bold=True)

    def _number_mm(self) -> float:
        """The margin that numbers stand in."""
        return 10.0 if self.wide_mm >= LEAST_BESIDE_MM else 9.0

    @staticmethod
    def _line_strip(column: Column, at: int, x_mm: float) -> Strip:
        line = column.lines[at]
        space_mm = line.space_mm if at else 0.0
        return Strip(line.height_mm + space_mm, [(x_mm, space_mm, Column([line]))])

    def _caption(self, text: str, width_mm: float) -> Column:
        return Column(
            self.setter.text(
                text, self.element.add("P"), self.style.paragraphs[ParagraphKind.SMALL], width_mm
            )
        )

    # --- room --------------------------------------------------------------------------------------------

    def _room(self, width_mm: float) -> list[Strip]:
        """The room for the answer."""
        match self.question.space:
            case WritingLine() as line:
                return [self._line(line, width_mm)]
            case Lines(count):
                return self._lines(count, width_mm)
            case Cells() as cells:
                return self._cells(cells, width_mm)
            case Parts(parts):
                return [self.parts_strip(parts)]
            case Ticks() as ticks:
                return list(self._ticks(ticks, width_mm))
            case OneTick() as tick:
                return list(self._ticks(Ticks((TickOption(tick.code, tick.statement),)), width_mm))
            case FromList() as from_list:
                return self._from_list(from_list, width_mm)
            case SignatureSpace() as signature:
                return self._signature(signature, width_mm)
            case Nothing():
                return []

    def _frame_strip(self, width_mm: float, kind: FieldKind = "text", *, x_mm: float = 0.0) -> Strip:
        frame = Frame(x_mm, 0.0, width_mm, self.style.line_mm - 0.5, field=self.place(kind))
        return Strip(self.style.line_mm, [], [frame])

    def _line(self, line: WritingLine, width_mm: float) -> Strip:
        wide_mm = (
            width_mm
            if line.characters is None
            else min(width_mm, max(30.0, line.characters * MM_A_CHARACTER))
        )
        if not line.before:
            return self._frame_strip(wide_mm)
        before = Column(self.setter.text(line.before, self.element.add("P"), self.body, width_mm))
        strip = self._frame_strip(min(wide_mm, 45.0) - 5.0, x_mm=5.0)
        strip.texts.append((0.0, (self.style.line_mm - 0.5 - self.body.line_mm) / 2, before))
        return strip

    def _lines(self, count: int, width_mm: float) -> list[Strip]:
        most = max(1, int((self.style.foot_mm - self.style.top_mm - 30.0) / self.style.line_mm))
        count = min(count, most)
        height_mm = count * self.style.line_mm
        if self.sheet.fillable and self.question.name:
            return [
                Strip(height_mm + 0.5, [], [Frame(0.0, 0.0, width_mm, height_mm, field=self.place("lines"))])
            ]
        strips = []
        for at in range(count):
            sides = [Frame(x_mm, 0.0, 0.0, self.style.line_mm) for x_mm in (0.0, width_mm)]
            edges = [Frame(0.0, 0.0, width_mm, 0.0, light=at > 0)]
            if at == count - 1:
                edges.append(Frame(0.0, self.style.line_mm, width_mm, 0.0))
            strips.append(Strip(self.style.line_mm, [], [*edges, *sides]))
        strips[-1].height_mm += 0.5
        return strips

    def _cells(self, cells: Cells, width_mm: float) -> list[Strip]:
        """A box a character; on a computer one box as wide as all of them."""
        style = self.style
        whole_mm = sum(cells.groups) * style.cell_mm + (len(cells.groups) - 1) * BETWEEN_GROUPS_MM
        if self.sheet.fillable and self.question.name:
            return [self._frame_strip(min(width_mm, max(whole_mm, 30.0)))]
        strips: list[Strip] = [Strip(style.line_mm)]
        x_mm, height_mm = 0.0, style.line_mm - 0.5
        for number, group in enumerate(cells.groups):
            if number and cells.between:
                between = Column(
                    self.setter.text(cells.between, self.element.add("P"), self.body, style.cell_mm)
                )
                middle_mm = (BETWEEN_GROUPS_MM - between.lines[0].inks[0].width_mm) / 2
                strips[-1].texts.append(
                    (x_mm - BETWEEN_GROUPS_MM + middle_mm, (height_mm - self.body.line_mm) / 2, between)
                )
            for _ in range(group):
                if x_mm + style.cell_mm > width_mm + 1e-6:
                    strips.append(Strip(style.line_mm))
                    x_mm = 0.0
                strips[-1].frames.append(Frame(x_mm, 0.0, style.cell_mm, height_mm))
                x_mm += style.cell_mm
            x_mm += BETWEEN_GROUPS_MM
        return strips

    def parts_strip(self, parts: Sequence[BoxPart]) -> Strip:
        """Some boxes for each part, with its word under them."""
        style, x_mm = self.style, 0.0
        small = style.paragraphs[ParagraphKind.SMALL]
        made = Strip(style.line_mm + small.line_mm - 0.3)
        for part in parts:
            wide_mm = part.cells * style.cell_mm
            caption = self._caption(part.label, 40.0)
            made.texts.append((x_mm, style.line_mm - 0.5, caption))
            height_mm = style.line_mm - 0.5
            if self.sheet.fillable and self.question.name:
                made.frames.append(
                    Frame(x_mm, 0.0, wide_mm, height_mm, field=self.place("text", part.id, part.label))
                )
            else:
                made.frames += [
                    Frame(x_mm + at * style.cell_mm, 0.0, style.cell_mm, height_mm)
                    for at in range(part.cells)
                ]
            x_mm += max(wide_mm, caption.lines[0].inks[-1].x_mm + caption.lines[0].inks[-1].width_mm)
            x_mm += BETWEEN_GROUPS_MM
        return made

    def _from_list(self, space: FromList, width_mm: float) -> list[Strip]:
        if not (self.sheet.fillable and self.question.name):
            return [self._frame_strip(width_mm) for _ in range(2 if space.several else 1)]
        if space.several:
            return list(self._ticks(Ticks(space.options, several=True), width_mm))
        strip = self._frame_strip(width_mm, "choice")
        place = strip.frames[0].field
        if place is not None:
            place.options = tuple((option.code, option.label) for option in space.options)
        return [strip]

    def _signature(self, signature: SignatureSpace, width_mm: float) -> list[Strip]:
        style = self.style
        small = style.paragraphs[ParagraphKind.SMALL]
        name_mm = width_mm * 0.62
        name, day = self._caption(signature.name, name_mm), self._caption(signature.date, width_mm - name_mm)
        height_mm = style.line_mm - 0.5
        right_mm = width_mm - name_mm - BETWEEN_GROUPS_MM
        below = Strip(
            small.line_mm + style.line_mm + 1.0,
            [(0.0, 0.6, name), (name_mm + BETWEEN_GROUPS_MM, 0.6, day)],
            [
                Frame(0.0, small.line_mm + 1.0, name_mm, height_mm),
                Frame(name_mm + BETWEEN_GROUPS_MM, small.line_mm + 1.0, right_mm, height_mm),
            ],
        )
        return [Strip(style.signature_mm, [], [Frame(0.0, 0.0, width_mm, style.signature_mm)]), below]

    # --- options -----------------------------------------------------------------------------------------

    def _one_tick(self, tick: OneTick) -> list[Strip]:
        """A box with the question's label beside it."""
        style = self.style
        beside_mm = style.tick_mm + AFTER_TICK_MM if style.tick_mm else 0.0
        question, number_mm = self.question, self._number_mm()
        strips = self._words(self.wide_mm - beside_mm)
        for at, strip in enumerate(strips):
            strip.texts = [
                (x if not at and not place and question.number else x + beside_mm, y, column)
                for place, (x, y, column) in enumerate(strip.texts)
            ]
        x_mm = number_mm
        strips[0].frames.append(self.tick(x_mm, tick.code, "tick", question.label, ""))
        strips[0].height_mm = max(strips[0].height_mm, style.tick_mm + 0.4)
        return strips

    def tick(self, x_mm: float, code: str, kind: FieldKind, words: str, id_end: str) -> Frame:
        """A box to tick in a line of text; `words` are those beside it, `id_end` makes its field's id unique."""
        size_mm = self.style.tick_mm
        top_mm = max(0.0, (self.body.line_mm - size_mm) / 2)
        place = self.place(kind, "", words if kind != "tick" or id_end else "", id_end=id_end)
        if place is not None:
            place.code = code
        return Frame(x_mm, top_mm, size_mm, size_mm, field=place)

    def _ticks(self, ticks: Ticks, width_mm: float) -> Iterator[Strip]:
        """Options row by row, in as many columns as their labels leave room for."""
        if not ticks.options:
            return
        mark_mm = self.style.tick_mm + AFTER_TICK_MM if ticks.boxed else 0.0
        plain = all(not option.hint and not option.go for option in ticks.options)
        widest_mm = max(self._natural_mm(option.label) for option in ticks.options) + mark_mm
        columns = int((width_mm + BETWEEN_COLUMNS_MM) / (widest_mm + BETWEEN_COLUMNS_MM)) if plain else 1
        columns = max(1, min(MOST_COLUMNS, columns, len(ticks.options)))
        column_mm = (width_mm + BETWEEN_COLUMNS_MM) / columns
        elements = self.element.add("L", LIST_DISC if not ticks.boxed else "")
        kind: FieldKind | None = "tick" if ticks.several or len(ticks.options) == 1 else "radio"
        kind = kind if ticks.boxed else None
        row = Strip(0.0)
        for number, option in enumerate(ticks.options, 1):
            x_mm = (number - 1) % columns * column_mm
            strips = self._option(option, number, elements.add("LI"), kind, column_mm - BETWEEN_COLUMNS_MM)
            first, *rest = [strip.moved(x_mm) for strip in strips]
            row.texts += first.texts
            row.frames += first.frames
            row.height_mm = max(row.height_mm, first.height_mm)
            if number % columns == 0 or number == len(ticks.options) or rest:
                yield row
                yield from rest
                row = Strip(0.0)

    def _natural_mm(self, text: str) -> float:
        if len(text) > 100:
            return self.wide_mm
        lines = self.setter.typesetter.lines([StyledText(text, FontStyle(), 0)], self.body.size_pt, 10_000.0)
        return (
            sum(placed.piece.width_em for line in lines for placed in line.pieces)
            * self.body.size_pt
            * MM_PER_PT
            / 1000
            + 0.5
        )

    def _option(
        self, option: TickOption, number: int, item: Element, kind: FieldKind | None, width_mm: float
    ) -> list[Strip]:
        """One option: the box, and its label beside it; a strip a line. `kind` None has no box."""
        frames = []
        mark_mm = 0.0
        if kind is not None:
            mark_mm = self.style.tick_mm + AFTER_TICK_MM
            outer, self.element = self.element, item.add("Lbl") if self.sheet.fillable else self.element
            id_end = str(number)
            frames.append(self.tick(0.0, option.code, kind, option.label, id_end))
            self.element = outer
        go = [StyledRun(f" \u2013 {option.go}", bold=True)] if option.go else []
        content: list[PaperParagraph] = [PaperParagraph([StyledRun(option.label), *go])]
        if option.hint:
            content.append(PaperParagraph(option.hint, kind=ParagraphKind.MUTED))
        column = self.setter.cell(content, item.add("LBody"), width_mm - mark_mm)
        for line in column.lines[1:]:
            line.space_mm = 0.0
        strips = [self._line_strip(column, at, mark_mm) for at in range(len(column.lines))]
        strips[0].frames += frames
        strips[0].height_mm = max(strips[0].height_mm, self.style.tick_mm if kind is not None else 0.0)
        strips[-1].height_mm += BELOW_OPTION_MM if kind is not None else 0.4
        return strips

    # --- fields to type into -----------------------------------------------------------------------------

    def place(
        self, kind: FieldKind, part: str = "", words: str = "", *, id_end: str = ""
    ) -> FieldPlace | None:
        """A new field of this question, with its Form element; None on paper and where there is nothing to read."""
        question = self.question
        if not self.sheet.fillable or not question.name:
            return None
        name = f"{question.name}-{part}" if part else question.name
        place_id = f"{name}-{id_end}" if id_end else name
        label = f"{question.number}. {question.label}" if question.number else question.label
        description = ": ".join(part for part in (question.about, label, words) if part)
        place = FieldPlace(kind, name, place_id, description)
        self.element.add("Form", f"/T {text_string(place_id)}")
        self.sheet.places.append(place)
        return place
