"""Random answers to a compiled form: samples, values around every constant in its conditions, gaps and rubbish."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from formengine.form.plan import Condition, Field, Form, Group, Node, Page, Repeat, Section
from formengine.form.state import evaluate
from formengine.language.expressions.ast import Expr, Operand
from formengine.language.json_types import Json
from tests.support.generators.trees import deep, near

RUBBISH: tuple[Json, ...] = (
    "",
    " \u00a0",
    None,
    "rubbish",
    "2026-02-31",
    "2026-09-01\n",
    {"day": "31", "month": "2", "year": "2026"},
    [],
    ["a", "a"],
    ["no_such_code"],
    {},
    True,
    12.345,
    10**20,
    [{"id": "x y"}],
    [1],
)


class Answerer:
    """Answers one form, as of one day."""

    def __init__(self, form: Form, on: date, random: Random) -> None:
        self.form = form
        self.on = on
        self.random = random
        self.near: dict[tuple[str | None, str], list[Json]] = {}
        for expr in expressions(form):
            for part in deep(expr):
                for operand, values in near(part, on):
                    self._note(operand, values)

        for repeat, fields in [(None, form.fields), *form.item_fields.items()]:
            for key, field in fields.items():
                around = list(_around_limits(field, on))
                if around:
                    self.near.setdefault((repeat, key), []).extend(around)

    def _note(self, operand: Operand, values: list[Json]) -> None:
        self.near.setdefault((operand.repeat, operand.key), []).extend(values)

    def draft(self, *, rubbish: float = 0.03) -> dict[str, Json]:
        """Answers to everything, relevant or not; some missing, some no answers at all."""
        answers: dict[str, Json] = {}
        for page in self.form.every_page:
            self._fill(page.nodes, answers, rubbish)
        if self.random.random() < rubbish:
            answers["nobody_asked"] = "this"
        return answers

    def complete(self) -> dict[str, Json]:
        """A draft with its errors put right, as far as a few attempts at each bring it."""
        draft = self.draft(rubbish=0)
        for _ in range(6):
            state = evaluate(self.form, draft, on=self.on)
            if state.complete:
                break
            for path in state.errors:
                self._mend(draft, path)
        return draft

    def _mend(self, draft: dict[str, Json], path: str) -> None:
        holder, field = self._at(draft, path)
        if isinstance(field, Field) and holder is not None:
            if self.random.random() < 0.8 or field.spec.required:
                holder[field.id] = self.sample(field)
            else:
                holder.pop(field.id, None)
        elif isinstance(field, Repeat) and holder is not None:
            holder[field.spec.id] = self._items(field, 0, max(field.spec.min_items, 1))
        elif self.random.random() < 0.5:
            self._fill([node for page in self.form.every_page for node in page.nodes], draft, 0)

    def _at(self, draft: dict[str, Json], path: str) -> tuple[dict[str, Json] | None, Field | Repeat | None]:
        for key in self.form.repeats:
            if path == key:
                return _holder(draft, key.split(".")), self.form.repeats[key]
            if path.startswith(f"{key}."):
                item_id, _, inner = path.removeprefix(f"{key}.").partition(".")
                items: Any = (_holder(draft, key.split(".")) or {}).get(key.rpartition(".")[2]) or ()
                item = next((item for item in items if item["id"] == item_id), None)
                field = self.form.item_fields[key].get(inner)
                return (_holder(item, inner.split(".")) if item is not None else None), field
        return _holder(draft, path.split(".")), self.form.fields.get(path)

    def sample(self, field: Field) -> Json:
        """A valid value, people already entered left out."""
        settings = field.spec.settings
        if field.sources:
            source = self.random.choice(field.sources)
            pointer = source.key if source.kind == "group" else f"{source.key}/{self.random.choice('123')}"
            return [pointer] if field.spec.type.name == "choices" else pointer
        return field.spec.type.sample(settings, self.random)

    def _fill(self, nodes: Any, answers: dict[str, Json], rubbish: float) -> None:
        for node in nodes:
            if isinstance(node, Section):
                self._fill(node.nodes, answers, rubbish)
            elif isinstance(node, Group):
                inner: dict[str, Json] = {}
                self._fill(node.nodes, inner, rubbish)
                if inner or self.random.random() < rubbish:
                    answers[node.spec.id] = inner
            elif isinstance(node, Repeat):
                if self.random.random() < 0.85:
                    answers[node.spec.id] = self._items(node, rubbish)
            elif isinstance(node, Field) and node.holds_answer and node.calculation is None:
                self._answer(node, answers, rubbish)

    def _answer(self, field: Field, answers: dict[str, Json], rubbish: float) -> None:
        chance = self.random.random()
        if chance < rubbish:
            answers[field.id] = deepcopy(self.random.choice(RUBBISH))
        elif chance < 0.85 or (field.spec.required and chance < 0.97):
            around = self.near.get((field.repeat, field.key), ())
            if around and self.random.random() < 0.5:
                answers[field.id] = deepcopy(self.random.choice(around))
            else:
                answers[field.id] = self.sample(field)

    def _items(self, repeat: Repeat, rubbish: float, number: int | None = None) -> list[Json]:
        wanted = self.random.choice((0, 1, 1, 2, 3)) if number is None else number
        items: list[Json] = []
        for item_id in range(1, wanted + 1):
            item: dict[str, Json] = {"id": str(item_id)}
            if self.random.random() < rubbish:
                item["id"] = self.random.choice(("", "a b", "1", "\u00e9", "x" * 65, 5))
            self._fill(repeat.nodes, item, rubbish)
            items.append(item)
        return items

    def mutated(self, answers: dict[str, Json]) -> dict[str, Json]:
        """A document with one or two things changed: a key dropped or added, a value moved or spoilt."""
        changed = deepcopy(answers)
        for _ in range(self.random.choice((1, 1, 2))):
            self._mutate(changed)
        return changed

    def _mutate(self, answers: dict[str, Json]) -> None:
        holders = list(_objects(answers))
        chosen = self.random.choice(holders)
        kind = self.random.random()
        if chosen and kind < 0.3:
            del chosen[self.random.choice(list(chosen))]
        elif kind < 0.4:
            chosen[self.random.choice(("nobody_asked", "q1", "id"))] = "a"
        elif kind < 0.75:
            self._replace(answers)
        elif chosen:
            chosen[self.random.choice(list(chosen))] = deepcopy(self.random.choice(RUBBISH))

    def _replace(self, answers: dict[str, Json]) -> None:
        """Another answer to one question, asked or not."""
        repeat = self.random.choice([None, *self.form.repeats])
        fields = self.form.fields if repeat is None else self.form.item_fields[repeat]
        if not fields:
            return
        field = self.random.choice(list(fields.values()))
        at: Any = answers
        if repeat is not None:
            items = (_holder(answers, repeat.split(".")) or {}).get(repeat.rpartition(".")[2])
            if not isinstance(items, list) or not items:
                return
            at = self.random.choice(items)
        for part in field.path[:-1]:
            at = at.setdefault(part, {}) if isinstance(at, dict) else None
        if isinstance(at, dict) and field.holds_answer:
            around = self.near.get((field.repeat, field.key), ())
            use_near = around and self.random.random() < 0.7
            at[field.id] = deepcopy(self.random.choice(around)) if use_near else self.sample(field)


def _around_limits(field: Field, on: date) -> Iterator[Json]:
    """Values on and beside the limits that the author set."""
    for name, limit in field.spec.settings.limits.items():
        if name == "max_length":
            yield from ("x" * limit, "x" * (limit + 1), "\U0001f600" * limit)
        elif name in {"minimum", "maximum"}:
            if field.spec.type.name in {"number", "money"}:
                stored = int(limit) * field.spec.type.scale
                yield from (stored - 1, stored, stored + 1)
            else:
                day = on if limit == "today" else date.fromisoformat(str(limit))
                yield from ((day + timedelta(days=step)).isoformat() for step in (-1, 0, 1))
    if field.spec.type.name == "choices":
        codes = [option.code for option in field.spec.settings.options]
        if codes:
            yield codes
            yield [codes[-1], codes[0]]


def _holder(answers: Any, path: list[str]) -> dict[str, Json] | None:
    """The object that holds, or would hold, what is at `path`; groups on the way are made."""
    for part in path[:-1]:
        if not isinstance(answers, dict):
            return None
        answers = answers.setdefault(part, {})
    return answers if isinstance(answers, dict) else None


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def expressions(form: Form) -> Iterator[Expr]:
    """Every expression of `form`: conditions, demands, offers, checks and calculations."""
    for page in form.every_page:
        yield from _of_piece(page)
    for repeat in form.repeats.values():
        for page in repeat.pages:
            yield from _of_piece(page)
        for node in () if repeat.pages else repeat.nodes:
            yield from _of_piece(node)


def _of_piece(piece: Page | Node) -> Iterator[Expr]:
    conditions: list[Condition | None] = [piece.show_if]
    if isinstance(piece, Field):
        conditions += [piece.required_if, *piece.offers.values()]
        if piece.calculation is not None:
            conditions += [piece.calculation.count, *(when for when, _ in piece.calculation.cases)]
    if isinstance(piece, Page | Group | Field | Repeat):
        conditions += [check.condition for check in piece.checks]
    yield from (condition.expr for condition in conditions if condition is not None)
    if isinstance(piece, Page | Section | Group):
        for node in piece.nodes:
            yield from _of_piece(node)
