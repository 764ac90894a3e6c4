"""Random expression trees over a fixed world of answers, and answers on and around every constant in them.

The world has two answers of each kind at the form's level, two in the group ``box``, and the same in the
items of the repeats ``people`` (asked only when ``gate`` is "a"), ``box.others`` and ``members``. An
expression is either the form's, or is in an item of ``members`` and reads both.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

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
)
from formengine.language.expressions.today import Today

Place = Literal["top", "group", "item", "outside"]
PLACES: tuple[Place, ...] = ("top", "group", "item", "outside")
ITEMS = "members"
LISTS = ("people", "box.others")
GATE = Operand("gate", None, Kind.CHOICE, ("a", "b"))
RELEVANCE: Mapping[str, Expr] = {"people": Is(GATE, ("a",))}
DAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2027, 2, 28), date(2026, 3, 31), date(2026, 12, 31))

_CODES = ("a", "b", "1A", "00", "yes", "not_sought")
_TEXTS = ("ME5 7AB", "blue", "O'Neil (x)^$.*-/\\[", "école", "Ж\U0001f600")
_NUMBERS = (-3, 0, 2.5, 10, 1500)
_TIMES = ("00:00", "09:30", "23:59")
_UNITS = ("days", "weeks", "months", "years")


@dataclass(frozen=True)
class Combination:
    """An operator, the kind of answer it asks, and where: what the cells are counted by."""

    operator: str
    kind: str
    place: Place


@dataclass(frozen=True)
class Case:
    """One expression with answers: `document` is for the schema, `values` and `item` are for the others."""

    expr: Expr
    on: date
    document: dict[str, Any]
    values: dict[str, Any]
    item: dict[str, Any] | None


_BY_KIND = {
    "is": (Kind.TEXT, Kind.NUMBER, Kind.TIME, Kind.CHOICE),
    "is one of": (Kind.TEXT, Kind.NUMBER, Kind.TIME, Kind.CHOICE),
    "includes": (Kind.CHOICES,),
    "includes any of": (Kind.CHOICES,),
    "starts with": (Kind.TEXT,),
    "answered": tuple(Kind),
    "ticked": (Kind.TICK,),
} | {f"number {order}": (Kind.NUMBER,) for order in ("lt", "le", "gt", "ge")}
_BY_KIND |= {
    f"{day} {order}": (Kind.DATE, Kind.PARTIAL_DATE)
    for day in ("day", "relative day")
    for order in ("lt", "le", "gt", "ge", "eq")
}
_OF_LISTS = (
    *("any", "all", "none"),
    *(f"count {order}" for order in ("lt", "le", "gt", "ge", "eq")),
    *(f"count where {order}" for order in ("lt", "le", "gt", "ge", "eq")),
)
_CONNECTIVES = ("and", "or", "not")
_OF_TWO: dict[str, tuple[Kind, ...]] = {
    "same answer": (Kind.TEXT, Kind.CHOICE),
    **{
        f"compared {order}": (Kind.NUMBER, Kind.DATE, Kind.PARTIAL_DATE) for order in ("lt", "le", "gt", "ge")
    },
}


def combinations() -> list[Combination]:
    """Every combination that can be written in a condition.

    Lists have no place "item": a repeat in a repeat is refused (docs/language.md, Lists).
    """
    single = [
        Combination(op, kind, place) for op, kinds in _BY_KIND.items() for kind in kinds for place in PLACES
    ]
    lists = [Combination(op, "list", place) for op in _OF_LISTS for place in PLACES if place != "item"]
    connectives = [Combination(op, "any kind", place) for op in _CONNECTIVES for place in PLACES]
    return [*single, *lists, *connectives]


def check_combinations() -> list[Combination]:
    """Every combination of two answers, in checks only; no schema can express them."""
    return [
        Combination(op, kind, place) for op, kinds in _OF_TWO.items() for kind in kinds for place in PLACES
    ]


def truths_of(combination: Combination) -> tuple[bool | None, ...]:
    """The truth values a combination can have: "is answered" and "is ticked" are never unknown."""
    return (True, False) if combination.operator in {"answered", "ticked"} else (True, False, None)


def tree(random: Random, combination: Combination, depth: int) -> Expr:
    """An expression that contains `combination`, alone, negated, or among others up to `depth` deep."""
    own = atom(random, combination, depth)
    if depth <= 0 or random.random() < 0.4:
        return Not(own) if random.random() < 0.3 else own
    in_item = combination.place in {"item", "outside"}
    others = [tree(random, _any(random, in_item=in_item), depth - 1) for _ in range(random.randint(1, 2))]
    parts = [own, *others]
    if in_item and random.random() < 0.3:
        parts += _outer_part_twice(random, depth)
    random.shuffle(parts)
    whole: Expr = And(tuple(parts)) if random.random() < 0.5 else Or(tuple(parts))
    return Not(whole) if random.random() < 0.2 else whole


def _outer_part_twice(random: Random, depth: int) -> tuple[Expr, Expr]:
    """A test that reads nothing of the item, and the same within a larger such part, beside a test of the item."""
    outside = [c for c in combinations() if c.place == "outside" and c.operator not in _CONNECTIVES]
    inside = [c for c in combinations() if c.place == "item" and c.operator not in _CONNECTIVES]
    alone, other = (atom(random, random.choice(outside), depth - 1) for _ in range(2))
    larger: Expr = And((alone, other)) if random.random() < 0.5 else Or((other, Not(alone)))
    own = atom(random, random.choice(inside), depth - 1)
    return alone, Or((own, larger)) if random.random() < 0.5 else And((own, larger))


def _any(random: Random, *, in_item: bool) -> Combination:
    places = {"item", "outside"} if in_item else {"top", "group"}
    simple = [c for c in combinations() if c.place in places and c.operator not in _CONNECTIVES]
    return random.choice(simple)


def atom(random: Random, combination: Combination, depth: int = 1) -> Expr:
    """One expression whose outermost operator and place are those of `combination`."""
    operator, place = combination.operator, combination.place
    if operator in _CONNECTIVES:
        return _connective(random, operator, place, depth)
    if combination.kind == "list":
        lists = {"top": LISTS[0], "group": LISTS[1]}
        return _of_list(random, operator, lists.get(place) or random.choice(LISTS))
    kind = Kind(combination.kind)
    return _test(random, operator, _operand(random, kind, place))


def _connective(random: Random, operator: str, place: Place, depth: int) -> Expr:
    kinds = [c for c in combinations() if c.place == place and c.operator in _BY_KIND]
    parts = tuple(atom(random, random.choice(kinds), depth - 1) for _ in range(random.randint(2, 3)))
    if operator == "not":
        return Not(parts[0])
    return And(parts) if operator == "and" else Or(parts)


def _operand(random: Random, kind: Kind, place: Place, repeat: str = ITEMS) -> Operand:
    grouped = place == "group" or (place != "top" and random.random() < 0.4)
    codes = _CODES if kind in {Kind.CHOICE, Kind.CHOICES} else ()
    key = f"{'box.' if grouped else ''}{kind}_{random.randint(1, 2)}"
    return Operand(key, repeat if place == "item" else None, kind, codes)


def _of_list(random: Random, operator: str, key: str) -> Expr:
    items = ListOperand(key)

    def where() -> Expr:
        kinds = [(op, kind) for op, kinds in _BY_KIND.items() for kind in kinds]
        tests = []
        for _ in range(random.choice((1, 1, 2))):
            op, kind = random.choice(kinds)
            tests.append(_test(random, op, _operand(random, kind, "item", key)))
        if len(tests) == 1:
            return Not(tests[0]) if random.random() < 0.3 else tests[0]
        return And(tuple(tests)) if random.random() < 0.5 else Or(tuple(tests))

    def number(order: str) -> int:
        return random.choice((0, 0, 0, 1)) if order in {"gt", "le"} else random.choice((0, 1, 1, 1, 2))

    match operator.split():
        case ["any" | "all" | "none" as quantifier]:
            return Quantified(quantifier, items, where())
        case ["count", "where", order]:
            return Counted(items, where(), order, number(order))  # type: ignore[arg-type]
        case ["count", order]:
            return Counted(items, None, order, number(order))  # type: ignore[arg-type]
    raise ValueError(operator)


_CONSTANTS: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: _TEXTS,
    Kind.NUMBER: _NUMBERS,
    Kind.TIME: _TIMES,
    Kind.CHOICE: _CODES,
    Kind.CHOICES: _CODES,
}


def _test(random: Random, operator: str, operand: Operand) -> Expr:
    name, _, order = operator.rpartition(" ")
    if name in {"number", "day", "relative day", "compared"}:
        return _order_test(random, name, order, operand)
    if operator == "same answer":
        return SameAnswer(operand, _sibling(operand))
    if operator in {"answered", "ticked"}:
        return Answered(operand) if operator == "answered" else Ticked(operand)
    constants = _CONSTANTS[operand.kind]
    if operator == "starts with":
        return StartsWith(operand, random.choice(_TEXTS)[: random.randint(1, 18)])
    some = tuple(random.sample(constants, 2 if operator.endswith(" of") else 1))
    return Includes(operand, some) if operator.startswith("includes") else Is(operand, some)


_FIXED_DAYS = (date(2026, 9, 1), date(2000, 2, 29), date(1999, 12, 31), date(2026, 1, 1), date(2025, 10, 31))


def _order_test(random: Random, name: str, order: Any, operand: Operand) -> Expr:
    unit: Any = random.choice(_UNITS)
    if name == "number":
        return CompareNumber(operand, order, random.choice(_NUMBERS))
    if name == "day":
        return CompareDate(operand, order, random.choice(_FIXED_DAYS))
    if name == "relative day":
        direction: Any = random.choice(("ago", "from_today"))
        return CompareDate(operand, order, RelativeDay(random.choice((0, 1, 4, 13, 18, 25)), unit, direction))
    far = random.choice((0, 0, 28, -1)) if operand.kind is not Kind.NUMBER else 0
    return CompareAnswers(operand, order, _sibling(operand), far, unit)


def _sibling(operand: Operand) -> Operand:
    key = operand.key[:-1] + ("2" if operand.key.endswith("1") else "1")
    return Operand(key, operand.repeat, operand.kind, operand.codes)


def atoms(expr: Expr) -> Iterator[Expr]:
    """The parts of `expr`, itself among them; not those in a ``where (…)``."""
    yield expr
    if isinstance(expr, And | Or):
        for part in expr.parts:
            yield from atoms(part)
    elif isinstance(expr, Not):
        yield from atoms(expr.part)


def deep(expr: Expr) -> Iterator[Expr]:
    """The parts of `expr`, those in a ``where (…)`` among them."""
    for part in atoms(expr):
        yield part
        where = part.where if isinstance(part, Quantified | Counted) else None
        if where is not None:
            yield from deep(where)


def combination_of(expr: Expr, *, in_item: bool) -> Combination:
    """The combination of a tree's outermost operator; of a connective, that of the first test in it."""
    found = _combination_of(expr)
    if in_item and found.place != "item":
        return Combination(found.operator, found.kind, "outside")
    return found


def _combination_of(expr: Expr) -> Combination:
    match expr:
        case And() | Or():
            first = _combination_of(expr.parts[0])
            return Combination("and" if isinstance(expr, And) else "or", "any kind", first.place)
        case Not():
            return Combination("not", "any kind", _combination_of(expr.part).place)
        case Quantified():
            return Combination(expr.quantifier, "list", _list_place(expr.items))
        case Counted():
            name = f"count {'where ' if expr.where is not None else ''}{expr.order}"
            return Combination(name, "list", _list_place(expr.items))
        case Answered() | Ticked():
            name = type(expr).__name__.lower()
        case Is() | Includes():
            several, one = ("is one of", "is") if isinstance(expr, Is) else ("includes any of", "includes")
            name = one if len(expr.values if isinstance(expr, Is) else expr.codes) == 1 else several
        case StartsWith():
            name = "starts with"
        case CompareNumber():
            name = f"number {expr.order}"
        case CompareDate():
            name = f"{'day' if isinstance(expr.day, date) else 'relative day'} {expr.order}"
        case SameAnswer():
            name = "same answer"
        case CompareAnswers():
            name = f"compared {expr.order}"
        case _:
            raise ValueError(expr)
    operand = expr.operand
    place: Place = "item" if operand.repeat else "group" if "." in operand.key else "top"
    return Combination(name, operand.kind, place)


def _list_place(items: ListOperand) -> Place:
    return "group" if "." in items.key else "top"


def answers_for(random: Random, expr: Expr, on: date, *, in_item: bool) -> Case:
    """Answers, on and around the constants of `expr`, some of them missing."""
    around: dict[tuple[str | None, str], list[Any]] = {}
    for part in deep(expr):
        for operand, choices in near(part, on):
            around.setdefault((operand.repeat, operand.key), []).extend(choices)
    document: dict[str, Any] = {}
    values: dict[str, Any] = {}
    _fill(random, around, None, document, values)
    gate = random.choice(("a", "a", "b", None))
    if gate:
        document["gate"] = values["gate"] = gate
    for key in LISTS:
        _fill_list(random, around, key, document, values, asked=key != "people" or gate == "a")
    if gate == "b":
        values["people"] = []
    item: dict[str, Any] | None = None
    if in_item:
        nested: dict[str, Any] = {"id": "m1"}
        item = {"id": "m1"}
        _fill(random, around, ITEMS, nested, item)
        document[ITEMS] = [nested]
    return Case(expr, on, document, values, item)


def _fill(
    random: Random,
    around: Mapping[tuple[str | None, str], list[Any]],
    repeat: str | None,
    document: dict[str, Any],
    values: dict[str, Any],
) -> None:
    for (of, key), choices in around.items():
        if of != repeat or random.random() < 0.3:
            continue
        value = random.choice(choices)
        values[key] = value
        put(document, key, value)


def put(document: dict[str, Any], key: str, value: Any) -> None:
    """Put `value` into `document` at the dotted `key`."""
    *groups, last = key.split(".")
    inner = document
    for group in groups:
        inner = inner.setdefault(group, {})
    inner[last] = value


def _fill_list(
    random: Random,
    around: Mapping[tuple[str | None, str], list[Any]],
    key: str,
    document: dict[str, Any],
    values: dict[str, Any],
    *,
    asked: bool,
) -> None:
    if not asked or random.random() < 0.2:
        return
    nested: list[dict[str, Any]] = []
    flat: list[dict[str, Any]] = []
    for number in range(random.choice((0, 1, 1, 2, 2, 3, 3))):
        item: dict[str, Any] = {"id": f"i{number}"}
        own: dict[str, Any] = {"id": f"i{number}"}
        _fill(random, around, key, item, own)
        nested.append(item)
        flat.append(own)
    put(document, key, nested)
    values[key] = flat


def near(expr: Expr, on: date) -> Iterator[tuple[Operand, list[Any]]]:
    """The operands of one test with values that hold, that just do not, and others."""
    match expr:
        case Answered() | Ticked():
            yield expr.operand, [_some(expr.operand.kind)]
        case Is():
            yield expr.operand, [*expr.values, *[_other(expr.operand.kind)] * len(expr.values)]
        case Includes():
            rest = [code for code in _CODES if code not in expr.codes]
            yield expr.operand, [[expr.codes[0]], [rest[0], expr.codes[-1]], [rest[1]], rest]
        case StartsWith():
            prefix = expr.prefix
            yield (
                expr.operand,
                [prefix, f"{prefix} and more", f"x{prefix}", prefix.swapcase() + "x", prefix[:-1] + "~"],
            )
        case CompareNumber():
            yield expr.operand, [expr.value - 1, expr.value, expr.value, expr.value + 1, expr.value + 0.5]
        case CompareDate():
            cut = expr.day.isoformat() if isinstance(expr.day, date) else Today(on).cut(expr.day)
            yield expr.operand, [cut] * 6 if expr.order == "eq" else []
            yield (
                expr.operand,
                _days_near(date.fromisoformat(cut), partial=expr.operand.kind is Kind.PARTIAL_DATE),
            )
        case SameAnswer() | CompareAnswers():
            for operand in (expr.operand, expr.other):
                if operand.kind in {Kind.DATE, Kind.PARTIAL_DATE}:
                    yield operand, _days_near(on, partial=operand.kind is Kind.PARTIAL_DATE)
                else:
                    yield operand, [_some(operand.kind), _other(operand.kind)]


def _days_near(day: date, *, partial: bool) -> list[str]:
    days = [
        day,
        day,
        day - timedelta(days=1),
        day + timedelta(days=1),
        day.replace(day=1),
        day - timedelta(days=400),
    ]
    last = day.replace(day=monthrange(day.year, day.month)[1])
    texts = [each.isoformat() for each in (*days, last, day + timedelta(days=4000))]
    if partial:
        months = [day - timedelta(days=35), day, day + timedelta(days=35)]
        texts += [each.isoformat()[:7] for each in months] + [f"{day.year + more}" for more in (-1, 0, 1)]
    return texts


def _some(kind: Kind) -> Any:
    samples: dict[Kind, Any] = {
        Kind.TEXT: "blue",
        Kind.NUMBER: 7,
        Kind.DATE: "2020-02-29",
        Kind.PARTIAL_DATE: "2020-02",
        Kind.TIME: "12:00",
        Kind.TICK: "yes",
        Kind.CHOICE: "a",
        Kind.CHOICES: ["a"],
        Kind.OPAQUE: {"id": "f1", "name": "plan.pdf"},
    }
    return samples[kind]


def _other(kind: Kind) -> Any:
    return {Kind.TEXT: "green", Kind.NUMBER: 8, Kind.TIME: "12:01", Kind.CHOICE: "b"}[kind]


def cases(random: Random, combination: Combination, *, trees: int, answers: int) -> Iterator[Case]:
    """`trees` expressions with `combination` in them, each with `answers` sets of answers."""
    in_item = combination.place in {"item", "outside"}
    for _ in range(trees):
        expr = tree(random, combination, depth=random.choice((0, 1, 2)))
        on = random.choice(DAYS)
        for _ in range(answers):
            yield answers_for(random, expr, on, in_item=in_item)
