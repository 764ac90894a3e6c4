"""Everything a reader can use is documented: commands, types, lines, codes, operators, the words that are no ids."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from docs import generate
from formengine.cli.program import COMMANDS, program
from formengine.form.compiler.lints import ITEMS_OWN, PAGES_OWN
from formengine.form.compiler.sources import ACCOUNT_FACTS
from formengine.language.diagnostics.catalogue import AREAS, CATALOGUE
from formengine.language.expressions.syntax import LANGUAGE_WORDS, RESERVED_IDS
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.loader import keys, portal_keys, process_keys
from tests.support.docs_pages import AUTHORS, CHECKOUT, anchors, blocks, rows, text_of

pytestmark = pytest.mark.slow

FIELD_TYPE_NAMES = [*FIELD_TYPES, *COMPOSITE_TYPES]
# Rules of signatures and calculated answers: nobody who fills in can break them, and what is sent for them is ignored.
WITHOUT_RULES = {"calculated", "signature"}


def help_of(command: str) -> str:
    found = program.get_command(click.Context(program), command)
    assert found is not None
    return found.help or ""


def examples_of(command: str) -> list[str]:
    return re.findall(r"^ +formengine (.+)$", help_of(command), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stands_in_the_readme_and_on_a_page_of_commands(command: str) -> None:
    assert f"`formengine {command} " in text_of(CHECKOUT / "README.md")
    pages = text_of(AUTHORS / "commands.md") + text_of(CHECKOUT / "docs/service-commands.md")
    assert pages.count(f"## formengine {command}\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_with_an_example(command: str) -> None:
    assert examples_of(command) != []


# `serve` runs until it is stopped: tests/cli/test_serve.py starts and stops it. The others need a service's database,
# or a folder of drafts: the tests of their names in tests/cli run what they show, for `verdict` test_versions.py.
NOT_BY_THEMSELVES = {
    "serve",
    "doctor",
    "audit",
    "submissions",
    "drafts",
    "outbox",
    "users",
    "publish",
    "publications",
    "verdict",
}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in NOT_BY_THEMSELVES])
def test_the_examples_of_a_commands_help_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = CHECKOUT / "examples/request-for-support/answers.json"
    (tmp_path / "answers.json").write_text(answers.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "definitions").symlink_to(CHECKOUT / "definitions")
    monkeypatch.chdir(tmp_path)
    for example in examples_of(command):
        arguments = shlex.split(example.partition(">")[0])
        result = CliRunner().invoke(program, arguments)
        assert result.exit_code == 0, (example, result.output, result.exception)


def test_the_commands_of_the_first_form_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AUTHORS / "first-form.md"
    forms = [block.text for block in blocks(page, "yaml") if block.file_kind == "form"]
    file = tmp_path / "our-forms/street-light/form.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(forms[-1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks(page, "text") for line in block.text.splitlines()]
    commands = [line for line in lines if line.startswith("formengine ") and "serve" not in line]
    assert len(commands) >= 6
    for line in commands:
        command, _, output = line.partition(" > ")
        result = CliRunner().invoke(program, shlex.split(command)[1:])
        assert result.exit_code == 0, (line, result.output)
        if output:
            (tmp_path / output).write_text(result.output, encoding="utf-8")
        if " check " in line:
            assert result.output.strip() == "1 file checked, nothing found"


@pytest.mark.parametrize("name", FIELD_TYPE_NAMES)
def test_a_field_type_has_a_page_with_an_example(name: str) -> None:
    page = AUTHORS / "field-types" / f"{name}.md"
    assert f"type: {name}\n" in text_of(page)


def test_each_page_of_a_field_type_belongs_to_a_type() -> None:
    pages = {path.stem for path in (AUTHORS / "field-types").glob("*.md")} - {"README"}
    assert pages == set(FIELD_TYPE_NAMES)


@pytest.mark.parametrize("name", [name for name in FIELD_TYPES if name not in WITHOUT_RULES])
def test_the_page_of_a_type_shows_the_message_of_every_rule_its_questions_can_break(name: str) -> None:
    field_type = FIELD_TYPES[name]
    rules = {"required", *field_type.error_codes}
    for number in range(2 if "wrong_2" in generate.typed_for(name) else 1):
        settings = generate.ExampleQuestion(name, number).field.spec.settings
        rules |= {rule.problem.rule for rule in field_type.rules(settings)} | set(field_type.checks(settings))
    shown = {
        cells[2].strip("`")
        for cells in rows(AUTHORS / "field-types" / f"{name}.md", "When something is wrong")
    }
    assert sorted(rules - shown) == []


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_the_page_of_a_type_lists_each_setting(name: str) -> None:
    shown = {cells[0].strip("`") for cells in rows(AUTHORS / "field-types" / f"{name}.md", "Settings")}
    assert {key.name for key in FIELD_TYPES[name].keys} <= shown


def test_the_typed_examples_are_those_of_the_types_there_are() -> None:
    assert sorted(json.loads(generate.TYPED.read_text(encoding="utf-8"))) == sorted(FIELD_TYPES)


def test_every_structure_of_the_language_stands_on_the_page_of_all_lines() -> None:
    structures = {
        value.name
        for module in (keys, portal_keys, process_keys)
        for value in vars(module).values()
        if isinstance(value, keys.Structure)
    } - {"composite"}  # its lines stand on the pages of the composite types
    shown = set(re.findall(r"<!-- generated: structure (\w+) -->", text_of(AUTHORS / "keys.md")))
    assert sorted(structures - shown) == []


def test_each_area_of_diagnostics_has_a_page() -> None:
    pages = {path.stem for path in (AUTHORS / "diagnostics").glob("*.md")} - {"README"}
    assert pages == set(AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_each_code_has_a_section_that_can_be_linked_to(area: str) -> None:
    page = AUTHORS / "diagnostics" / f"{area}.md"
    assert sorted(set(AREAS[area]) - anchors(page)) == []
    text = text_of(page)
    assert [code for code, entry in AREAS[area].items() if entry.title not in text] == []


def test_each_code_stands_in_the_list_of_all_codes() -> None:
    listed = {
        cells[0].partition("`")[2].partition("`")[0]
        for cells in rows(AUTHORS / "diagnostics/README.md", "All codes")
    }
    assert listed == set(CATALOGUE)


def test_the_words_that_cannot_be_ids_are_all_told() -> None:
    text = text_of(AUTHORS / "conditions.md").partition("## Words that cannot be ids")[2]
    everywhere, _, in_places = text.partition("Outside groups")
    told = set(re.findall(r"`(\w+)`", everywhere))
    assert told == RESERVED_IDS
    assert told >= LANGUAGE_WORDS
    assert set(re.findall(r"`(\w+)`", in_places)) == {*PAGES_OWN, ITEMS_OWN}


def test_each_fact_of_an_account_is_told() -> None:
    recipe = text_of(AUTHORS / "cookbook.md")
    assert [fact for fact in ACCOUNT_FACTS if f"`account.{fact}`" not in recipe] == []


def test_each_path_that_guides_name_is_there() -> None:
    path = re.compile(r"`((?:formengine|tests|docs|renderers|definitions|examples)/[\w./*<>-]*)`")
    pages = ("CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md")
    named = [found for page in pages for found in path.findall(text_of(CHECKOUT / page))]
    templates = [re.sub(r"<\w+>", "*", each).replace("some-code", "*") for each in named]
    assert len(templates) > 20
    assert [each for each in templates if not [*CHECKOUT.glob(each.rstrip("/"))]] == []


def test_each_verb_of_make_that_is_told_exists() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    told = {
        verb
        for name in ("README.md", "CONTRIBUTING.md")
        for verb in re.findall(r"(?:^ *|`)make (\w+)", text_of(CHECKOUT / name), re.MULTILINE)
    }
    assert {"serve", "test"} <= told
    assert [verb for verb in sorted(told) if not re.search(rf"^{verb}:", makefile, re.MULTILINE)] == []


def test_the_floors_of_the_architecture_are_those_that_are_held() -> None:
    held = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [re.findall(r"\w+", layer) for layer in held["contracts"][0]["layers"]]
    there = [[name for name in layer if [*(CHECKOUT / "formengine").glob(f"{name}*")]] for layer in layers]
    told = [re.findall(r"\w+", row[0]) for row in rows(CHECKOUT / "docs/architecture.md", "Floors")]
    assert [set(layer) for layer in there if layer] == [set(layer) for layer in told]
