"""Including files: lists and fragments, each read once, never from outside the definitions folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from formengine.language.diagnostics import Diagnostic, Related
from formengine.language.loader import values
from formengine.language.loader.mappings import Loading
from formengine.language.loader.resolvers import is_name
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar
from formengine.language.source import Source, Span

FileKind = Literal["form", "list", "fragment", "portal", "process", "translation", "scenario"]
KINDS: tuple[FileKind, ...] = ("form", "list", "fragment", "portal", "process")


def include(
    loading: Loading, name: str, asked: Span, kind: Literal["list", "fragment"]
) -> MappingNode | None:
    """The tree of the included file ``name.yaml`` of this kind; None with findings."""
    source = _find(loading, name, asked, kind)
    if source is None:
        return None
    root = loading.read(source)
    if root is None:
        return None
    found = kind_of(root)
    if found != kind:
        what = f"a {found}" if found else "none"
        loading.findings.add(
            "wrong-kind",
            f"A {kind} is wanted here, but `{source.name}` is {what}",
            asked,
            help=f"a {kind} begins with `{kind}: {name.rpartition('/')[2]}`",
        )
        return None
    expect_name(loading, root, kind, name.rpartition("/")[2])
    return root


def _find(loading: Loading, name: str, asked: Span, kind: str) -> Source | None:
    findings = loading.findings
    if not is_name(name):
        findings.add(
            "include-outside",
            f"`{values.clip(name)}` is not the name of a file in the definitions folders",
            asked,
            help="write a name such as `lists/gender` or `library/person`: no dots, no ending, no address",
        )
        return None
    if len(loading.sources) >= loading.limits.max_files:
        findings.add("too-many-files", f"A form uses at most {loading.limits.max_files} files", asked)
        return None
    before = len(findings.found)
    source = loading.resolver.find(name, findings)
    if source is not None or len(findings.found) > before:
        loading.included.setdefault(f"{name}.yaml", asked)
    else:
        known = () if findings.is_full else (n for n in loading.resolver.names() if not n.endswith("/form"))
        close = values.similar(loading.findings, name, known)
        findings.add(
            "unknown-list" if kind == "list" else "unknown-fragment",
            f"There is no {kind} `{name}`",
            asked,
            help=f"there is a file with a similar name: `{close}`"
            if close
            else f"make the file `{name}.yaml` in the definitions folder",
        )
    return source


def kind_of(root: MappingNode) -> FileKind | None:
    """The kind of file, by the key that states it; None where none does."""
    found: list[FileKind] = [kind for kind in KINDS if root.get(kind) is not None]
    return found[0] if found else None


def expect_name(loading: Loading, root: MappingNode, kind: FileKind, name: str) -> None:
    """Report a warning where the file's own id differs from its name."""
    node = root.get(kind)
    if isinstance(node, Scalar) and node.text != name:
        loading.findings.add(
            "name-mismatch",
            f"The {kind} calls itself `{values.clip(node.text)}`, but its file is called `{name}`",
            node.span,
            help=f"write `{kind}: {name}`, or rename the file",
            severity="warning",
        )


def with_places(findings: Iterable[Diagnostic], included: Mapping[str, Span]) -> list[Diagnostic]:
    """The findings; each in an included file also gets the first place that includes the file as related span."""
    return [_with_place(finding, included.get(finding.span.source.name)) for finding in findings]


def _with_place(finding: Diagnostic, place: Span | None) -> Diagnostic:
    if place is None or any(related.span == place for related in finding.related):
        return finding
    return replace(finding, related=(*finding.related, Related(place, "included here")))
