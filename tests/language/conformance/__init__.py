"""The conformance corpus: expressions and the answers that make them true, false and unknown, by hand.

`vocabulary.json` names the answers; every other file holds cases. A situation is a flat object of answers;
its ``item`` (the current item) and ``on`` (the day, else the file's) are words of the language, so no answer
has such a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from formengine.language.diagnostics import Diagnostic, Findings
from formengine.language.expressions import Expr, Kind, ListOperand, Operand, check, parse
from formengine.language.expressions.scope import Found, NotReadable
from formengine.language.source import Located, Source, Span

FOLDER = Path(__file__).parent
VOCABULARY = json.loads((FOLDER / "vocabulary.json").read_text(encoding="utf-8"))

Place = Literal["condition", "check"]


def _operand(key: str, repeat: str | None, facts: Mapping[str, Any]) -> Operand:
    codes = tuple(facts.get("codes", ()))
    return Operand(key, repeat, Kind(facts["kind"]), codes, scale=facts.get("scale", 1))


FORM: dict[str, Found] = {
    **{key: _operand(key, None, facts) for key, facts in VOCABULARY["answers"].items()},
    **{key: ListOperand(key) for key in VOCABULARY["lists"]},
}
ITEMS: dict[str, dict[str, Found]] = {
    repeat: {key: _operand(key, repeat, facts) for key, facts in items.items()}
    for repeat, items in VOCABULARY["lists"].items()
}
OPERANDS = {
    (found.repeat, found.key): found
    for names in (FORM, *ITEMS.values())
    for found in names.values()
    if isinstance(found, Operand)
}


@dataclass(frozen=True)
class Names:
    """A scope over fixed names; `hidden` exist elsewhere, each with the reason it is not read."""

    known: Mapping[str, Found]
    hidden: Mapping[str, NotReadable]

    def find(self, names: tuple[str, ...]) -> Found | None:
        dotted = ".".join(names)
        return self.known.get(dotted) or self.hidden.get(dotted)

    def names(self) -> Iterable[str]:
        return self.known

    def item_of(self, items: ListOperand) -> Names:
        outer = {key: NotReadable("outer") for key in self.known}
        return Names(ITEMS[items.key], outer)


def scope(item_of: str | None = None, **more: Found) -> Names:
    """The names of the vocabulary, seen from the form or from an item of a list, with `more` of them."""
    known: dict[str, Found] = {**FORM, **(ITEMS[item_of] if item_of else {})}
    hidden = {item_of: NotReadable("own_list")} if item_of else {}
    readable = {key: found for key, found in known.items() if key not in hidden}
    return Names({**readable, **more}, hidden)


def located(text: str) -> Located:
    return Located(text, Span(Source("form.yaml", text), 0, len(text)))


def read(
    text: str, *, place: Place = "condition", names: Names | None = None
) -> tuple[Expr | None, tuple[Diagnostic, ...]]:
    """The typed tree of an expression, if it has one, and every finding about it."""
    findings = Findings()
    syntax = parse(located(text), findings)
    expr = None if syntax is None else check(syntax, names or scope(), findings, place=place)
    return expr, findings.in_file_order()


def typed(text: str, *, place: Place = "condition", names: Names | None = None) -> Expr:
    """The typed tree of an expression that has one."""
    expr, findings = read(text, place=place, names=names)
    assert expr is not None, (text, findings)
    return expr


@dataclass(frozen=True)
class Case:
    """One expression in one situation. `number` counts the file's cases."""

    file: str
    number: int
    expression: str
    expr: Expr
    values: Mapping[str, Any]
    item: Mapping[str, Any] | None
    on: date
    expected: bool | None


def cases() -> Iterator[Case]:
    """Every case of the corpus."""
    for path in sorted(FOLDER.glob("*.json")):
        corpus = json.loads(path.read_text(encoding="utf-8"))
        names = scope(corpus.get("item_of"))
        number = 0
        for entry in corpus.get("cases", ()):
            place = entry.get("place", corpus.get("place", "condition"))
            expr = typed(entry["expression"], place=place, names=names)
            for word, expected in (("true", True), ("false", False), ("unknown", None)):
                for situation in entry[word]:
                    number += 1
                    values = {key: value for key, value in situation.items() if key not in {"item", "on"}}
                    on = date.fromisoformat(situation.get("on", corpus["on"]))
                    item = situation.get("item")
                    yield Case(path.name, number, entry["expression"], expr, values, item, on, expected)
