# ruff: noqa: D102 - each method is the rule of the grammar that has its name
"""Makes the nodes of the untyped tree while lark parses: a method for each rule of `grammar.lark`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from formengine.language.expressions.syntax import (
    Chain,
    ConditionName,
    CountTest,
    Distance,
    Name,
    Negation,
    OrderTest,
    OrderWords,
    QuantifiedTest,
    RawValue,
    SameAnswerTest,
    StateTest,
    SyntaxNode,
    ValueTest,
)

if TYPE_CHECKING:
    from lark import Token

_Form = Literal["word", "string", "number", "date", "time", "today"]
_FORMS: dict[str, _Form] = {
    "WORD": "word",
    "STRING": "string",
    "NUMBER": "number",
    "DATE": "date",
    "TIME": "time",
    "TODAY": "today",
}


def _value(token: Token) -> RawValue:
    form = _FORMS[token.type]
    raw = token[1:-1] if form == "string" else str(token)
    return RawValue(raw, form, token.start_pos or 0, token.end_pos or 0)


def _start(child: Any) -> int:  # noqa: ANN401 - a token of lark's or a node
    start: int | None = child.start_pos if hasattr(child, "start_pos") else child.start
    return start or 0


def _end(child: Any) -> int:  # noqa: ANN401 - as above
    end: int | None = child.end_pos if hasattr(child, "end_pos") else child.end
    return end or 0


def _has(children: Sequence[Any], type_: str) -> bool:
    return any(getattr(child, "type", None) == type_ for child in children)


def _order(
    children: Sequence[Token], order: Literal["lt", "le", "gt", "ge"], *, of_days: bool = False
) -> OrderWords:
    return OrderWords(order, of_days, " ".join(children), _start(children[0]), _end(children[-1]))


class TreeBuilder:
    """Holds no state, so that one parser serves every thread. `children` are tokens and nodes, in order."""

    def start(self, children: Sequence[SyntaxNode]) -> SyntaxNode:
        return children[0]

    def chain(self, children: Sequence[Any]) -> SyntaxNode:
        words = tuple(str(word) for word in children[1::2])
        return Chain(tuple(children[::2]), words, _start(children[0]), _end(children[-1]))  # type: ignore[arg-type]

    def negation(self, children: Sequence[Any]) -> SyntaxNode:
        return Negation(children[1], _start(children[0]), _end(children[1]))

    def bracketed(self, children: Sequence[Any]) -> SyntaxNode:
        inner: SyntaxNode = children[1]
        return replace(inner, start=_start(children[0]), end=_end(children[2]))

    def condition(self, children: Sequence[Name]) -> SyntaxNode:
        name = children[0]
        return ConditionName(name, name.start, name.end)

    def state(self, children: Sequence[Any]) -> SyntaxNode:
        name, last = children[0], children[-1]
        state: Literal["answered", "ticked"] = "answered" if last.type == "ANSWERED" else "ticked"
        return StateTest(name, state, _has(children, "NOT"), name.start, _end(last))

    def value_test(self, children: Sequence[Any]) -> SyntaxNode:
        name, last = children[0], children[-1]
        verbs: dict[str, Literal["is", "includes", "starts with"]] = {
            "IS": "is",
            "INCLUDES": "includes",
            "DOES": "includes",
            "STARTS": "starts with",
        }
        values: tuple[RawValue, ...] = last if isinstance(last, tuple) else (_as_value(last),)
        verb = verbs[children[1].type]
        listed = isinstance(last, tuple)
        return ValueTest(name, verb, _has(children, "NOT"), values, listed, name.start, values[-1].end)

    def same_answer(self, children: Sequence[Any]) -> SyntaxNode:
        name, other = children[0], children[-1]
        return SameAnswerTest(name, other, _has(children, "DIFFERENT"), name.start, other.end)

    def order_test(self, children: Sequence[Any]) -> SyntaxNode:
        name, _, order, limit = children
        return OrderTest(name, order, limit, name.start, limit.end)

    def quantified(self, children: Sequence[Any]) -> SyntaxNode:
        quantifiers: dict[str, Literal["any", "all", "none"]] = {"ANY": "any", "ALL": "all", "NONE": "none"}
        quantifier = quantifiers[children[0].type]
        return QuantifiedTest(quantifier, children[2], children[5], _start(children[0]), _end(children[-1]))

    def counted(self, children: Sequence[Any]) -> SyntaxNode:
        where = children[3] if not hasattr(children[3], "type") else None
        order: Literal["lt", "le", "gt", "ge", "eq"] = "eq"
        if isinstance(children[-2], OrderWords):
            order = children[-2].order
        return CountTest(
            children[2],
            where,
            order,
            _has(children, "NOT"),
            _value(children[-1]),
            _start(children[0]),
            _end(children[-1]),
        )

    def where(self, children: Sequence[Any]) -> SyntaxNode:
        node: SyntaxNode = children[2]
        return node

    def gt(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "gt")

    def ge(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "ge")

    def lt(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "lt")

    def le(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "le")

    def before(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "lt", of_days=True)

    def on_or_before(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "le", of_days=True)

    def after(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "gt", of_days=True)

    def on_or_after(self, children: Sequence[Token]) -> OrderWords:
        return _order(children, "ge", of_days=True)

    def constant(self, children: Sequence[Token]) -> RawValue:
        return _value(children[0])

    def other_answer(self, children: Sequence[Name]) -> Name:
        return children[0]

    def distance(self, children: Sequence[Any]) -> Distance:
        amount, unit, direction = children[:3]
        directions: dict[str, Literal["ago", "from_today", "before", "after"]] = {
            "AGO": "ago",
            "FROM": "from_today",
            "BEFORE": "before",
            "AFTER": "after",
        }
        last = children[-1]
        other = last if isinstance(last, Name) else None
        return Distance(
            _value(amount), _value(unit), directions[direction.type], other, _start(amount), _end(last)
        )

    def values(self, children: Sequence[Any]) -> tuple[RawValue, ...]:
        return tuple(children[::2])

    def value(self, children: Sequence[Token]) -> RawValue:
        return _value(children[0])

    def path(self, children: Sequence[Token]) -> Name:
        return Name(tuple(str(word) for word in children[::2]), _start(children[0]), _end(children[-1]))


def _as_value(child: RawValue | Token) -> RawValue:
    """A bare ``today`` reaches the builder as a token, every other value as a node."""
    return child if isinstance(child, RawValue) else _value(child)
