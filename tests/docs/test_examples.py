"""Every example in the documentation works: forms, lists, fragments, Python, mistakes shown with their findings."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest

from formengine import compile_form, load
from formengine.engine import Engine
from formengine.language.diagnostics import render_text
from tests.support.docs_pages import (
    AUTHORS,
    CHECKOUT,
    PAGES,
    Block,
    all_blocks,
    as_form,
    blocks,
    files_on,
    text_of,
)

_MISTAKE = "<!-- with a mistake -->\n"


def shows_a_mistake(block: Block) -> bool:
    before = "\n".join(text_of(block.page).splitlines()[: block.line - 1]) + "\n"
    return before.endswith(_MISTAKE)


YAML = [block for block in all_blocks("yaml") if not shows_a_mistake(block)]
MISTAKES = [block for block in all_blocks("yaml") if shows_a_mistake(block)]
PYTHON = all_blocks("python")


def write_around(block: Block, folder: Path) -> None:
    """Nothing; the lists and fragments that the block's page shows lie in `folder`."""
    for name, text in files_on(block.page).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def file_of(block: Block, folder: Path) -> Path:
    """The file that the block is, or is a piece of."""
    named = re.search(r"^(form|list|fragment|process): (.+)$", block.text, re.MULTILINE)
    name = named[2] if named and block.file_kind else "example"
    if block.file_kind == "process":
        # Beside the form that it belongs to.
        shutil.copytree(CHECKOUT / "examples" / name, folder / name)
        (folder / name / "process.yaml").write_text(block.text, encoding="utf-8")
        return folder / name / "process.yaml"
    path = folder / {"list": f"lists/{name}.yaml", "fragment": f"library/{name}.yaml"}.get(
        block.file_kind, f"{name}/form.yaml"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_form(block.text), encoding="utf-8")
    return path


@pytest.mark.parametrize("block", YAML, ids=lambda block: block.name)
def test_an_example_is_checked_without_a_finding(block: Block, tmp_path: Path) -> None:
    write_around(block, tmp_path)
    found = Engine(folders=(tmp_path,)).check(file_of(block, tmp_path))
    assert render_text(found) == ""


@pytest.mark.parametrize(
    "block", [block for block in YAML if block.file_kind in {"", "form"}], ids=lambda block: block.name
)
def test_an_example_of_a_form_compiles(block: Block, tmp_path: Path) -> None:
    write_around(block, tmp_path)
    form = compile_form(load(file_of(block, tmp_path).parent, roots=(tmp_path,)))
    assert form.every_page


@pytest.mark.parametrize("block", MISTAKES, ids=lambda block: block.name)
def test_a_mistake_is_told_in_the_words_shown_below_it(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(block.text, encoding="utf-8")
    shown = next(text for text in blocks(block.page, "text") if text.line > block.line)
    source = path.read_bytes()
    assert render_text(Engine().check_text(source, "form.yaml")) == shown.text


def test_the_authors_guide_shows_a_mistake() -> None:
    assert [block.name for block in MISTAKES if block.page.is_relative_to(AUTHORS)] != []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if [*blocks(page, "python")]], ids=lambda page: page.name
)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "docs"}
    failed: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for block in blocks(page, "python"):
        if ">>>" in block.text:
            test = doctest.DocTestParser().get_doctest(block.text, names, block.name, str(page), block.line)
            runner.run(test, out=failed.append, clear_globs=False)
            names.update(test.globs)
        else:
            exec(compile(block.text, block.name, "exec"), names)  # noqa: S102
    assert failed == []


def test_the_readme_shows_the_form_of_fifteen_lines() -> None:
    whole = (CHECKOUT / "examples/fifteen-lines/form.yaml").read_text(encoding="utf-8")
    lines = [line for line in whole.splitlines() if not line.startswith("#")]
    assert len(lines) == 15
    shown = next(blocks(CHECKOUT / "README.md", "yaml"))
    assert shown.text.splitlines() == lines
