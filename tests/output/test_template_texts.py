"""Templates are read when a theme is taken up; drawing with one needs no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, TemplateNotFound

from formengine.output.template_texts import TemplateTexts
from formengine.output.themes import ThemeError


def environment(*folders: Path) -> Environment:
    return Environment(loader=TemplateTexts(folders, ".html"), autoescape=True)


def test_a_template_is_drawn_though_its_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    path = tmp_path / "screens/hub.html"
    path.write_text("Hello {{ name }}", encoding="utf-8")
    made = environment(tmp_path)
    path.unlink()
    assert made.get_template("screens/hub.html").render(name="Kim") == "Hello Kim"


def test_the_first_folder_wins_and_other_files_are_no_templates(tmp_path: Path) -> None:
    for name, text in (("own", "ours"), ("bundled", "theirs")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(text, encoding="utf-8")
    (tmp_path / "own/notes.txt").write_bytes(b"\xff")
    made = environment(tmp_path / "own", tmp_path / "bundled")
    assert made.get_template("page.html").render() == "ours"
    assert made.list_templates() == ["page.html"]
    with pytest.raises(TemplateNotFound):
        made.get_template("notes.txt")


def test_a_template_that_is_not_in_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"caf\xe9")
    with pytest.raises(ThemeError) as refused:
        environment(tmp_path)
    assert str(refused.value) == f"The template {tmp_path}/page.html is not in UTF-8"
