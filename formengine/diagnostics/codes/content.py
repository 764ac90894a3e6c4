"""Codes of formatted text."""

from __future__ import annotations

from formengine.diagnostics.codes.entry import Entry

CODES: dict[str, Entry] = {}
