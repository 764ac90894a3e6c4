"""What answers on the same page open: the routing note for everybody, and the same as data for the browser.

The browser gets conditions with everything known already decided (docs/language.md, Conditions on a page): it never
reads an answer given elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from formengine.form.actions import input_name
from formengine.form.plan import Field, Form, Node, Repeat, Run, walk
from formengine.form.plan.forward_pass import people_of
from formengine.form.plan.nodes import OpenAnswers
from formengine.language.expressions import (
    Expr,
    ListOperand,
    Operand,
    decided_by,
    fold,
    operands,
    sentence,
    to_json,
)
from formengine.language.fields.single_line import LINE_TABLES
from formengine.language.json_types import Json
from formengine.language.words import Wording

_NOT_LOOKED_AT: Mapping[int, Expr | None] = MappingProxyType({})


class DrawnList(NamedTuple):
    """A list filled in on the page itself: the ids of its element and of its rows, and whether it has a value."""

    element: str
    rows: tuple[str, ...]
    answered: bool


class QuestionLevel(NamedTuple):
    """One set of questions on a page: the form's own, or an item's.

    prefix: what the paths of its answers begin with. settled: what `settled_conditions` returns, empty where it was not
    called.
    """

    run: Run
    prefix: str = ""
    open_keys: OpenAnswers = frozenset()
    settled: Mapping[int, Expr | None] = _NOT_LOOKED_AT


def open_keys(nodes: tuple[Node, ...]) -> OpenAnswers:
    """The answers that a person can change on the page that asks `nodes`: not those of lists kept on other pages."""
    keys: set[tuple[str | None, str]] = set()
    for node in walk(nodes):
        if isinstance(node, Field) and node.is_asked and not node.spec.read_only:
            keys.add((node.repeat, node.key))
        elif isinstance(node, Repeat) and node.spec.layout == "table":
            keys.add((None, node.key))
    return frozenset(keys)


def condition_of(node: Node, level: QuestionLevel) -> Expr | bool | None:
    """The node's condition in answers that can change on this page, or what it comes to when none can."""
    if node.show_if is None:
        return True
    run = level.run
    if id(node) in level.settled:
        settled = level.settled[id(node)]
        return node.show_if.test(run.values, run.item, run.today) if settled is None else settled
    return fold(node.show_if.expr, run.values, run.item, run.today, level.open_keys)


def settled_conditions(nodes: tuple[Node, ...], keys: OpenAnswers) -> Mapping[int, Expr | None]:
    """By `id` of a node what needs no folding: a condition in open answers alone; None for one that reads none.

    A node whose condition reads both is not among them. `keys` are the open answers of the page that asks `nodes`.
    """
    found: dict[int, Expr | None] = {}
    for node in walk(nodes):
        if node.show_if is not None:
            match decided_by(node.show_if.expr, keys):
                case "open":
                    found[id(node)] = node.show_if.expr
                case "known":
                    found[id(node)] = None
    return found


def shown_when(node: Node, level: QuestionLevel, *, inside_open: bool) -> Expr | bool:
    """Whether to show the node, or the condition under which answers on this page open it.

    inside_open: it stands in what is shown under such a condition.
    """
    if node.spec.paper_only or not _has_anything(node, level.run):
        return False
    relevance = level.run.relevance[node.gate]
    if node.show_if is None:
        return relevance is True or inside_open
    condition = condition_of(node, level)
    if isinstance(condition, bool) or condition is None:
        return relevance is True or (inside_open and condition is True)
    return condition


def _has_anything(node: Node, run: Run) -> bool:
    """Whether there is anything to ask: not, where people are to be chosen and nobody is entered.

    Rule: docs/language.md, People already entered.
    """
    if not isinstance(node, Field) or not node.sources:
        return True
    return bool(people_of(run.values, [source.people for source in node.sources]))


def condition_in_words(condition: Expr, form: Form, words: Wording) -> str:
    """The condition as a clause, after "if"."""

    def option_label(operand: Operand, code: str) -> str:
        fields = form.fields if operand.repeat is None else form.item_fields[operand.repeat]
        found = fields.get(operand.key)
        options = found.spec.settings.options if found is not None else ()
        label = next((option.label for option in options if option.code == code), "")
        return label or (words.text(f"values.{code}") if words.has(f"values.{code}") else code)

    return sentence(condition, option_label=option_label)


@dataclass(slots=True)
class PageConditions:
    """The conditions met while a page is drawn, in document order, and the inputs and lists they read.

    lists: the lists filled in on the page, by key, as they were drawn.
    """

    form: Form
    today: str
    found: list[dict[str, Json]] = field(default_factory=list)
    inputs: dict[str, dict[str, dict[str, Json]]] = field(default_factory=dict)
    lists: dict[str, DrawnList] = field(default_factory=dict)
    _lists_read: dict[str, dict[str, Json]] = field(default_factory=dict)

    def add(self, element: str, condition: Expr, level: QuestionLevel) -> None:
        """The element with the id `element` is open while `condition` is true."""
        row = level.prefix.rstrip(".")
        self.found.append({"element": element, "when": to_json(condition), "row": row})
        for operand in operands(condition):
            if isinstance(operand, ListOperand):
                self._read_list(operand.key, level.run)
            elif operand.repeat is None:
                self._read("", operand, "")
            elif level.run.item is not None:
                self._read(row, operand, level.prefix)
            else:
                drawn = self.lists.get(operand.repeat)
                for each in drawn.rows if drawn is not None else ():
                    self._read(each, operand, f"{each}.")

    def _read(self, row: str, operand: Operand, prefix: str) -> None:
        read = self.inputs.setdefault(row, {})
        if operand.key not in read:
            fields = self.form.fields if operand.repeat is None else self.form.item_fields[operand.repeat]
            spec = fields[operand.key].spec
            boxes = spec.type.control(spec.settings).context
            parts = [*boxes.get("parts", ("",)), *([boxes["keep"]] if "keep" in boxes else [])]
            names: dict[str, Json] = {part: input_name(prefix + operand.key, part) for part in parts}
            read[operand.key] = {"names": names, "reading": dict(spec.type.reading(spec.settings))}

    def _read_list(self, key: str, run: Run) -> None:
        drawn = self.lists.get(key)
        if drawn is not None:
            rows: list[Json] = list(drawn.rows)
            self._lists_read[key] = {"element": drawn.element, "rows": rows, "answered": drawn.answered}
        else:
            # Nothing on the page opens it.
            self._lists_read[key] = {"counts": False if run.values.get(key) == [] else None}

    def to_json(self) -> dict[str, Json] | None:
        """What ``reveals.js`` reads; None when nothing on the page opens or closes."""
        if not self.found:
            return None
        return {
            "today": self.today,
            "conditions": self.found,
            "inputs": self.inputs,
            "lists": self._lists_read,
            "line": LINE_TABLES,
        }
