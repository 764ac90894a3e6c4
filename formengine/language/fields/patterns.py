r"""The dialect of regular expressions that Python, Rust and JavaScript read alike, and its uses.

Allowed: characters, classes in square brackets, groups, ``|``, ``? * + {n,m}``, ``^`` and ``$``. Not
allowed, because the three disagree or take endless time: look-around, back references, ``\d \w \s \b``, a
bare full stop, flags, and a repeated group that repeats or chooses inside. The linear engine of
jsonschema-rs refuses the first two anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from formengine.language.fields.base import BLANK_CHARACTERS, Schema

MAX_PATTERN_LENGTH = 500
MAX_REPEAT = 1000
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_CONTROLS = {"t": "\t"}
# Printable ASCII: what a sample of a negated class is made from.
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def escaped(characters: str) -> str:
    r"""`characters` for the inside of a character class, each as ``\uXXXX``, which all three engines read."""
    return "".join(f"\\u{ord(character):04x}" for character in characters)


# jsonschema lets `$` match before a last line end, the other validators do not: line ends are refused apart.
LINE_END = "[\\r\\n]"
CONTROL_CHARACTER = "[\\u0000-\\u001f\\u007f]"  # line ends among them
UNSEEN_CHARACTER = "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]"  # tabs and line ends are none
NOT_BLANK = f"[^{escaped(BLANK_CHARACTERS)}]"


def whole(pattern: str) -> str:
    """`pattern` bound to the whole text."""
    return f"^(?:{pattern})$"


def line_of(pattern: str) -> Schema:
    """The schema of one line of text that `pattern` describes from its first character to its last."""
    return {"type": "string", "pattern": whole(pattern), "not": {"pattern": LINE_END}}


def any_case(word: str) -> str:
    """A pattern for `word` (letters, figures, hyphens) in capitals and small letters."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word)


@dataclass(frozen=True, slots=True)
class _Class:
    """One character out of a set; `ranges` are first and last code points."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Edge:
    """``^`` or ``$``."""


@dataclass(frozen=True, slots=True)
class _Series:
    """Parts one after the other."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of several parts."""

    branches: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A part `least` to `most` times; `most` None is without end."""

    part: _Node
    least: int
    most: int | None


_Node = _Class | _Edge | _Series | _Choice | _Repeat


class PatternError(Exception):
    """A pattern outside the dialect; `str` is the reason, a sentence for the author."""


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def take(self) -> str:
        character = self.peek()
        self.at += 1
        return character

    def choice(self) -> _Node:
        branches = [self.series()]
        while self.peek() == "|":
            self.take()
            branches.append(self.series())
        return branches[0] if len(branches) == 1 else _Choice(tuple(branches))

    def series(self) -> _Node:
        parts = []
        while self.peek() not in {"", "|", ")"}:
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else _Series(tuple(parts))

    def atom(self) -> _Node:
        character = self.take()
        match character:
            case "(":
                return self.group()
            case "[":
                return self.character_class()
            case "\\":
                return _one(self.escape(inside=False))
            case "^" | "$":
                return _Edge()
            case ".":
                raise PatternError(
                    "a full stop stands for any character; write `\\.` or a class such as `[A-Z]`"
                )
            case "*" | "+" | "?" | "{":
                raise PatternError(f"nothing stands before `{character}` to be repeated")
            case "]" | "}":
                raise PatternError(
                    f"`{character}` has no opening bracket; write `\\{character}` for the character"
                )
        return _one(ord(character))

    def group(self) -> _Node:
        if self.peek() == "?" and self.peek(2) != "?:":
            raise PatternError(
                f"`({self.peek(2)}` is not allowed: no look-ahead, look-behind, names or flags"
            )
        if self.peek(2) == "?:":
            self.at += 2
        self.depth += 1
        if self.depth > 20:
            raise PatternError("brackets stand more than 20 deep in one another")
        inner = self.choice()
        self.depth -= 1
        if self.take() != ")":
            raise PatternError("a round bracket is not closed")
        return inner

    def escape(self, *, inside: bool) -> int:
        character = self.take()
        if character in _SYNTAX or (inside and character == "-"):
            return ord(character)
        if character in _CONTROLS:
            return ord(_CONTROLS[character])
        if character == "u" and re.fullmatch("[0-9A-Fa-f]{4}", self.peek(4)):
            code_point = int(self.peek(4), 16)
            self.at += 4
            if 0xD800 <= code_point <= 0xDFFF:
                raise PatternError("half a character (`\\ud800` to `\\udfff`) cannot be matched")
            return code_point
        if character.isdigit() or character == "k":
            raise PatternError(f"`\\{character}` refers back to a group, which is not allowed")
        hint = {"d": "; write `[0-9]`", "w": "; write `[A-Za-z0-9_]`", "s": "; write a space"}.get(
            character, ""
        )
        raise PatternError(f"`\\{character}` is not allowed{hint}")

    def character_class(self) -> _Node:
        negated = self.peek() == "^"
        self.at += negated
        ranges = []
        while self.peek() != "]":
            first = self.class_member()
            if self.peek() == "-" and self.peek(2) != "-]":
                self.take()
                last = self.class_member()
                if last < first:
                    raise PatternError(f"the range `{chr(first)}-{chr(last)}` runs backwards")
                ranges.append((first, last))
            else:
                ranges.append((first, first))
        self.take()
        if not ranges:
            raise PatternError("a pair of square brackets is empty")
        return _Class(tuple(ranges), negated)

    def class_member(self) -> int:
        character = self.take()
        if not character:
            raise PatternError("a square bracket is not closed")
        if character == "\\":
            return self.escape(inside=True)
        # Some engines read these as a class in a class, or as a set operation.
        if character == "[" or (character in "&~|" and self.peek() == character):
            raise PatternError(f"`{character}` inside square brackets needs a `\\` before it")
        if character == "-" and self.peek() == "-":
            raise PatternError("`--` inside square brackets is not allowed")
        return ord(character)

    def repeated(self, part: _Node) -> _Node:
        counts = self.counts()
        if counts is None:
            return part
        least, most = counts
        if isinstance(part, _Edge):
            raise PatternError("`^` and `$` cannot be repeated")
        if self.peek() in {"?", "*", "+"} or self.counts() is not None:
            raise PatternError("a repetition is repeated; use brackets or one of them")
        if (most is None or most > 1) and _holds_freedom(part):
            raise PatternError("a repeated group repeats or chooses inside, which can take endless time")
        return _Repeat(part, least, most)

    def counts(self) -> tuple[int, int | None] | None:
        """How often the part before may occur, where a repetition is written here."""
        simple = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(self.peek())
        if simple:
            self.take()
            return simple
        if self.peek() != "{":
            return None
        found = re.compile(r"\{([0-9]{1,5})(,([0-9]{0,5}))?\}").match(self.text, self.at)
        if not found:
            raise PatternError(
                "`{` begins a repetition such as `{2}` or `{2,4}`; write `\\{` for the character"
            )
        self.at = found.end()
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if (most is not None and most < least) or max(least, most or 0) > MAX_REPEAT:
            raise PatternError(f"a repetition runs from fewer to more, up to {MAX_REPEAT} times")
        return least, most


def _one(code_point: int) -> _Class:
    return _Class(((code_point, code_point),))


def _holds_freedom(node: _Node) -> bool:
    """Whether a node repeats or chooses anywhere within."""
    match node:
        case _Choice():
            return True
        case _Repeat(part, least, most):
            return least != most or _holds_freedom(part)
        case _Series(parts):
            return any(_holds_freedom(part) for part in parts)
    return False


def _parse(pattern: str) -> _Node:
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise PatternError(f"the pattern is longer than {MAX_PATTERN_LENGTH} characters")
    reader = _Reader(pattern)
    tree = reader.choice()
    if reader.at < len(pattern):
        raise PatternError("a round bracket is closed that was not opened")
    return tree


def pattern_problem(pattern: str) -> str | None:
    """Why an author's `pattern` cannot be used, in words without capital and full stop; None when it can."""
    import jsonschema_rs

    try:
        _parse(pattern)
    except PatternError as error:
        return str(error)
    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": whole(pattern)}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except jsonschema_rs.ValidationError:
        return "the pattern is too large to be checked quickly"
    return None


def sample_of(pattern: str, random: Random, *, max_length: int | None = None) -> str:
    """A text that the whole of `pattern` describes, short rather than long."""
    tree = _parse(pattern)
    text = _sample(tree, random, extra=3)
    return text if max_length is None or len(text) <= max_length else _sample(tree, random, extra=0)


def _sample(node: _Node, random: Random, extra: int) -> str:
    match node:
        case _Class(ranges, negated):
            return _character(ranges, random, negated=negated)
        case _Edge():
            return ""
        case _Series(parts):
            return "".join(_sample(part, random, extra) for part in parts)
        case _Choice(branches):
            return _sample(random.choice(branches), random, extra)
        case _Repeat(part, least, most):
            times = random.randint(least, least + extra if most is None else min(most, least + extra))
            return "".join(_sample(part, random, extra) for _ in range(times))


def _character(ranges: tuple[tuple[int, int], ...], random: Random, *, negated: bool) -> str:
    if negated:
        free = [c for c in _PRINTABLE if not any(first <= ord(c) <= last for first, last in ranges)]
        return random.choice(free)
    return chr(random.randint(*random.choice(ranges)))
