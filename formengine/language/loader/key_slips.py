"""What an author meant by a key that is not accepted: another word, another place, a slip of the pen."""

from __future__ import annotations

import re
from collections.abc import Mapping

from formengine.language.diagnostics import Findings
from formengine.language.fields.base import FieldType
from formengine.language.loader import keys, values
from formengine.language.loader.keys import Structure
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import MappingEntry, Scalar
from formengine.language.source import Span

# Words of other form tools, and of drafts of this language, with what is written here. "" is any structure.
OTHER_WORDS: Mapping[tuple[str, str], str] = {
    ("group", "title"): "label",
    ("section", "title"): "label",
    ("repeat", "title"): "label",
    ("field", "title"): "label",
    ("composite", "title"): "label",
    ("note", "label"): "text",
    ("note", "hint"): "text",
    ("note", "intro"): "text",
    ("page", "label"): "title",
    ("page", "name"): "title",
    ("form", "label"): "title",
    ("form", "name"): "title",
    ("form", "id"): "form",
    ("repeat", "min"): "min_items",
    ("repeat", "max"): "max_items",
    ("repeat", "item"): "item_name",
    ("repeat", "hint"): "intro",
    ("group", "hint"): "intro",
    ("section", "hint"): "intro",
    ("section", "text"): "intro",
    ("page", "text"): "intro",
    ("page", "hint"): "intro",
    ("composite", "hint"): "intro",
    ("start", "ask"): "fields",
    ("check", "if"): "that",
    ("check", "message"): "else",
    ("check", "error"): "else",
    ("check", "warning"): "warn",
    ("option", "text"): "label",
    ("option", "value"): "label",
    ("case", "if"): "when",
    ("case", "else"): "otherwise",
    ("notice", "audience"): "for",
    ("notice", "url"): "link",
    ("confirmation", "intro"): "text",
    ("", "name"): "id",
    ("", "key"): "id",
    ("", "question"): "label",
    ("", "help"): "hint",
    ("", "description"): "hint",
    ("", "mandatory"): "required",
    ("", "condition"): "show_if",
    ("", "visible_if"): "show_if",
    ("", "relevant"): "show_if",
    ("", "when"): "show_if",
    ("", "min"): "minimum",
    ("", "max"): "maximum",
    ("", "maxlength"): "max_length",
    ("", "choices"): "options",
    ("", "questions"): "fields",
    ("", "items"): "fields",
    ("", "checks"): "check",
    ("", "validation"): "check",
    ("", "default"): "prefill",
    ("", "regex"): "pattern",
}

# Words that mean something, but need more than another word.
NEEDS_MORE: Mapping[str, str] = {
    "hide_if": "write the opposite as `show_if`, such as `show_if: consent is not yes`",
    "optional": "a field is optional unless it says `required: true`; delete the line",
    "for_each": "asking each entry again on a later page is not possible yet; ask inside the repeat",
    "payment": "payments are not possible yet",
    "hidden": "write when it is asked as `show_if`; to leave it out of a copy, write `hide_from`",
}

MISSING_HELP: Mapping[str, str] = {
    "id": "with a name in small letters, such as `id: first_name`",
    "label": "with the words people read",
    "type": "such as `type: text`",
    "title": "with the words people read",
    "fields": "and the questions below it, each beginning with `- `",
    "pages": "and the pages below it, each beginning with `- id:`",
    "item_name": "with what one entry is called, such as `item_name: child`",
    "item_title": "with what heads an entry, such as `item_title: ((first_name))`",
    "that": "with what must hold, such as `that: born_on is on or before today`",
    "version": "such as `version: 2026.1`",
    "sign_in_from": "with the id of a page; for everybody write `access: anyone`",
    "link": "with an address that begins with `https://`",
    "text": "with what it says",
    "options": "and the options below it, each as `code: label`",
}

_PARENTS = {
    "form": keys.FORM,
    "page": keys.PAGE,
    "section": keys.SECTION,
    "group": keys.GROUP,
    "repeat": keys.REPEAT,
    "note": keys.NOTE,
    "check": keys.CHECK,
    "option": keys.OPTION,
    "use": keys.USE,
    "start": keys.START,
    "access": keys.ACCESS,
    "session": keys.SESSION,
    "presentation": keys.PRESENTATION,
    "submit": keys.SUBMIT,
    "notice": keys.NOTICE,
    "composite": keys.COMPOSITE,
    "field": keys.FIELD,
}


def _kind(structure: Structure) -> str:
    """The structure without the name of a type: "field" for a field of type text."""
    return re.sub(r"^(field|composite|part)_.*", r"\1", structure.name)


def other_word(name: str, structure: Structure) -> str | None:
    """The key that `name` stands for in `structure`, when it is a word of other tools; else None."""
    kind = _kind(structure)
    for place in (kind, "field" if kind == "part" else kind, ""):
        found = OTHER_WORDS.get((place, name))
        if found in structure.keys:
            return found
    return None


MOST_KEYS_WEIGHED = 200


def stands_for(findings: Findings, key: str, node: MappingNode, structure: Structure) -> bool:
    """Whether a key of `node` that is not accepted means `key`, so that it is not called missing as well."""
    return any(
        entry.key.text not in structure.keys and meant(findings, entry.key.text, structure) == key
        for entry in node.entries[:MOST_KEYS_WEIGHED]
    )


def meant(findings: Findings, name: str, structure: Structure) -> str | None:
    """The key of `structure` that was most likely meant by `name`, or None."""
    bare = re.sub(r"[\s-]+", "_", name.strip()).casefold()
    if bare in structure.keys:
        return bare
    return other_word(bare, structure) or values.similar(findings, bare, structure.keys)


def _owners(name: str, field_types: Mapping[str, FieldType]) -> list[str]:
    """What has the key, by its name in messages, nearest first; empty where nothing has it."""
    found = [structure.called for structure in _PARENTS.values() if name in structure.keys]
    if any(key.name == name for key in keys.CHOOSING):
        found += [f"`{kind.name}`" for kind in field_types.values() if kind.has_options]
    return found + [
        f"`{kind.name}`" for kind in field_types.values() if any(key.name == name for key in kind.keys)
    ]


def explain_key(
    findings: Findings, entry: MappingEntry, structure: Structure, field_types: Mapping[str, FieldType]
) -> None:
    """Report the one finding that fits a key which `structure` does not accept."""
    name, span, value = entry.key.text, entry.key.span, entry.value
    called = structure.called
    if name in NEEDS_MORE:
        findings.add("unknown-key", f"There is no key `{name}`", span, help=NEEDS_MORE[name])
    elif name == "required" and _kind(structure) in {"group", "section", "repeat", "composite", "page"}:
        _required_on_parent(findings, span, structure)
    elif (word := other_word(name, structure)) is not None:
        findings.add("other-word", f"On {called} `{name}` is called `{word}`", span, help=f"write `{word}:`")
    elif re.sub(r"[\s-]+", "_", name.strip()).casefold() in structure.keys:
        right = re.sub(r"[\s-]+", "_", name.strip()).casefold()
        findings.add(
            "unknown-key",
            f"The key `{name}` is written `{right}`",
            span,
            help=f"write `{right}:`; keys have small letters and underscores",
        )
    elif owners := [] if findings.is_full else _owners(name, field_types):
        listed = owners[0] if len(owners) == 1 else f"{', '.join(owners[:4][:-1])} or {owners[:4][-1]}"
        findings.add(
            "misplaced-key",
            f"`{name}` does not belong to {called}",
            span,
            help=f"it belongs to {listed}; check how far the line is indented",
        )
    else:
        _unknown(findings, name, span, structure, value)


def _required_on_parent(findings: Findings, span: Span, structure: Structure) -> None:
    kind = _kind(structure)
    fix = {
        "repeat": "write `min_items: 1`",
        "composite": "write `required: true` below the part it is for, such as `parts:`, `postcode:`",
    }.get(kind, "write `required: true` at each question that must be answered")
    findings.add("required-on-group", f"`required` does not belong to {structure.called}", span, help=fix)


def _unknown(findings: Findings, name: str, span: Span, structure: Structure, value: object) -> None:
    close = values.similar(findings, name, structure.keys)
    if close:
        fix = f"there is a similar key: `{close}`"
    elif " " in name:
        fix = "a comma inside `{ }` ends a value; write each key on a line of its own"
    elif isinstance(value, Scalar) and len(structure.keys) > 12:
        fix = "the guide lists the keys there are"
    else:
        fix = f"the keys are {', '.join(structure.keys)}"
    findings.add(
        "unknown-key",
        f"{structure.called[0].upper()}{structure.called[1:]} has no key `{name}`",
        span,
        help=fix,
    )
