"""Everything that is installed is pinned to a hash, and no file says where it came from."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.checkout import ROOT

PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; .+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


# What people install to use formengine, all of it pinned for `make serve`.
EXTRAS = ["pdf", "web", "fillable", "docx"]


def pins(file: str) -> dict[str, tuple[str, str]]:
    """Version and hashes by package name; every line that is no comment belongs to a pin."""
    text = re.sub(r"^#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)
    assert PIN.sub("", text) == ""
    return {name: (version, hashes) for name, version, hashes in PIN.findall(text)}


def requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with the named extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    return [Requirement(text) for text in asked]


@pytest.mark.parametrize(
    ("file", "extras"), [("constraints.txt", EXTRAS), ("constraints-dev.txt", [*EXTRAS, "dev"])]
)
def test_each_dependency_is_pinned_within_what_pyproject_allows(file: str, extras: list[str]) -> None:
    pinned = pins(file)
    refused = [
        str(asked)
        for asked in requirements(*extras)
        if (found := pinned.get(canonicalize_name(asked.name))) is None or found[0] not in asked.specifier
    ]
    assert refused == []


# What a package is imported as, where that is not its own name with underscores.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "fonttools": "fontTools",
    "fpdf2": "fpdf",
    "markdown-it-py": "markdown_it",
    "phonenumberslite": "phonenumbers",
    "pillow": "PIL",
    "python-docx": "docx",
    "pyyaml": "yaml",
}
# Found by others: fonts by their entry points, time zones by Python itself, the parser and the loop by uvicorn, the
# reader of posted files by Starlette.
FOUND_BY_OTHERS = ("fontpkg-", "tzdata", "httptools", "uvloop", "python-multipart")


def test_no_package_is_asked_for_that_nothing_uses() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "formengine").rglob("*.py"))
    names = {str(canonicalize_name(asked.name)) for asked in requirements(*EXTRAS)}
    modules = {name: IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}
    unused = [name for name, module in modules.items() if not re.search(rf"\b{module}\b", code)]
    assert [name for name in unused if not name.startswith(FOUND_BY_OTHERS)] == []


def test_the_two_pin_files_agree() -> None:
    every, running = pins("constraints-dev.txt"), pins("constraints.txt")
    assert {name: pin for name, pin in running.items() if every.get(name) != pin} == {}


@pytest.mark.parametrize(
    "file",
    ["constraints.txt", "constraints-dev.txt", "tests/tools/package-lock.json", "tests/tools/package.json"],
)
def test_no_pin_file_holds_an_address(file: str) -> None:
    assert "://" not in (ROOT / file).read_text()


def test_each_npm_package_is_held_to_an_integrity() -> None:
    lock = json.loads((ROOT / "tests/tools/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 10
    assert [name for name, package in packages.items() if "integrity" not in package] == []


def test_npm_s_tools_are_named_by_exact_version() -> None:
    tools = json.loads((ROOT / "tests/tools/package.json").read_text())["dependencies"]
    assert [name for name, version in tools.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
