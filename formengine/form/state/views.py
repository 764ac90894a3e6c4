"""A state as pages with their nodes, for whatever draws or lists it.

Relevance. Each view has its `relevance`: true, it counts; otherwise it is only here because an answer on the same
page may still open it, and `opens` is the condition, in same-page answers alone. Nodes that nothing on their page can
open are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from formengine.form.plan import Field, Group, Node, Note, Page, Repeat, Section
from formengine.form.state.field_errors import FieldError
from formengine.language.content import Block
from formengine.language.expressions.ast import Expr
from formengine.language.fields.base import Display, FieldSettings, Option
from formengine.language.json_types import Json


@dataclass(frozen=True, slots=True)
class FieldState:
    """One question with its answer.

    path: the answer path with item ids. value: the stored value as it is, readable or not, None when blank.
    answer: the same as far as it counts, else None. settings: the author's, with labels filled in and the options
    offered now. live_options: by code, the conditions of the options that answers on the same page offer or take away.
    """

    field: Field
    path: str
    label: str
    hint: tuple[Block, ...]
    settings: FieldSettings
    value: Json
    answer: Json
    required: bool
    error: FieldError | None
    warning: FieldError | None
    relevance: bool | None
    opens: Expr | None
    live_options: Mapping[str, Expr]

    @property
    def options_on_page(self) -> tuple[Option, ...]:
        """The options offered now and those that answers on the same page may offer, in the author's order."""
        if not self.live_options:
            return self.options
        offered = {option.code for option in self.options} | self.live_options.keys()
        return tuple(option for option in self.field.spec.settings.options if option.code in offered)

    @property
    def options(self) -> tuple[Option, ...]:
        """The options offered now, people already entered among them."""
        return self.settings.options

    @property
    def display(self) -> Display | None:
        """The answer to be read, None without one."""
        return self.field.spec.type.display(self.answer, self.settings) if self.answer is not None else None


@dataclass(frozen=True, slots=True)
class SectionState:
    """Nodes under a heading."""

    section: Section
    label: str
    intro: tuple[Block, ...]
    nodes: tuple[NodeState, ...]
    relevance: bool | None
    opens: Expr | None


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group; its errors and warnings are at its fields, except that it is no object at all."""

    group: Group
    path: str
    label: str
    intro: tuple[Block, ...]
    nodes: tuple[NodeState, ...]
    error: FieldError | None
    relevance: bool | None
    opens: Expr | None


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item of a repeat. `number` counts from 1. `pages` is empty unless the item has pages of its own."""

    id: str
    path: str
    number: int
    title: str
    nodes: tuple[NodeState, ...]
    pages: tuple[PageState, ...]

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is wrong in this item, in reading order."""
        return tuple(found.error for found in fields_in(self.nodes) if found.error is not None)


@dataclass(frozen=True, slots=True)
class RepeatState:
    """A list of items. `blank_item` is what an item would hold that nobody has filled in."""

    repeat: Repeat
    path: str
    label: str
    intro: tuple[Block, ...]
    items: tuple[ItemState, ...]
    blank_item: tuple[NodeState, ...]
    error: FieldError | None
    relevance: bool | None
    opens: Expr | None


@dataclass(frozen=True, slots=True)
class NoteState:
    """Text on a page."""

    note: Note
    text: tuple[Block, ...]
    relevance: bool | None
    opens: Expr | None


LeafState = FieldState | NoteState | RepeatState
NodeState = LeafState | SectionState | GroupState


@dataclass(frozen=True, slots=True)
class PageName:
    """A page that counts and has something to show, by its title: what a menu needs."""

    page: Page
    title: str

    @property
    def id(self) -> str:
        """The page's id."""
        return self.page.id


@dataclass(frozen=True, slots=True)
class PageState:
    """A page with its nodes; errors and warnings are those of the page, in reading order."""

    page: Page
    title: str
    intro: tuple[Block, ...]
    nodes: tuple[NodeState, ...]
    errors: tuple[FieldError, ...]
    warnings: tuple[FieldError, ...]

    @property
    def id(self) -> str:
        """The page's id."""
        return self.page.id

    @property
    def fields(self) -> tuple[FieldState, ...]:
        """Every field on the page, without those of items."""
        return tuple(fields_in(self.nodes))


def fields_in(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    """The fields among `nodes` and within their sections and groups."""
    for node in nodes:
        if isinstance(node, FieldState):
            yield node
        elif isinstance(node, SectionState | GroupState):
            yield from fields_in(node.nodes)


def repeats_in(nodes: tuple[NodeState, ...]) -> Iterator[RepeatState]:
    """The lists among `nodes` and within their sections and groups."""
    for node in nodes:
        if isinstance(node, RepeatState):
            yield node
        elif isinstance(node, SectionState | GroupState):
            yield from repeats_in(node.nodes)


def node_of(state: NodeState) -> Node:
    """The form's node that `state` is a view of."""
    match state:
        case FieldState():
            return state.field
        case SectionState():
            return state.section
        case GroupState():
            return state.group
        case RepeatState():
            return state.repeat
        case NoteState():
            return state.note


def leaf_of(nodes: tuple[NodeState, ...], node: Node) -> LeafState:
    """The view of the question, note or list `node`, which must be among `nodes`, at any depth."""
    return next(leaf for leaf in _leaves(nodes) if node_of(leaf) is node)


def _leaves(nodes: tuple[NodeState, ...]) -> Iterator[LeafState]:
    for node in nodes:
        if isinstance(node, SectionState | GroupState):
            yield from _leaves(node.nodes)
        else:
            yield node


def relevant(nodes: tuple[NodeState, ...]) -> Iterator[NodeState]:
    """The nodes that count, for a reader of answers rather than a page to fill in."""
    return (node for node in nodes if node.relevance)
