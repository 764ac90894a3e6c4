"""Every command with every option: what it prints and how it ends (0 done, 1 findings or errors, 2 wrong usage)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formengine.cli.program import COMMANDS
from tests.form.features import path_of
from tests.support.command_line import run

CHECKOUT = Path(__file__).parents[2]
STOP = str(path_of("stop"))
REQUIRED = str(path_of("required"))
DATES = str(path_of("dates"))
AT = "2026-11-22T10:30:00"


@pytest.fixture
def answers(tmp_path: Path) -> str:
    """Answers to the form `required` that can be sent."""
    return written(tmp_path, {"urgency": "standard", "people": [{"id": "a", "name": "Ada"}]})


def written(folder: Path, value: Any, name: str = "answers.json") -> str:
    file = folder / name
    file.write_text(json.dumps(value), encoding="utf-8")
    return str(file)


def broken_form(folder: Path) -> str:
    file = folder / "broken.yaml"
    file.write_text(
        "form: broken\ntitle: Broken\nversion: 1\npages:\n  - id: a\n    titel: A\n", encoding="utf-8"
    )
    return str(file)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_s_help_has_an_example_of_it(command: str) -> None:
    told = run(command, "--help")
    assert told.code == 0
    assert "Example" in told.out
    assert f"formengine {command}" in told.out.partition("Example")[2]


def test_help_lists_every_command_with_a_sentence() -> None:
    told = run("--help")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.partition("Commands:")[2].splitlines() if line] == list(
        COMMANDS
    )


def test_the_checkout_s_door_and_the_installed_command_say_the_same() -> None:
    commands = [sys.executable, str(CHECKOUT / "cli.py")], [str(Path(sys.executable).parent / "formengine")]
    told = [
        subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
        for command in commands
    ]
    assert told[0].stdout == told[1].stdout == run("--help").out


def test_check_is_silent_of_findings_and_ends_with_0_on_a_clean_form() -> None:
    told = run("check", STOP)
    assert (told.code, told.out) == (0, "1 file checked, nothing found\n")


def test_check_takes_folders_and_several_paths() -> None:
    told = run("check", str(CHECKOUT / "definitions" / "lists"), STOP)
    number = len(list((CHECKOUT / "definitions" / "lists").glob("*.yaml"))) + 1
    assert (told.code, told.out) == (0, f"{number} files checked, nothing found\n")


def test_check_of_a_folder_without_definitions_is_wrong_usage(tmp_path: Path) -> None:
    told = run("check", str(tmp_path))
    assert told.code == 2
    assert f"there is no .yaml file in {tmp_path}" in told.err


def test_check_takes_a_folder_that_is_called_like_a_file_for_an_unreadable_one(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").mkdir()
    assert run("check", str(tmp_path)).code in {1, 2}


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_check_ends_with_1_on_findings_and_tells_them_in_each_format(format_: str, tmp_path: Path) -> None:
    told = run("check", broken_form(tmp_path), "--format", format_)
    assert told.code == 1
    assert "titel" in told.out
    if format_ in {"json", "sarif"}:
        assert json.loads(told.out)


def test_check_reads_standard_input() -> None:
    told = run("check", "-", stdin=path_of("stop").read_bytes())
    assert (told.code, told.out) == (0, "1 file checked, nothing found\n")
    assert run("check", "-", stdin=b"\xff\xfe not yaml: [").code == 1


@pytest.mark.parametrize(
    "args",
    [
        ["check"],
        ["check", "no/such/file.yaml"],
        ["check", STOP, "--format", "xml"],
        ["check", STOP, "--definitions", "no/such/folder"],
        ["outline"],
        ["outline", STOP, "--format", "xml"],
        ["schema", STOP, "--on", "22/11/2026"],
        ["schema", STOP, "--on", "2026-02-31"],
        ["validate", STOP],
        ["validate", STOP, "no/such/answers.json"],
        ["validate", STOP, "-", "--page", "consnt"],
        ["fill", STOP, "--seed", "many"],
        ["explain", STOP, "-"],
        ["explain", STOP, "-", "consnt"],
        ["render", STOP, "-"],
        ["render", STOP, "-", "--page", "consnt"],
        ["render", STOP, "-", "--to", "docx"],
        ["render", STOP, "-", "-o", "/dev/null/site"],
        ["render", STOP, "-", "--to", "text", "-o", "/dev/null/text"],
        ["pdf", STOP, "-"],
        ["pdf", STOP, "-", "-o", "/dev/null/copy.pdf"],
        ["pdf", STOP, "-", "-o", "-", "--at", "today"],
        ["nonsense"],
        ["--nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_one_sentence(args: list[str]) -> None:
    told = run(*args, stdin=b"{}")
    assert told.code == 2
    assert told.out == ""
    assert [line for line in told.err.splitlines() if line.startswith("Error: ")] != []
    assert "Traceback" not in told.err


def test_standard_input_is_the_form_or_the_answers_not_both() -> None:
    told = run("validate", "-", "-", stdin=path_of("stop").read_bytes())
    assert told.code == 2
    assert "Error: standard input cannot be both the form and the answers" in told.err


@pytest.mark.parametrize("command", ["outline", "schema", "fill"])
def test_a_form_that_is_not_there_is_told_and_ends_with_1(command: str) -> None:
    told = run(command, "request-for-suport")
    assert told.code == 1
    assert "request-for-suport" in told.err


@pytest.mark.parametrize(
    "command", [["outline"], ["schema"], ["fill"], ["pdf", "-o", "-"], ["render", "-o", "site"]]
)
def test_a_broken_form_is_told_as_check_tells_it(command: list[str], tmp_path: Path) -> None:
    told = run(command[0], broken_form(tmp_path), *command[1:])
    assert (told.code, told.out) == (1, "")
    assert "titel" in told.err


def test_outline_shows_pages_questions_and_conditions() -> None:
    told = run("outline", STOP)
    assert told.code == 0
    assert "consent" in told.out
    assert "consent is no" in told.out
    outline = json.loads(run("outline", STOP, "--format", "json").out)
    assert [page["id"] for page in outline["pages"]] == ["consent", "no_consent", "details"]


def test_forms_are_found_by_id_by_folder_and_on_standard_input() -> None:
    outlines = {
        run("outline", "request-for-support").out,
        run("outline", str(CHECKOUT / "definitions" / "request-for-support")).out,
    }
    assert len(outlines) == 1
    assert run("outline", "-", stdin=path_of("stop").read_bytes()).out == run("outline", STOP).out
    folder = str(path_of("stop").parent.parent)
    assert run("outline", "stop", "--definitions", folder).out == run("outline", STOP).out


def test_schema_is_exact_for_the_day_asked_for() -> None:
    told = run("schema", DATES, "--on", "2026-03-01")
    assert told.code == 0
    document = json.loads(told.out)
    Draft202012Validator.check_schema(document)
    assert document["x-on"] == "2026-03-01"
    born = {"born": "2008-02-29", "adult": "yes", "month_old": "yes"}
    assert Draft202012Validator(document).is_valid(born)
    earlier = json.loads(run("schema", DATES, "--on", "2026-02-28").out)
    assert not Draft202012Validator(earlier).is_valid(born)
    assert "x-on" not in json.loads(run("schema", DATES).out)


def test_validate_ends_with_0_on_right_answers(answers: str) -> None:
    told = run("validate", REQUIRED, answers)
    assert (told.code, told.out) == (0, "The answers can be sent.\n")
    assert json.loads(run("validate", REQUIRED, answers, "--format", "json").out) == {
        "valid": True,
        "errors": [],
        "warnings": [],
    }


def test_validate_tells_every_error_with_field_page_and_message() -> None:
    told = run("validate", REQUIRED, "-", stdin=b"{}")
    assert told.code == 1
    assert told.out.splitlines() == [
        "urgency  [about]  Select urgency",
        "people  [about]  Add at least 1 person",
    ]
    as_json = json.loads(run("validate", REQUIRED, "-", "--format", "json", stdin=b"{}").out)
    assert as_json["errors"][0] == {
        "field": "urgency",
        "page": "about",
        "rule": "required",
        "message": "Select urgency",
    }


def test_validate_can_look_at_one_page() -> None:
    assert run("validate", STOP, "-", "--page", "details", stdin=b'{"name": "Ada"}').out == (
        "Nothing is wrong on this page.\n"
    )
    assert run("validate", STOP, "-", "--page", "consent", stdin=b'{"name": "Ada"}').code == 1
    told = run("validate", STOP, "-", "--page", "consnt", stdin=b"{}")
    assert "the form has no page consnt" in told.err
    assert "consent" in told.err


def test_validate_judges_by_the_day_asked_for() -> None:
    answers = b'{"born": "2008-02-29", "adult": "yes"}'
    assert run("validate", DATES, "-", "--on", "2026-03-01", stdin=answers).code == 0
    explain = ("explain", DATES, "-", "adult", "--on")
    assert "(adult) is asked." in run(*explain, "2026-03-01", stdin=answers).out
    assert "(adult) is not asked." in run(*explain, "2026-02-28", stdin=answers).out


def test_validate_takes_the_envelope_of_a_submission() -> None:
    envelope = json.dumps({"format": "submission/1", "answers": {"consent": "yes", "name": "Ada"}})
    assert run("validate", STOP, "-", stdin=envelope.encode()).code == 0


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 10_000,
        b"NaN",
    ],
    ids=["empty", "open", "words", "bytes", "twice", "deep list", "deep object", "huge number", "nan"],
)
@pytest.mark.parametrize("command", [["validate"], ["explain"], ["pdf"], ["render"]], ids=" ".join)
def test_answers_that_are_no_json_end_with_1_and_one_sentence(
    command: list[str], text: bytes, tmp_path: Path
) -> None:
    further = {"explain": ["consent"], "pdf": ["-o", "-"], "render": ["-o", str(tmp_path)]}.get(
        command[0], []
    )
    told = run(command[0], STOP, "-", *further, stdin=text)
    assert (told.code, len(told.err.strip().splitlines()) + len(told.out.strip().splitlines())) == (1, 1)


def test_fill_gives_answers_that_validate_and_the_same_for_a_seed() -> None:
    told = run("fill", "request-for-support", "--seed", "7", "--on", "2026-11-22")
    assert told.code == 0
    assert run("fill", "request-for-support", "--seed", "7", "--on", "2026-11-22").out == told.out
    assert (
        run("validate", "request-for-support", "-", "--on", "2026-11-22", stdin=told.out.encode()).code == 0
    )


def test_fill_minimal_answers_only_what_is_mandatory() -> None:
    least = json.loads(run("fill", REQUIRED, "--minimal", "--seed", "3").out)
    assert set(least) <= {"urgency", "reason", "address", "people"}
    assert len(least["people"]) == 1


def test_fill_says_when_nobody_can_complete_the_form() -> None:
    form = (
        "form: never\ntitle: Never\nversion: 1\npages:\n  - id: a\n    title: A\n    fields:\n      - id: number\n"
        "        type: number\n        label: Number\n        required: true\n        check:\n"
        "          - that: number is more than 5 and number is less than 6\n            else: Impossible\n"
    )
    told = run("fill", "-", stdin=form.encode())
    assert (told.code, told.out) == (1, "")
    assert "  number: Impossible" in told.err.splitlines()


def test_explain_says_why_a_question_is_asked_or_not() -> None:
    told = run("explain", str(path_of("tick-swaps-dates")), "-", "due_date", stdin=b'{"unborn": "yes"}')
    assert told.code == 0
    assert "“Due date” (due_date) is asked." in told.out
    assert (
        "is not asked." in run("explain", str(path_of("tick-swaps-dates")), "-", "due_date", stdin=b"{}").out
    )
    stopped = run("explain", STOP, "-", "name", stdin=b'{"consent": "no"}').out
    assert "The journey ends before it, on the page “You cannot go on”." in stopped
    item = run("explain", REQUIRED, "-", "people.new.name", stdin=b"{}")
    assert item.code == 0


def test_explain_offers_the_near_name() -> None:
    told = run("explain", STOP, "-", "consnt", stdin=b"{}")
    assert "the form has no field consnt; there is a similar one: consent" in told.err


def test_render_writes_pages_text_and_one_page(tmp_path: Path, answers: str) -> None:
    site = tmp_path / "site"
    assert run("render", REQUIRED, answers, "-o", str(site)).code == 0
    assert (site / "index.html").is_file()
    assert (site / "about.html").is_file()
    assert "Ada" in run("render", REQUIRED, answers, "--to", "text").out
    page = run("render", REQUIRED, "--page", "about", "--errors")
    assert page.code == 0
    assert "Select urgency" in page.out
    file = tmp_path / "about.html"
    assert run("render", REQUIRED, "--page", "about", "-o", str(file)).code == 0
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_pdf_writes_the_same_bytes_for_the_same_moment(tmp_path: Path, answers: str) -> None:
    options = ("--at", AT, "--author", "Example Council", "--reference", "EX-1")
    first = run("pdf", REQUIRED, answers, "-o", "-", *options)
    assert (first.code, first.raw[:5]) == (0, b"%PDF-")
    file = tmp_path / "copy.pdf"
    assert run("pdf", REQUIRED, answers, "-o", str(file), *options).code == 0
    assert file.read_bytes() == first.raw


def test_pdf_without_its_extra_names_it_in_one_line() -> None:
    program = (
        "import sys; sys.modules['fpdf'] = None\nfrom formengine.cli import main\n"
        f"main(['pdf', {STOP!r}, '-o', '-'])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "PDFs need the pdf extra: pip install 'formengine[pdf]'\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_cannot_show_a_letter_gets_another(encoding: str) -> None:
    for args in (
        ["outline", "request-for-support"],
        ["explain", STOP, "-", "name"],
        ["fill", STOP],
        ["--help"],
    ):
        told = run(*args, stdin=b'{"consent": "no"}', encoding=encoding)
        assert (told.code, bool(told.out)) == (0, True)


@pytest.mark.parametrize(
    ("args", "not_needed"),
    [
        (["--help"], {"jinja2", "fpdf", "phonenumbers", "lark", "jsonschema", "jsonschema_rs"}),
        (
            ["check", STOP],
            {"jinja2", "fpdf", "fontTools", "uharfbuzz", "phonenumbers", "email_validator", "jsonschema"},
        ),
        (["validate", STOP, "-"], {"jinja2", "fpdf", "fontTools", "phonenumbers", "jsonschema"}),
        (["outline", STOP], {"jinja2", "fpdf", "fontTools", "phonenumbers", "jsonschema"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_imports_nothing_slow_that_it_does_not_need(args: list[str], not_needed: set[str]) -> None:
    program = (
        "import sys\nfrom formengine.cli import main\n"
        f"try:\n    main({args!r})\nexcept SystemExit:\n    pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], input="{}", capture_output=True, text=True, check=True
    )
    imported = set(json.loads(told.stderr.splitlines()[-1].replace("'", '"')))
    assert "click" in imported
    assert imported & not_needed == set()
