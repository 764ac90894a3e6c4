"""The shape of one entry of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from formengine.language.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What authors can look up about a code.

    `title` is one line without a full stop; `meaning` a paragraph: what it means and how to mend it.
    `severity` is the usual one; a finding may be milder.
    """

    severity: Severity
    title: str
    meaning: str
