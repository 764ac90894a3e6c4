"""The ``properties`` of a document: the shape of each answer, whatever the others are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from formengine.form.plan import Field, Group, Node, Repeat, Section
from formengine.form.schema.validators import plain_object
from formengine.language.content import plain_text
from formengine.language.expressions.ast import Kind
from formengine.language.expressions.schema_fragments import Fragment, conjoined
from formengine.language.fields.base import FieldSettings
from formengine.language.fields.choice_options import ITEM_ID, chooses_people
from formengine.language.fields.dates import settled

_ITEM_ID = {"type": "string", "pattern": f"^{ITEM_ID}$", "not": {"pattern": "[\\r\\n]"}}


def properties(
    nodes: tuple[Node, ...], on: date | None, item_rules: Mapping[str, Fragment]
) -> dict[str, dict[str, Any]]:
    """The schemas of the answers of `nodes` by id, in the form's order; sections leave no trace.

    `item_rules` holds, by repeat key, what each item has to keep beside the shapes of its own answers.
    """
    found: dict[str, dict[str, Any]] = {}
    for node in nodes:
        if node.spec.paper_only:
            continue
        match node:
            case Section():
                found |= properties(node.nodes, on, item_rules)
            case Field() if node.holds_answer:
                found[node.spec.id] = _field(node, on)
            case Group() if inner := properties(node.nodes, on, item_rules):
                found[node.spec.id] = {"title": node.spec.label} | _object(inner) | {"minProperties": 1}
            case Repeat():
                found[node.spec.id] = _repeat(node, on, item_rules)
    return found


def _object(inner: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(inner), "additionalProperties": False}


def _field(node: Field, on: date | None) -> dict[str, Any]:
    spec, settings = node.spec, settings_on(node, on)
    rules = [rule.fragment for rule in spec.type.rules(settings) if rule.problem.level == "error"]
    about: dict[str, Any] = {"title": settings.label}
    hint = plain_text(spec.hint)
    if hint:
        about["description"] = hint
    core = conjoined(plain_object(spec.type.shape(settings)), *map(plain_object, rules))
    if settings.options and not chooses_people(settings):
        core["x-options"] = {option.code: option.label for option in settings.options}
    return about | core


def settings_on(node: Field, on: date | None) -> FieldSettings:
    """The field's settings with limits of ``today`` as the day `on`, where a schema names its day."""
    settings = node.spec.settings
    if on is None or node.spec.type.kind(settings) not in {Kind.DATE, Kind.PARTIAL_DATE}:
        return settings
    return settled(settings, on)


def _repeat(node: Repeat, on: date | None, item_rules: Mapping[str, Fragment]) -> dict[str, Any]:
    spec = node.spec
    item = _object({"id": _ITEM_ID} | properties(node.nodes, on, item_rules))
    rules = item_rules.get(node.key, True)
    repeat: dict[str, Any] = {
        "title": spec.label,
        "type": "array",
        "items": {"title": spec.item_name} | with_rules(item | {"required": ["id"]}, rules),
    }
    if spec.min_items:
        repeat["minItems"] = spec.min_items
    if spec.max_items is not None:
        repeat["maxItems"] = spec.max_items
    return repeat


def with_rules(schema: dict[str, Any], rules: Fragment) -> dict[str, Any]:
    """`schema` and `rules`; what is always required is at the top, where a reader looks for it."""
    if rules is True:
        return schema
    if rules is False:
        return schema | {"not": {}}
    further = rules["allOf"] if rules.keys() == {"allOf"} else [rules]
    required = list(schema.get("required", ()))
    left = []
    for rule in further:
        if rule.keys() <= {"required", "properties"}:
            required += [key for key in rule.get("required", ()) if key not in required]
            rule = {key: value for key, value in rule.items() if key != "required"}
        if rule:
            left.append(rule)
    return schema | ({"required": required} if required else {}) | ({"allOf": left} if left else {})
