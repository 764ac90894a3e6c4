"""Items of a repeat: adding, finding, removing."""

from __future__ import annotations

from collections.abc import Mapping

from formengine.fields.base import Json
from formengine.form.plan import usable_items
from formengine.moves.drafts import Draft, answer_at, with_answer


def items_of(draft: Draft, repeat: str) -> list[Mapping[str, Json]]:
    """The items of the repeat with this key, in order, as stored."""
    return usable_items(answer_at(draft, repeat.split("."))) or []


def item_of(draft: Draft, repeat: str, item_id: str) -> Mapping[str, Json] | None:
    """One item as stored, or None where it is not there."""
    return next((item for item in items_of(draft, repeat) if item["id"] == item_id), None)


def add_item(draft: Draft, repeat: str, item_id: str) -> Draft:
    """The draft with a blank item at the end; the same draft when the item is there already.

    item_id: new for the whole life of the draft: answers elsewhere may still point to an item that was removed.
    """
    if item_of(draft, repeat, item_id) is not None:
        return draft
    return with_items(draft, repeat, [*items_of(draft, repeat), {"id": item_id}])


def remove_item(draft: Draft, repeat: str, item_id: str) -> Draft:
    """The draft without the item. The list stays, though it be empty: the person has been to it."""
    return with_items(draft, repeat, [item for item in items_of(draft, repeat) if item["id"] != item_id])


def with_items(draft: Draft, repeat: str, items: list[Mapping[str, Json]]) -> Draft:
    """The draft with these items in the repeat."""
    return with_answer(draft, repeat.split("."), items)
