"""The PDF of a form's answers: what people keep, and what carries its own data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from formengine import content
from formengine.fields.base import Display
from formengine.packs import Wording
from formengine.paper.blocks import (
    Answer,
    Answers,
    Block,
    Bullets,
    Callout,
    Content,
    DataTable,
    FlowBlock,
    Heading,
    Kind,
    Numbered,
    Paragraph,
    Run,
    Tone,
)
from formengine.paper.fonts import Fonts, find_fonts
from formengine.paper.tagged import About, Attachment, Furniture, Look, Written, write
from formengine.state import (
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
from formengine.state.views import relevant

DEEPEST_HEADING = 6
# More columns than these break e-mail addresses and long words in the middle.
MOST_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy says besides the answers: who issues it, when it was made, the reference ("" when there is none)."""

    author: str
    at: datetime
    reference: str = ""


def answers_pdf(state: State, copy: Copy, *, fonts: Fonts | None = None, look: Look | None = None) -> Written:
    """The PDF of everything that counts in `state`; the same input gives the same bytes.

    It claims PDF/UA-1 and PDF/A-3A and carries the data as ``answers.json``: the envelope ``submission/1`` when the
    state can be sent, else the answers so far, and the first page then says that it is a draft.
    """
    form = state.form
    wording = Wording(form.definition.language)
    drawing = _Drawing(form.title, wording)
    blocks = [*_front(state, copy, wording), *drawing.pages(state.pages)]
    about = About(form.title, copy.author, _language(form.definition.language), copy.at)
    furniture = Furniture(
        head_left=form.title,
        head_right=copy.reference,
        foot_left=wording.text("paper.made", at=_moment(copy.at, wording)),
        page_of=wording.text("paper.page_of", page="{page}", pages="{pages}"),
        continued=wording.text("paper.continued"),
    )
    return write(
        blocks,
        about,
        fonts or find_fonts(),
        furniture=furniture,
        look=look,
        attachments=(_data(state, copy, wording),),
    )


def _front(state: State, copy: Copy, wording: Wording) -> Iterator[Block]:
    """The title, what the document is, and what must be known before it is read."""
    form = state.form
    yield Heading(form.title, 1)
    rows = []
    if copy.reference:
        rows.append(Answer(wording.text("paper.reference"), copy.reference))
    rows.append(Answer(wording.text("paper.made_label"), _moment(copy.at, wording)))
    rows.append(Answer(wording.text("paper.version"), form.version))
    yield Answers(rows)
    if not state.complete:
        yield Callout(
            wording.text("paper.draft_text", number=len(state.errors)),
            title=wording.text("paper.draft"),
            tone=Tone.WARNING,
        )
    elif form.urgent_if is not None and state.urgent:
        yield Callout(
            wording.text("paper.urgent_text"), title=wording.text("paper.urgent"), tone=Tone.WARNING
        )


def _data(state: State, copy: Copy, wording: Wording) -> Attachment:
    at = copy.at.isoformat()
    if state.complete:
        data = state.submission(at=at, reference=copy.reference)
    else:
        data = {
            "format": "draft/1",
            "form": state.form.id,
            "version": state.form.version,
            "digest": state.form.digest,
            "answers": dict(state.answers),
        }
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False)
    return Attachment("answers.json", text.encode("utf-8"), "application/json", wording.text("paper.data"))


class _Drawing:
    """Draws views as blocks. Runs of fields become one table; headings and lists of items stand between tables."""

    def __init__(self, title: str, wording: Wording) -> None:
        self.title = title
        self.wording = wording

    def pages(self, pages: Sequence[PageState]) -> Iterator[Block]:
        for page in pages:
            # A page that asks nothing guides the person filling in; it says nothing of the answers.
            if not any(isinstance(node, FieldState | RepeatState) for node in _questions(page.nodes)):
                continue
            if page.title != self.title:
                yield Heading(page.title, 2)
                yield from self.nodes(page.nodes, 3)
            else:
                yield from self.nodes(page.nodes, 2)

    def nodes(self, nodes: Sequence[NodeState], level: int) -> Iterator[Block]:
        """The nodes that count, headings beginning at `level`."""
        rows: list[Answer] = []
        for node in relevant(tuple(nodes)):
            row = self._row(node)
            if row is not None:
                rows.append(row)
                continue
            if rows:
                yield Answers(tuple(rows))
                rows = []
            yield from self._block(node, level)
        if rows:
            yield Answers(tuple(rows))

    def _row(self, node: NodeState) -> Answer | None:
        """The table row of a node that is one: a field, or a composite such as an address."""
        if isinstance(node, FieldState):
            if node.field.paper_only or not node.field.holds_answer:
                return Answer(node.label, "")
            return Answer(node.label, self.display(node.display))
        if isinstance(node, GroupState) and node.group.spec.composite is not None:
            displays = {
                inner.field.id: inner.display
                for inner in node.nodes
                if isinstance(inner, FieldState) and inner.display is not None
            }
            whole = node.group.spec.composite.display(displays) if displays else None
            return Answer(node.label, self.display(whole))
        return None

    def _block(self, node: NodeState, level: int) -> Iterator[Block]:
        deeper = min(level + 1, DEEPEST_HEADING)
        if isinstance(node, NoteState):
            yield from paper_blocks(node.text)
        elif isinstance(node, SectionState | GroupState):
            inner = list(self.nodes(node.nodes, deeper))
            if inner:
                yield Heading(node.label, level)
                yield from inner
        elif isinstance(node, RepeatState):
            yield Heading(node.label, level)
            if not node.items:
                yield Paragraph(self.wording.text("paper.no_items"), kind=Kind.MUTED)
            elif node.repeat.spec.layout == "table" and _is_flat(node.items):
                yield self._table(node)
            else:
                for item in node.items:
                    yield Heading(f"{item.number}. {item.title}", deeper)
                    yield from self._item(item, min(deeper + 1, DEEPEST_HEADING))

    def _item(self, item: ItemState, level: int) -> Iterator[Block]:
        if not item.pages:
            yield from self.nodes(item.nodes, level)
            return
        for page in item.pages:
            inner = list(self.nodes(page.nodes, min(level + 1, DEEPEST_HEADING)))
            if inner:
                yield Heading(page.title, level)
                yield from inner

    def _table(self, node: RepeatState) -> DataTable:
        """A repeat of few short fields as one table, a row an item."""
        columns = [field.settings.name for field in node.items[0].nodes if isinstance(field, FieldState)]
        rows = [
            [self.display(field.display) for field in item.nodes if isinstance(field, FieldState)]
            for item in node.items
        ]
        return DataTable(columns, rows)

    def display(self, display: Display | None) -> Content:
        """An answer as the contents of a cell; "Not provided" without one."""
        if display is None:
            return Run(self.wording.text("values.not_provided"), emphasis=True)
        texts = [self.wording.word(text) for text in display.texts]
        if display.shape == "list" and len(texts) > 1:
            return (Bullets(tuple(texts)),)
        if display.shape == "link" and display.href.isascii():
            return Run(texts[0], link=display.href)
        return "\n".join(texts)


def _is_flat(items: Sequence[ItemState]) -> bool:
    """Whether all items have the same few plain fields, so that they fit the columns of one table."""
    shapes = {
        tuple(node.field.key if isinstance(node, FieldState) else "" for node in relevant(item.nodes))
        for item in items
    }
    if len(shapes) != 1:
        return False
    (shape,) = shapes
    return "" not in shape and 1 < len(shape) <= MOST_COLUMNS


def _questions(nodes: Sequence[NodeState]) -> Iterator[NodeState]:
    """The nodes that count, those in sections and groups among them."""
    for node in relevant(tuple(nodes)):
        yield node
        if isinstance(node, SectionState | GroupState):
            yield from _questions(node.nodes)


def paper_blocks(blocks: Sequence[content.Block]) -> Iterator[Block]:
    """An author's Markdown as paper blocks; its headings are bold lines, so that no level of heading is skipped."""
    for block in blocks:
        if isinstance(block, content.Heading):
            # Authors' headings begin at 2; a note's stand within the section they are in, and none is skipped.
            yield Paragraph(tuple(Run(run.text, bold=True) for run in _runs(block.runs)), keep_with_next=True)
        elif isinstance(block, content.Callout):
            yield Callout(tuple(_flow(block.blocks)))
        else:
            yield from _flow((block,))


def _flow(blocks: Sequence[content.Block]) -> Iterator[FlowBlock]:
    for block in blocks:
        if isinstance(block, content.Paragraph | content.Heading):
            yield Paragraph(_runs(block.runs))
        elif isinstance(block, content.BulletList):
            yield Bullets([tuple(_flow(item)) for item in block.items])
        elif isinstance(block, content.NumberedList):
            yield Numbered([tuple(_flow(item)) for item in block.items], block.start)
        else:
            yield from _flow(block.blocks)


def _runs(runs: Sequence[content.Inline]) -> tuple[Run, ...]:
    found = []
    for run in runs:
        if isinstance(run, content.LineBreak):
            found.append(Run("\n"))
        elif isinstance(run.text, str):
            link = run.href if run.href.isascii() and run.href else None
            found.append(Run(run.text, bold=run.bold, emphasis=run.emphasis, link=link))
    return tuple(found)


def _moment(at: datetime, wording: Wording) -> str:
    day = wording.text(
        "dates.day", day=str(at.day), month=wording.text(f"dates.months.{at.month}"), year=str(at.year)
    )
    return wording.text("paper.moment", day=day, time=f"{at:%H:%M}")


def _language(language: str) -> str:
    """The document's language tag: English forms are British."""
    return "en-GB" if language == "en" else language
