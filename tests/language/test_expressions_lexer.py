"""The lexer of expressions finds what lark's own would find."""

from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st
from lark import Lark, UnexpectedCharacters

from formengine.language.expressions.parse import parser

GRAMMAR = files("formengine.language.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
BASIC = Lark(GRAMMAR, parser="lalr", lexer="basic", keep_all_tokens=True, maybe_placeholders=False)
PIECES = [
    *(
        "is",
        "not",
        "of",
        "one",
        "ones",
        "today",
        "child.born",
        "weeks",
        "3weeks",
        "A1",
        "_",
        "-",
        ".",
        ",",
        "(",
    ),
    *(
        ")",
        '"',
        '"two words"',
        "2026-09-01",
        "2026-09-0",
        "2026-09-011",
        "12:30",
        "12:300",
        "1:2",
        "-5",
        "3.5",
    ),
    *(" ", "\n", "\t", "\u00a0", "é", "@", "007", "1.", "--1"),
]


def tokens(lark: Lark, text: str) -> object:
    """Each token with its place; or where the first character stands that is none, and which it is."""
    try:
        return [(token.type, str(token), token.start_pos, token.end_pos) for token in lark.lex(text)]
    except UnexpectedCharacters as error:
        return error.pos_in_stream, error.char


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_every_text_has_the_tokens_of_larks_own_lexer(text: str) -> None:
    assert tokens(parser(), text) == tokens(BASIC, text)
