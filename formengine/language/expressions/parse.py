"""From the text of an expression to its untyped tree."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from formengine.language.diagnostics import Findings
from formengine.language.expressions.syntax import Syntax, SyntaxNode
from formengine.language.source import Located

if TYPE_CHECKING:
    from lark import Lark

MAX_CHARACTERS = 4_000
MAX_DEPTH = 20

_NESTING = re.compile(r'"[^"\n]*"|[()]|\bnot\b')


def parse(text: Located, findings: Findings) -> Syntax | None:
    """The untyped tree of the expression `text`, or None when it has none and `findings` say why.

    At most `MAX_CHARACTERS` characters and `MAX_DEPTH` open brackets or repeated ``not``: what reads the tree
    later may then recurse. Never raises on any text.
    """
    from lark import UnexpectedCharacters, UnexpectedToken

    if _is_out_of_bounds(text, findings):
        return None
    try:
        root = _tree(text.text)
    except UnexpectedCharacters as error:
        # The table of slips is a few dozen patterns: only a text that cannot be read pays for it.
        from formengine.language.expressions.slips import explain_character

        explain_character(text, cast("int", error.pos_in_stream), findings)
        return None
    except UnexpectedToken as error:
        from formengine.language.expressions.slips import explain_token

        explain_token(text, error, findings)
        return None
    return Syntax(text, root)


def _is_out_of_bounds(text: Located, findings: Findings) -> bool:
    written = text.text
    if not written.strip():
        findings.add(
            "expression-empty",
            "A condition is expected here, and nothing is written",
            text.span,
            help="write a condition such as `consent is yes`, or delete the key",
        )
        return True
    if len(written) > MAX_CHARACTERS:
        findings.add(
            "expression-too-large",
            f"This expression has {len(written):,} characters; at most {MAX_CHARACTERS:,} are read",
            text.part(0, 1),
            help="give its parts names under `conditions:` and use the names here",
        )
        return True
    deep = _too_deep(written)
    if deep is None:
        return False
    findings.add(
        "expression-too-large",
        f"More than {MAX_DEPTH} brackets or `not` stand inside one another",
        text.part(deep, deep + 1),
        label="one level too many",
        help="give the inner parts names under `conditions:` and use the names here",
    )
    return True


def _too_deep(written: str) -> int | None:
    """The offset at which brackets and runs of ``not`` go deeper than `MAX_DEPTH`, or None."""
    brackets = nots = 0
    last_not_end = -1
    for found in _NESTING.finditer(written):
        word = found.group()
        if word == "(":
            brackets += 1
        elif word == ")":
            brackets -= 1
        elif word == "not":
            nots = nots + 1 if not written[last_not_end : found.start()].strip() else 1
            last_not_end = found.end()
        if brackets > MAX_DEPTH or nots > MAX_DEPTH:
            return found.start()
    return None


@lru_cache(maxsize=1024)
def _tree(written: str) -> SyntaxNode:
    """The tree of a text; forms ask the same at several questions, and a tree knows no place outside its text.

    A fast path for `benchmarks.load_form`: without the cache, loading takes up to 7 % longer.
    """
    root: SyntaxNode = parser().parse(written)  # type: ignore[assignment]  # the builder makes nodes, not lark trees
    return root


@cache
def parser() -> Lark:
    """The one parser, made at its first use: lark's import and the tables take time."""
    from formengine.language.expressions.grammar_tables import make_parser

    return make_parser()
