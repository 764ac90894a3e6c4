"""Why a question is asked or not, for these answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formengine.form.plan import Condition, Field, Form, Group, Node, Note, Page, Repeat, Run, Section
from formengine.form.plan.forward_pass import people_of
from formengine.form.state import State


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition on the way to a question: what carries it, the condition, whether it holds (None: unknown)."""

    carrier: str
    condition: Condition
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a question is asked, and every condition that decides it, outermost first.

    asked: true, false, or None while an answer that decides it is missing. stopped_at: the title of the stop page
    that ended the journey before it, or "". nobody: it chooses among people entered earlier, and there is none.
    """

    path: str
    label: str
    asked: bool | None
    reasons: tuple[Reason, ...]
    stopped_at: str = ""
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One node on the way down to a question, and whether it is inside the item."""

    node: Page | Node
    in_item: bool


def explain_path(state: State, path: str) -> Explanation | None:
    """Why the field, group or repeat at the answer path `path` is asked; None where the form has none there.

    A path is that of `State.errors`: ``child.due_date``, ``children.c1.school``. An item that is not among the
    answers, such as ``children.new.school``, is taken as one without answers.
    """
    repeat, item_id, key = _split(state.form, path)
    for page in state.form.every_page:
        for way in _ways(page.nodes, False):
            if _leads_to(way, repeat, key):
                return _explained(state, path, (_Step(page, False), *way), repeat, item_id)
    return None


def paths(form: Form) -> list[str]:
    """Every path that can be explained, items as ``new``, for near names."""
    found = list(form.fields) + list(form.repeats)
    return found + [f"{repeat}.new.{key}" for repeat, fields in form.item_fields.items() for key in fields]


def _explained(
    state: State, path: str, way: tuple[_Step, ...], repeat: str | None, item_id: str
) -> Explanation:
    reasons = []
    for step in way:
        condition = step.node.show_if
        if condition is not None:
            run = state.run(repeat, item_id) if step.in_item else state.run()
            reasons.append(
                Reason(_name(step.node), condition, condition.test(run.values, run.item, run.today))
            )
    stop = state.stopped_at
    first = way[0].node
    stopped = (
        stop is not None
        and isinstance(first, Page)
        and first.gate != stop.gate
        and not state.is_relevant(first)
    )
    last = way[-1]
    run = state.run(repeat, item_id) if last.in_item else state.run()
    # Relevance knows all that decides; in a list that is not asked, an item's own decides nothing.
    around = [step.node for step in way[:-1] if not step.in_item and not isinstance(step.node, Note)]
    truths = [state.run().relevance[node.gate] for node in around] + [run.relevance[last.node.gate]]
    asked = False if False in truths else None if None in truths else True
    title = stop.title if stopped and stop is not None else ""
    return Explanation(path, _name(last.node), asked, tuple(reasons), title, _nobody(last.node, run))


def _nobody(node: Page | Node, run: Run) -> bool:
    """Whether `node` is a question about people entered earlier while there is none.

    Rule: docs/language.md, People already entered.
    """
    if not isinstance(node, Field) or not node.sources:
        return False
    return not people_of(run.values, [source.people for source in node.sources])


def _split(form: Form, path: str) -> tuple[str | None, str, str]:
    """The repeat's key, the item's id and the key in the item; no repeat for what is outside items."""
    for key in form.repeats:
        if path.startswith(f"{key}."):
            item_id, _, inner = path.removeprefix(f"{key}.").partition(".")
            if inner:
                return key, item_id, inner
    return None, "", path


def _ways(nodes: tuple[Node, ...], in_item: bool) -> Iterator[tuple[_Step, ...]]:
    """The way down to every node."""
    for node in nodes:
        here = _Step(node, in_item)
        yield (here,)
        if isinstance(node, Repeat):
            for page in node.pages:
                for way in _ways(page.nodes, True):
                    yield (here, _Step(page, True), *way)
            for way in _ways(() if node.pages else node.nodes, True):
                yield (here, *way)
        elif isinstance(node, Section | Group):
            for way in _ways(node.nodes, in_item):
                yield (here, *way)


def _leads_to(way: tuple[_Step, ...], repeat: str | None, key: str) -> bool:
    """Whether the last node of `way` is the one with this key, in an item of `repeat` or outside items."""
    last = way[-1]
    if not isinstance(last.node, Field | Group | Repeat) or last.node.key != key:
        return False
    if repeat is None:
        return not last.in_item
    return last.in_item and any(isinstance(step.node, Repeat) and step.node.key == repeat for step in way)


def _name(node: Page | Node) -> str:
    if isinstance(node, Page):
        return node.title
    if isinstance(node, Field):
        return node.spec.settings.label
    if isinstance(node, Section | Group | Repeat):
        return node.spec.label
    return node.spec.id
