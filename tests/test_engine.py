"""The façade: forms by path, id or text, own field types, and what an embedder gets for mistakes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from formengine import DefinitionError, Form, State, compile_form, evaluate, load
from formengine.engine import Engine, definition_files, today
from formengine.language.extensions import FieldTypeError, ThemeError
from formengine.language.fields import FIELD_TYPES
from formengine.language.fields.base import Control, FieldType
from tests.form.features import HERE, form_of, path_of
from tests.support.loading import form_text

DAY = date(2026, 11, 22)
# What only `text` has words for among the rules of a type that is made from it.
TEXT_WORDS = {"pattern": "Enter {name} as on the letter", "not_one_line": "{Name} must be on one line"}


def test_a_bundled_form_is_loaded_compiled_and_evaluated() -> None:
    form = compile_form(load("request-for-support"))
    state = evaluate(form, {}, on=DAY)
    assert isinstance(form, Form)
    assert isinstance(state, State)
    assert (bool(state.pages), bool(state.errors), state.complete) == (True, True, False)


def test_a_form_is_found_by_id_by_folder_and_by_file() -> None:
    engine = Engine(folders=(HERE,))
    digests = {
        engine.form("stop").digest,
        engine.form(path_of("stop")).digest,
        engine.form(path_of("stop").parent).digest,
    }
    assert len(digests) == 1
    assert engine.form("request-for-support").id == "request-for-support"


def test_a_form_in_text_includes_lists_from_the_engine_s_folders() -> None:
    text = form_text("- id: c\n  type: choice\n  label: Colour\n  options: lists/colours")
    form = Engine(folders=(HERE / "option-lists",)).form_of_text(text.encode())
    assert [option.label for option in form.fields["c"].spec.settings.options] == ["Red", "Blue", "Amber"]


def test_own_field_types_are_handed_in_and_leave_no_trace() -> None:
    uprn = dataclasses.replace(FIELD_TYPES["text"], name="uprn", words=TEXT_WORDS)
    text = form_text("- id: property\n  type: uprn\n  label: Property").encode()
    form = Engine(field_types={**FIELD_TYPES, "uprn": uprn}).form_of_text(text)
    assert form.fields["property"].spec.type is uprn
    with pytest.raises(DefinitionError):
        Engine().form_of_text(text)


def test_every_finding_comes_at_once_in_file_order() -> None:
    text = form_text(
        "- id: a\n  type: txt\n  label: A\n- id: b\n  type: text\n  labl: B\n  show_if: x is yes"
    )
    with pytest.raises(DefinitionError) as caught:
        Engine().form_of_text(text.encode())
    found = caught.value.diagnostics
    assert {"unknown-type", "unknown-key"} <= {finding.code for finding in found}
    assert [finding.span.start for finding in found] == sorted(finding.span.start for finding in found)
    assert [finding.code for finding in Engine().check_text(text.encode())] == [
        finding.code for finding in found
    ]


@pytest.mark.parametrize("path", ["no-such-form", "no/such/form.yaml", "", "../../etc/passwd"])
def test_a_form_that_is_not_there_is_a_finding(path: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Engine().form(path)
    assert len(caught.value.diagnostics) == 1


@pytest.mark.parametrize("text", [b"", b"\xff", b"\x00", b"[]", b"form: [", b"- " * 60])
def test_a_text_that_is_no_form_is_findings(text: bytes) -> None:
    with pytest.raises(DefinitionError):
        Engine().form_of_text(text)
    assert Engine().check_text(text) != ()


def test_a_form_and_its_parts_cannot_be_changed() -> None:
    form = form_of("stop")
    for thing, name in (
        (form, "pages"),
        (form.pages[0], "title"),
        (form.fields["consent"], "key"),
        (form.plan, "steps"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Engine().folders = ()  # type: ignore[misc]


def test_the_day_of_a_form_is_the_day_in_its_own_country() -> None:
    # 23:30 in Greenwich is half past midnight of the next day in summer time.
    with patch("formengine.engine.datetime") as clock:
        clock.now.side_effect = lambda tz: datetime(2026, 6, 30, 23, 30, tzinfo=UTC).astimezone(tz)
        assert today() == date(2026, 7, 1)


def test_folders_are_searched_to_the_bottom_and_each_file_told_once(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/c.yaml", "a/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    files = [tmp_path / "a/c.yaml", tmp_path / "b.yaml"]
    assert definition_files([tmp_path, tmp_path / "b.yaml"]) == files


def test_a_definition_s_digest_follows_everything_it_includes(tmp_path: Path) -> None:
    source = HERE / "option-lists"
    (tmp_path / "lists").mkdir()
    for name in ("form.yaml", "lists/colours.yaml"):
        (tmp_path / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = Engine().form(tmp_path / "form.yaml").digest
    assert before == Engine().form(tmp_path / "form.yaml").digest
    colours = tmp_path / "lists" / "colours.yaml"
    colours.write_text(colours.read_text(encoding="utf-8").replace("Blue", "Azure"), encoding="utf-8")
    assert Engine().form(tmp_path / "form.yaml").digest != before


# --- what is handed over is checked at once ---------------------------------------------------------------

WARD = dataclasses.replace(FIELD_TYPES["text"], name="ward", words=TEXT_WORDS)


def theme_with(folder: Path, name: str, text: str) -> Path:
    """A theme in `folder` with one file."""
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("types", "told"),
    [
        (
            {"ward": dataclasses.replace(WARD, error_codes=("not_a_ward",))},
            "The field type ward has no words for its rule not_a_ward",
        ),
        (
            {"ward": dataclasses.replace(WARD, words={})},
            "The field type ward has no words for its rule not_one_line",
        ),
        ({"wards": WARD}, "The field type ward was handed over under the name wards"),
        (
            {"ward": dataclasses.replace(WARD, control=lambda _: Control("map"))},
            "The field type ward is asked by the template controls/map.html, which no theme has",
        ),
    ],
)
def test_a_field_type_that_lacks_something_is_refused_by_name(types: dict[str, FieldType], told: str) -> None:
    with pytest.raises(FieldTypeError) as refused:
        Engine(field_types={**FIELD_TYPES, **types})
    assert str(refused.value) == told


def test_a_theme_may_hold_the_template_of_a_field_type(tmp_path: Path) -> None:
    ward = dataclasses.replace(WARD, control=lambda _: Control("map"))
    theme = theme_with(tmp_path, "html/templates/controls/map.html", "")
    engine = Engine(themes=(theme,), field_types={**FIELD_TYPES, "ward": ward})
    assert engine.field_types["ward"] is ward


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("words/en.yaml", "buttons:\n  nxt: Go on\n", "buttons.nxt is no text of formengine"),
        ("pdf/style.yaml", "colours:\n  acent: '#000000'\n", "colours.acent is no key of a style"),
        ("htm/templates/page.html", "", "is no theme"),
    ],
)
def test_a_theme_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, file: str, text: str, told: str
) -> None:
    with pytest.raises(ThemeError, match=told):
        Engine(themes=(theme_with(tmp_path, file, text),))


def test_what_is_sent_is_the_same_in_every_theme(tmp_path: Path) -> None:
    text = """
form: f
title: F
version: 1
pages:
- id: one
  title: One
  fields:
  - id: sure
    type: yes_no
    label: Sure?
    required: true
- id: two
  title: Two
  fields:
  - id: said
    type: calculated
    label: Said
    value: "Sure: ((sure))"
  - id: why
    type: text
    label: Why ((sure))?
"""
    theme = theme_with(tmp_path, "words/en.yaml", "values:\n  yes: Aye\n")
    engine = Engine(themes=(theme,))
    state = engine.evaluate(engine.form_of_text(text.encode()), {"sure": "yes"}, on=DAY)
    assert state.answers["said"] == "Sure: Yes"
    assert [each.label for page in state.pages for each in page.fields] == ["Sure?", "Said", "Why Aye?"]
