"""The answers of a state as people read them back, for HTML and text to draw: pages, headings, labels, items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from formengine.expressions import Kind
from formengine.fields.base import Display
from formengine.form import Repeat
from formengine.packs import Wording
from formengine.render.questions import first_control
from formengine.state import (
    FieldError,
    FieldState,
    GroupState,
    ItemState,
    NodeState,
    PageState,
    RepeatState,
    SectionState,
    State,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One label with what was answered. `texts` is empty where nothing was; then `otherwise` is said.

    shape: "text", "lines", "list" or "link" (to `href`). path: the answer's. control: the id of the control that asks
    for it, "" where nobody can change it. page: the page that asks.
    """

    label: str
    texts: tuple[str, ...]
    otherwise: str
    shape: str
    href: str
    path: str
    control: str
    page: str
    error: FieldError | None


Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """One item of a list; `pages` are the ids of its own pages, if it has any."""

    id: str
    title: str
    rows: Rows
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListAnswers:
    """A list with its items; `path` is the repeat's, `layout` how it is filled in."""

    path: str
    layout: Literal["cards", "table"]
    label: str
    item_name: str
    items: tuple[ItemAnswers, ...]
    error: FieldError | None
    page: str


@dataclass(frozen=True, slots=True)
class RowsAnswers:
    """Rows under the label of their group or section, "" for none."""

    label: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class PageAnswers:
    """The answers of one page, in reading order."""

    id: str
    title: str
    parts: tuple[RowsAnswers | ListAnswers, ...]


def answers_to_read(state: State, words: Wording) -> tuple[PageAnswers, ...]:
    """The pages that ask anything, with what was answered; questions that do not count are left out."""
    pages = []
    for page in state.pages:
        parts = tuple(_joined(_parts(page, page.nodes, "", words)))
        if parts and not page.page.spec.paper_only:
            pages.append(PageAnswers(page.id, page.title, parts))
    return tuple(pages)


def item_rows(repeat: Repeat, item: ItemState, words: Wording) -> Rows:
    """The rows of one item, those of its groups and pages among them."""
    nodes = tuple(node for page in item.pages for node in page.nodes) if item.pages else item.nodes
    return tuple(_rows(nodes, repeat.page, words))


def _parts(
    page: PageState, nodes: tuple[NodeState, ...], label: str, words: Wording
) -> Iterator[RowsAnswers | ListAnswers]:
    for node in nodes:
        if not node.relevance:
            continue
        if isinstance(node, RepeatState):
            yield _list(page, node, words)
        elif isinstance(node, SectionState) or (
            isinstance(node, GroupState) and node.group.spec.composite is None
        ):
            yield from _parts(page, node.nodes, node.label, words)
        else:
            rows = tuple(_rows((node,), page.id, words))
            if rows:
                yield RowsAnswers(label, rows)


def _joined(parts: Iterator[RowsAnswers | ListAnswers]) -> Iterator[RowsAnswers | ListAnswers]:
    """The same with neighbouring rows of one label together."""
    last: RowsAnswers | None = None
    for part in parts:
        if last is not None and isinstance(part, RowsAnswers) and part.label == last.label:
            last = RowsAnswers(last.label, last.rows + part.rows)
            continue
        if last is not None:
            yield last
        last = part if isinstance(part, RowsAnswers) else None
        if last is None:
            yield part
    if last is not None:
        yield last


def _list(page: PageState, node: RepeatState, words: Wording) -> ListAnswers:
    items = tuple(
        ItemAnswers(
            item.id, item.title, item_rows(node.repeat, item, words), tuple(page.id for page in item.pages)
        )
        for item in node.items
    )
    spec = node.repeat.spec
    return ListAnswers(node.path, spec.layout, node.label, spec.item_name, items, node.error, page.id)


def _rows(nodes: tuple[NodeState, ...], page: str, words: Wording) -> Iterator[Row]:
    for node in nodes:
        if not node.relevance or isinstance(node, RepeatState):
            continue
        if isinstance(node, FieldState):
            if node.field.holds_answer and (node.options or not node.field.sources):
                yield _row(node, page, words)
        elif isinstance(node, GroupState) and node.group.spec.composite is not None:
            yield from _composite_row(node, page, words)
        elif isinstance(node, GroupState | SectionState):
            yield from _rows(node.nodes, page, words)


def _row(node: FieldState, page: str, words: Wording) -> Row:
    display = _display(node)
    texts = tuple(words.word(text) for text in display.texts) if display is not None else ()
    asked = node.field.is_asked and not node.field.spec.read_only
    return Row(
        label=node.label,
        texts=texts,
        otherwise=words.text("values.not_ticked" if _is_box(node) else "values.not_provided"),
        shape=display.shape if display is not None else "text",
        href=display.href if display is not None else "",
        path=node.path,
        control=first_control(node) if asked else "",
        page=page,
        error=node.error,
    )


def _is_box(node: FieldState) -> bool:
    """Whether the question is one box to tick: left empty it says something, and nobody passed it over."""
    return node.field.spec.type.kind(node.settings) is Kind.TICK and node.error is None


def _display(node: FieldState) -> Display | None:
    """The answer to be read; one that does not count is shown as it was typed."""
    if node.display is not None or node.value is None:
        return node.display
    return node.field.spec.type.display(node.value, node.settings)


def _composite_row(node: GroupState, page: str, words: Wording) -> Iterator[Row]:
    """One row for a group that reads as a whole, such as an address."""
    parts = [part for part in node.nodes if isinstance(part, FieldState) and part.relevance]
    composite = node.group.spec.composite
    if composite is None or not parts:
        return
    displays = {part.field.id: display for part in parts if (display := _display(part)) is not None}
    display = composite.display(displays) if displays else None
    error = next((part.error for part in parts if part.error is not None), None)
    yield Row(
        label=node.label,
        texts=tuple(words.word(text) for text in display.texts) if display is not None else (),
        otherwise=words.text("values.not_provided"),
        shape=display.shape if display is not None else "text",
        href="",
        path=node.path,
        control=first_control(next((part for part in parts if part.error is not None), parts[0])),
        page=page,
        error=error,
    )
