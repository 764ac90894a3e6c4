"""The JSON Schema that editors use for definitions, generated from the tables of keys.

``python -m formengine.language.loader.form_schema FILE`` writes it; `definitions/form.schema.json` is its output. It
speaks draft 7, which yaml-language-server reads best. Where we read text it allows whatever YAML makes of
``2026`` or ``no``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import CompositeType, FieldType, Key
from formengine.language.loader import keys, portal_keys, process_keys
from formengine.language.loader.keys import Structure, composite_structure, field_structure, part_structure

EditorSchema = dict[str, Any]

_TEXT: EditorSchema = {"type": ["string", "number", "boolean", "null"]}
_WORDS: EditorSchema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_TEXTS: EditorSchema = {"type": "object", "additionalProperties": _TEXT}
_ID: EditorSchema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_FILE_NAME: EditorSchema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"}
_TIME_LIMIT: EditorSchema = {
    "type": "string",
    "pattern": "^[1-9][0-9]* (minute|hour|day|week|working hour|working day)s?$",
}
_ADDRESS: EditorSchema = {"type": "string", "pattern": "^https://"}

_VALUES: Mapping[str, EditorSchema] = {
    "text": _TEXT,
    "template": _TEXT,
    "markdown": _TEXT,
    "expression": _TEXT,
    "boolean": {"type": "boolean"},
    "whole_number": {"type": "integer", "minimum": 0},
    "number": {"type": "number"},
    "day": {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today)$"},
    "words": _WORDS,
    "endings": _WORDS,
    "pattern": _TEXT,
}


def _ref(name: str) -> EditorSchema:
    return {"$ref": f"#/definitions/{name}"}


def _list_of(name: str) -> EditorSchema:
    return {"type": "array", "items": _ref(name)}


# The values of keys that the loader has a function for.
_SPECIAL: Mapping[str, EditorSchema] = {
    **dict.fromkeys(("form", "list", "fragment", "portal", "process"), _FILE_NAME),
    "id": _ID,
    "type": _TEXT,
    "fields": _list_of("node"),
    "pages": _list_of("page"),
    "check": _list_of("check"),
    "notices": _list_of("notice"),
    **{name: _ref(name) for name in ("presentation", "start", "session", "submit", "confirmation")},
    "access": {"anyOf": [{"enum": ["anyone"]}, _ref("access")]},
    **dict.fromkeys(
        ("sign_in_from", "route_by", "prefill", "at", "use", "contact", "telephone", "email"), _TEXT
    ),
    "link": _ADDRESS,
    "exit_page": _ADDRESS,
    "website": _ADDRESS,
    **dict.fromkeys(("audiences", "conditions", "messages", "codes"), _TEXTS),
    "options": {
        "anyOf": [
            _TEXT,
            _ref("narrowed_list"),
            {"type": "object", "additionalProperties": {"anyOf": [_TEXT, _ref("option")]}},
        ]
    },
    "options_from": _WORDS,
    "value": {"anyOf": [_TEXT, _list_of("case")]},
    "change": {"type": "object", "additionalProperties": {"type": "object"}},
    "parts": {"type": "object"},
    "danger": _list_of("danger"),
    "contacts": _list_of("contact"),
    "tiles": _list_of("tile"),
    "links": _list_of("link"),
    **{
        name: _ref(name)
        for name in (
            "council",
            "front_door",
            "gateway",
            "fallback",
            "hub",
            "urgent_advice",
            "human_test",
            "sign_in",
        )
    },
    **{name: _ref(name) for name in ("gate", "step_1", "step_2")},
    "roles": _TEXTS,
    "mailboxes": _list_of("process_mailbox"),
    "stages": {
        "type": "array",
        "items": {"if": {"required": ["waits_for"]}, "then": _ref("waiting"), "else": _ref("stage")},
    },
    "moves": _list_of("move"),
    "outcomes": {"type": "object", "additionalProperties": _ref("outcome")},
    "letters": {"type": "object", "additionalProperties": _ref("letter")},
    **dict.fromkeys(
        ("hours", "starts_at", "by", "to", "ends", "letter", "asks", "on_answer", "when_late"), _TEXT
    ),
    **dict.fromkeys(("deadline", "urgent_deadline"), _TIME_LIMIT),
}
# Where the same key means something else.
_ELSEWHERE: Mapping[tuple[str, str], EditorSchema] = {
    ("list", "options"): {"type": "object", "additionalProperties": {"anyOf": [_TEXT, _ref("option")]}},
    ("portal", "pages"): _list_of("text_page"),
    ("letter", "text"): _TEXT,
}

_STRUCTURES = (
    *(
        keys.FORM,
        keys.LIST,
        keys.FRAGMENT,
        keys.PRESENTATION,
        keys.START,
        keys.ACCESS,
        keys.SESSION,
        keys.SUBMIT,
    ),
    *(
        keys.CONFIRMATION,
        keys.NOTICE,
        keys.PAGE,
        keys.CHECK,
        keys.OPTION,
        keys.NARROWED_LIST,
        keys.CASE,
        keys.USE,
    ),
    *keys.NODE_STRUCTURES.values(),
    *(
        value
        for module in (portal_keys, process_keys)
        for value in vars(module).values()
        if isinstance(value, Structure)
    ),
)


def form_schema(
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
) -> EditorSchema:
    """The JSON Schema (draft 7) of forms, lists, fragments, portals and processes, with these types."""
    fields = [field_structure(kind) for kind in field_types.values()]
    definitions = {structure.name: _object(structure) for structure in (*_STRUCTURES, *fields)}
    for composite in composite_types.values():
        parts = {part.type.name: part.type for part in composite.parts}
        definitions.update((f"part_{name}", _object(part_structure(kind))) for name, kind in parts.items())
        structure = composite_structure(composite)
        definitions[structure.name] = _object(structure, parts=_parts(composite))
    definitions["node"] = _node(
        [*keys.NODE_STRUCTURES], [*field_types], [*composite_types], _docs(field_types, composite_types)
    )
    kinds = (keys.FORM, keys.LIST, keys.FRAGMENT, portal_keys.PORTAL, process_keys.PROCESS)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "formengine definition",
        "description": "A form, a list of options, a fragment, a portal or a process. The first key says which.",
        "type": "object",
        "properties": {kind.name: {"description": kind.doc} for kind in kinds},
        "anyOf": [{"required": [kind.name]} for kind in kinds],
        "allOf": [{"if": {"required": [kind.name]}, "then": _ref(kind.name)} for kind in kinds],
        "definitions": definitions,
    }


def _object(structure: Structure, **overrides: EditorSchema) -> EditorSchema:
    made: EditorSchema = {
        "description": structure.doc,
        "type": "object",
        "properties": {
            name: {"description": key.doc, **(overrides.get(name) or _value(structure, key))}
            for name, key in structure.keys.items()
        },
        "additionalProperties": False,
    }
    if structure.required:
        made["required"] = list(structure.required)
    return made


def _value(structure: Structure, key: Key) -> EditorSchema:
    if key.value == "one_of":
        return {"enum": list(key.choices)}
    if key.value == "special":
        return _ELSEWHERE.get((structure.name, key.name)) or _SPECIAL[key.name]
    if key.value == "whole_number" and key.name.startswith("max_"):
        return {"type": "integer", "minimum": 1}
    return _VALUES[key.value]


def _parts(composite: CompositeType) -> EditorSchema:
    return {
        "type": "object",
        "properties": {
            part.id: {"description": part.label, **_ref(f"part_{part.type.name}")} for part in composite.parts
        },
        "additionalProperties": False,
    }


def _docs(
    field_types: Mapping[str, FieldType], composite_types: Mapping[str, CompositeType]
) -> Mapping[str, str]:
    return {
        **{name: structure.doc for name, structure in keys.NODE_STRUCTURES.items()},
        **{kind.name: kind.doc for kind in field_types.values()},
        **{kind.name: kind.doc for kind in composite_types.values()},
    }


def _node(
    structures: list[str], fields: list[str], composites: list[str], docs: Mapping[str, str]
) -> EditorSchema:
    """One entry of ``fields:``: its type decides which keys are offered."""
    definition = {
        **{name: name for name in structures},
        **{name: f"field_{name}" for name in fields},
        **{name: f"composite_{name}" for name in composites},
    }
    names: Iterable[str] = definition
    return {
        "type": "object",
        "properties": {
            "type": {
                "description": keys.FIELD.keys["type"].doc,
                "enum": list(names),
                "enumDescriptions": [docs[name] for name in definition],
            },
        },
        "anyOf": [{"required": ["type"]}, {"required": ["use"]}],
        "allOf": [
            {"if": {"required": ["use"]}, "then": _ref("use")},
            *(
                {
                    "if": {"properties": {"type": {"enum": [name]}}, "required": ["type"]},
                    "then": _ref(target),
                }
                for name, target in definition.items()
            ),
        ],
    }


def as_text() -> str:
    """The schema as `definitions/form.schema.json` holds it."""
    return json.dumps(form_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(as_text(), encoding="utf-8")
