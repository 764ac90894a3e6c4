"""The answers of a state as people read them back, for HTML and text to draw: pages, headings, labels, items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from formengine.form.plan import Field, Form, Group, Node, Repeat, Run, Section, scope_name, walk
from formengine.form.plan.forward_pass import people_of
from formengine.form.state import FieldError, State
from formengine.form.state.counted import answer_to_read
from formengine.language.expressions import Kind
from formengine.language.fields.base import CompositeType, Display
from formengine.language.words import Wording
from formengine.output.html.questions import boxes_of, control_id


class AnswerRow(NamedTuple):
    """One label with what was answered. `texts` is empty where nothing was; then `otherwise` is shown.

    shape: "text", "lines", "list" or "link" (to `href`). path: the answer's. control: the id of the control that asks
    for it, "" where nobody can change it. page: the page that asks. question: the key of the question or
    group, the same in all items; "" where answers stand in its label.
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
    question: str


Rows = tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """One item of a list. row_pages: for each row the id of the item's page that asks, "" for items without pages."""

    id: str
    title: str
    rows: Rows
    row_pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListAnswers:
    """A list with its items; `path` is the repeat's, `layout` how it is filled in. plain: as of rows."""

    path: str
    layout: Literal["cards", "table"]
    label: str
    item_name: str
    items: tuple[ItemAnswers, ...]
    error: FieldError | None
    page: str
    plain: bool


@dataclass(frozen=True, slots=True)
class RowsAnswers:
    """Rows under the label of their group or section, "" for none. plain: the label is the same for everybody."""

    label: str
    rows: Rows
    plain: bool


@dataclass(frozen=True, slots=True)
class PageAnswers:
    """The answers of one page, in reading order. plain: its title is the same for everybody."""

    id: str
    title: str
    parts: tuple[RowsAnswers | ListAnswers, ...]
    plain: bool


class _Label(NamedTuple):
    """The heading of a group or section and the scope it stands in; plain: no answers stand in it."""

    text: str
    scope: str
    plain: bool


class _Asked(NamedTuple):
    """A question as all its rows have it. boxes: the names of its parts. otherwise: what is shown without an answer."""

    node: Field
    page: str
    boxes: Sequence[str]
    asked: bool
    otherwise: str
    plain: bool


class _Whole(NamedTuple):
    """A group that reads as one row, such as an address."""

    node: Group
    page: str
    composite: CompositeType
    parts: tuple[_Asked, ...]


class _List(NamedTuple):
    node: Repeat
    page: str


_Entry = tuple[_Label, _Asked | _Whole | _List]
_NO_LABEL = _Label("", "", plain=True)


class Reading:
    """How the answers of one form are read back. What is the same for everybody is found once; shared by threads."""

    def __init__(self, form: Form, words: Wording) -> None:
        self._words = words
        self._pages = {page.id: tuple(self._entries(page.nodes, _NO_LABEL)) for page in form.every_page}
        self._items = {
            key: tuple(entry for _, entry in self._entries(repeat.nodes, _NO_LABEL))
            for key, repeat in form.repeats.items()
        }
        self._item_pages = {
            key: {
                node.key: page.id
                for page in repeat.pages
                for node in walk(page.nodes)
                if isinstance(node, Field | Group)
            }
            for key, repeat in form.repeats.items()
        }

    def pages(self, state: State) -> tuple[PageAnswers, ...]:
        """The pages that ask anything, with what was answered; questions that do not count are left out."""
        found = []
        for page in state.page_names:
            parts = () if page.page.spec.paper_only else tuple(self._parts(page.id, state))
            if parts:
                found.append(PageAnswers(page.id, page.title, parts, page.title is page.page.title))
        return tuple(found)

    def item_rows(self, state: State, repeat: str, run: Run) -> Rows:
        """The rows of one item, those of its groups and pages among them."""
        prefix = f"{repeat}.{run.answers['id']}."
        return tuple(
            row for entry in self._items[repeat] if (row := self._row(entry, state, run, prefix)) is not None
        )

    # --- once a form -------------------------------------------------------------------------------------------------

    def _entries(self, nodes: tuple[Node, ...], label: _Label) -> Iterator[_Entry]:
        for node in nodes:
            match node:
                case Field():
                    if node.holds_answer:
                        yield label, self._asked(node)
                case Repeat():
                    yield label, _List(node, node.page)
                case Group() if node.spec.composite is not None:
                    parts = tuple(self._asked(part) for part in node.nodes if isinstance(part, Field))
                    yield label, _Whole(node, node.page, node.spec.composite, parts)
                case Group():
                    scope = scope_name(node.repeat, node.key)
                    yield from self._entries(node.nodes, _label(node, scope))
                case Section():
                    yield from self._entries(node.nodes, _label(node, label.scope))

    def _asked(self, node: Field) -> _Asked:
        spec, settings = node.spec, node.spec.settings
        is_box = spec.type.kind(settings) is Kind.TICK
        return _Asked(
            node=node,
            page=node.page,
            boxes=boxes_of(node, settings),
            asked=node.is_asked and not spec.read_only,
            # A single box to tick is an answer even when left empty: nobody passed it over.
            otherwise=self._words.text("values.not_ticked" if is_box else "values.not_provided"),
            plain=not (node.sources or node.offers or "((" in settings.label),
        )

    # --- for each state ----------------------------------------------------------------------------------------------

    def _parts(self, page: str, state: State) -> Iterator[RowsAnswers | ListAnswers]:
        """The parts of the page in reading order; neighbouring rows of one label are one part."""
        run, texts = state.run(), state.texts
        rows: list[AnswerRow] = []
        label, plain = "", True
        for heading, entry in self._pages[page]:
            if run.relevance[entry.node.gate] is not True:
                continue
            row = None if isinstance(entry, _List) else self._row(entry, state, run, "")
            own = heading.text if heading.plain else texts.label(heading.text, heading.scope, run)
            if rows and (isinstance(entry, _List) or (row is not None and own != label)):
                yield RowsAnswers(label, tuple(rows), plain)
                rows, plain = [], True
            if isinstance(entry, _List):
                yield self._list(entry, state, run)
            elif row is not None:
                label = own
                plain = plain and heading.plain
                rows.append(row)
        if rows:
            yield RowsAnswers(label, tuple(rows), plain)

    def _list(self, entry: _List, state: State, run: Run) -> ListAnswers:
        node, spec = entry.node, entry.node.spec
        items = tuple(
            self._item(
                node, state.texts.item_title(node, item, number), self.item_rows(state, node.key, item), item
            )
            for number, item in enumerate(run.items.get(node.key, ()), 1)
        )
        return ListAnswers(
            path=node.key,
            layout=spec.layout,
            label=state.texts.label(spec.label, scope_name(None, node.key.rpartition(".")[0]), run),
            item_name=spec.item_name,
            items=items,
            error=state.errors.get(node.key),
            page=entry.page,
            plain="((" not in spec.label,
        )

    def _item(self, node: Repeat, title: str, rows: Rows, item: Run) -> ItemAnswers:
        item_id, asked_on = str(item.answers["id"]), self._item_pages[node.key]
        start = len(f"{node.key}.{item_id}.")
        return ItemAnswers(item_id, title, rows, tuple([asked_on.get(row.path[start:], "") for row in rows]))

    def _row(self, entry: _Asked | _Whole | _List, state: State, run: Run, prefix: str) -> AnswerRow | None:
        if isinstance(entry, _List) or run.relevance[entry.node.gate] is not True:
            return None
        if isinstance(entry, _Whole):
            return self._whole_row(entry, state, run, prefix)
        node = entry.node
        path = prefix + node.key
        if path in state.withheld or (
            node.sources and not people_of(run.values, [s.people for s in node.sources])
        ):
            return None
        settings = node.spec.settings if entry.plain else state.texts.settings(node, run)
        value = answer_to_read(node, run)
        display = None if value is None else node.spec.type.display(value, settings)
        error = state.errors.get(path)
        return AnswerRow(
            label=settings.label,
            texts=self._said(display),
            otherwise=self._words.text("values.not_provided") if error is not None else entry.otherwise,
            shape=display.shape if display is not None else "text",
            href=display.href if display is not None else "",
            path=path,
            control=control_id(path, entry.boxes, error) if entry.asked else "",
            page=entry.page,
            error=error,
            question="" if "((" in node.spec.settings.label else _key(node),
        )

    def _whole_row(self, entry: _Whole, state: State, run: Run, prefix: str) -> AnswerRow | None:
        parts = [
            part
            for part in entry.parts
            if run.relevance[part.node.gate] is True and prefix + part.node.key not in state.withheld
        ]
        if not parts:
            return None
        displays: dict[str, Display] = {}
        for part in parts:
            value = answer_to_read(part.node, run)
            if value is not None:
                settings = part.node.spec.settings if part.plain else state.texts.settings(part.node, run)
                displays[part.node.id] = part.node.spec.type.display(value, settings)
        display = entry.composite.display(displays) if displays else None
        errors = [state.errors.get(prefix + part.node.key) for part in parts]
        at = next((turn for turn, error in enumerate(errors) if error is not None), 0)
        node = entry.node
        return AnswerRow(
            label=state.texts.label(node.spec.label, scope_name(node.repeat, node.key), run),
            texts=self._said(display),
            otherwise=self._words.text("values.not_provided"),
            shape=display.shape if display is not None else "text",
            href="",
            path=prefix + node.key,
            control=control_id(prefix + parts[at].node.key, parts[at].boxes, errors[at]),
            page=entry.page,
            error=errors[at],
            question="" if "((" in node.spec.label else _key(node),
        )

    def _said(self, display: Display | None) -> tuple[str, ...]:
        if display is None:
            return ()
        return tuple([text if isinstance(text, str) else self._words.word(text) for text in display.texts])


def _label(node: Group | Section, scope: str) -> _Label:
    return _Label(node.spec.label, scope, plain="((" not in node.spec.label)


def _key(node: Field | Group) -> str:
    return f"{node.repeat}.{node.key}" if node.repeat else node.key


def answers_to_read(state: State, words: Wording) -> tuple[PageAnswers, ...]:
    """What `Reading.pages` returns, for a caller that reads the answers of a form once."""
    return Reading(state.form, words).pages(state)


def item_rows(state: State, repeat: str, item_id: str, words: Wording) -> Rows:
    """What `Reading.item_rows` returns, for a caller that reads one item once."""
    return Reading(state.form, words).item_rows(state, repeat, state.run(repeat, item_id))
