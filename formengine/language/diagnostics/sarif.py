"""Findings as SARIF 2.1.0 (OASIS), which code scanners and editors read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from formengine.language.diagnostics.catalogue import CATALOGUE
from formengine.language.diagnostics.diagnostic import Diagnostic
from formengine.language.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(diagnostics: Iterable[Diagnostic], *, version: str) -> dict[str, Any]:
    """A SARIF log with one run of formengine in `version`; its rules are the codes that occur.

    Columns count UTF-16 code units and say so (SARIF 2.1.0 section 3.14.17); file names become relative
    references.
    """
    found = tuple(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    driver = {"name": "formengine", "version": version, "rules": [_rule(code) for code in codes]}
    results = [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in found]
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def render_sarif(diagnostics: Iterable[Diagnostic], *, version: str) -> str:
    """The SARIF log as JSON text, ending in a line end."""
    return json.dumps(to_sarif(diagnostics, version=version), ensure_ascii=True, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    entry = CATALOGUE.get(code)
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.meaning},
        "help": {"text": entry.meaning},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Any]:
    text = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [_location(diagnostic.span, diagnostic.label)],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.span, related.note)}
            for number, related in enumerate(diagnostic.related, start=1)
        ]
    return result


def _location(span: Span, note: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(span.source.name)}}
    if span.source.text:
        physical["region"] = _region(span)
    location: dict[str, Any] = {"physicalLocation": physical}
    if note:
        location["message"] = {"text": note}
    return location


def _region(span: Span) -> dict[str, int]:
    start_line, start_column = _utf16_position(span.source, span.start)
    end_line, end_column = _utf16_position(span.source, max(span.end, span.start))
    return {
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _utf16_position(source: Source, offset: int) -> tuple[int, int]:
    """Line and column from 1; a character beyond U+FFFF counts as two columns."""
    line, column = source.position(offset)
    start = source.line_starts[line - 1]
    return line, column + sum(ord(char) > 0xFFFF for char in source.text[start:offset])
