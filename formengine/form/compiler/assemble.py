"""The frozen form from the positions: gates assigned, steps planned, judges made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from formengine.form import plan
from formengine.form.compiler.calculations import calculate
from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.fast_valid import fast_valid_of_nodes, fast_valid_of_pages
from formengine.form.compiler.insertions import Insertions
from formengine.form.compiler.positions import ROOT_GATE, Position, Positions
from formengine.form.plan import forward_pass
from formengine.form.schema.validators import judge
from formengine.language import model
from formengine.language.expressions import Today, Values
from formengine.language.fields.dates import settled
from formengine.language.words import Wording


def give_gates(places: Positions) -> int:
    """Assign to every position the gate that decides about it; returns the number of gates at the form's own level.

    A position has a gate of its own when it has a condition or comes after a stop page; else its parent's. Items have
    gates of their own, from 0.
    """
    count = ROOT_GATE + 1
    stopped = False
    for page in places.every_page:
        node = page.node
        assert isinstance(node, model.Page)
        page.after_stop = stopped
        count = _gate(page, ROOT_GATE, count)
        stopped = stopped or node.stop
    return count


def _gate(place: Position, parent: int, count: int) -> int:
    """The next free gate after `place` and all at its level within it have theirs."""
    if place.show_if is not None or place.after_stop or place.sources:
        place.gate = count
        count += 1
    else:
        place.gate = parent
    if isinstance(place.node, model.Repeat):
        inner = ROOT_GATE + 1
        for child in place.children:
            inner = _gate(child, ROOT_GATE, inner)
        place.built = inner
        return count
    for child in place.children:
        count = _gate(child, place.gate, count)
    return count


class Assembler:
    """Builds the frozen nodes and the plan of steps, in one walk in document order."""

    def __init__(
        self, places: Positions, expressions: Expressions, texts: Insertions, wording: Wording
    ) -> None:
        self.places = places
        self.reads = expressions.reads
        self.texts = texts
        self.wording = wording
        self.fields: dict[str, plan.Field] = {}
        self.groups: dict[str, plan.Group] = {}
        self.repeats: dict[str, plan.Repeat] = {}
        self.item_fields: dict[str, dict[str, plan.Field]] = {}

    def page(
        self, place: Position, number: int, steps: list[plan.PlanStep], parent_gate: int = ROOT_GATE
    ) -> plan.Page:
        """The page at `place`; the steps that judge it are added to `steps`."""
        node = place.node
        assert isinstance(node, model.Page)
        self._gate_step(place, parent_gate, steps)
        if node.stop:
            steps.append(forward_pass.stop(place.gate))
        return plan.Page(
            spec=node,
            id=node.id,
            title=node.title,
            intro=node.intro,
            gate=place.gate,
            nodes=self._nodes(place, steps),
            number=number,
            show_if=place.show_if,
            checks=place.checks,
        )

    def _nodes(self, place: Position, steps: list[plan.PlanStep]) -> tuple[plan.Node, ...]:
        return tuple(self._node(child, place.gate, steps) for child in place.children)

    def _node(self, place: Position, parent_gate: int, steps: list[plan.PlanStep]) -> plan.Node:
        self._gate_step(place, parent_gate, steps)
        node = place.node
        if isinstance(node, model.Field):
            return self._field(place, node, steps)
        if isinstance(node, model.Repeat):
            return self._repeat(place, node, steps)
        if isinstance(node, model.Group):
            nodes = self._nodes(place, steps)
            group = plan.Group(
                node, place.key, place.repeat, place.gate, place.page, nodes, place.show_if, place.checks
            )
            if place.repeat is None:
                self.groups[place.key] = group
            return group
        if isinstance(node, model.Section):
            return plan.Section(node, place.gate, place.page, self._nodes(place, steps), place.show_if)
        assert isinstance(node, model.Note)
        return plan.Note(node, place.gate, place.page, place.show_if)

    def _gate_step(self, place: Position, parent_gate: int, steps: list[plan.PlanStep]) -> None:
        if place.show_if is not None or place.after_stop or place.sources:
            test = place.show_if.test if place.show_if is not None else None
            if place.sources:
                test = _and_people(test, place.sources)
            steps.append(forward_pass.gate(place.gate, parent_gate, test, after_stop=place.after_stop))

    def _field(self, place: Position, node: model.Field, steps: list[plan.PlanStep]) -> plan.Field:
        settings = node.settings
        shape = node.type.shape(settings)
        readable = judge(shape)
        rules = tuple((rule, judge(rule.fragment)) for rule in node.type.rules(settings))
        compiled = plan.Field(
            spec=node,
            key=place.key,
            repeat=place.repeat,
            gate=place.gate,
            page=place.page,
            paper_only=place.paper_only,
            path=tuple(place.key.split(".")),
            holds_answer=not place.paper_only and node.type.name != "signature",
            readable=readable,
            valid=judge({"allOf": [shape, *(rule.fragment for rule, _ in rules)]}) if rules else readable,
            rules=rules,
            rules_on=_rules_on(node),
            show_if=place.show_if,
            required_if=place.required_if,
            offers=place.offers,
            sources=place.sources,
            checks=place.checks,
            calculation=place.calculation,
            prefill=place.prefill,
        )
        owner = self.fields if place.repeat is None else self.item_fields[place.repeat]
        owner[place.key] = compiled
        if place.calculation is not None:
            steps.append(
                calculate(
                    place.gate,
                    place.key,
                    place.calculation,
                    fields=self.fields,
                    item_fields=self.item_fields,
                    wording=self.wording,
                )
            )
        elif (place.repeat, place.key) in self.reads and not place.paper_only:
            if place.offers:
                offers = {code: offer.test for code, offer in place.offers.items()}
                steps.append(forward_pass.read_offered(place.gate, compiled.path, readable, offers))
            elif place.sources:
                people = [source.people for source in place.sources]
                steps.append(forward_pass.read_people(place.gate, compiled.path, readable, people))
            else:
                steps.append(forward_pass.read(place.gate, compiled.path, readable))
        return compiled

    def _repeat(self, place: Position, node: model.Repeat, steps: list[plan.PlanStep]) -> plan.Repeat:
        self.item_fields[place.key] = {}
        inner: list[plan.PlanStep] = []
        nodes: list[plan.Node] = []
        pages: list[plan.Page] = []
        for child in place.children:
            if isinstance(child.node, model.Page):
                page = self.page(child, len(pages) + 1, inner)
                pages.append(page)
                nodes.extend(page.nodes)
            else:
                nodes.append(self._node(child, ROOT_GATE, inner))
        quick_checks = fast_valid_of_pages(pages) if pages else fast_valid_of_nodes(nodes)
        item_plan = plan.Plan(tuple(inner), place.built, quick_checks.right, quick_checks.quiet)
        assert place.item_title is not None
        repeat = plan.Repeat(
            spec=node,
            key=place.key,
            gate=place.gate,
            page=place.page,
            nodes=tuple(nodes),
            pages=tuple(pages),
            item_title=place.item_title,
            plan=item_plan,
            show_if=place.show_if,
            checks=place.checks,
            decides_stop=place.decides_stop,
        )
        self.repeats[place.key] = repeat
        steps.append(forward_pass.items(place.gate, tuple(place.key.split(".")), item_plan))
        return repeat


def _rules_on(node: model.Field) -> Callable[[date], tuple[plan.JudgedRule, ...]] | None:
    """The field's limits as of a day, where one of them is ``today``; a day's limits are made once."""
    if "today" not in {node.settings.limit("minimum"), node.settings.limit("maximum")}:
        return None

    @lru_cache(maxsize=8)
    def rules_on(day: date) -> tuple[plan.JudgedRule, ...]:
        rules = node.type.rules(settled(node.settings, day))
        return tuple((rule, judge(rule.fragment)) for rule in rules)

    return rules_on


def _and_people(test: forward_pass.Test | None, sources: tuple[plan.OptionSource, ...]) -> forward_pass.Test:
    """The Kleene "and" of a condition and "somebody can be chosen" (docs/language.md, People already entered)."""
    people = [source.people for source in sources]
    lists = [source.key for source in sources if source.kind == "repeat"]

    def both(values: Values, item: Values | None, today: Today) -> bool | None:
        own = True if test is None else test(values, item, today)
        if own is False:
            return False
        if forward_pass.people_of(values, people):
            return own
        # A list nobody has answered yet may still get somebody.
        return None if any(key not in values for key in lists) else False

    return both
