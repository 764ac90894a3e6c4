"""A quick check that nothing is wrong with answers, before the errors themselves are computed.

Most answers that are judged are right. All stored values go through one validator, which knows every shape and limit;
what it cannot know (what is mandatory now, checks across answers, check digits) is tested by closures. A quick check
may be wrong in one direction only: it may reject answers that have no error. The errors themselves come from
`state.field_errors` alone. Other quick checks show in the same way that there are no warnings.

A fast path for `benchmarks.validate_answers`: without it (a `Plan` whose quick checks all return False), to evaluate
right answers and to ask for their errors takes 2.9 times the processor's time, of long lists 2.2 times, and to ask for
their warnings 4.5 times. Wrong answers take 4 % longer with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from formengine.form import plan
from formengine.form.plan import forward_pass
from formengine.form.plan.forward_pass import QuickCheck, Run, reach
from formengine.form.schema.validators import judge
from formengine.language.fields.base import is_blank, nothing_to_validate
from formengine.language.fields.choice_options import ITEM_ID
from formengine.language.fields.patterns import whole
from formengine.language.json_types import Json

ShapeSchema = dict[str, Any]


class FastValid(NamedTuple):
    """The quick checks that there is no error, and those that there is no warning."""

    right: tuple[QuickCheck, ...]
    quiet: tuple[QuickCheck, ...]


def fast_valid_of_form(pages: Iterable[plan.Page]) -> FastValid:
    """The quick checks of a form's own answers, `pages` being all its pages; the first judges the items', too."""
    asked = tuple(page for page in pages if not page.spec.paper_only)
    found = fast_valid_of_pages(asked)
    return found._replace(right=(_shaped(asked), *found.right))


def fast_valid_of_pages(pages: Iterable[plan.Page]) -> FastValid:
    """The quick checks of what these pages of one level ask, beyond shapes and limits."""
    found = _Found()
    for page in pages:
        if not page.spec.paper_only:
            if page.spec.stop:
                found.quick_checks.append(_not_reached(page.gate))
            found.add_nodes(page.nodes)
            found.add_checks(page.gate, page.checks)
    return found.all()


def fast_valid_of_nodes(nodes: Iterable[plan.Node]) -> FastValid:
    """The quick checks of what these nodes of one level ask, beyond shapes and limits."""
    found = _Found()
    found.add_nodes(nodes)
    return found.all()


class _Found:
    """Gathers the quick checks of one level."""

    def __init__(self) -> None:
        self.needed: list[tuple[int, tuple[str, ...]]] = []
        self.quick_checks: list[QuickCheck] = []
        self.quiet: list[QuickCheck] = []

    def all(self) -> FastValid:
        needed = (_answered(tuple(self.needed)),) if self.needed else ()
        return FastValid((*needed, *self.quick_checks), tuple(self.quiet))

    def add_nodes(self, nodes: Iterable[plan.Node]) -> None:
        for node in nodes:
            if node.spec.paper_only or isinstance(node, plan.Note):
                continue
            if isinstance(node, plan.Field):
                if node.holds_answer:
                    self.add_field(node)
                    self.add_checks(node.gate, node.checks)
            elif isinstance(node, plan.Repeat):
                self.quick_checks.append(_items(node))
                if node.plan.quiet:
                    self.quiet.append(_quiet_items(node))
                self.add_checks(node.gate, node.checks)
            else:
                self.add_nodes(node.nodes)
                if isinstance(node, plan.Group):
                    self.add_checks(node.gate, node.checks)

    def add_field(self, node: plan.Field) -> None:
        if node.calculation is not None:
            return
        if node.spec.required:
            self.needed.append((node.gate, node.path))
        elif node.required_if is not None:
            self.quick_checks.append(_answered_if(node.gate, node.path, node.required_if.test))
        if node.offers or node.sources or node.rules_on or node.spec.type.validate is not nothing_to_validate:
            self.quick_checks.append(_inspected(node))
        if node.spec.type.validate is not nothing_to_validate:
            self.quiet.append(_nothing_advised(node))

    def add_checks(self, gate: int, checks: tuple[plan.Check, ...]) -> None:
        for check in checks:
            found = self.quick_checks if check.spec.level == "error" else self.quiet
            found.append(_holds(gate, check.condition.test))


def _not_reached(gate: int) -> QuickCheck:
    return lambda run: not run.relevance[gate]


def _holds(gate: int, test: forward_pass.Test) -> QuickCheck:
    return lambda run: not run.relevance[gate] or test(run.values, run.item, run.today) is not False


def _answered(needed: tuple[tuple[int, tuple[str, ...]], ...]) -> QuickCheck:
    def check(run: Run) -> bool:
        relevance, answers = run.relevance, run.answers
        missing = [
            path
            for gate, path in needed
            if relevance[gate] and is_blank(answers.get(path[0]) if len(path) == 1 else reach(answers, path))
        ]
        return not missing

    return check


def _answered_if(gate: int, path: tuple[str, ...], test: forward_pass.Test) -> QuickCheck:
    def check(run: Run) -> bool:
        if not run.relevance[gate] or not is_blank(reach(run.answers, path)):
            return True
        return test(run.values, run.item, run.today) is not True

    return check


def _inspected(node: plan.Field) -> QuickCheck:
    """For a field with more to it than its schema: options on conditions, people, limits of the day, check figures."""
    gate, path, inspect, settings = node.gate, node.path, node.spec.type.validate, node.spec.settings
    offers = {code: offer.test for code, offer in node.offers.items()}
    people = [source.people for source in node.sources]
    rules_on = node.rules_on

    def check(run: Run) -> bool:
        value = reach(run.answers, path) if run.relevance[gate] else None
        if value is None:
            return True
        if (offers and not forward_pass.is_offered(value, offers, run)) or (
            people and not forward_pass.are_there(value, people, run)
        ):
            return False
        if rules_on is not None and not all(keeps(value) for _, keeps in rules_on(run.today.on)):
            return False
        found = inspect(value, settings)
        return not found or all(problem.level != "error" for problem in found)

    return check


def _nothing_advised(node: plan.Field) -> QuickCheck:
    gate, path, inspect, settings = node.gate, node.path, node.spec.type.validate, node.spec.settings

    def check(run: Run) -> bool:
        value = reach(run.answers, path) if run.relevance[gate] else None
        if is_blank(value) or not node.readable(value):
            return True
        return all(problem.level == "error" for problem in inspect(value, settings))

    return check


def _quiet_items(node: plan.Repeat) -> QuickCheck:
    gate, key, quick_checks = node.gate, node.key, node.plan.quiet

    def check(run: Run) -> bool:
        runs = run.items.get(key, ()) if run.relevance[gate] else ()
        return all(check(item_run) for check in quick_checks for item_run in runs)

    return check


def _items(node: plan.Repeat) -> QuickCheck:
    gate, key, path, quick_checks = node.gate, node.key, tuple(node.key.split(".")), node.plan.quick_checks
    least, must_be_answered = node.spec.min_items, node.decides_stop

    def check(run: Run) -> bool:
        if not run.relevance[gate]:
            return True
        raw = reach(run.answers, path)
        if raw is None and must_be_answered:
            return False
        runs = run.items.get(key, ())
        # Items that cannot be judged, such as a second one with the same id, have no run.
        if len(runs) < least or (raw is not None and (not isinstance(raw, list) or len(raw) != len(runs))):
            return False
        return all(check(item_run) for check in quick_checks for item_run in runs)

    return check


def _shaped(pages: tuple[plan.Page, ...]) -> QuickCheck:
    """Whether all that is stored has the right shape and keeps every limit, and nothing is stored that is not asked."""

    @cache
    def judge_of_all() -> Callable[[Json], bool]:
        properties: ShapeSchema = {}
        for page in pages:
            properties |= _properties(page.nodes)
        return judge(_object(properties))

    def check(run: Run) -> bool:
        try:
            return judge_of_all()(run.answers)
        except ValueError:  # not plain JSON, or nested deeper than the validator follows
            return False

    return check


def _object(properties: Mapping[str, Any], **more: object) -> ShapeSchema:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _properties(nodes: Iterable[plan.Node]) -> ShapeSchema:
    found: ShapeSchema = {}
    for node in nodes:
        if node.spec.paper_only or isinstance(node, plan.Note):
            continue
        if isinstance(node, plan.Field):
            if node.holds_answer:
                found[node.id] = True if node.calculation is not None else _field(node)
        elif isinstance(node, plan.Section):
            found |= _properties(node.nodes)
        elif isinstance(node, plan.Group):
            found[node.spec.id] = _object(_properties(node.nodes))
        else:
            item = {"id": {"type": "string", "pattern": whole(ITEM_ID)}} | _properties(node.nodes)
            found[node.spec.id] = {"type": "array", "items": _object(item, required=["id"])}
            if node.spec.max_items is not None:
                found[node.spec.id]["maxItems"] = node.spec.max_items
    return found


def _field(node: plan.Field) -> ShapeSchema:
    """The schema of one field's value, without the limits that change by the day."""
    shape = node.spec.type.shape(node.spec.settings)
    limits = [] if node.rules_on is not None else [rule.fragment for rule, _ in node.rules]
    return {"allOf": [shape, *limits]} if limits else dict(shape)
