"""Calculated values in the schema: there when they can be worked out, and equal where a schema can express that."""

from __future__ import annotations

from collections.abc import Iterator

from formengine.form.plan import Calculation, Field, Form, Text
from formengine.language.expressions.ast import (
    And,
    Answered,
    Counted,
    Expr,
    Kind,
    Not,
    Operand,
    Or,
    Quantified,
)
from formengine.language.expressions.json_schema import TRUE
from formengine.language.expressions.schema_fragments import Fragment, absent, present
from formengine.language.expressions.template import Insert

# A count up to here is compared item by item; the form's `max_items` decides if it can be greater.
MAX_EXACT_COUNT = 20


def calculated_demands(node: Field, form: Form) -> Iterator[tuple[Expr, Fragment]]:
    """Each condition under which the value of `node` is there, and, as far as a schema can express it, what it is."""
    if node.calculation is None:
        return
    counted = _counted(node.calculation)
    if counted is not None:
        yield _known(counted), present(node.key)
        for number in range(_greatest_count(counted, form) + 1):
            exactly = Counted(counted.items, counted.where, "eq", number)
            yield exactly, present(node.key, {"const": number})
        return
    for condition, text in _cases(node.calculation):
        yield condition, present(node.key, True if text is None else {"const": text})


def calculated_bans(node: Field) -> Iterator[tuple[Expr, Fragment]]:
    """The condition without which there is no value."""
    if node.calculation is None:
        return
    counted = _counted(node.calculation)
    if counted is not None:
        yield _known(counted), absent(node.key)
    else:
        yield Or(tuple(condition for condition, _ in _cases(node.calculation))), absent(node.key)


def is_exact(calculation: Calculation, form: Form) -> bool:
    """Whether the schema states which value `calculation` has, not only when there is one."""
    counted = _counted(calculation)
    if counted is not None:
        most = form.repeats[counted.items.key].spec.max_items
        return most is not None and most <= MAX_EXACT_COUNT
    return all(text is not None for _, text in _cases(calculation))


def _greatest_count(counted: Counted, form: Form) -> int:
    most = form.repeats[counted.items.key].spec.max_items
    return MAX_EXACT_COUNT if most is None else min(most, MAX_EXACT_COUNT)


def _counted(calculation: Calculation) -> Counted | None:
    if calculation.count is None:
        return None
    expr = calculation.count.expr
    return expr if isinstance(expr, Counted) else None


def _known(counted: Counted) -> Expr:
    """That the list is there and the condition is true or false for each item."""
    if counted.where is None:
        return Counted(counted.items, None, "ge", 0)
    return Quantified("all", counted.items, Or((counted.where, Not(counted.where))))


def _cases(calculation: Calculation) -> Iterator[tuple[Expr, str | None]]:
    """The conditions of each text, and the text where it holds no answers.

    A case stands only where all before it are definitely false: silence decides nothing.
    """
    if calculation.text is not None:
        yield _can_be_filled(calculation.text), _constant(calculation.text)
    before: tuple[Expr, ...] = ()
    for condition, text in calculation.cases:
        own = condition.expr if condition is not None else TRUE
        whole = (*before, own, _can_be_filled(text))
        yield And(tuple(part for part in whole if part != TRUE)), _constant(text)
        before = (*before, Not(own))


def _can_be_filled(text: Text) -> Expr:
    """That every answer in `text` that has no fallback is there."""
    needed = []
    for insert in text.template.inserts:
        target = text.reads.get(".".join(insert.names))
        if target is None:
            return Or(())
        if not insert.fallback:
            needed.append(Answered(Operand(target.key, target.repeat, Kind.OPAQUE)))
    return And(tuple(needed)) if needed or _constant(text) != "" else Or(())


def _constant(text: Text) -> str | None:
    if any(isinstance(part, Insert) for part in text.template.parts):
        return None
    return "".join(part for part in text.template.parts if isinstance(part, str)).strip()
