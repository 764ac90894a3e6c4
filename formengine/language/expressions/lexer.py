"""The words of an expression: what lark's basic lexer finds, with one regular expression made for this grammar.

A definition holds hundreds of short expressions, and lark's own lexer, which counts lines and serves any grammar, takes
half the time of reading one. Imported with the parser, when the first expression is read.

A fast path for `benchmarks.load_form`: with lark's own lexer, loading a bundled form takes 6 to 9 % longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lark import Token, UnexpectedCharacters
from lark.lexer import Lexer, PatternStr

if TYPE_CHECKING:
    from lark.common import LexerConf
    from lark.lexer import LexerState, TerminalDef


class OneLineLexer(Lexer):
    """Splits a text into the grammar's terminals; a WORD that is one of the language's own is that terminal."""

    __future_interface__ = 2  # lark's name for a lexer that is handed its state, not the bare text

    def __init__(self, conf: LexerConf) -> None:
        word = re.compile(next(t for t in conf.terminals if t.name == "WORD").pattern.to_regexp())
        own = {
            t for t in conf.terminals if isinstance(t.pattern, PatternStr) and word.fullmatch(t.pattern.value)
        }
        self.own_words = {terminal.pattern.value: terminal.name for terminal in own}
        ignored = "|".join(t.pattern.to_regexp() for t in conf.terminals if t.name in conf.ignore)
        others = sorted((t for t in conf.terminals if t not in own and t.name not in conf.ignore), key=_turn)
        tokens = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in others)
        # Nothing but ignored characters is a match, too, of no group: that is where the text ends or is no token.
        self.match = re.compile(f"(?:{ignored})*(?:{tokens})?").match

    def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:  # noqa: ARG002 - of the base
        """The tokens of the whole text; raises lark's UnexpectedCharacters at what is none."""
        text: str = lexer_state.text.text
        at, match, own_words = 0, self.match, self.own_words
        while (found := match(text, at)) is not None:
            at, kind = found.end(), found.lastgroup
            if kind is None:
                break
            value = found[kind]
            yield Token(own_words.get(value, kind), value, at - len(value), end_pos=at)
        if at < len(text):
            raise UnexpectedCharacters(text, at, 1, at + 1)  # type: ignore[no-untyped-call]


def _turn(terminal: TerminalDef) -> tuple[int, int, int, str]:
    """The order in which lark tries terminals: by priority, then the longest first."""
    pattern = terminal.pattern
    return (-terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name)
