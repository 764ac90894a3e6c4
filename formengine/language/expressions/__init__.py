"""The expression language: its grammar, its typed tree, and the back ends.

`parse` reads the text, `check` gives it a meaning, and a tree then becomes a Python function (`build`), JSON
for the browser (`to_json`), a tree that reads fewer answers (`fold`), English (`sentence`) or the author's
own words (`to_text`). `parse_template` reads the answers named in a text.
"""

from __future__ import annotations

from formengine.language.expressions.ast import Expr, Kind, ListOperand, Operand, RelativeDay
from formengine.language.expressions.build import Evaluate, Truth, Values, build
from formengine.language.expressions.check import check
from formengine.language.expressions.fold import OpenKeys, decided_by, fold
from formengine.language.expressions.operands import operands
from formengine.language.expressions.parse import parse
from formengine.language.expressions.scope import CheckedCondition, Found, NotReadable, Scope
from formengine.language.expressions.sentence import ENGLISH, sentence
from formengine.language.expressions.syntax import LANGUAGE_WORDS, RESERVED_IDS, Syntax
from formengine.language.expressions.template import Insert, Template, parse_template
from formengine.language.expressions.today import Today
from formengine.language.expressions.tree_json import TREE_VERSION, from_json, to_json
from formengine.language.expressions.unparse import to_text

__all__ = [
    "ENGLISH",
    "LANGUAGE_WORDS",
    "RESERVED_IDS",
    "TREE_VERSION",
    "CheckedCondition",
    "Evaluate",
    "Expr",
    "Found",
    "Insert",
    "Kind",
    "ListOperand",
    "NotReadable",
    "OpenKeys",
    "Operand",
    "RelativeDay",
    "Scope",
    "Syntax",
    "Template",
    "Today",
    "Truth",
    "Values",
    "build",
    "check",
    "decided_by",
    "fold",
    "from_json",
    "operands",
    "parse",
    "parse_template",
    "sentence",
    "to_json",
    "to_text",
]
