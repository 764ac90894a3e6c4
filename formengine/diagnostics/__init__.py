"""What authors are told about their definitions: one type, many renderings."""

from __future__ import annotations

from formengine.diagnostics.types import DefinitionError, Diagnostic, Findings, Related, Severity, near

__all__ = ["DefinitionError", "Diagnostic", "Findings", "Related", "Severity", "near"]
