"""Actions as pure functions over drafts: fill in first values, post a page, go on and back, items.

A draft is a mapping of stored answers; an action never changes one, it returns another. What comes out of a browser
goes in as texts by input name; identifiers for new items come from the caller, so that chance stays outside.
"""

from __future__ import annotations

from formengine.form.actions.input_names import action_of, goes_on, input_name
from formengine.form.actions.items import add_item, item_of, remove_item
from formengine.form.actions.page_order import first_unfinished, next_page, previous_page
from formengine.form.actions.posts import Outcome, post_item, post_page
from formengine.form.actions.prefills import prefilled, prefilled_item, prefilled_item_state, prefilled_state

__all__ = [
    "Outcome",
    "action_of",
    "add_item",
    "first_unfinished",
    "goes_on",
    "input_name",
    "item_of",
    "next_page",
    "post_item",
    "post_page",
    "prefilled",
    "prefilled_item",
    "prefilled_item_state",
    "prefilled_state",
    "previous_page",
    "remove_item",
]
