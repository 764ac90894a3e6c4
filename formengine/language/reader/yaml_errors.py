"""The parser's errors, in words for people who don't know it.

`formengine.language.reader.line_slips` has named the usual causes by then; this is for the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from formengine.language.diagnostics import Findings
from formengine.language.reader.repair import Edit, RepairedText
from formengine.language.reader.scalars import single_quoted
from formengine.language.source import Span


@dataclass(frozen=True, slots=True)
class YamlExplanation:
    """The finding for an error: its code, the message, a few words at the caret, and the help.

    `at_start`: point to where the part began that the parser was reading, not to where it stopped.
    """

    code: str
    message: str
    label: str
    help: str
    at_start: bool = False


_INDENT_HELP = (
    "lines that belong together begin in the same column; what belongs to a line stands two spaces further in"
)

_WORDS: tuple[tuple[str, YamlExplanation], ...] = (
    (
        "found unexpected end of stream|unexpected document indicator",
        YamlExplanation(
            "unclosed-quote",
            "This text begins with a quote that isn't closed",
            "opened here",
            "write the same quote at the end of the text",
            at_start=True,
        ),
    ),
    (
        "unknown escape|hexdecimal|invalid Unicode",
        YamlExplanation(
            "odd-escape",
            "Inside double quotes a backslash has a meaning of its own, and this one means nothing",
            "not known",
            "use single quotes, in which a backslash is an ordinary character",
        ),
    ),
    (
        "expected ',' or '\\]'|expected ',' or '\\}'",
        YamlExplanation(
            "unclosed-bracket",
            "A bracket or brace is opened here, and isn't closed where it should be",
            "opened here",
            "close it on the same line, or write one item a line, each after a dash",
            at_start=True,
        ),
    ),
    (
        "tab character",
        YamlExplanation(
            "tab-indent",
            "A tab stands in front of this line; YAML lines are indented with spaces",
            "a tab",
            "replace it with spaces, two for each level",
        ),
    ),
    (
        "could not find expected ':'",
        YamlExplanation(
            "no-colon",
            "A name and a colon are due here, and none stands",
            "no colon here",
            "write the name and a colon in front of the text, such as `label: …`",
            at_start=True,
        ),
    ),
    (
        "mapping values are not allowed",
        YamlExplanation(
            "colon-in-text",
            "A colon stands here where YAML expects only text",
            "this colon",
            "put the text in quotes; or, if this line begins with a name, check how far it is indented",
        ),
    ),
    (
        "mapping keys are not allowed|block sequence entries are not allowed|expected key|expected '-'",
        YamlExplanation(
            "wrong-indent",
            "This line doesn't fit in with the lines above it",
            "begins in another column, or needs a dash",
            _INDENT_HELP,
        ),
    ),
    (
        "indentation indicator|expected comment or line break",
        YamlExplanation(
            "odd-first-character",
            "Text stands here where nothing can follow on the same line",
            "not read as text",
            "put the text in quotes, or write it on the next line",
        ),
    ),
    (
        "cannot start any token",
        YamlExplanation(
            "odd-first-character",
            "This character can't begin a text",
            "not read as text",
            "put the whole text in quotes",
        ),
    ),
    (
        "alphabetic or numeric character",
        YamlExplanation(
            "odd-first-character",
            "A text can't begin with `*` or `&`",
            "not read as text",
            "put the whole text in quotes",
        ),
    ),
    (
        "directive|incompatible YAML",
        YamlExplanation(
            "yaml-directive",
            "A line that begins with % is an instruction to YAML readers, which forms don't use",
            "not read as text",
            "delete the line; if it is text, it belongs after a name such as `text:`",
        ),
    ),
    (
        "document start",
        YamlExplanation(
            "several-documents",
            "The form ends above this line",
            "not read",
            "delete the line `...` above this one",
        ),
    ),
    (
        "tag|URI|expected '!'",
        YamlExplanation(
            "tag",
            "A word that begins with `!` is a YAML tag, which forms don't use",
            "leave this out",
            "if it is part of the text, put the whole text in quotes",
        ),
    ),
)
_KNOWN = tuple((re.compile(pattern), words) for pattern, words in _WORDS)
_UNKNOWN = YamlExplanation("unreadable-line", "This line can't be read", "reading stopped here", _INDENT_HELP)
_VALUE = re.compile(r"[ ]*(?:-[ ]+)*[^\s:#][^:\n]{0,100}:[ ]+(?=\S)")


def tell(error: yaml.YAMLError, shadow: RepairedText, findings: Findings) -> Edit | None:
    """Report the error; returns the edit that removes it from the copy, or None where nothing is left to remove."""
    stopped, began = _marks(error)
    words = next((w for p, w in _KNOWN if p.search(_problem(error))), _UNKNOWN)
    text = shadow.source.text
    at = shadow.to_source(began if words.at_start and began is not None else stopped)
    at = min(at, max(len(text.rstrip()) - 1, 0))
    if not words.at_start:
        # The parser stops at the token after the error, which may be a line further on.
        at = _word_start(text, at)
    end = min(at + 1, len(text))
    findings.add(words.code, words.message, Span(shadow.source, at, end), label=words.label, help=words.help)
    return _mending(shadow, text, at)


def _marks(error: yaml.YAMLError) -> tuple[int, int | None]:
    """Where the parser stopped, and where the part began that it was reading."""
    if isinstance(error, yaml.MarkedYAMLError):
        stopped = error.problem_mark or error.context_mark
        began = error.context_mark
        return (stopped.index if stopped else 0), (began.index if began else None)
    position = getattr(error, "position", 0)
    return (position if isinstance(position, int) else 0), None


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return f"{error.problem or ''} {error.context or ''}"
    return str(error)


def _word_start(text: str, at: int) -> int:
    """The first character at or after `at`, on its line, that isn't white space."""
    end = text.find("\n", at)
    end = end if end >= 0 else len(text)
    rest = text[at:end]
    return at + len(rest) - len(rest.lstrip()) if rest.strip() else at


def _mending(shadow: RepairedText, text: str, at: int) -> Edit | None:
    """The value of the line put in quotes, or the line left out; None when both have been tried."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", start)
    end = end if end >= 0 else len(text)
    line = text[start:end].rstrip()
    taken = [edit for edit in shadow.edits if edit.start < end and edit.end > start]
    if any(edit.start <= start and edit.end >= start + len(line) for edit in taken) or not line.strip():
        return None
    found = _VALUE.match(line)
    if found and not taken and line[found.end()] not in "\"'|>":
        return Edit(start + found.end(), start + len(line), single_quoted(line[found.end() :]))
    return Edit(start, start + len(line), "")
