"""What an expression reads, and how large it is."""

from __future__ import annotations

from collections.abc import Iterator

from formengine.language.expressions.ast import (
    And,
    CompareAnswers,
    Counted,
    Expr,
    ListOperand,
    Not,
    Operand,
    Or,
    Quantified,
    SameAnswer,
    Unknown,
)


def operands(expr: Expr) -> Iterator[Operand | ListOperand]:
    """Every answer and list `expr` reads, in the order written, as often as it is read.

    What a ``where (…)`` reads is among them, after its list; its `Operand.repeat` names that list.
    """
    match expr:
        case And() | Or():
            for part in expr.parts:
                yield from operands(part)
        case Not():
            yield from operands(expr.part)
        case Quantified():
            yield expr.items
            yield from operands(expr.where)
        case Counted():
            yield expr.items
            if expr.where is not None:
                yield from operands(expr.where)
        case SameAnswer() | CompareAnswers():
            yield expr.operand
            yield expr.other
        case Unknown():
            return
        case _:
            yield expr.operand


def size(expr: Expr) -> tuple[int, int]:
    """How many tests `expr` has, and how many levels."""
    match expr:
        case And() | Or():
            sizes = [size(part) for part in expr.parts]
            return sum(tests for tests, _ in sizes), 1 + max(depth for _, depth in sizes)
        case Not():
            tests, depth = size(expr.part)
            return tests, depth + 1
        case Quantified() | Counted():
            tests, depth = size(expr.where) if expr.where is not None else (0, 0)
            return tests + 1, depth + 1
        case _:
            return 1, 1
