"""First values from the account, the day or an earlier answer (docs/language.md, First values)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from formengine.form.actions.drafts import Answers, with_answer
from formengine.form.actions.items import items_of, with_changed_items
from formengine.form.plan import Field, Form, walk
from formengine.form.plan.forward_pass import reach
from formengine.form.state import NodeState, State, evaluate
from formengine.form.state.counted import counted
from formengine.form.state.views import fields_in
from formengine.language.fields.base import Posted, is_blank
from formengine.language.json_types import Json, expect_object


def prefilled(
    form: Form, draft: Answers, page_id: str, *, account: Mapping[str, str], on: date, first: bool
) -> Answers:
    """The draft with the first values of the page's questions, to be shown; they are answers once they are saved.

    account: the person's details by name (``{"email": …}``); a fact that is missing gives no value. first: the
    page is shown for the first time; later only what is read-only is filled in again, so that a value somebody
    deleted does not come back. Call it before `post_page` too: a post cannot change what is read-only. Raises KeyError
    for a page that does not count.
    """
    return _with_first_values(evaluate(form, draft, on=on), draft, page_id, account, first=first)


def prefilled_state(state: State, page_id: str, *, account: Mapping[str, str], first: bool) -> State:
    """The state of what `prefilled` makes of the draft of `state`; `state` itself where nothing new was filled in."""
    draft = expect_object(state.draft)
    return _of(state, _with_first_values(state, draft, page_id, account, first=first))


def prefilled_item(
    form: Form,
    draft: Answers,
    repeat: str,
    item_id: str,
    *,
    account: Mapping[str, str],
    on: date,
    first: bool,
) -> Answers:
    """Like `prefilled`, for the questions of one item; raises KeyError where there is no such item."""
    return _item_with_first_values(evaluate(form, draft, on=on), draft, repeat, item_id, account, first=first)


def prefilled_item_state(
    state: State, repeat: str, item_id: str, *, account: Mapping[str, str], first: bool
) -> State:
    """Like `prefilled_state`, for the questions of one item; raises KeyError where there is no such item."""
    draft = expect_object(state.draft)
    return _of(state, _item_with_first_values(state, draft, repeat, item_id, account, first=first))


def _of(state: State, draft: Answers) -> State:
    """The state of `draft` on the day of `state`; that itself for its own draft."""
    return state if draft is state.draft or draft == state.draft else evaluate(state.form, draft, on=state.on)


def _with_first_values(
    state: State, draft: Answers, page_id: str, account: Mapping[str, str], *, first: bool
) -> Answers:
    page = state.form.page(page_id)
    if page is None or not state.is_relevant(page):
        raise KeyError(page_id)
    run = state.run()
    fields = [
        node for node in walk(page.nodes) if isinstance(node, Field) and _may_be_filled(node, first=first)
    ]
    if not all(run.relevance[node.gate] for node in fields):
        # Which of those that do not count may be opened on the page, only the whole page can say.
        shown = state.page(page_id)
        assert shown is not None
        on_page = {field.field.key for field in fields_in(shown.nodes)}
        fields = [node for node in fields if node.key in on_page]
    for node in fields:
        if node.spec.read_only or is_blank(reach(run.answers, node.path)):
            draft = with_answer(draft, node.path, _value(node, state, "", account))
    return draft


def _item_with_first_values(
    state: State, draft: Answers, repeat: str, item_id: str, account: Mapping[str, str], *, first: bool
) -> Answers:
    if item_id not in {run.answers["id"] for run in state.run().items.get(repeat, ())}:
        raise KeyError(f"{repeat}.{item_id}")
    if not any(_may_be_filled(field, first=first) for field in state.form.item_fields[repeat].values()):
        return draft
    item = state.item(repeat, item_id)
    assert item is not None
    changed: Mapping[str, Json] = next(each for each in items_of(draft, repeat) if each["id"] == item_id)
    nodes = tuple(node for page in item.pages for node in page.nodes) if item.pages else item.nodes
    for path, value in _first_values(nodes, state, item_id, account, first=first):
        changed = with_answer(changed, path, value)
    return with_changed_items(draft, repeat, {item_id: changed})


def _may_be_filled(node: Field, *, first: bool) -> bool:
    """Whether a question takes a value from elsewhere when its page is shown."""
    return node.prefill is not None and (first or node.spec.read_only)


def _first_values(
    nodes: tuple[NodeState, ...], state: State, item_id: str, account: Mapping[str, str], *, first: bool
) -> list[tuple[tuple[str, ...], Json]]:
    return [
        (field.field.path, _value(field.field, state, item_id, account))
        for field in fields_in(nodes)
        if _may_be_filled(field.field, first=first) and (field.field.spec.read_only or field.value is None)
    ]


def _value(node: Field, state: State, item_id: str, account: Mapping[str, str]) -> Json:
    """The first value of a question, None without one that its type can read."""
    prefill = node.prefill
    assert prefill is not None
    value: Json = None
    if prefill.kind == "today":
        value = state.on.isoformat()
    elif prefill.kind == "account":
        decoded = node.spec.type.decode(Posted({"": (account.get(prefill.name, ""),)}), node.spec.settings)
        value = decoded.value if decoded.problem is None else None
    elif prefill.target is not None:
        target = prefill.target
        if target.repeat is None:
            value = counted(state.form.fields[target.key], state.run())
        else:
            source = state.form.item_fields[target.repeat][target.key]
            value = counted(source, state.run(target.repeat, item_id))
    return value if value is not None and node.readable(value) else None
