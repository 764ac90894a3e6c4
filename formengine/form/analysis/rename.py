"""Renaming: another id for a question, group or list, wherever it is named, with saved answers following."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from formengine.form.analysis.references import WITH_PATHS, path_of, references
from formengine.form.compiler import check_form
from formengine.form.compiler.positions import Position, lay_out
from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.editing import TextEdit, applied
from formengine.language.expressions import RESERVED_IDS
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.loader import TextResolver, load_source, pack
from formengine.language.reader import Mapping as MappingNode
from formengine.language.reader import Scalar, Sequence, YamlNode, read
from formengine.language.source import Source, Span

_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_RENAMED_FROM: Final = "renamed_from"

# unknown: nothing has this path. not_an_id: the new id is none. taken: something beside it has the new id. shared: it
# stands in a fragment, which other forms may use, or is a part of a type. unclear: with the new id something would mean
# another thing.
RenameRefusal = Literal["unknown", "not_an_id", "taken", "shared", "unclear"]


class RenameRefusedError(Exception):
    """Nothing was renamed. why: the reason."""

    def __init__(self, why: RenameRefusal) -> None:
        super().__init__(why)
        self.why: RenameRefusal = why


def rename(
    definition: model.Definition,
    path: str,
    new_id: str,
    *,
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
) -> dict[str, str]:
    """The texts of the definition and all it includes, with the answer, group or list at `path` called `new_id`.

    Whatever names it follows, and `renamed_from` is written beside its id, so that saved answers follow too. Nothing
    else changes. Raises `RenameRefusedError`.
    """
    places = lay_out(definition, Findings())
    place = next((each for each in places.walk() if _has_id(each) and path_of(each) == path), None)
    if place is None:
        raise RenameRefusedError("unknown")
    if not _ID.fullmatch(new_id) or new_id in RESERVED_IDS:
        raise RenameRefusedError("not_an_id")
    if new_id in place.level.entries:
        raise RenameRefusedError("taken")
    written = _id_span(place)
    if written.source != definition.sources[0] or any(_is_composite(around) for around in place.ancestors()):
        raise RenameRefusedError("shared")
    named = [each for each in references(definition) if each.target == path and each.kind in WITH_PATHS]
    edits = [TextEdit(each.span, new_id) for each in named]
    edits += [TextEdit(written, new_id), *_renamed_from(path, written)]
    before = pack(definition)
    texts = applied(before, edits)
    checked = _checked(texts, field_types, composite_types)
    if not _means_the_same(checked, _checked(before, field_types, composite_types), path, new_id):
        raise RenameRefusedError("unclear")
    return texts


def _has_id(place: Position) -> bool:
    return isinstance(place.node, model.Field | model.Group | model.Repeat)


def _is_composite(place: Position) -> bool:
    return isinstance(place.node, model.Group) and place.node.composite is not None


def _id_span(place: Position) -> Span:
    node = place.node
    assert isinstance(node, model.Field | model.Group | model.Repeat)
    return node.id_span


def _renamed_from(path: str, written: Span) -> list[TextEdit]:
    """What says where saved answers are: in place of what said so before, or a new line below the id."""
    root = read(written.source, Findings())
    node = next((each for each in _mappings(root) if _is_of(each, written)), None)
    if node is None:
        raise RenameRefusedError("shared")
    said = next((entry.value for entry in node if entry.key.text == _RENAMED_FROM), None)
    if said is not None:
        return [TextEdit(said.span, path)]
    text = written.source.text
    if text[node.start] == "{":
        return [TextEdit(Span(written.source, written.end, written.end), f", {_RENAMED_FROM}: {path}")]
    key = next(entry.key for entry in node if entry.key.text == "id")
    indent = " " * (key.start - (text.rfind("\n", 0, key.start) + 1))
    end = text.find("\n", written.end)
    at = end if end >= 0 else len(text)
    ending = "\n"
    if text[:at].endswith("\r"):
        at, ending = at - 1, "\r\n"
    return [TextEdit(Span(written.source, at, at), f"{ending}{indent}{_RENAMED_FROM}: {path}")]


def _mappings(node: YamlNode | None) -> Iterator[MappingNode]:
    if isinstance(node, MappingNode):
        yield node
        for entry in node:
            yield from _mappings(entry.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _mappings(item)


def _is_of(node: MappingNode, written: Span) -> bool:
    own = node.get("id")
    return isinstance(own, Scalar) and (own.start, own.end) == (written.start, written.end)


@dataclass(frozen=True, slots=True)
class _Checked:
    """What texts make, and the codes of the errors in them, in order."""

    definition: model.Definition | None
    errors: tuple[str, ...]


def _checked(
    texts: Mapping[str, str],
    field_types: Mapping[str, FieldType],
    composite_types: Mapping[str, CompositeType],
) -> _Checked:
    findings = Findings()
    name, text = next(iter(texts.items()))
    definition = load_source(
        Source(name, text),
        TextResolver(texts),
        findings,
        field_types=field_types,
        composite_types=composite_types,
    )
    if definition is not None:
        check_form(definition, findings)
    return _Checked(
        definition, tuple(sorted(each.code for each in findings.found if each.severity == "error"))
    )


def _means_the_same(checked: _Checked, before: _Checked, path: str, new_id: str) -> bool:
    """Whether every name leads where it led, now by the new path, and nothing is wrong that was not."""
    if checked.definition is None or before.definition is None or checked.errors != before.errors:
        return False
    head = path.rpartition(".")[0]
    moved = f"{head}.{new_id}" if head else new_id

    def now(target: str) -> str:
        inside = target == path or target.startswith((f"{path}.", f"{path}:"))
        return moved + target[len(path) :] if inside else target

    wanted = [
        (each.kind, now(each.target) if each.kind in WITH_PATHS else each.target, each.role)
        for each in references(before.definition)
    ]
    return sorted(wanted) == sorted(
        (each.kind, each.target, each.role) for each in references(checked.definition)
    )
