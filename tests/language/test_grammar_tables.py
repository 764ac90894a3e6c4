"""The parser's tables are those of the grammar that is read beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from formengine.language.expressions import grammar_tables
from formengine.language.expressions.grammar_tables import GRAMMAR, TABLES, made_from, make_parser

# One of each rule's words.
TEXTS = (
    "not (consent is yes) and child.name is answered or urgent is one of a, b",
    'notes includes "x" and notes does not include y and postcode starts with CT',
    "any of people where (born is on or after 2010-01-01 and age is at most 3)",
    "count of people where (age is more than 3) is less than 4 and born is before 2 weeks ago",
)


def test_the_tables_are_made_from_the_grammar_by_this_lark() -> None:
    # After a change of either: python -m formengine.language.expressions.grammar_tables
    tables = json.loads(TABLES.read_text(encoding="utf-8"))
    assert tables["made_from"] == made_from(GRAMMAR.read_text(encoding="utf-8"))


def test_a_parser_from_tables_is_the_parser_of_the_grammar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_tables = make_parser()
    stale = tmp_path / "tables.json"
    stale.write_text('{"made_from": "another grammar", "saved": null}', encoding="utf-8")
    monkeypatch.setattr(grammar_tables, "TABLES", stale)
    from_grammar = make_parser()
    assert from_tables.source_path == "<deserialized>"
    assert from_grammar.source_path != "<deserialized>"
    assert [from_tables.parse(text) for text in TEXTS] == [from_grammar.parse(text) for text in TEXTS]
    assert from_tables.rules == from_grammar.rules
    assert {str(terminal) for terminal in from_tables.terminals} == {
        str(terminal) for terminal in from_grammar.terminals
    }


def test_a_changed_grammar_is_not_read_by_the_tables_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "grammar.lark"
    changed.write_text(
        GRAMMAR.read_text(encoding="utf-8").replace('?unary: "not"', '?unary: "never"'), encoding="utf-8"
    )
    monkeypatch.setattr(grammar_tables, "GRAMMAR", changed)
    assert "NEVER" in {terminal.name for terminal in make_parser().terminals}
