"""What authors are told about their definitions: one type, many renderings."""

from __future__ import annotations

from formengine.diagnostics.github import render_github
from formengine.diagnostics.json_output import render_json, to_json
from formengine.diagnostics.text import render_text
from formengine.diagnostics.types import DefinitionError, Diagnostic, Findings, Related, Severity, near

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
    "to_json",
]
