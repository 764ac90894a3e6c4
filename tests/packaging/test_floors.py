"""The import floors of pyproject.toml hold, and a breach would be seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.packaging.checkout import PASSED_OVER, ROOT

FLOORS = "Each floor imports only from floors below it"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
WINGS = ("language", "form", "output", "output.paper", "store", "service", "web")
LIBRARIES = "A library with one job is imported on the one floor that has it"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's report on the package in `folder`."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts."""
    shutil.copytree(ROOT / "formengine", tmp_path / "formengine", ignore=PASSED_OVER)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    report = lint_imports(ROOT)
    for contract in CONTRACTS:
        assert f"{contract['name']} KEPT" in report.stdout, report.stdout + report.stderr
    assert report.returncode == 0


@pytest.mark.parametrize(
    ("module", "planted", "contract", "named"),
    [
        (
            "language/source.py",
            "from formengine.language.diagnostics import diagnostic",
            "Floors of language: what authors write",
            "language.source -> formengine.language.diagnostics",
        ),
        (
            "language/source.py",
            "from formengine.language import bundled",
            "Floors of language: what authors write",
            "language.source -> formengine.language.bundled",
        ),
        (
            "language/bundled.py",
            "def f():\n    from formengine.form import plan",
            FLOORS,
            "language.bundled -> formengine.form.plan",
        ),
        ("utilities.py", "", FLOORS, "utilities"),
        ("web/utilities.py", "", "Floors of web: how it is reached", "web.utilities"),
        ("language/source.py", "import click", LIBRARIES, "language.source -> click"),
        (
            "language/diagnostics/more.py",
            "from jinja2 import Template",
            LIBRARIES,
            "language.diagnostics.more -> jinja2",
        ),
        ("language/reader/more.py", "import fpdf.fonts", LIBRARIES, "language.reader.more -> fpdf"),
    ],
)
def test_a_planted_breach_is_caught(copy: Path, module: str, planted: str, contract: str, named: str) -> None:
    with (copy / "formengine" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{planted}\n")

    report = lint_imports(copy)

    assert report.returncode == 1, report.stdout + report.stderr
    assert f"{contract} BROKEN" in report.stdout
    assert f"formengine.{named}" in report.stdout


def test_a_library_on_its_own_floor_is_no_breach(copy: Path) -> None:
    for module, planted in (
        ("output/paper/tagged", "import fpdf"),
        ("output/html", "import jinja2"),
        ("language/reader", "import yaml"),
    ):
        folder = copy / "formengine" / module
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        (folder / "planted.py").write_text(f"{planted}\n")
    assert f"{LIBRARIES} KEPT" in lint_imports(copy).stdout


def test_every_wing_has_floors_of_its_own_that_name_each_room() -> None:
    held = {contract["containers"][0]: contract for contract in CONTRACTS if contract["type"] == "layers"}
    assert set(held) == {"formengine"} | {f"formengine.{wing}" for wing in WINGS}
    assert all(contract["exhaustive"] for contract in held.values())
