"""A form as one audience's copy shows it: without what `hide_from` hides from them (docs/language.md, Copies).

Hidden is what carries the audience's name, all within it, and what would reveal a hidden answer in other words: a
calculated answer that repeats or is decided by one, a check that judges by one, urgency that follows from one, a
pointer to somebody who is left out. What is left may still be asked *because of* a hidden answer; `check` warns
authors of that (``presence-tells``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from formengine.form.plan.nodes import (
    Calculation,
    Check,
    Condition,
    Field,
    Form,
    Group,
    Node,
    Note,
    OptionSource,
    Page,
    Repeat,
    Section,
    Text,
    walk,
)
from formengine.language.expressions import Insert, operands
from formengine.language.expressions.ast import Expr, Operand


class UnknownAudienceError(Exception):
    """A form has no audience of this name; `known` are the names it has, in order."""

    def __init__(self, audience: str, known: tuple[str, ...]) -> None:
        super().__init__(audience, known)
        self.audience = audience
        self.known = known

    def __str__(self) -> str:
        there = f"there is {', '.join(self.known)}" if self.known else "it has none"
        return f"the form has no audience {self.audience!r}; {there}"


def form_for(form: Form, audience: str) -> Form:
    """`form` without what is hidden from `audience`, one of its `audiences`; its plan, so its conditions, stay whole.

    Groups, sections, lists and pages of which no question is left go with them. Raises `UnknownAudienceError`.
    """
    known = form.definition.audiences
    if audience not in known:
        raise UnknownAudienceError(audience, tuple(known))
    hidden = _Hidden(audience)
    hidden.see_pages(form.every_page)
    return _Cut(form, audience, hidden).form_left()


def hidden_codes(field: Field, audience: str) -> frozenset[str]:
    """The codes of the options that are hidden from `audience`."""
    options = field.spec.settings.options
    return frozenset(option.code for option in options if audience in option.hide_from)


@dataclass(slots=True)
class _Hidden:
    """What is hidden: fields as (repeat, key), lists and groups at the form's own level by key.

    Seen in document order, so that what a calculated answer reads has been seen before it.
    """

    audience: str
    fields: set[tuple[str | None, str]] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def see_pages(self, pages: Iterable[Page], *, inside: bool = False) -> None:
        """Record what is hidden on `pages`. `inside`: they are within something hidden."""
        for page in pages:
            self.see(page.nodes, inside=inside or self.audience in page.spec.hide_from)

    def see(self, nodes: Iterable[Node], *, inside: bool) -> None:
        """Record what is hidden among `nodes`. `inside`: they are within something hidden."""
        for node in nodes:
            here = inside or self.audience in node.spec.hide_from
            if isinstance(node, Field):
                if here or self._tells_hidden(node):
                    self.fields.add((node.repeat, node.key))
            elif isinstance(node, Repeat) and node.pages:
                self.see_pages(node.pages, inside=here)
            elif not isinstance(node, Note):
                self.see(node.nodes, inside=here)
            if isinstance(node, Repeat) or (isinstance(node, Group) and node.repeat is None):
                asked = [inner for inner in walk(node.nodes) if isinstance(inner, Field)]
                if here or all((inner.repeat, inner.key) in self.fields for inner in asked):
                    self.people.add(node.key)

    def _tells_hidden(self, field: Field) -> bool:
        """Whether its answer is made of hidden ones, or points to nobody but hidden people."""
        if field.calculation is not None:
            return self._made_of_hidden(field.calculation)
        return bool(field.sources) and all(source.key in self.people for source in field.sources)

    def reads(self, expr: Expr) -> bool:
        """Whether `expr` reads anything hidden."""
        return any(
            (read.repeat, read.key) in self.fields if isinstance(read, Operand) else read.key in self.people
            for read in operands(expr)
        )

    def _made_of_hidden(self, calculation: Calculation) -> bool:
        conditions = [calculation.count, *(condition for condition, _ in calculation.cases)]
        texts = [calculation.text, *(text for _, text in calculation.cases)]
        return any(condition is not None and self.reads(condition.expr) for condition in conditions) or any(
            (target.repeat, target.key) in self.fields
            for text in texts
            if text is not None
            for target in text.reads.values()
        )


@dataclass(frozen=True, slots=True)
class _Cut:
    """Makes the form that is left."""

    form: Form
    audience: str
    hidden: _Hidden

    def form_left(self) -> Form:
        """The whole form without what is hidden."""
        form = self.form
        start, submit = (self._page(page) if page else None for page in (form.start, form.submit))
        pages = tuple(left for page in form.pages if (left := self._page(page)) is not None)
        every = (*filter(None, [start]), *pages, *filter(None, [submit]))
        own = [node for page in every for node in walk(page.nodes)]
        repeats = {node.key: node for node in own if isinstance(node, Repeat)}
        return replace(
            form,
            start=start,
            submit=submit,
            pages=pages,
            fields=_fields(own),
            groups={node.key: node for node in own if isinstance(node, Group)},
            repeats=repeats,
            item_fields={key: _fields(walk(repeat.nodes)) for key, repeat in repeats.items()},
            conditions={name: made for name, made in form.conditions.items() if not self._tells(made)},
            urgent_if=None if self._tells(form.urgent_if) else form.urgent_if,
            route_by=None
            if form.route_by is not None and (None, form.route_by.key) in self.hidden.fields
            else form.route_by,
            inserts={
                name: target
                for name, target in form.inserts.items()
                if (target.repeat, target.key) not in self.hidden.fields
            },
        )

    def _page(self, page: Page, repeat: str | None = None) -> Page | None:
        if self.audience in page.spec.hide_from:
            return None
        nodes = self._nodes(page.nodes)
        if _asks(page.nodes) and not _asks(nodes):
            return None
        return replace(page, nodes=nodes, checks=self._checks(page.checks, repeat))

    def _nodes(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(left for node in nodes if (left := self._node(node)) is not None)

    def _node(self, node: Node) -> Node | None:
        if self.audience in node.spec.hide_from:
            return None
        if isinstance(node, Field):
            return None if (node.repeat, node.key) in self.hidden.fields else self._field(node)
        if isinstance(node, Repeat):
            return self._repeat(node)
        if isinstance(node, Section | Group):
            nodes = self._nodes(node.nodes)
            if _asks(node.nodes) and not _asks(nodes):
                return None
            if isinstance(node, Group):
                return replace(node, nodes=nodes, checks=self._checks(node.checks, node.repeat))
            return replace(node, nodes=nodes)
        return node

    def _field(self, node: Field) -> Field:
        codes = hidden_codes(node, self.audience)
        spec = node.spec
        if codes:
            left = tuple(option for option in spec.settings.options if option.code not in codes)
            spec = replace(spec, settings=replace(spec.settings, options=left))
        return replace(
            node,
            spec=spec,
            sources=tuple(
                self._source(source) for source in node.sources if source.key not in self.hidden.people
            ),
            checks=self._checks(node.checks, node.repeat),
        )

    def _repeat(self, node: Repeat) -> Repeat | None:
        if node.pages:
            pages = tuple(left for page in node.pages if (left := self._page(page, node.key)) is not None)
            nodes = tuple(inner for page in pages for inner in page.nodes)
        else:
            pages, nodes = (), self._nodes(node.nodes)
        if not _asks(nodes):
            return None
        title = self._text(node.item_title)
        checks = self._checks(node.checks, None)
        return replace(node, nodes=nodes, pages=pages, checks=checks, item_title=title)

    def _source(self, source: OptionSource) -> OptionSource:
        return replace(source, label=self._text(source.label))

    def _text(self, text: Text) -> Text:
        """The text with a gap where a hidden answer stood, its fallback included, which would reveal the answer."""
        reads = {
            name: target
            for name, target in text.reads.items()
            if (target.repeat, target.key) not in self.hidden.fields
        }
        if len(reads) == len(text.reads):
            return text
        parts = tuple(
            part
            for part in text.template.parts
            if not isinstance(part, Insert) or ".".join(part.names) in reads
        )
        return Text(replace(text.template, parts=parts), reads)

    def _checks(self, checks: tuple[Check, ...], repeat: str | None) -> tuple[Check, ...]:
        """Those that neither read anything hidden nor report an error at it."""
        return tuple(
            check
            for check in checks
            if not self._tells(check.condition) and (repeat, check.at) not in self.hidden.fields
        )

    def _tells(self, condition: Condition | None) -> bool:
        return condition is not None and self.hidden.reads(condition.expr)


def _fields(nodes: Iterable[Node]) -> dict[str, Field]:
    return {node.key: node for node in nodes if isinstance(node, Field)}


def _asks(nodes: tuple[Node, ...]) -> bool:
    """Whether any question is among `nodes`."""
    return any(isinstance(node, Field | Repeat) for node in walk(nodes))
