"""A definition from text, for tests that write the form inside the test."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.language import model
from formengine.language.diagnostics import Diagnostic, Findings
from formengine.language.loader import DefinitionLimits, TextResolver, load_source
from formengine.language.source import Source

HEAD = "form: example\ntitle: Example\nversion: 1\n"


def form_text(fields: str, *, head: str = "") -> str:
    """A form of one page, `about`, with these fields; `head` holds further keys of the form."""
    page = "pages:\n  - id: about\n    title: About you\n    fields:\n"
    return HEAD + dedent(head) + page + indent(dedent(fields).strip("\n") + "\n", "      ")


def loaded(
    text: str, files: Mapping[str, str] | None = None, *, limits: DefinitionLimits | None = None
) -> tuple[model.Definition, tuple[Diagnostic, ...]]:
    """The definition and its findings; `files` are lists and fragments by name, such as ``lists/x.yaml``."""
    findings = Findings()
    texts = {name: dedent(file) for name, file in (files or {}).items()}
    source = Source("example/form.yaml", text)
    definition = load_source(source, TextResolver(texts), findings, limits=limits or DefinitionLimits())
    assert definition is not None, findings.in_file_order()
    return definition, findings.in_file_order()


def nodes_of(fields: str, files: Mapping[str, str] | None = None) -> tuple[model.Node, ...]:
    """The nodes of a one-page form with these fields, which must load without a finding."""
    definition, findings = loaded(form_text(fields), files)
    assert [(finding.code, finding.message) for finding in findings] == []
    return definition.pages[0].nodes


def codes_of(fields: str, files: Mapping[str, str] | None = None, *, head: str = "") -> list[str]:
    """The codes of the findings in a one-page form with these fields, in file order."""
    return [finding.code for finding in loaded(form_text(fields, head=head), files)[1]]


def compiled(text: str, files: Mapping[str, str] | None = None) -> Form:
    """The compiled form of `text`, which must be without errors."""
    definition, _ = loaded(dedent(text), files)
    return compile_form(definition)
