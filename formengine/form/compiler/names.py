"""What a name in an expression stands for at its place (docs/language.md, Names; Where; Order)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from formengine.form.compiler.positions import NameLevel, Position
from formengine.language import model
from formengine.language.expressions import operands
from formengine.language.expressions.ast import Expr, ListOperand, Operand
from formengine.language.expressions.scope import CheckedCondition, Found, NotReadable, Scope
from formengine.language.source import Span

AT_THE_END = 1 << 60


@dataclass(frozen=True, slots=True)
class ConditionFound:
    """A named condition, checked: its tree, None with findings of its own, and the last turn it reads."""

    expr: Expr | None
    last_read: int
    span: Span


# What a condition's name stands for: the condition, "cycle" while it is being checked itself, or None.
Conditions = Callable[[str], "ConditionFound | NotReadable | None"]


@dataclass(frozen=True, slots=True)
class PlaceScope:
    """The names readable from `level` by an expression that sees what comes before turn `before`.

    item_only: a ``where (…)``, which sees the item's own fields and nothing around them.
    """

    level: NameLevel
    before: int
    conditions: Conditions
    by_key: Callable[[str], Position | None]
    item_only: bool = False

    def find(self, names: tuple[str, ...]) -> Found | None:
        """What the dotted name stands for here (`expressions.Scope`)."""
        if names[0] in {"form", "item"} and len(names) > 1:
            if self.item_only and names[0] == "form":
                return self._outside(names[1:])
            level = self._named_level(names[0])
            return self._descend(level, names[1:]) if level is not None else None
        matches = [level for level in self._chain() if names[0] in level.entries]
        condition = self.conditions(names[0]) if len(names) == 1 and not self.item_only else None
        if len(matches) > 1:
            inner = matches[0].entries[names[0]].node
            reason: Literal["ambiguous", "ambiguous_in_group"] = (
                "ambiguous" if matches[0].repeat and matches[0].is_root else "ambiguous_in_group"
            )
            return NotReadable(reason, _id_span(inner))
        if matches:
            return self._descend(matches[0], names)
        if isinstance(condition, NotReadable):
            return condition
        if condition is not None:
            if condition.last_read >= self.before:
                return NotReadable("later", condition.span)
            return CheckedCondition(condition.expr)
        return self._outside(names) if self.item_only else None

    def names(self) -> Iterator[str]:
        """Every dotted name that could be meant here."""
        for level in self._chain():
            yield from _names_in(level, "")

    def item_of(self, items: ListOperand) -> Scope:
        """The scope of ``where (…)`` over `items`."""
        place = self.by_key(items.key)
        assert place is not None
        assert place.inner is not None
        return PlaceScope(place.inner, AT_THE_END, self.conditions, self.by_key, item_only=True)

    def _chain(self) -> Iterator[NameLevel]:
        level: NameLevel | None = self.level
        while level is not None:
            yield level
            if self.item_only and level.is_root:
                return
            level = level.parent

    def _named_level(self, word: str) -> NameLevel | None:
        level: NameLevel | None = self.level
        while level is not None:
            if level.is_root and (level.repeat is not None) == (word == "item"):
                return level
            level = level.parent
        return None

    def _outside(self, names: tuple[str, ...]) -> NotReadable | None:
        """A name that exists around a ``where (…)`` but cannot be read in it."""
        level = self.level.parent
        while level is not None:
            if names[0] in level.entries:
                return NotReadable("outer", _id_span(level.entries[names[0]].node))
            level = level.parent
        return NotReadable("outer") if self.conditions(names[0]) is not None else None

    def _descend(self, level: NameLevel, names: tuple[str, ...]) -> Found | None:
        place = level.entries.get(names[0])
        for name in names[1:]:
            if place is None:
                return None
            if isinstance(place.node, model.Repeat):
                return NotReadable("own_list" if self._is_inside(place) else "into_items", place.node.id_span)
            if not isinstance(place.node, model.Group) or place.inner is None:
                return None
            place = place.inner.entries.get(name)
        return self._readable(place) if place is not None else None

    def _is_inside(self, repeat: Position) -> bool:
        level: NameLevel | None = self.level
        while level is not None:
            if level is repeat.inner:
                return True
            level = level.parent
        return False

    def _readable(self, place: Position) -> Found:
        node = place.node
        if isinstance(node, model.Group):
            return NotReadable("group", node.id_span)
        if isinstance(node, model.Repeat):
            if self._is_inside(place):
                return NotReadable("own_list", node.id_span)
            if place.end >= self.before:
                return NotReadable("later", node.id_span)
            return ListOperand(place.key, node.label)
        assert isinstance(node, model.Field)
        if place.paper_only or node.type.name == "signature":
            return NotReadable("no_value", node.id_span)
        if place.start >= self.before:
            return NotReadable("later", node.id_span)
        return operand_of(place)


def operand_of(place: Position) -> Operand:
    """The operand that stands for the field at `place`."""
    node = place.node
    assert isinstance(node, model.Field)
    settings = node.settings
    conditional = node.show_if is not None or any(
        getattr(around.node, "show_if", None) is not None and around.level is place.level
        for around in place.ancestors()
    )
    return Operand(
        key=place.key,
        repeat=place.repeat,
        kind=node.type.kind(settings),
        codes=node.type.codes(settings),
        label=settings.label,
        scale=node.type.scale,
        conditional=conditional,
    )


def last_turn(
    expr: Expr, by_field: dict[tuple[str | None, str], Position], by_key: Callable[[str], Position | None]
) -> int:
    """The last turn at which an answer that `expr` reads is given; 0 where it reads none."""
    turns = [0]
    for read in operands(expr):
        if isinstance(read, ListOperand):
            place = by_key(read.key)
            turns.append(place.end if place else 0)
        elif read.repeat is None:
            turns.append(by_field[None, read.key].start)
    return max(turns)


def _names_in(level: NameLevel, prefix: str) -> Iterator[str]:
    for name, place in level.entries.items():
        yield prefix + name
        if isinstance(place.node, model.Group) and place.inner is not None:
            yield from _names_in(place.inner, f"{prefix}{name}.")


def _id_span(node: object) -> Span | None:
    return getattr(node, "id_span", None)
