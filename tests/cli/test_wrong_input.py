"""Whatever a command is given, it ends with one plain sentence and exit code 1 or 2: no traceback reaches anyone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.shipped import EXAMPLES

FORM = str(EXAMPLES / "fifteen-lines")
LONG_NAME = "x" * 5000

BROKEN = {
    "no JSON": (b"hello", "line 1, column 1: These answers can't be read: a value is due here"),
    "nothing": (b"", "line 1, column 1: These answers can't be read: a value is due here"),
    "UTF-16": ("{}".encode("utf-16"), "line 1, column 1: These answers aren't UTF-8 text from here on"),
    "Latin-1": (b'{"sought": "Zo\xeb"}', "line 1, column 15: These answers aren't UTF-8 text from here on"),
    "deep": (
        b'{"sought": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "line 1, column 51: Values stand inside each other more than 40 deep here",
    ),
    "huge": (b'{"sought": 1e999}', "line 1, column 12: 1e999 is too large a number"),
    "long number": (b"9" * 5000, "line 1, column 1: A number has more than 100 digits"),
    "NaN": (b'{"sought": NaN}', "line 1, column 12: NaN isn't a number that answers can hold"),
    "twice": (b'{"found": "yes", "found": "no"}', "line 1, column 1: `found` is given twice in one place"),
    "half a character": (
        b'{"sought": "\\ud800"}',
        "line 1, column 13: Half of a character (a lone surrogate) stands here",
    ),
    "comma at the end": (
        b'{"found": "yes",}',
        "line 1, column 17: These answers can't be read: a name in double quotes is due here",
    ),
}
NO_GROUP = {"list": b"[]", "text": b'"yes"', "null": b"null", "empty envelope": b'{"format": "submission/1"}'}
USES = {
    "validate": ("validate", FORM),
    "pdf": ("pdf", FORM, "-o", "made"),
    "render": ("render", FORM, "-o", "made"),
    "text": ("render", FORM, "--to", "text"),
    "explain": ("explain", FORM),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*args: str) -> tuple[int, str]:
    """The exit code, and the last line that was said: the others show how the command is used."""
    ended = run(*args)
    assert "Traceback" not in ended.err
    return ended.code, ended.err.splitlines()[-1]


def using(use: str, answers: str) -> list[str]:
    command, form, *options = USES[use]
    return [command, form, answers, *options, *(("found",) if use == "explain" else ())]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("broken", BROKEN)
def test_answers_that_are_no_json_are_refused_in_one_sentence_that_names_the_place(
    folder: Path, broken: str, use: str
) -> None:
    content, said = BROKEN[broken]
    (folder / "answers.json").write_bytes(content)
    assert told(*using(use, "answers.json")) == (1, f"answers.json: {said}")
    assert not (folder / "made").exists()


@pytest.mark.parametrize("use", [use for use in USES if use != "validate"])
@pytest.mark.parametrize("content", NO_GROUP.values(), ids=NO_GROUP)
def test_nothing_is_made_of_what_is_no_group_of_answers(folder: Path, content: bytes, use: str) -> None:
    (folder / "answers.json").write_bytes(content)
    expected = (1, "answers.json: The answers must be one group of names and values")
    assert told(*using(use, "answers.json")) == expected
    assert not (folder / "made").exists()


@pytest.mark.parametrize("use", USES)
def test_answers_that_cannot_be_opened_are_named(folder: Path, use: str) -> None:
    (folder / "sub").mkdir()
    for name, why in (
        ("sub", "Is a directory"),
        ("gone.json", "No such file or directory"),
        (LONG_NAME, "File name too long"),
    ):
        expected = (2, f"Error: the answers {name} cannot be opened: {why}")
        assert told(*using(use, name)) == expected


@pytest.mark.parametrize("command", ["outline", "schema", "fill"])
def test_a_form_whose_path_cannot_be_followed_is_told_as_unreadable(command: str) -> None:
    ended = run(command, LONG_NAME)
    assert (ended.code, ended.err.splitlines()[0]) == (
        1,
        f"error[file-unreadable]: This file can't be opened (File name too long): {'x' * 79}…",
    )
    assert told("check", LONG_NAME) == (2, f"Error: {LONG_NAME} cannot be opened: File name too long")


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("sub", "sub cannot be written: Is a directory"),
        ("file/made", "file/made cannot be written: Not a directory"),
        ("gone/made", "gone/made cannot be written: No such file or directory"),
        ("/dev/full", "/dev/full cannot be written: No space left on device"),
        (LONG_NAME, f"{LONG_NAME} cannot be written: File name too long"),
    ],
    ids=["folder", "below a file", "below nothing", "full", "long"],
)
@pytest.mark.parametrize(
    "command",
    [("pdf",), ("pdf", "--blank"), ("docx",), ("render", "--to", "text")],
    ids=["pdf", "blank", "docx", "text"],
)
def test_an_output_that_cannot_be_written_is_named(
    folder: Path, command: tuple[str, ...], output: str, why: str
) -> None:
    (folder / "sub").mkdir()
    (folder / "file").write_text("", encoding="utf-8")
    assert told(*command, FORM, "-o", output) == (2, f"Error: {why}")


def test_pages_go_into_a_folder_and_one_page_into_a_file(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "file").write_text("", encoding="utf-8")
    (folder / "taken" / "index.html").mkdir(parents=True)
    assert told("render", FORM, "-o", "file") == (2, "Error: file is a file; the pages go into a folder")
    assert told("render", FORM, "-o", "taken") == (2, "Error: taken cannot be written: Is a directory")
    assert told("render", FORM, "-o", "-") == (
        2,
        "Error: say with -o in which folder the pages are to be written",
    )
    one = ("render", FORM, "--page", "feedback", "-o")
    assert told(*one, "sub") == (2, "Error: sub is a folder; one page goes into a file")
    assert told(*one, LONG_NAME) == (2, f"Error: {LONG_NAME} cannot be written: File name too long")


def test_a_page_that_stands_on_paper_alone_is_none_to_render(folder: Path) -> None:
    page = "  - id: {id}\n    title: A page\n    intro: Read this.\n"
    (folder / "form.yaml").write_text(
        "form: x\ntitle: X\nversion: 1\npages:\n"
        + page.format(id="seen")
        + page.format(id="printed")
        + "    paper_only: true\n",
        encoding="utf-8",
    )
    assert told("render", "form.yaml", "--page", "printed") == (
        2,
        "Error: there is no page printed for these answers; there is seen",
    )


def test_a_template_that_cannot_be_used_is_told_with_its_line(folder: Path) -> None:
    templates = folder / "own" / "html" / "templates"
    templates.mkdir(parents=True)
    page = templates / "page.html"
    page.write_text("{% if title %}", encoding="utf-8")
    code, said = told("render", FORM, "--theme", "own", "-o", "made")
    assert code == 2
    assert said.startswith(
        "Error: The template own/html/templates/page.html, line 1: Unexpected end of template."
    )
    other = folder / "other" / "html" / "templates"
    other.mkdir(parents=True)
    (other / "page.html").write_text("{{ nobody.knows }}", encoding="utf-8")
    assert told("render", FORM, "--theme", "other", "-o", "made") == (
        2,
        "Error: A template of the theme cannot be used: 'nobody' is undefined",
    )


def test_a_word_document_can_be_of_any_moment(folder: Path) -> None:
    for at in ("0001-01-01T00:00:00", "9999-12-31T23:59:59"):
        assert run("docx", FORM, "--at", at, "-o", "made.docx").code == 0
        (folder / "made.docx").unlink()


def test_the_old_name_of_theme_ends_the_command_with_the_new_one(tmp_path: Path) -> None:
    code, said = told("render", FORM, "--pack", "own", "-o", str(tmp_path))
    assert code == 2
    assert "--pack is called --theme now" in said
