"""The command line: every command prints what the library gives. Scripts rely on its output and exit codes."""

from __future__ import annotations

from formengine.cli.program import main

__all__ = ["main"]
