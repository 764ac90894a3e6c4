"""What follows a colon or a dash, judged as an author means it: mostly as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from formengine.language.diagnostics import Findings
from formengine.language.reader.repair import Edit
from formengine.language.source import Source, Span

_BLOCK_HEADER = re.compile(r"[|>](?:[+-]?[1-9]?|[1-9][+-])[ \t]*(?:[ \t]#.*)?$")
_COMMENT = re.compile(r"(?:^|\s)#")
_COLON = re.compile(r":(?=\s|$)")
_PROPERTY = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|$))+")
_ALIAS = re.compile(r"\*[^\s*,\[\]{}]+\s*(?:#.*)?$")
_ODD_ESCAPE = re.compile(
    r"\\(?:[^0abt\tnvfre \"/\\N_LPxuU\r\n]"
    r"|x(?![0-9a-fA-F]{2})|u(?![0-9a-fA-F]{4}|[dD][89a-fA-F])|U(?!00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))"
)
_STARTS = {
    "*": "a star", "&": "an ampersand", "!": "an exclamation mark", "%": "a percent sign", "@": "an at sign",
    "`": "a backtick", "|": "an upright bar", ">": "a greater-than sign", ",": "a comma", "]": "a bracket",
    "}": "a brace", "-": "a dash and a space", "?": "a question mark and a space", ":": "a colon",
}  # fmt: skip
_QUOTE_MARKS = {'"': re.compile(r'\\.|"', re.DOTALL), "'": re.compile(r"''|'")}
_BRACKET_MARKS = re.compile(r"""[\[\]{}]|(?<=[ \[{,])["']|\s\#""")
_BRACKETS = {"[": "]", "{": "}"}
MOST_SHOWN = 60
MOST_LINES_OF_A_VALUE = 300


@dataclass(slots=True)
class ScannedValue:
    """A value as far as the scan needs it: where it ends, what kind it is, and how to mend it.

    `end` is the offset up to which lines belong to it; `column` that of its key or dash.
    """

    end: int
    column: int
    is_empty: bool = False
    is_plain: bool = False
    opens_block: bool = False
    edits: tuple[Edit, ...] = ()


def quoted(text: str) -> str:
    """`text` in quotes that YAML reads back as it is: double quotes where nothing in it needs an escape."""
    if '"' in text or "\\" in text:
        return single_quoted(text)
    return f'"{text}"'


def clipped(text: str) -> str:
    """`text`, without its middle where it is long."""
    return text if len(text) <= 2 * MOST_SHOWN else f"{text[:MOST_SHOWN]}…{text[-MOST_SHOWN:]}"


def single_quoted(text: str) -> str:
    """`text` in single quotes, in which only the quote itself is written twice."""
    return "'" + text.replace("'", "''") + "'"


def judge(place: ScalarPlace, findings: Findings) -> ScannedValue:
    """The value that stands at `place`; its slips are reported to `findings` and mended by its edits."""
    return _Judge(place, findings).value()


@dataclass(frozen=True, slots=True)
class ScalarPlace:
    """Where a value is judged: from `at` to the end of its line, after `key` (empty: a dash) in `column`."""

    source: Source
    text: str
    key: str
    at: int
    end: int
    column: int


class _Judge:
    def __init__(self, place: ScalarPlace, findings: Findings) -> None:
        self.place = place
        self.source = place.source
        self.text = place.text
        self.key = place.key
        self.at = place.at
        self.end = place.end
        self.column = place.column
        self.findings = findings
        self.written = place.text[place.at : place.end]

    def value(self) -> ScannedValue:
        """The value, with its slips reported and mended."""
        written = self.written
        if not written or written[0] == "#":
            return ScannedValue(self.end, self.column, is_empty=True)
        first = written[0]
        if first in "|>" and _BLOCK_HEADER.match(written):
            return ScannedValue(self.end, self.column, opens_block=True)
        if first in "\"'":
            return self._quoted(first)
        if first in _BRACKETS:
            return self._bracketed(first)
        if first in "&!" and (word := _PROPERTY.match(written)) is not None and len(word[0].strip()) > 1:
            return self._after_properties(word)
        if first == "*" and _ALIAS.match(written):
            return ScannedValue(self.end, self.column)
        if first in _STARTS and (first not in "-?:" or written[1:2] in {" ", ""}):
            return self._odd_start(first)
        return self._plain()

    def _after_properties(self, word: re.Match[str]) -> ScannedValue:
        """The value after an anchor or a tag, which the parser reports."""
        return _Judge(replace(self.place, at=self.at + word.end()), self.findings).value()

    # -- plain text

    def _plain(self) -> ScannedValue:
        comment = _COMMENT.search(self.written)
        stop = self.at + (comment.start() if comment else len(self.written))
        found = _COLON.search(self.text, self.at, stop)
        if found is None:
            return ScannedValue(self.end, self.column, is_plain=True)
        shown = self.text[self.at : stop].rstrip()
        where = f"of `{clipped(self.key)}` " if self.key else ""
        how = "at its end" if found.end() >= stop else "followed by a space"
        self._tell(
            "colon-in-text",
            f"The text {where}holds a colon {how}, which YAML reads as the end of a name",
            (found.start(), found.end()),
            "this colon",
            shown,
        )
        return self._mended(stop)

    def _odd_start(self, first: str) -> ScannedValue:
        comment = _COMMENT.search(self.written)
        stop = self.at + (comment.start() if comment else len(self.written))
        where = f"The text of `{clipped(self.key)}`" if self.key else "The text after this dash"
        self._tell(
            "odd-first-character",
            f"{where} begins with {_STARTS[first]}, which has a meaning of its own in YAML",
            (self.at, self.at + 1),
            "not read as text",
            self.text[self.at : stop].rstrip(),
        )
        return self._mended(stop)

    # -- quotes

    def _quoted(self, quote: str) -> ScannedValue:
        close = self._closing_quote(quote, self.at + 1, self.end)
        last_line_end = self.end
        if close is None:
            close, last_line_end = self._close_further_down(quote)
        if close is None:
            return self._unclosed_quote(quote)
        rest = self.text[close + 1 : last_line_end]
        if rest.strip() and not re.match(r"\s+#", rest):
            return self._text_after_quote(close, last_line_end)
        edits = self._odd_escapes(close) if quote == '"' else ()
        return ScannedValue(last_line_end, self.column, edits=edits)

    def _closing_quote(self, quote: str, at: int, end: int) -> int | None:
        for found in _QUOTE_MARKS[quote].finditer(self.text, at, end):
            if len(found[0]) == 1 and found[0] == quote:
                return found.start()
        return None

    def _close_further_down(self, quote: str) -> tuple[int | None, int]:
        """The closing quote on a later line that is indented as text of this value must be."""
        for line_start, line_end in self._lines_below():
            line = self.text[line_start:line_end]
            if line.strip() and len(line) - len(line.lstrip()) <= self.column:
                break
            close = self._closing_quote(quote, line_start, line_end)
            if close is not None:
                return close, line_end
        return None, self.end

    def _lines_below(self) -> Iterator[tuple[int, int]]:
        """Start and end of the lines below the value's first, as far as a value may reasonably go on."""
        line_end = self.end
        for _ in range(MOST_LINES_OF_A_VALUE):
            line_start = self.text.find("\n", line_end) + 1
            if not 0 < line_start < len(self.text):
                return
            found = self.text.find("\n", line_start)
            line_end = found if found >= 0 else len(self.text)
            yield line_start, line_end

    def _unclosed_quote(self, quote: str) -> ScannedValue:
        shown = self.written.rstrip()
        self.findings.add(
            "unclosed-quote",
            "This text begins with a quote that isn't closed",
            Span(self.source, self.at, self.at + 1),
            label="opened here",
            help=f"close it: {self._line_with(shown + quote)}"
            if quote == '"'
            else f"close it, or, if it is an apostrophe, write {self._line_with(quoted(shown))}",
        )
        return self._mended(self.at + len(shown))

    def _text_after_quote(self, close: int, end: int) -> ScannedValue:
        stop = self.at + len(self.text[self.at : end].rstrip())
        where = f"of `{clipped(self.key)}` " if self.key else ""
        meant = self.text[self.at : stop]
        # 'It's his': an apostrophe closed the quotes, and those around the whole text are not part of it.
        apostrophe = self.text[close - 1 : close].isalpha() and self.text[close + 1 : close + 2].isalpha()
        if apostrophe and meant.endswith(meant[0]):
            meant = meant[1:-1]
        self._tell(
            "text-after-quote",
            f"The text {where}goes on after its closing quote",
            (close + 1, stop),
            "not part of the quoted text",
            meant,
        )
        return self._mended(stop, end)

    def _odd_escapes(self, close: int) -> tuple[Edit, ...]:
        edits = []
        at = self.at + 1
        while (slash := self.text.find("\\", at, close)) >= 0:
            if _ODD_ESCAPE.match(self.text, slash):
                edits.append(Edit(slash, slash, "\\"))
            at = slash + 2
        if edits:
            first = edits[0].start
            inside = self.text[self.at + 1 : close]
            self.findings.add(
                "odd-escape",
                "Inside double quotes a backslash has a meaning of its own, and "
                f"`{self.text[first : first + 2]}` means nothing",
                Span(self.source, first, first + 2),
                label="not known",
                help=f"use single quotes: {self._line_with(single_quoted(inside))}",
            )
        return tuple(edits)

    # -- brackets

    def _bracketed(self, first: str) -> ScannedValue:
        close = self._closing_bracket()
        if close is None:
            return self._unclosed_bracket(first)
        line_end = self.text.find("\n", close)
        line_end = line_end if line_end >= 0 else len(self.text)
        rest = self.text[close + 1 : line_end]
        if rest.strip() and not re.match(r"\s+#", rest):
            return self._text_after_bracket(close, line_end, "brackets" if first == "[" else "braces")
        return ScannedValue(line_end, self.column)

    def _closing_bracket(self) -> int | None:
        """Where the bracket that opens the value is closed, on this line or on lines indented further."""
        depth, close = self._depth_after(self.at, self.end, 0)
        if close is not None:
            return close
        for line_start, line_end in self._lines_below():
            line = self.text[line_start:line_end]
            closing = line.strip()[:1] in {"]", "}"}
            if line.strip() and len(line) - len(line.lstrip(" ")) <= self.column and not closing:
                return None
            depth, close = self._depth_after(line_start, line_end, depth)
            if close is not None:
                return close
        return None

    def _depth_after(self, at: int, end: int, depth: int) -> tuple[int, int | None]:
        """How many brackets are open at `end`, and where the first one was closed, if it was."""
        quoted_to = at
        for found in _BRACKET_MARKS.finditer(self.text, at, end):
            mark = found[0]
            if found.start() < quoted_to:
                continue
            if mark in "[{":
                depth += 1
            elif mark in "]}":
                depth -= 1
                if depth == 0:
                    return 0, found.start()
            elif mark in "\"'":
                close = self._closing_quote(mark, found.end(), end)
                quoted_to = close + 1 if close is not None else found.end()
            else:
                break
        return depth, None

    def _unclosed_bracket(self, first: str) -> ScannedValue:
        kind = "bracket" if first == "[" else "brace"
        shown = self.written.rstrip()
        self.findings.add(
            "unclosed-bracket",
            f"This {kind} isn't closed",
            Span(self.source, self.at, self.at + 1),
            label="opened here",
            help=f"close it with `{_BRACKETS[first]}`; "
            f"if it is part of a text, write {self._line_with(quoted(shown))}",
        )
        return self._mended(self.at + len(shown))

    def _text_after_bracket(self, close: int, line_end: int, what: str) -> ScannedValue:
        stop = self.at + len(self.text[self.at : line_end].rstrip())
        where = f"of `{clipped(self.key)}` " if self.key else ""
        inside = self.text[self.at + 1 : close].strip()
        pipes = what == "braces" and re.fullmatch(r"\{?\s*[a-z][a-z0-9_.]*\s*\}?", inside) is not None
        name = inside.strip("{} ")
        insert = f"an answer is inserted with double round brackets, `(({clipped(name)}))`; " if pipes else ""
        self._tell(
            "text-after-bracket",
            f"The text {where}begins with {what}, which YAML reads as a list"
            if what == "brackets"
            else f"The text {where}begins with braces, which YAML reads as names and values",
            (self.at, close + 1),
            f"the {what}",
            self.text[self.at : stop],
            before=insert,
        )
        return self._mended(stop, line_end)

    # -- mending

    def _mended(self, stop: int, line_end: int | None = None) -> ScannedValue:
        """The value, put in quotes in the copy."""
        inside = self.text[self.at : stop].rstrip()
        edit = Edit(self.at, self.at + len(inside), single_quoted(" ".join(inside.split("\n"))))
        return ScannedValue(line_end if line_end is not None else self.end, self.column, edits=(edit,))

    def _line_with(self, value: str) -> str:
        """The line as it should be written, in backticks; the middle of a long one is left out."""
        shown, key = clipped(value), clipped(self.key)
        line = f"{key}: {shown}" if key else f"- {shown}"
        return f"`{line}`"

    def _tell(
        self, code: str, message: str, place: tuple[int, int], label: str, shown: str, *, before: str = ""
    ) -> None:
        if len(shown) > MOST_SHOWN or "\n" in shown:
            advice = "put the whole text in quotes"
        else:
            advice = f"put the whole text in quotes: {self._line_with(quoted(shown))}"
        self.findings.add(code, message, Span(self.source, *place), label=label, help=before + advice)
