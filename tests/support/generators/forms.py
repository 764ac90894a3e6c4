"""Random definitions as an author writes them: every field type, structure and operator, by seed.

Ids are unique in the whole form, so that a full name is never ambiguous. What an expression may read is kept
beside the text: each name with its type and the values worth asking for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import yaml

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.language.diagnostics import DefinitionError
from formengine.language.fields import FIELD_TYPES
from formengine.language.loader import load_packed

CODES = ("a", "b", "1A", "00", "not_sought")
DAYS = ("2026-09-01", "2000-02-29", "1999-12-31", "2026-10-31", "2026-11-22")
PLAIN_TYPES = tuple(sorted(FIELD_TYPES.keys() - {"calculated", "signature"}))
COMPOSITES = {"address": "postcode", "person_name": "first_name"}
_DAY_TYPES = {"date", "approximate_date", "month"}
_TEXT_TYPES = {"text", "postcode", "email"}
_OPAQUE = {"file", "files", "options_from"}


@dataclass(frozen=True)
class Name:
    """A name that expressions may read, and its type; `firm` where the answer is always there."""

    name: str
    type: str
    firm: bool = False


@dataclass
class Scope:
    """What comes before a position: names, and lists with the names in their items."""

    names: list[Name] = field(default_factory=list)
    lists: dict[str, list[Name]] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)


class Writer:
    """Writes one definition."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.apart = Random(
            f"{seed} apart"
        )  # so that what is drawn from it leaves the other forms as they were
        self.count = 0
        self.scope = Scope()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def form(self) -> dict[str, Any]:
        """The whole definition as nested Python values."""
        start = [self.field_of("choice", [], firm=True)]
        pages = [self.page(number) for number in range(self.random.randint(2, 5))]
        made: dict[str, Any] = {"form": "generated", "title": "Generated form", "version": "1"}
        made["access"] = "anyone"
        made["start"] = {"fields": start}
        conditions = {"named_one": self.expression([], depth=1), "named_two": "not named_one"}
        if self.chance(0.5):
            made["conditions"] = conditions
            last = pages[-1]["fields"]
            last.append({"type": "note", "text": "A note.", "show_if": "named_two"})
            last.append(self.field_of("text", []) | {"show_if": "named_one"})
        made["pages"] = pages
        if self.chance(0.4):
            made["submit"] = {"title": "Send", "fields": self.nodes([], 2, depth=0)}
        return made

    def new_id(self) -> str:
        self.count += 1
        return f"q{self.count}"

    def page(self, number: int) -> dict[str, Any]:
        page: dict[str, Any] = {"id": f"page_{number}", "title": f"Page {number}"}
        firm = [name for name in self.scope.names if name.firm]
        if number and self.chance(0.2):
            page |= {"stop": True, "show_if": self.test(self.random.choice(firm))}
            return page | {"fields": [{"type": "note", "text": "It ends here."}]}
        if self.chance(0.4):
            page["show_if"] = self.expression([])
        page["fields"] = self.nodes([], self.random.randint(2, 4), depth=2)
        if self.chance(0.25):
            page["check"] = [self.check([])]
        return page

    def nodes(self, own: list[Name], number: int, *, depth: int, prefix: str = "") -> list[dict[str, Any]]:
        """`number` nodes; `own` are the names of the item they are in, which grow with them."""
        return [self.node(own, depth, prefix) for _ in range(number)]

    def node(self, own: list[Name], depth: int, prefix: str) -> dict[str, Any]:
        kind = self.random.random()
        if depth and kind < 0.15:
            return self.section(own, depth, prefix)
        if depth and kind < 0.3:
            return self.group(own, depth, prefix)
        if depth == 2 and kind < 0.5 and not prefix and self.item is None:
            return self.repeat()
        if kind < 0.58:
            return self.composite(own, prefix)
        if kind < 0.66 and self.scope.lists and self.chance(0.6):
            return self.calculated(own, prefix)
        if kind < 0.74 and self.scope.people:
            return self.about_people(own, prefix)
        return self.field_of(self.random.choice(PLAIN_TYPES), own, prefix=prefix)

    item: str | None = None

    def section(self, own: list[Name], depth: int, prefix: str) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "section", "label": "A section"} | self.shown(own)
        if self.chance(0.1):
            made["paper_only"] = True
            return made | {"fields": [{"id": self.new_id(), "type": "text", "label": "On paper"}]}
        return made | {"fields": self.nodes(own, 2, depth=depth - 1, prefix=prefix)}

    def group(self, own: list[Name], depth: int, prefix: str) -> dict[str, Any]:
        group_id = self.new_id()
        made = {"id": group_id, "type": "group", "label": "A group"} | self.shown(own)
        fields = [self.field_of("text", own, prefix=f"{prefix}{group_id}.")]
        fields += self.nodes(own, 2, depth=depth - 1, prefix=f"{prefix}{group_id}.")
        made["fields"] = fields
        if self.chance(0.2):
            made["check"] = [self.check(own)]
        if self.item is None and not prefix:
            self.scope.people.append(group_id)
        return made

    def repeat(self) -> dict[str, Any]:
        repeat_id = self.new_id()
        made: dict[str, Any] = {
            "id": repeat_id,
            "type": "repeat",
            "label": "A list",
            "item_name": "entry",
            "item_title": "An entry",
        } | self.shown([])
        if self.chance(0.4):
            made["min_items"] = self.random.choice((1, 2))
        if self.chance(0.6):
            made["max_items"] = self.random.choice((2, 3))
        own: list[Name] = []
        self.item = repeat_id
        if self.chance(0.25):
            pages = []
            for number in range(2):
                page: dict[str, Any] = {"id": f"{repeat_id}_{number}", "title": "One page of an entry"}
                page |= self.shown(own) if number else {}
                page["fields"] = self.nodes(own, 2, depth=1)
                if self.chance(0.2):
                    page["check"] = [self.check(own)]
                pages.append(page)
            made["pages"] = pages
        else:
            made["fields"] = self.nodes(own, self.random.randint(2, 4), depth=1)
        self.item = None
        self.scope.lists[repeat_id] = own
        self.scope.people.append(repeat_id)
        if self.chance(0.2):
            made["check"] = [{"that": self.list_test(repeat_id), "else": "The list does not fit."}]
        return made

    def shown(self, own: list[Name]) -> dict[str, Any]:
        return {"show_if": self.expression(own)} if self.chance(0.4) else {}

    def composite(self, own: list[Name], prefix: str) -> dict[str, Any]:
        composite, part = self.random.choice(list(COMPOSITES.items()))
        made: dict[str, Any] = {"id": self.new_id(), "type": composite, "label": "Of fixed parts"}
        made |= self.shown(own)
        if self.chance(0.5):
            made["parts"] = {part: {"required": True}}
        self.remember(own, f"{prefix}{made['id']}.{part}", "postcode" if part == "postcode" else "text")
        return made

    def calculated(self, own: list[Name], prefix: str) -> dict[str, Any]:
        made: dict[str, Any] = {"id": self.new_id(), "type": "calculated", "label": "Worked out"}
        made |= self.shown(own)
        if self.chance(0.5):
            repeat, inner = self.random.choice(list(self.scope.lists.items()))
            where = f" where ({self.tests(inner)})" if inner and self.chance(0.6) else ""
            made["value"] = f"count of {repeat}{where}"
            self.remember(own, f"{prefix}{made['id']}", "count")
            return made
        cases = [{"when": self.expression(own), "then": f"Case {number}"} for number in range(2)]
        made["value"] = [*cases, {"otherwise": "None of them"}]
        self.remember(own, f"{prefix}{made['id']}", "calculated")
        return made

    def about_people(self, own: list[Name], prefix: str) -> dict[str, Any]:
        sources = self.random.sample(self.scope.people, min(2, len(self.scope.people)))
        kind = self.random.choice(("choice", "choices"))
        made: dict[str, Any] = {"id": self.new_id(), "type": kind, "label": "About whom"}
        made |= self.shown(own) | {"options_from": sources, "option_label": "Somebody"}
        made |= {"required": True} if self.chance(0.3) else {}
        self.remember(own, f"{prefix}{made['id']}", "options_from")
        return made

    def field_of(self, kind: str, own: list[Name], *, prefix: str = "", firm: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = {"id": self.new_id(), "type": kind, "label": "A question"}
        name = f"{prefix}{made['id']}"
        if firm:
            made["required"] = True
        else:
            made |= self.shown(own)
            if self.chance(0.3):
                made["required"] = True
            elif self.chance(0.2):
                made["required_if"] = self.expression(own)
        made |= self.limits(kind, own, firm=firm)
        self.remember(own, name, kind, firm=firm)
        if not firm and self.chance(0.15):
            made["check"] = [self.check(own)]
        return made

    def limits(self, kind: str, own: list[Name], *, firm: bool) -> dict[str, Any]:
        if kind in {"choice", "choices"}:
            return {"options": self.options(kind, own, firm=firm)}
        if not self.chance(0.4):
            return {}
        limits: dict[str, dict[str, Any]] = {
            "text": {"max_length": 20},
            "long_text": {"max_length": 40},
            "number": {"minimum": -3, "maximum": 12},
            "money": {"minimum": 0, "maximum": 20},
            "date": {"minimum": "1990-01-01", "maximum": self.random.choice(("2030-12-31", "today"))},
            "yes_no": {"not_known": True},
            "files": {"max_files": 2},
        }
        return limits.get(kind, {})

    def options(self, kind: str, own: list[Name], *, firm: bool) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for code in CODES:
            made[code] = {"label": f"Option {code}"}
            if not firm and self.chance(0.2):
                made[code]["show_if"] = self.expression(own)
        if kind == "choices" and self.chance(0.5):
            made["not_sought"]["exclusive"] = True
        return made

    def remember(self, own: list[Name], name: str, kind: str, *, firm: bool = False) -> None:
        (own if self.item else self.scope.names).append(Name(name, kind, firm))

    def check(self, own: list[Name]) -> dict[str, Any]:
        names = own if self.item and own else self.scope.names
        same = [(one, two) for one in names for two in names if one != two and one.type == two.type]
        pairs = [pair for pair in same if pair[0].type in {"date", "number", "choice", "text"}]
        level = "warn" if self.chance(0.2) else "else"
        if pairs and self.chance(0.3):
            one, two = self.random.choice(pairs)
            verb = {"date": "is on or after", "number": "is at most"}.get(one.type, "is different from")
            return {"that": f"{one.name} {verb} {two.name}", level: "The two do not fit."}
        return {"that": self.expression(own), level: "It does not fit."}

    def expression(self, own: list[Name], depth: int = 2) -> str:
        """An expression over what comes before: the item's own names, the form's and its lists."""
        if depth and self.chance(0.35):
            word = self.random.choice((" and ", " or "))
            parts = [f"({self.expression(own, depth - 1)})" for _ in range(2)]
            whole = word.join(parts)
            return f"not ({whole})" if self.chance(0.2) else whole
        if own and self.scope.names and self.apart.random() < 0.1:
            # An outer answer alone, and again within a larger part that reads nothing of the item.
            alone, other = (self.test(self.random.choice(self.scope.names[-6:])) for _ in range(2))
            word = self.random.choice(("and", "or"))
            mine = self.test(self.random.choice(own[-6:]))
            return f"({alone}) and (({mine}) or (({alone}) {word} ({other})))"
        if self.scope.lists and self.chance(0.3):
            return self.list_test(self.random.choice(list(self.scope.lists)))
        names = own if own and self.chance(0.6) else self.scope.names
        return self.test(self.random.choice(names[-6:]))

    def list_test(self, repeat: str) -> str:
        inner = self.scope.lists[repeat]
        where = f"where ({self.tests(inner)})" if inner else ""
        if inner and self.chance(0.5):
            return f"{self.random.choice(('any', 'all', 'none'))} of {repeat} {where}"
        order = self.random.choice(
            ("is", "is not", "is at least", "is at most", "is more than", "is less than")
        )
        if self.chance(0.5):
            where = ""
        return f"count of {repeat} {where} {order} {self.random.randint(0, 2)}"

    def tests(self, names: list[Name]) -> str:
        one = self.test(self.random.choice(names))
        if self.chance(0.3):
            return f"{one} {self.random.choice(('and', 'or'))} {self.test(self.random.choice(names))}"
        return one

    def test(self, name: Name) -> str:
        """One test that goes with the type of what it reads."""
        pick, not_ = self.random.choice, self.random.choice(("", "", "not "))
        if name.type in {"tick", "declaration"}:
            return f"{name.name} is {not_}ticked"
        if name.type in _OPAQUE or self.chance(0.15):
            return f"{name.name} is {not_}answered"
        if name.type in _DAY_TYPES:
            far = f"{pick((0, 1, 18, 25))} {pick(('days', 'weeks', 'months', 'years'))} {pick(('ago', 'from today'))}"
            ends = (f"is before {pick(DAYS)}", f"is on or after {pick(DAYS)}", "is after today")
            relative = (
                f"is at least {far}",
                f"is less than {far}",
                f"is more than {far}",
                f"is at most {far}",
            )
            return f"{name.name} {pick((*ends, *relative, 'is on or before today'))}"
        if name.type in {"number", "money", "count"}:
            order = pick(("is at least", "is at most", "is more than", "is less than", "is", "is not"))
            return f"{name.name} {order} {pick((0, 1, 2, 10))}"
        if name.type == "choices":
            verbs = ("includes a", "does not include b", 'includes any of "1A", "00"', "includes not_sought")
            return f"{name.name} {pick(verbs)}"
        if name.type == "choice":
            return f"{name.name} is {not_}{pick(('a', 'b', 'one of a, b', chr(34) + '00' + chr(34)))}"
        if name.type == "yes_no":
            return f"{name.name} is {not_}yes"
        if name.type == "time":
            return f"{name.name} is {not_}09:30"
        if name.type in _TEXT_TYPES:
            return pick(
                (f'{name.name} starts with "O"', f'{name.name} is {not_}"Oak"', f"{name.name} is answered")
            )
        return f"{name.name} is {not_}answered"


def definition_text(seed: str) -> str:
    """The YAML text of a definition."""
    return yaml.safe_dump(Writer(seed).form(), sort_keys=False, allow_unicode=True, width=1000)


def generated_form(seed: str) -> Form:
    """The compiled form of `definition_text(seed)`, or of another where an expression is too large for an item.

    Any other finding is a fault of the generator and raised.
    """
    try:
        return compile_form(load_packed({"generated.yaml": definition_text(seed)}))
    except DefinitionError as error:
        codes = {finding.code for finding in error.diagnostics if finding.severity == "error"}
        if codes != {"too-many-outer-parts"}:
            raise
        return generated_form(f"{seed}+")
