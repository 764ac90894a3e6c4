"""What the names in an expression refer to: the protocol between compiler and checker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from formengine.language.expressions.ast import Expr, ListOperand, Operand
from formengine.language.source import Span


@dataclass(frozen=True, slots=True)
class CheckedCondition:
    """A condition with a name, already checked where it is used; None where it has findings of its own."""

    expr: Expr | None


@dataclass(frozen=True, slots=True)
class NotReadable:
    """Why a name that exists cannot be read here.

    later: it comes after the place that reads it · own_list: an item reads its own list · ambiguous: it
    is in two enclosing scopes, write ``item.x`` or ``form.x`` · ambiguous_in_group: likewise, and the nearer
    of the two is in a group, so that ``group.x`` distinguishes them · into_items: ``children.x`` outside a
    quantifier · group: it is a group, not an answer · outer: a ``where (…)`` sees only the item's own fields
    · cycle: a named condition that uses itself · no_value: a note or section or paper-only node.
    `at` is where the name is defined, when that helps.
    """

    reason: Literal[
        "later",
        "own_list",
        "ambiguous",
        "ambiguous_in_group",
        "into_items",
        "group",
        "outer",
        "cycle",
        "no_value",
    ]
    at: Span | None = None


Found = Operand | ListOperand | CheckedCondition | NotReadable


class Scope(Protocol):
    """The names an expression may read at its place."""

    def find(self, names: tuple[str, ...]) -> Found | None:
        """What ``a.b`` stands for; None where nothing has that name."""

    def names(self) -> Iterable[str]:
        """Every dotted name that could be meant here, for the near name."""

    def item_of(self, items: ListOperand) -> Scope:
        """The scope of ``where (…)`` over `items`: the item's own fields and nothing else."""
