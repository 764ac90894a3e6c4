"""Schemas that occur more than once in a document are written once, under ``$defs``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

# Below this many characters a reference saves nothing worth a reader's jump.
WORTH_SHARING = 100
_ABOUT = ("title", "description")
_ONE = ("not", "if", "then", "else", "items", "contains", "additionalProperties")
_MANY = ("allOf", "anyOf", "oneOf")

Change = Callable[[object], object]


def shared(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with each schema that repeats, its title apart, as a reference to ``$defs``."""
    seen: Counter[str] = Counter()
    _count(dict(document), seen)
    names: dict[str, str] = {}
    definitions: dict[str, Any] = {}

    def replace(schema: object) -> object:
        if not isinstance(schema, dict):
            return schema
        about, core = _apart(schema)
        text = _text(core)
        if seen[text] < 2 or len(text) < WORTH_SHARING:
            return about | _inner(core, replace)
        if text not in names:
            names[text] = _name(core, len(names) + 1)
            definitions[names[text]] = None  # its place, before those within it
            definitions[names[text]] = _inner(core, replace)
        return about | {"$ref": f"#/$defs/{names[text]}"}

    whole = _inner(dict(document), replace)
    definitions = whole.pop("$defs", {}) | definitions
    return whole | ({"$defs": definitions} if definitions else {})


def _count(schema: object, seen: Counter[str]) -> None:
    if not isinstance(schema, dict):
        return
    core = _apart(schema)[1]
    text = _text(core)
    seen[text] += 1
    if seen[text] == 1 or len(text) < WORTH_SHARING:  # what is within a repeated schema repeats only with it
        _inner(core, lambda inner: _count(inner, seen))


def _apart(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    about = {key: value for key, value in schema.items() if key in _ABOUT}
    return about, {key: value for key, value in schema.items() if key not in _ABOUT}


def _inner(schema: dict[str, Any], change: Change) -> dict[str, Any]:
    """`schema` with every schema directly within it changed."""
    changed = dict(schema)
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            changed[key] = {name: change(inner) for name, inner in value.items()}
        elif key in _ONE:
            changed[key] = change(value)
        elif key in _MANY:
            changed[key] = [change(inner) for inner in value]
    return changed


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True, separators=(",", ":"))


def _name(schema: dict[str, Any], number: int) -> str:
    """A name that describes the schema: a value's type, a list of options, or a condition."""
    if "x-options" in schema:
        return f"options-{number}"
    kind = schema.get("type")
    return f"{kind}-{number}" if isinstance(kind, str) else f"rule-{number}"
