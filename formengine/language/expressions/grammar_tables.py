"""The parser's tables, made from ``grammar.lark`` beforehand: making them takes a fifth of a ``formengine check``.

``grammar.tables.json`` holds what lark's `Lark.save` holds, as JSON, with a digest of what it was made from. Write it
anew after a change of the grammar or of lark: ``python -m formengine.language.expressions.grammar_tables``. Tables of
another grammar, or made by another lark, are not used: the parser is then made from the grammar, as slowly as ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from formengine.language.expressions.lexer import OneLineLexer
from formengine.language.expressions.tree_builder import TreeBuilder

GRAMMAR: Final = Path(__file__).with_name("grammar.lark")
TABLES: Final = Path(__file__).with_name("grammar.tables.json")
# What JSON does not have: a mapping whose keys are numbers, its pairs under this key, and the lexer's class.
_PAIRS: Final = "pairs"
_LEXER: Final = {"class": OneLineLexer.__name__}

Options = Mapping[str, Any]  # lark's own: of any type
_OPTIONS: Final[Options] = {
    "parser": "lalr",
    "lexer": OneLineLexer,
    "keep_all_tokens": True,
    "maybe_placeholders": False,
}


def make_parser() -> Lark:
    """Return the parser of the language's expressions, from its tables where they are of this grammar and this lark."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    tables = json.loads(TABLES.read_text(encoding="utf-8"))
    if tables["made_from"] != made_from(grammar):
        return Lark(grammar, transformer=TreeBuilder(), **_OPTIONS)
    saved = _from_json(tables["saved"])
    # `Lark.load` reads nothing but pickles; the parsers that lark itself writes (lark.tools.standalone) call this.
    parser: Lark = Lark._load_from_dict(saved["data"], saved["memo"], transformer=TreeBuilder())  # type: ignore[no-untyped-call]  # noqa: SLF001
    return parser


def tables_of(grammar: str) -> str:
    """Return the text of the file of tables for `grammar`."""
    # What `Lark.save` pickles.
    data, memo = Lark(grammar, **_OPTIONS).memo_serialize([TerminalDef, Rule])
    saved = {"data": data, "memo": memo}
    return (
        json.dumps({"made_from": made_from(grammar), "saved": _to_json(saved)}, separators=(",", ":")) + "\n"
    )


def made_from(grammar: str) -> str:
    """Return the digest of all that tables depend on: the grammar and lark's version."""
    return hashlib.sha256(f"{lark.__version__}\n{grammar}".encode()).hexdigest()


def _to_json(value: object) -> Any:  # noqa: ANN401 - what lark saves, of any type
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: _to_json(item) for key, item in value.items()}
        return {_PAIRS: [[key, _to_json(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return _LEXER if value is OneLineLexer else value


def _from_json(value: object) -> Any:  # noqa: ANN401 - lark's own tables, of any type
    if value == _LEXER:
        return OneLineLexer
    if isinstance(value, dict):
        if value.keys() == {_PAIRS}:
            return {key: _from_json(item) for key, item in value[_PAIRS]}
        return {key: _from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value


if __name__ == "__main__":
    TABLES.write_text(tables_of(GRAMMAR.read_text(encoding="utf-8")), encoding="utf-8")
