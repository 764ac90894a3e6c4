"""The typed tree of an expression, which the checker makes and every back end reads.

A tree is closed: names are resolved to answer keys, named conditions are expanded, constants have the type of
the answer they are compared with. Every node keeps its source span, out of equality.

Keys. An answer is known by its key, the ids of its groups joined by dots (``child.date_of_birth``). Inside an
item the key starts at the item (``date_of_birth``), and `Operand.repeat` names the list's key; otherwise
`repeat` is None.

Meaning. Three-valued logic (Kleene): an atom on a missing answer is unknown, except `Answered` and `Ticked`,
which are two-valued. ``x is not "a"`` is ``Not(Is(x, "a"))``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from formengine.language.source import NOWHERE, Span


class Kind(StrEnum):
    """The kind of an answer: which tests an expression may apply to it."""

    TEXT = "text"  # str: is, one of, starts with
    NUMBER = "number"  # int or float: is, order
    DATE = "date"  # "2026-09-01": is, before, after, ago
    PARTIAL_DATE = (
        "partial_date"  # "2026-09-01", "2026-09" or "2026": compared as an interval, unknown inside it
    )
    TIME = "time"  # "14:30": is, answered
    TICK = "tick"  # "yes" or absent: ticked
    CHOICE = "choice"  # one code: is, one of
    CHOICES = "choices"  # a list of codes, never empty: includes, includes any of
    OPAQUE = "opaque"  # anything else: answered


@dataclass(frozen=True, slots=True)
class Operand:
    """One answer, as an expression names it.

    `codes` are the codes an answer of kind choice or choices can have, in order, else empty.
    `label` is what people call the answer; the English sentence uses it.
    `scale` is by how much a number is greater as stored than as written: 100 for money, written in pounds and
    stored in pence. Constants in the tree are as stored.
    `conditional`: whether the answer has a `show_if` of its own, so that it may be missing for good; a lint
    reads it.
    """

    key: str
    repeat: str | None
    kind: Kind
    codes: tuple[str, ...] = ()
    label: str = field(default="", compare=False)
    scale: int = 1
    conditional: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ListOperand:
    """One repeat, as a quantifier or a count names it."""

    key: str
    label: str = field(default="", compare=False)


Order = Literal["lt", "le", "gt", "ge"]
CountOrder = Literal["lt", "le", "gt", "ge", "eq"]
Unit = Literal["days", "weeks", "months", "years"]


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """The day `amount` `unit` before ("ago") or after the day of evaluation; 0 days is today."""

    amount: int
    unit: Unit
    direction: Literal["ago", "from_today"]


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """``x is answered``: true or false, never unknown."""

    operand: Operand
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ticked:
    """``x is ticked``: true or false, never unknown."""

    operand: Operand
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is:
    """``x is one of a, b``, and ``x is a`` as one value; text, choice, number, time or ISO date values."""

    operand: Operand
    values: tuple[str | int | float, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Includes:
    """``x includes any of a, b``, and ``x includes a`` as one code; of choices."""

    operand: Operand
    codes: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StartsWith:
    """``x starts with "ME"``, letter case counting."""

    operand: Operand
    prefix: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CompareNumber:
    """``x is at least 3``."""

    operand: Operand
    order: Order
    value: int | float
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CompareDate:
    """``x is before 2026-09-01``; ``x is at least 18 years ago`` is ``order="le"`` with a relative day.

    The order is that of the dates themselves: "at least N ago" is on or before the cut.
    """

    operand: Operand
    order: Literal["lt", "le", "gt", "ge", "eq"]
    day: date | RelativeDay
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """``any of x where (…)``, ``all of …``, ``none of …``; the condition reads its items' own answers."""

    quantifier: Literal["any", "all", "none"]
    items: ListOperand
    where: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """``count of x where (…) is at least 2``; `where` None counts every item."""

    items: ListOperand
    where: Expr | None
    order: CountOrder
    number: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """``x is the same as y``; in checks only. "is different from" is its negation."""

    operand: Operand
    other: Operand
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CompareAnswers:
    """``x is after y``, ``x is at most y``, ``x is at least 28 days after y``; in checks only.

    Both are numbers or both are dates.

    With a distance, `amount` `unit` are added to the other date (negative: taken from it) before they are
    compared.
    """

    operand: Operand
    order: Order
    other: Operand
    amount: int = 0
    unit: Unit = "days"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Never true, never false; no author can write it. `fold` inserts it where an earlier answer is missing."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


Expr = (
    And
    | Or
    | Not
    | Answered
    | Ticked
    | Is
    | Includes
    | StartsWith
    | CompareNumber
    | CompareDate
    | Quantified
    | Counted
    | SameAnswer
    | CompareAnswers
    | Unknown
)
