"""The value of a key, by the kind of value the key takes: a typed value, or a finding and None."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

from formengine.language.content import Block, parse
from formengine.language.diagnostics import Findings, near
from formengine.language.fields.base import Key
from formengine.language.fields.patterns import pattern_problem
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Located, Span

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_MEANT_BOOLEANS = {
    "yes": True,
    "y": True,
    "on": True,
    "true": True,
    "no": False,
    "n": False,
    "off": False,
    "false": False,
}
_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_BRITISH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\Z")
_LONGEST_NAME = 100
_MOST_COMPARED = 300
_ENDING = re.compile(r"\.?[A-Za-z0-9]{1,12}\Z")
_LARGEST_WHOLE = 1_000_000_000
# The form on paper has room for as many entries of a list as are required.
_MOST_BLANK_ITEMS = 200
# A smaller maximum, such as of megabytes, would allow nothing.
_LEAST_MOST = 0.01

Reader = Callable[[Findings, Key, YamlNode], Any]


def empty(findings: Findings, key: Scalar, value: Scalar) -> None:
    """Report that `key` has no value."""
    if value.text == "":
        findings.add(
            "empty-value",
            f"Nothing stands behind `{key.text}:`",
            key.span,
            help="write its value after the colon or, indented, below it; or delete the line",
        )
    else:
        findings.add(
            "empty-value",
            f"`{value.text}` behind `{key.text}:` stands for nothing at all",
            value.span,
            help=f'to show the word itself, write it in quotes: "{value.text}"; else delete the line',
        )


def wrong_shape(findings: Findings, key: str, expected: str, node: YamlNode, help_text: str) -> None:
    """Report that `key` takes a value of another shape."""
    found = (
        "a list"
        if isinstance(node, Sequence)
        else "keys with values"
        if isinstance(node, MappingNode)
        else "text"
    )
    if expected.startswith(found):
        found = "something else"
    findings.add(
        "wrong-shape", f"`{key}` takes {expected}, but {found} stands here", caret(node), help=help_text
    )


def caret(node: YamlNode) -> Span:
    """A span fit for a caret: a scalar whole, of anything larger its first key or its first character."""
    if isinstance(node, Scalar):
        return node.span
    if isinstance(node, MappingNode) and node.entries:
        return node.entries[0].key.span
    return Span(node.source, node.start, node.start + 1)


def _scalar(findings: Findings, key: Key, node: YamlNode, what: str) -> Scalar | None:
    if isinstance(node, Scalar):
        return node
    wrong_shape(findings, key.name, what, node, f"write it on the same line: `{key.name}: …`")
    return None


def plain(findings: Findings, key: Key, node: YamlNode) -> str | None:
    """Text to be shown as it is, line ends as spaces."""
    made = text_with_answers(findings, key, node)
    if made is not None and "((" in made:
        _no_insertion(findings, key, node)
    return made


def _no_insertion(findings: Findings, key: Key, node: YamlNode) -> None:
    if isinstance(node, Scalar):
        at = node.text.find("((")
        findings.add(
            "insertion-not-here",
            f"An answer cannot be inserted in `{key.name}`",
            node.located.part(at, at + 2),
            help="answers can be inserted in labels, titles, hints, intros and notes",
        )


def text_with_answers(findings: Findings, key: Key, node: YamlNode) -> str | None:
    """Text that may hold ``((answers))``, line ends as spaces."""
    if not isinstance(node, Scalar):
        _scalar(findings, key, node, "one text")
        return None
    text = node.text
    if "\n" in text:
        text = " ".join(text.split())
    if not text or text.isspace():
        findings.add(
            "empty-value", f"`{key.name}` is blank", node.span, help="write the text, or delete the line"
        )
        return None
    return text


def markdown(findings: Findings, key: Key, node: YamlNode) -> tuple[Block, ...] | None:
    """The blocks of a Markdown text."""
    scalar = _scalar(findings, key, node, "one text")
    return parse(scalar.located, findings) if scalar is not None else None


def expression(findings: Findings, key: Key, node: YamlNode) -> Located | None:
    """The text of an expression, which the compiler reads."""
    scalar = _scalar(findings, key, node, "an expression such as `consent is yes`")
    return scalar.located if scalar is not None else None


def boolean(findings: Findings, key: Key, node: YamlNode) -> bool | None:
    """True or false. What is meant all the same (yes, no) is a finding, and taken as meant."""
    scalar = _scalar(findings, key, node, "`true` or `false`")
    if scalar is None:
        return None
    found = _BOOLEANS.get(scalar.text) if not scalar.style else None
    if found is not None:
        return found
    meant = _MEANT_BOOLEANS.get(scalar.text.casefold())
    fix = f"write `{key.name}: {str(meant).lower()}`" if meant is not None else "write `true` or `false`"
    if meant is None and key.name == "required":
        fix = "write `required: true`; for a condition write `required_if: …`"
    quoted = " without quotes" if scalar.style and scalar.text in _BOOLEANS else ""
    findings.add(
        "wrong-boolean",
        f"`{key.name}` is `true` or `false`{quoted}, not `{clip(scalar.text)}`",
        scalar.span,
        help=fix,
    )
    return meant


def whole_number(findings: Findings, key: Key, node: YamlNode) -> int | None:
    """A whole number from 0 on; from 1 on where the key is a maximum, or the height of a box."""
    scalar = _scalar(findings, key, node, "a whole number")
    if scalar is None:
        return None
    text = scalar.text.strip()
    if not _WHOLE.match(text):
        _no_number(findings, key, scalar, "a whole number")
        return None
    number, least = int(text), 1 if key.name.startswith("max_") or key.name == "rows" else 0
    most = _MOST_BLANK_ITEMS if key.name == "min_items" else _LARGEST_WHOLE
    if not least <= number <= most:
        findings.add(
            "number-out-of-range",
            f"`{key.name}` must be {least} or more" if number < least else f"`{key.name}` is too large",
            scalar.span,
            help=f"write a whole number from {least} to {most}",
        )
        return None
    return number


def number(findings: Findings, key: Key, node: YamlNode) -> int | float | None:
    """A number, whole or with a decimal point."""
    scalar = _scalar(findings, key, node, "a number")
    if scalar is None:
        return None
    text = scalar.text.strip()
    if not _NUMBER.match(text):
        _no_number(findings, key, scalar, "a number")
        return None
    found = float(text) if "." in text else int(text)
    if key.name.startswith("max_") and found < _LEAST_MOST:
        findings.add(
            "number-out-of-range",
            f"`{key.name}` must be {_LEAST_MOST} or more",
            scalar.span,
            help=f"write `{key.name}: 10`, or leave it out",
        )
        return None
    return found


def _no_number(findings: Findings, key: Key, scalar: Scalar, what: str) -> None:
    figures = re.sub(r"[,_ £]", "", scalar.text)
    fix = f"write `{key.name}: {figures}`" if _NUMBER.match(figures) else "write figures alone, such as `20`"
    findings.add("wrong-number", f"`{key.name}` is {what}, not `{clip(scalar.text)}`", scalar.span, help=fix)


def day(findings: Findings, key: Key, node: YamlNode) -> str | None:
    """A day as ``2026-09-01``, or "today"."""
    scalar = _scalar(findings, key, node, "a day such as `2026-09-01`")
    if scalar is None:
        return None
    text = scalar.text.strip()
    if text == "today":
        return text
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    british = _BRITISH_DAY.match(text)
    fix = "write year, month and day, such as `2026-09-01`, or `today`"
    if british:
        fix = f"write `{british[3]}-{british[2]:0>2}-{british[1]:0>2}`"
    findings.add("wrong-day", f"`{clip(text)}` is not a day as it is written here", scalar.span, help=fix)
    return None


def words(findings: Findings, key: Key, node: YamlNode) -> tuple[str, ...] | None:
    """The texts of a list; one text alone is a list of one."""
    if isinstance(node, Scalar):
        return (node.text.strip(),)
    if isinstance(node, MappingNode):
        wrong_shape(findings, key.name, "a list", node, f"write `{key.name}: [one, another]`")
        return None
    found = []
    for item in node.items:
        if isinstance(item, Scalar) and item.text.strip():
            found.append(item.text.strip())
        else:
            wrong_shape(findings, key.name, "a list of words", item, f"write `{key.name}: [one, another]`")
    return tuple(found)


def endings(findings: Findings, key: Key, node: YamlNode) -> tuple[str, ...] | None:
    """The endings of files' names, one at least; letters and figures, with or without their point."""
    found = words(findings, key, node)
    if found is None:
        return None
    wrong = next((word for word in found if not _ENDING.match(word)), None)
    if wrong is None and found:
        return found
    findings.add(
        "unknown-word",
        f"`{clip(wrong)}` is not the ending of a file's name"
        if wrong is not None
        else f"`{key.name}` is blank",
        caret(node),
        help=f"write endings such as `{key.name}: [pdf, docx, jpg]`, or leave it out",
    )
    return None


def pattern(findings: Findings, key: Key, node: YamlNode) -> str | None:
    """A regular expression in the safe dialect."""
    scalar = _scalar(findings, key, node, "a regular expression")
    if scalar is None:
        return None
    problem = pattern_problem(scalar.text)
    if problem:
        findings.add("bad-pattern", f"The pattern cannot be used: {problem}", scalar.span)
        return None
    return scalar.text


def one_of(findings: Findings, key: Key, node: YamlNode) -> str | None:
    """One of the key's words."""
    scalar = _scalar(findings, key, node, "one word")
    if scalar is None:
        return None
    if scalar.text in key.choices:
        return scalar.text
    close = similar(findings, scalar.text.replace("-", "_").replace(" ", "_"), key.choices)
    offered = ", ".join(f"`{choice}`" for choice in key.choices)
    findings.add(
        "unknown-word",
        f"`{key.name}` cannot be `{clip(scalar.text)}`",
        scalar.span,
        help=f"there is a similar word: `{close}`" if close else f"write one of {offered}",
    )
    return close


def similar(findings: Findings, name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`; None when none is close, or when there are more findings than anyone reads."""
    if findings.is_full or len(name) > _LONGEST_NAME:
        return None
    return near(name, islice(known, _MOST_COMPARED))


def clip(text: str, longest: int = 40) -> str:
    """`text` on one line, cut to `longest` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


READERS: Mapping[str, Reader | None] = {
    "text": plain,
    "template": text_with_answers,
    "markdown": markdown,
    "expression": expression,
    "boolean": boolean,
    "whole_number": whole_number,
    "number": number,
    "day": day,
    "words": words,
    "endings": endings,
    "pattern": pattern,
    "one_of": one_of,
    "special": None,
}
