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
    CountOrder,
    Expr,
    Includes,
    Is,
    Kind,
    ListOperand,
    Not,
    Operand,
    Or,
    Order,
    Quantified,
    RelativeDay,
    SameAnswer,
    StartsWith,
    Ticked,
    Unit,
    Unknown,
)
from formengine.language.json_types import (
    Json,
    JsonObject,
    expect_list,
    expect_object,
    expect_text,
    expect_whole_number,
)

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
        node = expect_object(tree)
        match node["op"]:
            case "and":
                return And(tuple(self.node(part) for part in expect_list(node["parts"])))
            case "or":
                return Or(tuple(self.node(part) for part in expect_list(node["parts"])))
            case "not":
                return Not(self.node(node["part"]))
            case "any" | "all" | "none" as quantifier:
                return Quantified(
                    quantifier, ListOperand(expect_text(node["list"])), self.node(node["where"])
                )
            case "count":
                where = self.node(node["where"]) if "where" in node else None
                number = expect_whole_number(node["number"])
                return Counted(
                    ListOperand(expect_text(node["list"])), where, _order_or_equal(node["order"]), number
                )
            case _:
                return self.test(node, self.operand(expect_object(node["answer"])))

    def test(self, node: JsonObject, operand: Operand) -> Expr:
        match node["op"]:
            case "answered":
                return Answered(operand)
            case "ticked":
                return Ticked(operand)
            case "is":
                return Is(operand, tuple(_constant(value) for value in expect_list(node["values"])))
            case "includes":
                return Includes(operand, tuple(expect_text(code) for code in expect_list(node["codes"])))
            case "starts_with":
                return StartsWith(operand, expect_text(node["prefix"]))
            case "number":
                return CompareNumber(operand, _order(node["order"]), _number(node["value"]))
            case "date":
                return CompareDate(operand, _order_or_equal(node["order"]), _read_day(node["day"]))
            case "same":
                return SameAnswer(operand, self.operand(expect_object(node["other"])))
            case "answers":
                amount, unit = expect_whole_number(node.get("amount", 0)), _unit(node.get("unit", "days"))
                other = self.operand(expect_object(node["other"]))
                return CompareAnswers(operand, _order(node["order"]), other, amount, unit)
            case unknown:
                raise KeyError(unknown)

    def operand(self, answer: JsonObject) -> Operand:
        key, repeat = expect_text(answer["key"]), answer.get("list")
        in_list = None if repeat is None else expect_text(repeat)
        known = self.operands.get((in_list, key))
        return known if known is not None else Operand(key, in_list, Kind(expect_text(answer["kind"])))


def _read_day(day: Json) -> date | RelativeDay:
    if isinstance(day, str):
        return date.fromisoformat(day)
    relative = expect_object(day)
    match relative["direction"]:
        case "ago" | "from_today" as direction:
            return RelativeDay(expect_whole_number(relative["amount"]), _unit(relative["unit"]), direction)
        case unknown:
            raise KeyError(unknown)


def _number(value: Json) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(value)


def _constant(value: Json) -> str | int | float:
    return value if isinstance(value, str) else _number(value)


def _order(value: Json) -> Order:
    match value:
        case "lt" | "le" | "gt" | "ge":
            return value
        case unknown:
            raise KeyError(unknown)


def _order_or_equal(value: Json) -> CountOrder:
    return "eq" if value == "eq" else _order(value)


def _unit(value: Json) -> Unit:
    match value:
        case "days" | "weeks" | "months" | "years":
            return value
        case unknown:
            raise KeyError(unknown)
