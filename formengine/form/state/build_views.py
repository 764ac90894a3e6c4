"""Builds the views of a state: pages, fields, items, with texts filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from formengine.form.plan import Field, Form, Group, Node, Note, Page, Repeat, Run, Section, scope_name
from formengine.form.plan.forward_pass import reach, run_blank_item
from formengine.form.plan.nodes import OpenAnswers
from formengine.form.state.counted import counted, is_required
from formengine.form.state.field_errors import FieldError
from formengine.form.state.piping import FilledTexts
from formengine.form.state.views import (
    FieldState,
    GroupState,
    ItemState,
    NodeState,
    NoteState,
    PageState,
    RepeatState,
    SectionState,
    fields_in,
)
from formengine.language.expressions import ListOperand, Operand, fold, operands
from formengine.language.expressions.ast import Expr
from formengine.language.fields.base import NOTHING, is_blank
from formengine.language.json_types import Json

Errors = Mapping[str, FieldError]


@dataclass(frozen=True, slots=True)
class _Level:
    """The level of the views: the run to read, what paths begin with, the scope of texts, the keys asked here.

    inside_open: within a section or group that an answer on this page may open.
    """

    run: Run
    prefix: str
    scope: str
    open_keys: OpenAnswers
    inside_open: bool = False


@dataclass(frozen=True, slots=True)
class ViewBuilder:
    """Builds the views of one state; `withheld` are the paths of questions that this copy of it leaves out."""

    form: Form
    texts: FilledTexts
    errors: Errors
    warnings: Errors
    withheld: frozenset[str] = frozenset()

    def page(self, page: Page, run: Run) -> PageState:
        """The page with everything that counts or may be opened on it."""
        level = _Level(run, "", "", self.form.keys_at[id(page.nodes)])
        return PageState(
            page=page,
            title=self.texts.label(page.title, "", run),
            intro=self.texts.blocks(page.intro, "", run),
            nodes=self._nodes(page.nodes, level),
            errors=tuple(error for error in self.errors.values() if error.page == page.id),
            warnings=tuple(warning for warning in self.warnings.values() if warning.page == page.id),
        )

    def _nodes(self, nodes: tuple[Node, ...], level: _Level) -> tuple[NodeState, ...]:
        return tuple(
            self._node(node, level, level.run.relevance[node.gate], opens)
            for node, opens in standing(nodes, level.run, level.open_keys, inside_open=level.inside_open)
            if not (self.withheld and isinstance(node, Field) and level.prefix + node.key in self.withheld)
        )

    def _node(self, node: Node, level: _Level, relevance: bool | None, opens: Expr | None) -> NodeState:
        run, scope = level.run, level.scope
        inner = replace(level, inside_open=True) if opens is not None else level
        if isinstance(node, Field):
            return self._field(node, level, relevance, opens)
        if isinstance(node, Section):
            label = self.texts.label(node.spec.label, scope, run)
            intro = self.texts.blocks(node.spec.intro, scope, run)
            return SectionState(node, label, intro, self._nodes(node.nodes, inner), relevance, opens)
        if isinstance(node, Group):
            inner = replace(inner, scope=scope_name(node.repeat, node.key))
            path = level.prefix + node.key
            label = self.texts.label(node.spec.label, inner.scope, run)
            intro = self.texts.blocks(node.spec.intro, inner.scope, run)
            nodes = self._nodes(node.nodes, inner)
            return GroupState(node, path, label, intro, nodes, self.errors.get(path), relevance, opens)
        if isinstance(node, Repeat):
            return self._repeat(node, level, relevance, opens)
        assert isinstance(node, Note)
        return NoteState(node, self.texts.blocks(node.spec.text, scope, run), relevance, opens)

    def _field(self, node: Field, level: _Level, relevance: bool | None, opens: Expr | None) -> FieldState:
        run, path = level.run, level.prefix + node.key
        settings = self.texts.settings(node, run)
        raw: Json = reach(run.answers, node.path)
        return FieldState(
            field=node,
            path=path,
            label=settings.label,
            hint=self.texts.blocks(node.spec.hint, level.scope, run),
            settings=settings,
            value=None if is_blank(raw) else raw,
            answer=counted(node, run),
            required=is_required(node, run),
            error=self.errors.get(path),
            warning=self.warnings.get(path),
            relevance=relevance,
            opens=opens,
            live_options=self._live_options(node, level) if node.offers else NOTHING,
        )

    def _live_options(self, node: Field, level: _Level) -> Mapping[str, Expr]:
        """By code, the conditions that only answers given on the same page decide."""
        run, live = level.run, {}
        for code, offer in node.offers.items():
            left = fold(offer.expr, run.values, run.item, run.today, level.open_keys)
            if left is None or isinstance(left, bool) or not all(map(self._is_filled_in, operands(left))):
                continue
            live[code] = left
        return live

    def _is_filled_in(self, operand: Operand | ListOperand) -> bool:
        """Whether a person gives this answer on the page that asks for it."""
        if isinstance(operand, ListOperand):
            return self.form.repeats[operand.key].spec.layout == "table"
        fields = self.form.fields if operand.repeat is None else self.form.item_fields[operand.repeat]
        return fields[operand.key].is_asked and not fields[operand.key].spec.read_only

    def _repeat(self, node: Repeat, level: _Level, relevance: bool | None, opens: Expr | None) -> RepeatState:
        run = level.run
        runs = run.items.get(node.key, [])
        blank = run_blank_item(node.plan, run, "new")
        return RepeatState(
            repeat=node,
            path=node.key,
            label=self.texts.label(node.spec.label, level.scope, run),
            intro=self.texts.blocks(node.spec.intro, level.scope, run),
            items=tuple(self.item(node, item, number) for number, item in enumerate(runs, 1)),
            blank_item=self._nodes(node.nodes, self._item_level(node, blank, "new", node.nodes)),
            error=self.errors.get(node.key),
            relevance=relevance,
            opens=opens,
        )

    def item(self, node: Repeat, run: Run, number: int) -> ItemState:
        """One item with everything that counts or may be opened in it."""
        item_id = str(run.answers["id"])
        path = f"{node.key}.{item_id}"
        nodes = self._nodes(node.nodes, self._item_level(node, run, item_id, node.nodes))
        pages = tuple(
            self._item_page(node, page, run, item_id) for page in node.pages if run.relevance[page.gate]
        )
        return ItemState(item_id, path, number, self.texts.item_title(node, run, number), nodes, pages)

    def _item_page(self, node: Repeat, page: Page, run: Run, item_id: str) -> PageState:
        nodes = self._nodes(page.nodes, self._item_level(node, run, item_id, page.nodes))
        scope = scope_name(node.key, "")
        found = list(fields_in(nodes))
        return PageState(
            page=page,
            title=self.texts.label(page.title, scope, run),
            intro=self.texts.blocks(page.intro, scope, run),
            nodes=nodes,
            errors=tuple(field.error for field in found if field.error is not None),
            warnings=tuple(field.warning for field in found if field.warning is not None),
        )

    def _item_level(self, node: Repeat, run: Run, item_id: str, nodes: tuple[Node, ...]) -> _Level:
        keys = self.form.keys_at[id(nodes)]
        if node.spec.layout == "table":  # asked among the other questions of its page
            keys |= self.form.keys_at[id(self.form.page_nodes(node.page))]
        return _Level(run, f"{node.key}.{item_id}.", scope_name(node.key, ""), keys)


def standing(
    nodes: tuple[Node, ...], run: Run, open_keys: OpenAnswers, *, inside_open: bool = False
) -> Iterator[tuple[Node, Expr | None]]:
    """Those of `nodes` that are on their page: they count, or answers on it may open them.

    Each with the condition that opens it, in the answers `open_keys` alone; None for one that counts, or that is within
    what can be opened (`inside_open`) and follows it.
    """
    for node in nodes:
        if run.relevance[node.gate]:
            yield node, None
            continue
        own: Expr | bool | None = True
        if node.show_if is not None:
            own = fold(node.show_if.expr, run.values, run.item, run.today, open_keys)
        if own is not None and not isinstance(own, bool):
            yield node, own
        elif own and inside_open:
            yield node, None
