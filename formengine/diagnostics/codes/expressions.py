"""Codes of conditions, checks and inserted answers."""

from __future__ import annotations

from formengine.diagnostics.codes.entry import Entry

CODES: dict[str, Entry] = {}
