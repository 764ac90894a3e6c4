"""Blocks set at a width: structure elements made in reading order, and lines ready to be put on pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.blocks import (
    Bullets,
    Content,
    FlowBlock,
    Numbered,
    PaperParagraph,
    RichText,
    StyledRun,
    flow_blocks,
    runs,
)
from formengine.output.paper.tagged.canvas import Area, Artifact, Canvas
from formengine.output.paper.tagged.fonts import FontStyle
from formengine.output.paper.tagged.structure import LIST_DECIMAL, LIST_DISC, Element, Leaf
from formengine.output.paper.tagged.style import MM_PER_PT, Colour, PaperStyle, TextStyle
from formengine.output.paper.tagged.text import StyledText, TextRun, Typesetter

BULLET = "\u2022"


@dataclass(slots=True)
class LinkTarget:
    """Where a piece of text leads: the Link element, its address and its whole text."""

    element: Element
    address: str
    words: str


@dataclass(slots=True)
class Ink:
    """A piece of text on a line, with the leaf it is content of."""

    piece: TextRun
    x_mm: float
    size_pt: float
    colour: Colour
    leaf: Leaf
    link: LinkTarget | None = None

    @property
    def width_mm(self) -> float:
        """How wide the piece is."""
        return self.piece.width_em * self.size_pt * MM_PER_PT / 1000


@dataclass(slots=True)
class Line:
    """A line ready for a page: `space_mm` above it unless it is the first on a page or in a box."""

    inks: list[Ink]
    height_mm: float
    baseline_mm: float
    space_mm: float = 0.0
    keep_with_next: bool = False

    @property
    def width_mm(self) -> float:
        """How far from its left the line is inked."""
        return max((ink.x_mm + ink.width_mm for ink in self.inks), default=0.0)

    def draw(self, canvas: Canvas, x_mm: float, y_mm: float, *, repeated: bool = False) -> None:
        """Draw the line with its top left at the point given; `repeated` text is an artifact."""
        for ink in self.inks:
            place = Artifact.REPEATED if repeated else ink.leaf
            baseline_mm = y_mm + self.baseline_mm
            canvas.piece(
                ink.piece,
                place,
                x_mm=x_mm + ink.x_mm,
                baseline_mm=baseline_mm,
                size_pt=ink.size_pt,
                colour=ink.colour,
            )
            if ink.link is not None:
                self._underline(canvas, ink, x_mm + ink.x_mm, baseline_mm)
                if not repeated:
                    area = Area(x_mm + ink.x_mm, y_mm, ink.width_mm, self.height_mm)
                    canvas.link(ink.link.element, ink.link.address, ink.link.words, area)

    @staticmethod
    def _underline(canvas: Canvas, ink: Ink, x_mm: float, baseline_mm: float) -> None:
        em_mm = ink.size_pt * MM_PER_PT
        with canvas.decoration():
            canvas.line(x_mm, baseline_mm + 0.12 * em_mm, x_mm + ink.width_mm, 0.05 * em_mm, ink.colour)


@dataclass(slots=True)
class Column:
    """Lines one under the other, in a cell, a callout or on the page."""

    lines: list[Line] = field(default_factory=list)

    def height_mm(self, first: int = 0) -> float:
        """The height of the lines from `first` on, without the space above the first of them."""
        rest = self.lines[first:]
        return sum(line.height_mm + line.space_mm for line in rest) - (rest[0].space_mm if rest else 0.0)

    def fitting(self, first: int, room_mm: float) -> int:
        """How many lines from `first` on fit in `room_mm`."""
        used = 0.0
        for count, line in enumerate(self.lines[first:]):
            used += line.height_mm + (line.space_mm if count else 0.0)
            if used > room_mm + 1e-6:
                return count
        return len(self.lines) - first

    def draw(
        self, canvas: Canvas, x_mm: float, y_mm: float, first: int, count: int, *, repeated: bool = False
    ) -> float:
        """Draw `count` lines from `first` on; returns the height used, in millimetres."""
        top_mm = y_mm
        for number, line in enumerate(self.lines[first : first + count]):
            y_mm += line.space_mm if number else 0.0
            line.draw(canvas, x_mm, y_mm, repeated=repeated)
            y_mm += line.height_mm
        return y_mm - top_mm


@dataclass(frozen=True, slots=True)
class Setter:
    """Sets blocks with a typesetter and a style."""

    typesetter: Typesetter
    style: PaperStyle

    def line(self, text: str, leaf: Leaf, style: TextStyle) -> Line:
        """One line of `text` as content of `leaf`, however wide."""
        set_line = self.typesetter.lines(
            [StyledText(text, FontStyle(style.bold), 0)], style.size_pt, 10_000.0
        )[0]
        inks = [
            Ink(placed.piece, placed.x_mm, style.size_pt, style.colour, leaf) for placed in set_line.pieces
        ]
        return Line(inks, style.line_mm, _baseline_mm(style))

    def text(
        self, text: RichText, element: Element, style: TextStyle, width_mm: float, *, bold: bool = False
    ) -> list[Line]:
        """The lines of `text` as content of `element`, whose children are the spans and links in it."""
        parts = [run for run in runs(text) if run.text]
        styled, leaves, links = [], [], []
        for number, run in enumerate(parts):
            styled.append(
                StyledText(run.text, FontStyle(bold or run.bold or style.bold, run.emphasis), number)
            )
            leaf, link = _leaf(element, run)
            leaves.append(leaf)
            links.append(link)
        if not styled:
            styled, leaves, links = [StyledText("", FontStyle(), 0)], [element.leaf()], [None]
        lines = []
        for set_line in self.typesetter.lines(styled, style.size_pt, width_mm):
            inks = [
                Ink(
                    placed.piece,
                    placed.x_mm,
                    style.size_pt,
                    style.colour if links[placed.source] is None else self.style.link,
                    leaves[placed.source],
                    links[placed.source],
                )
                for placed in set_line.pieces
            ]
            lines.append(Line(inks, style.line_mm, _baseline_mm(style)))
        return lines

    def paragraph(
        self, block: PaperParagraph, parent: Element, width_mm: float, *, bold: bool = False
    ) -> list[Line]:
        """The lines of a paragraph, a P of `parent`."""
        style = self.style.paragraphs[block.kind]
        lines = self.text(block.text, parent.add("P", language=block.language), style, width_mm, bold=bold)
        lines[0].space_mm = style.space_before_mm
        for line in lines if block.keep_with_next else ():
            line.keep_with_next = True
        return lines

    def flow(self, block: FlowBlock, parent: Element, width_mm: float, *, bold: bool = False) -> list[Line]:
        """The lines of a paragraph or list."""
        if isinstance(block, PaperParagraph):
            return self.paragraph(block, parent, width_mm, bold=bold)
        return self.list(block, parent, width_mm)

    def list(self, block: Bullets | Numbered, parent: Element, width_mm: float) -> list[Line]:
        """The lines of a list, an L of `parent`: each item an LI of Lbl and LBody."""
        numbered = isinstance(block, Numbered)
        element = parent.add("L", LIST_DECIMAL if numbered else LIST_DISC)
        body_look = self.style.paragraphs[PaperParagraph("").kind]
        labels = [
            f"{block.start + n}." if isinstance(block, Numbered) else BULLET for n in range(len(block.items))
        ]
        widest_em = max((self.typesetter.word(label).width_em for label in labels), default=0)
        indent_mm = max(self.style.list_indent_mm, widest_em * body_look.size_pt * MM_PER_PT / 1000 + 2.0)
        # A list nested beyond what a narrow cell has room for stops moving to the right.
        indent_mm = min(indent_mm, width_mm / 3)
        lines: list[Line] = []
        for label, item in zip(labels, block.items, strict=True):
            part = element.add("LI")
            label_line = self.text(label, part.add("Lbl"), body_look, width_mm)[0]
            inner = self.cell(item, part.add("LBody"), width_mm - indent_mm).lines
            for line in inner:
                for ink in line.inks:
                    ink.x_mm += indent_mm
            first = inner[0] if inner else Line([], label_line.height_mm, label_line.baseline_mm)
            first.inks[:0] = label_line.inks
            first.space_mm = self.style.list_gap_mm if lines else body_look.space_before_mm
            lines += inner or [first]
        return lines

    def cell(self, content: Content, element: Element, width_mm: float, *, bold: bool = False) -> Column:
        """What a cell, an item or a callout holds.

        A single plain paragraph is content of `element` itself.
        """
        blocks = flow_blocks(content)
        if len(blocks) == 1 and isinstance(blocks[0], PaperParagraph) and blocks[0].language is None:
            style = self.style.paragraphs[blocks[0].kind]
            return Column(self.text(blocks[0].text, element, style, width_mm, bold=bold))
        lines: list[Line] = []
        for block in blocks:
            added = self.flow(block, element, width_mm, bold=bold)
            if not isinstance(block, PaperParagraph) and added:
                # In a small place a list stands close to the words that announce it.
                added[0].space_mm = self.style.list_gap_mm
            lines += added
        return Column(lines)


def _baseline_mm(style: TextStyle) -> float:
    """Where the baseline stands, so that capitals, 0.66 of the size in Source Sans, are in the line's middle."""
    return style.line_mm / 2 + 0.33 * style.size_pt * MM_PER_PT


def _leaf(element: Element, run: StyledRun) -> tuple[Leaf, LinkTarget | None]:
    """The leaf a run's text goes to, in spans for what it means, and its link."""
    link = None
    if run.link is not None:
        element = element.add("Link", language=run.language)
        link = LinkTarget(element, run.link, scripts.clean(run.text).strip() or run.link)
    elif run.language is not None and not (run.bold or run.emphasis):
        element = element.add("Span", language=run.language)
    if run.bold:
        element = element.add("Strong", language=None if link else run.language)
    if run.emphasis:
        element = element.add("Em", language=None if link or run.bold else run.language)
    return element.leaf(), link


def plain(text: RichText) -> str:
    """The words of `text` without their styles."""
    return "".join(run.text for run in runs(text))
