"""Sample answers that are valid: for trying a form out, for tests, for documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

from formengine.analysis.candidates import candidates
from formengine.expressions import operands
from formengine.expressions.ast import Operand
from formengine.fields.base import Json
from formengine.fields.dates import settled
from formengine.form import Field, Form, Group, Node, Repeat, Run, Section
from formengine.form.plan import reach
from formengine.state import FieldError, State, evaluate

ROUNDS = 60
# How often an optional question is answered, and a value is taken from the constants of the conditions that read it.
ANSWERED = 0.8
FROM_CONDITIONS = 0.6

Answers = dict[str, Json]


class NoSampleFoundError(Exception):
    """No valid answers were found; `errors` are those of the last attempt, by answer path."""

    def __init__(self, errors: dict[str, FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return f"no valid answers found: {', '.join(self.errors)}"


def sample_answers(form: Form, *, on: date, seed: int = 0, minimal: bool = False) -> Answers:
    """Answers to `form` that are complete on the day `on`; the same seed gives the same answers.

    minimal: only what is mandatory, with as few items as allowed. Else most questions are answered, and over many
    seeds every field, option and branch comes up, and repeats of no item, one item and the most allowed.
    Raises `NoSampleFoundError` where chance finds none, as in a form that nobody can complete.
    """
    filler = _Filler(form, on, Random(seed), minimal)
    for page in form.every_page:
        filler.fill(page.nodes)
    return filler.repair()


@dataclass
class _Filler:
    form: Form
    on: date
    random: Random
    minimal: bool
    answers: Answers = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.candidates = candidates(self.form, self.on)

    def state(self) -> State:
        return evaluate(self.form, self.answers, on=self.on)

    def fill(self, nodes: tuple[Node, ...], repeat: str | None = None, item_id: str = "") -> None:
        """Answers the questions among `nodes` that count when their turn comes."""
        for node in nodes:
            if isinstance(node, Section | Group):
                self.fill(node.nodes, repeat, item_id)
            elif isinstance(node, Field) and node.is_asked:
                run = self.state().run(repeat, item_id)
                if run.relevance[node.gate] and self._wanted(node, run):
                    self._put(node, item_id, self._value(node, run))
            elif isinstance(node, Repeat) and self.state().is_relevant(node):
                self._items(node)

    def repair(self) -> Answers:
        """The answers once nothing is wrong with them: what is wrong is answered anew, or left out."""
        for _ in range(ROUNDS):
            state = self.state()
            if state.complete:
                return dict(state.answers)
            for path, error in state.errors.items():
                self._mend(path, error)
        raise NoSampleFoundError(dict(self.state().errors))

    def _items(self, node: Repeat) -> None:
        least, most = node.spec.min_items, node.spec.max_items
        if self.minimal:
            number = least
        else:
            usual = [least, max(least, 1), max(least, self.random.randint(1, 3))]
            number = self.random.choice([*usual, most if most is not None else max(least, 4)])
            number = min(number, most) if most is not None else number
        _set(self.answers, node.key.split("."), [])
        for count in range(1, number + 1):
            item_id = f"i{count}"
            reach(self.answers, node.key.split(".")).append({"id": item_id})
            self.fill(node.nodes, node.key, item_id)

    def _wanted(self, node: Field, run: Run) -> bool:
        needed = node.spec.required or (
            node.required_if is not None and node.required_if.test(run.values, run.item, run.today) is True
        )
        return needed or (not self.minimal and self.random.random() < ANSWERED)

    def _value(self, node: Field, run: Run) -> Json:
        spec = node.spec
        settings = settled(spec.settings, self.on)
        if node.sources:
            people = self.state().texts.people(node, run)
            if not people:
                return None
            chosen = self.random.sample(people, self.random.randint(1, min(2, len(people))))
            pointers = [person.code for person in chosen]
            return pointers if spec.type.name == "choices" else pointers[0]
        if node.offers:
            offered = [
                option
                for option in settings.options
                if option.code not in node.offers
                or node.offers[option.code].test(run.values, run.item, run.today) is True
            ]
            if not offered:
                return None
            settings = replace(settings, options=tuple(offered))
        known = self.candidates.get((node.repeat, node.key), [])
        usable = [value for value in known if node.readable(value)]
        if usable and self.random.random() < FROM_CONDITIONS:
            return self.random.choice(usable)
        return spec.type.sample(settings, self.random)

    def _put(self, node: Field, item_id: str, value: Json) -> None:
        path = list(node.path)
        if node.repeat is None:
            _set(self.answers, path, value)
            return
        items: list[dict[str, Any]] = reach(self.answers, node.repeat.split("."))
        item = next(item for item in items if item["id"] == item_id)
        _set(item, path, value)

    def _mend(self, path: str, error: FieldError) -> None:
        """Another answer for what is wrong at `path`, or none where none is needed."""
        if error.rule == "stopped":
            page = self.form.page(error.page)
            assert page is not None
            assert page.show_if is not None
            for read in operands(page.show_if.expr):
                if isinstance(read, Operand) and read.repeat is None:
                    self._again(self.form.fields[read.key], "")
            return
        found = self._find(path)
        if isinstance(found, Repeat):
            if error.rule == "check":
                for item in reach(self.answers, found.key.split(".")) or []:
                    for inner in self.form.item_fields[found.key].values():
                        self._again(inner, item["id"])
            else:
                self._items(found)
        elif found is not None:
            node, item_id = found
            self._again(node, item_id)

    def _again(self, node: Field, item_id: str) -> None:
        run = self.state().run(node.repeat, item_id)
        if not run.relevance[node.gate] or not node.is_asked:
            return
        wanted = self._wanted(node, run)
        self._put(node, item_id, self._value(node, run) if wanted else None)

    def _find(self, path: str) -> tuple[Field, str] | Repeat | None:
        if path in self.form.fields:
            return self.form.fields[path], ""
        if path in self.form.repeats:
            return self.form.repeats[path]
        for key, fields in self.form.item_fields.items():
            item_id, _, inner = path.removeprefix(f"{key}.").partition(".")
            if path.startswith(f"{key}.") and inner in fields:
                return fields[inner], item_id
        return None


def _set(answers: Answers, path: list[str], value: Json) -> None:
    """Puts `value` at `path`, making the groups on the way; None takes away what is there."""
    *groups, last = path
    for group in groups:
        answers = answers.setdefault(group, {})
    if value is None:
        answers.pop(last, None)
    else:
        answers[last] = value


def samples(form: Form, *, on: date, seeds: range, minimal: bool = False) -> Iterator[Answers]:
    """The sample answers of each seed, in order."""
    return (sample_answers(form, on=on, seed=seed, minimal=minimal) for seed in seeds)
