"""formengine: one YAML definition in; a form, HTML pages, a JSON Schema, validation and an accessible PDF out."""

from __future__ import annotations

from formengine.compiler import compile_form
from formengine.form import Form
from formengine.language.diagnostics import DefinitionError
from formengine.language.loader import load
from formengine.state import State, evaluate

__all__ = ["DefinitionError", "Form", "State", "compile_form", "evaluate", "load"]
