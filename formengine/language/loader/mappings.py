"""Reading one mapping by its structure: keys become typed values, everything else becomes a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formengine.language import reader
from formengine.language.diagnostics import Findings
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.loader import key_slips, values
from formengine.language.loader.keys import Structure, composite_structure, field_structure, part_structure
from formengine.language.loader.option_list import OptionList
from formengine.language.loader.resolvers import Resolver
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Source, Span


@dataclass(frozen=True, slots=True)
class DefinitionLimits:
    """How large a file may be (bytes of UTF-8, levels of nesting, nodes), and how many files a form may use.

    max_markup: how many characters of markup all texts together may hold, and a single text a tenth of it: the Markdown
    reader takes more time for them than for all the rest, and in one text more than in proportion.
    """

    max_bytes: int = 1_000_000
    max_depth: int = 40
    max_nodes: int = 50_000
    max_files: int = 200
    max_markup: int = 12_000


@dataclass(slots=True)
class Loading:
    """The context of loading one definition, and what is gathered on the way.

    `sources` are the files read, the definition first; `included` has where each further file is
    first included. `unreadable` are ids of nodes that findings keep out of the model
    ("*" for those of a whole missing file).
    """

    findings: Findings
    resolver: Resolver
    field_types: Mapping[str, FieldType]
    composite_types: Mapping[str, CompositeType]
    limits: DefinitionLimits
    sources: list[Source] = field(default_factory=list)
    included: dict[str, Span] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    audiences: list[tuple[str, Span]] = field(default_factory=list)  # every audience named, with its span
    lists: dict[str, OptionList | None] = field(default_factory=dict)
    fragments: dict[str, MappingNode | None] = field(default_factory=dict)
    structures: dict[str, Structure] = field(default_factory=dict)
    markup_signs: int = 0
    nodes_made: int = 0  # fields that are used several times count each time

    def structure_of(self, kind: FieldType | CompositeType, *, part: bool = False) -> Structure:
        """The keys of a field of this type, or of a part of it; made once."""
        name = f"part {kind.name}" if part else kind.name
        found = self.structures.get(name)
        if found is None:
            if isinstance(kind, CompositeType):
                found = composite_structure(kind)
            else:
                found = part_structure(kind) if part else field_structure(kind)
            self.structures[name] = found
        return found

    def is_overformatted(self, text: Scalar) -> bool:
        """Whether a Markdown text holds more markup than can be read in time; reports a finding where so."""
        signs = sum(map(text.text.count, "*_`<[!&\\\n"))
        self.markup_signs += signs
        if self.markup_signs <= self.limits.max_markup and signs * 10 <= max(self.limits.max_markup, 10):
            return False
        self.findings.add(
            "too-much-formatting",
            "This text holds more signs of formatting than can be read",
            text.span,
            help="write sentences without formatting, or split the text into notes",
        )
        return True

    def read(self, source: Source) -> MappingNode | None:
        """The tree of `source`, which now counts among the sources; None with findings."""
        self.sources.append(source)
        limits = self.limits
        return reader.read(
            source,
            self.findings,
            max_bytes=limits.max_bytes,
            max_depth=limits.max_depth,
            max_nodes=limits.max_nodes,
        )


# What may mean nothing; asked first, because most texts are none of these.
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class WrittenKeys:
    """What an author wrote in one mapping: `values` where well formed, `nodes`, `keys` of all known keys."""

    node: MappingNode
    values: dict[str, Any]
    nodes: dict[str, YamlNode]
    keys: dict[str, Scalar]

    # `Any`: which type a key's value has, its structure says.
    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401
        """The value of `key`, or `default` where it is not written or not well formed."""
        return self.values.get(key, default)

    def span(self, key: str) -> Span:
        """The key itself, or the mapping's beginning where it is not written."""
        found = self.keys.get(key)
        return found.span if found is not None else values.caret(self.node)


def read_keys(loading: Loading, node: MappingNode, structure: Structure) -> WrittenKeys:
    """The values of `node` by the keys of `structure`; unknown, missing, empty, ill-formed are findings."""
    made, nodes, keys = {}, {}, {}
    accepted, readers, findings = structure.keys, values.READERS, loading.findings
    for entry in node.entries:
        written, value = entry.key, entry.value
        name = written.text
        key = accepted.get(name)
        if key is None:
            key_slips.explain_key(findings, entry, structure, loading.field_types)
            continue
        keys[name] = written
        if isinstance(value, Scalar) and value.text in _NULLS and value.is_null:
            values.empty(findings, written, value)
            continue
        nodes[name] = value
        if key.value == "markdown" and isinstance(value, Scalar) and loading.is_overformatted(value):
            continue
        read = readers[key.value]
        if read is not None:
            found = read(findings, key, value)
            if found is not None:
                made[name] = found
    for name in structure.required:
        if name not in keys and not key_slips.stands_for(findings, name, node, structure):
            _missing(findings, name, node, structure)
    return WrittenKeys(node, made, nodes, keys)


def _missing(findings: Findings, key: str, node: MappingNode, structure: Structure) -> None:
    named = node.get("id") or node.get("label") or node.get("title")
    which = (
        f" `{values.clip(named.text)}`"
        if isinstance(named, Scalar) and structure.called.startswith("a")
        else ""
    )
    span = named.span if isinstance(named, Scalar) else values.caret(node)
    kind = structure.called.removeprefix("a ").removeprefix("an ").partition(" of type")[0]
    subject = f"The {kind}{which}" if structure.called.startswith("a") else kind
    findings.add(
        "missing-key",
        f"{subject} has no `{key}`",
        span,
        help=f"add a line `{key}:` {key_slips.MISSING_HELP.get(key, 'to it')}",
    )


def mappings(loading: Loading, node: YamlNode | None, key: str, example: str) -> Iterable[MappingNode]:
    """The mappings of a list; whatever is no list, or no mapping in it, is a finding. None gives none."""
    if node is None:
        return
    if not isinstance(node, Sequence):
        values.wrong_shape(
            loading.findings, key, "a list", node, f"begin each entry with `- `, such as `- {example}`"
        )
        return
    for item in node.items:
        if isinstance(item, MappingNode):
            yield item
        else:
            values.wrong_shape(
                loading.findings,
                key,
                "keys with values in each entry",
                item,
                f"write `- {example}` and what belongs to it below",
            )


def mapping(loading: Loading, node: YamlNode | None, key: str, example: str) -> MappingNode | None:
    """The mapping itself; None with a finding for anything else, None silently for nothing."""
    if node is None or isinstance(node, MappingNode):
        return node
    values.wrong_shape(
        loading.findings,
        key,
        "keys with values",
        node,
        f"write each on a line of its own below it, such as `{example}`",
    )
    return None


def audiences(loading: Loading, given: WrittenKeys) -> tuple[str, ...]:
    """The audiences of `hide_from`, also recorded to be checked against those of the form."""
    names: tuple[str, ...] = given.get("hide_from", ())
    if names:
        node = given.nodes["hide_from"]
        scalars = node.items if isinstance(node, Sequence) else (node,)
        loading.audiences.extend((s.text.strip(), s.span) for s in scalars if isinstance(s, Scalar))
    return names
