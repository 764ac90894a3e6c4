"""Codes of the loader: keys, values and structure of the definition language."""

from __future__ import annotations

from formengine.diagnostics.codes.entry import Entry

CODES: dict[str, Entry] = {}
