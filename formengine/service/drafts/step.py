"""The steps of a draft: a page, an item of a list, or a page of an item; and the answers stored at a step."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from formengine.form.actions import item_of
from formengine.form.actions.drafts import Answers
from formengine.form.plan import Form, Node, Page, walk
from formengine.form.plan.forward_pass import reach
from formengine.form.state import FieldError, State
from formengine.language.fields.choice_options import ITEM_ID
from formengine.language.json_types import Json
from formengine.service.crypto.keyring import Keyring

# What stands in a step's name for an item that is not there yet; ids of items that we make are longer.
NEW = "new"
# What is kept of somebody who has come to checking all answers. No id holds a space, so no step is called so.
CHECK_ANSWERS = "check answers"
_DIGEST_LENGTH = 16
_ITEM = re.compile(ITEM_ID)
_TO_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A page to fill in: one of the form (`page`), or of an item (`repeat`, `item`, and `item_page` where it has any).

    new: the item is not there yet.
    """

    page: str
    repeat: str = ""
    item: str = ""
    item_page: str = ""
    new: bool = False

    @property
    def name(self) -> str:
        """Its name in the store: ``child``, ``children.i1``, ``children.i1.school``."""
        return ".".join(part for part in (self.repeat or self.page, self.item, self.item_page) if part)


def step_of(form: Form, name: str, new_item: str = "") -> Step | None:
    """The step with this name, None where the form has none; it may be one that does not count now.

    new_item: the id that a new item gets (``children.new``).
    """
    if form.page(name) is not None:
        return Step(name)
    for repeat in sorted(form.repeats.values(), key=lambda each: -len(each.key)):
        if not name.startswith(f"{repeat.key}."):
            continue
        item, _, item_page = name.removeprefix(f"{repeat.key}.").partition(".")
        if not _ITEM.fullmatch(item) or repeat.spec.layout == "table":
            return None
        known = {page.id for page in repeat.pages} or {""}
        if item == NEW:
            first = repeat.pages[0].id if repeat.pages else ""
            return Step(repeat.page, repeat.key, new_item or NEW, item_page or first, new=True)
        # For an item with pages the first one, until another is named.
        if not item_page and repeat.pages:
            item_page = repeat.pages[0].id
        return Step(repeat.page, repeat.key, item, item_page) if item_page in known else None
    return None


def step_asking(error: FieldError, state: State) -> Step:
    """The step that shows an error or a warning: a page, or the page of an entry that asks."""
    for repeat in state.form.repeats.values():
        if repeat.spec.layout == "table" or not error.path.startswith(f"{repeat.key}."):
            continue
        item, _, key = error.path.removeprefix(f"{repeat.key}.").partition(".")
        if not key:
            continue
        own = (
            page.id
            for page in repeat.pages
            if any(getattr(node, "key", "") == key for node in walk(page.nodes))
        )
        step = step_of(state.form, ".".join(filter(None, (repeat.key, item, next(own, "")))))
        if step is not None:
            return step
    return Step(error.page)


def nodes_at(form: Form, step: Step) -> tuple[Node, ...]:
    """The nodes of a step, whether or not they count."""
    if not step.repeat:
        page = form.page(step.page)
        return page.nodes if page is not None else ()
    repeat = form.repeats[step.repeat]
    pages: Sequence[Page] = repeat.pages
    if not pages:
        return repeat.nodes
    return next((page.nodes for page in pages if page.id == step.item_page), ())


def kept_at(form: Form, answers: Answers, step: Step) -> Json:
    """The stored answers that a post at the step may change, by key; None for an item that is not there."""
    level: Answers | None = answers
    if step.repeat:
        level = item_of(answers, step.repeat, step.item)
    if level is None:
        return None
    where = (step.repeat, step.item_page) if step.repeat else ("", step.page)
    return {key: reach(level, path) for key, path in form.typed_at.get(where, ())}


def digest_at(keys: Keyring, form: Form, draft_id: str, answers: Answers, step: Step) -> str:
    """The digest of the answers at a step, which a page posts back; keyed, so that it reveals nothing."""
    return digest_of(keys, draft_id, step, kept_at(form, answers, step))


def digest_of(keys: Keyring, draft_id: str, step: Step, kept: Json) -> str:
    """The same digest, of answers that `kept_at` returned."""
    text = _TO_TEXT.encode([draft_id, step.name, kept])
    return keys.index("page", text)[:_DIGEST_LENGTH]
