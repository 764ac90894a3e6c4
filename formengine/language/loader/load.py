"""Loading: a form by path, by id, from texts; lists and fragments on their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from formengine.language import model
from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError, Findings, near
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.loader import values
from formengine.language.loader.form import read_form
from formengine.language.loader.form_nodes import read_nodes
from formengine.language.loader.includes import KINDS, FileKind, expect_name, kind_of, with_places
from formengine.language.loader.keys import FRAGMENT
from formengine.language.loader.mappings import DefinitionLimits, Loading, read_keys
from formengine.language.loader.options import read_list
from formengine.language.loader.resolvers import FolderResolver, Resolver, TextResolver
from formengine.language.loader.scopes import IdScope
from formengine.language.reader import read_file
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar
from formengine.language.source import Source, Span

DEFAULT_LIMITS = DefinitionLimits()
_TRANSLATION = re.compile(r"\.[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\.yaml\Z")


def load(
    path_or_id: str | Path,
    *,
    roots: Iterable[str | Path] = (),
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
    limits: DefinitionLimits = DEFAULT_LIMITS,
) -> model.Definition:
    """The definition at a path (a file, or a folder with ``form.yaml``), or of the form with this id.

    An id is sought in `roots`, then among the forms that come with formengine. Lists and fragments are sought
    beside the form, in the folder around its own, in `roots`, then among those that come with formengine.
    Raises `DefinitionError` with every finding when any of them is an error.
    """
    findings = Findings()
    folders = tuple(Path(root) for root in roots)
    opened = open_source(path_or_id, findings, roots=folders, limits=limits)
    definition = None
    if opened is not None:
        source, resolver = opened
        definition = load_source(
            source,
            resolver,
            findings,
            field_types=field_types,
            composite_types=composite_types,
            limits=limits,
        )
    if definition is None or findings.has_errors:
        raise DefinitionError(findings.in_file_order())
    return definition


def load_source(
    source: Source,
    resolver: Resolver,
    findings: Findings,
    *,
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
    limits: DefinitionLimits = DEFAULT_LIMITS,
) -> model.Definition | None:
    """The form in `source`, as far as it can be read, for further checks; None if it is no form.

    What is wrong is added to `findings`. The definition is complete only where none of them is an error: else it
    lacks what could not be read, and `Definition.unreadable` lists it.
    """
    loading = Loading(findings, resolver, field_types, composite_types, limits)
    before = len(findings.found)
    root = loading.read(source)
    definition = None
    if root is not None and _expect_kind(loading, root, source, ("form",)):
        definition = read_form(loading, root)
    _show_places(findings, before, loading)
    return definition


def check_source(
    source: Source,
    resolver: Resolver,
    findings: Findings,
    *,
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
    limits: DefinitionLimits = DEFAULT_LIMITS,
) -> tuple[FileKind | None, model.Definition | None]:
    """What kind of file `source` is, and the definition if it is a form; a list or fragment is checked alone.

    A portal and a process are only recognised here: `formengine.portal` and `read_process` read them; so are, by their
    names, a translation (``form.cy.yaml``) and a scenario (``late.scenario.yaml``), which
    `formengine.form.analysis.scenarios` runs. The kind is None when the file states none.
    """
    loading = Loading(findings, resolver, field_types, composite_types, limits)
    before = len(findings.found)
    root = loading.read(source)
    if _TRANSLATION.search(source.name):
        return "translation", None
    if source.name.endswith(".scenario.yaml"):
        return "scenario", None
    if root is None or not _expect_kind(loading, root, source, KINDS):
        return None, None
    kind = kind_of(root)
    definition = None
    if kind == "form":
        definition = read_form(loading, root)
    elif kind == "list":
        expect_name(loading, root, "list", _stem(source))
        read_list(loading, root)
    elif kind == "fragment":
        expect_name(loading, root, "fragment", _stem(source))
        _check_fragment(loading, root, source)
    _show_places(findings, before, loading)
    return kind, definition


def _stem(source: Source) -> str:
    return source.name.rpartition("/")[2].removesuffix(".yaml")


def _check_fragment(loading: Loading, root: MappingNode, source: Source) -> None:
    given = read_keys(loading, root, FRAGMENT)
    name = given.nodes.get("fragment")
    own = (f"library/{name.text}",) if isinstance(name, Scalar) else ()
    scope = IdScope(basis=given.get("basis", "confirmed"), uses=(*own, source.name.removesuffix(".yaml")))
    read_nodes(loading, given.nodes.get("fields"), scope)


def _expect_kind(loading: Loading, root: MappingNode, source: Source, kinds: tuple[FileKind, ...]) -> bool:
    kind = kind_of(root)
    if kind in kinds:
        return True
    first = root.entries[0].key if root.entries else None
    span = first.span if first is not None else Span(source, 0, 0)
    if kind is not None:
        loading.findings.add(
            "wrong-kind",
            f"A form is wanted here, but this file is a {kind}",
            next(entry.key.span for entry in root if entry.key.text == kind),
            help="a form begins with `form:` and its name",
        )
        return False
    close = near(first.text, KINDS) if first is not None else None
    loading.findings.add(
        "no-kind",
        "The file does not say what it is",
        span,
        help=f"there is a similar word: `{close}`"
        if close
        else "begin with `form:` and the form's name; a list with `list:`, a fragment with `fragment:`",
    )
    return False


def _show_places(findings: Findings, before: int, loading: Loading) -> None:
    """Add the including place to findings in included files, from number `before` on."""
    findings.found[before:] = with_places(findings.found[before:], loading.included)


def open_source(
    path_or_id: str | Path,
    findings: Findings,
    *,
    roots: Iterable[Path] = (),
    limits: DefinitionLimits = DEFAULT_LIMITS,
) -> tuple[Source, FolderResolver] | None:
    """The file that `load` would read and the resolver for what it includes; None with a finding."""
    roots = (*roots, bundled_folder("definitions"))
    try:
        path = _form_file(path_or_id, roots)
    except OSError as error:
        # Too long for a name, or behind a folder that may not be entered.
        _unreadable(str(path_or_id), error, findings)
        return None
    if path is None:
        _no_form(str(path_or_id), findings, roots)
        return None
    folder = path.parent
    # A form in a folder of its own is inside a definitions folder, as a list or fragment is.
    beside = (folder, folder.parent)
    source = read_file(
        path, findings, name=f"{folder.resolve().name}/{path.name}", max_bytes=limits.max_bytes
    )
    return None if source is None else (source, FolderResolver((*beside, *roots), limits.max_bytes))


def _form_file(path_or_id: str | Path, roots: Iterable[Path]) -> Path | None:
    """The file at a path or of the form with an id; None where there is none. Raises OSError as the system does."""
    path = Path(path_or_id)
    if path.is_dir():
        path = path / "form.yaml"
    if path.is_file():
        return path
    if "/" in str(path_or_id) or "\\" in str(path_or_id):
        return None
    return next((found for root in roots if (found := root / path_or_id / "form.yaml").is_file()), None)


def _unreadable(wanted: str, error: OSError, findings: Findings) -> None:
    shown = values.clip(wanted, 80)
    findings.add(
        "file-unreadable",
        f"This file can't be opened ({error.strerror}): {shown}",
        Span(Source(shown, ""), 0, 0),
    )


def _no_form(wanted: str, findings: Findings, roots: Iterable[Path]) -> None:
    known = sorted({path.parent.name for root in roots for path in root.glob("*/form.yaml")})
    close = near(wanted, known)
    findings.add(
        "unknown-form",
        f"There is no form `{values.clip(wanted, 80)}`",
        Span(Source(wanted, ""), 0, 0),
        help=f"there is a form with a similar name: `{close}`"
        if close
        else f"write the path of a folder with form.yaml, or one of {', '.join(known)}",
    )


def pack(definition: model.Definition) -> dict[str, str]:
    """The texts of the definition and of all it includes, by name, the definition first."""
    return {source.name: source.text for source in definition.sources}


def load_packed(
    texts: Mapping[str, str],
    *,
    field_types: Mapping[str, FieldType] = FIELD_TYPES,
    composite_types: Mapping[str, CompositeType] = COMPOSITE_TYPES,
    limits: DefinitionLimits = DEFAULT_LIMITS,
) -> model.Definition:
    """The definition that `pack` returned as texts, with the same digest; no file is read.

    Raises `DefinitionError` when any finding is an error, and `ValueError` when there is no text at all.
    """
    if not texts:
        raise ValueError("a packed definition holds at least the definition itself")
    name, text = next(iter(texts.items()))
    findings = Findings()
    definition = load_source(
        Source(name, text),
        TextResolver(texts),
        findings,
        field_types=field_types,
        composite_types=composite_types,
        limits=limits,
    )
    if definition is None or findings.has_errors:
        raise DefinitionError(findings.in_file_order())
    return definition
