"""The answers of a state as paper blocks: what stands in a copy, and in which order.

Labels stand as they were asked. What helped to fill the form in is left out: hints, intros, pages that ask nothing,
and notes beside questions. Notes set apart (``style: inset`` or ``warning``) and notes alone under their heading are
statements, and stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from formengine.form.state import (
    FieldError,
    FieldState,
    GroupState,
    ItemState,
    NodeState,
    NoteState,
    PageState,
    RepeatState,
    SectionState,
    State,
)
from formengine.form.state.views import relevant
from formengine.language.expressions.ast import Kind as AnswerKind
from formengine.language.fields.base import CompositeType, Display
from formengine.language.words import Wording
from formengine.output.paper.prose import flow, prose
from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    Content,
    DataTable,
    FlowBlock,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    Tone,
    flow_blocks,
)
from formengine.output.paper.tagged.flow import plain
from formengine.output.paper.tagged.style import PaperStyle

DEEPEST_HEADING = 6
# More columns than these break e-mail addresses and long words in the middle.
MOST_COLUMNS = 4
# Labels of more characters are statements; answers of fewer need little room.
LONG, SHORT = 90, 30
LABEL_SHARE, STATEMENT_SHARE = 0.36, 0.7


class AnswerBlocks:
    """Draws the pages of one state. Runs of fields become one table; headings and lists of items stand between tables.

    `reported` are the paths of the errors already reported beside what they are about; the rest go to the front.
    """

    def __init__(self, state: State, wording: Wording, style: PaperStyle) -> None:
        self.state = state
        self.wording = wording
        self.style = style
        self.errors: Mapping[str, FieldError] = state.errors
        self.reported: set[str] = set()

    def pages(self) -> Iterator[PaperBlock]:
        """Every page that asks something, and the page where the journey stopped."""
        for page in self.state.pages:
            if page.page.spec.stop:
                yield PaperHeading(page.title, 2)
                yield PaperCallout(flow(page.intro), tone=Tone.WARNING)
                yield from self._to_put_right(*(error.path for error in page.errors))
            elif not _asks(page.nodes) or page.page.spec.screen_only:
                continue
            else:
                title = self._title(page)
                yield PaperHeading(title, 2)
                yield from self._nodes(page.nodes, 3, title)

    def _title(self, page: PageState) -> str:
        """The page's title, unless the document already has it as its own."""
        if page.page is self.state.form.start:
            return self.wording.text("paper.start")
        return page.title if page.title != self.state.form.title else self.wording.text("paper.answers")

    def _nodes(self, nodes: Sequence[NodeState], level: int, title: str) -> Iterator[PaperBlock]:
        """The nodes that count, under a heading `title`; the headings among them are of `level`."""
        kept = [node for node in relevant(tuple(nodes)) if not _is_for_screen(node)]
        if _asks(kept):
            kept = [node for node in kept if not _helps_to_fill_in(node)]
        rows: list[Answer] = []
        headed = False
        for node in kept:
            row = self._row(node)
            blocks = [] if row is not None else list(self._blocks(node, level, title))
            if row is None and not blocks:
                continue
            heads = row is None and not isinstance(node, NoteState)
            if row is None and rows:
                yield _table(rows, title)
                rows = []
            if headed and not heads:
                # Without a heading this would be read as part of the group or the last item above it.
                yield PaperHeading(self.wording.text("paper.more", label=title), level)
            headed = heads
            if row is not None:
                rows.append(row)
            yield from blocks
        if rows:
            yield _table(rows, title)

    def _blocks(self, node: NodeState, level: int, title: str) -> Iterator[PaperBlock]:
        """A note; or a section, group or repeat under its own heading, left out when it says `title` again."""
        if isinstance(node, NoteState):
            yield from _note(node)
        elif not isinstance(node, FieldState):
            again = node.label.strip().casefold() == title.strip().casefold()
            inside = level if again else min(level + 1, DEEPEST_HEADING)
            blocks = list(self._inside(node, inside))
            if blocks and not again:
                yield PaperHeading(node.label, level)
            yield from blocks

    def _inside(self, node: SectionState | GroupState | RepeatState, level: int) -> Iterator[PaperBlock]:
        if isinstance(node, RepeatState):
            yield from self._items(node, level)
        else:
            if isinstance(node, GroupState):
                yield from self._to_put_right(node.path)
            yield from self._nodes(node.nodes, level, node.label)

    def _items(self, node: RepeatState, level: int) -> Iterator[PaperBlock]:
        wrong = list(self._to_put_right(node.path))
        if not node.items:
            yield PaperParagraph(
                self.wording.text("paper.no_items"), kind=ParagraphKind.MUTED, keep_with_next=bool(wrong)
            )
        yield from wrong
        if node.repeat.spec.layout == "table" and node.items and _is_flat(node.items):
            yield self._table(node)
        else:
            inside = min(level + 1, DEEPEST_HEADING)
            for item in node.items:
                title = f"{item.number}. {item.title}"
                yield PaperHeading(title, level)
                if not item.pages:
                    yield from self._nodes(item.nodes, inside, title)
                for page in item.pages:
                    if page.page.spec.screen_only:
                        continue
                    inner = list(self._nodes(page.nodes, min(inside + 1, DEEPEST_HEADING), page.title))
                    if inner:
                        yield PaperHeading(page.title, inside)
                        yield from inner

    def _table(self, node: RepeatState) -> DataTable:
        """A repeat of few short fields as one table, a row an item."""
        fields = [
            [field for field in relevant(item.nodes) if isinstance(field, FieldState)] for item in node.items
        ]
        columns = [field.settings.name for field in fields[0]]
        return DataTable(columns, [[self._value(field) for field in row] for row in fields], about=node.label)

    def _row(self, node: NodeState) -> Answer | None:
        """The table row of a field, or of a composite such as an address; None for anything else."""
        if isinstance(node, GroupState) and node.group.spec.composite is not None:
            return Answer(node.label, self._whole(node, node.group.spec.composite))
        if not isinstance(node, FieldState):
            return None
        if node.field.holds_answer:
            return Answer(node.label, self._value(node))
        signed = node.field.spec.type.paper_space(node.settings).shape == "signature"
        words = self.wording.text("paper.to_sign" if signed else "paper.to_write")
        room_mm = self.style.signature_mm if signed else self.style.writing_mm
        return Answer(node.label, (PaperParagraph(words, kind=ParagraphKind.SMALL),), room_mm=room_mm)

    def _value(self, node: FieldState) -> Content:
        if not node.field.holds_answer:
            return self.wording.text("paper.to_write")
        display = _display(node)
        if (
            display is None
            and node.field.spec.type.kind(node.settings) is AnswerKind.TICK
            and node.path not in self.errors
        ):
            # An empty box is an answer; nobody passed it over.
            return StyledRun(self.wording.text("values.not_ticked"), emphasis=True)
        return self._with_errors(self._read(display), node.path)

    def _whole(self, node: GroupState, composite: CompositeType) -> Content:
        """A group that reads as a whole."""
        parts = [part for part in relevant(node.nodes) if isinstance(part, FieldState)]
        displays = {part.field.id: display for part in parts if (display := _display(part)) is not None}
        whole = composite.display(displays) if displays else None
        return self._with_errors(self._read(whole), node.path, *(part.path for part in parts))

    def _read(self, display: Display | None) -> Content:
        """An answer as the contents of a cell; "Not provided" without one.

        An address someone gave is text, never a link: nobody shall follow it because a council's document offers it.
        """
        if display is None:
            return StyledRun(self.wording.text("values.not_provided"), emphasis=True)
        texts = [self.wording.word(text) for text in display.texts]
        if display.shape == "list" and len(texts) > 1:
            return (Bullets(tuple(texts)),)
        return "\n".join(texts)

    def _with_errors(self, value: Content, *paths: str) -> Content:
        wrong = tuple(self._to_put_right(*paths))
        return (*flow_blocks(value), *wrong) if wrong else value

    def _to_put_right(self, *paths: str) -> Iterator[FlowBlock]:
        """What is wrong at these paths, each a paragraph."""
        for path in paths:
            if path in self.errors and path not in self.reported:
                self.reported.add(path)
                yield self.problem(self.errors[path])

    def problem(self, error: FieldError) -> PaperParagraph:
        """What is wrong, in words."""
        words = StyledRun(" " + self.wording.words(error))
        return PaperParagraph((StyledRun(self.wording.text("paper.to_put_right"), bold=True), words))


def _display(node: FieldState) -> Display | None:
    """The answer to be read; one that cannot be read is shown as it was typed, so that a draft loses nothing."""
    if node.display is not None or node.value is None:
        return node.display
    return node.field.spec.type.display(node.value, node.settings)


def _table(rows: Sequence[Answer], title: str) -> AnswerTable:
    """A table of answers; long statements with a short answer each get more of its width."""
    longest = max(len(row.label) for row in rows if isinstance(row.label, str))
    short = all(isinstance(row.value, str | StyledRun) and len(plain(row.value)) <= SHORT for row in rows)
    share = STATEMENT_SHARE if short and longest > LONG else LABEL_SHARE
    return AnswerTable(tuple(rows), about=title, label_share=share)


def _note(node: NoteState) -> Iterator[PaperBlock]:
    style = node.note.spec.style
    if style == "plain":
        yield from prose(node.text)
    else:
        yield PaperCallout(flow(node.text), tone=Tone.WARNING if style == "warning" else Tone.NOTE)


def _helps_to_fill_in(node: NodeState) -> bool:
    return isinstance(node, NoteState) and node.note.spec.style == "plain"


def _is_for_screen(node: NodeState) -> bool:
    """Whether a note or section helps on screen alone."""
    match node:
        case NoteState():
            return node.note.spec.screen_only
        case SectionState():
            return node.section.spec.screen_only
        case _:
            return False


def _asks(nodes: Sequence[NodeState]) -> bool:
    """Whether there is a question among the nodes that count, those in sections and groups included."""
    return any(
        isinstance(node, FieldState | RepeatState)
        or (isinstance(node, SectionState | GroupState) and _asks(node.nodes))
        for node in relevant(tuple(nodes))
    )


def _is_flat(items: Sequence[ItemState]) -> bool:
    """Whether all items have the same few plain fields, so that they fit the columns of one table."""
    shapes = {
        tuple(node.field.key if isinstance(node, FieldState) else "" for node in relevant(item.nodes))
        for item in items
        if not item.pages
    }
    if len(shapes) != 1 or any(item.pages for item in items):
        return False
    (shape,) = shapes
    return "" not in shape and 1 < len(shape) <= MOST_COLUMNS
