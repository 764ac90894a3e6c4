"""The façade for programs that embed formengine, and for its own command line: definitions, field types, themes.

An `Engine` holds no answers and no state; one serves any number of threads. What the command line can do, it can.

What reads and compiles a form is imported with this module; whatever else a method stands on, when it is called: who
checks a form does not wait for states, templates or fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from formengine.form.compiler import check_form, compile_form
from formengine.form.plan import Form
from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError, Diagnostic, Findings
from formengine.language.extensions import FieldTypeError
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.fields.named import types_named
from formengine.language.fields.type_words import templates_of, without_words, words_of
from formengine.language.json_types import Json
from formengine.language.loader import (
    DefinitionLimits,
    FolderResolver,
    OverlayResolver,
    Resolver,
    TextResolver,
    check_source,
    forms_in,
    load_source,
    open_source,
    pack,
)
from formengine.language.reader import decode, read_file
from formengine.language.source import Source
from formengine.language.words import Wording
from formengine.output.themes import theme_folders

if TYPE_CHECKING:
    from formengine.form.process import Process
    from formengine.form.state import State
    from formengine.language.model import Definition
    from formengine.language.process_model import ProcessDefinition
    from formengine.output.html import HtmlRenderer, Links, Site
    from formengine.output.paper.blank.issuer import Issuer
    from formengine.output.paper.reading.pdf_answers import PdfDraft
    from formengine.output.paper.reading.signatures import Verify
    from formengine.output.paper.record.attachments import AttachedFile, Sign
    from formengine.output.paper.tagged.document import Written

# The day of a form is the day in its own country (docs/language.md, The day).
HOME = ZoneInfo("Europe/London")

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class CheckedTexts:
    """What `Engine.check_texts` found. form: None where a finding is an error with which none can be made."""

    form: Form | None
    findings: tuple[Diagnostic, ...]

    @property
    def publishable(self) -> Form | None:
        """The form, None where a finding is an error, also one with which forms that are in use go on."""
        return None if any(finding.severity == "error" for finding in self.findings) else self.form


@dataclass(frozen=True)
class Engine:
    """Forms from `folders`, then those that come with formengine, with these field types.

    themes: folders of own templates, words and styles, which come before formengine's own.

    Pass your own mappings to add a type: ``Engine(field_types={**FIELD_TYPES, "uprn": UPRN})``.

    Raises `formengine.language.extensions.ExtensionError` for a theme or a field type that cannot be used: words of no
    text, no words for a rule, no template for a control.
    """

    folders: tuple[Path, ...] = ()
    themes: tuple[Path, ...] = ()
    field_types: Mapping[str, FieldType] = field(default_factory=lambda: FIELD_TYPES)
    composite_types: Mapping[str, CompositeType] = field(default_factory=lambda: COMPOSITE_TYPES)
    limits: DefinitionLimits = field(default_factory=DefinitionLimits)

    @cached_property
    def words(self) -> Wording:
        """What formengine itself says, in English, by the engine's themes and field types.

        Raises `formengine.output.themes.ThemeError` for a theme whose words cannot be used.
        """
        types: list[FieldType | CompositeType] = [*self.field_types.values(), *self.composite_types.values()]
        return Wording(themes=self.themes, own=words_of(types))

    def __post_init__(self) -> None:
        """Raise `formengine.language.extensions.ExtensionError` for what was handed over and cannot be used."""
        if self.themes:
            from formengine.output.paper.tagged.style import find_style

            theme_folders("html", self.themes)
            find_style(*self.themes)
            self.words  # noqa: B018 - reads the themes' words
        if self.field_types is not FIELD_TYPES or self.composite_types is not COMPOSITE_TYPES:
            self._check_types()

    def _check_types(self) -> None:
        bundled = {id(each) for each in (*FIELD_TYPES.values(), *COMPOSITE_TYPES.values())}
        mine: list[tuple[str, FieldType | CompositeType]] = [
            *self.field_types.items(),
            *self.composite_types.items(),
        ]
        mine = [(name, each) for name, each in mine if id(each) not in bundled]
        for name, each in mine:
            if name != each.name:
                raise FieldTypeError(f"The field type {each.name} was handed over under the name {name}")
        for name, rule in without_words((each for _, each in mine), self.words):
            raise FieldTypeError(f"The field type {name} has no words for its rule {rule}")
        folders = theme_folders("html", self.themes)
        for name, each in mine:
            for template in templates_of(each):
                file = f"controls/{template}.html"
                if not any((folder / "templates" / file).is_file() for folder in folders):
                    raise FieldTypeError(
                        f"The field type {name} is asked by the template {file}, which no theme has"
                    )

    def form(self, path_or_id: str | Path) -> Form:
        """The compiled form at a path, or with this id; raises `DefinitionError` with every finding."""
        findings = Findings()
        opened = open_source(path_or_id, findings, roots=self.folders, limits=self.limits)
        return self._compiled(opened, findings)

    def form_of_text(self, text: bytes, name: str = "form.yaml") -> Form:
        """The compiled form in `text`, including lists and fragments from the engine's folders."""
        findings = Findings()
        source = decode(text, name, findings, max_bytes=self.limits.max_bytes)
        return self._compiled((source, self._resolver(Path.cwd())) if source is not None else None, findings)

    def check_texts(self, texts: Mapping[str, str]) -> CheckedTexts:
        """What these texts together make: a form first, then lists and fragments it includes, by the files' names.

        What they include and is not among them comes from the engine's folders. Raises ValueError for no text at all.
        """
        if not texts:
            raise ValueError("the text of a form is wanted")
        findings = Findings()
        name, text = next(iter(texts.items()))
        # As of a file: too large, or with characters that no file may have.
        source = decode(
            text.encode("utf-8", "surrogatepass"), name, findings, max_bytes=self.limits.max_bytes
        )
        form = None
        if source is not None:
            folders = (*self.folders, bundled_folder("definitions"))
            files = FolderResolver(folders, self.limits.max_bytes)
            definition = self._loaded(source, OverlayResolver(texts, files), findings)
            form = check_form(definition, findings, self.words) if definition is not None else None
        return CheckedTexts(None if findings.has_errors else form, findings.in_file_order())

    def _loaded(self, source: Source, resolver: Resolver, findings: Findings) -> Definition | None:
        return load_source(
            source,
            resolver,
            findings,
            field_types=self.field_types,
            composite_types=self.composite_types,
            limits=self.limits,
        )

    def _compiled(self, opened: tuple[Source, FolderResolver] | None, findings: Findings) -> Form:
        definition = None
        if opened is not None:
            source, resolver = opened
            definition = self._loaded(source, resolver, findings)
        # The compiler's findings are reported together with the loader's, as by `check`.
        form = check_form(definition, findings, self.words) if definition is not None else None
        if form is None or findings.has_errors:
            raise DefinitionError(findings.in_file_order())
        return form

    def check(self, path: Path) -> tuple[Diagnostic, ...]:
        """Every finding in the file at `path`, a form, list, fragment, portal or process, in file order."""
        findings = Findings()
        source = read_file(path, findings, name=str(path), max_bytes=self.limits.max_bytes)
        if source is not None:
            self._check(source, path, findings)
        return findings.in_file_order()

    def check_text(self, text: bytes, name: str = "standard input") -> tuple[Diagnostic, ...]:
        """Every finding in `text`, in file order."""
        findings = Findings()
        source = decode(text, name, findings, max_bytes=self.limits.max_bytes)
        if source is not None:
            self._check(source, Path.cwd() / name, findings)
        return findings.in_file_order()

    def _check(self, source: Source, path: Path, findings: Findings) -> None:
        kind, definition = check_source(
            source,
            self._resolver(path.parent),
            findings,
            field_types=self.field_types,
            composite_types=self.composite_types,
            limits=self.limits,
        )
        if kind == "portal":
            from formengine.portal import read_portal

            folders = (path.parent, *self.folders, bundled_folder("definitions"))
            read_portal(source, findings, forms=forms_in(folders), limits=self.limits)
        elif kind == "process":
            self._checked_process(source, path, findings)
        elif definition is not None:
            check_form(definition, findings)

    def process(self, form: Form, path: Path | None = None) -> Process | None:
        """The compiled process of a form, from ``process.yaml`` beside its file; None where there is none.

        path: of the form's file, None for that of the form with this id. Raises `DefinitionError` with every finding.
        """
        file = path or self.path_of(form.id)
        beside = file.parent / "process.yaml" if file is not None else None
        if beside is None or not beside.is_file():
            return None
        findings = Findings()
        name = f"{beside.parent.resolve().name}/{beside.name}"
        source = read_file(beside, findings, name=name, max_bytes=self.limits.max_bytes)
        made = self._checked_process(source, beside, findings, form) if source is not None else None
        if made is None or findings.has_errors:
            raise DefinitionError(findings.in_file_order())
        return made

    def process_of_texts(self, texts: Mapping[str, str]) -> Process:
        """The process that was packed as texts by name, as a form's definition is; no file is read.

        It was proved when it was published, and is not proved again: its form may have changed since. Raises
        `DefinitionError` with every finding, ValueError when there is no text at all.
        """
        from formengine.form.process import compile_process

        if not texts:
            raise ValueError("a packed process holds at least the process itself")
        name, text = next(iter(texts.items()))
        findings = Findings()
        definition = self._read_process(Source(name, text), TextResolver(texts), findings)
        made = compile_process(definition, findings, self.words) if definition is not None else None
        if made is None or findings.has_errors:
            raise DefinitionError(findings.in_file_order())
        return made

    def _checked_process(
        self, source: Source, path: Path, findings: Findings, form: Form | None = None
    ) -> Process | None:
        """The process in `source`, which lies at `path`; with the form beside it where none is given."""
        if form is None:
            beside = path.parent / "form.yaml"
            named = re.search(r"^process:[ ]*([\w-]+)", source.text, re.MULTILINE)
            file = beside if beside.is_file() else self.path_of(named[1]) if named is not None else None
            with suppress(DefinitionError):
                form = self.form(file) if file is not None else None
        return self._process(source, self._resolver(path.parent), findings, form)

    def _process(
        self, source: Source, resolver: Resolver, findings: Findings, form: Form | None
    ) -> Process | None:
        from formengine.form.process import check_process

        return check_process(self._read_process(source, resolver, findings), form, findings, self.words)

    def _read_process(
        self, source: Source, resolver: Resolver, findings: Findings
    ) -> ProcessDefinition | None:
        from formengine.language.loader.read_process import read_process

        return read_process(
            source,
            resolver,
            findings,
            field_types=self.field_types,
            composite_types=self.composite_types,
            limits=self.limits,
        )

    def _resolver(self, folder: Path) -> FolderResolver:
        around = (folder, folder.parent)
        return FolderResolver((*around, *self.folders, bundled_folder("definitions")), self.limits.max_bytes)

    def evaluate(self, form: Form, answers: Json, *, on: date | None = None) -> State:
        """The state of `form` for these answers, today if no day is given."""
        from formengine.form.state import evaluate

        return evaluate(form, answers, on=on or today())

    def schema(self, form: Form, on: date | None = None) -> dict[str, Any]:
        """The JSON Schema 2020-12 of the form's answers on the day `on`; see `formengine.form.schema.schema`."""
        from formengine.form.schema.export import schema

        return schema(form, on)

    def html(self, form: Form, *, links: Links | None = None, site: Site | None = None) -> HtmlRenderer:
        """The renderer of HTML pages of `form`, with the engine's themes before formengine's own.

        links: the addresses of pages and static files; without, those of a static site, which sends nothing. site: who
        runs the pages, and what stands around them.
        """
        from formengine.output.html import HtmlRenderer

        return HtmlRenderer(form, themes=self.themes, links=links, site=site)

    def static_folders(self) -> tuple[Path, ...]:
        """The folders of static files that pages ask for by `Links.asset`; the first that has a file serves it."""
        folders = (folder / "static" for folder in theme_folders("html", self.themes))
        return tuple(folder for folder in folders if folder.is_dir())

    def static_file(self, name: str) -> Path | None:
        """The static file that pages call `name`, such as ``council.css``; None for no file of these folders."""
        for folder in self.static_folders():
            file = (folder / name).resolve()
            if file.is_relative_to(folder.resolve()) and file.is_file():
                return file
        return None

    def site(self, state: State, folder: Path, *, show_errors: bool = False) -> list[Path]:
        """The files written: every page of `state` as a finished static page; raises OSError where none can be."""
        from formengine.output.html import write_site

        return write_site(state, folder, with_errors=show_errors, themes=self.themes)

    def texts_of(self, form_id: str) -> dict[str, str]:
        """The texts of the form with this id and of all it includes, by the names of their files, however broken.

        The form's own is the first; what it includes is there as far as the form could be read. Empty where there is no
        such form.
        """
        findings = Findings()
        path = self.path_of(form_id)
        opened = open_source(path, findings, roots=self.folders, limits=self.limits) if path else None
        if path is None:
            return {}
        if opened is None:
            return {f"{form_id}/{path.name}": path.read_bytes().decode("utf-8", "replace")}
        source, resolver = opened
        definition = self._loaded(source, resolver, findings)
        return pack(definition) if definition is not None else {source.name: source.text}

    def form_ids(self) -> list[str]:
        """The ids of the forms in the engine's folders, or where it has none, of those that come with formengine."""
        return sorted(forms_in(self.folders or (bundled_folder("definitions"),)))

    def path_of(self, form_id: str) -> Path | None:
        """The file of the form with this id, in the engine's folders or among those that come along, or None."""
        folders = (*self.folders, bundled_folder("definitions"))
        if form_id not in forms_in(folders):
            return None
        return next(file for folder in folders if (file := folder / form_id / "form.yaml").is_file())

    def text(
        self,
        state: State,
        *,
        audience: str = "",
        author: str = "",
        at: datetime | None = None,
        reference: str | None = None,
    ) -> str:
        """The answers that count as plain text, for one of the form's audiences or, for "", as a whole.

        reference: "" for a draft, which the front matter then states; None leaves the front matter out. Raises
        `formengine.form.state.UnknownAudienceError`.
        """
        from formengine.form.state import copy_for
        from formengine.output.plain_text import render_text

        return render_text(copy_for(state, audience), author=author, at=at, reference=reference)

    def pdf(
        self,
        state: State,
        *,
        author: str,
        at: datetime,
        reference: str = "",
        audience: str = "",
        attachments: Sequence[AttachedFile] = (),
        sign: Sign | None = None,
    ) -> Written:
        """The PDF of the answers that count, in the style of the engine's themes; see `answers_pdf`.

        Raises ModuleNotFoundError without the extra ``pdf``, `formengine.output.themes.ThemeError` for a style that
        cannot be used and `formengine.form.state.UnknownAudienceError`.
        """
        from formengine.output.paper.record.answers_pdf import Copy, answers_pdf
        from formengine.output.paper.tagged.style import find_style

        copy = Copy(author, at, reference, audience, tuple(attachments))
        return answers_pdf(state, copy, style=find_style(*self.themes), sign=sign)

    def numbered(self, form: Form) -> Form:
        """The same form with each question's number on paper before its label, for keying in what was written there.

        Keys, digest and meaning are those of `form`, so its drafts and submissions are, too.
        """
        from formengine.form.plan.question_numbers import numbered

        return compile_form(numbered(form.definition), form.wording)

    def blank_pdf(self, form: Form, sending: Issuer, *, fillable: bool = False) -> Written:
        """The blank form as a PDF, to be filled in by pen or, `fillable`, on a computer too.

        Raises as `pdf` does; ``fillable`` is a further extra.
        """
        from formengine.output.paper.blank.pdf import blank_pdf, fillable_pdf
        from formengine.output.paper.tagged.style import find_style

        return (fillable_pdf if fillable else blank_pdf)(form, sending, style=find_style(*self.themes))

    def blank_docx(self, form: Form, sending: Issuer) -> bytes:
        """The blank form as a Word document; raises ModuleNotFoundError without the extra ``docx``."""
        from formengine.output.paper.blank.docx_form import blank_docx

        return blank_docx(form, sending)

    def read_pdf(self, content: bytes, form: Form | None = None, *, verify: Verify | None = None) -> PdfDraft:
        """The draft that a PDF carries, a filled-in form or a copy with its data, for `form` or the form it names.

        verify: checks a signature, such as `formengine.service.crypto.keyring.Signer.check`; without it none counts.

        Raises `formengine.output.paper.reading.contents.UnreadablePdfError` with a plain sentence;
        ModuleNotFoundError without the extra ``fillable``. Nothing in it is trusted: judge the draft by `evaluate`.
        """
        from formengine.output.paper.reading.contents import UnreadablePdfError, open_pdf
        from formengine.output.paper.reading.pdf_answers import carried_by, draft_of

        carried = carried_by(open_pdf(content), verify)
        if form is None:
            if not carried.form:
                raise UnreadablePdfError("no_form")
            if self.path_of(carried.form) is None:
                raise UnreadablePdfError("unknown_form", form=carried.form)
            form = self.form(carried.form)
        return draft_of(form, carried)


def engine_with(
    type_names: Iterable[str] = (), *, folders: Iterable[Path] = (), themes: Iterable[Path] = ()
) -> Engine:
    """An engine with formengine's field types and those that names such as ``council_types:FIELD_TYPES`` stand for.

    A type of formengine's name takes its place. Raises `formengine.language.extensions.ExtensionError` for a name that
    stands for no field types, and as `Engine` does.
    """
    added = types_named(type_names)
    if not added:
        return Engine(tuple(folders), tuple(themes))
    fields = {each.name: each for each in added if isinstance(each, FieldType)}
    composites = {each.name: each for each in added if isinstance(each, CompositeType)}
    return Engine(
        tuple(folders),
        tuple(themes),
        field_types={**FIELD_TYPES, **fields},
        composite_types={**COMPOSITE_TYPES, **composites},
    )


def definition_files(paths: Iterable[Path]) -> list[Path]:
    """The YAML files at these paths, folders searched to the bottom, in order, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        found.update(dict.fromkeys(files))
    return list(found)


def today() -> date:
    """The day in the form's own country."""
    return datetime.now(tz=HOME).date()
