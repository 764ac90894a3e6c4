"""Pieces of JSON Schema and how they are put together: and, or, not, if, at a key.

A fragment is a schema object, or True (every value) or False (none). What is always true or false is worked
out here, so that it never reaches a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Fragment = bool | dict[str, Any]

ALWAYS: Fragment = True
_KEYED = {"required", "properties"}


def all_of(fragments: Iterable[Fragment]) -> Fragment:
    """What holds where each of `fragments` does."""
    parts: list[dict[str, Any]] = []
    for fragment in fragments:
        if fragment is False:
            return False
        if fragment is True:
            continue
        for part in fragment["allOf"] if fragment.keys() == {"allOf"} else [fragment]:
            if part not in parts:
                parts.append(part)
    merged = _merged(parts)
    if not merged:
        return True
    return merged[0] if len(merged) == 1 else {"allOf": merged}


def _merged(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same parts, with those that only look at keys made into one: validators look each key up once."""
    keyed = [part for part in parts if part.keys() <= _KEYED]
    if len(keyed) < 2:
        return parts
    required = list(dict.fromkeys(key for part in keyed for key in part.get("required", [])))
    by_key: dict[str, list[Fragment]] = {}
    for part in keyed:
        for key, inner in part.get("properties", {}).items():
            by_key.setdefault(key, []).append(inner)
    one: dict[str, Any] = {"required": required} if required else {}
    if by_key:
        one["properties"] = {key: all_of(inner) for key, inner in by_key.items()}
    return [one, *(part for part in parts if not part.keys() <= _KEYED)]


def any_of(fragments: Iterable[Fragment]) -> Fragment:
    """What holds where at least one of `fragments` does."""
    parts: list[dict[str, Any]] = []
    for fragment in fragments:
        if fragment is True:
            return True
        if fragment is False:
            continue
        for part in fragment["anyOf"] if fragment.keys() == {"anyOf"} else [fragment]:
            if part not in parts:
                parts.append(part)
    if not parts:
        return False
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def negated(fragment: Fragment) -> Fragment:
    """What holds where `fragment` does not."""
    if isinstance(fragment, bool):
        return not fragment
    if fragment.keys() == {"not"}:
        inner: Fragment = fragment["not"]
        return inner
    return {"not": fragment}


def when(condition: Fragment, then: Fragment, otherwise: Fragment = ALWAYS) -> Fragment:
    """`then` where `condition` holds, else `otherwise`."""
    if condition is True or then == otherwise:
        return then
    if condition is False:
        return otherwise
    if then is False and otherwise is True:
        return negated(condition)
    if then is True and otherwise is False:
        return condition
    branches = {"then": then, "else": otherwise}
    return {"if": condition} | {name: branch for name, branch in branches.items() if branch is not True}


def present(key: str, value: Fragment = ALWAYS) -> Fragment:
    """An object that has the dotted `key`, whose value `value` holds for."""
    for part in reversed(key.split(".")):
        if value is False:
            return False
        value = {"required": [part]} if value is True else {"required": [part], "properties": {part: value}}
    return value


def conjoined(*schemas: Mapping[str, Any]) -> dict[str, Any]:
    """One schema that demands all that `schemas` demand, flat as far as they use different keywords."""
    flat: dict[str, Any] = {}
    further: list[Mapping[str, Any]] = []
    for schema in schemas:
        if flat.keys().isdisjoint(schema):
            flat |= schema
        else:
            further.append(schema)
    return flat | {"allOf": [*flat.get("allOf", ()), *further]} if further else flat


def wherever(key: str, value: Fragment) -> Fragment:
    """An object whose value at the dotted `key`, if it has one, `value` holds for."""
    for part in reversed(key.split(".")):
        if value is True:
            return True
        value = {"properties": {part: value}}
    return value


def absent(key: str) -> Fragment:
    """An object that has nothing at the dotted `key`."""
    return wherever(key, False)
