"""The expression language: its grammar, its typed tree, and what is made of a tree.

`parse` reads the text, `check` gives it a meaning, and a tree then becomes a Python function (`build`), JSON
for the browser (`to_json`), a tree with fewer answers (`fold`), English (`sentence`) or the author's own
words (`to_text`).
"""

from __future__ import annotations

from formengine.expressions.build import Evaluate, build
from formengine.expressions.check import check
from formengine.expressions.operands import operands
from formengine.expressions.parse import parse
from formengine.expressions.syntax import LANGUAGE_WORDS, RESERVED_IDS, Syntax
from formengine.expressions.text import to_text
from formengine.expressions.today import Today

__all__ = [
    "LANGUAGE_WORDS",
    "RESERVED_IDS",
    "Evaluate",
    "Syntax",
    "Today",
    "build",
    "check",
    "operands",
    "parse",
    "to_text",
]
