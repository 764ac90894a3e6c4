"""Codes of the compiler: names, order and reachability."""

from __future__ import annotations

from formengine.diagnostics.codes.entry import Entry

CODES: dict[str, Entry] = {}
