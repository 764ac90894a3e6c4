"""The helpers behind `make test`: they install or stop, and nothing is skipped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT

SCRIPT = ROOT / ".ci/system-packages"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs for a machine that has none of the tools, and whose person is not root."""
    program(tmp_path, "id", "echo 1000")
    return tmp_path


def program(folder: Path, name: str, does: str) -> None:
    """A program called `name` in `folder`."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)


def install(folder: Path) -> subprocess.CompletedProcess[str]:
    """A run of the script that finds the programs in `folder` only."""
    return subprocess.run(
        ["/bin/sh", str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


def test_without_root_or_sudo_the_missing_packages_are_named_and_nothing_is_installed(bare: Path) -> None:
    program(bare, "apt-get", f"touch {bare}/installed")
    run = install(bare)
    assert run.returncode == 1
    first, second = run.stderr.splitlines()
    assert first.startswith("The tests need these Debian packages: chromium ")
    assert "poppler-utils qpdf default-jdk-headless" in first
    assert second.startswith("Install them (apt-get install --no-install-recommends chromium ")
    assert not (bare / "installed").exists()


def test_with_sudo_the_missing_packages_are_installed(bare: Path) -> None:
    program(bare, "sudo", f'echo "$@" >> {bare}/asked')
    program(bare, "apt-get", "exit 1")
    for tool in ("chromium", "pdftotext", "java", "javac"):
        program(bare, tool, "exit 0")
    assert install(bare).returncode == 0
    update, packages = (bare / "asked").read_text().splitlines()
    assert update == "apt-get update -qq"
    assert packages.startswith(
        "env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "
    )
    # Whichever of these the machine has already is not asked for.
    assert set(packages.split()[6:]) <= {
        "clamav-daemon",
        "fonts-dejavu-core",
        "libjaxb-java",
        "nginx-light",
        "qpdf",
        "sqlite3",
        "systemd",
    }
    assert "qpdf" in packages


def test_the_checkout_s_door_asks_for_nothing_but_this_checkout() -> None:
    text = (ROOT / "cli.py").read_text()
    _, header = text.split("# /// script\n")
    lines = header.partition("# ///\n")[0].splitlines()
    metadata = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in lines))
    assert metadata == {
        "requires-python": ">=3.11",
        "dependencies": ["formengine"],
        "tool": {"uv": {"sources": {"formengine": {"path": ".", "editable": True}}}},
    }


def test_a_skipped_test_fails(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "test_skipping.py").write_text(
        "import pytest\n\n@pytest.mark.skip(reason='no tool')\ndef test_it(): ...\n"
        "def test_other(): pytest.skip('no tool')\n"
        "def test_third(): pytest.importorskip('no_such_module')\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "2 failed, 1 error" in run.stdout.splitlines()[-1]
    assert "this suite skips nothing" in run.stdout
