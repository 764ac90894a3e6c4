"""The untyped tree of an expression: what the author wrote, before any name is known.

Offsets count characters of the expression's text; `Syntax.span` turns them into a place in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formengine.language.source import Located, Span

LANGUAGE_WORDS = frozenset(
    [
        "after",
        "ago",
        "all",
        "and",
        "answered",
        "any",
        "as",
        "at",
        "before",
        "count",
        "different",
        "does",
        "from",
        "include",
        "includes",
        "is",
        "least",
        "less",
        "more",
        "most",
        "none",
        "not",
        "of",
        "on",
        "one",
        "or",
        "same",
        "starts",
        "than",
        "the",
        "ticked",
        "today",
        "where",
        "with",
    ]
)
"""The words with a meaning of their own: no field can have one as its id, and as a value they need quotes."""

RESERVED_IDS = LANGUAGE_WORDS | {"item", "form", "id", "for_each", "payment", "sum", "matching"}
"""What no field may be called: the language's words, the scopes, and what later versions will need."""


@dataclass(frozen=True, slots=True)
class Name:
    """``child.first_name`` as its parts."""

    names: tuple[str, ...]
    start: int
    end: int

    @property
    def dotted(self) -> str:
        """The name as the author wrote it, without blanks."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class RawValue:
    """One raw constant: `raw` is without quotes, `form` what it looks like; "today" is the bare word."""

    raw: str
    form: Literal["word", "string", "number", "date", "time", "today"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Distance:
    """``18 years ago``, ``4 weeks from today``, ``28 days after other``; only the last has an `other`."""

    amount: RawValue
    unit: RawValue
    direction: Literal["ago", "from_today", "before", "after"]
    other: Name | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts joined by ``and`` and ``or``; more than one kind of word in `words` is an error."""

    parts: tuple[SyntaxNode, ...]
    words: tuple[Literal["and", "or"], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negation:
    """``not part``."""

    part: SyntaxNode
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ConditionName:
    """A name that stands alone: a named condition."""

    name: Name
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StateTest:
    """``x is answered``, ``x is not ticked``."""

    name: Name
    state: Literal["answered", "ticked"]
    negated: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ValueTest:
    """``x is a``, ``x includes a``, ``x starts with a``; `listed` after "one of" and "any of"."""

    name: Name
    verb: Literal["is", "includes", "starts with"]
    negated: bool
    values: tuple[RawValue, ...]
    listed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SameAnswerTest:
    """``x is the same as y``; negated: ``x is different from y``."""

    name: Name
    other: Name
    negated: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OrderWords:
    """``at least``, ``on or before``…; `of_days`: the words are of days (before, after), not of amounts."""

    order: Literal["lt", "le", "gt", "ge"]
    of_days: bool
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OrderTest:
    """``x is at least 3``, ``x is before today``, ``x is at least 28 days after y``."""

    name: Name
    order: OrderWords
    limit: RawValue | Name | Distance
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuantifiedTest:
    """``any of x where (…)``."""

    quantifier: Literal["any", "all", "none"]
    items: Name
    where: SyntaxNode
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CountTest:
    """``count of x where (…) is at least 2``."""

    items: Name
    where: SyntaxNode | None
    order: Literal["lt", "le", "gt", "ge", "eq"]
    negated: bool
    number: RawValue
    start: int
    end: int


SyntaxNode = (
    Chain
    | Negation
    | ConditionName
    | StateTest
    | ValueTest
    | SameAnswerTest
    | OrderTest
    | QuantifiedTest
    | CountTest
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """A whole expression as written."""

    text: Located
    root: SyntaxNode

    def span(self, node: SyntaxNode | Name | RawValue | Distance | OrderWords) -> Span:
        """Where `node` stands in the file."""
        return self.text.part(node.start, node.end)

    def written(self, node: SyntaxNode | Name | RawValue | Distance | OrderWords) -> str:
        """`node` as the author wrote it."""
        return self.text.text[node.start : node.end]
