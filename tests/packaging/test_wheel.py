"""What is shipped: the sdist, the wheel made from it, and that wheel in a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT, copy_checkout

FORMS = ("request-for-support", "early-help-notification")


@dataclass(frozen=True)
class Shipped:
    """The two archives, and the names in each; the sdist's without their first folder."""

    sdist: Path
    wheel: Path

    def sdist_names(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {member.name.partition("/")[2] for member in archive if member.isfile()}

    def wheel_names(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


def run(command: Sequence[str | Path], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `command` said; it must succeed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, front_end: Path) -> Shipped:
    """Built from a copy of the checkout in which a deployment's secrets lie about, git-ignored."""
    checkout = copy_checkout(tmp_path_factory.mktemp("shipped") / "checkout")
    for folder in (".", "formengine", "renderers", "definitions"):
        (checkout / folder / ".env").write_text("SECRET=made up\n")
    # Without further options `build` makes the sdist and then the wheel from the sdist alone.
    run(
        [sys.executable, "-m", "build", "--no-isolation", "."], cwd=checkout, FORMENGINE_ASSETS=str(front_end)
    )
    (sdist,) = (checkout / "dist").glob("*.tar.gz")
    (wheel,) = (checkout / "dist").glob("*.whl")
    return Shipped(sdist, wheel)


@pytest.fixture(scope="module")
def installed(shipped: Shipped, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment: the pinned packages and the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True, symlinks=True)
    programs = folder / "bin"
    pip: list[str | Path] = [
        programs / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",  # what is imported is compiled then
    ]
    run([*pip, "--require-hashes", "-r", ROOT / "constraints.txt"], cwd=folder)
    run([*pip, "--no-deps", shipped.wheel], cwd=folder)
    return programs


def test_the_wheel_has_one_top_level_name(shipped: Shipped) -> None:
    tops = {name.partition("/")[0] for name in shipped.wheel_names()}
    assert tops == {"formengine", "formengine-0.1.0.dist-info"}


def test_the_wheel_carries_renderers_definitions_types_and_the_front_end(shipped: Shipped) -> None:
    names = shipped.wheel_names()
    vendor = "formengine/renderers/html/static/vendor"
    assert {
        "formengine/py.typed",
        f"{vendor}/govuk-frontend.min.css",
        f"{vendor}/govuk-frontend.min.js",
        f"{vendor}/NOTICE.txt",
        "formengine-0.1.0.dist-info/licenses/LICENSE",
        "formengine-0.1.0.dist-info/sboms/sbom.cdx.json",
    } <= names
    for form in FORMS:
        assert f"formengine/definitions/{form}/form.yaml" in names


def test_every_file_of_the_shipped_folders_is_in_the_wheel(shipped: Shipped) -> None:
    listed = run(["git", "ls-files", "formengine", "renderers", "definitions"], cwd=ROOT).stdout.split("\n")
    moved = {
        name if name.startswith("formengine/") else f"formengine/{name}"
        for name in listed
        if name and (ROOT / name).exists()
    }
    assert moved - shipped.wheel_names() == set()


def test_neither_archive_holds_what_git_ignores(shipped: Shipped) -> None:
    for names in (shipped.sdist_names(), shipped.wheel_names()):
        assert [name for name in names if ".env" in name or ".stamp" in name or name.endswith(".pyc")] == []
    assert [name for name in shipped.sdist_names() if "vendor/" in name] == []


def test_the_shipped_folders_hold_no_python(shipped: Shipped) -> None:
    folders = ("formengine/renderers/", "formengine/definitions/")
    assert [n for n in shipped.wheel_names() if n.startswith(folders) and n.endswith(".py")] == []


def test_the_sdist_can_be_tested_and_built(shipped: Shipped) -> None:
    assert {
        "pyproject.toml",
        "hatch_build.py",
        "constraints.txt",
        "constraints-dev.txt",
        "Makefile",
        "README.md",
        "LICENSE",
        "cli.py",
        "tests/conftest.py",
        "tests/tools/package-lock.json",
        ".ci/system-packages",
    } <= shipped.sdist_names()


def test_the_installed_library_finds_its_folders_inside_itself(installed: Path, tmp_path: Path) -> None:
    program = (
        "import formengine; from formengine.language.bundled import bundled_folder as f; "
        "print(formengine.__file__, f('renderers'), f('definitions'), sep='\\n')"
    )
    package, *folders = run([installed / "python", "-c", program], cwd=tmp_path).stdout.split()
    home = Path(package).parent
    assert home.is_relative_to(installed.parent)
    assert [Path(folder) for folder in folders] == [home / "renderers", home / "definitions"]


@pytest.mark.parametrize("form", FORMS)
def test_the_installed_command_renders_a_bundled_form(installed: Path, tmp_path: Path, form: str) -> None:
    command = installed / "formengine"
    run([command, "check", form], cwd=tmp_path)
    run([command, "render", form, "--to", "html", "-o", "site"], cwd=tmp_path)

    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 3
    assert list((tmp_path / "site").rglob("govuk-frontend.min.css"))


def test_the_installed_command_makes_a_pdf_of_sample_answers(installed: Path, tmp_path: Path) -> None:
    command = installed / "formengine"
    (tmp_path / "answers.json").write_text(
        run([command, "fill", FORMS[0], "--seed", "1"], cwd=tmp_path).stdout
    )
    run([command, "validate", FORMS[0], "answers.json"], cwd=tmp_path)
    run([command, "pdf", FORMS[0], "answers.json", "-o", "answers.pdf"], cwd=tmp_path)
    assert (tmp_path / "answers.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_the_checkout_s_door_is_the_installed_command() -> None:
    door = run([sys.executable, "cli.py", "--help"], cwd=ROOT).stdout
    command = run([Path(sys.executable).parent / "formengine", "--help"], cwd=ROOT).stdout
    assert door.replace("cli.py", "formengine") == command
    assert "Usage: formengine" in command
