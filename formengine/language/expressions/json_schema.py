"""The JSON Schema back end: an expression becomes two schemas of the answers.

`Schemas.true` is valid exactly where the expression is definitely true, `Schemas.false` where it is
definitely false; answers for which it is unknown are valid under neither. Both suppose answers of the right
types and shapes, which the document's ``properties`` demand beside them. A missing answer is an absent key.
An expression that reads an item's own answers is judged at the item, any other at the form's answers.

What no schema can express: a comparison of two answers, and a day counted from today where no day is given. Such
an atom is bounded: `unsure` False takes it as never true and never false, which is right where something is
demanded; True takes it as both wherever it has its answers, which is right where something is forbidden.
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
    ListOperand,
    Not,
    Operand,
    Or,
    Quantified,
    SameAnswer,
    StartsWith,
    Ticked,
    Unknown,
)
from formengine.language.expressions.json_schema_days import compared_day
from formengine.language.expressions.schema_fragments import (
    ALWAYS,
    Fragment,
    absent,
    all_of,
    any_of,
    negated,
    present,
    when,
)
from formengine.language.expressions.today import Today

TRUE = And(())
FALSE = Or(())
UNKNOWN = Unknown()

Inexact = CompareDate | SameAnswer | CompareAnswers

_BOUNDS = {
    ("lt", True): "exclusiveMaximum",
    ("le", True): "maximum",
    ("gt", True): "exclusiveMinimum",
    ("ge", True): "minimum",
    ("lt", False): "minimum",
    ("le", False): "exclusiveMinimum",
    ("gt", False): "maximum",
    ("ge", False): "exclusiveMaximum",
}


class Schemas:
    """Compiles expressions to schemas, as of the day `on` (None: the schema names no day).

    `relevance` gives each repeat's relevance by key: a repeat that is definitely not relevant has no key in
    the answers and counts as an empty list. With `definitions`, the schema of that is written there once, under
    a name, so that lists that depend on one another do not multiply.
    """

    def __init__(
        self,
        on: date | None,
        relevance: Mapping[str, Expr],
        definitions: dict[str, Fragment] | None = None,
    ) -> None:
        self.on = on
        self.today = Today(on) if on is not None else None
        self.relevance = relevance
        self.definitions = definitions
        self._inexact: dict[str, tuple[Inexact, ...]] = {}

    def true(self, expr: Expr, *, unsure: bool = False) -> Fragment:
        """The schema of the answers for which `expr` is definitely true."""
        return self._schema(expr, truth=True, unsure=unsure)

    def false(self, expr: Expr, *, unsure: bool = False) -> Fragment:
        """The schema of the answers for which `expr` is definitely false."""
        return self._schema(expr, truth=False, unsure=unsure)

    def inexact(self, expr: Expr) -> tuple[Inexact, ...]:
        """The atoms in `expr` that a schema can only bound, those of the repeats it counts among them."""
        match expr:
            case And() | Or():
                return tuple(atom for part in expr.parts for atom in self.inexact(part))
            case Not():
                return self.inexact(expr.part)
            case Quantified() | Counted():
                inner = self.inexact(expr.where) if expr.where is not None else ()
                return (*inner, *self._inexact_relevance(expr.items.key))
            case SameAnswer() | CompareAnswers():
                return (expr,)
            case CompareDate() if self.today is None and not isinstance(expr.day, date):
                return (expr,)
        return ()

    def _inexact_relevance(self, repeat: str) -> tuple[Inexact, ...]:
        known = self._inexact.get(repeat)
        if known is None:
            found = self.inexact(self.relevance.get(repeat, TRUE))
            known = self._inexact[repeat] = tuple(dict.fromkeys(found))
        return known

    def _schema(self, expr: Expr, *, truth: bool, unsure: bool) -> Fragment:
        match expr:
            case And() | Or():
                parts = (self._schema(part, truth=truth, unsure=unsure) for part in expr.parts)
                return all_of(parts) if isinstance(expr, And) is truth else any_of(parts)
            case Not():
                return self._schema(expr.part, truth=not truth, unsure=unsure)
            case Unknown():
                return False
            case Answered() | Ticked():
                key = expr.operand.key
                return present(key) if truth else absent(key)
            case Quantified():
                return self._quantified(expr, truth=truth, unsure=unsure)
            case Counted():
                return self._counted(expr, truth=truth, unsure=unsure)
            case SameAnswer() | CompareAnswers():
                both = (present(expr.operand.key), present(expr.other.key))
                return all_of(both) if unsure else False
            case CompareDate():
                return present(expr.operand.key, self._day(expr, truth=truth, unsure=unsure))
            case _:
                return present(expr.operand.key, _value(expr, truth=truth))

    def _day(self, expr: CompareDate, *, truth: bool, unsure: bool) -> Fragment:
        if isinstance(expr.day, date):
            return compared_day(expr.order, expr.day.isoformat(), expr.operand.kind, truth=truth)
        if self.today is None:
            return unsure
        return compared_day(expr.order, self.today.cut(expr.day), expr.operand.kind, truth=truth)

    def _none_asked(self, items: ListOperand, *, unsure: bool) -> Fragment:
        """Answers in which the repeat counts as an empty list because it is definitely not relevant."""
        relevance = self.relevance.get(items.key, TRUE)
        if self.definitions is None or relevance == TRUE:
            return self._schema(relevance, truth=False, unsure=unsure)
        bounded = unsure and bool(self.inexact(relevance))
        name = f"{'maybe-' if bounded else ''}not-asked-{items.key}"
        if name not in self.definitions:
            self.definitions[name] = True  # its place; a list never depends on itself
            self.definitions[name] = self._schema(relevance, truth=False, unsure=bounded)
        return {"$ref": f"#/$defs/{name}"}

    def _quantified(self, expr: Quantified, *, truth: bool, unsure: bool) -> Fragment:
        if expr.quantifier == "all":  # all are so: none is not so
            where = self._schema(expr.where, truth=truth, unsure=unsure)
            some_wanted = not truth
        else:
            some_wanted = truth is (expr.quantifier == "any")
            where = self._schema(expr.where, truth=some_wanted, unsure=unsure)
        if some_wanted:
            return False if where is False else present(expr.items.key, {"contains": where})
        every: Fragment = True if where is True else {"maxItems": 0} if where is False else {"items": where}
        return any_of((present(expr.items.key, every), self._none_asked(expr.items, unsure=unsure)))

    def _counted(self, expr: Counted, *, truth: bool, unsure: bool) -> Fragment:
        """Where it is unknown whether some items count, the least and the greatest number decide."""
        if expr.order == "eq":
            if truth:
                least = self._at_least(expr, expr.number, unsure=unsure)
                return all_of((least, self._at_most(expr, expr.number, unsure=unsure)))
            more = self._at_least(expr, expr.number + 1, unsure=unsure)
            return any_of((more, self._at_most(expr, expr.number - 1, unsure=unsure)))
        number = expr.number + (expr.order in {"gt", "le"})
        if (expr.order in {"ge", "gt"}) is truth:
            return self._at_least(expr, number, unsure=unsure)
        return self._at_most(expr, number - 1, unsure=unsure)

    def _at_least(self, expr: Counted, number: int, *, unsure: bool) -> Fragment:
        """At least `number` items definitely count."""
        if number <= 0:
            return any_of((present(expr.items.key), self._none_asked(expr.items, unsure=unsure)))
        where = TRUE if expr.where is None else expr.where
        counts = self._schema(where, truth=True, unsure=unsure)
        if isinstance(counts, bool):
            return counts and present(expr.items.key, {"minItems": number})
        least = {"minContains": number} if number > 1 else {}
        return present(expr.items.key, {"contains": counts} | least)

    def _at_most(self, expr: Counted, number: int, *, unsure: bool) -> Fragment:
        """At most `number` items can count."""
        if number < 0:
            return False
        where = TRUE if expr.where is None else expr.where
        never = self._schema(where, truth=False, unsure=unsure)
        few: Fragment
        if isinstance(never, bool):
            few = never or {"maxItems": number}
        elif number == 0:
            few = {"items": never}
        else:
            few = {"contains": negated(never), "minContains": 0, "maxContains": number}
        return any_of((present(expr.items.key, few), self._none_asked(expr.items, unsure=unsure)))

    def for_items(
        self, repeat: str, expr: Expr, then: Fragment, otherwise: Fragment = ALWAYS, *, unsure: bool = False
    ) -> Fragment:
        """A schema of the form's answers: for each item, `then` where `expr` is true, else `otherwise`.

        What `expr` reads outside the item cannot be seen from there: it is split at the form's answers into
        true, false and unknown, at most three cases for each part of `expr` that reads no answer of the item.
        """
        grouped, parts = _with_outer_parts(expr, repeat)
        return self._split(repeat, (grouped,), parts, (then, otherwise), unsure=unsure)

    def _split(
        self,
        repeat: str,
        alternatives: tuple[Expr, ...],
        parts: tuple[Expr, ...],
        branches: tuple[Fragment, Fragment],
        *,
        unsure: bool,
    ) -> Fragment:
        """`for_items` for the truth of any of `alternatives`: a part that is only bounded may be both."""
        if not parts:
            condition = any_of(self.true(expr, unsure=unsure) for expr in alternatives)
            return each_item(repeat, when(condition, *branches))

        def given(*truths: Expr) -> Fragment:
            known = tuple(
                _replaced(expr, repeat, parts[0], truth) for expr in alternatives for truth in truths
            )
            return self._split(repeat, known, parts[1:], branches, unsure=unsure)

        is_true, is_false = self.true(parts[0], unsure=unsure), self.false(parts[0], unsure=unsure)
        unknown = when(is_false, given(FALSE), given(UNKNOWN))
        if unsure and self.inexact(parts[0]):
            return when(is_true, when(is_false, given(TRUE, FALSE), given(TRUE)), unknown)
        return when(is_true, given(TRUE), unknown)


def each_item(repeat: str, item: Fragment) -> Fragment:
    """A schema of the form's answers: `item` holds for each item of `repeat`, if there are any."""
    value = item if item is True else {"items": item}
    for part in reversed(repeat.split(".")):
        if value is True:
            return True
        value = {"properties": {part: value}}
    return value


def _value(expr: Is | Includes | StartsWith | CompareNumber, *, truth: bool) -> Fragment:
    """The schema of a value for which one test of it is `truth`."""
    match expr:
        case CompareNumber():
            return {_BOUNDS[expr.order, truth]: expr.value}
        case Includes():
            codes = _one_of(expr.codes)
            return {"contains": codes} if truth else {"items": {"not": codes}}
        case Is():
            test = _one_of(expr.values)
            return test if truth else negated(test)
        case StartsWith():
            test = {"pattern": "^" + "".join(map(_literal, expr.prefix))}
            return test if truth else negated(test)


def _one_of(values: tuple[str | int | float, ...]) -> dict[str, object]:
    return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}


def _literal(character: str) -> str:
    """A character as a pattern for itself, in every engine."""
    if character.isascii() and not character.isalnum():
        return f"\\u{ord(character):04x}"
    return character


def reads_item(expr: Expr, repeat: str) -> bool:
    """Whether `expr` reads an answer of the item of `repeat` that it stands in."""
    match expr:
        case And() | Or():
            return any(reads_item(part, repeat) for part in expr.parts)
        case Not():
            return reads_item(expr.part, repeat)
        case SameAnswer() | CompareAnswers():
            return _own(expr.operand, repeat) or _own(expr.other, repeat)
        case Quantified() | Counted() | Unknown():
            return False
        case _:
            return _own(expr.operand, repeat)


def _own(operand: Operand, repeat: str) -> bool:
    return operand.repeat == repeat


def _with_outer_parts(expr: Expr, repeat: str) -> tuple[Expr, tuple[Expr, ...]]:
    """`expr` with what reads no answer of the item brought together, and those parts, each once."""
    if expr in (TRUE, FALSE, UNKNOWN):
        return expr, ()
    if not reads_item(expr, repeat):
        return expr, (expr,)
    match expr:
        case And() | Or():
            outer = tuple(part for part in expr.parts if not reads_item(part, repeat))
            together = (type(expr)(outer),) if len(outer) > 1 else outer
            own = [_with_outer_parts(part, repeat) for part in expr.parts if reads_item(part, repeat)]
            parts = (*together, *(part for _, inner in own for part in inner))
            return type(expr)((*together, *(part for part, _ in own))), tuple(dict.fromkeys(parts))
        case Not():
            inner, parts = _with_outer_parts(expr.part, repeat)
            return Not(inner), parts
    return expr, ()


def _replaced(expr: Expr, repeat: str, part: Expr, truth: Expr) -> Expr:
    """`expr` with an outer part replaced by its truth, but not where it stands within a larger outer part.

    That one is a part of its own, split as a whole; changed within, it would not be found again.
    """
    if expr == part:
        return truth
    match expr:
        case And() | Or() if reads_item(expr, repeat):
            return type(expr)(tuple(_replaced(inner, repeat, part, truth) for inner in expr.parts))
        case Not() if reads_item(expr, repeat):
            return Not(_replaced(expr.part, repeat, part, truth))
    return expr
