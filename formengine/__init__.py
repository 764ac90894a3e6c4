"""formengine: one YAML definition in; a form, HTML pages, a JSON Schema, validation and an accessible PDF out."""

from __future__ import annotations

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.form.state import State, evaluate
from formengine.language.diagnostics import DefinitionError
from formengine.language.loader import load

__all__ = ["DefinitionError", "Form", "State", "compile_form", "evaluate", "load"]
