"""Where the error of a check may stand: at a question that is asked, so not always at the same one."""

from __future__ import annotations

from collections.abc import Mapping

from formengine.form.plan.nodes import Check, Field, Form, Repeat
from formengine.language.expressions import ListOperand, operands

Place = Field | Repeat


def check_places(check: Check, form: Form, repeat: str | None) -> tuple[Place, ...]:
    """The questions and lists where the error may stand, in the order in which they are tried; none for its node alone.

    The first that is asked has it, its node where none is. `repeat` is the key of the list in whose items the check is
    judged, None at the form's own level. Beside `Check.at` they are those of the same page that the check reads, the
    last of them first. An answer of an item and one of the form may have one id: only those of the check's own level
    can have its error.
    """
    nodes: Mapping[str, Place]
    nodes = form.item_fields[repeat] if repeat is not None else {**form.fields, **form.repeats}
    at = nodes.get(check.at)
    if at is None:
        return ()
    read = {
        operand.key
        for operand in operands(check.condition.expr)
        if (None if isinstance(operand, ListOperand) else operand.repeat) == repeat
    }
    others = [node for key, node in nodes.items() if node.page == at.page and key in read and node is not at]
    return (at, *reversed(others))
