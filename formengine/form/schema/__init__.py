"""JSON Schema 2020-12: a form's published document, the envelope's schema, and validators for values."""

from __future__ import annotations

from formengine.form.schema.envelope import submission_schema
from formengine.form.schema.export import schema
from formengine.form.schema.x_check import x_checks

__all__ = ["schema", "submission_schema", "x_checks"]
