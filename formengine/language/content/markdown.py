"""From an author's Markdown to blocks.

A part of CommonMark: paragraphs, headings, bold, emphasis, lists, links, hard line ends, block quotes. What
is not markup here (HTML, images, code, rules across the page) is shown as it was typed and reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from formengine.language.content.blocks import (
    Block,
    BulletList,
    Callout,
    Heading,
    Inline,
    InlineText,
    LineBreak,
    NumberedList,
    Paragraph,
)
from formengine.language.diagnostics import Findings
from formengine.language.expressions import Insert, parse_template
from formengine.language.source import Located

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 20

# Where this finds nothing, nothing is markup: no character that Markdown knows, each line begins with a letter.
_MAY_BE_MARKUP = re.compile(r"[*_`<>\[\]\\#\r]|&[#A-Za-z]|\(\(|  \n|(?:^|\n)[ \t]*[^A-Za-z\s]|\n[ \t]")
_LINK = re.compile(r"(?i:https?://|mailto:|tel:)[^\s<>]+")
_PRIVATE_USE = range(0xE000, 0xF900)
_HELP = {
    "unsupported-markup": "use paragraphs, `##` headings, **bold**, *emphasis*, lists, links and `>`",
    "unsupported-link": "begin the address with https://, http://, mailto: or tel:",
}


def parse(markdown: Located, findings: Findings | None = None) -> tuple[Block, ...]:
    """The blocks of `markdown`; what is no markup here is kept as text and reported to `findings`.

    Codes: ``unsupported-markup`` and ``unsupported-link`` (warnings), and those of `parse_template`.
    """
    text = markdown.text
    if not _MAY_BE_MARKUP.search(text):
        return tuple(_plain_paragraphs(text))
    return _Reading(markdown, Findings() if findings is None else findings).read()


def _plain_paragraphs(text: str) -> Iterable[Block]:
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", text):
        lines = [line.strip() for line in paragraph.strip().split("\n")]
        if any(lines):
            yield Paragraph((InlineText(" ".join(lines)),))


@cache
def _reader() -> MarkdownIt:
    """The Markdown reader, imported and made when it is first needed."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    # Switched off, these leave their text as it was typed. Reference definitions would swallow theirs.
    reader.disable(["html_block", "fence", "code", "lheading", "reference", "backticks"])
    # Any address is read, so that a link that leads nowhere safe is reported instead of passing as text.
    reader.validateLink = lambda url: True  # type: ignore[method-assign] # noqa: ARG005
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return reader


@dataclass(slots=True)
class _Look:
    """The style of the text at one point of a line."""

    bold: int = 0
    emphasis: int = 0
    href: str = ""


@dataclass(slots=True)
class _Reading:
    """One text on its way to blocks.

    An insertion goes through the Markdown reader as a mark: its number between two `sign` characters, which
    stand nowhere else in the text. So nothing inside an insertion is Markdown, and emphasis around one works.
    """

    markdown: Located
    findings: Findings
    sign: str = ""
    inserts: list[Insert] = field(default_factory=list)
    searched: int = 0  # findings are located from here on, so that a second <b> is not found at the first

    def read(self) -> tuple[Block, ...]:
        """The blocks of the whole text."""
        marked = self.with_marks()
        tokens = _reader().parse(marked)
        if any(token.level >= MAX_NESTING - 1 for token in tokens):
            # The reader drops what is nested deeper; so nothing of this text is taken for markup.
            self.report("unsupported-markup", "Lists and quotes are nested too deep to be read", "")
            paragraphs = re.split(r"\n(?:[ \t]*\n)+", marked)
            return tuple(
                Paragraph(self.runs_of(text.strip(), _Look())) for text in paragraphs if text.strip()
            )
        return _blocks(_Tokens(tokens), self)

    def with_marks(self) -> str:
        """The text with marks for insertions."""
        text = self.markdown.text
        if "((" not in text:
            return text
        template = parse_template(self.markdown, self.findings)
        self.sign = next(chr(code) for code in _PRIVATE_USE if chr(code) not in text)
        marked = []
        for part in template.parts:
            if isinstance(part, str):
                marked.append(part)
            else:
                marked.append(f"{self.sign}{len(self.inserts)}{self.sign}")
                self.inserts.append(part)
        return "".join(marked)

    def report(self, code: str, message: str, literal: str) -> None:
        """Report a warning at `literal` in the author's text."""
        needle = literal.partition(self.sign)[0] if self.sign else literal
        at = self.markdown.text.find(needle, self.searched)
        if not needle or at < 0:
            span = self.markdown.span
        else:
            self.searched = at + len(needle)
            span = self.markdown.part(at, self.searched)
        self.findings.add(code, message, span, severity="warning", help=_HELP[code])

    def literal(self, what: str, literal: str, look: _Look) -> tuple[Inline, ...]:
        """Something that is no markup here, as it was typed; reported."""
        self.report("unsupported-markup", f"{what} shown as it is typed", literal)
        return self.runs_of(literal, look)

    def runs_of(self, text: str, look: _Look) -> tuple[Inline, ...]:
        """`text` with its marks turned back into insertions."""
        if not text:
            return ()
        run = InlineText("", look.bold > 0, look.emphasis > 0, look.href)
        if not self.sign or self.sign not in text:
            return (replace(run, text=text),)
        pieces = re.split(f"{self.sign}([0-9]+){self.sign}", text)
        return tuple(
            replace(run, text=self.inserts[int(piece)] if place % 2 else piece)
            for place, piece in enumerate(pieces)
            if place % 2 or piece
        )

    def line(self, tokens: list[Token]) -> tuple[Inline, ...]:
        """The runs of one paragraph or heading."""
        look = _Look()
        found: list[Inline] = []
        closing = ""  # what ends a link that is shown as typed
        for token in tokens:
            match token.type:
                case "text":
                    found += self.text(token.content, look)
                case "softbreak":
                    found += self.runs_of(" ", look)
                case "hardbreak":
                    found.append(LineBreak())
                case "strong_open" | "strong_close":
                    look.bold += token.nesting
                case "em_open" | "em_close":
                    look.emphasis += token.nesting
                case "html_inline":
                    found += self.literal("HTML is", token.content, look)
                case "image":
                    found += self.literal("An image is", f"![{token.content}]({_address(token)})", look)
                case "link_open" if self.leads_somewhere(token):
                    look.href = str(token.attrs["href"])
                case "link_open":
                    bare = token.markup == "autolink"
                    closing = ">" if bare else f"]({_address(token)})"
                    found += self.runs_of("<" if bare else "[", look)
                case "link_close":
                    look.href = ""
                    found += self.runs_of(closing, look)
                    closing = ""
        return _joined(found)

    def leads_somewhere(self, token: Token) -> bool:
        """Whether a link's address is one that people may be sent to; reported when not."""
        address = str(token.attrs["href"])
        if self.sign and self.sign in address:
            self.report("unsupported-link", "An answer cannot stand in a link's address", address)
            return False
        if not _LINK.fullmatch(address):
            self.report("unsupported-link", f"`{address}` is no address of a link", address)
            return False
        return True

    def text(self, text: str, look: _Look) -> tuple[Inline, ...]:
        """Plain text; backquotes in it are reported once."""
        if "`" in text:
            self.report("unsupported-markup", "Code is shown as it is typed", "`")
        return self.runs_of(text, look)


def _address(token: Token) -> str:
    address = str(token.attrs.get("href", token.attrs.get("src", "")))
    title = token.attrs.get("title")
    return f'{address} "{title}"' if title else address


def _joined(found: list[Inline]) -> tuple[Inline, ...]:
    """The runs, neighbours of one style joined."""
    runs: list[Inline] = []
    for run in found:
        last = runs[-1] if runs else None
        if (
            isinstance(run, InlineText)
            and isinstance(last, InlineText)
            and isinstance(run.text, str)
            and isinstance(last.text, str)
            and (run.bold, run.emphasis, run.href) == (last.bold, last.emphasis, last.href)
        ):
            runs[-1] = replace(last, text=last.text + run.text)
        else:
            runs.append(run)
    return tuple(runs)


class _Tokens:
    """The reader's tokens, taken one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def take(self) -> Token | None:
        """The next token; None at the end."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        self.at += 1
        return token


def _blocks(tokens: _Tokens, reading: _Reading) -> tuple[Block, ...]:
    """The blocks up to the closing token of the block around them, which is taken too."""
    blocks: list[Block] = []
    while (token := tokens.take()) is not None and token.nesting >= 0:
        match token.type:
            case "paragraph_open":
                blocks += _paragraph(tokens, reading)
            case "heading_open":
                blocks.append(_heading(token, tokens, reading))
            case "bullet_list_open":
                blocks.append(BulletList(_items(tokens, reading)))
            case "ordered_list_open":
                blocks.append(NumberedList(_items(tokens, reading), int(token.attrs.get("start", 1))))
            case "blockquote_open":
                blocks.append(Callout(_blocks(tokens, reading)))
            case "hr":
                blocks.append(
                    Paragraph(reading.literal("A rule across the page is", token.markup[:3], _Look()))
                )
    return tuple(blocks)


def _paragraph(tokens: _Tokens, reading: _Reading) -> list[Block]:
    line = reading.line(_children(tokens))
    return [Paragraph(line)] if line else []


def _heading(opening: Token, tokens: _Tokens, reading: _Reading) -> Block:
    level = int(opening.tag[1:])
    if level == 1:
        reading.report("unsupported-markup", "The first level of headings is the page's own title", "#")
    return Heading(max(2, level), reading.line(_children(tokens)))


def _children(tokens: _Tokens) -> list[Token]:
    """The tokens of a paragraph or heading; its closing token is taken too."""
    inline = tokens.take()
    tokens.take()
    return inline.children or [] if inline is not None else []


def _items(tokens: _Tokens, reading: _Reading) -> tuple[tuple[Block, ...], ...]:
    items = []
    while (token := tokens.take()) is not None and token.type == "list_item_open":
        items.append(_blocks(tokens, reading))
    return tuple(items)
