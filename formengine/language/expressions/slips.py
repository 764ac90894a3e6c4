"""What an author meant by text that is no expression: each common slip with its cause and its mending."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from formengine.language.diagnostics import Findings
from formengine.language.expressions.slip_table import SLIPS
from formengine.language.expressions.syntax import LANGUAGE_WORDS
from formengine.language.source import Located

if TYPE_CHECKING:
    from lark import UnexpectedToken

_STRING = re.compile(r'"[^"\n]*"')
_WORD = re.compile(r"[A-Za-z]+")

# What can come next, the most helpful first.
_EXPECTED = {
    "IS": "`is`",
    "INCLUDES": "`includes`",
    "WHERE": "`where (…)`",
    "OF": "`of`",
    "AND": "`and`",
    "OR": "`or`",
    "THAN": "`than`",
    "LEAST": "`least`",
    "MOST": "`most`",
    "NUMBER": "a number",
    "DATE": "a date",
    "RPAR": "`)`",
    "LPAR": "`(`",
    "COMMA": "a comma",
    "INCLUDE": "`include`",
    "ANSWERED": "`answered`",
    "SAME": "`same as`",
    "AS": "`as`",
    "FROM": "`from`",
    "WITH": "`with`",
    "AGO": "`ago`",
    "TODAY": "`today`",
    "$END": "the end",
}


def explain_character(text: Located, offset: int, findings: Findings) -> None:
    """Report the character at `offset`, with which no word begins."""
    if _known_slip(text, offset, findings):
        return
    findings.add(
        "expression-unreadable",
        f"The character `{text.text[offset]}` has no meaning in an expression",
        text.part(offset, offset + 1),
        help='if it belongs to a value, put the value in quotes: `"…"`',
    )


def explain_token(text: Located, error: UnexpectedToken, findings: Findings) -> None:
    """Report a word that is not allowed at its position."""
    at_end = error.token.type == "$END"
    written = str(error.token)
    offset = len(text.text.rstrip()) if at_end else error.token.start_pos or 0
    accepted = error.accepts or error.expected
    if _brackets_differ(text, offset, findings, at_end=at_end):
        return
    if _capitals(text, offset, findings) or _known_slip(text, offset, findings):
        return
    if (
        written in LANGUAGE_WORDS
        and "WORD" in accepted
        and _reserved(text, offset, written, accepted, findings)
    ):
        return
    _unreadable(text, offset, written, accepted, findings)


def _masked(written: str) -> str:
    """`written` with what stands between quotes blotted out, so that no slip is found inside a value."""
    return _STRING.sub(lambda found: '"' + "x" * (len(found.group()) - 2) + '"', written)


def _known_slip(text: Located, offset: int, findings: Findings) -> bool:
    """Whether a slip of the table covers the position where reading failed; reports it where so."""
    masked = _masked(text.text)
    for slip in SLIPS:
        for found in slip.pattern.finditer(masked):
            if not found.start() <= offset <= found.end():
                continue
            start, end = found.span("at") if "at" in slip.pattern.groupindex else found.span()
            facts = {name: value or "" for name, value in found.groupdict().items()}
            facts["written"] = text.text[start:end]
            facts["rest"] = text.text[found.end() :].strip()
            findings.add(
                slip.code,
                slip.message.format(**facts),
                text.part(start, max(end, start + 1)),
                help=slip.help(facts) if callable(slip.help) else slip.help.format(**facts),
            )
            return True
    return False


def _brackets_differ(text: Located, offset: int, findings: Findings, *, at_end: bool) -> bool:
    """Whether the slip is a bracket too few or too many; reports it where so."""
    masked = _masked(text.text)
    open_at: list[int] = []
    for index, character in enumerate(masked[:offset]):
        if character == "(":
            open_at.append(index)
        elif character == ")" and open_at:
            open_at.pop()
    if at_end and open_at and not masked.rstrip().endswith(("is", "or", "and", "of", "where", "(", "not")):
        findings.add(
            "brackets-differ",
            "A bracket is opened and not closed",
            text.part(open_at[-1], open_at[-1] + 1),
            label="opened here",
            help="write `)` where it ends",
        )
        return True
    if masked[offset : offset + 1] == ")" and not open_at:
        findings.add(
            "brackets-differ",
            "A bracket is closed that was not opened",
            text.part(offset, offset + 1),
            label="one too many",
            help="leave it out, or write `(` where it begins",
        )
        return True
    return False


def _capitals(text: Located, offset: int, findings: Findings) -> bool:
    """Whether a word of the language is written with capitals at `offset` or just before it."""
    masked = _masked(text.text)
    for found in _WORD.finditer(masked):
        small = found.group().lower()
        near_by = found.start() <= offset and not masked[found.end() : offset].strip()
        if near_by and small in LANGUAGE_WORDS and small != found.group():
            findings.add(
                "capital-letters",
                f"The words of an expression are written small, and `{found.group()}` is not",
                text.part(found.start(), found.end()),
                help=f"write `{small}`",
            )
            return True
    return False


def _reserved(text: Located, offset: int, word: str, accepted: set[str], findings: Findings) -> bool:
    """Whether a word of the language is written where an author meant a value or a name."""
    span = text.part(offset, offset + len(word))
    if "STRING" in accepted and word not in {"and", "or", "is", "where", "not"}:
        findings.add(
            "needs-quotes",
            f"`{word}` is a word of the expression language, so as a value it needs quotes",
            span,
            help=f'write `"{word}"`',
        )
        return True
    following = text.text[offset + len(word) :].split()
    if "STRING" not in accepted and following[:1] in (["is"], ["includes"]):
        findings.add(
            "reserved-word",
            f"`{word}` is a word of the expression language, so no answer can be called that",
            span,
            help="give the field another id",
        )
        return True
    return False


def _unreadable(text: Located, offset: int, written: str, accepted: set[str], findings: Findings) -> None:
    expected = [words for type_, words in _EXPECTED.items() if type_ in accepted]
    if "STRING" in accepted:
        expected.insert(0, "a value")
    elif "WORD" in accepted:
        expected.insert(0, "a name")
    listed = " or ".join(filter(None, [", ".join(expected[:5][:-1]), expected[:5][-1]])) if expected else ""
    if not written:
        message, label = "The expression ends too early", "something is missing here"
        offset = max(offset - 1, 0)
    else:
        message, label = f"`{written}` cannot stand here", ""
    findings.add(
        "expression-unreadable",
        message,
        text.part(offset, offset + max(len(written), 1)),
        label=label,
        help=f"here can stand {listed}" if listed else "",
    )
