"""Findings as workflow commands that GitHub shows beside the changed lines.

The escapes are those of the actions toolkit: % and line ends in the text, colon and comma besides in the
properties.
"""

from __future__ import annotations

from collections.abc import Iterable

from formengine.language.diagnostics.diagnostic import Diagnostic

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One line for each finding; empty when there are none."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(max(span.start, span.end - 1))
    properties = {
        "file": span.source.name,
        "line": str(line),
        "endLine": str(end_line),
        "title": diagnostic.code,
    }
    # Columns of a stretch over several lines are ignored, and warned of.
    if end_line == line:
        properties |= {"col": str(column), "endColumn": str(end_column)}
    written = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    text = diagnostic.message + (f"\nhelp: {diagnostic.help}" if diagnostic.help else "")
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
