"""A theme for formengine: `THEME` is its folder."""

from __future__ import annotations

from pathlib import Path

THEME = Path(__file__).parent / "theme"
