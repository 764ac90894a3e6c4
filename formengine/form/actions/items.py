"""Items of a repeat: adding, finding, removing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from formengine.form.actions.drafts import Answers, answer_at, with_answer
from formengine.form.plan.forward_pass import usable_items
from formengine.language.json_types import Json


def items_of(draft: Answers, repeat: str) -> list[Mapping[str, Json]]:
    """The items of the repeat with this key, in order, as stored."""
    return usable_items(answer_at(draft, repeat.split("."))) or []


def item_of(draft: Answers, repeat: str, item_id: str) -> Mapping[str, Json] | None:
    """One item as stored, or None where it is not there."""
    return next((item for item in items_of(draft, repeat) if item["id"] == item_id), None)


def add_item(draft: Answers, repeat: str, item_id: str) -> Answers:
    """The draft with a blank item at the end; the same draft when the item is there already.

    item_id: new for the whole life of the draft: answers elsewhere may still point to an item that was removed.
    """
    if item_of(draft, repeat, item_id) is not None:
        return draft
    return with_changed_items(draft, repeat, {}, [{"id": item_id}])


def remove_item(draft: Answers, repeat: str, item_id: str) -> Answers:
    """The draft without the item. The list stays, though it be empty: the person has been to it."""
    return with_changed_items(draft, repeat, {item_id: None})


def with_changed_items(
    draft: Answers,
    repeat: str,
    changes: Mapping[str, Mapping[str, Json] | None],
    added: Sequence[Mapping[str, Json]] = (),
) -> Answers:
    """The draft with the items in `changes` replaced, None taking one away, and those in `added` at the end.

    An entry of the list that is no item that can be judged, such as a second one with the same id, stays: it is
    reported as an error, and never lost.
    """
    raw = answer_at(draft, repeat.split("."))
    stored = raw if isinstance(raw, list) else []
    usable = items_of(draft, repeat)
    kept: list[Json] = []
    for entry in stored:
        changed = entry
        if usable and entry is usable[0]:
            item = usable.pop(0)
            changed = changes.get(str(item["id"]), item)
        if changed is not None:
            kept.append(changed)
    return with_answer(draft, repeat.split("."), [*kept, *added])
