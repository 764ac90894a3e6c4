"""The pieces of a compiled form: each holds its `spec`, what the author wrote, and what the compiler made of it.

Keys and gates. A node's `key` is made of the ids of its groups and itself, joined by dots; inside a repeat it starts
at the item, and `repeat` holds the repeat's key (None at the form's own level). A node's `gate` is the index, in the
relevance list of its level, of the nearest condition that decides whether it counts; gate 0 is always true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from formengine.form.plan.forward_pass import Judge, Plan, Test
from formengine.language import model
from formengine.language.content import Block
from formengine.language.expressions import Template
from formengine.language.expressions.ast import Expr
from formengine.language.fields.base import Rule
from formengine.language.source import Span
from formengine.language.words import Wording

# Keys of answers, each with the repeat of its level, None for the form's own.
OpenAnswers = frozenset[tuple[str | None, str]]

# A limit with its judge: whether a readable value keeps it.
JudgedRule = tuple[Rule, Judge]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression: its source text, its tree, and `test(values, item, today)` → true, false or unknown."""

    text: str
    expr: Expr
    test: Test = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """The field that an insertion such as ``((child.first_name))`` stands for, by its level and key."""

    repeat: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may hold answers: `reads` maps the dotted name as written to the field it stands for."""

    template: Template
    reads: Mapping[str, Target] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule across answers. `at` is the key of the field where its error is reported, "" for the node itself."""

    spec: model.Check
    condition: Condition
    at: str


@dataclass(frozen=True, slots=True)
class OptionSource:
    """A source of people already entered: the group or repeat `key` at the form's own level."""

    key: str
    kind: Literal["group", "repeat"]
    fields: tuple[str, ...]  # of a group: the keys of its fields, any of which makes it somebody
    label: Text  # the option's label, read in the group or item

    @property
    def people(self) -> tuple[str, str, tuple[str, ...]]:
        """The source as `plan.people_of` takes it."""
        return self.key, self.kind, self.fields


@dataclass(frozen=True, slots=True)
class Calculation:
    """A count, a text, or the first case that holds; a case whose condition is None is the last."""

    count: Condition | None = None  # only its tree's list and where matter: see compiler.calculations
    text: Text | None = None
    cases: tuple[tuple[Condition | None, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Prefill:
    """A field's first value: a fact of the account by `name`, the day, or the answer of an earlier field, `target`."""

    kind: Literal["account", "today", "field"]
    name: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field, ready to be judged.

    readable: whether a stored value is of the type's shape, an offered code among them. valid: whether it keeps every
    limit, too. rules: each limit with its own judge, asked only when `valid` says no. rules_on: all limits
    as of a day, where one of them is ``today``; None where none is.
    offers: the conditions of the options that have one, by code.
    """

    spec: model.Field
    key: str
    repeat: str | None
    gate: int
    page: str
    paper_only: bool  # its own mark or that of a node around it
    path: tuple[str, ...]  # the ids from the form, or from the item, down to the field
    holds_answer: (
        bool  # whether the field itself can have an answer: it is on screen, and of a type with a value
    )
    readable: Judge = field(compare=False, repr=False)
    valid: Judge = field(compare=False, repr=False)
    rules: tuple[JudgedRule, ...] = field(compare=False, repr=False, default=())
    rules_on: Callable[[date], tuple[JudgedRule, ...]] | None = field(compare=False, repr=False, default=None)
    show_if: Condition | None = None
    required_if: Condition | None = None
    offers: Mapping[str, Condition] = field(default_factory=dict)
    sources: tuple[OptionSource, ...] = ()
    checks: tuple[Check, ...] = ()
    calculation: Calculation | None = None
    prefill: Prefill | None = None

    @property
    def id(self) -> str:
        """The field's own id, the last part of its key."""
        return self.spec.id

    @property
    def is_asked(self) -> bool:
        """Whether a person answers it on screen: it holds an answer and is not worked out."""
        return self.holds_answer and self.calculation is None

    @property
    def scope(self) -> str:
        """The scope of its texts, by its name in `Form.inserts`: that of its group or item."""
        return scope_name(self.repeat, self.key.rpartition(".")[0])


@dataclass(frozen=True, slots=True)
class Section:
    """Nodes under a heading."""

    spec: model.Section
    gate: int
    page: str
    nodes: tuple[Node, ...]
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes under one key."""

    spec: model.Group
    key: str
    repeat: str | None
    gate: int
    page: str
    nodes: tuple[Node, ...]
    show_if: Condition | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """A list of items. `nodes` are all nodes of an item; `pages` is empty unless the item has pages of its own.

    The item's nodes have keys, gates and plan of their own level. decides_stop: a stop page hangs on the list, so it
    has to be answered, if only with "none".
    """

    spec: model.Repeat
    key: str
    gate: int
    page: str
    nodes: tuple[Node, ...]
    pages: tuple[Page, ...]
    item_title: Text
    plan: Plan = field(compare=False, repr=False)
    show_if: Condition | None = None
    checks: tuple[Check, ...] = ()
    decides_stop: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Text on a page."""

    spec: model.Note
    gate: int
    page: str
    show_if: Condition | None = None


Node = Field | Section | Group | Repeat | Note


@dataclass(frozen=True, slots=True)
class Page:
    """A page; the start and the submit page are pages with the ids ``start`` and ``submit``."""

    spec: model.Page
    id: str
    title: str
    intro: tuple[Block, ...]
    gate: int
    nodes: tuple[Node, ...]
    number: int  # from 1 in the menu; 0 for the start page
    show_if: Condition | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form, compiled once and shared by threads.

    `pages` are those of the definition in order; `every_page` adds the start page in front and the submit page at the
    end where they exist. `fields` maps each key at the form's own level to its field, `repeats` each repeat's key to
    the repeat, `item_fields` each repeat's key to its items' fields by key. `inserts` maps the scope of a text
    (`Level` keys: "", "child", "children[]") and a name as written in it to the field that it stands for; `templates`
    maps each label and title with insertions to its parts. `wording` is what formengine itself says in this form: in
    its language, by the themes and field types of whoever compiled it.
    """

    definition: model.Definition
    pages: tuple[Page, ...]
    start: Page | None
    submit: Page | None
    fields: Mapping[str, Field]
    groups: Mapping[str, Group]
    repeats: Mapping[str, Repeat]
    item_fields: Mapping[str, Mapping[str, Field]]
    conditions: Mapping[str, Condition]
    urgent_if: Condition | None
    route_by: Field | None
    plan: Plan = field(compare=False, repr=False)
    inserts: Mapping[tuple[str, str], Target] = field(default_factory=dict, compare=False, repr=False)
    templates: Mapping[str, Template] = field(default_factory=dict, compare=False, repr=False)
    wording: Wording = field(default_factory=Wording, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<Form {self.id!r} {self.version}, digest {self.digest[:12]}>"

    @property
    def id(self) -> str:
        """The form's id."""
        return self.definition.id

    @property
    def title(self) -> str:
        """The form's title."""
        return self.definition.title

    @property
    def version(self) -> str:
        """The definition's version, as written."""
        return self.definition.version

    @property
    def digest(self) -> str:
        """The form's identity: the SHA-256 of its definition with all it includes, in hexadecimal."""
        return self.definition.digest

    @cached_property
    def every_page(self) -> tuple[Page, ...]:
        """The start page, the pages, the submit page, as far as they exist."""
        before = (self.start,) if self.start else ()
        after = (self.submit,) if self.submit else ()
        return (*before, *self.pages, *after)

    def page_nodes(self, page_id: str) -> tuple[Node, ...]:
        """The nodes of a page; KeyError for none of that id."""
        for page in self.every_page:
            if page.id == page_id:
                return page.nodes
        raise KeyError(page_id)

    @cached_property
    def gates_asked(self) -> tuple[tuple[Page, tuple[int, ...]], ...]:
        """Every page with the gates of its questions and lists, each once; no gates where it asks nothing."""
        return tuple(
            (page, tuple({node.gate for node in walk(page.nodes) if isinstance(node, Field | Repeat)}))
            for page in self.every_page
        )

    @cached_property
    def typed_at(self) -> Mapping[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]]:
        """Key and path of each answer that a post may change, by where: "" and a page, a repeat and its item's page.

        Items without pages of their own are under the repeat and "". Of lists only those filled in on the page.
        """
        found = {("", page.id): _typed(page.nodes) for page in self.every_page}
        for repeat in self.repeats.values():
            if not repeat.pages:
                found[repeat.key, ""] = _typed(repeat.nodes)
            for page in repeat.pages:
                found[repeat.key, page.id] = _typed(page.nodes)
        return found

    @cached_property
    def keys_at(self) -> Mapping[int, OpenAnswers]:
        """The keys asked on each page, each page of an item, and in all of an item, by `id` of the tuple of nodes."""
        asked = [page.nodes for page in self.every_page]
        for repeat in self.repeats.values():
            asked += [repeat.nodes, *(page.nodes for page in repeat.pages)]
        return {id(nodes): keys_asked(nodes) for nodes in asked}

    def page(self, page_id: str) -> Page | None:
        """The page with this id, start and submit among them, or None."""
        return self._page_by_id.get(page_id)

    @cached_property
    def _page_by_id(self) -> Mapping[str, Page]:
        return {page.id: page for page in self.every_page}


def scope_name(repeat: str | None, group: str) -> str:
    """The name of a scope in `Form.inserts`: the group's key, behind ``repeat[]`` inside an item."""
    if repeat is None:
        return group
    return f"{repeat}[].{group}" if group else f"{repeat}[]"


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Every node of one level in document order: into sections and groups, not into the items of repeats."""
    for node in nodes:
        yield node
        if isinstance(node, Section | Group):
            yield from walk(node.nodes)


def keys_asked(nodes: tuple[Node, ...]) -> OpenAnswers:
    """The keys of all questions and lists among `nodes`, at any depth."""
    found: set[tuple[str | None, str]] = set()
    for node in walk(nodes):
        if isinstance(node, Field):
            found.add((node.repeat, node.key))
        elif isinstance(node, Repeat):
            found.add((None, node.key))
    return frozenset(found)


def _typed(nodes: tuple[Node, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in walk(nodes):
        if isinstance(node, Field) and node.is_asked and not node.spec.read_only:
            found.append((node.key, node.path))
        elif isinstance(node, Repeat) and node.spec.layout == "table":
            found.append((node.key, tuple(node.key.split("."))))
    return tuple(found)
