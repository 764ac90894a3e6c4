"""The questions' numbers, the same on paper and wherever staff key in what was written there.

Every question has one, in document order: those of the start page first, a composite such as an address as one
question whose parts have letters. A number is the same in every item of a list, and no answer changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from formengine.language import model
from formengine.language.expressions import Template

NumberedPlace = tuple[str | None, str]
"""The position of a question: its repeat's key (None at the form's own level), and its own key."""


def question_numbers(definition: model.Definition) -> Mapping[NumberedPlace, str]:
    """The number of every question by place: "12", and "12a" for the first part of a composite.

    What is worked out is not asked and has none. What is asked on paper alone has one, too, so that a note on paper
    can point to it; on screen its number is passed over.
    """
    counting = _Counting()
    for nodes in _pages(definition):
        counting.count(nodes, None, "")
    return counting.numbers


def numbered(definition: model.Definition) -> model.Definition:
    """The same definition with each question's number before its label: "12. Is an interpreter needed?".

    Compiled, it is the form for keying in what was written on paper: keys, digest and meaning are the form's own, so
    drafts and submissions are, too. Messages call a question by its name, without the number.
    """
    numbering = _Numbering(question_numbers(definition))
    return replace(
        definition,
        start=replace(definition.start, nodes=numbering.nodes(definition.start.nodes, None, "")),
        pages=tuple(numbering.page(page, None) for page in definition.pages),
        submit=replace(definition.submit, nodes=numbering.nodes(definition.submit.nodes, None, "")),
    )


def _pages(definition: model.Definition) -> Iterator[tuple[model.Node, ...]]:
    yield definition.start.nodes
    yield from (page.nodes for page in definition.pages)
    yield definition.submit.nodes


@dataclass(slots=True)
class _Counting:
    numbers: dict[NumberedPlace, str] = field(default_factory=dict)
    last: int = 0

    def count(self, nodes: Iterable[model.Node], repeat: str | None, prefix: str) -> None:
        for node in nodes:
            match node:
                case model.Field() if node.calculation is None:
                    self.last += 1
                    self.numbers[repeat, prefix + node.id] = str(self.last)
                case model.Section():
                    self.count(node.nodes, repeat, prefix)
                case model.Group() if node.composite is not None:
                    self.last += 1
                    self.numbers[repeat, prefix + node.id] = str(self.last)
                    parts = (part for part in node.nodes if isinstance(part, model.Field))
                    for letter, part in zip("abcdefghijklmnopqrstuvwxyz", parts, strict=False):
                        self.numbers[repeat, f"{prefix}{node.id}.{part.id}"] = f"{self.last}{letter}"
                case model.Group():
                    self.count(node.nodes, repeat, f"{prefix}{node.id}.")
                case model.Repeat():
                    inside = [*node.nodes, *(inner for page in node.pages for inner in page.nodes)]
                    self.count(inside, prefix + node.id, "")


@dataclass(frozen=True, slots=True)
class _Numbering:
    numbers: Mapping[NumberedPlace, str]

    def page(self, page: model.Page, repeat: str | None) -> model.Page:
        return replace(page, nodes=self.nodes(page.nodes, repeat, ""))

    def nodes(self, nodes: tuple[model.Node, ...], repeat: str | None, prefix: str) -> tuple[model.Node, ...]:
        return tuple(self.node(node, repeat, prefix) for node in nodes)

    def node(self, node: model.Node, repeat: str | None, prefix: str) -> model.Node:
        match node:
            case model.Field():
                return self.field(node, self.numbers.get((repeat, prefix + node.id)))
            case model.Section():
                return replace(node, nodes=self.nodes(node.nodes, repeat, prefix))
            case model.Group():
                inside = self.nodes(node.nodes, repeat, f"{prefix}{node.id}.")
                number = self.numbers.get((repeat, prefix + node.id))
                if number is None:
                    return replace(node, nodes=inside)
                templates = _with_number(node.templates, number, node.short_label)
                named = node.short_label or node.label
                label = _numbered(node.label, number)
                return replace(node, label=label, short_label=named, nodes=inside, templates=templates)
            case model.Repeat():
                pages = tuple(self.page(page, prefix + node.id) for page in node.pages)
                return replace(node, nodes=self.nodes(node.nodes, prefix + node.id, ""), pages=pages)
            case _:
                return node

    @staticmethod
    def field(field: model.Field, number: str | None) -> model.Field:
        if number is None:
            return field
        settings = replace(
            field.settings, label=_numbered(field.settings.label, number), short_label=field.settings.name
        )
        templates = _with_number(field.templates, number, field.settings.short_label)
        return replace(field, settings=settings, templates=templates)


def _numbered(label: str, number: str) -> str:
    return f"{number}. {label}"


def _with_number(templates: Mapping[str, Template], number: str, short: str) -> Mapping[str, Template]:
    """The templates of a label and short label, the number before the label's."""
    if "label" not in templates:
        return templates
    label = templates["label"]
    first, *rest = label.parts
    led = (f"{number}. {first}", *rest) if isinstance(first, str) else (f"{number}. ", *label.parts)
    made = {**templates, "label": Template(led)}
    return made if short else {**made, "short_label": label}
