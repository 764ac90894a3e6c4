"""Text with answers in it: ``((child.first_name or the child))``, the form that GOV.UK Notify uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from formengine.language.diagnostics import Findings
from formengine.language.expressions.syntax import RESERVED_IDS
from formengine.language.source import Located, Span


@dataclass(frozen=True, slots=True)
class Insert:
    """A place for an answer: its names, and the text shown when it is missing (None: the author gave none)."""

    names: tuple[str, ...]
    fallback: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Template:
    """Literal texts and inserts, in order; no two texts are neighbours and none is empty."""

    parts: tuple[str | Insert, ...]

    @property
    def inserts(self) -> Iterator[Insert]:
        """The inserts, in order."""
        return (part for part in self.parts if isinstance(part, Insert))


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_FALLBACK = re.compile(r"\s+or(?:\s+|$)")
# One double bracket up to the end of its own; a fallback may hold single brackets, as in "(the child)".
_INSERT = re.compile(r"\(\((?P<inside>(?:(?!\(\(|\)\)).)*)\)\)", re.DOTALL)
_EXAMPLE = "write it as `((child.first_name))` or `((child.first_name or the child))`"


def parse_template(text: Located, findings: Findings) -> Template:
    """`text` in its parts. What cannot be read as an insert is kept as literal text and is a finding.

    Single brackets, ``{{x}}`` and ``{x}`` are plain text.
    """
    parts: list[str | Insert] = []
    written, at = text.text, 0
    for found in _INSERT.finditer(written):
        _literal(parts, text, at, found.start(), findings)
        insert = _insert(text, found, findings)
        if insert is None:
            _append(parts, found.group())
        else:
            parts.append(insert)
        at = found.end()
    _literal(parts, text, at, len(written), findings)
    return Template(tuple(parts))


def _append(parts: list[str | Insert], literal: str) -> None:
    if parts and isinstance(parts[-1], str):
        parts[-1] += literal
    elif literal:
        parts.append(literal)


def _literal(parts: list[str | Insert], text: Located, start: int, end: int, findings: Findings) -> None:
    literal = text.text[start:end]
    _append(parts, literal)
    opened = literal.find("((")
    if opened >= 0:
        findings.add(
            "insert-unclosed",
            "`((` opens a place for an answer, and nothing closes it",
            text.part(start + opened, start + opened + 2),
            label="no `))` after this",
            help=_EXAMPLE,
        )


def _insert(text: Located, found: re.Match[str], findings: Findings) -> Insert | None:
    inside = found["inside"]
    span = text.part(found.start(), found.end())
    if not inside.strip():
        findings.add("insert-empty", "`(())` names no answer", span, help=_EXAMPLE)
        return None
    lead = len(inside) - len(inside.lstrip())
    name = _NAME.match(inside, lead)
    if name is None:
        _unreadable(inside.strip(), span, findings)
        return None
    rest = inside[name.end() :]
    fallback = _FALLBACK.match(rest)
    if rest.strip() and fallback is None:
        _unreadable(inside.strip(), span, findings)
        return None
    words = rest[fallback.end() :].strip() if fallback else None
    if words == "":
        findings.add(
            "insert-unreadable",
            f"After `or` in `{found.group()}` stands nothing to say instead of the answer",
            span,
            help=_EXAMPLE,
        )
        return None
    names = tuple(name.group().split("."))
    if len(names) == 1 and names[0] in RESERVED_IDS:
        _unreadable(inside.strip(), span, findings)
        return None
    return Insert(names, words, span)


def _unreadable(inside: str, span: Span, findings: Findings) -> None:
    findings.add(
        "insert-unreadable",
        f"Between double brackets stands the name of an answer, and `{inside}` is none",
        span,
        label="not a name",
        help=f"{_EXAMPLE}; for brackets in the text use single ones",
    )
