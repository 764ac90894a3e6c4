"""Definitions: from files to `model.Definition`, with every finding on the way.

`load` reads a form by path or id and raises; `load_source` and `check_source` gather findings; `pack` and
`load_packed` keep a definition with all it includes as texts, beside a draft.
"""

from __future__ import annotations

from formengine.language.loader.form import digest_of
from formengine.language.loader.includes import FileKind, with_places
from formengine.language.loader.load import check_source, load, load_packed, load_source, open_source, pack
from formengine.language.loader.mappings import DefinitionLimits
from formengine.language.loader.resolvers import (
    FolderResolver,
    OverlayResolver,
    Resolver,
    TextResolver,
    forms_in,
)

__all__ = [
    "DefinitionLimits",
    "FileKind",
    "FolderResolver",
    "OverlayResolver",
    "Resolver",
    "TextResolver",
    "check_source",
    "digest_of",
    "forms_in",
    "load",
    "load_packed",
    "load_source",
    "open_source",
    "pack",
    "with_places",
]
