"""Every code a finding can have: how grave it is, what it means and how to mend it.

Each area of the engine keeps its own table in `formengine.language.diagnostics.codes`; a new code is one entry there
and one pair of files in ``tests/language/diagnostics``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.language.diagnostics.codes import (
    compiler,
    content,
    expressions,
    language,
    portal,
    process,
    reader,
)
from formengine.language.diagnostics.codes.entry import CodeEntry

AREAS: Mapping[str, Mapping[str, CodeEntry]] = MappingProxyType(
    {
        "reader": reader.CODES,
        "language": language.CODES,
        "expressions": expressions.CODES,
        "compiler": compiler.CODES,
        "content": content.CODES,
        "portal": portal.CODES,
        "process": process.CODES,
    }
)

CATALOGUE: Mapping[str, CodeEntry] = MappingProxyType(
    {code: entry for codes in AREAS.values() for code, entry in codes.items()}
)

__all__ = ["AREAS", "CATALOGUE", "CodeEntry"]
