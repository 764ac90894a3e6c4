"""The words that field types bring along, and whether there are words for each of their rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from formengine.language.fields.base import CompositeType, Control, FieldSettings, FieldType, Option
from formengine.language.words.texts import text_of
from formengine.language.words.wording import OwnTexts, Wording

# A value for each kind of key, to find the rules that a setting adds.
_EXAMPLES: dict[str, Any] = {
    "text": "text",
    "markdown": "text",
    "template": "text",
    "boolean": True,
    "whole_number": 1,
    "number": 1,
    "day": "2026-01-01",
    "words": ("text",),
    "endings": ("pdf",),
    "pattern": "[A-Z]",
}
_OPTIONS = (Option("a", "A"), Option("none", "None of these", exclusive=True))


def words_of(types: Iterable[FieldType | CompositeType]) -> OwnTexts:
    """The words of these types and of the parts of composite ones, by whole key and in its order."""
    found = {
        (key if "." in key else f"errors.{kind.name}.{key}"): text_of(text)
        for kind in _with_parts(types)
        for key, text in kind.words.items()
    }
    return tuple(sorted(found.items()))


def rules_of(field_type: FieldType) -> frozenset[str]:
    """The name of every rule that a field of this type can break, whatever its settings."""
    rules = {"required", *field_type.error_codes}
    for settings in _settings(field_type):
        rules |= {rule.problem.rule for rule in field_type.rules(settings)} | {*field_type.checks(settings)}
    return frozenset(rules)


def without_words(types: Iterable[FieldType | CompositeType], wording: Wording) -> Iterator[tuple[str, str]]:
    """Type and rule of everything that people could hear of these types and `wording` has no words for."""
    for kind in _with_parts(types):
        for rule in sorted(rules_of(kind)):
            if not wording.has(f"errors.{kind.name}.{rule}") and not wording.has(f"errors.any.{rule}"):
                yield kind.name, rule


def templates_of(kind: FieldType | CompositeType) -> tuple[str, ...]:
    """The names of the controls' templates that this type can be asked by."""
    return tuple(dict.fromkeys(control.template for control in controls_of(kind)))


def controls_of(kind: FieldType | CompositeType) -> tuple[Control, ...]:
    """The controls that a field of this type can have, by the settings that authors may write."""
    if isinstance(kind, CompositeType):
        return (kind.control(),)
    return tuple(kind.control(settings) for settings in _settings(kind))


def _with_parts(types: Iterable[FieldType | CompositeType]) -> Iterator[FieldType]:
    for kind in types:
        if isinstance(kind, CompositeType):
            yield from (part.type for part in kind.parts)
        else:
            yield kind


def _settings(field_type: FieldType) -> Iterator[FieldSettings]:
    """Settings as authors may write them: none, and each alone with a value of its kind."""
    options = _OPTIONS if field_type.has_options else ()
    yield FieldSettings("x", "X", options=options)
    for key in field_type.keys:
        values = key.choices if key.value == "one_of" else (_EXAMPLES.get(key.value),)
        for value in values:
            if value is not None:
                yield FieldSettings("x", "X", options=options, limits={key.name: value})
            if key.value == "day":
                today = {key.name: value, f"{key.name}_is_today": True}
                yield FieldSettings("x", "X", options=options, limits=today)
