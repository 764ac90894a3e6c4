"""The import floors of pyproject.toml hold, and a breach would be seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.checkout import PASSED_OVER, ROOT

FLOORS = "Each floor imports only from floors below it"
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
    assert f"{FLOORS} KEPT" in report.stdout, report.stdout + report.stderr
    assert f"{LIBRARIES} KEPT" in report.stdout, report.stdout
    assert report.returncode == 0


@pytest.mark.parametrize(
    ("module", "planted", "contract", "named"),
    [
        (
            "source.py",
            "from formengine.language.diagnostics import types",
            FLOORS,
            "source -> formengine.language.diagnostics",
        ),
        ("source.py", "from formengine import bundled", FLOORS, "source -> formengine.language.bundled"),
        (
            "bundled.py",
            "def f():\n    from formengine import source",
            FLOORS,
            "bundled -> formengine.language.source",
        ),
        ("utilities.py", "", FLOORS, "utilities"),
        ("source.py", "import click", LIBRARIES, "source -> click"),
        ("diagnostics/more.py", "from jinja2 import Template", LIBRARIES, "diagnostics.more -> jinja2"),
        ("reader/more.py", "import fpdf.fonts", LIBRARIES, "reader.more -> fpdf"),
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
    for module, planted in (("paper", "import fpdf"), ("render", "import jinja2"), ("reader", "import yaml")):
        folder = copy / "formengine" / module
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        (folder / "planted.py").write_text(f"{planted}\n")
    assert f"{LIBRARIES} KEPT" in lint_imports(copy).stdout
