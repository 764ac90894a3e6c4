"""Findings as JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from formengine.language.diagnostics.diagnostic import Diagnostic
from formengine.language.source import Span

VERSION = 1


def to_json(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """The findings as JSON values.

    ``{"version": 1, "diagnostics": [{"code", "severity", "message", "label", "help", "file", "start", "end",
    "related": [{"note", "file", "start", "end"}]}]}``.

    Start and end are ``{"line", "column", "offset"}``, lines and columns from 1, offsets from 0, all in
    characters; the end is the position after the last character.
    """
    return {"version": VERSION, "diagnostics": [_one(diagnostic) for diagnostic in diagnostics]}


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings as JSON text, ending in a line end."""
    return json.dumps(to_json(diagnostics), ensure_ascii=True, indent=2) + "\n"


def _one(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "help": diagnostic.help,
        **_place(diagnostic.span),
        "related": [{"note": related.note, **_place(related.span)} for related in diagnostic.related],
    }


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.source.name, "start": _position(span, span.start), "end": _position(span, span.end)}


def _position(span: Span, offset: int) -> dict[str, int]:
    line, column = span.source.position(offset)
    return {"line": line, "column": column, "offset": offset}
