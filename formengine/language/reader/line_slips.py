"""The usual slips, found line by line and mended in a copy, so that the rest of the file can be checked.

This runs only when the parser has stopped, or when something in the text is never right (a tab in front of a
line). It follows the block structure of YAML just far enough to know which lines are structure and which are
text inside a block, a quoted text or brackets; `formengine.language.reader.scalars` judges what follows a colon or a
dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from formengine.language.diagnostics import Findings
from formengine.language.reader.repair import Edit
from formengine.language.reader.scalars import ScalarPlace, ScannedValue, clipped, judge
from formengine.language.reader.vocabulary import WITH_TEXT, WITHOUT_TEXT
from formengine.language.source import Source, Span

MOST_LINES = 25_000
MOST_FINDINGS = 100

_DASH = re.compile(r"-(?=[ \t]|\r?$)[ \t]*")
_COLON = re.compile(r":(?=[ \t]|\r?$)")
_QUOTED_KEY = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*')[ \t]*(?=:)""")
_NOT_A_NAME = frozenset("[]{}|>@`%&*!,#\"'")
_TIGHT_KEY = re.compile(r"([a-z][a-z0-9_]*):(?=[^\s:/])(?!\d\d\b)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# A no-break space in front of a line's first dash or name, or after either, where YAML wants a space.
_NO_BREAK_SPACE = re.compile("[ \xa0]*(?:-[ \xa0]+)*(?=[\\w\"'-])(?:\\w+:[ \xa0]+)?")
_NAMED_START = re.compile(r"[a-z][a-z0-9_]*:(?:\s|$)")


@dataclass(slots=True)
class _Block:
    """An open mapping or list: the column in which its keys or dashes stand."""

    column: int
    is_list: bool


def scan(source: Source, text: str, findings: Findings) -> list[Edit]:
    """The edits that mend the usual slips of `text`; each slip is reported to `findings`."""
    return _Scan(source, text, findings).run()


class _Scan:
    def __init__(self, source: Source, text: str, findings: Findings) -> None:
        self.source = source
        self.text = text
        self.findings = findings
        self.limit = len(findings.found) + MOST_FINDINGS
        self.edits: list[Edit] = []
        self.blocks: list[_Block] = []
        # The last line opened a place for a list or for names: `fields:`, a lone dash, the start of the file.
        self.expecting = True
        # Lines indented this far are text of a block; -1 where no block is open.
        self.text_from_column = -1
        self.value: ScannedValue | None = None  # what the last structural line ended with
        self.moved = (-1, -1)  # the column of the last line out of place, and the column it was moved to
        self.in_tabs = False  # the line above began with a tab, and that is reported
        self.tab_columns: dict[str, int] = {}  # the column that each indentation with tabs was taken for
        self.skip_to = 0  # the offset up to which the text belongs to a value already judged

    def run(self) -> list[Edit]:
        """The edits, in file order."""
        at = 0
        for _ in range(MOST_LINES):
            if at > len(self.text) or len(self.findings.found) >= self.limit:
                break
            end = self.text.find("\n", at)
            end = end if end >= 0 else len(self.text)
            if at >= self.skip_to:
                self._line(at, end)
            at = end + 1
        return self.edits

    def _line(self, start: int, end: int) -> None:
        line = self.text[start:end].rstrip()
        body = line.lstrip(" ")
        column = len(line) - len(body)
        if not body:
            return
        if self.text_from_column >= 0:
            if column >= self.text_from_column or (body[0] == "\t" and self._tab_in_block(start, line)):
                return
            self.text_from_column = -1
        if "\xa0" in line:
            line = self._unbreak(start, line)
            body = line.lstrip(" ")
            column = len(line) - len(body)
        if body[0] == "\t":
            body, column = self._untab(start, line)
            if not body:
                return
        else:
            self.in_tabs = False
        if body[0] == "#" or (column == 0 and body.startswith(("---", "..."))):
            return
        if column == 0 and body[0] == "%":
            self._percent_line(start, start + len(line))
            return
        self._structure(start, start + len(line) - len(body), start + len(line), column)

    def _unbreak(self, start: int, line: str) -> str:
        """The line with ordinary spaces where YAML needs them."""
        found = _NO_BREAK_SPACE.match(line)
        at = found[0].find("\xa0") if found else -1
        if found is None or at < 0:
            return line
        self._add(
            "no-break-space",
            "A no-break space stands where an ordinary space is needed",
            start + at,
            start + at + 1,
            label="looks like a space, but is another character",
            help="delete it and press the space bar; text copied from web pages and Word often brings "
            "it along",
        )
        mended = found[0].replace("\xa0", " ")
        self.edits += [
            Edit(start + i, start + i + 1, " ") for i, char in enumerate(found[0]) if char == "\xa0"
        ]
        self.text = f"{self.text[:start]}{mended}{self.text[start + len(mended) :]}"
        return mended + line[len(mended) :]

    def _percent_line(self, start: int, end: int) -> None:
        """A directive; the parser reports those in front of the form."""
        if self.blocks:
            self._add(
                "yaml-directive",
                "A line that begins with % is an instruction to YAML readers, which forms don't use",
                start,
                start + 1,
                label="not read as text",
                help="delete the line; if it is text, it belongs after a name such as `text:`",
            )
            self.edits.append(Edit(start, end, ""))

    def _tab_in_block(self, start: int, line: str) -> bool:
        """Whether a line with a tab is more text of the open block; if so, it is reported and mended."""
        body = line.lstrip(" \t")
        if _NAMED_START.match(body) or _DASH.match(body):
            return False
        self._untab(start, line, column=self.text_from_column)
        return True

    def _untab(self, start: int, line: str, *, column: int | None = None) -> tuple[str, int]:
        """The line without its leading white space, and the column it is taken to stand in."""
        body = line.lstrip(" \t")
        indent = line[: len(line) - len(body)]
        if not body or body[0] == "#":
            self.edits.append(Edit(start, start + len(line), ""))
            return "", 0
        tab = start + indent.index("\t")
        if not self.in_tabs:
            self._add(
                "tab-indent",
                "A tab stands in front of this line; YAML lines are indented with spaces",
                tab,
                tab + 1,
                label="a tab",
                help="replace it with spaces, two for each level, here and in the lines that follow",
            )
        if column is None:
            column = self._tabbed_column(indent, body)
        self.in_tabs = True
        self.tab_columns[indent] = column
        self.edits.append(Edit(start, start + len(indent), " " * column))
        return body, column

    def _tabbed_column(self, indent: str, body: str) -> int:
        """The column that fits best: one level further in where that is due, else a place that is open."""
        here = self.blocks[-1].column if self.blocks else 0
        if self.expecting:
            return here + 2 if self.blocks else 0
        is_list = _DASH.match(body) is not None
        fitting = [block.column for block in self.blocks if block.is_list == is_list]
        if self.in_tabs and self.tab_columns.get(indent) in fitting:
            return self.tab_columns[indent]
        # Among tabs one stands for a level; among spaces it was typed to line up with them.
        for width in (2, 4, 8) if self.in_tabs else (4, 8, 2):
            wide = len(indent.replace("\t", " " * width))
            if wide in fitting:
                return wide
        wide = len(indent.replace("\t", "  "))
        return min(fitting, key=lambda column: (abs(column - wide), -column)) if fitting else here

    # -- structure

    def _structure(self, line_start: int, at: int, end: int, column: int) -> None:
        """One line that is not inside a block of text: dashes, then a key or a value."""
        if self._continues(at, end, column):
            return
        shift = column - (at - line_start)
        dash = _DASH.match(self.text, at, end)
        if dash is None and self._tight_dash(at, end):
            self._enter(at, end, line_start, column, is_list=True)
            self._item(at + 1, end, at + 1 + shift + 1 - line_start, column)
            return
        column = self._enter(at, end, line_start, column, is_list=dash is not None)
        while dash is not None:
            inner = column + dash.end() - dash.start()
            at = dash.end()
            if at >= end:
                self.expecting, self.value = True, None
                return
            dash = _DASH.match(self.text, at, end)
            if dash is not None:
                column = inner
                self.blocks.append(_Block(column, is_list=True))
            else:
                self._item(at, end, inner, column)
                return
        self._key_line(at, end, column)

    def _item(self, at: int, end: int, inner: int, dash_column: int) -> None:
        """What follows a dash: the first name of a mapping, or a value."""
        if self._is_key(at, end):
            self.blocks.append(_Block(inner, is_list=False))
            self._key_line(at, end, inner)
        else:
            self._judge("", at, end, dash_column)

    def _is_key(self, at: int, end: int) -> bool:
        return self._colon(at, end) >= 0 or _TIGHT_KEY.match(self.text, at, end) is not None

    def _colon(self, at: int, end: int) -> int:
        """The offset of the colon after the name that begins at `at`; -1 where none begins."""
        text = self.text
        quoted_key = _QUOTED_KEY.match(text, at, end)
        found = _COLON.search(text, quoted_key.end() if quoted_key else at, end)
        if found is None or found.start() == at:
            return -1
        if quoted_key is not None:
            return found.start() if found.start() == quoted_key.end() else -1
        if text[at] in _NOT_A_NAME or " #" in text[at : found.start()]:
            return -1
        return found.start()

    def _key_line(self, at: int, end: int, column: int) -> None:
        tight = _TIGHT_KEY.match(self.text, at, end)
        if tight is not None:
            self._tell_tight_key(tight)
            self._judge(tight[1], tight.end(), end, column)
            return
        colon = self._colon(at, end)
        if colon < 0:
            self._no_key(at, end)
            return
        value_at = colon + 1
        while value_at < end and self.text[value_at] in " \t":
            value_at += 1
        self._judge(self.text[at:colon].strip(" \t\"'"), value_at, end, column)

    def _judge(self, key: str, at: int, end: int, column: int) -> None:
        """The value after a key or dash in `column`, which may go on over the next lines."""
        value = judge(ScalarPlace(self.source, self.text, key, at, end, column), self.findings)
        self.edits += value.edits
        self.value = value
        self.skip_to = value.end
        self.expecting = value.is_empty
        if value.opens_block:
            self.text_from_column = column + 1

    def _continues(self, at: int, end: int, column: int) -> bool:
        """Whether the line goes on with the text of the line above."""
        value = self.value
        if value is None or value.is_empty or not value.is_plain:
            return False
        if not self.blocks or column <= value.column:
            return False
        if _NAMED_START.match(self.text, at, end) or _TIGHT_KEY.match(self.text, at, end):
            return False
        found = _COLON.search(self.text, at, end)
        if found is not None:
            self._add(
                "colon-in-text",
                "This line goes on with the text above it, and holds a colon followed by a space",
                found.start(),
                found.start() + 1,
                label="read as the end of a name",
                help="put the whole text in quotes, or write it as a block: `text: |` with the lines below "
                "it",
            )
            self.edits.append(Edit(at, end, ""))
        return True

    def _enter(self, at: int, end: int, line_start: int, column: int, *, is_list: bool) -> int:
        """The column in which the line counts, once the blocks that it closes are closed."""
        before = [(block.column, block.is_list) for block in self.blocks]
        while self.blocks and self.blocks[-1].column > column:
            self.blocks.pop()
        top = self.blocks[-1] if self.blocks else None
        opened = self.expecting and len(self.blocks) == len(before)
        if top is not None and top.column == column:
            if top.is_list == is_list:
                self.moved = (-1, -1)
                return column
            if is_list and opened:
                self.blocks.append(_Block(column, is_list=True))
                return column
            if not is_list and len(self.blocks) > 1 and self.blocks[-2] == _Block(column, is_list=False):
                self.blocks.pop()
                return column
        elif opened or not before:
            self.blocks.append(_Block(column, is_list))
            return column
        return self._out_of_line(at, end, line_start, column, before, is_list=is_list)

    def _out_of_line(
        self,
        at: int,
        end: int,
        line_start: int,
        column: int,
        before: list[tuple[int, bool]],
        *,
        is_list: bool,
    ) -> int:
        """The nearest column in which such a line may begin; the line is moved there in the copy."""
        places = [known for known, known_list in before if known_list == is_list]
        if not places or (not is_list and not self._is_key(at, end)):
            self.blocks = [_Block(known, known_list) for known, known_list in before]
            return column
        best = min(places, key=lambda known: (abs(known - column), -known))
        self.blocks = [_Block(known, known_list) for known, known_list in before]
        while self.blocks and (self.blocks[-1].column > best or self.blocks[-1] != _Block(best, is_list)):
            self.blocks.pop()
        self.edits.append(Edit(line_start, at, " " * best))
        if self.moved == (column, best):
            return best
        self.moved = (column, best)
        what = "dash" if is_list else "name"
        self._add(
            "wrong-indent",
            f"This line begins in column {column + 1}, where no {what} can stand",
            at,
            end,
            label=f"the {what} above that it seems to belong with begins in column {best + 1}",
            help=f"{_spaces_in_front(best)}; lines that belong together begin in the same column",
        )
        return best

    # -- slips of keys and dashes

    def _tight_dash(self, at: int, end: int) -> bool:
        """Whether a dash without a space begins an item here; if so, it is reported and mended."""
        text = self.text
        if text[at] != "-" or at + 1 >= end or not (text[at + 1].isalpha() or text[at + 1] in "\"'(["):
            return False
        self._add(
            "no-space-after-dash",
            "There is no space after this dash, so it isn't read as the start of an item",
            at,
            at + 1,
            label="a space belongs after it",
            help=f"write `- {text[at + 1 : min(end, at + 21)]}`",
        )
        self.edits.append(Edit(at + 1, at + 1, " "))
        return True

    def _tell_tight_key(self, tight: re.Match[str]) -> None:
        colon = tight.end() - 1
        self._add(
            "no-space-after-colon",
            f"There is no space after the colon of `{tight[1]}`, so it isn't read as a name",
            colon,
            colon + 1,
            label="a space belongs after it",
            help=f"write `{tight[1]}: …`",
        )
        self.edits.append(Edit(colon + 1, colon + 1, " "))

    def _no_key(self, at: int, end: int) -> None:
        """A line where a name and a colon are due, and there is none; it is reported and left out of the copy."""
        if self.text[at] in "[{\"'":
            reported = len(self.findings.found)
            self._judge("", at, end, 0)
            if len(self.findings.found) == reported:
                return
            self.edits.append(Edit(at, end, ""))
            self.value, self.expecting = None, False
            return
        written = self.text[at:end]
        name = _NAME.match(written)
        if name is not None and name[0] in WITH_TEXT | WITHOUT_TEXT and written[name.end() :].startswith(" "):
            self._forgotten_colon(at, end, at + name.end())
            return
        bare = f"`{written}`" if len(written) <= 40 else "This line"
        self._add(
            "no-colon",
            f"{bare} stands where a name and a colon are due",
            at,
            end,
            label="no colon here",
            help="write a name and a colon in front of it, such as `label: …`; "
            "if it is more of the text above, indent it further than that line",
        )
        self.edits.append(Edit(at, end, ""))
        self.value, self.expecting = None, False

    def _forgotten_colon(self, at: int, end: int, name_end: int) -> None:
        """A line such as `label Your name`; the colon is put in."""
        name, rest = self.text[at:name_end], self.text[name_end:end].strip()
        self._add(
            "no-colon",
            f"`{name}` stands here without a colon after it",
            at,
            name_end,
            label="a colon belongs after it",
            help=f"write `{name}: {clipped(rest)}`",
        )
        self.edits.append(Edit(name_end, name_end, ":"))
        self._judge(name, end - len(rest), end, 0)

    def _add(self, code: str, message: str, start: int, end: int, *, label: str = "", help: str = "") -> None:  # noqa: A002
        self.findings.add(code, message, Span(self.source, start, end), label=label, help=help)


def _spaces_in_front(count: int) -> str:
    if count == 0:
        return "begin it at the very start of the line"
    return f"put {count} space{'' if count == 1 else 's'} in front of it"
