"""Fields and fields of fixed parts: from keys to a field type's settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.expressions import Template, parse_template
from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import NOTHING, CompositeType, FieldSettings, FieldType, Part
from formengine.language.loader import values
from formengine.language.loader.common import about, read_checks, read_messages, template
from formengine.language.loader.keys import CASE
from formengine.language.loader.mappings import Loading, WrittenKeys, mapping, mappings, read_keys
from formengine.language.loader.option_list import OptionList
from formengine.language.loader.options import read_options
from formengine.language.loader.scopes import IdScope, identify
from formengine.language.loader.values import clip
from formengine.language.model import Basis
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Located, Span

# Limits of which the first may not be more than the second.
_PAIRS = (
    ("minimum", "maximum"),
    ("earliest", "latest"),
    ("min_length", "max_length"),
    ("min_items", "max_items"),
)
_LEAST = frozenset(least for least, _ in _PAIRS)


def read_field(
    loading: Loading, node: MappingNode, field_type: FieldType, scope: IdScope
) -> model.Field | None:
    """The field of this type; None with findings where it has no id of its own or nothing to choose."""
    given = read_keys(loading, node, loading.structure_of(field_type))
    named = _paper_id(given, scope) if field_type.name == "signature" else None
    named = named or identify(loading, given, scope)
    if named is None:
        return None
    field_id, id_span = named
    found = given.values
    label = found.get("label", field_id)
    choosing = _choosing(loading, given, field_type, scope.basis) if field_type.has_options else _NO_CHOICE
    if choosing is None:
        loading.unreadable.add(field_id)
        return None
    settings = FieldSettings(
        field_id,
        label,
        found.get("short_label", ""),
        choosing.options.options,
        _limits(given, field_type, choosing),
    )
    keep_order(loading.findings, given)
    made = _common(loading, given, settings, field_type)
    _lint_label(loading.findings, given, made)
    if "value" in given.nodes and "value" in _special_keys(field_type):
        made["calculation"] = calculation = _calculation(loading, given.nodes["value"])
        if calculation is not None and calculation.count is not None:
            settings = replace(settings, limits={**settings.limits, "value_kind": "number"})
    if choosing is not _NO_CHOICE:
        made["option_show_if"] = choosing.options.show_if
        made["options_from"] = choosing.sources
        made["option_label"] = choosing.label
    if "prefill" in given.keys or "read_only" in given.keys:
        made["prefill"] = _prefill(loading, given)
        made["read_only"] = given.get("read_only", False)
    if "renamed_from" in found:
        made["renamed_from"] = found["renamed_from"]
    about_it = about(loading, given, scope.basis, id_span)
    return model.Field(id=field_id, type=field_type, settings=settings, id_span=id_span, **made, **about_it)


def _common(
    loading: Loading, given: WrittenKeys, settings: FieldSettings, field_type: FieldType
) -> dict[str, Any]:
    """What fields and parts of composite types have in common, as arguments of `model.Field`."""
    found = given.values
    made: dict[str, Any] = {
        key: found[key] for key in ("hint", "required", "required_if", "show_if") if key in found
    }
    if "check" in given.nodes:
        made["checks"] = read_checks(loading, given)
    if "messages" in given.nodes:
        made["messages"] = read_messages(loading, given, _rules(field_type, settings))
    return made


def _paper_id(given: WrittenKeys, scope: IdScope) -> tuple[str, Span] | None:
    """An id for what has no value and so needs none of its own."""
    if "id" in given.keys:
        return None
    number = 1
    while f"signature_{number}" in scope.names:
        number += 1
    span = given.span("type")
    scope.names[f"signature_{number}"] = span
    return f"signature_{number}", span


@dataclass(frozen=True, slots=True)
class _Choosing:
    """What can be chosen: options, or people already entered and how they are shown."""

    options: OptionList
    sources: tuple[Located, ...] = ()
    label: Template | None = None


_NO_CHOICE = _Choosing(OptionList(()))


def _choosing(loading: Loading, given: WrittenKeys, field_type: FieldType, basis: Basis) -> _Choosing | None:
    """What the field offers; None with findings where nothing can be chosen."""
    options, sources = given.nodes.get("options"), given.nodes.get("options_from")
    if options is not None and sources is not None:
        loading.findings.add(
            "options-twice",
            "A field has either `options` or `options_from`, not both",
            given.span("options_from"),
            help="keep `options_from` to choose among people already entered; else keep `options`",
        )
    if sources is not None:
        return _people(loading, given, sources)
    if options is None:
        if "options" not in given.keys and "options_from" not in given.keys:
            loading.findings.add(
                "missing-key",
                f"The field `{clip(given.get('label', ''))}` has nothing to choose from",
                given.span("type"),
                help="add `options:` and below it each as `code: label`, or write `options: lists/gender`",
            )
        return None
    several = field_type.kind(FieldSettings("", "")) is Kind.CHOICES
    found = read_options(loading, options, basis, exclusive=several)
    return _Choosing(found) if found is not None else None


def _people(loading: Loading, given: WrittenKeys, node: YamlNode) -> _Choosing | None:
    items = node.items if isinstance(node, Sequence) else (node,)
    sources = tuple(item.located for item in items if isinstance(item, Scalar))
    if len(sources) < len(items) or not sources:
        values.wrong_shape(
            loading.findings,
            "options_from",
            "ids of groups or repeats",
            node,
            "write `options_from: [child, people]`",
        )
        return None
    label = template(loading, given, "option_label")
    if label is None:
        if "option_label" not in given.keys:
            loading.findings.add(
                "missing-key",
                "`options_from` needs an `option_label`",
                given.span("options_from"),
                help="add how each of them is shown, such as `option_label: ((first_name)) ((last_name))`",
            )
        return None
    return _Choosing(OptionList(()), sources, label)


def _limits(given: WrittenKeys, field_type: FieldType, choosing: _Choosing = _NO_CHOICE) -> dict[str, Any]:
    found = given.values
    limits = {key.name: found[key.name] for key in field_type.keys if key.name in found}
    if choosing.sources:
        limits["options_from"] = tuple(source.text.strip() for source in choosing.sources)
    return limits


def _special_keys(field_type: FieldType) -> frozenset[str]:
    return frozenset(key.name for key in field_type.keys if key.value == "special")


def _rules(field_type: FieldType, settings: FieldSettings) -> set[str]:
    """The names of every rule a value of this field can break."""
    rules = {rule.problem.rule for rule in field_type.rules(settings)}
    return {"required", *field_type.error_codes, *rules, *field_type.checks(settings)}


def keep_order(findings: Findings, given: WrittenKeys) -> None:
    """Report where the least is more than the most."""
    if given.values.keys().isdisjoint(_LEAST):
        return
    for least, most in _PAIRS:
        low, high = given.get(least), given.get(most)
        if low is None or high is None or "today" in {low, high} or low <= high:
            continue
        findings.add(
            "limits-crossed",
            f"`{least}` is more than `{most}`, so no answer could be right",
            given.span(least),
            help=f"`{least}` is {low} and `{most}` is {high}; change one of them",
        )


def _lint_label(findings: Findings, given: WrittenKeys, made: dict[str, Any]) -> None:
    label = given.values.get("label", "").rstrip()
    if not label.endswith((":", "?")):
        return
    node = given.nodes["label"]
    if label.endswith(":"):
        findings.add(
            "label-ends-with-colon",
            "The label ends with a colon",
            values.caret(node),
            help="leave the colon out: screen readers say it, and messages repeat the label in a sentence",
            severity="info",
        )
    demanded = made.get("required") or "required_if" in made
    worded = "short_label" in given.keys or "required" in made.get("messages", NOTHING)
    if demanded and label.endswith("?") and not worded:
        findings.add(
            "question-without-short-label",
            "The label is a question, so no message can be made from it when the answer is missing",
            values.caret(node),
            help="add what is asked, such as `short_label: whether agreement has been obtained`",
            severity="warning",
        )


def _prefill(loading: Loading, given: WrittenKeys) -> model.Prefill | None:
    node = given.nodes.get("prefill")
    if node is not None and not isinstance(node, Scalar):
        values.wrong_shape(
            loading.findings, "prefill", "one word", node, "write `prefill: account.email`, for example"
        )
    if given.get("read_only") and "prefill" not in given.keys:
        loading.findings.add(
            "read-only-without-prefill",
            "Nobody could ever answer: the field is `read_only`, and nothing fills it in",
            given.span("read_only"),
            help="add what stands there, such as `prefill: account.email`; or delete the line",
        )
    return model.Prefill(origin=node.located) if isinstance(node, Scalar) else None


def _calculation(loading: Loading, node: YamlNode) -> model.Calculation | None:
    """How a calculated value is made: a count, a text, or the first case that applies."""
    if isinstance(node, Scalar):
        located = node.located
        if located.text.lstrip().startswith("count of "):
            return model.Calculation(count=located)
        return model.Calculation(template=parse_template(located, loading.findings), unquoted=_unquoted(node))
    cases = []
    entries = list(mappings(loading, node, "value", "when: urgency is urgent"))
    for index, entry in enumerate(entries):
        case = _case(loading, entry, last=index == len(entries) - 1)
        if case is not None:
            cases.append(case)
    return model.Calculation(cases=tuple(cases)) if cases else None


def _case(loading: Loading, node: MappingNode, *, last: bool) -> model.Case | None:
    given = read_keys(loading, node, CASE)
    ends = "otherwise" in given.keys
    if ends and (not last or "when" in given.keys or "then" in given.keys):
        loading.findings.add(
            "otherwise-not-last",
            "`otherwise` stands alone, in the last line",
            given.span("otherwise"),
            help="move `- otherwise:` to the end of the list",
        )
    if ends:
        value = template(loading, given, "otherwise")
        unquoted = _unquoted(given.nodes.get("otherwise"))
        return model.Case(when=None, then=value, unquoted=unquoted) if value is not None else None
    for key in ("when", "then"):
        if key not in given.keys:
            loading.findings.add(
                "missing-key",
                f"A case has no `{key}`",
                values.caret(node),
                help="write `when:` with a condition and `then:` with a value; in the last line `otherwise:`",
            )
    value = template(loading, given, "then")
    return (
        model.Case(when=given.get("when"), then=value, unquoted=_unquoted(given.nodes.get("then")))
        if value is not None and "when" in given.values
        else None
    )


def _unquoted(node: YamlNode | None) -> Located | None:
    """The text of a plain scalar without inserts, in which somebody may have tried to calculate; else None."""
    return node.located if isinstance(node, Scalar) and node.plain and "((" not in node.text else None


def read_composite(
    loading: Loading, node: MappingNode, composite: CompositeType, scope: IdScope
) -> model.Group | None:
    """The group of a composite type with its fixed fields, as the author changed them."""
    given = read_keys(loading, node, loading.structure_of(composite))
    named = identify(loading, given, scope)
    if named is None:
        return None
    changes = mapping(loading, given.nodes.get("parts"), "parts", "postcode:")
    wanted = {entry.key.text: entry for entry in changes or ()}
    known = {part.id for part in composite.parts}
    for name, entry in wanted.items():
        if name not in known:
            close = values.similar(loading.findings, name, known)
            loading.findings.add(
                "unknown-part",
                f"A field of type `{composite.name}` has no part `{clip(name)}`",
                entry.key.span,
                help=f"there is a similar part: `{close}`"
                if close
                else f"its parts are {', '.join(part.id for part in composite.parts)}",
            )
    basis: Basis = given.get("basis", scope.basis)
    parts = [
        _part(loading, part, wanted[part.id].value if part.id in wanted else None, basis, named[1])
        for part in composite.parts
    ]
    return model.Group(
        id=named[0],
        label=given.get("label", named[0]),
        short_label=given.get("short_label", ""),
        intro=given.get("intro", ()),
        nodes=tuple(parts),
        show_if=given.get("show_if"),
        checks=read_checks(loading, given),
        composite=composite,
        renamed_from=given.get("renamed_from", ""),
        id_span=named[1],
        **about(loading, given, scope.basis, given.span("id")),
    )


def _part(loading: Loading, part: Part, node: YamlNode | None, basis: Basis, id_span: Span) -> model.Field:
    """One fixed field; `node` holds what the author changes about it."""
    changed = mapping(loading, node, part.id, "required: true")
    if changed is None:
        settings = FieldSettings(part.id, part.label, "", (), part.limits)
        return model.Field(
            id=part.id, type=part.type, settings=settings, id_span=id_span, basis=basis, span=id_span
        )
    given = read_keys(loading, changed, loading.structure_of(part.type, part=True))
    limits = {**part.limits, **_limits(given, part.type)}
    settings = FieldSettings(
        part.id, given.get("label", part.label), given.get("short_label", ""), (), limits
    )
    keep_order(loading.findings, given)
    made = _common(loading, given, settings, part.type)
    _lint_label(loading.findings, given, made)
    return model.Field(
        id=part.id,
        type=part.type,
        settings=settings,
        id_span=id_span,
        **made,
        **about(loading, given, basis, id_span),
    )
