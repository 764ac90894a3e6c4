"""Slips that YAML reads without an error and that change what people are shown: cut or swallowed text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from formengine.language.diagnostics import Findings
from formengine.language.reader.build_nodes import Tree
from formengine.language.reader.nodes import Mapping, MappingEntry, Scalar, Sequence, YamlNode
from formengine.language.reader.scalars import clipped, quoted
from formengine.language.reader.vocabulary import TEXT_MAPPINGS, WITHOUT_TEXT
from formengine.language.source import Source, Span

_FOLDED_NAME = re.compile(r"[ \t]*([a-z][a-z0-9_]*):(?=[^\s/:])")
_FOLDED_DASH = re.compile(r"[ \t]*-(?=[^\s-])")
_NAME_LINE = re.compile(r"[ \t]*(?:- )?([a-z][a-z0-9_]*):(?=\s)")
_CURLY = {"“": "”", "‘": "’", "„": "“", "«": "»"}
_CURLY_STARTS = tuple(f"{before} {quote}" for before in ":-" for quote in _CURLY)


def find_cuts(source: Source, tree: Tree, findings: Findings) -> None:
    """Report each text that isn't what its author wrote to `findings`."""
    if tree.root is None:
        return
    text = source.text
    if _has_remark_behind_text(text):
        _remarks_after_text(source, tree.root, findings)
    for scalar in tree.long_scalars:
        if not scalar.style:
            _swallowed_lines(scalar, findings)
        elif scalar.style in "\"'":
            _swallowed_names(scalar, findings)
    for braces in tree.braces:
        _cut_by_comma(braces, findings)
    if not text.isascii() and any(start in text for start in _CURLY_STARTS):
        _curly_quotes(tree.root, findings)


def _has_remark_behind_text(text: str) -> bool:
    """Whether any remark may follow something on its line; most stand on lines of their own."""
    at = text.find("#")
    while at >= 0:
        before = at
        while before > 0 and text[before - 1] in " \t":
            before -= 1
        if before > 0 and text[before - 1] != "\n":
            if before < at:
                return True
            at = text.find("#", at + 1)
        else:
            line_end = text.find("\n", at)
            at = text.find("#", line_end) if line_end >= 0 else -1
    return False


def _scalars(root: YamlNode) -> Iterator[tuple[Scalar, str, str]]:
    """Each scalar value with its key and the key above that; items of a list share its key."""
    waiting: list[tuple[YamlNode, str, str]] = [(root, "", "")]
    while waiting:
        node, key, above = waiting.pop()
        if isinstance(node, Scalar):
            yield node, key, above
        elif isinstance(node, Sequence):
            waiting += [(item, key, above) for item in reversed(node.items)]
        else:
            waiting += [(entry.value, entry.key.text, key) for entry in reversed(node.entries)]


def _remarks_after_text(source: Source, root: YamlNode, findings: Findings) -> None:
    """A ` #` that ends a value which may be text: what follows isn't part of it."""
    text = source.text
    for scalar, key, above in _scalars(root):
        after = scalar.end
        while after < len(text) and text[after] in " \t":
            after += 1
        if text[after : after + 1] != "#" or after == scalar.end or scalar.style:
            continue
        if above not in TEXT_MAPPINGS and (key in WITHOUT_TEXT or above == "conditions" or not key):
            continue
        line_end = text.find("\n", after)
        rest = text[after : line_end if line_end >= 0 else len(text)].rstrip()
        whole = f"{text[scalar.start : after]}{rest}".strip()
        findings.add(
            "hash-cuts-text",
            f"The text of `{_short(key)}` ends before ` #`, so that “{_short(rest)}” isn't shown to anyone",
            Span(source, after, after + len(rest)),
            label="not part of the text",
            help=f"if it belongs to the text, put the whole in quotes: `{clipped(quoted(whole))}`; "
            "if it is a remark, move it to a line of its own above",
        )


def _swallowed_lines(scalar: Scalar, findings: Findings) -> None:
    """A name or dash without its space, which makes its line part of the text above it."""
    lines = scalar.source.text[scalar.start : scalar.end].split("\n")
    at = scalar.start
    for number, line in enumerate(lines):
        name = _FOLDED_NAME.match(line)
        dash = _FOLDED_DASH.match(line)
        if number and name is not None:
            _tell_swallowed(scalar, findings, at + name.end(1), f"`{name[1]}: …`")
        elif dash is not None and (number or len(lines) > 1):
            _tell_swallowed(scalar, findings, at + dash.end() - 1, f"`- {_short(line[dash.end() :])}`")
        at += len(line) + 1


def _tell_swallowed(scalar: Scalar, findings: Findings, at: int, example: str) -> None:
    mark = "colon" if scalar.source.text[at] == ":" else "dash"
    findings.add(
        "no-space-after-colon" if mark == "colon" else "no-space-after-dash",
        f"There is no space after this {mark}, so this line is read as part of a text",
        Span(scalar.source, at, at + 1),
        label="a space belongs after it",
        help=f"write {example}",
    )


def _swallowed_names(scalar: Scalar, findings: Findings) -> None:
    """A quoted text over several lines that holds what looks like further lines of the form."""
    start = scalar.source.text.rfind("\n", 0, scalar.start) + 1
    first_line = scalar.source.text[start : scalar.start]
    column = len(first_line) - len(first_line.lstrip(" -"))
    at = scalar.start
    for number, line in enumerate(scalar.source.text[scalar.start : scalar.end].split("\n")):
        name = _NAME_LINE.match(line)
        if number and name is not None and len(line) - len(line.lstrip(" -")) <= column:
            findings.add(
                "unclosed-quote",
                f"This quote is closed only lines later, so that `{name[1]}:` is read as part of the text",
                Span(scalar.source, scalar.start, scalar.start + 1),
                label="opened here",
                help="close it at the end of its line",
            )
            return
        at += len(line) + 1


def _cut_by_comma(braces: Mapping, findings: Findings) -> None:
    """Names without a value inside `{ }`: a text was ended by a comma, or an answer was to be inserted."""
    source = braces.source
    bare = [_is_bare(entry) for entry in braces.entries]
    if bare and all(bare):
        inside = source.text[braces.start : braces.end]
        name = braces.entries[0].key.text
        findings.add(
            "text-after-bracket",
            f"`{_short(inside)}` stands in braces, which YAML reads as names and values",
            braces.span,
            label="not read as text",
            help=f"an answer is inserted with double round brackets: `(({_short(name)}))`"
            if len(bare) == 1
            else "if it is text, put it in quotes",
        )
        return
    for entry, next_is_bare in zip(braces.entries, bare[1:], strict=False):
        if not next_is_bare:
            continue
        following = braces.entries[braces.entries.index(entry) + 1]
        comma = source.text.rfind(",", 0, following.key.start)
        findings.add(
            "comma-cuts-text",
            f"Inside {{ }} a comma ended the text of `{_short(entry.key.text)}` before "
            f"“{_short(following.key.text)}”",
            Span(source, comma, comma + 1),
            label="this comma",
            help="write one name a line without braces, or put the text in quotes",
        )
    braces.entries = tuple(entry for entry, is_bare in zip(braces.entries, bare, strict=True) if not is_bare)


def _is_bare(entry: MappingEntry) -> bool:
    """Whether no colon follows the name."""
    value = entry.value
    if not isinstance(value, Scalar) or value.style or value.text:
        return False
    return ":" not in value.source.text[entry.key.end : value.start]


def _curly_quotes(root: YamlNode, findings: Findings) -> None:
    """Typographic quotes round a whole value: they will be shown, and they protect nothing."""
    for scalar, key, _ in _scalars(root):
        text = scalar.text
        if scalar.style or len(text) < 2 or _CURLY.get(text[0]) != text[-1] or text[0] in text[1:-1]:
            continue
        where = f"The text of `{_short(key)}`" if key else "The text"
        findings.add(
            "curly-quotes",
            f"{where} stands in typographic quotes, which become part of it",
            Span(scalar.source, scalar.start, scalar.start + 1),
            label="shown as it is",
            help=f"if they are meant to be shown, write `{clipped(quoted(text))}`; "
            f"if not, `{clipped(quoted(text[1:-1]))}`",
            severity="warning",
        )


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 40 else f"{one_line[:39]}…"
