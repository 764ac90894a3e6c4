"""What people type on screens that are no form's, read by the same field types as forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formengine.language.fields.base import FieldSettings, FieldType, Posted, Problem
from formengine.language.words import Wording
from formengine.web.http.posts import Post


@dataclass(frozen=True)
class EntryField:
    """One box: its name, its type, and how long it may be at most. message_name: the key of its name in messages."""

    name: str
    type: FieldType
    message_name: str
    max_length: int | None = None
    required: bool = True

    @property
    def settings(self) -> FieldSettings:
        """The settings for the type."""
        limits = {} if self.max_length is None else {"max_length": self.max_length}
        return FieldSettings(id=self.name, label="", limits=limits)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed, by the box's name: values that can be stored, everything as typed, and what is wrong."""

    values: Mapping[str, str]
    typed: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _EntryError:
    """What is wrong with an entry, for words."""

    type: str
    rule: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""


def read_entries(post: Post, entries: Iterable[EntryField], words: Wording) -> Entered:
    """What was entered in these boxes; an empty one has the value ""."""
    values, typed, errors = {}, {}, {}
    for entry in entries:
        text = typed[entry.name] = post.text(entry.name)
        found = entry.type.decode(Posted({"": (text,)}), entry.settings)
        value = "" if found.value is None else str(found.value)
        problem = found.problem or _problem(entry, value)
        if problem is not None:
            error = _EntryError(entry.type.name, problem.rule, words.text(entry.message_name), problem.facts)
            errors[entry.name] = words.words(error)
        else:
            values[entry.name] = value
    return Entered(values, typed, errors)


def _problem(entry: EntryField, value: str) -> Problem | None:
    if not value:
        return Problem("required") if entry.required else None
    for rule in entry.type.rules(entry.settings):
        longest = rule.fragment.get("maxLength")
        if longest is not None and len(value) > longest:
            return rule.problem
    inspected = entry.type.validate(value, entry.settings)
    return next((problem for problem in inspected if problem.level == "error"), None)
