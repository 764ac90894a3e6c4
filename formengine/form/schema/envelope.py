"""The JSON Schema of the envelope ``submission/1``: what leaves the engine, whatever the form."""

from __future__ import annotations

from typing import Any

from formengine.form.schema.export import DIALECT
from formengine.language.expressions.iso_days import DAY
from formengine.language.fields.patterns import line_of

# RFC 3339, section 5.6, with seconds; leap seconds are not stored.
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?"
_OFFSET = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ID = "[A-Za-z0-9][A-Za-z0-9_-]*"


def submission_schema() -> dict[str, Any]:
    """The JSON Schema 2020-12 of a submission's envelope; `schema` of the form judges the ``answers`` in it."""
    properties = {
        "format": {"title": "The kind and version of this document", "const": "submission/1"},
        "form": {"title": "The form's id"} | dict(line_of(_ID)),
        "version": {"title": "The form's version, as its definition writes it"} | _one_line(),
        "digest": {"title": "SHA-256 of the definition with all it includes"} | dict(line_of("[0-9a-f]{64}")),
        "on": {"title": "The day as of which the answers were judged"} | dict(line_of(DAY)),
        "at": {"title": "When it was sent (RFC 3339)"} | dict(line_of(f"{DAY}T{_TIME}{_OFFSET}")),
        "reference": {"title": "The reference as read aloud; empty before there is one"} | _one_line(least=0),
        "urgency": {"title": "How soon it has to be looked at", "enum": ["urgent", "standard"]},
        "notices": {"title": "The privacy notices shown", "type": "array", "items": _notice()},
        "answers": {"title": "The answers that count, by the form's own schema", "type": "object"},
        "codes": _codes(),
    }
    return {
        "$schema": DIALECT,
        "$id": "urn:formengine:submission:1",
        "title": "A submission",
        "description": "What leaves the engine when a form is sent: submission/1.",
    } | _object(properties)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_line(*, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": 200, "not": {"pattern": "[\\r\\n]"}}


def _notice() -> dict[str, Any]:
    return _object(
        {
            "id": {"title": "The notice's id"} | dict(line_of(_ID)),
            "version": {"title": "The version that was shown"} | _one_line(),
            "for": {"title": "Whom it is for", "enum": ["notifier", "family"]},
        }
    )


def _codes() -> dict[str, Any]:
    codes = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
    return {
        "title": "What other systems call the options chosen, by answer path and scheme",
        "description": "Paths are dotted, with item ids. Of checkboxes a list, an entry for each option with codes.",
        "type": "object",
        "additionalProperties": {"anyOf": [codes, {"type": "array", "items": codes, "minItems": 1}]},
    }
