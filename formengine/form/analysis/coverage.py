"""What scenarios cover of a form: its pages, questions, options, conditions both ways, and messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from formengine.form.plan import Check, Condition, Field, Form, Group, Node, Repeat, Run, Section
from formengine.form.state import State

CoverageKind = Literal["pages", "questions", "options", "conditions", "messages"]
KINDS: Final[tuple[CoverageKind, ...]] = ("pages", "questions", "options", "conditions", "messages")

# A thing to be covered: its kind, and its name for people.
CoverageTarget = tuple[CoverageKind, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is to cover, in the order of the form, and what was."""

    targets: tuple[CoverageTarget, ...]
    reached: frozenset[CoverageTarget]

    def counts(self) -> dict[CoverageKind, tuple[int, int]]:
        """By kind, how many were reached, and how many there are."""
        return {
            kind: (
                sum(1 for each in self.targets if each[0] == kind and each in self.reached),
                sum(1 for each in self.targets if each[0] == kind),
            )
            for kind in KINDS
        }

    @property
    def missing(self) -> list[CoverageTarget]:
        """What no scenario reached, in the order of the form."""
        return [each for each in self.targets if each not in self.reached]


def coverage(form: Form, states: Iterable[State]) -> Coverage:
    """What these states of the form cover together."""
    targets = tuple(dict.fromkeys(_targets(form)))
    reached: set[CoverageTarget] = set()
    for state in states:
        reached.update(_reached(form, state))
    return Coverage(targets, frozenset(reached & set(targets)))


def _targets(form: Form) -> Iterator[CoverageTarget]:
    for page in form.every_page:
        yield "pages", page.id
        for node, path in _nodes(page.nodes, ""):
            if isinstance(node, Field) and node.holds_answer:
                yield "questions", path
                for option in node.spec.settings.options:
                    yield "options", f"{path} is {option.code}"
    for carrier, condition, _ in _conditions(form):
        yield from (("conditions", f"{carrier} {truth}: {condition.text}") for truth in ("true", "not true"))
    for check, _ in _checks(form):
        yield "messages", check.spec.message


def _reached(form: Form, state: State) -> Iterator[CoverageTarget]:
    for name in state.page_names:
        yield "pages", name.page.id
    runs: list[tuple[str, Run]] = [("", state.run())]
    runs += [(key, run) for key, items in state.run().items.items() for run in items]
    for repeat, run in runs:
        fields = form.item_fields[repeat] if repeat else form.fields
        for key, field in fields.items():
            if run.relevance[field.gate] is not True:
                continue
            path = f"{repeat}.{key}" if repeat else key
            yield "questions", path
            value = _answer(run, field)
            for code in value if isinstance(value, list) else [value]:
                yield "options", f"{path} is {code}"
    for carrier, condition, repeat in _conditions(form):
        for within, run in runs:
            if within == repeat:
                holds = condition.test(run.values, run.item, run.today) is True
                yield "conditions", f"{carrier} {'true' if holds else 'not true'}: {condition.text}"
    for problem in (*state.errors.values(), *state.warnings.values()):
        if problem.message:
            yield "messages", problem.message


def _answer(run: Run, field: Field) -> object:
    value: object = run.answers
    for part in field.path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _nodes(nodes: tuple[Node, ...], within: str) -> Iterator[tuple[Node, str]]:
    """Every node with its path, those in items among them."""
    for node in nodes:
        key = node.key if isinstance(node, Field | Group | Repeat) else ""
        path = f"{within}.{key}" if within and key else key
        yield node, path
        if isinstance(node, Section | Group):
            yield from _nodes(node.nodes, within)
        elif isinstance(node, Repeat):
            yield from _nodes(node.nodes, path)


def _conditions(form: Form) -> Iterator[tuple[str, Condition, str]]:
    """Every condition: the name of what has it, the condition, and the list whose items it looks at, "" for none."""
    for page in form.every_page:
        yield from _of("page " + page.id, page.show_if, "")
        for node, path in _nodes(page.nodes, ""):
            within = path.rpartition(".")[0] if path.rpartition(".")[0] in form.repeats else ""
            repeat = node.repeat or "" if isinstance(node, Field | Group) else within
            name = path or "a text"
            yield from _of(name, node.show_if, repeat)
            if isinstance(node, Field):
                yield from _of(f"{name} (mandatory)", node.required_if, repeat)
                for code, offer in node.offers.items():
                    yield from _of(f"{name} ({code})", offer, repeat)


def _of(name: str, condition: Condition | None, repeat: str) -> Iterator[tuple[str, Condition, str]]:
    if condition is not None:
        yield name, condition, repeat


def _checks(form: Form) -> Iterator[tuple[Check, str]]:
    for page in form.every_page:
        yield from ((check, page.id) for check in page.checks)
        for node, path in _nodes(page.nodes, ""):
            if isinstance(node, Field | Group | Repeat):
                yield from ((check, path) for check in node.checks)
