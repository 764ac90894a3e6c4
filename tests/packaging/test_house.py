"""The house is in order: one name for one type, one file name for one thing in a wing, a docstring for each package."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT

PACKAGE = ROOT / "formengine"
DEFINITION, FORM = "language/model.py", "form/plan/nodes.py"
# What an author wrote and what the compiler makes of it bear one name.
PAIRS = (
    *("Calculation", "Check", "Field", "Group", "Node"),
    *("Note", "Page", "Prefill", "Repeat", "Section"),
)
WINGS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())


def modules(folder: Path) -> list[Path]:
    """The modules below `folder`, in order."""
    return sorted(folder.rglob("*.py"))


def types_in(source: str) -> Iterator[str]:
    """The public names of the types that a module defines: classes, and what is called like one and made of types.

    ``Json = Mapping[str, Any]`` is a type; ``LIMIT = 3`` and ``_Row = tuple[str, int]`` are not.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            yield from [node.name] if not node.name.startswith("_") else []
            continue
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            target: ast.expr = node.target
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        else:
            continue
        if isinstance(target, ast.Name) and is_type_name(target.id):
            yield target.id


def is_type_name(name: str) -> bool:
    """Whether a name is written as types are: a capital first, small letters after it."""
    return name[:1].isupper() and not name.isupper() and "_" not in name


def defined() -> Mapping[str, list[str]]:
    """The modules that define each public type, by the type's name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in modules(PACKAGE):
        for name in types_in(path.read_text(encoding="utf-8")):
            found[name].append(path.relative_to(PACKAGE).as_posix())
    return found


def test_no_public_type_is_defined_twice_but_in_definition_and_form() -> None:
    twice = {name: places for name, places in defined().items() if len(places) > 1}
    assert twice == {name: [FORM, DEFINITION] for name in PAIRS}


@pytest.mark.parametrize("wing", WINGS)
def test_no_file_name_stands_twice_within_a_wing(wing: str) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in modules(PACKAGE / wing):
        if path.name != "__init__.py":
            places[path.name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_every_package_says_what_it_holds() -> None:
    packages = [path for path in modules(PACKAGE) if path.name == "__init__.py"]
    silent = [path for path in packages if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert [str(path.relative_to(PACKAGE)) for path in silent] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in modules(PACKAGE)}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_wings_are_these() -> None:
    assert WINGS == ["cli", "form", "language", "output", "service", "store", "web"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("class Place:\n    class Inner: ...", ["Place"]),
        ("Json = Any", ["Json"]),
        ("Test = Callable[[int], bool]\nLIMIT = 3\nHOME = ZoneInfo('Europe/London')", ["Test"]),
        ("Answers: TypeAlias = Mapping[str, object]", ["Answers"]),
        ("class _Private: ...\n_Row = tuple[str, int]\nsmall = 1", []),
        ("Decorated = TypeVar('Decorated')", ["Decorated"]),
    ],
)
def test_a_type_is_a_class_or_what_is_called_like_one(source: str, names: list[str]) -> None:
    assert list(types_in(source)) == names
