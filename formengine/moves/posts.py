"""What a posted page does to a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from formengine.fields.base import Json
from formengine.form import Form
from formengine.moves.drafts import Draft, with_answer
from formengine.moves.items import add_item, items_of, with_items
from formengine.moves.names import Data, Files, posted_for
from formengine.state import FieldError, FieldState, NodeState, PageState, RepeatState, State, evaluate
from formengine.state.views import ItemState, fields_in

NO_FILES: Files = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draft after a post, and whether the person may go on.

    errors: what is wrong on the page, in reading order. opened: the paths of questions that this post opened and that
    the person has not seen; they are shown before anybody calls them missing (language, A17).
    """

    draft: Draft
    state: State
    errors: tuple[FieldError, ...]
    opened: tuple[str, ...]

    @property
    def may_go_on(self) -> bool:
        """Whether nothing on the page is wrong and nothing new has opened on it."""
        return not self.errors and not self.opened


def post_page(
    form: Form, draft: Draft, page_id: str, data: Data, *, on: date, files: Files = NO_FILES
) -> Outcome:
    """The draft after the page `page_id` was posted.

    Every question that stood on the page gets what was sent for it; what was not sent was emptied. Answers of questions
    that did not stand on it stay as they are. Nothing typed is lost: what cannot be read is kept as typed and is an
    error. Rows of a table repeat that are wholly blank are dropped. Raises KeyError for a page that does not count.
    """
    before = _page(evaluate(form, draft, on=on), page_id)
    changed = draft
    for field in _answerable(before.nodes):
        changed = with_answer(changed, field.field.path, _decoded(field, field.path, data, files))
    for repeat in _tables(before.nodes):
        rows = [row for item in repeat.items if (row := _row(item, data, files)) is not None]
        rows += _new_rows(repeat, data, files, changed)
        changed = with_items(changed, repeat.path, rows)
    state = evaluate(form, changed, on=on)
    after = state.page(page_id)
    seen = {field.path for field in fields_in(before.nodes)}
    now = () if after is None else tuple(fields_in(after.nodes))
    return _outcome(changed, state, after.errors if after is not None else (), now, seen)


def post_item(
    form: Form, draft: Draft, repeat: str, item_id: str, data: Data, *, on: date, files: Files = NO_FILES
) -> Outcome:
    """The draft after the questions of one item were posted; an item that is not there yet is added at the end.

    Inputs are named by the item's path (``children.c1.first_name``), those of a new one by `item_id` as well.
    """
    with_item = add_item(draft, repeat, item_id)
    before = _item(evaluate(form, with_item, on=on), repeat, item_id)
    changed: Mapping[str, Json] = next(i for i in items_of(with_item, repeat) if i["id"] == item_id)
    fields = list(_answerable(_nodes_of(before)))
    for field in fields:
        changed = with_answer(changed, field.field.path, _decoded(field, field.path, data, files))
    rows = [changed if item["id"] == item_id else item for item in items_of(with_item, repeat)]
    after_draft = with_items(with_item, repeat, rows)
    state = evaluate(form, after_draft, on=on)
    after = _item(state, repeat, item_id)
    seen = {field.path for field in fields_in(_nodes_of(before))}
    now = tuple(fields_in(_nodes_of(after)))
    errors = tuple(field.error for field in now if field.error is not None)
    return _outcome(after_draft, state, errors, now, seen)


def _outcome(
    draft: Draft, state: State, errors: tuple[FieldError, ...], now: tuple[FieldState, ...], seen: set[str]
) -> Outcome:
    opened = tuple(field.path for field in now if field.relevance and field.path not in seen)
    told = tuple(error for error in errors if not (error.rule == "required" and error.path in opened))
    return Outcome(draft, state, told, opened)


def _decoded(field: FieldState, path: str, data: Data, files: Files) -> Json:
    return field.field.spec.type.decode(posted_for(path, data, files), field.settings).value


def _answerable(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    """The questions whose answers a post may change: asked on screen, not worked out, not taken from the account."""
    return (field for field in fields_in(nodes) if field.field.is_asked and not field.field.spec.read_only)


def _tables(nodes: tuple[NodeState, ...]) -> Iterator[RepeatState]:
    """The repeats whose items are answered on the page itself, as rows."""
    for node in nodes:
        if isinstance(node, RepeatState) and node.repeat.spec.layout == "table":
            yield node
        elif hasattr(node, "nodes"):
            yield from _tables(node.nodes)


def _row(item: ItemState, data: Data, files: Files) -> Mapping[str, Json] | None:
    """One row as posted, or None when everything in it was emptied."""
    row: Mapping[str, Json] = {"id": item.id}
    for field in _answerable(item.nodes):
        row = with_answer(row, field.field.path, _decoded(field, field.path, data, files))
    return row if len(row) > 1 else None


def _new_rows(repeat: RepeatState, data: Data, files: Files, draft: Draft) -> list[Mapping[str, Json]]:
    """Rows that were blank when the page was shown and are filled in now: ``agencies.<new id>.practitioner``.

    Every one is kept, however many: too many is an error to be told, never a cut.
    """
    known = {item["id"] for item in items_of(draft, repeat.path)}
    prefix = f"{repeat.path}."
    posted_ids = dict.fromkeys(
        name.removeprefix(prefix).partition(".")[0] for name in (*data, *files) if name.startswith(prefix)
    )
    rows = []
    for item_id in posted_ids:
        if item_id in known:
            continue
        row: Mapping[str, Json] = {"id": item_id}
        for field in _answerable(repeat.blank_item):
            row = with_answer(
                row, field.field.path, _decoded(field, f"{prefix}{item_id}.{field.field.key}", data, files)
            )
        if len(row) > 1:
            rows.append(row)
    return rows


def _page(state: State, page_id: str) -> PageState:
    page = state.page(page_id)
    if page is None:
        raise KeyError(page_id)
    return page


def _item(state: State, repeat: str, item_id: str) -> ItemState:
    found = state.item(repeat, item_id)
    if found is None:
        raise KeyError(f"{repeat}.{item_id}")
    return found


def _nodes_of(item: ItemState) -> tuple[NodeState, ...]:
    """Everything asked of an item, on all its pages."""
    return item.nodes or tuple(node for page in item.pages for node in page.nodes)
