"""The steps that work out calculated values (docs/language.md, Calculated answers)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from formengine.form import plan
from formengine.form.plan import forward_pass
from formengine.language.expressions import Insert, build
from formengine.language.expressions.ast import Counted
from formengine.language.json_types import Json
from formengine.language.words import Wording

Fields = Mapping[str, plan.Field]
Computation = Callable[[forward_pass.Run], Json]


def calculate(
    gate: int,
    key: str,
    calculation: plan.Calculation,
    *,
    fields: Fields,
    item_fields: Mapping[str, Fields],
    wording: Wording,
) -> forward_pass.PlanStep:
    """A step that puts the calculated value of a relevant field among the values; without one the field is missing."""
    if calculation.count is not None:
        work = _count(calculation.count)
    elif calculation.text is not None:
        work = _text(calculation.text, fields, item_fields, wording)
    else:
        cases = [
            (condition, _text(text, fields, item_fields, wording)) for condition, text in calculation.cases
        ]
        work = _first_match(cases)

    def step(run: forward_pass.Run) -> None:
        if run.relevance[gate]:
            value = work(run)
            if value is not None:
                run.own[key] = value

    return step


def _count(condition: plan.Condition) -> Computation:
    """The number of items for which the condition holds; None while it is unknown for one of them or for the list."""
    counted = condition.expr
    assert isinstance(counted, Counted)
    key = counted.items.key
    where = build(counted.where) if counted.where is not None else None

    def count(run: forward_pass.Run) -> Json:
        found: Any = run.values.get(key)  # a repeat's value is its items
        if found is None:
            return None
        if where is None:
            return len(found)
        truths = [where(run.values, item, run.today) for item in found]
        return None if None in truths else truths.count(True)

    return count


def _first_match(cases: list[tuple[plan.Condition | None, Computation]]) -> Computation:
    """The text of the first case that holds; None when one before it is unknown, so that silence decides nothing."""

    def first(run: forward_pass.Run) -> Json:
        for condition, text in cases:
            holds = True if condition is None else condition.test(run.values, run.item, run.today)
            if holds is None:
                return None
            if holds:
                return text(run)
        return None

    return first


def _text(
    text: plan.Text, fields: Fields, item_fields: Mapping[str, Fields], wording: Wording
) -> Computation:
    """The text with answers in it as people read them; None when an answer without a fallback is missing."""

    def fill(run: forward_pass.Run) -> Json:
        parts = []
        for part in text.template.parts:
            if not isinstance(part, Insert):
                parts.append(part)
                continue
            target = text.reads.get(".".join(part.names))
            if target is None:
                return None
            values = run.values if target.repeat is None else run.item or {}
            owner = fields if target.repeat is None else item_fields[target.repeat]
            value = values.get(target.key)
            if value is None:
                if not part.fallback:
                    return None
                parts.append(part.fallback)
            else:
                field = owner[target.key].spec
                parts.append(wording.display(field.type.display(value, field.settings)))
        return "".join(parts).strip() or None

    return fill
