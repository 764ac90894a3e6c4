"""The entries of ``fields:`` and ``pages:``, whether written there or in another file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from formengine.language import model
from formengine.language.diagnostics import near
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.loader import values
from formengine.language.loader.common import about, read_checks, read_messages, template
from formengine.language.loader.fields import keep_order, read_composite, read_field
from formengine.language.loader.fragments import used_fields
from formengine.language.loader.keys import GROUP, NODE_STRUCTURES, NOTE, PAGE, REPEAT, SECTION
from formengine.language.loader.mappings import Loading, mappings, read_keys
from formengine.language.loader.media_only import check_marks
from formengine.language.loader.scopes import IdScope, identify, take, written_id
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, YamlNode
from formengine.language.source import Span

# The form's own pages before the first and after the last.
PAGE_WORDS = frozenset({"start", "submit"})
# The rules that a repeat's messages may word.
REPEAT_RULES = ("too_few_items", "too_many_items")


def read_nodes(loading: Loading, node: YamlNode | None, scope: IdScope) -> tuple[model.Node, ...]:
    """The nodes of a list of fields, in order; those that cannot be read are left out with findings."""
    found: list[model.Node] = []
    for item in mappings(loading, node, "fields", "id: first_name"):
        if _are_too_many(loading, item):
            break
        if item.get("use") is not None and item.get("type") is None:
            used = used_fields(loading, item, scope)
            if used is not None:
                found.extend(read_nodes(loading, *used))
            continue
        made = _node(loading, item, scope)
        if made is not None:
            found.append(made)
    return tuple(found)


def _are_too_many(loading: Loading, item: MappingNode) -> bool:
    """Whether files that use one another make more fields than one file may hold; reported once."""
    loading.nodes_made += 1
    most = loading.limits.max_nodes
    if loading.nodes_made == most + 1:
        loading.findings.add(
            "too-many-parts",
            f"The form has more than {most:,} fields with those of the files it uses, the most that is read",
            values.caret(item),
            help="use files less often",
        )
    return loading.nodes_made > most


def _node(loading: Loading, node: MappingNode, scope: IdScope) -> model.Node | None:
    written = node.get("type")
    if not isinstance(written, Scalar) or written.is_null:
        _without_type(loading, node, written)
        _leave_out(loading, node)
        return None
    name = written.text
    structure = _STRUCTURES.get(name)
    if structure is not None:
        return structure(loading, node, scope)
    kind = loading.field_types.get(name) or loading.composite_types.get(name)
    if kind is None:
        kind = _unknown_type(loading, written)
    if isinstance(kind, CompositeType):
        return read_composite(loading, node, kind, scope)
    if kind is not None:
        return read_field(loading, node, kind, scope)
    _leave_out(loading, node)
    return None


def _leave_out(loading: Loading, node: MappingNode) -> None:
    """Record the node's id as unreadable, so that no further findings are made about what reads it."""
    named = node.get("id")
    if isinstance(named, Scalar):
        loading.unreadable.add(named.text)


def _without_type(loading: Loading, node: MappingNode, written: YamlNode | None) -> None:
    if written is not None and not isinstance(written, Scalar):
        values.wrong_shape(loading.findings, "type", "one word", written, "write `type: text`, for example")
        return
    if isinstance(written, Scalar):
        values.empty(loading.findings, next(e.key for e in node.entries if e.key.text == "type"), written)
        return
    named = node.get("id") or node.get("label")
    which = f"The field `{values.clip(named.text)}`" if isinstance(named, Scalar) else "A field"
    guess = (
        "group" if node.get("fields") is not None else "choice" if node.get("options") is not None else "text"
    )
    slip = near("type", [entry.key.text for entry in node.entries])
    meant = next((entry.key for entry in node.entries if entry.key.text == slip), None)
    place = meant if meant is not None else named
    loading.findings.add(
        "missing-key",
        f"{which} has no `type`",
        place.span if isinstance(place, Scalar) else values.caret(node),
        help=f"there is a similar key: `{slip}`; write `type` instead"
        if meant is not None
        else f"add a line `type: {guess}`, or another type",
    )


def _unknown_type(loading: Loading, written: Scalar) -> FieldType | CompositeType | None:
    """The type that was most likely meant, with a finding; None where nothing is near, or a structure is."""
    kinds: Mapping[str, FieldType | CompositeType] = {**loading.field_types, **loading.composite_types}
    known = [*NODE_STRUCTURES, *kinds]
    bare = written.text.strip().casefold().replace("-", "_").replace(" ", "_")
    close = bare if bare in known else _OTHER_TYPES.get(bare) or values.similar(loading.findings, bare, known)
    loading.findings.add(
        "unknown-type",
        f"There is no type `{values.clip(written.text)}`",
        written.span,
        help=f"write `type: {close}`" if close else f"the types are {', '.join(sorted(known))}",
    )
    return kinds.get(close) if close else None


# Names of types in other form tools.
_OTHER_TYPES: Mapping[str, str] = {
    "string": "text",
    "textarea": "long_text",
    "multiline": "long_text",
    "paragraph": "note",
    "html": "note",
    "info": "note",
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "currency": "money",
    "checkbox": "tick",
    "boolean": "yes_no",
    "bool": "yes_no",
    "yesno": "yes_no",
    "checkboxes": "choices",
    "multiselect": "choices",
    "radio": "choice",
    "radios": "choice",
    "select": "choice",
    "dropdown": "choice",
    "tel": "phone",
    "telephone": "phone",
    "mail": "email",
    "upload": "file",
    "attachment": "file",
    "attachments": "files",
    "name": "person_name",
    "ni_number": "national_insurance_number",
    "nino": "national_insurance_number",
    "nhs": "nhs_number",
    "list": "repeat",
    "table": "repeat",
    "heading": "section",
    "fieldset": "group",
}


def _section(loading: Loading, node: MappingNode, scope: IdScope) -> model.Section:
    given = read_keys(loading, node, SECTION)
    made = model.Section(
        label=given.get("label", ""),
        intro=given.get("intro", ()),
        nodes=read_nodes(loading, given.nodes.get("fields"), scope.of(given.get("basis", scope.basis))),
        show_if=given.get("show_if"),
        **about(loading, given, scope.basis, given.span("type")),
    )
    check_marks(loading.findings, made)
    return made


def _group(loading: Loading, node: MappingNode, scope: IdScope) -> model.Group | None:
    given = read_keys(loading, node, GROUP)
    named = identify(loading, given, scope)
    inner = scope.inner(given.get("basis", scope.basis))
    nodes = read_nodes(loading, given.nodes.get("fields"), inner)
    if named is None:
        return None
    made = model.Group(
        id=named[0],
        label=given.get("label", named[0]),
        short_label=given.get("short_label", ""),
        intro=given.get("intro", ()),
        nodes=nodes,
        show_if=given.get("show_if"),
        checks=read_checks(loading, given),
        renamed_from=given.get("renamed_from", ""),
        id_span=named[1],
        **about(loading, given, scope.basis, given.span("id")),
    )
    check_marks(loading.findings, made)
    return made


def _repeat(loading: Loading, node: MappingNode, scope: IdScope) -> model.Repeat | None:
    if scope.in_repeat:
        loading.findings.add(
            "repeat-in-repeat",
            "A list cannot stand in an entry of another list",
            values.caret(node),
            help="ask for it in a list of its own, with `options_from` to say whom it is about",
        )
        _leave_out(loading, node)
        return None
    given = read_keys(loading, node, REPEAT)
    named = identify(loading, given, scope)
    inner = scope.inner(given.get("basis", scope.basis), in_repeat=True)
    nodes = read_nodes(loading, given.nodes.get("fields"), inner)
    pages = read_pages(loading, given.nodes.get("pages"), inner, {})
    _fields_or_pages(
        loading, given.span("pages"), has_fields="fields" in given.keys, has_pages="pages" in given.keys
    )
    keep_order(loading.findings, given)
    title = template(loading, given, "item_title")
    if named is None:
        return None
    if title is None:
        loading.unreadable.add(named[0])
        return None
    made = model.Repeat(
        id=named[0],
        label=given.get("label", named[0]),
        item_name=given.get("item_name", ""),
        item_title=title,
        intro=given.get("intro", ()),
        nodes=nodes,
        pages=pages if not nodes else (),
        min_items=given.get("min_items", 0),
        max_items=given.get("max_items"),
        layout=given.get("layout", "cards"),
        show_if=given.get("show_if"),
        checks=read_checks(loading, given),
        messages=read_messages(loading, given, REPEAT_RULES),
        renamed_from=given.get("renamed_from", ""),
        id_span=named[1],
        **about(loading, given, scope.basis, given.span("id")),
    )
    check_marks(loading.findings, made)
    return made


def _fields_or_pages(loading: Loading, span: Span, *, has_fields: bool, has_pages: bool) -> None:
    if has_fields and has_pages:
        loading.findings.add(
            "fields-and-pages",
            "A repeat has either `fields` or `pages`, not both",
            span,
            help="put the fields on the first of the pages",
        )
    elif not has_fields and not has_pages:
        loading.findings.add(
            "missing-key",
            "The repeat asks nothing of its entries",
            span,
            help="add `fields:` and the questions below it, each beginning with `- `",
        )


def _note(loading: Loading, node: MappingNode, scope: IdScope) -> model.Note | None:
    given = read_keys(loading, node, NOTE)
    named = given.nodes.get("id")
    name = written_id(loading, named) if isinstance(named, Scalar) else None
    if isinstance(named, Scalar) and name is not None:
        take(loading.findings, scope.names, name, named.span)
    if "text" not in given.values:
        return None
    return model.Note(
        text=given.values["text"],
        id=name or "",
        style=given.get("style", "plain"),
        show_if=given.get("show_if"),
        **about(loading, given, scope.basis, given.span("type")),
    )


_STRUCTURES: Mapping[str, Callable[[Loading, MappingNode, IdScope], model.Node | None]] = {
    "section": _section,
    "group": _group,
    "repeat": _repeat,
    "note": _note,
}


def read_pages(
    loading: Loading, node: YamlNode | None, scope: IdScope, names: dict[str, Span]
) -> tuple[model.Page, ...]:
    """The pages of a list, in order. `names` are the ids of pages taken so far, a namespace of their own."""
    pages: Iterable[model.Page | None] = (
        _page(loading, item, scope, names) for item in mappings(loading, node, "pages", "id: about_you")
    )
    return tuple(page for page in pages if page is not None)


def _page(loading: Loading, node: MappingNode, scope: IdScope, names: dict[str, Span]) -> model.Page | None:
    given = read_keys(loading, node, PAGE)
    named = given.nodes.get("id")
    name = written_id(loading, named, PAGE_WORDS) if isinstance(named, Scalar) else None
    if isinstance(named, Scalar) and name is not None:
        take(loading.findings, names, name, named.span, what="pages")
    nodes = read_nodes(loading, given.nodes.get("fields"), scope.of(given.get("basis", scope.basis)))
    made = model.Page(
        id=name or "",
        title=given.get("title", name or ""),
        task=given.get("task", ""),
        intro=given.get("intro", ()),
        nodes=nodes,
        show_if=given.get("show_if"),
        stop=given.get("stop", False),
        checks=read_checks(loading, given),
        id_span=named.span if isinstance(named, Scalar) else values.caret(node),
        **about(loading, given, scope.basis, given.span("id")),
    )
    check_marks(loading.findings, made)
    return made
