"""The way of a definition's bytes through reader, loader and compiler, as `formengine check` goes it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from formengine.form.compiler import check_form, compile_form
from formengine.form.plan import Form
from formengine.form.process import check_process
from formengine.language.diagnostics import Diagnostic, Findings
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.loader import forms_in, load
from formengine.language.loader.load import check_source
from formengine.language.loader.mappings import DefinitionLimits
from formengine.language.loader.read_process import read_process
from formengine.language.loader.resolvers import FolderResolver
from formengine.language.reader import decode
from formengine.portal import read_portal

PAIRS = Path(__file__).parent
DEFINITIONS = PAIRS.parents[2] / "definitions"
_LIMITS = re.compile(rb"# limits: ([a-z_=0-9 ]+)\n")


def check(raw: bytes, name: str, *, limits: DefinitionLimits | None = None) -> tuple[Diagnostic, ...]:
    """Every finding in the definition `raw`, in file order.

    A first line such as ``# limits: max_depth=3`` sets limits for a small example of a large file.
    """
    findings = Findings()
    chosen = limits or _written_limits(raw)
    source = decode(raw, name, findings, max_bytes=chosen.max_bytes)
    if source is not None:
        resolver = FolderResolver((PAIRS, DEFINITIONS), chosen.max_bytes)
        kind, definition = check_source(source, resolver, findings, limits=chosen)
        if definition is not None:
            check_form(definition, findings)
        elif kind == "portal":
            read_portal(source, findings, forms=forms_in((DEFINITIONS,)), limits=chosen)
        elif kind == "process":
            process = read_process(
                source,
                resolver,
                findings,
                field_types=FIELD_TYPES,
                composite_types=COMPOSITE_TYPES,
                limits=chosen,
            )
            check_process(process, _bundled_form(process.id if process is not None else ""), findings)
    return findings.in_file_order()


@cache
def _bundled_form(form_id: str) -> Form | None:
    """The bundled form with this id, or None."""
    return compile_form(load(form_id)) if form_id in forms_in((DEFINITIONS,)) else None


def _written_limits(raw: bytes) -> DefinitionLimits:
    found = _LIMITS.match(raw)
    if found is None:
        return DefinitionLimits()
    pairs = (pair.split("=") for pair in found[1].decode("ascii").split())
    return DefinitionLimits(**{name: int(value) for name, value in pairs})
