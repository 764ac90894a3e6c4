"""The compiled form: immutable nodes, and the plan of steps that judges answers."""

from __future__ import annotations

from formengine.form.plan.forward_pass import Plan, PlanStep, Run
from formengine.form.plan.nodes import (
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
    "PlanStep",
    "Prefill",
    "Repeat",
    "Run",
    "Section",
    "Target",
    "Text",
    "scope_name",
    "walk",
]
