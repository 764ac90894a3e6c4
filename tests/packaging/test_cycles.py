"""No circle of modules: whoever reads a module can read first what it stands on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT

Graph = Mapping[str, frozenset[str]]


def modules_in(folder: Path) -> Mapping[str, Path]:
    """The files of the package `folder` by the names of their modules; a package is its `__init__`."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path) -> Iterator[str]:
    """What a module imports, wherever it says so: at its head, in a function, or for type checking alone."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield from (".".join([*above, *filter(None, [node.module]), each.name]) for each in node.names)


def graph_of(folder: Path) -> Graph:
    """The modules that each module imports. ``from a.b import c`` leads to ``a.b.c``, or to ``a.b`` that has `c`."""
    modules = modules_in(folder)

    def ours(name: str) -> str:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name

    return {
        name: frozenset(filter(None, map(ours, imported(name, path)))) - {name}
        for name, path in modules.items()
    }


def circle_in(graph: Graph) -> list[str]:
    """The modules of a circle, each imported by the one before it; empty without one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circle_in(graph_of(ROOT / "formengine")) == []


def test_the_graph_holds_every_module_and_what_it_imports() -> None:
    graph = graph_of(ROOT / "formengine")
    assert len(graph) > 300
    assert "formengine.web.context" in graph["formengine.web.app"]
    assert "formengine.form.state" in graph["formengine.web.journey.conflicts"]


@pytest.mark.parametrize(
    "planted",
    [
        "from room import upper",
        "from room.upper import open_up",
        "import room.upper",
        "from . import upper",
        "from .upper import open_up",
        "def later():\n    from room.upper import open_up",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from room.upper import open_up",
    ],
)
def test_a_planted_circle_is_caught(tmp_path: Path, planted: str) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "upper.py").write_text("from room import middle\n\ndef open_up(): ...\n")
    (room / "middle.py").write_text("from room.lower import close\n")
    (room / "lower.py").write_text("def close(): ...\n")
    assert circle_in(graph_of(room)) == []
    (room / "lower.py").write_text(f"{planted}\n\ndef close(): ...\n")
    circle = circle_in(graph_of(room))
    assert sorted(circle[1:]) == ["room.lower", "room.middle", "room.upper"]
