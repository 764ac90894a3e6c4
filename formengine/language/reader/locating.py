"""The way back from the characters of a scalar to the characters an author wrote.

Plain text on one line means what is written. Everything else is longer in the file than in the value:
quotes, escapes, folded lines, indentation. Here the written text is read a second time, keeping the position of
each character, and only when a place inside it is asked for. YAML 1.2 sections 7.3 and 8.1 give the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from formengine.language.source import Source, Span

LocatedPiece = tuple[str, int, int]
"""A character of the value with the start and end of what is written for it, in characters of the file."""

ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
    "P": "\u2029",
}  # fmt: skip
HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
MOST_COLUMNS = 200
_BREAK = re.compile(r"\r\n|\n|\r")
_FOLD = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t]*(?:(?:\r\n|\n|\r)[ \t]*)*")
_ESCAPED_FOLD = re.compile(r"\\(?:\r\n|\n|\r)[ \t]*(?:(?:\r\n|\n|\r)[ \t]*)*")
_LINE_START = re.compile(r"(?:^|(?<=\n)|(?<=\r))( *)([^\r\n]?)")
_HEADER = re.compile(r"[|>]([+-]?)([1-9]?)([+-]?)[^\r\n]*(?:\r\n|\n|\r|$)")


def locator(text: str, source: Source, start: int, end: int, style: str) -> Callable[[int, int], Span] | None:
    """A function from a stretch of `text` to its span; None where text and file agree by the character."""
    if not style and end - start == len(text):
        return None
    known: list[list[LocatedPiece] | None] = []

    def locate(first: int, last: int) -> Span:
        if not known:
            known.append(places(text, source.text, start, end, style))
        return _span(known[0], Span(source, start, end), first, last)

    return locate


def _span(pieces: list[LocatedPiece] | None, whole: Span, first: int, last: int) -> Span:
    if pieces is None:
        return whole
    if first >= len(pieces):
        after = pieces[-1][2] if pieces else whole.start
        return Span(whole.source, after, after)
    begin = pieces[first][1]
    return Span(whole.source, begin, max(begin, pieces[last - 1][2]) if last > first else begin)


def places(text: str, written: str, start: int, end: int, style: str) -> list[LocatedPiece] | None:
    """Each character of `text` with its place in ``written[start:end]``; None when that can't be read so."""
    for candidate in _readings(written, start, end, style):
        if len(candidate) == len(text) and all(
            piece[0] == char for piece, char in zip(candidate, text, strict=True)
        ):
            return candidate
    return None


def _readings(written: str, start: int, end: int, style: str) -> Iterator[list[LocatedPiece]]:
    """The ways to read a scalar: several only for a block whose indentation is counted from its parent's."""
    if style == '"':
        yield _double_quoted(written, start + 1, end - 1)
    elif style == "'":
        yield _flow_lines(written, start + 1, end - 1, doubled="'")
    elif style in {"|", ">"}:
        header = _HEADER.match(written, start)
        if header is None:
            return
        chomping = header[1] or header[3]
        for indent in _indents(written, header.end(), explicit=bool(header[2])):
            yield _block(written, header.end(), len(written), indent, folded=style == ">", chomping=chomping)
    else:
        yield _flow_lines(written, start, end, doubled="")


def _fold(written: str, at: int, until: int) -> tuple[list[LocatedPiece], int]:
    """What a line end inside quoted or plain text means, and where the text goes on."""
    found = _FOLD.match(written, at, until)
    if found is None:
        return [], at + 1
    breaks = list(_BREAK.finditer(written, at, found.end()))
    if len(breaks) == 1:
        return [(" ", breaks[0].start(), breaks[0].end())], found.end()
    return [("\n", b.start(), b.end()) for b in breaks[1:]], found.end()


def _flow_lines(written: str, at: int, until: int, *, doubled: str) -> list[LocatedPiece]:
    pieces: list[LocatedPiece] = []
    while at < until:
        if written[at] in " \t\r\n" and _FOLD.match(written, at, until):
            more, at = _fold(written, at, until)
            pieces += more
            continue
        width = 2 if doubled and written[at] == doubled else 1
        pieces.append((written[at], at, at + width))
        at += width
    return pieces


def _double_quoted(written: str, at: int, until: int) -> list[LocatedPiece]:
    pieces: list[LocatedPiece] = []
    while at < until:
        char = written[at]
        if char in " \t\r\n" and _FOLD.match(written, at, until):
            more, at = _fold(written, at, until)
            pieces += more
        elif char != "\\":
            pieces.append((char, at, at + 1))
            at += 1
        elif (join := _ESCAPED_FOLD.match(written, at, until)) is not None:
            # An escaped line end joins the lines; empty lines after it still count.
            breaks = list(_BREAK.finditer(written, at, join.end()))
            pieces += [("\n", b.start(), b.end()) for b in breaks[1:]]
            at = join.end()
        else:
            digits = HEX_DIGITS.get(written[at + 1], 0)
            stop = at + 2 + digits
            value = chr(int(written[at + 2 : stop], 16)) if digits else ESCAPES.get(written[at + 1], "")
            pieces.append((value, at, stop))
            at = stop
    return pieces


def _indents(written: str, at: int, *, explicit: bool) -> Iterator[int]:
    """The indentations a block may have, most likely first."""
    deepest = 0
    for found in _LINE_START.finditer(written, at):
        deepest = max(deepest, len(found[1]))
        if found[2]:
            break
    yield max(deepest, 1)
    if explicit:
        yield from range(1, min(deepest, MOST_COLUMNS))


def _block(
    written: str, at: int, until: int, indent: int, *, folded: bool, chomping: str
) -> list[LocatedPiece]:
    """The characters of a literal or folded block, as `scan_block_scalar` of the YAML readers makes them."""
    pieces: list[LocatedPiece] = []
    blanks, at = _blank_lines(written, at, until, indent)
    line_break: LocatedPiece | None = None
    after_blank = False
    while _spaces(written, at, until, indent) == indent and at + indent < until:
        at += indent
        blank = written[at] in " \t"
        if line_break is not None:
            if folded and not after_blank and not blank:
                pieces += blanks or [(" ", line_break[1], line_break[2])]
            else:
                pieces += [line_break, *blanks]
        else:
            pieces += blanks
        after_blank = blank
        found = _BREAK.search(written, at, until)
        stop = found.start() if found else until
        pieces += [(written[i], i, i + 1) for i in range(at, stop)]
        line_break = ("\n", found.start(), found.end()) if found else None
        at = found.end() if found else until
        blanks, at = _blank_lines(written, at, until, indent)
        if line_break is None:
            break
    if chomping != "-" and line_break is not None:
        pieces.append(line_break)
    if chomping == "+":
        pieces += blanks
    return pieces


def _spaces(written: str, at: int, until: int, most: int) -> int:
    count = 0
    while count < most and at + count < until and written[at + count] == " ":
        count += 1
    return count


def _blank_lines(written: str, at: int, until: int, indent: int) -> tuple[list[LocatedPiece], int]:
    """The line ends of blank lines from `at`, and where the first line with text begins."""
    pieces: list[LocatedPiece] = []
    while at < until:
        text_at = at + _spaces(written, at, until, indent)
        found = _BREAK.match(written, text_at, until)
        if found is None:
            break
        pieces.append(("\n", found.start(), found.end()))
        at = found.end()
    return pieces, at
