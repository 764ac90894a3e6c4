"""Every place of a definition that names something: one list for renaming, for "where is this used" and for finding it.

A name is looked up where the compiler looks it up, so that a reference leads to what the form will read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.names import AT_THE_END
from formengine.form.compiler.positions import NameLevel, Position, Positions, lay_out
from formengine.language import model
from formengine.language.content import Block, insertions
from formengine.language.diagnostics import Findings
from formengine.language.expressions import (
    CheckedCondition,
    Insert,
    ListOperand,
    Operand,
    Scope,
    Template,
    parse,
)
from formengine.language.expressions.syntax import (
    Chain,
    CountTest,
    Distance,
    Name,
    Negation,
    OrderTest,
    QuantifiedTest,
    SameAnswerTest,
    Syntax,
    SyntaxNode,
    ValueTest,
)
from formengine.language.reader import Mapping, Scalar, Sequence, YamlNode, read
from formengine.language.source import Located, Source, Span

NamedKind = Literal[
    "answer", "group", "list", "condition", "option", "page", "audience", "file", "fragment_field"
]
# Kinds whose target is a path of answers; a page may be called as a group is.
WITH_PATHS: Final[frozenset[NamedKind]] = frozenset({"answer", "group", "list", "option"})
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCOPES: Final = frozenset({"form", "item"})
# Mappings whose keys are the author's own words, so that none of them is a key of the language.
_OWN_WORDS: Final = frozenset({"messages", "codes", "audiences", "conditions"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names something.

    target: what it names: the full path of an answer, group or list (``children.first_name``), the name of a condition,
    page or audience, a file without its ending, ``path:code`` for an option, ``file:id`` for a fragment's field. span:
    this name alone, without what stands before its dot. role: the key that it stands under, such as ``show_if``, or
    ``insert`` in a text. holder: the path of the piece that names it, or its page's id.
    """

    kind: NamedKind
    target: str
    span: Span
    role: str
    holder: str


def references(definition: model.Definition) -> tuple[Reference, ...]:
    """Every reference in the definition and all it includes, by file, then by position.

    What names nothing is left out: the check has a finding about it.
    """
    found = dict.fromkeys(_Collector(definition).every())
    order = {source.name: number for number, source in enumerate(definition.sources)}
    return tuple(
        sorted(found, key=lambda each: (order.get(each.span.source.name, 0), each.span.start, each.target))
    )


def used_by(definition: model.Definition, path: str) -> tuple[Reference, ...]:
    """The references to the answer, group or list at this path, to its options and to all within it."""
    inside = (f"{path}.", f"{path}:")
    return tuple(
        each
        for each in references(definition)
        if each.kind in WITH_PATHS and (each.target == path or each.target.startswith(inside))
    )


def path_of(place: Position) -> str:
    """The full path of an answer, group or list: ``children.first_name``."""
    return f"{place.repeat}.{place.key}" if place.repeat else place.key


class _Collector:
    def __init__(self, definition: model.Definition) -> None:
        self.definition = definition
        # What cannot be read has been told by the check.
        findings = Findings()
        self.places: Positions = lay_out(definition, findings)
        self.expressions = Expressions(definition, self.places, findings)
        self.findings = findings

    def every(self) -> Iterator[Reference]:
        definition, root = self.definition, self.places.root
        for condition in definition.conditions:
            yield from self.expression(condition.expression, root, "conditions", condition.name)
        if definition.urgent_if is not None:
            yield from self.expression(definition.urgent_if, root, "urgent_if", "")
        if definition.route_by is not None:
            yield from self.located(definition.route_by, root, "route_by", "")
        access = definition.access
        if access.sign_in_from:
            yield Reference("page", access.sign_in_from, access.sign_in_from_span, "sign_in_from", "")
        for place in self.places.walk():
            yield from self.of_place(place)
        yield from self.inserts_in(definition.confirmation.text, root, "confirmation")
        for source in definition.sources:
            yield from _in_tree(source)

    def of_place(self, place: Position) -> Iterator[Reference]:
        node = place.node
        inner = place.inner if isinstance(node, model.Group) and place.inner is not None else place.level
        holder = node.id if isinstance(node, model.Page) else self._holder(place)
        if node.show_if is not None:
            yield from self.expression(node.show_if, place.level, "show_if", holder)
        for template in node.templates.values():
            yield from self.template(template, inner, holder)
        yield from self.inserts_in(_blocks(node), inner, holder)
        if isinstance(node, model.Field | model.Group | model.Repeat | model.Page):
            for check in node.checks:
                yield from self.expression(check.that, inner, "check", holder)
                if check.at:
                    yield from self.words(check.at_span, check.at, inner, "at", holder)
        if isinstance(node, model.Repeat) and place.inner is not None:
            yield from self.template(node.item_title, place.inner, holder)
        if isinstance(node, model.Field):
            yield from self.of_field(node, place, holder)

    def of_field(self, node: model.Field, place: Position, holder: str) -> Iterator[Reference]:
        if node.required_if is not None:
            yield from self.expression(node.required_if, place.level, "required_if", holder)
        for condition in node.option_show_if.values():
            yield from self.expression(condition, place.level, "options", holder)
        for source in node.options_from:
            yield from self.located(source, self.places.root, "options_from", holder)
            target = self._group_or_list(source.text.strip())
            if target is not None and target.inner is not None and node.option_label is not None:
                yield from self.template(node.option_label, target.inner, holder)
        if node.prefill is not None and not node.prefill.origin.text.strip().startswith("account."):
            yield from self.located(node.prefill.origin, place.level, "prefill", holder)
        calculation = node.calculation
        if calculation is None:
            return
        if calculation.count is not None:
            count = calculation.count
            whole = Located(f"{count.text.rstrip()} is at least 0", count.span, count.locate)
            yield from self.expression(whole, place.level, "count", holder)
        if calculation.template is not None:
            yield from self.template(calculation.template, place.level, holder)
        for case in calculation.cases:
            if case.when is not None:
                yield from self.expression(case.when, place.level, "when", holder)
            yield from self.template(case.then, place.level, holder)

    # --- names in expressions, in texts, and by themselves -----------------------------------------------------------

    def expression(self, text: Located, level: NameLevel, role: str, holder: str) -> Iterator[Reference]:
        syntax = parse(text, self.findings)
        if syntax is not None:
            scope = self.expressions.scope(level, AT_THE_END)
            yield from self.tree(syntax, syntax.root, scope, role, holder)

    def tree(
        self, syntax: Syntax, node: SyntaxNode, scope: Scope, role: str, holder: str
    ) -> Iterator[Reference]:
        for name in _names(node):
            text = syntax.text
            written = _WORD.finditer(text.text[name.start : name.end])
            words = [text.part(name.start + word.start(), name.start + word.end()) for word in written]
            yield from self.resolved(name.names, words, scope, role, holder)
        match node:
            case Chain(parts):
                for part in parts:
                    yield from self.tree(syntax, part, scope, role, holder)
            case Negation(part):
                yield from self.tree(syntax, part, scope, role, holder)
            case QuantifiedTest() | CountTest():
                items = scope.find(node.items.names)
                if isinstance(items, ListOperand) and node.where is not None:
                    yield from self.tree(syntax, node.where, scope.item_of(items), role, holder)
            case ValueTest():
                operand = scope.find(node.name.names)
                if isinstance(operand, Operand) and operand.codes:
                    for value in node.values:
                        yield Reference(
                            "option", f"{_path(operand)}:{value.raw}", syntax.span(value), role, holder
                        )

    def resolved(
        self, names: tuple[str, ...], words: list[Span], scope: Scope, role: str, holder: str
    ) -> Iterator[Reference]:
        """The references that a dotted name is: one to what it stands for, and one to each group before it."""
        target = scope.find(names)
        if isinstance(target, CheckedCondition):
            yield Reference("condition", names[0], words[-1], role, holder)
            return
        if not isinstance(target, Operand | ListOperand):
            return
        path = _path(target) if isinstance(target, Operand) else target.key
        own: NamedKind = "answer" if isinstance(target, Operand) else "list"
        parts = path.split(".")
        if names[0] in _SCOPES and len(names) > 1:
            words = words[1:]
        for before, span in enumerate(reversed(words[-len(parts) :])):
            to = ".".join(parts[: len(parts) - before])
            yield Reference("group" if before else own, to, span, role, holder)

    def template(self, template: Template, level: NameLevel, holder: str) -> Iterator[Reference]:
        for insert in template.inserts:
            yield from self.insert(insert, level, holder)

    def inserts_in(self, blocks: tuple[Block, ...], level: NameLevel, holder: str) -> Iterator[Reference]:
        for insert in insertions(blocks):
            yield from self.insert(insert, level, holder)

    def insert(self, insert: Insert, level: NameLevel, holder: str) -> Iterator[Reference]:
        source, start = insert.span.source, insert.span.start
        written = source.text[start : insert.span.end]
        words = [
            Span(source, start + word.start(), start + word.end())
            for word, _ in zip(_WORD.finditer(written), insert.names, strict=False)
        ]
        if len(words) == len(insert.names):
            scope = self.expressions.scope(level, AT_THE_END)
            yield from self.resolved(insert.names, words, scope, "insert", holder)

    def located(self, text: Located, level: NameLevel, role: str, holder: str) -> Iterator[Reference]:
        """A name that stands by itself, as after ``prefill``; a group's as well."""
        written = text.text
        words = [text.part(word.start(), word.end()) for word in _WORD.finditer(written)]
        names = tuple(word.group() for word in _WORD.finditer(written))
        target = self._group_or_list(".".join(names)) if role == "options_from" else None
        if target is None:
            scope = self.expressions.scope(level, AT_THE_END)
            yield from self.resolved(names, words, scope, role, holder) if names else ()
            return
        last: NamedKind = "list" if isinstance(target.node, model.Repeat) else "group"
        for number, span in enumerate(words, 1):
            kind: NamedKind = last if number == len(words) else "group"
            yield Reference(kind, ".".join(names[:number]), span, role, holder)

    def words(
        self, span: Span, written: str, level: NameLevel, role: str, holder: str
    ) -> Iterator[Reference]:
        """A name of this very level, as after ``at``."""
        key = level.child_key(written)
        place = next(
            (
                each
                for each in self.places.walk()
                if _has_path(each) and (each.repeat, each.key) == (level.repeat, key)
            ),
            None,
        )
        if place is not None:
            kind: NamedKind = "answer" if isinstance(place.node, model.Field) else "list"
            last = written.rpartition(".")[2]
            at = span.source.text.rfind(last, span.start, span.end)
            yield Reference(
                kind,
                path_of(place),
                Span(span.source, at, at + len(written.rpartition(".")[2])),
                role,
                holder,
            )

    def _group_or_list(self, key: str) -> Position | None:
        return next(
            (
                place
                for place in self.places.walk()
                if isinstance(place.node, model.Group | model.Repeat)
                and place.repeat is None
                and place.key == key
            ),
            None,
        )

    @staticmethod
    def _holder(place: Position) -> str:
        for around in (place, *place.ancestors()):
            if _has_path(around):
                return path_of(around)
            if isinstance(around.node, model.Page):
                return around.node.id
        return place.page


def _names(node: SyntaxNode) -> tuple[Name, ...]:
    """The names that stand in this part of an expression itself."""
    match node:
        case Chain() | Negation():
            return ()
        case QuantifiedTest() | CountTest():
            return (node.items,)
        case SameAnswerTest():
            return (node.name, node.other)
        case OrderTest():
            other = node.limit.other if isinstance(node.limit, Distance) else node.limit
            return (node.name, other) if isinstance(other, Name) else (node.name,)
        case _:
            return (node.name,)


def _path(operand: Operand) -> str:
    return f"{operand.repeat}.{operand.key}" if operand.repeat else operand.key


def _has_path(place: Position) -> bool:
    return isinstance(place.node, model.Field | model.Group | model.Repeat)


def _blocks(node: model.Page | model.Node) -> tuple[Block, ...]:
    if isinstance(node, model.Note):
        return node.text
    return node.hint if isinstance(node, model.Field) else node.intro


# --- what the model keeps no place of: files, audiences, codes and fields left out ----------------------------------


def _in_tree(source: Source) -> Iterator[Reference]:
    root = read(source, Findings())
    if root is not None:
        yield from _in_mapping(root, "")


def _in_mapping(node: Mapping, holder: str) -> Iterator[Reference]:
    own = node.get("id")
    holder = own.text if isinstance(own, Scalar) else holder
    used = node.get("use")
    for entry in node:
        key, value = entry.key.text, entry.value
        if key == "hide_from":
            yield from (
                Reference("audience", name.text.strip(), name.span, key, holder) for name in _scalars(value)
            )
        elif key == "use" and isinstance(value, Scalar):
            yield Reference("file", _file("library", value.text), value.span, key, holder)
        elif key in {"change", "leave_out"} and isinstance(used, Scalar):
            yield from _of_fragment(_file("library", used.text), key, value, holder)
        elif key == "options":
            yield from _of_options(value, holder)
            continue
        if key not in _OWN_WORDS:
            yield from _below(value, holder)


def _below(node: YamlNode, holder: str) -> Iterator[Reference]:
    if isinstance(node, Mapping):
        yield from _in_mapping(node, holder)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _below(item, holder)


def _of_fragment(file: str, role: str, node: YamlNode, holder: str) -> Iterator[Reference]:
    names = [entry.key for entry in node] if isinstance(node, Mapping) else _scalars(node)
    for name in names:
        yield Reference("fragment_field", f"{file}:{name.text.strip()}", name.span, role, holder)


def _of_options(node: YamlNode, holder: str) -> Iterator[Reference]:
    if isinstance(node, Scalar):
        yield Reference("file", _file("lists", node.text), node.span, "options", holder)
        return
    if not isinstance(node, Mapping):
        return
    name = node.get("list")
    without = node.get("without")
    if isinstance(name, Scalar) and {entry.key.text for entry in node} <= {"list", "without"}:
        file = _file("lists", name.text)
        yield Reference("file", file, name.span, "options", holder)
        for code in _scalars(without):
            yield Reference("option", f"{file}:{code.text.strip()}", code.span, "without", holder)
        return
    for entry in node:
        yield from _below(entry.value, holder)


def _scalars(node: YamlNode | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    return [item for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []


def _file(folder: str, name: str) -> str:
    path = name.strip()
    return path if "/" in path else f"{folder}/{path}"
