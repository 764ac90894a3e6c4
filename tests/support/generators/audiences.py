"""Generated forms from which much is hidden, and answers in which whatever is hidden can be found again.

Everything hidden from the family says `TOKEN`: labels and titles of what `hide_from` marks and of all within it, labels
of hidden options, and the texts answered to hidden questions. Titles of items and calculated texts repeat answers,
hidden ones among them. Which question is hidden is worked out here from the definition, not asked of the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

import yaml

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.language.loader import load_packed
from tests.support.generators.drafts import Answerer
from tests.support.generators.forms import Writer

TOKEN = "Zqhidden"
FREE = {"text", "long_text"}


class Hider:
    """Hides pieces of one definition, written as nested Python values; `secret` are the ids of what is hidden."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.secret: set[str] = set()
        self.free: list[str] = []  # ids of texts on earlier pages, hidden or not

    def hide(self, definition: dict[str, Any]) -> dict[str, Any]:
        """The definition with things hidden, and with texts that repeat answers."""
        made = deepcopy(definition)
        made["audiences"] = {"family": "The family's copy"}
        for page in self._pages(made):
            before = list(self.free)
            hidden = "id" in page and self._mark(page, hidden=False)
            self._tag(page, "title", hidden=hidden)
            self._nodes(page.get("fields", ()), hidden=hidden, repeat=False)
            if before and page.get("fields") and self.random.random() < 0.5:
                page["fields"].append(
                    {
                        "id": f"told_{page.get('id', 'end')}",
                        "type": "calculated",
                        "label": "Told again",
                        "value": f"They said (({self.random.choice(before)}))",
                    }
                )
        return made

    @staticmethod
    def _pages(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield made["start"]
        yield from made["pages"]
        if "submit" in made:
            yield made["submit"]

    def _mark(self, piece: dict[str, Any], *, hidden: bool) -> bool:
        if not hidden and self.random.random() < 0.2:
            piece["hide_from"] = "family"
            return True
        return hidden

    @staticmethod
    def _tag(piece: dict[str, Any], key: str, *, hidden: bool) -> None:
        if hidden and key in piece:
            piece[key] = f"{piece[key]} {TOKEN}"

    def _nodes(self, nodes: Any, *, hidden: bool, repeat: bool, prefix: str = "") -> None:
        for node in nodes:
            here = self._mark(node, hidden=hidden)
            for key in ("label", "text"):
                self._tag(node, key, hidden=here)
            if here and "id" in node:
                self.secret.add(node["id"])
            if node.get("type") == "repeat":
                self._items(node, hidden=here)
            elif "fields" in node:
                inner = f"{prefix}{node['id']}." if "id" in node else prefix
                self._nodes(node["fields"], hidden=here, repeat=repeat, prefix=inner)
            elif node["type"] == "text" and not repeat:
                self.free.append(f"{prefix}{node['id']}")
            if isinstance(node.get("options"), dict):
                for option in node["options"].values():
                    self._tag(option, "label", hidden=self._mark(option, hidden=here))

    def _items(self, node: dict[str, Any], *, hidden: bool) -> None:
        last = node["pages"][-1]["fields"] if "pages" in node else node["fields"]
        last.append({"id": f"{node['id']}_name", "type": "text", "label": "A name"})
        for page in node.get("pages", ()):
            here = self._mark(page, hidden=hidden)
            self._tag(page, "title", hidden=here)
            self._nodes(page["fields"], hidden=here, repeat=True)
        self._nodes(node.get("fields", ()), hidden=hidden, repeat=True)
        name = last[-1]["id"]
        node["item_title"] = f"(({name} or {TOKEN}))" if name in self.secret else f"(({name}))"


def hidden_form(seed: int) -> tuple[Form, frozenset[str]]:
    """A form, and the ids of its hidden questions, groups and lists; raises `DefinitionError` for an unlucky seed."""
    random = Random(seed)
    hider = Hider(random)
    made = hider.hide(Writer(f"audiences {seed}").form())
    text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000)
    return compile_form(load_packed({"generated/form.yaml": text})), frozenset(hider.secret)


def telling_answers(form: Form, secret: frozenset[str], on: date, seed: int) -> dict[str, Any]:
    """Answers to everything, with `TOKEN` in every text and file name that a hidden question holds."""
    answers = Answerer(form, on, Random(seed)).complete()
    for page in form.every_page:
        _tell(page.nodes, answers, secret, hidden=False)
    return answers


def _tell(nodes: Any, answers: Any, secret: frozenset[str], *, hidden: bool) -> None:
    for node in nodes:
        spec = node.spec
        here = hidden or getattr(spec, "id", "") in secret or "family" in spec.hide_from
        value = answers.get(getattr(spec, "id", "")) if isinstance(answers, dict) else None
        if hasattr(node, "item_title"):
            groups = list(node.pages) or [node]
            for item in value if isinstance(value, list) else ():
                for group in groups:
                    inside = here or "family" in group.spec.hide_from
                    _tell(group.nodes, item, secret, hidden=inside)
        elif not hasattr(spec, "type"):
            if hasattr(node, "nodes"):
                _tell(node.nodes, value if hasattr(spec, "id") else answers, secret, hidden=here)
        elif here and value is not None and isinstance(answers, dict):
            answers[spec.id] = _told(spec.type.name, value)


def _told(type_name: str, value: Any) -> Any:
    if type_name in FREE:
        return TOKEN
    if type_name == "file" and isinstance(value, dict):
        return {**value, "name": f"{TOKEN}.pdf"}
    if type_name == "files" and isinstance(value, list):
        return [{**file, "name": f"{TOKEN}.pdf"} for file in value if isinstance(file, dict)]
    return value
