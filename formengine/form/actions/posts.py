"""What a posted page does to a draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from formengine.form.actions.drafts import Answers, answer_at, with_answer
from formengine.form.actions.input_names import NO_FILES, Data, PostedFiles, check_posted, goes_on, posted_for
from formengine.form.actions.items import add_item, item_of, items_of, with_changed_items
from formengine.form.plan import Form
from formengine.form.state import FieldError, FieldState, NodeState, PageState, RepeatState, State, evaluate
from formengine.form.state.views import ItemState, fields_in, repeats_in
from formengine.language.json_types import Json


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draft after a post, and whether the person may go on.

    errors: what is wrong on the page, in reading order. opened: the paths of questions that this post opened and that
    the person has not seen, or not with all the options offered now; they are shown before anybody calls them missing
    (docs/language.md, Conditions on a page).
    """

    draft: Answers
    state: State
    errors: tuple[FieldError, ...]
    opened: tuple[str, ...]

    @property
    def may_go_on(self) -> bool:
        """Whether nothing on the page is wrong and nothing new has opened on it."""
        return not self.errors and not self.opened


def post_page(
    form: Form,
    draft: Answers,
    page_id: str,
    data: Data,
    *,
    on: date,
    files: PostedFiles = NO_FILES,
    before: State | None = None,
) -> Outcome:
    """The draft after the page `page_id` was posted.

    Every question that was on the page gets what was sent for it; what was not sent was emptied. Answers of questions
    that were not on it stay as they are. Nothing typed is lost: what cannot be read is kept as typed and is an
    error. Rows of a table repeat that are wholly blank are dropped; to go on from a list that holds nothing is to
    answer "none" (docs/language.md, Lists). Raises KeyError for a page that does not count, TypeError where `data` or
    `files` has one text or file in place of a sequence.

    before: the state of `draft` on that day, where it has been evaluated already.
    """
    check_posted(data, files)
    page = _page(before or evaluate(form, draft, on=on), page_id)
    changed = draft
    for field in _answerable(page.nodes):
        changed = with_answer(changed, field.field.path, _decoded(field, field.path, data, files))
    for repeat in repeats_in(page.nodes):
        changed = _with_list(changed, repeat, data, files)
    state = evaluate(form, changed, on=on)
    left = _without_emptied_rows(draft, changed, page.nodes, state)
    if left is not changed:
        changed, state = left, evaluate(form, left, on=on)
    after = state.page(page_id)
    now = _questions(after.nodes) if after is not None else ()
    return _outcome(changed, state, after.errors if after is not None else (), now, _seen(page, now))


def post_item(
    form: Form,
    draft: Answers,
    repeat: str,
    item_id: str,
    data: Data,
    *,
    on: date,
    files: PostedFiles = NO_FILES,
    page_id: str = "",
    before: State | None = None,
) -> Outcome:
    """The draft after the questions of one item were posted; an item that is not there yet is added at the end.

    Inputs are named by the item's path (``children.c1.first_name``), those of a new one by `item_id` as well.
    page_id: the page of the item that was posted, where items have pages shown one at a time; "" for all of them. The
    answers of its other pages stay. Raises KeyError for an item, or a page of it, that does not count, and TypeError as
    `post_page` does.

    before: the state, on that day, of the draft with the item, where it has been evaluated already.
    """
    check_posted(data, files)
    with_item = add_item(draft, repeat, item_id)
    item = (before or evaluate(form, with_item, on=on)).item(repeat, item_id, judged=False)
    if item is None:
        raise KeyError(f"{repeat}.{item_id}")
    changed = item_of(with_item, repeat, item_id) or {}
    for field in _answerable(_nodes_of(item, page_id)):
        changed = with_answer(changed, field.field.path, _decoded(field, field.path, data, files))
    after_draft = with_changed_items(with_item, repeat, {item_id: changed})
    state = evaluate(form, after_draft, on=on)
    after = _item(state, repeat, item_id)
    now = tuple(fields_in(_nodes_of(after, page_id, gone=True)))
    seen = _shown_whole(fields_in(_nodes_of(item, page_id)), now)
    errors = tuple(field.error for field in now if field.error is not None)
    return _outcome(after_draft, state, errors, now, seen)


def _outcome(
    draft: Answers, state: State, errors: tuple[FieldError, ...], now: tuple[FieldState, ...], seen: set[str]
) -> Outcome:
    opened = tuple(field.path for field in now if field.relevance and field.path not in seen)
    to_show = tuple(error for error in errors if not (error.rule == "required" and error.path in opened))
    return Outcome(draft, state, to_show, opened)


def _decoded(field: FieldState, path: str, data: Data, files: PostedFiles) -> Json:
    return field.field.spec.type.decode(posted_for(path, data, files), field.settings).value


def _answerable(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    """The questions whose answers a post may change: asked on screen, not worked out, not taken from the account."""
    return (field for field in fields_in(nodes) if field.field.is_asked and not field.field.spec.read_only)


def _is_table(repeat: RepeatState) -> bool:
    """Whether the items are answered on the page itself, as rows."""
    return repeat.repeat.spec.layout == "table"


def _with_list(draft: Answers, repeat: RepeatState, data: Data, files: PostedFiles) -> Answers:
    """The draft after the page with this list was posted; going on from an empty list answers "none"."""
    if _is_table(repeat):
        stored = {str(item["id"]): item for item in items_of(draft, repeat.path)}
        rows = {item.id: _row(item, stored[item.id], data, files) for item in repeat.items}
        new = _new_rows(repeat, data, files, draft)
        if rows or new or goes_on(data):
            return with_changed_items(draft, repeat.path, rows, new)
        return draft
    if repeat.relevance is not True or answer_at(draft, repeat.path.split(".")) is not None:
        return draft
    return with_changed_items(draft, repeat.path, {}) if goes_on(data) else draft


def _questions(nodes: tuple[NodeState, ...]) -> tuple[FieldState, ...]:
    """The questions on a page, those in the rows of its tables among them."""
    rows = [item.nodes for repeat in repeats_in(nodes) if _is_table(repeat) for item in repeat.items]
    return tuple(field for within in (nodes, *rows) for field in fields_in(within))


def _seen(before: PageState, now: tuple[FieldState, ...]) -> set[str]:
    """The paths of the questions in `now` that were on the page; a new row has those that a blank one had."""
    seen = _shown_whole(_questions(before.nodes), now)
    for repeat in filter(_is_table, repeats_in(before.nodes)):
        there = tuple(f"{item.path}." for item in repeat.items)
        blank = {field.field.key for field in fields_in(repeat.blank_item)}
        seen |= {
            field.path
            for field in now
            if field.field.repeat == repeat.path
            and field.field.key in blank
            and not field.path.startswith(there)
        }
    return seen


def _shown_whole(before: Iterable[FieldState], now: Iterable[FieldState]) -> set[str]:
    """The paths of the questions in `before`, but for those that offer something now that could not be chosen then."""
    offered = {field.path: {option.code for option in field.options} for field in now}
    return {
        field.path
        for field in before
        if offered.get(field.path, set()) <= {option.code for option in field.options_on_page}
    }


def _row(item: ItemState, stored: Answers, data: Data, files: PostedFiles) -> Answers | None:
    """One row as posted, or None when everything that was asked in it was emptied."""
    row = stored
    answers = []
    for field in _answerable(item.nodes):
        answer = _decoded(field, field.path, data, files)
        row = with_answer(row, field.field.path, answer)
        answers.append(answer)
    return row if not answers or any(answer is not None for answer in answers) else None


def _without_emptied_rows(
    draft: Answers, changed: Answers, nodes: tuple[NodeState, ...], state: State
) -> Answers:
    """The draft without the rows that this post emptied: all that is asked in them now is blank, and was not before.

    What closed cells hold keeps no row, as long as the post left them as they were; what was typed there does.
    """
    for repeat in filter(_is_table, repeats_in(nodes)):
        stored = {str(item["id"]): item for item in items_of(draft, repeat.path)}
        emptied: dict[str, Answers | None] = {}
        for item in repeat.items:
            now = state.item(repeat.path, item.id, judged=False)
            kept = item_of(changed, repeat.path, item.id)
            if now is None or kept is None:
                continue
            cells = [(field.relevance, field.field.path) for field in _answerable(now.nodes)]
            asked = [path for relevance, path in cells if relevance]
            closed = [path for relevance, path in cells if not relevance]
            was = stored[item.id]
            if (
                all(answer_at(kept, path) is None for path in asked)
                and any(answer_at(was, path) is not None for path in asked)
                and all(answer_at(kept, path) == answer_at(was, path) for path in closed)
            ):
                emptied[item.id] = None
        if emptied:
            changed = with_changed_items(changed, repeat.path, emptied)
    return changed


def _new_rows(
    repeat: RepeatState, data: Data, files: PostedFiles, draft: Answers
) -> list[Mapping[str, Json]]:
    """Rows that were blank when the page was shown and are filled in now: ``agencies.<new id>.practitioner``.

    Every one is kept, however many: too many is reported as an error, never cut.
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
    page = state.page(page_id, judged=False)
    if page is None:
        raise KeyError(page_id)
    return page


def _item(state: State, repeat: str, item_id: str) -> ItemState:
    found = state.item(repeat, item_id)
    if found is None:
        raise KeyError(f"{repeat}.{item_id}")
    return found


def _nodes_of(item: ItemState, page_id: str, *, gone: bool = False) -> tuple[NodeState, ...]:
    """What is asked of an item, on one of its pages or on all; nothing on a page that is gone, if one may be."""
    if not page_id:
        return item.nodes
    page = next((page for page in item.pages if page.id == page_id), None)
    if page is None and not gone:
        raise KeyError(f"{item.path}: {page_id}")
    return page.nodes if page is not None else ()
