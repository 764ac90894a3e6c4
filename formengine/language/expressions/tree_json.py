"""The typed tree as JSON: a published contract, read by the browser and by whoever embeds a form elsewhere.

Version 1. A node is ``true``, ``false``, ``null`` (unknown) or an object with one ``op``:

==============  ==================================================================================
``op``          other members
==============  ==================================================================================
and, or         ``parts``: nodes, two or more
not             ``part``: a node
answered        ``answer``; true or false, never unknown
ticked          ``answer``; true or false, never unknown
is              ``answer``, ``values``: texts or numbers, one of which it is
includes        ``answer``, ``codes``: option codes, at least one of which is ticked
starts_with     ``answer``, ``prefix``
number          ``answer``, ``order`` (lt, le, gt, ge), ``value``; money is in pence
date            ``answer``, ``order`` (lt, le, gt, ge, eq), ``day``
any, all, none  ``list``: the key of a repeat, ``where``: a node about one item
count           ``list``, ``where`` (left out: every item), ``order`` (lt, le, gt, ge, eq), ``number``
same            ``answer``, ``other``
answers         ``answer``, ``order``, ``other``; with ``amount`` and ``unit``: added to the other date
==============  ==================================================================================

A day is ``"2026-09-01"``, or ``{amount, unit, direction}`` counted from the day of evaluation: unit days,
weeks, months or years, direction ago or from_today.

An answer is ``{"key": "child.date_of_birth", "kind": "date"}``; one of an item has the key within the item
and
``"list"``, the key of its repeat. Kinds are those of `formengine.language.expressions.ast.Kind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from formengine.language.expressions.ast import (
    And,
    Answered,
    CompareAnswers,
    CompareDate,
    CompareNumber,
    Counted,
    Expr,
    Includes,
    Is,
    Kind,
    ListOperand,
    Not,
    Operand,
    Or,
    Quantified,
    RelativeDay,
    SameAnswer,
    StartsWith,
    Ticked,
    Unknown,
)
from formengine.language.json_types import Json

TREE_VERSION = 1


def to_json(expr: Expr | bool | None) -> Json:
    """`expr` as JSON, version `TREE_VERSION`; what `fold` decided is ``true``, ``false`` or ``null``."""
    match expr:
        case None | Unknown():
            return None
        case bool():
            return expr
        case And() | Or():
            return {"op": "and" if isinstance(expr, And) else "or", "parts": [to_json(p) for p in expr.parts]}
        case Not():
            return {"op": "not", "part": to_json(expr.part)}
        case Quantified():
            return {"op": expr.quantifier, "list": expr.items.key, "where": to_json(expr.where)}
        case Counted():
            where = {} if expr.where is None else {"where": to_json(expr.where)}
            return {
                "op": "count",
                "list": expr.items.key,
                **where,
                "order": expr.order,
                "number": expr.number,
            }
        case _:
            op, facts = _facts(expr)
            return {"op": op, "answer": _answer(expr.operand), **facts}


def _facts(
    expr: Answered
    | Ticked
    | Is
    | Includes
    | StartsWith
    | CompareNumber
    | CompareDate
    | SameAnswer
    | CompareAnswers,
) -> tuple[str, dict[str, Json]]:
    match expr:
        case Answered():
            return "answered", {}
        case Ticked():
            return "ticked", {}
        case Is():
            return "is", {"values": list(expr.values)}
        case Includes():
            return "includes", {"codes": list(expr.codes)}
        case StartsWith():
            return "starts_with", {"prefix": expr.prefix}
        case CompareNumber():
            return "number", {"order": expr.order, "value": expr.value}
        case CompareDate():
            return "date", {"order": expr.order, "day": _day(expr.day)}
        case SameAnswer():
            return "same", {"other": _answer(expr.other)}
        case CompareAnswers():
            distance = {"amount": expr.amount, "unit": expr.unit} if expr.amount else {}
            return "answers", {"order": expr.order, "other": _answer(expr.other), **distance}


def _answer(operand: Operand) -> Json:
    list_ = {} if operand.repeat is None else {"list": operand.repeat}
    return {"key": operand.key, **list_, "kind": operand.kind.value}


def _day(day: date | RelativeDay) -> Json:
    if isinstance(day, date):
        return day.isoformat()
    return {"amount": day.amount, "unit": day.unit, "direction": day.direction}


def from_json(
    tree: Json, operands: Mapping[tuple[str | None, str], Operand] | None = None
) -> Expr | bool | None:
    """What `to_json` wrote: the constants as they are, an `Unknown` inside a tree for ``null``.

    JSON leaves out what evaluation does not need: an operand's codes, label and scale. `operands` by repeat
    and key brings them back. Raises `KeyError` or `TypeError` on anything `to_json` does not write.
    """
    if tree is None or isinstance(tree, bool):
        return tree
    return _Reader(operands or {}).node(tree)


class _Reader:
    def __init__(self, operands: Mapping[tuple[str | None, str], Operand]) -> None:
        self.operands = operands

    def node(self, tree: Json) -> Expr:
        if tree is None:
            return Unknown()
        match tree["op"]:
            case "and":
                return And(tuple(self.node(part) for part in tree["parts"]))
            case "or":
                return Or(tuple(self.node(part) for part in tree["parts"]))
            case "not":
                return Not(self.node(tree["part"]))
            case "any" | "all" | "none":
                return Quantified(tree["op"], ListOperand(tree["list"]), self.node(tree["where"]))
            case "count":
                where = self.node(tree["where"]) if "where" in tree else None
                return Counted(ListOperand(tree["list"]), where, tree["order"], tree["number"])
            case _:
                return self.test(tree, self.operand(tree["answer"]))

    def test(self, tree: Json, operand: Operand) -> Expr:
        match tree["op"]:
            case "answered":
                return Answered(operand)
            case "ticked":
                return Ticked(operand)
            case "is":
                return Is(operand, tuple(tree["values"]))
            case "includes":
                return Includes(operand, tuple(tree["codes"]))
            case "starts_with":
                return StartsWith(operand, tree["prefix"])
            case "number":
                return CompareNumber(operand, tree["order"], tree["value"])
            case "date":
                return CompareDate(operand, tree["order"], _read_day(tree["day"]))
            case "same":
                return SameAnswer(operand, self.operand(tree["other"]))
            case "answers":
                amount, unit = tree.get("amount", 0), tree.get("unit", "days")
                return CompareAnswers(operand, tree["order"], self.operand(tree["other"]), amount, unit)
            case unknown:
                raise KeyError(unknown)

    def operand(self, answer: Json) -> Operand:
        key, repeat = answer["key"], answer.get("list")
        known = self.operands.get((repeat, key))
        return known if known is not None else Operand(key, repeat, Kind(answer["kind"]))


def _read_day(day: Json) -> date | RelativeDay:
    if isinstance(day, str):
        return date.fromisoformat(day)
    return RelativeDay(day["amount"], day["unit"], day["direction"])
