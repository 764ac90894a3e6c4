"""The steps by which answers are judged: one forward pass, made by the compiler, run by `state.evaluate`.

A step is a function over a `Run`. Only what some condition reads, and what has a condition, has a step; a question that
nothing depends on costs nothing until somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from formengine.language.expressions import Evaluate, Today
from formengine.language.fields.base import is_blank
from formengine.language.fields.choice_options import ITEM_ID
from formengine.language.json_types import Json

AnswerValues = dict[str, Json]
# The value of a repeat: what `items` has put there, so nothing is asked of it on the way.
_Items = Any


@dataclass(slots=True)
class Run:
    """One pass over the answers of one level: the form, or one item of a repeat.

    answers: the stored answers of the level. values: the form's relevant, readable answers by key, as far as read.
    item: the same for the current item, None at the form's own level. relevance: by gate, true, false or unknown.
    items: by repeat key, the run of each item.
    """

    answers: Mapping[str, Json]
    values: AnswerValues
    item: AnswerValues | None
    today: Today
    relevance: list[bool | None]
    items: dict[str, list[Run]] = field(default_factory=dict)
    stopped: bool = False

    @property
    def own(self) -> AnswerValues:
        """The values of this level."""
        return self.values if self.item is None else self.item


_ITEM_ID = re.compile(ITEM_ID)

PlanStep = Callable[[Run], None]
Test = Evaluate
Judge = Callable[[Json], bool]
# Whether one thing about the answers of a level is as it must be; it may be too strict, never too lenient.
QuickCheck = Callable[[Run], bool]
# Where people come from: a key, "group" or "repeat", for a group the keys of its fields.
People = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one level, the number of its gates, and the quick checks that its answers have no error.

    quiet: the quick checks that there is no warning either.
    """

    steps: tuple[PlanStep, ...]
    gates: int
    quick_checks: tuple[QuickCheck, ...] = ()
    quiet: tuple[QuickCheck, ...] = ()


def run_plan(plan: Plan, run: Run) -> Run:
    """The same run, after every step."""
    for step in plan.steps:
        step(run)
    return run


def run_item(plan: Plan, form: Run, answers: Mapping[str, Json]) -> Run:
    """The pass over one item's answers, `form` being the pass over the form's own."""
    return run_plan(plan, Run(answers, form.values, {"id": answers["id"]}, form.today, [True] * plan.gates))


def run_blank_item(plan: Plan, form: Run, item_id: str) -> Run:
    """The pass over an item that nobody has filled in."""
    return run_item(plan, form, {"id": item_id})


def reach(answers: Mapping[str, Json], path: Sequence[str]) -> Json:
    """The stored value at `path` through nested objects, or None where there is none."""
    value: Json = answers
    for part in path:
        # Nearly always a dict, which is asked much faster than whether it is any mapping.
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def gate(index: int, parent: int, test: Test | None, *, after_stop: bool = False) -> PlanStep:
    """A step that sets relevance `index` to the Kleene "and" of the parent gate and the node's own condition.

    after_stop: the node stands behind a stop page, so nothing of it counts once the journey has ended there.
    """

    def decide(run: Run) -> None:
        above = run.relevance[parent]
        if above is False or (after_stop and run.stopped):
            run.relevance[index] = False
            return
        own = True if test is None else test(run.values, run.item, run.today)
        run.relevance[index] = own if above or own is False else None

    return decide


def stop(index: int) -> PlanStep:
    """A step that ends the journey when gate `index`, a stop page's, is true."""

    def end(run: Run) -> None:
        if run.relevance[index]:
            run.stopped = True

    return end


def read(index: int, path: tuple[str, ...], readable: Judge) -> PlanStep:
    """A step that makes a relevant, readable answer known to the conditions after it."""
    key = ".".join(path)
    if len(path) == 1:

        def read_one(run: Run) -> None:
            if run.relevance[index]:
                value = run.answers.get(key)
                if value is not None and not is_blank(value) and readable(value):
                    run.own[key] = value

        return read_one

    def read_deep(run: Run) -> None:
        if run.relevance[index]:
            value = reach(run.answers, path)
            if value is not None and not is_blank(value) and readable(value):
                run.own[key] = value

    return read_deep


def read_offered(index: int, path: tuple[str, ...], readable: Judge, offers: Mapping[str, Test]) -> PlanStep:
    """Like `read`, for a field some of whose options are offered only on a condition.

    A code that is not offered makes the answer missing; so does one such code among several ticked ones.
    """
    key = ".".join(path)

    def read_if_offered(run: Run) -> None:
        if not run.relevance[index]:
            return
        value = reach(run.answers, path)
        if not is_blank(value) and readable(value) and is_offered(value, offers, run):
            run.own[key] = value

    return read_if_offered


def is_offered(value: Json, offers: Mapping[str, Test], run: Run) -> bool:
    """Whether every code in a readable `value` is offered now; `offers` are the conditions of those that have one."""
    for code in value if isinstance(value, list) else [value]:
        test = offers.get(code) if isinstance(code, str) else None
        if test is not None and test(run.values, run.item, run.today) is not True:
            return False
    return True


def people_of(values: Mapping[str, Json], sources: Sequence[People]) -> list[str]:
    """The pointers to everybody entered so far in `sources`, in order: ``child``, ``agencies/a1``.

    Rule: docs/language.md, People already entered.

    A source is its key, "group" or "repeat", and for a group the keys of its fields: it offers itself once any of them
    has an answer.
    """
    pointers: list[str] = []
    for key, kind, fields in sources:
        if kind == "repeat":
            people: _Items = values.get(key, ())
            pointers.extend(f"{key}/{item['id']}" for item in people)
        elif not values.keys().isdisjoint(fields):
            pointers.append(key)
    return pointers


def read_people(index: int, path: tuple[str, ...], readable: Judge, sources: Sequence[People]) -> PlanStep:
    """Like `read`, for a field that points to people already entered; one pointer to nobody makes it missing."""
    key = ".".join(path)

    def read_if_there(run: Run) -> None:
        if not run.relevance[index]:
            return
        value = reach(run.answers, path)
        if not is_blank(value) and readable(value) and are_there(value, sources, run):
            run.own[key] = value

    return read_if_there


def are_there(value: Json, sources: Sequence[People], run: Run) -> bool:
    """Whether everybody that a readable `value` points to has been entered."""
    pointers = value if isinstance(value, list) else [value]
    return all(isinstance(pointer, str) and _is_there(pointer, sources, run.values) for pointer in pointers)


def _is_there(pointer: str, sources: Sequence[People], values: AnswerValues) -> bool:
    """Whether `people_of` these sources holds `pointer`."""
    pointed, _, item_id = pointer.partition("/")
    for key, kind, fields in sources:
        if key == pointed:
            if kind == "repeat":
                people: _Items = values.get(key, ())
                return any(item["id"] == item_id for item in people)
            return pointer == key and not values.keys().isdisjoint(fields)
    return False


def usable_items(raw: Json) -> list[Mapping[str, Json]] | None:
    """The items of a stored repeat that can be judged, or None where there is no list.

    An item is an object with an ``id`` of letters, figures, ``_`` and ``-`` that no item before it has; `state.errors`
    names the others.
    """
    if not isinstance(raw, list):
        return None
    items: list[Mapping[str, Json]] = []
    seen: set[str] = set()
    for item in raw:
        item_id = item.get("id") if isinstance(item, Mapping) else None
        if isinstance(item_id, str) and _ITEM_ID.fullmatch(item_id) and item_id not in seen:
            seen.add(item_id)
            items.append(item)
    return items


def items(index: int, path: tuple[str, ...], plan: Plan) -> PlanStep:
    """A step that judges each item of a repeat.

    A repeat that is definitely not relevant counts as an empty list, one that may or may not be is unknown, and so is
    one without an answer (docs/language.md, Lists).
    """
    key = ".".join(path)

    def read_items(run: Run) -> None:
        relevant = run.relevance[index]
        if relevant is False:
            run.values[key] = []
        usable = usable_items(reach(run.answers, path)) if relevant else None
        if usable is None:
            return
        runs = [run_item(plan, run, answers) for answers in usable]
        run.items[key] = runs
        run.values[key] = [item_run.item for item_run in runs]

    return read_items
