"""Copies of this checkout to build and break, and the front-end package to build with."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

import hatch_build
from tests.tools import BUILD

ROOT = Path(__file__).parents[2]
PASSED_OVER = shutil.ignore_patterns(
    "__pycache__", "node_modules", "vendor", ".*_cache", ".hypothesis", ".venv", ".git", "build", "dist"
)


def copy_checkout(folder: Path) -> Path:
    """A copy of the working tree at `folder`, without what was built, installed or downloaded in it."""
    shutil.copytree(ROOT, folder, ignore=PASSED_OVER)
    return folder


@pytest.fixture(scope="session")
def front_end() -> Path:
    """govuk-frontend's archive as `npm pack` makes it; downloaded once, then kept in build/."""
    archive = BUILD / f"{hatch_build.PACKAGE}-{hatch_build.VERSION}.tgz"
    if not archive.exists():
        BUILD.mkdir(exist_ok=True)
        content = hatch_build.npm_pack()
        hatch_build.check_integrity(content)
        with tempfile.NamedTemporaryFile(dir=BUILD, delete=False) as scratch:
            scratch.write(content)
        Path(scratch.name).rename(archive)
    return archive
