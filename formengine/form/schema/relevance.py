"""When a node counts, as one expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formengine.form.plan import Field, Form, Group, Node, OptionSource, Page, Repeat, Section
from formengine.language.expressions.ast import And, Answered, Counted, Expr, Kind, ListOperand, Operand, Or
from formengine.language.expressions.json_schema import TRUE


def condition_of(node: Page | Node) -> Expr:
    """What has to be true for `node` to count where all around it does; always true without a condition.

    A question about people already entered counts only while there is somebody to choose (docs/language.md, People
    already entered).
    """
    own = node.show_if.expr if node.show_if is not None else TRUE
    if not isinstance(node, Field) or not node.sources:
        return own
    somebody = Or(tuple(_offers_somebody(source) for source in node.sources))
    return somebody if own == TRUE else And((own, somebody))


def _offers_somebody(source: OptionSource) -> Expr:
    if source.kind == "repeat":
        return Counted(ListOperand(source.key), None, "ge", 1)
    return Or(tuple(Answered(Operand(key, None, Kind.OPAQUE)) for key in source.fields))


def repeat_relevance(form: Form) -> Mapping[str, Expr]:
    """For each repeat whose relevance depends on answers, by key, all that has to be true for it to count."""
    found: dict[str, Expr] = {}
    for page in form.every_page:
        for repeat, conditions in _repeats(page.nodes, (condition_of(page),)):
            deciding = tuple(condition for condition in conditions if condition != TRUE)
            if deciding:
                found[repeat.key] = deciding[0] if len(deciding) == 1 else And(deciding)
    return found


def _repeats(nodes: tuple[Node, ...], around: tuple[Expr, ...]) -> Iterator[tuple[Repeat, tuple[Expr, ...]]]:
    for node in nodes:
        if isinstance(node, Repeat):
            yield node, (*around, condition_of(node))
        elif isinstance(node, Section | Group):
            yield from _repeats(node.nodes, (*around, condition_of(node)))
