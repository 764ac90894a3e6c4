"""The position of every piece of a definition: its key, its level of names, its turn in the one forward pass.

A position is a piece of the model with what the compiler finds out about it. Positions are made once, in document
order, and filled in by the later passes; the frozen form is built from them at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from formengine.form import plan
from formengine.language import model
from formengine.language.diagnostics import Findings, Related

ROOT_GATE = 0


@dataclass(slots=True, eq=False)
class NameLevel:
    """The names of one scope: the form, a group, or an item. `parent` is the scope around it."""

    key: str  # dotted key of the group from its root, "" for the form or the item itself
    repeat: str | None
    parent: NameLevel | None
    entries: dict[str, Position] = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        """Whether keys start here: the form's own level or an item's."""
        return self.key == ""

    def child_key(self, node_id: str) -> str:
        """The key of a node with this id in this scope."""
        return f"{self.key}.{node_id}" if self.key else node_id


@dataclass(slots=True, eq=False)
class Position:
    """One piece of the model at its position.

    start and end: its turn and that of its last descendant. page_start: the turn of its page. gate: set while gates
    are given out. decides_stop: of a list, that a stop page hangs on it. hidden: the audiences that do not see it, its
    ancestors' among them. paper_only likewise.
    The rest is what the expressions pass finds: compiled conditions, checks, sources, texts.
    """

    node: model.Page | model.Node
    level: NameLevel
    parent: Position | None
    page: str
    start: int
    page_start: int
    hidden: frozenset[str]
    paper_only: bool
    end: int = 0
    inner: NameLevel | None = None
    children: list[Position] = field(default_factory=list)
    gate: int = ROOT_GATE
    after_stop: bool = False
    decides_stop: bool = False
    show_if: plan.Condition | None = None
    required_if: plan.Condition | None = None
    offers: Mapping[str, plan.Condition] = field(default_factory=dict)
    sources: tuple[plan.OptionSource, ...] = ()
    checks: tuple[plan.Check, ...] = ()
    calculation: plan.Calculation | None = None
    prefill: plan.Prefill | None = None
    item_title: plan.Text | None = None
    built: Any = None

    @property
    def key(self) -> str:
        """The node's key; only fields, groups and repeats have one."""
        node = self.node
        assert isinstance(node, model.Field | model.Group | model.Repeat)
        return self.level.child_key(node.id)

    @property
    def repeat(self) -> str | None:
        """The key of the repeat whose item holds the node, or None."""
        return self.level.repeat

    def ancestors(self) -> Iterator[Position]:
        """The positions around this one, nearest first."""
        place = self.parent
        while place is not None:
            yield place
            place = place.parent

    def walk(self) -> Iterator[Position]:
        """This position and all within it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True, eq=False)
class Positions:
    """All positions of a definition. `by_field` finds a field's position by (repeat, key)."""

    root: NameLevel
    pages: list[Position] = field(default_factory=list)
    start: Position | None = None
    submit: Position | None = None
    by_field: dict[tuple[str | None, str], Position] = field(default_factory=dict)

    @property
    def every_page(self) -> list[Position]:
        """The start page, the pages, the submit page, as far as they exist."""
        return [*filter(None, [self.start]), *self.pages, *filter(None, [self.submit])]

    def walk(self) -> Iterator[Position]:
        """Every position, in document order."""
        for page in self.every_page:
            yield from page.walk()


def lay_out(definition: model.Definition, findings: Findings) -> Positions:
    """The positions of every piece of `definition`; a name used twice in one scope is a finding."""
    return _Surveyor(findings).survey(definition)


class _Surveyor:
    """Walks the model once and counts turns."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.turn = 0
        self.places = Positions(NameLevel("", None, None))

    def survey(self, definition: model.Definition) -> Positions:
        start, submit = definition.start, definition.submit
        places = self.places
        if start.nodes or start.title or start.intro:
            page = model.Page(
                id="start", title=start.title or definition.title, intro=start.intro, nodes=start.nodes
            )
            places.start = self._page(page)
        places.pages = [self._page(page) for page in definition.pages]
        if submit.nodes or submit.title or submit.intro or submit.button:
            last = model.Page(
                id="submit",
                title=submit.title or definition.title,
                intro=submit.intro,
                nodes=submit.nodes,
                checks=submit.checks,
                basis=submit.basis,
            )
            places.submit = self._page(last)
        return places

    def _next(self) -> int:
        self.turn += 1
        return self.turn

    def _page(
        self, page: model.Page, level: NameLevel | None = None, parent: Position | None = None
    ) -> Position:
        """A page at the form's own level, or one of an item's pages when `level` is the item's."""
        turn = self._next()
        outer = parent.hidden if parent else frozenset[str]()
        paper = page.paper_only or (parent.paper_only if parent else False)
        own_id = parent.page if parent else page.id
        hidden = outer | frozenset(page.hide_from)
        place = Position(page, level or self.places.root, parent, own_id, turn, turn, hidden, paper)
        if parent is not None:
            place.page_start = parent.page_start
        self._nodes(page.nodes, place, place.level)
        place.end = self.turn
        return place

    def _nodes(self, nodes: tuple[model.Node, ...], parent: Position, level: NameLevel) -> None:
        for node in nodes:
            parent.children.append(self._node(node, parent, level))

    def _node(self, node: model.Node, parent: Position, level: NameLevel) -> Position:
        hidden = parent.hidden | frozenset(node.hide_from)
        paper = node.paper_only or parent.paper_only
        place = Position(node, level, parent, parent.page, self._next(), parent.page_start, hidden, paper)
        if isinstance(node, model.Section):
            self._nodes(node.nodes, place, level)
        elif isinstance(node, model.Group):
            self._enter(place, node.id, level)
            place.inner = NameLevel(level.child_key(node.id), level.repeat, level)
            self._nodes(node.nodes, place, place.inner)
        elif isinstance(node, model.Repeat):
            self._enter(place, node.id, level)
            place.inner = NameLevel("", level.child_key(node.id), level)
            self._nodes(node.nodes, place, place.inner)
            place.children.extend(self._page(page, place.inner, place) for page in node.pages)
        elif isinstance(node, model.Field):
            self._enter(place, node.id, level)
            self.places.by_field[place.repeat, place.key] = place
        place.end = self.turn
        return place

    def _enter(self, place: Position, name: str, level: NameLevel) -> None:
        first = level.entries.setdefault(name, place)
        if first is not place:
            node = place.node
            assert not isinstance(node, model.Page | model.Note | model.Section)
            other = first.node
            assert not isinstance(other, model.Page | model.Note | model.Section)
            self.findings.add(
                "duplicate-id",
                f"Two pieces are called `{name}` in the same place",
                node.id_span,
                label="used again here",
                help="give one of them another id; ids are one list for the whole form, whatever the page",
                related=(Related(other.id_span, "first used here"),),
            )
