"""Keys that several structures share: those of any piece, checks, messages, texts with answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from formengine.language import model
from formengine.language.expressions import Template, parse_template
from formengine.language.fields.base import NOTHING
from formengine.language.loader import values
from formengine.language.loader.keys import CHECK
from formengine.language.loader.mappings import Loading, WrittenKeys, audiences, mapping, mappings, read_keys
from formengine.language.loader.media_only import stands_nowhere
from formengine.language.loader.scopes import take, written_id
from formengine.language.model import Basis
from formengine.language.reader.nodes import Scalar
from formengine.language.source import Span


def about(loading: Loading, given: WrittenKeys, basis: Basis, span: Span) -> dict[str, Any]:
    """The arguments of `model.About`; `basis` is that of the piece around, for where none is written."""
    found = given.values
    made: dict[str, Any] = {"basis": found.get("basis", basis), "span": span}
    if "source_text" in found:
        made["source_text"] = found["source_text"]
    if "hide_from" in found:
        made["hide_from"] = audiences(loading, given)
    if found.get("paper_only"):
        made["paper_only"] = True
    if found.get("screen_only"):
        made["screen_only"] = True
        if "paper_only" in made:
            stands_nowhere(loading.findings, given.span("screen_only"))
    if any("((" in found.get(key, "") for key in _MAY_HOLD_ANSWERS):
        made["templates"] = _templates(loading, given)
    return made


_MAY_HOLD_ANSWERS = ("label", "short_label", "title")


def _templates(loading: Loading, given: WrittenKeys) -> Mapping[str, Template]:
    found = {}
    for key in _MAY_HOLD_ANSWERS:
        made = template(loading, given, key) if "((" in given.get(key, "") else None
        if made is not None:
            found[key] = made
    return MappingProxyType(found)


def template(loading: Loading, given: WrittenKeys, key: str) -> Template | None:
    """The text behind `key` with its ``((answers))``; None where nothing well-formed is written."""
    node = given.nodes.get(key)
    if key not in given.values or not isinstance(node, Scalar):
        return None
    return parse_template(node.located, loading.findings)


def read_checks(loading: Loading, given: WrittenKeys) -> tuple[model.Check, ...]:
    """The checks behind ``check:``, in order; those without a rule or words are left out with findings."""
    node = given.nodes.get("check")
    if node is None:
        return ()
    checks = []
    ids: dict[str, Span] = {}
    for item in mappings(loading, node, "check", "that: date_of_birth is on or before today"):
        check = _check(loading, read_keys(loading, item, CHECK), ids)
        if check is not None:
            checks.append(check)
    return tuple(checks)


def _check(loading: Loading, given: WrittenKeys, ids: dict[str, Span]) -> model.Check | None:
    that, blocks, advises = given.get("that"), given.get("else"), given.get("warn")
    span = given.span("that")
    if "else" in given.keys and "warn" in given.keys:
        loading.findings.add(
            "check-with-both",
            "A check has either `else` or `warn`, not both",
            given.span("warn"),
            help="keep `else` if the form cannot be sent so; keep `warn` if it is only advice",
        )
    elif "else" not in given.keys and "warn" not in given.keys:
        loading.findings.add(
            "check-without-message",
            "The check does not say what people are told when it does not hold",
            span,
            help="add `else:` with the words; or `warn:` if the form can be sent all the same",
        )
    node = given.nodes.get("id")
    name = written_id(loading, node) if isinstance(node, Scalar) else None
    if name is not None and isinstance(node, Scalar):
        take(loading.findings, ids, name, node.span, what="checks")
    message = blocks or advises
    if that is None or message is None:
        return None
    at = given.nodes.get("at")
    if at is not None and not isinstance(at, Scalar):
        values.wrong_shape(loading.findings, "at", "the id of one question", at, "write it on the same line")
        at = None
    places: dict[str, Any] = {"at": at.text.strip(), "at_span": at.span} if isinstance(at, Scalar) else {}
    return model.Check(
        that=that, message=message, level="error" if blocks else "warn", id=name or "", span=span, **places
    )


def read_messages(loading: Loading, given: WrittenKeys, rules: Collection[str]) -> Mapping[str, str]:
    """The author's own words by rule; a rule that is not among `rules` is a finding."""
    node = mapping(loading, given.nodes.get("messages"), "messages", "required: Enter the child's name")
    if node is None:
        return NOTHING
    found = {}
    for entry in node.entries:
        name, value = entry.key.text, entry.value
        if name not in rules:
            close = values.similar(loading.findings, name, rules)
            loading.findings.add(
                "unknown-message",
                f"No rule here is called `{values.clip(name)}`, so nobody would read these words",
                entry.key.span,
                help=f"there is a rule with a similar name: `{close}`"
                if close
                else f"the rules here are {', '.join(f'`{rule}`' for rule in sorted(rules))}",
            )
        elif not isinstance(value, Scalar):
            values.wrong_shape(loading.findings, name, "one text", value, f"write `{name}: …` on one line")
        elif value.is_null:
            values.empty(loading.findings, entry.key, value)
        else:
            found[name] = " ".join(value.text.split())
    return MappingProxyType(found)
