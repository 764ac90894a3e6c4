"""Findings as text for a terminal: the author's own line with a caret beneath it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from formengine.language.diagnostics.diagnostic import Diagnostic
from formengine.language.source import Span

TAB_WIDTH = 4
MOST_COLUMNS = 100
"""The widest piece of a line that is shown; a longer line is cut round its caret."""
MOST_LINES = 3
"""A span over more lines shows its first and its last."""
CUT = "…"


def render_text(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings, each as a block, with a blank line between; empty when there are none."""
    return "\n".join(render_one(diagnostic) for diagnostic in diagnostics)


def render_one(diagnostic: Diagnostic) -> str:
    """One finding, ending in a line end."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {_visible(diagnostic.message)}"]
    spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
    gutter = max(len(str(_last_line(span))) for span in spans)
    lines += _place(diagnostic.span, diagnostic.label, gutter, "-->")
    for related in diagnostic.related:
        lines += _place(related.span, related.note, gutter, ":::")
    if diagnostic.help:
        lines.append(f"{' ' * gutter} = help: {_visible(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def _last_line(span: Span) -> int:
    return span.source.position(max(span.start, span.end - 1))[0]


def _place(span: Span, label: str, gutter: int, arrow: str) -> list[str]:
    """The lines that show a span: file and position, then its source lines with carets."""
    margin = " " * gutter
    if not span.source.text:
        return [f"{margin}{arrow} {_visible(span.source.name)}"]
    first, column = span.source.position(span.start)
    last = _last_line(span)
    lines = [f"{margin}{arrow} {_visible(span.source.name)}:{first}:{column}", f"{margin} |"]
    shown = range(first, last + 1) if last - first < MOST_LINES else (first, 0, last)
    for number in shown:
        if number == 0:
            lines.append(f"{'.' * gutter} |")
            continue
        text = span.source.line(number)
        line_start = span.source.line_starts[number - 1]
        begin = max(span.start - line_start, 0)
        end = min(span.end - line_start, len(text))
        if number != first:
            begin = len(text) - len(text.lstrip())
        text, before, carets = _around(text, begin, max(end, begin))
        lines.append(f"{number:>{gutter}} | {text}".rstrip())
        note = f" {_visible(label)}" if label and number == last else ""
        lines.append(f"{margin} | {' ' * before}{'^' * carets}{note}")
    return lines


def _around(line: str, begin: int, end: int) -> tuple[str, int, int]:
    """The line as shown, the columns before the caret, and the number of carets.

    Long lines lose their ends.
    """
    cut_before = max(begin - 4 * MOST_COLUMNS, 0) if len(line) > 16 * MOST_COLUMNS else 0
    cut_after = len(line) > cut_before + 16 * MOST_COLUMNS
    line = line[cut_before : cut_before + 16 * MOST_COLUMNS]
    begin, end = begin - cut_before, min(end - cut_before, len(line))
    cells = [_cell(char) for char in line]
    cells = _with_tabs(line, cells)
    widths = [width_of(cell) for cell in cells]
    first, last = _window(widths, begin, end)
    shown = "".join(cells[first:last])
    before = sum(widths[first:begin])
    carets = max(sum(widths[begin : min(end, last)]), 1)
    if first or cut_before:
        shown, before = f"{CUT}{shown}", before + 1
    if last < len(cells) or cut_after:
        shown += CUT
    return shown, before, carets


def _window(widths: list[int], begin: int, end: int) -> tuple[int, int]:
    """The first and last-but-one character to show so that the caret's start is in sight."""
    if sum(widths) <= MOST_COLUMNS:
        return 0, len(widths)
    room = MOST_COLUMNS - 2
    wanted = min(sum(widths[begin:end]), room * 2 // 3)
    first, used = begin, wanted
    while first > 0 and used + widths[first - 1] <= (room + wanted) // 2:
        first -= 1
        used += widths[first]
    last, used = first, 0
    while last < len(widths) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    while first > 0 and used + widths[first - 1] <= room:
        first -= 1
        used += widths[first]
    return first, last


def _with_tabs(line: str, cells: list[str]) -> list[str]:
    if "\t" not in line:
        return cells
    column = 0
    for at, char in enumerate(line):
        if char == "\t":
            cells[at] = " " * (TAB_WIDTH - column % TAB_WIDTH)
        column += width_of(cells[at])
    return cells


def _cell(char: str) -> str:
    """The character as a terminal may show it: control characters, which could move the cursor, as a sign."""
    if char == "\t" or char.isprintable():
        return char
    if char < " ":
        return chr(0x2400 + ord(char))
    return " " if char == "\xa0" else "\ufffd"


def _visible(text: str) -> str:
    """A message on one line, without characters that a terminal obeys."""
    return "".join(" " if char in "\r\n\t" else _cell(char) for char in text)


def width_of(text: str) -> int:
    """The number of terminal columns of `text` (Unicode Standard Annex 11; combining marks take none)."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
