"""Docstrings use the ordinary verbs of the field: "Record X.", not "Nothing; X is kept."."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import formengine

PACKAGE = Path(formengine.__file__).parent
DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# What a docstring must not begin with: what comes back, or what is done, comes first.
BEGINNING = re.compile(r"(Nothing[;:]|(Told|Said|Let go)\b)")
# Words for which the field says again, delete, close, release.
DIALECT = re.compile(r"\b(afresh|let(s|ting)?\s+go\s+of)\b", re.IGNORECASE)


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring, those under an attribute or a constant among them."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, DEFINITIONS):
            continue
        for statement in node.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = statement.value.value
                if isinstance(text, str):
                    yield statement.lineno, text


@cache
def of_package() -> tuple[tuple[str, str], ...]:
    """Place, such as ``form/state/state.py:21``, and text of each docstring of formengine."""
    return tuple(
        (f"{path.relative_to(PACKAGE).as_posix()}:{line}", text.strip())
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, text in docstrings(path.read_text(encoding="utf-8"))
    )


def test_docstrings_begin_with_what_is_done_or_comes_back() -> None:
    assert [place for place, text in of_package() if BEGINNING.match(text)] == []


def test_docstrings_use_the_verbs_of_the_field() -> None:
    assert [place for place, text in of_package() if DIALECT.search(text)] == []


def test_a_docstring_is_found_wherever_one_can_stand() -> None:
    source = '"""One."""\nX = 1\n"""Two."""\nclass A:\n    """Three."""\n    y: int\n    """Four."""\n'
    source += '    async def b(self):\n        """Five."""\n        return "Six."\n'
    assert sorted(text for _, text in docstrings(source)) == ["Five.", "Four.", "One.", "Three.", "Two."]


def test_the_dialect_is_recognised() -> None:
    assert BEGINNING.match("Nothing; the entry is kept.")
    assert BEGINNING.match("Told to whoever asks.")
    assert not BEGINNING.match("Nothingness is not meant.")
    assert DIALECT.search("It lets\n    go of the file.")
    assert DIALECT.search("Drawn afresh.")
    assert not DIALECT.search("It lets people go on.")
