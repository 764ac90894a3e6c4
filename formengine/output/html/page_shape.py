"""What decides how a page looks, answers apart: found once a form, and read from the pass over the answers alone.

Most nodes of a page are there for everybody. The few that are not, and the questions that must be answered only now
and then, make the page's shape. Pages of one shape are the same page with other answers in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

from formengine.form.plan import Field, Group, Node, Note, Repeat, Run, Section, walk
from formengine.form.plan.nodes import keys_asked
from formengine.form.state.build_views import standing
from formengine.form.state.counted import is_required
from formengine.language.content import Block
from formengine.language.content.blocks import insertions
from formengine.language.expressions import Expr, decided_by
from formengine.output.html.conditions import QuestionLevel, open_keys, settled_conditions, shown_when


def says_the_same(node: Node) -> bool:
    """Whether the node itself reads the same for everybody, apart from answers, errors and the nodes within it."""
    match node:
        case Field():
            settings = node.spec.settings
            return not (
                node.sources
                or node.offers
                or "((" in settings.label
                or "((" in settings.short_label
                or has_insertions(node.spec.hint)
            )
        case Note():
            return not has_insertions(node.spec.text)
        case Section() | Group():
            return "((" not in node.spec.label and not has_insertions(node.spec.intro)
        case Repeat():
            return False


def has_insertions(blocks: tuple[Block, ...]) -> bool:
    """Whether answers go into the text."""
    return next(insertions(blocks), None) is not None


class PageShape:
    """What decides the shape of one page of a form, or of the questions of an item.

    prepares: whether one page can be prepared for many people. Not where its introduction has answers in it, or where
    lists are filled in on the page itself, with questions and conditions of their own in each row, or where its answers
    decide which options one of its questions offers.
    """

    def __init__(self, nodes: tuple[Node, ...], intro: tuple[Block, ...] = ()) -> None:
        self._nodes = nodes
        self._open = open_keys(nodes)
        self._settled = settled_conditions(nodes, self._open)
        self._keys = keys_asked(nodes)
        self._parts = tuple(_parts(nodes, self._settled))
        every = tuple(walk(nodes))
        tables = any(isinstance(node, Repeat) and node.spec.layout == "table" for node in every)
        live_options = any(
            decided_by(offer.expr, self._open) != "known"
            for node in every
            if isinstance(node, Field)
            for offer in node.offers.values()
        )
        self.prepares = not tables and not live_options and not has_insertions(intro)
        self._marked: bool | None = None
        if any(node.spec.required for node in _for_everybody(nodes)):
            self._marked = True
        elif not any(isinstance(node, Field) and _may_be_required(node) for node in every):
            self._marked = False

    def level(self, run: Run, prefix: str = "") -> QuestionLevel:
        """The page's questions with the answers of `run`."""
        return QuestionLevel(run, prefix, self._open, self._settled)

    def shape(self, run: Run) -> tuple[Hashable, ...]:
        """Equal for pages that differ in answers alone; it holds truths and conditions, no answer."""
        key: list[Hashable] = [self.marked(run)]
        _look(self._parts, self.level(run), key, inside_open=False)
        return tuple(key)

    def marked(self, run: Run) -> bool:
        """Whether a question on the page must be answered, so that the page explains how that is marked."""
        if self._marked is None:
            return any(
                is_required(field, run) for field in self._standing(self._nodes, run, inside_open=False)
            )
        return self._marked

    def _standing(self, nodes: tuple[Node, ...], run: Run, *, inside_open: bool) -> Iterator[Field]:
        for node, opens in standing(nodes, run, self._keys, inside_open=inside_open):
            if isinstance(node, Field):
                yield node
            elif isinstance(node, Section | Group):
                yield from self._standing(node.nodes, run, inside_open=inside_open or opens is not None)


class _Part(NamedTuple):
    """A node that not everybody sees in one way, or that holds such nodes.

    decides: whether the node itself is there is not the same for everybody. opens: answers on the page open it.
    """

    node: Node
    decides: bool
    opens: bool
    parts: tuple[_Part, ...]


def _parts(nodes: tuple[Node, ...], settled: Mapping[int, Expr | None]) -> Iterator[_Part]:
    for node in nodes:
        if node.spec.paper_only:
            continue
        opens = node.show_if is not None and settled.get(id(node)) is not None
        decides = (node.show_if is not None and not opens) or (isinstance(node, Field) and bool(node.sources))
        parts = tuple(_parts(node.nodes, settled)) if isinstance(node, Section | Group) else ()
        if decides or parts or (isinstance(node, Field) and node.required_if is not None):
            yield _Part(node, decides, opens, parts)


def _look(parts: tuple[_Part, ...], level: QuestionLevel, key: list[Hashable], *, inside_open: bool) -> None:
    for node, decides, opens, inner in parts:
        opened = opens
        if decides:
            shown = shown_when(node, level, inside_open=inside_open)
            key.append(shown)
            if shown is False:
                continue
            opened = shown is not True
        if inner:
            _look(inner, level, key, inside_open=inside_open or opened)
        elif isinstance(node, Field) and node.required_if is not None:
            key.append(is_required(node, level.run))


def _may_be_required(node: Field) -> bool:
    return node.spec.required or node.required_if is not None


def _for_everybody(nodes: tuple[Node, ...]) -> Iterator[Field]:
    """The questions that stand on the page whatever is answered."""
    for node in nodes:
        if node.show_if is None:
            if isinstance(node, Field):
                yield node
            elif isinstance(node, Section | Group):
                yield from _for_everybody(node.nodes)
