"""Drafts with one answer changed, everything else shared with the draft before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from formengine.language.json_types import Json, JsonObject, as_object

Answers = JsonObject


def with_answer(draft: Answers, path: Sequence[str], value: Json) -> Answers:
    """The draft with `value` at `path`, groups made on the way; None takes the answer away, and groups left empty."""
    first, *rest = path
    changed = dict(draft)
    if rest:
        value = with_answer(as_object(draft.get(first)), rest, value) or None
    if value is None:
        changed.pop(first, None)
    else:
        changed[first] = value
    return changed


def answer_at(draft: Answers, path: Sequence[str]) -> Json:
    """The answer at `path`, or None."""
    value: Json = draft
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
