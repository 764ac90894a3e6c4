"""``--audience`` and ``--embed-attachments`` on the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest

from tests.support.command_line import run
from tests.support.torture_samples import SECRET, TORTURE, torture_answers

FORM = str(TORTURE)


@pytest.fixture
def answers(tmp_path: Path) -> str:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(torture_answers()), encoding="utf-8")
    return str(file)


def carried(content: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


@pytest.mark.parametrize("command", [("pdf", "-o", "-"), ("render", "--to", "text")])
def test_an_audience_that_is_not_declared_is_wrong_usage_that_names_those_there_are(
    command: tuple[str, ...], answers: str
) -> None:
    ended = run(command[0], FORM, answers, *command[1:], "--audience", "famly")
    assert (ended.code, ended.raw) == (2, b"")
    assert "the form has no audience 'famly'; there is family, office" in ended.err


def test_the_text_for_an_audience_says_whose_it_is_and_no_more_than_it_may() -> None:
    given = json.dumps(torture_answers()).encode()
    whole = run("render", FORM, "-", "--to", "text", stdin=given).out
    family = run("render", FORM, "-", "--to", "text", "--audience", "family", stdin=given).out
    assert SECRET in whole
    assert SECRET not in family
    assert "The family's copy\nQuestions that are not meant for this copy are left out of it." in family
    assert "The family's copy" not in whole


def test_uploaded_files_of_a_folder_are_embedded_by_their_ids_and_missing_ones_named(
    tmp_path: Path, answers: str
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "f1").write_bytes(b"one")
    (folder / "f2").write_bytes(b"two")
    ended = run("pdf", FORM, answers, "-o", "-", "--embed-attachments", str(folder))
    assert ended.code == 0
    assert f"has no file f3 ({SECRET} 2.pdf); the PDF only lists it" in ended.err
    files = carried(ended.raw)
    assert [content for name, content in files.items() if name.startswith("file-")] == [b"one", b"two"]


def test_a_familys_copy_embeds_no_file_that_is_hidden_from_them(tmp_path: Path, answers: str) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"f{number}").write_bytes(b"%d" % number)
    options = ("--embed-attachments", str(folder), "--audience", "family")
    ended = run("pdf", FORM, answers, "-o", "-", *options)
    assert [content for name, content in carried(ended.raw).items() if name.startswith("file-")] == [b"1"]
