"""Answers as JSON, refused in one plain sentence when they are broken, deep or huge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NoReturn

from formengine.language.json_types import Json

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000
MAX_WHOLE = 2**53  # up to here a double holds each whole number

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[\[{]|[\]}]|,', re.DOTALL)
_PROBLEMS = {
    "Expecting property name enclosed in double quotes": "a name in double quotes is due here",
    "Expecting ':' delimiter": "a colon is due here",
    "Expecting ',' delimiter": "a comma is due here, or a bracket that was opened isn't closed",
    "Expecting value": "a value is due here",
    "Extra data": "the answers end before this place",
    "Invalid control character at": "a line end or control character stands inside a text",
    "Illegal trailing comma before end of object": "a comma stands before the closing brace",
    "Illegal trailing comma before end of array": "a comma stands before the closing bracket",
}


class AnswersError(Exception):
    """Answers that can't be read; `message` is the reason, one sentence; `line` and `column` are where, from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class _RefusedError(Exception):
    """A refusal without a position."""


def read_answers(
    text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES
) -> Json:
    """The JSON value of `text`; a whole number is an int however it is written.

    Raises `AnswersError` when it is longer than `max_bytes` (as UTF-8), nested deeper than `max_depth`, has
    more than `max_nodes` values, isn't JSON, names one key twice (RFC 8259 section 4 leaves that open), or
    holds NaN, Infinity or half of a character. Never `RecursionError`: depth is counted before anything is
    built.
    """
    written = _decoded(text, max_bytes)
    _measure(written, max_depth, max_nodes)
    try:
        read: Json = json.loads(
            written, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_number(_one_number),
            parse_int=_number(int),
        )  # fmt: skip
    except json.JSONDecodeError as error:
        problem = next((reason for known, reason in _PROBLEMS.items() if error.msg.startswith(known)), None)
        if problem is None:
            problem = (
                "a backslash stands before a character it can't"
                if "escape" in error.msg
                else "a text isn't closed"
            )
        raise AnswersError(f"These answers can't be read: {problem}", error.lineno, error.colno) from None
    except _RefusedError as refused:
        word, message = refused.args
        raise _at(written, written.find(word) if word else 0, message) from None
    return read


def _decoded(text: str | bytes, max_bytes: int) -> str:
    if isinstance(text, bytes):
        size = len(text)
    else:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise AnswersError(f"These answers are longer than {max_bytes:,} bytes, the most that is read", 1, 1)
    if isinstance(text, str):
        written = text
    else:
        try:
            written = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode("utf-8", "replace")
            raise _at(before, len(before), "These answers aren't UTF-8 text from here on") from None
    written = written.removeprefix("\ufeff")
    half = re.search("[\ud800-\udfff]", written) or _escaped_half(written)
    if half is not None:
        raise _at(written, half.start(), "Half of a character (a lone surrogate) stands here")
    return written


def _escaped_half(written: str) -> re.Match[str] | None:
    r"""A ``\ud83d`` without its ``\ude00``, or the other way round."""
    if "\\u" not in written:
        return None
    for found in _ESCAPES.finditer(written):
        if found["half"]:
            return found
    return None


_ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


def _measure(written: str, max_depth: int, max_nodes: int) -> None:
    """Raise `AnswersError` when brackets go deeper, or there are more values, than allowed."""
    depth, nodes = 0, 1
    for found in _MARKS.finditer(written):
        mark = found[0]
        if mark in "[{":
            depth += 1
            nodes += 1
            if depth > max_depth:
                raise _at(
                    written, found.start(), f"Values stand inside each other more than {max_depth} deep here"
                )
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            nodes += 1
        if nodes > max_nodes:
            raise _at(
                written, found.start(), f"There are more than {max_nodes:,} values, the most that is read"
            )


def _at(written: str, offset: int, message: str) -> AnswersError:
    before = written[: max(offset, 0)]
    line = before.count("\n") + 1
    return AnswersError(message, line, len(before) - (before.rfind("\n") + 1) + 1)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _RefusedError(None, f"`{key}` is given twice in one place")
        seen.add(key)
    return made


def _no_constant(word: str) -> NoReturn:
    raise _RefusedError(word, f"{word} isn't a number that answers can hold")


def _one_number(written: str) -> int | float:
    """``100.0`` as 100: JSON has one kind of number, so an answer must not come in as either of two."""
    value = float(written)
    return int(value) if abs(value) <= MAX_WHOLE and value.is_integer() else value


def _number(make: Callable[[str], int | float]) -> Callable[[str], int | float]:
    def number(written: str) -> int | float:
        if len(written) > 100:
            raise _RefusedError(written, "A number has more than 100 digits")
        value = make(written)
        if value in (float("inf"), float("-inf")):
            raise _RefusedError(written, f"{written} is too large a number")
        return value

    return number
