"""The documentation and the examples use the public interface, and the page about it lists all of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import formengine
from tests.support.docs_pages import CHECKOUT, DOCS, PAGES, text_of

EXAMPLES = sorted((CHECKOUT / "examples").glob("*.py"))
# Modules that whoever writes a store may import from, as docs/api.md says.
FOR_STORES = {"formengine.store.rows", "formengine.store.protocol", "formengine.store.conformance"}
# A statement on a page: at a prompt, in a block of Python, or indented.
_STATEMENT = re.compile(r"^ *(?:>>> |\.\.\. )?(?P<code>(?:from|import) formengine\b.*)$", re.MULTILINE)


def imported(code: str) -> list[tuple[str, str]]:
    """Module and name of each import of formengine in `code`; "" for a module as a whole."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return [(module, name) for module, name in found if module.partition(".")[0] == "formengine"]


def private(code: str) -> list[tuple[str, str]]:
    """The imports in `code` that are not of public names."""
    public = {*formengine.__all__, ""}
    return [
        (module, name)
        for module, name in imported(code)
        if module not in FOR_STORES and (module != "formengine" or name not in public)
    ]


def statements(page: Path) -> list[str]:
    """The statements on a page that import formengine."""
    return [
        found["code"].rstrip("(").replace("import (", "import *")
        for found in _STATEMENT.finditer(text_of(page))
    ]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if statements(page)], ids=lambda page: str(page.relative_to(CHECKOUT))
)
def test_a_page_imports_public_names_alone(page: Path) -> None:
    assert [found for each in statements(page) for found in private(each)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_public_names_alone(example: Path) -> None:
    code = example.read_text(encoding="utf-8")
    assert imported(code) != []
    assert private(code) == []


def test_an_import_of_anything_else_is_noticed() -> None:
    assert private("from formengine.engine import Engine") == [("formengine.engine", "Engine")]
    assert private("from formengine import Engine, cli") == [("formengine", "cli")]
    assert private("import formengine.web") == [("formengine.web", "")]
    assert private("import formengine, json\nfrom formengine import Engine") == []


def test_the_page_about_the_public_interface_lists_every_name() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "api.md"), re.MULTILINE)
    assert sorted(listed) == sorted(formengine.__all__)
