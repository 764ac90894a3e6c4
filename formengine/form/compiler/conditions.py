"""Every expression of a definition, checked at its position and compiled."""

from __future__ import annotations

from typing import Literal

from formengine.form import plan
from formengine.form.compiler.names import AT_THE_END, ConditionFound, PlaceScope, last_turn
from formengine.form.compiler.positions import NameLevel, Position, Positions
from formengine.language import model
from formengine.language.diagnostics import Findings, near
from formengine.language.expressions import build, check, operands, parse
from formengine.language.expressions.ast import Expr, ListOperand, Operand
from formengine.language.expressions.scope import NotReadable
from formengine.language.source import Located


class Expressions:
    """Compiles the expressions of one definition, and records which answers any of them reads."""

    def __init__(self, definition: model.Definition, places: Positions, findings: Findings) -> None:
        self.places = places
        self.findings = findings
        self.named = {condition.name: condition for condition in definition.conditions}
        self.checked: dict[str, ConditionFound | None] = {}
        self.reads: set[tuple[str | None, str]] = set()

    def compile_places(self) -> None:
        """Compile the conditions and checks of every position into it, and report every finding."""
        for condition in self.named.values():
            self._named(condition.name)
        for place in self.places.walk():
            node = place.node
            if not isinstance(node, model.Page) or node.id not in {"start", "submit"}:
                place.show_if = self.condition(node.show_if, place)
            if isinstance(node, model.Field):
                place.required_if = self.condition(node.required_if, place)
                offers = {code: self.condition(text, place) for code, text in node.option_show_if.items()}
                place.offers = {code: offer for code, offer in offers.items() if offer is not None}
            if isinstance(node, model.Field | model.Group | model.Repeat | model.Page):
                place.checks = tuple(filter(None, [self._check(spec, place) for spec in node.checks]))

    def condition(self, text: Located | None, place: Position) -> plan.Condition | None:
        """The compiled condition of `place`, which sees what comes before it; None with findings or without text."""
        return self.compile(text, place.level, place.start) if text is not None else None

    def compile(
        self, text: Located, level: NameLevel, before: int, kind: Literal["condition", "check"] = "condition"
    ) -> plan.Condition | None:
        """The compiled expression, reading names from `level` that come before turn `before`; None with findings."""
        syntax = parse(text, self.findings)
        if syntax is None:
            return None
        expr = check(syntax, self.scope(level, before), self.findings, place=kind)
        if expr is None:
            return None
        self.note_reads(expr)
        return plan.Condition(text.text, expr, build(expr), text.span)

    def scope(self, level: NameLevel, before: int) -> PlaceScope:
        """The names readable from `level` before turn `before`."""
        return PlaceScope(level, before, self._named, self.by_key)

    def by_key(self, key: str) -> Position | None:
        """The position of the repeat with this key, or None."""
        level: NameLevel | None = self.places.root
        place: Position | None = None
        for part in key.split("."):
            place = level.entries.get(part) if level is not None else None
            level = place.inner if place is not None else None
        return place if place is not None and isinstance(place.node, model.Repeat) else None

    def note_reads(self, expr: Expr) -> None:
        """Record the answers that `expr` reads, so that the plan reads them."""
        for read in operands(expr):
            if isinstance(read, Operand):
                self.reads.add((read.repeat, read.key))

    def _named(self, name: str) -> ConditionFound | NotReadable | None:
        condition = self.named.get(name)
        if condition is None:
            return None
        if name in self.checked:
            found = self.checked[name]
            return found if found is not None else NotReadable("cycle", condition.span)
        self.checked[name] = None
        compiled = self.compile(condition.expression, self.places.root, AT_THE_END)
        expr = compiled.expr if compiled is not None else None
        last = last_turn(expr, self.places.by_field, self.by_key) if expr is not None else 0
        found = ConditionFound(expr, last, condition.span)
        self.checked[name] = found
        return found

    def named_condition(self, name: str) -> plan.Condition | None:
        """The compiled named condition, or None where it has findings."""
        found = self.checked.get(name)
        text = self.named[name].expression
        if found is None or found.expr is None:
            return None
        return plan.Condition(text.text, found.expr, build(found.expr), text.span)

    def _check(self, spec: model.Check, place: Position) -> plan.Check | None:
        node = place.node
        inner = place.inner if isinstance(node, model.Group) and place.inner is not None else place.level
        condition = self.compile(spec.that, inner, place.end + 1, "check")
        if condition is None:
            return None
        if isinstance(node, model.Field | model.Repeat):
            return plan.Check(spec, condition, "")
        return plan.Check(spec, condition, self._error_place(spec, condition, place))

    def _error_place(self, spec: model.Check, condition: plan.Condition, place: Position) -> str:
        """The key of the field where a group's or page's check speaks: `at`, or the last own field it names.

        Rule: docs/language.md, Checks.
        """
        level = (
            place.inner if isinstance(place.node, model.Group) and place.inner is not None else place.level
        )
        # What stands in an item has no place in an error about the level around it; its list has.
        own = {
            inner.key: inner
            for inner in place.walk()
            if isinstance(inner.node, model.Field | model.Repeat) and inner.repeat == level.repeat
        }
        if spec.at:
            key = level.child_key(spec.at)
            if key in own:
                return key
            names = [key.removeprefix(f"{level.key}.") for key in own]
            close = near(spec.at, names)
            self.findings.add(
                "check-at-unknown",
                f"`at` names `{spec.at}`, which is not a field of this {'page' if level is place.level else 'group'}",
                spec.at_span,
                help=f"there is a field with a similar name: `{close}`"
                if close
                else "name a field that stands in it",
            )
            return ""
        named = [
            own[read.key]
            for read in operands(condition.expr)
            if read.key in own and (isinstance(read, ListOperand) or read.repeat == level.repeat)
        ]
        if named:
            return max(named, key=lambda found: found.start).key
        return min(own.values(), key=lambda found: found.start).key if own else ""
