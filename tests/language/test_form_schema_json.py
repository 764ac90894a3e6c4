"""The schema for editors says what the loader accepts, and no other thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from formengine.language.bundled import bundled_folder
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.loader.form_schema import as_text, form_schema
from formengine.language.loader.keys import NODE_STRUCTURES
from tests.support.loading import codes_of, form_text
from tests.tools.yamlls import diagnostics

pytestmark = pytest.mark.slow

DEFINITIONS = bundled_folder("definitions")
SCHEMA = form_schema()


def _core_yaml(text: str) -> Any:
    """The text as YAML 1.2 core reads it, as editors do, near enough for these examples."""
    return yaml.safe_load(text)


def _errors(text: str) -> list[str]:
    return [error.message for error in Draft7Validator(SCHEMA).iter_errors(_core_yaml(text))]


def test_the_committed_schema_is_fresh() -> None:
    assert (DEFINITIONS / "form.schema.json").read_text(encoding="utf-8") == as_text()


def test_it_is_a_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(json.loads(as_text()))


def test_every_type_is_offered_with_its_own_keys() -> None:
    node = SCHEMA["definitions"]["node"]
    names = node["properties"]["type"]["enum"]
    assert names == [*NODE_STRUCTURES, *FIELD_TYPES, *COMPOSITE_TYPES]
    assert len(node["properties"]["type"]["enumDescriptions"]) == len(names)
    for name, kind in FIELD_TYPES.items():
        offered = SCHEMA["definitions"][f"field_{name}"]["properties"]
        assert {key.name for key in kind.keys} <= offered.keys()
        assert ("options" in offered) == kind.has_options


def test_every_key_is_explained() -> None:
    bare = [
        (name, key)
        for name, structure in SCHEMA["definitions"].items()
        for key, value in structure.get("properties", {}).items()
        if not value.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("label", ["2026", "2026.1", "yes", "no", "null", "on", "1e3", '"yes"'])
def test_text_that_yaml_takes_for_something_else_is_not_marked_red(label: str) -> None:
    assert _errors(form_text(f"- id: a\n  type: text\n  label: {label}\n")) == []


@pytest.mark.parametrize(
    "fields",
    [
        "- id: a\n  type: text\n  label: A\n  requird: true\n",
        "- id: a\n  type: text\n  label: A\n  required: maybe\n",
        "- id: a\n  type: nhs-number\n  label: A\n",
        "- id: a\n  type: date\n  label: A\n  max_length: 5\n",
        "- id: a\n  type: text\n",
        "- id: a\n  type: choice\n  label: A\n  options:\n    - B\n",
        "- id: A-B\n  type: text\n  label: A\n",
        "- id: a\n  type: address\n  label: A\n  parts:\n    post_code:\n      required: true\n",
        "- id: a\n  type: group\n  label: A\n  required: true\n  fields: []\n",
        "- id: a\n  type: text\n  label: A\n  max_length: 0\n",
        "- use: library/person\n  changes: {}\n",
    ],
)
def test_what_the_loader_refuses_the_editor_marks(fields: str) -> None:
    assert _errors(form_text(fields)) != []
    assert codes_of(fields) != []


# What becomes of a form when it is filled in so is no definition, and has a shape of its own.
WRITTEN = [path for path in sorted(DEFINITIONS.rglob("*.yaml")) if not path.name.endswith(".scenario.yaml")]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_shipped_definitions_are_valid_by_it(path: Path) -> None:
    assert _errors(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["request-for-support/form.yaml", "early-help-notification/form.yaml"])
def test_the_language_server_opens_both_forms_clean(name: str) -> None:
    assert diagnostics(DEFINITIONS / name) == []


def test_the_language_server_marks_a_slip_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(form_text("- id: a\n  type: text\n  label: A\n  requird: true\n"), encoding="utf-8")
    found = diagnostics(path, DEFINITIONS / "form.schema.json")
    assert [(entry.line, "requird" in entry.message) for entry in found] == [(11, True)]
