"""Texts of calculated answers that were meant to be calculated: no such text is shown to anybody as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from formengine.language.diagnostics import Findings
from formengine.language.expressions.scope import Scope
from formengine.language.source import Located

_SIGN: Final = re.compile(
    r"\s*(?:[+*/×÷=]|(?<=\s)(?:[-−]|x|plus|minus|times|divided\s+by|multiplied\s+by)(?=\s))\s*", re.IGNORECASE
)
_OF: Final = re.compile(
    r"(?:the\s+)?(?:sum|total|number|count|average|mean|minimum|min|maximum|max|difference|length|years|age)"
    r"\s*(?:of\s+|\(\s*|\s)(?:the\s+)?(?P<rest>.+)",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_NUMBER: Final = re.compile(r"£?[0-9][0-9,.]*")
_TEST: Final = re.compile(r"(?P<name>\S+)\s+(?:is|includes|does|starts)\s", re.IGNORECASE)


def refuse_attempt(written: Located, scope: Scope, findings: Findings) -> None:
    """Add a finding where a text without quotes reads like a calculation with answers of this form.

    The form stays usable as it is, since such a text was once taken for what it says.
    """
    text = written.text.strip()
    if _is_answer(text, scope):
        helps = f'to repeat the answer, write `(({text}))`; if the word itself is meant, put it in quotes: `"{text}"`'
    elif _is_calculation(text, scope):
        helps = (
            "a calculated answer counts the entries of a list (`count of children where (…)`), repeats answers "
            "(`((first_name))`) or chooses a text by conditions (`when`, `then`); if these very words are meant, put "
            f'them in quotes: `"{text}"`'
        )
    else:
        return
    findings.add(
        "calculated-text-unclear",
        f"`{text}` reads like a calculation, and would be shown to people as these words",
        written.span,
        label="not worked out",
        help=helps,
        usable=True,
    )


def _is_calculation(text: str, scope: Scope) -> bool:
    """Whether it has signs between answers and numbers, or asks for a sum or the like, or tests an answer."""
    parts = _SIGN.split(text)
    if len(parts) > 1 and _have_answer(parts, scope) and all(_is_operand(part, scope) for part in parts):
        return True
    asked = _OF.fullmatch(text)
    if asked is not None and _have_answer(re.split(r"\s*(?:,|\band\b|\))\s*|\s+", asked["rest"]), scope):
        return True
    tested = _TEST.match(text)
    return tested is not None and _is_answer(tested["name"], scope)


def _have_answer(parts: Iterable[str], scope: Scope) -> bool:
    return any(_is_answer(part.strip("() "), scope) for part in parts)


def _is_operand(part: str, scope: Scope) -> bool:
    bare = part.strip("() ")
    return _NUMBER.fullmatch(bare) is not None or _is_answer(bare, scope) or _OF.fullmatch(bare) is not None


def _is_answer(name: str, scope: Scope) -> bool:
    return _NAME.fullmatch(name) is not None and scope.find(tuple(name.split("."))) is not None
