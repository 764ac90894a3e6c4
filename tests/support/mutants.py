"""Definitions spoilt on purpose, as an author may spoil them: a part emptied, doubled, moved, renamed, put elsewhere.

`mutants` changes a definition as a tree, so that most of what comes out is still YAML and much of it still a form.
`garbled` changes its characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from tests.form.features import HERE, features, path_of
from tests.support.shipped import DEFINITIONS, EXAMPLES
from tests.support.torture_samples import TORTURE

Tree = Any  # of dict, list and str: no value has a type before formengine gives it one
Path_ = tuple[Any, ...]

TYPES = (*FIELD_TYPES, *COMPOSITE_TYPES, "section", "group", "repeat", "note")
NUMBERS = ("0", "-1", "1", "2", "1.5", "1e9", str(10**30), "-0", "007", "NaN", "٣", "1_000")
TEXTS = (
    "",
    " ",
    "\u00a0",
    "\u200b",
    "x" * 3000,
    "word " * 700,
    "مرحبا",
    "👩\u200d👧 e\u0301\u0323 \ue000",
    "\U0010ffff\u0378",
    "<script>alert(1)</script></textarea>&amp;\"'",
    "{{ 7 * 7 }}{% raw %}",
    "a\nb\n\nc",
    "# head\n\n- one\n- two\n\n[a link](https://www.example.org/)",
    "[x](javascript:alert(1)) ![p](q) `code` **b*",
    "((",
    "))((x))",
    "%s %(x)s {page} {0} $x \\n",
    "-",
    "?",
    ":",
    "1",
    "no",
    "null",
)
IDS = ("id", "x", "y", "start", "submit", "new", "remove", "page", "check", "item", "today", "form", "csrf", "move",
       "rev", "base", "exit", "print", "files", "index", "sent", "__proto__", "constructor", "i1")  # fmt: skip
FLAGS = ("required", "paper_only", "screen_only", "read_only", "stop", "human_test", "exclusive")


def definitions() -> dict[str, Path]:
    """The files that mutants are made of, by name: each feature, the examples, the torture form, the shipped forms."""
    small = {f"features/{name}": path_of(name) for name in features()}
    own = {f"examples/{path.parent.name}": path for path in sorted(EXAMPLES.glob("*/form.yaml"))}
    shipped = {path.parent.name: path for path in sorted(DEFINITIONS.glob("*/form.yaml"))}
    return {**small, **own, "torture": TORTURE, **shipped}


def folders() -> tuple[Path, ...]:
    """Where the lists and fragments that the definitions include are found."""
    return (DEFINITIONS, *(path.parent for path in sorted(HERE.rglob("library"))))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> Tree:
    return yaml.load(_text(path), Loader=yaml.CBaseLoader)  # noqa: S506 - it makes texts alone


def tree_of(path: Path) -> Tree:
    """The definition as dicts, lists and texts, one of your own to change."""
    return deepcopy(_tree(path))


@cache
def _pool() -> dict[str, list[Tree]]:
    """Every value that is under a key somewhere, by key."""
    found: dict[str, list[Tree]] = {}
    for path in definitions().values():
        for at in _places(tree := tree_of(path)):
            if at and isinstance(at[-1], str):
                found.setdefault(at[-1], []).append(_at(tree, at))
    return found


def mutants(path: Path, random: Random) -> Iterator[str]:
    """Without end: the definition with a few things changed in it, as YAML."""
    while True:
        tree = tree_of(path)
        for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 4))):
            random.choice(CHANGES)(tree, random)
        yield written(tree)


def written(tree: Tree) -> str:
    """The tree as YAML."""
    text = str(yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=10**6))
    return re.sub(r"(?m): '(true|false)'$", r": \1", text)


def garbled(path: Path, random: Random) -> Iterator[str]:
    """Without end: the definition's text with a few characters or lines changed."""
    while True:
        text = _text(path)
        for _ in range(random.choice((1, 1, 2, 4))):
            text = random.choice(_SLIPS)(text, random)
        yield text


# --- the tree ---------------------------------------------------------------------------------------------------------


def _places(tree: Tree, at: Path_ = ()) -> Iterator[Path_]:
    yield at
    for key, value in (
        tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    ):
        yield from _places(value, (*at, key))


def _at(tree: Tree, at: Path_) -> Tree:
    for key in at:
        tree = tree[key]
    return tree


def _any(tree: Tree, random: Random, fits: Callable[[Any, Tree], bool]) -> tuple[Tree, Any] | None:
    """A holder and a key in it, of those whose key and value fit."""
    found = [at for at in _places(tree) if at and fits(at[-1], _at(tree, at))]
    if not found:
        return None
    at = random.choice(found)
    return _at(tree, at[:-1]), at[-1]


def _mappings(tree: Tree, random: Random) -> Any:
    found = _any(tree, random, lambda key, value: isinstance(value, dict) and isinstance(key, int))
    return found[0][found[1]] if found else None


def _emptied(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda *_: True)
    if found:
        holder, key = found
        value = holder[key]
        holder[key] = [] if isinstance(value, list) else {} if isinstance(value, dict) else ""


def _deleted(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda *_: True)
    if found:
        del found[0][found[1]]


def _doubled(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, _: isinstance(key, int))
    if found:
        holder, key = found
        twin = deepcopy(holder[key])
        if isinstance(twin, dict) and "id" in twin and random.random() < 0.7:
            twin["id"] = f"{twin['id']}_2"
        holder.insert(random.randint(0, len(holder)), twin)


def _renamed(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, _: key == "id")
    if found:
        holder, key = found
        old, new = holder[key], random.choice((*IDS, *_pool()["id"]))
        holder[key] = new
        if random.random() < 0.6:
            _reword(tree, str(old), str(new))


def _reword(tree: Tree, old: str, new: str) -> None:
    """Every text that reads the id reads the other."""
    for at in [at for at in _places(tree) if at]:
        value = _at(tree, at)
        if isinstance(value, str) and at[-1] in {
            "show_if",
            "required_if",
            "that",
            "item_title",
            "sign_in_from",
        }:
            _at(tree, at[:-1])[at[-1]] = value.replace(old, new)


def _retyped(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, _: key == "type")
    if found:
        found[0]["type"] = random.choice(TYPES)


def _swapped(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, _: isinstance(key, str))
    if found:
        holder, key = found
        other = _any(tree, random, lambda each, _: each == key)
        if other and other[0] is not holder:
            holder[key], other[0][key] = deepcopy(other[0][key]), deepcopy(holder[key])


def _moved(tree: Tree, random: Random) -> None:
    """An entry of a list moved elsewhere: on another page, in a group, before what it reads."""
    found = _any(tree, random, lambda key, value: isinstance(key, int) and isinstance(value, dict))
    if found:
        entry = found[0].pop(found[1])
        into = _any(tree, random, lambda key, value: isinstance(value, list) and key in {"fields", "pages"})
        if into:
            holder = into[0][into[1]]
            holder.insert(random.randint(0, len(holder)), entry)


def _numbered(tree: Tree, random: Random) -> None:
    names = ("min", "max", "min_items", "max_items", "max_length", "min_length", "min_chosen", "max_chosen",
             "decimals", "timeout_minutes", "warn_minutes", "max_size_mb", "max_files", "version", "rows")  # fmt: skip
    found = _any(
        tree, random, lambda key, value: isinstance(value, str) and (key in names or value.isdecimal())
    )
    if found:
        found[0][found[1]] = random.choice(NUMBERS)


def _retold(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, value: isinstance(value, str) and key not in {"type", "form"})
    if found:
        found[0][found[1]] = random.choice(TEXTS)


def _retitled(tree: Tree, random: Random) -> None:
    names = {"label", "title", "hint", "intro", "text", "short_label", "item_name", "item_title", "button"}
    found = _any(tree, random, lambda key, value: isinstance(value, str) and key in names)
    if found:
        found[0][found[1]] = random.choice(TEXTS)


def _conditioned(tree: Tree, random: Random) -> None:
    """A condition from somewhere else, or one that reads an answer of this form, which may come later."""
    found = _any(
        tree, random, lambda _, value: isinstance(value, dict) and {"id", "type"} & value.keys() != set()
    )
    if found:
        entry = found[0][found[1]]
        asks = "type" in entry and entry["type"] not in {
            "note",
            "section",
            "group",
            "repeat",
            *COMPOSITE_TYPES,
        }
        entry[random.choice(("show_if", "required_if") if asks else ("show_if",))] = _condition(
            tree, random, entry
        )


def _condition(tree: Tree, random: Random, reader: Tree = None) -> str:
    """A condition on an answer, mostly one that is asked before `reader`."""
    every = [entry for entry in (_at(tree, at) for at in _places(tree)) if isinstance(entry, dict)]
    if reader is not None and random.random() < 0.8:
        every = every[: next(number for number, entry in enumerate(every) if entry is reader)]
    asked = [entry for entry in every if "type" in entry and "id" in entry]
    if not asked or random.random() < 0.2:
        return str(random.choice(_pool()["show_if"]))
    entry = random.choice(asked)
    name, kind, options = str(entry.get("id")), entry["type"], entry.get("options")
    code = random.choice(list(options)) if isinstance(options, dict) and options else "x"
    match kind:
        case "yes_no":
            said = f"{name} is {random.choice(('yes', 'no'))}"
        case "choice":
            said = f"{name} is {code}"
        case "choices":
            said = f"{name} includes {code}"
        case "number" | "money":
            said = f"{name} is at least {random.choice(NUMBERS)}"
        case "date":
            said = f"{name} is less than 18 years ago"
        case "repeat":
            said = f"count of {name} is at least {random.choice((0, 1, 50))}"
        case _:
            said = f"{name} is answered"
    return random.choice((said, said, f"not ({said})", f"{said} or {name} is not answered"))


def _flagged(tree: Tree, random: Random) -> None:
    entry = _mappings(tree, random)
    if entry is None:
        return
    if "type" in entry:
        helps = entry["type"] in {"note", "section"}
        entry[
            "screen_only" if helps and random.random() < 0.5 else random.choice(("required", "paper_only"))
        ] = "true"
    elif "title" in entry:
        entry[random.choice(("paper_only", "stop", "screen_only"))] = "true"
        if "stop" in entry:
            entry["show_if"] = _condition(tree, random)
    else:
        entry[random.choice(("exclusive", "basis"))] = "true"


def _flagged_everywhere(tree: Tree, random: Random) -> None:
    """One mark or condition on all of one kind: every question of the form, all pages, everything with an id."""
    key, value = random.choice(
        (("paper_only", "true"), ("screen_only", "true"), ("required", "true"), ("hide_from", "family"),
         ("show_if", _condition(tree, random)), ("read_only", "true"), ("stop", "true"), ("prefill", "today"),
         ("prefill", "account.email"), ("hint", random.choice(TEXTS)), ("layout", "table"))
    )  # fmt: skip
    kind = random.choice(("type", "title", "id"))
    if key == "hide_from":
        tree["audiences"] = {"family": "The family's copy"}
    within = _any(tree, random, lambda key, _: key in {"fields", "pages"}) if random.random() < 0.5 else None
    part = within[0][within[1]] if within else tree.get("pages")
    for entry in [_at(part, at) for at in _places(part)]:
        if isinstance(entry, dict) and isinstance(entry.get(kind), str):
            entry[key] = value


def _only_one_kind(tree: Tree, random: Random) -> None:
    """Pages with nothing but lists, notes, groups or sections, or worked out answers."""
    kinds = random.choice((("repeat",), ("note",), ("group", "section"), ("calculated",), ("file", "files")))
    for page in tree.get("pages") or ():
        if isinstance(page, dict) and isinstance(page.get("fields"), list):
            page["fields"] = [
                each for each in page["fields"] if isinstance(each, dict) and each.get("type") in kinds
            ]


def _optioned(tree: Tree, random: Random) -> None:
    found = _any(tree, random, lambda key, _: key == "options")
    if found:
        number = random.choice((0, 1, 2, 500))
        found[0]["options"] = {f"code_{each}": f"Option {each}" for each in range(number)}


def _wrapped(tree: Tree, random: Random) -> None:
    """A question inside a group, a section or a list of its own; some within what cannot hold it."""
    found = _any(
        tree, random, lambda key, value: isinstance(key, int) and isinstance(value, dict) and "type" in value
    )
    if found:
        holder, key = found
        inner = holder[key]
        kind = random.choice(("group", "section", "repeat"))
        made: dict[str, Any] = {"type": kind, "label": "Around it", "fields": [inner]}
        if kind != "section":
            made["id"] = random.choice(("around", "around_it", *IDS))
        if kind == "repeat":
            made |= {
                "item_name": "one",
                "item_title": random.choice((f"(({inner.get('id')}))", "One", "((number))")),
            }
            made["layout"] = random.choice(("cards", "table"))
        holder[key] = made


def _kind(entry: Tree) -> str:
    """What a mapping is: its type, or what it is among."""
    return str(entry["type"]) if "type" in entry else "page" if {"id", "title"} <= entry.keys() else "other"


@cache
def _beside() -> dict[str, list[tuple[str, Tree]]]:
    """Each key with its value, by the kind of mapping that has it somewhere."""
    found: dict[str, list[tuple[str, Tree]]] = {}
    for path in definitions().values():
        tree = tree_of(path)
        for at in _places(tree):
            entry = _at(tree, at)
            if isinstance(entry, dict) and at and isinstance(at[-1], int):
                found.setdefault(_kind(entry), []).extend(entry.items())
    return found


def _given(tree: Tree, random: Random) -> None:
    """A key as another of its kind has it, in this definition or in another."""
    entry = _mappings(tree, random)
    if entry is not None:
        key, value = random.choice(_beside().get(_kind(entry)) or [("basis", "confirmed")])
        entry[key] = deepcopy(value)


def _exchanged(tree: Tree, random: Random) -> None:
    """A part of this definition for the part under the same key of another."""
    found = _any(tree, random, lambda key, _: isinstance(key, str) and key in _pool())
    if found:
        found[0][found[1]] = deepcopy(random.choice(_pool()[found[1]]))


def _lone(tree: Tree, random: Random) -> None:
    """A list of which one entry is left."""
    found = _any(tree, random, lambda _, value: isinstance(value, list) and len(value) > 1)
    if found:
        found[0][found[1]] = [random.choice(found[0][found[1]])]


def _around_all(tree: Tree, random: Random) -> None:
    """A key of the form itself that decides about everything."""
    ids = [page["id"] for page in tree.get("pages") or () if isinstance(page, dict) and "id" in page]
    tree |= random.choice(
        (
            {"access": "anyone"},
            {"access": {"sign_in_from": random.choice([*map(str, ids), "submit", "start"])}},
            {"presentation": {"menu": "numbered", "buttons": "next", "required_mark": "optional_note"}},
            {"presentation": {"menu": "task_list", "exit_page": "https://www.example.org/"}},
            {"start": {"fields": []}},
            {"start": {"title": "Before", "fields": [{"id": "s1", "type": "yes_no", "label": "Yes?"}]}},
            {"submit": {"fields": [], "button": random.choice(TEXTS)}},
            {"submit": {"title": random.choice(TEXTS), "intro": "x"}},
            {"session": {"timeout_minutes": random.choice(NUMBERS), "warn_minutes": random.choice(NUMBERS)}},
            {"urgent_if": _condition(tree, random)},
            {
                "route_by": random.choice(
                    [str(_at(tree, at)) for at in _places(tree) if at and at[-1] == "id"] or ["x"]
                )
            },
            {"language": random.choice(("cy", "en-GB", "ar", "x", "zz-Zzzz"))},
            {"audiences": {"family": random.choice(TEXTS)}},
            {"conditions": {random.choice(IDS): _condition(tree, random)}},
            {"title": random.choice(TEXTS)},
            {"confirmation": {"title": random.choice(TEXTS), "text": random.choice(TEXTS)}},
        )
    )


CHANGES: tuple[Callable[[Tree, Random], None], ...] = (
    _emptied, _deleted, _doubled, _renamed, _retyped, _swapped, _moved, _numbered, _retold, _retitled, _conditioned,
    _flagged, _flagged_everywhere, _only_one_kind, _optioned, _wrapped, _given, _exchanged, _lone, _around_all,
)  # fmt: skip


# --- characters -------------------------------------------------------------------------------------------------------

_SIGNS = ":-#'\"[]{}|>&*!%@`,?\t\n \u00a0\u201c\u2019\u2013\ufeff\x00\x85\u2028\ud800()=<é✓"


def _cut(text: str, random: Random) -> str:
    at = random.randrange(len(text) or 1)
    return text[:at] + text[at + random.choice((1, 1, 2, 5, 40)) :]


def _put_in(text: str, random: Random) -> str:
    at = random.randrange(len(text) or 1)
    return text[:at] + random.choice(_SIGNS) * random.choice((1, 1, 2)) + text[at:]


def _lines(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    here, there = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            lines[here], lines[there] = lines[there], lines[here]
        case 1:
            del lines[here]
        case 2:
            lines.insert(there, lines[here])
        case 3:
            lines[here] = random.choice(("", " ", "  ", "\t")) + lines[here].removeprefix(
                random.choice((" ", "  "))
            )
    return "".join(lines)


_SLIPS: tuple[Callable[[str, Random], str], ...] = (_cut, _put_in, _lines)
