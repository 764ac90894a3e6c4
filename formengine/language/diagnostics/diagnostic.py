"""The diagnostic, the list that gathers them, and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from formengine.language.source import Span

Severity = Literal["error", "warning", "info"]


MOST_READ = 200
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Related:
    """A second span that belongs to a finding, with a short note such as "first used here"."""

    span: Span
    note: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in a definition.

    `code` is a stable kebab-case name listed in `formengine.language.diagnostics.catalogue`; `message` states the fact
    and stands alone; `span` is the author's own text, `label` a few words beneath its caret; only `help`
    proposes. usable: the form can be used all the same, since forms like it were accepted before there was such a
    finding; it is an error for `check` and for publishing.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    help: str = ""
    severity: Severity = "error"
    related: tuple[Related, ...] = ()
    usable: bool = False


@dataclass(slots=True)
class Findings:
    """The findings gathered while a definition is read, checked and compiled."""

    found: list[Diagnostic] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - the field's own term, as in the printed "help:" line
        severity: Severity = "error",
        related: tuple[Related, ...] = (),
        usable: bool = False,
    ) -> None:
        """Record a finding, unless there are already more than anyone reads; the first error always."""
        if len(self.found) >= MOST_KEPT and (severity != "error" or self.has_errors):
            return
        self.found.append(Diagnostic(code, message, span, label, help, severity, related, usable))

    def in_file_order(self) -> tuple[Diagnostic, ...]:
        """Each finding once, by file, then by position."""
        order: dict[str, int] = {}
        for finding in self.found:
            order.setdefault(finding.span.source.name, len(order))
        unique = dict.fromkeys(self.found)
        return tuple(sorted(unique, key=lambda d: (order[d.span.source.name], d.span.start, d.span.end)))

    @property
    def is_full(self) -> bool:
        """Whether there are more findings than anyone reads, so that costly advice (near names) may be left out."""
        return len(self.found) >= MOST_READ

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error with which nothing can be compiled."""
        return any(map(stops, self.found))


def stops(finding: Diagnostic) -> bool:
    """Whether the finding is an error with which no form can be made."""
    return finding.severity == "error" and not finding.usable


class DefinitionError(Exception):
    """A definition that cannot become a form; `diagnostics` holds every finding, in file order."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        errors = list(filter(stops, self.diagnostics))
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return f"{first.span.source.name}:{first.span.line}: {first.message}{more}"


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None when none is close."""
    candidates = list(known)
    folded = {candidate.casefold(): candidate for candidate in reversed(candidates)}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
