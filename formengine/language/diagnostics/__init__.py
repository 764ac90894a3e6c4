"""Findings about definitions: one type, many renderings."""

from __future__ import annotations

from formengine.language.diagnostics.diagnostic import (
    DefinitionError,
    Diagnostic,
    Findings,
    Related,
    Severity,
    near,
    stops,
)
from formengine.language.diagnostics.github import render_github
from formengine.language.diagnostics.json_output import render_json, to_json
from formengine.language.diagnostics.terminal import render_text

__all__ = [
    "DefinitionError",
    "Diagnostic",
    "Findings",
    "Related",
    "Severity",
    "near",
    "render_github",
    "render_json",
    "render_text",
    "stops",
    "to_json",
]
