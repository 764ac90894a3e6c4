"""The compiled form: immutable, runnable, knowing neither Jinja nor fpdf2 nor the web."""

from __future__ import annotations

from formengine.form.nodes import (
    Calculation,
    Check,
    Condition,
    Field,
    Form,
    Group,
    JudgedRule,
    Node,
    Note,
    OptionSource,
    Page,
    Prefill,
    Repeat,
    Section,
    Target,
    Text,
    scope_name,
    walk,
)
from formengine.form.plan import Plan, Run, Step

__all__ = [
    "Calculation",
    "Check",
    "Condition",
    "Field",
    "Form",
    "Group",
    "JudgedRule",
    "Node",
    "Note",
    "OptionSource",
    "Page",
    "Plan",
    "Prefill",
    "Repeat",
    "Run",
    "Section",
    "Step",
    "Target",
    "Text",
    "scope_name",
    "walk",
]
