"""``use:``: the fields of another file, changed where the form says so, as if they were written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from formengine.language.loader import values
from formengine.language.loader.includes import include
from formengine.language.loader.keys import FRAGMENT, USE
from formengine.language.loader.mappings import Loading, WrittenKeys, mapping, read_keys
from formengine.language.loader.scopes import IdScope
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import MappingEntry, Scalar, Sequence, YamlNode
from formengine.language.source import Span

_MOST_NESTED = 5


def used_fields(loading: Loading, node: MappingNode, scope: IdScope) -> tuple[Sequence, IdScope] | None:
    """The fragment's fields with the changes made, and the scope to read them in; None with findings."""
    given = read_keys(loading, node, USE)
    name = given.nodes.get("use")
    if not isinstance(name, Scalar):
        if name is not None:
            values.wrong_shape(
                loading.findings, "use", "the name of one file", name, "write `use: library/person`"
            )
        loading.unreadable.add("*")
        return None
    path = name.text.strip()
    path = path if "/" in path else f"library/{path}"
    if path in scope.uses or len(scope.uses) >= _MOST_NESTED:
        _endless(loading, path, name.span, scope)
        return None
    root = _fragment(loading, path, name.span)
    if root is None:
        loading.unreadable.add("*")
        return None
    own = read_keys(loading, root, FRAGMENT)
    fields = own.nodes.get("fields")
    if not isinstance(fields, Sequence):
        return None
    inner = replace(scope, basis=own.get("basis", scope.basis), uses=(*scope.uses, path))
    return _changed(loading, given, fields), inner


def _endless(loading: Loading, path: str, span: Span, scope: IdScope) -> None:
    again = path in scope.uses
    loading.findings.add(
        "use-in-circles",
        f"`{path}` is used inside itself"
        if again
        else f"More than {_MOST_NESTED} files use one another here",
        span,
        help="write the fields out in one of the files",
    )


def _fragment(loading: Loading, path: str, asked: Span) -> MappingNode | None:
    if path not in loading.fragments:
        loading.fragments[path] = include(loading, path, asked, "fragment")
    return loading.fragments[path]


def _changed(loading: Loading, given: WrittenKeys, fields: Sequence) -> Sequence:
    change = mapping(loading, given.nodes.get("change"), "change", "date_of_birth:")
    left_out = given.nodes.get("leave_out")
    if change is None and left_out is None:
        return fields
    changes: dict[str, tuple[Scalar, YamlNode]] = {e.key.text: (e.key, e.value) for e in change or ()}
    leave_out = {scalar.text.strip(): scalar for scalar in _scalars(left_out)}
    known = dict.fromkeys(_ids(fields))
    for name, span in [
        *((n, k.span) for n, (k, _) in changes.items()),
        *((n, s.span) for n, s in leave_out.items()),
    ]:
        if name not in known:
            close = values.similar(loading.findings, name, known)
            loading.findings.add(
                "unknown-field-in-use",
                f"`{given.nodes['use'].text}` has no field `{values.clip(name)}`",  # type: ignore[union-attr]  # a scalar: see used_fields
                span,
                help=f"there is a field with a similar id: `{close}`"
                if close
                else f"its fields are {', '.join(known)}",
            )
    return _rewritten(loading, fields, changes, set(leave_out))


def _scalars(node: YamlNode | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _ids(fields: Sequence) -> Iterator[str]:
    """The ids in a list of fields, those in sections among them."""
    for item in fields.items:
        if isinstance(item, MappingNode):
            node, inner = item.get("id"), item.get("fields")
            if isinstance(node, Scalar):
                yield node.text
            elif isinstance(inner, Sequence):
                yield from _ids(inner)


def _rewritten(
    loading: Loading, fields: Sequence, changes: dict[str, tuple[Scalar, YamlNode]], leave_out: set[str]
) -> Sequence:
    items: list[YamlNode] = []
    for item in fields.items:
        if not isinstance(item, MappingNode):
            items.append(item)
            continue
        node, inner = item.get("id"), item.get("fields")
        if isinstance(node, Scalar):
            if node.text in leave_out:
                continue
            items.append(_with_change(loading, item, changes[node.text]) if node.text in changes else item)
        elif isinstance(inner, Sequence):
            section = _rewritten(loading, inner, changes, leave_out)
            entries = tuple(
                MappingEntry(e.key, section) if e.key.text == "fields" else e for e in item.entries
            )
            items.append(replace(item, entries=entries))
        else:
            items.append(item)
    return replace(fields, items=tuple(items))


def _with_change(loading: Loading, item: MappingNode, change: tuple[Scalar, YamlNode]) -> MappingNode:
    """The field with the keys of `change` instead of its own; id and type stay."""
    key, wanted = change
    if not isinstance(wanted, MappingNode):
        values.wrong_shape(
            loading.findings, key.text, "keys with values", wanted, "write each on a line of its own below it"
        )
        return item
    entries = {entry.key.text: entry for entry in item.entries}
    for entry in wanted.entries:
        if entry.key.text in {"id", "type"}:
            loading.findings.add(
                "change-of-id-or-type",
                f"`change` cannot give a field another `{entry.key.text}`",
                entry.key.span,
                help=f"leave the field out with `leave_out: [{key.text}]` and write your own",
            )
        else:
            entries[entry.key.text] = entry
    return replace(item, entries=tuple(entries.values()))
