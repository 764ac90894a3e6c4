"""What an author meant by text that is no expression: each common slip with its cause and its mending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formengine.diagnostics import Findings
from formengine.source import Located

if TYPE_CHECKING:
    from lark import UnexpectedToken


def explain_character(text: Located, offset: int, findings: Findings) -> None:
    """Nothing; the finding for the character at `offset`, with which no word begins, is kept."""
    findings.add(
        "expression-unreadable",
        f"The expression cannot be read from `{text.text[offset]}` on",
        text.part(offset, offset + 1),
    )


def explain_token(text: Located, error: UnexpectedToken, findings: Findings) -> None:
    """Nothing; the finding for a word that cannot stand where it stands is kept."""
    offset = error.token.start_pos or 0
    findings.add(
        "expression-unreadable", "The expression cannot be read from here on", text.part(offset, offset + 1)
    )
