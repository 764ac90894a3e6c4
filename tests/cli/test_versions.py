"""`formengine diff`, `formengine references` and `formengine rename`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.studio import FORM, definitions


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return definitions(tmp_path) / "visit"


def test_diff_says_what_differs_in_three_formats(form: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "form.yaml"
    new.parent.mkdir()
    new.write_text(FORM.replace("label: Your name", "label: Your <full> name"), encoding="utf-8")
    sentence = "“Your name” is asked as “Your <full> name” now."
    assert run("diff", str(form), str(new)).out == f"How it is said:\n  {sentence}\n"
    assert json.loads(run("diff", str(form), str(new), "--format", "json").out) == [
        {"consequence": "words", "what": "label", "path": "name", "sentence": sentence}
    ]
    html = run("diff", str(form), str(new), "--format", "html").out
    assert "<li>“Your name” is asked as “Your &lt;full&gt; name” now.</li>" in html
    assert run("diff", str(form), str(form)).out == "Nothing differs in meaning.\n"
    assert run("diff", str(form), "no-such-form").code == 1


def test_verdict_says_what_drafts_lose(form: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "form.yaml"
    new.parent.mkdir()
    new.write_text(FORM.replace("- id: town", "- id: place"), encoding="utf-8")
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "one.json").write_text('{"name": "Ada", "town": "deal"}', encoding="utf-8")
    (drafts / "two.json").write_text('{"name": "Bo"}', encoding="utf-8")
    found = run("verdict", str(form), str(new), "--drafts", str(drafts))
    assert (found.code, found.out.splitlines()) == (
        1,
        [
            "Answers are lost: 2 drafts are open. 1 of them carries over as it is.",
            "  1 loses the answer to “Your town”.",
        ],
    )
    assert run("verdict", str(form), str(form), "--drafts", str(drafts)).code == 0
    assert run("verdict", str(form), str(new)).code == 2


def test_references_names_file_line_and_column(form: Path) -> None:
    (form / "form.yaml").write_text(
        FORM.replace("label: Which day suits you", "label: Which day\n        show_if: town is deal"), "utf-8"
    )
    found = run("references", str(form), "town")
    assert found.out.splitlines() == [
        "visit/form.yaml:24:18\tshow_if\tday\tshow_if: town is deal",
        "visit/form.yaml:24:26\tshow_if\tday\tshow_if: town is deal",
    ]
    assert found.err == "2 places\n"


def test_rename_shows_the_lines_and_writes_them_when_told(form: Path) -> None:
    shown = run("rename", str(form), "name", "called")
    assert shown.out.splitlines() == [
        "visit/form.yaml:10\t-       - id: name",
        "visit/form.yaml:10\t+       - id: called",
        "visit/form.yaml:11\t+         renamed_from: name",
    ]
    file = form / "form.yaml"
    assert file.read_text(encoding="utf-8") == FORM
    assert run("rename", str(form), "name", "called", "--write").code == 0
    renamed = "- id: called\n        renamed_from: name\n"
    assert file.read_text(encoding="utf-8") == FORM.replace("- id: name\n", renamed)
    assert run("rename", str(form), "nothing", "called").code == 2
    assert "town is there already" in run("rename", str(form), "called", "town").err
