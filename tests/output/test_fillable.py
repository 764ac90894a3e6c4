"""The blank form to type into, and what comes back out of it."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.plan import Form
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.pieces import questions
from formengine.output.paper.reading.contents import open_pdf
from formengine.output.paper.reading.pdf_answers import FilledIn, filled_in
from tests.output.test_pdf_verapdf import ACTIONS, names_in
from tests.support.command_line import run
from tests.support.generators.forms import generated_form
from tests.support.paper_filling import SENDING, as_posted, fields_of, fillable, filled, for_paper
from tests.support.pdf_samples import FORMS, ON, form_of, small_form
from tests.support.pdf_samples import filled as sample
from tests.support.tiers import cases
from tests.tools import verapdf

pytestmark = pytest.mark.slow


def back(form: Form, posted: Mapping[str, tuple[str, ...]]) -> FilledIn:
    """What is read from the form with these texts typed into it."""
    return filled_in(form, open_pdf(filled(fillable(form), posted)).fields)


# --- there and back --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("form_id", FORMS)
def test_answers_typed_in_come_back_the_same(form_id: str, seed: int) -> None:
    form = form_of(form_id)
    answers = for_paper(form, sample(form_id, seed))
    read = back(form, as_posted(form, answers))
    assert read.draft == answers
    assert read.unread == ()


@settings(max_examples=cases(4, long=80))
@given(st.integers(0, 10_000))
def test_answers_to_generated_forms_come_back_the_same(seed: int) -> None:
    form = generated_form(f"paper{seed}")
    try:
        answers = for_paper(form, sample_answers(form, on=ON, seed=seed))
    except NoSampleFoundError:
        assume(False)
    assert back(form, as_posted(form, answers)).draft == answers


TYPES = """
- id: born
  type: date
  label: Born
- id: amount
  type: money
  label: Amount
- id: story
  type: long_text
  label: Story
- id: colour
  type: choice
  label: Colour
  options:
    "Off": Off
    "a b/c": Slashed
    "é#1": Accented
- id: colours
  type: choices
  label: Colours
  options:
    "Off": Off
    "x.y": Dotted
    z: Zed
- id: agreed
  type: declaration
  label: I agree
"""


def test_what_cannot_be_read_is_kept_as_typed_and_told(tmp_path: Path) -> None:
    form = small_form(tmp_path, TYPES)
    read = back(
        form, {"born-day": ("31",), "born-month": ("02",), "born-year": ("2026",), "amount": ("plenty",)}
    )
    assert read.draft == {"born": {"day": "31", "month": "02", "year": "2026"}, "amount": "plenty"}
    errors = Engine().evaluate(form, read.draft, on=ON).errors
    assert errors["born"].rule == "not_real"
    assert "amount" in errors


def test_any_code_can_be_ticked_and_any_text_typed(tmp_path: Path) -> None:
    form = small_form(tmp_path, TYPES)
    typed = {
        "colour": ("é#1",),
        "colours": ("Off", "x.y"),
        "agreed": ("yes",),
        "story": ("Łukasz\r\nمرحبا 👩\rlast",),
    }
    assert back(form, typed).draft == {
        "colour": "é#1",
        "colours": ["Off", "x.y"],
        "agreed": "yes",
        "story": "Łukasz\nمرحبا 👩\nlast",
    }


def test_a_block_left_empty_is_no_item_and_the_others_keep_their_numbers() -> None:
    form = form_of("request-for-support")
    read = back(
        form,
        {
            "has_children_same_address": ("yes",),
            "children_same_address.1.first_name": ("Ada",),
            "children_same_address.3.first_name": ("Bo",),
        },
    )
    assert read.draft == {
        "has_children_same_address": "yes",
        "children_same_address": [{"id": "1", "first_name": "Ada"}, {"id": "3", "first_name": "Bo"}],
    }


def test_what_the_form_has_no_question_for_is_told_and_not_lost(tmp_path: Path) -> None:
    before = small_form(tmp_path, TYPES)
    content = filled(fillable(before), {"story": ("It rained",), "amount": ("5",)})
    after = small_form(tmp_path, TYPES.replace("- id: story", "- id: account"))
    read = filled_in(after, open_pdf(content).fields)
    assert read.draft == {"amount": 500}
    assert [(one.name, one.texts) for one in read.unread] == [("story", ("It rained",))]


# --- fields ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", FORMS)
def test_every_question_has_a_field_named_by_its_path_in_the_order_of_the_form(form_id: str) -> None:
    form = form_of(form_id)
    asked = [question.name for question in questions(blank_pieces(form, SENDING)) if question.name]
    with pikepdf.open(io.BytesIO(fillable(form))) as pdf:
        names = [name.partition("-")[0] for name, _ in fields_of(pdf)]
    assert set(names) == set(asked)
    # A list's own fields stand together in the tree of names, wherever the list stands in the form.
    top = [name.partition(".")[0] for name in names]
    assert list(dict.fromkeys(top)) == list(dict.fromkeys(name.partition(".")[0] for name in asked))


def test_each_field_says_its_question_and_is_reached_in_reading_order() -> None:
    with pikepdf.open(io.BytesIO(fillable(form_of("request-for-support")))) as pdf:
        said = {name: str(field.TU) for name, field in fields_of(pdf)}
        assert said["child.first_name"] == "9. First name"
        assert said["child.date_of_birth-day"] == "12. Date of birth: Day"
        assert said["children_same_address.2.first_name"] == "Child 2: 26. First name"
        assert said["urgency"] == "1. What type of referral is this?"
        for page in pdf.pages:
            assert page.obj.Tabs == "/S"
            parents = [
                int(widget.StructParent) for widget in page.get("/Annots", []) if widget.Subtype == "/Widget"
            ]
            assert parents == sorted(parents)
            assert all(widget.TU for widget in page.get("/Annots", []) if widget.Subtype == "/Widget")


def test_types_have_their_fields(tmp_path: Path) -> None:
    languages = "\n- id: language\n  type: choice\n  label: Language\n  options: lists/languages\n"
    with pikepdf.open(io.BytesIO(fillable(small_form(tmp_path, TYPES + languages)))) as pdf:
        fields = dict(fields_of(pdf))
        assert fields["story"].Ff == 1 << 12  # several lines
        assert fields["colour"].Ff == 1 << 15  # one of several
        assert len(fields["colour"].Kids) == 3
        assert fields["language"].Ff == 1 << 17  # a list that drops down
        assert [str(part) for part in fields["language"].Opt[1]] == ["en", "English"]
        assert [name for name in fields if name.startswith("colours")] == [
            "colours-1",
            "colours-2",
            "colours-3",
        ]
        assert fields["agreed"].FT == "/Btn"


# --- the file --------------------------------------------------------------------------------------------


@pytest.mark.java
def test_fillable_forms_are_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    forms = [*map(form_of, FORMS), small_form(tmp_path, TYPES), *map(generated_form, ("fill1", "fill2"))]
    files = []
    for number, form in enumerate(forms):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(fillable(form))
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []
    assert len(verdicts) == 2 * len(files)


def test_the_same_input_gives_the_same_bytes_well_formed_and_without_actions(tmp_path: Path) -> None:
    form = form_of("early-help-notification")
    content = fillable(form)
    assert fillable(form) == content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert names_in(pdf) & ACTIONS == set()
    file = tmp_path / "fillable.pdf"
    file.write_bytes(content)
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


# --- the command -----------------------------------------------------------------------------------------


def test_the_commands_make_a_form_and_read_it(tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    assert run("pdf", "early-help-notification", "--fillable", "-o", str(file)).code == 0
    typed = {"family_name": ("Example",), "consent": ("no",), "notifier.notified_on-day": ("31",)}
    file.write_bytes(filled(file.read_bytes(), typed))
    read = run("read", str(file), "--on", "2026-11-22")
    assert (read.code, read.err) == (0, "")
    said: dict[str, Any] = json.loads(read.out)
    assert (said["form"], said["made_from_this_definition"], said["complete"]) == (
        "early-help-notification",
        True,
        False,
    )
    assert said["answers"] == {
        "family_name": "Example",
        "consent": "no",
        "notifier": {"notified_on": {"day": "31"}},
    }
    messages = {error["field"]: error["message"] for error in said["errors"]}
    assert messages["notifier.notified_on"] == "The date of notification must include a month and year"
    alone = run("read", str(file), "--answers")
    assert json.loads(alone.out) == said["answers"]


def test_a_copy_with_its_data_is_read_like_a_form_that_was_filled_in(tmp_path: Path) -> None:
    file, answers = tmp_path / "copy.pdf", tmp_path / "answers.json"
    answers.write_text(json.dumps(sample("request-for-support", 4)), encoding="utf-8")
    made = run("pdf", "request-for-support", str(answers), "--on", ON.isoformat(), "-o", str(file))
    assert made.code == 0
    read = run("read", str(file), "--on", ON.isoformat())
    assert read.code == 0
    assert json.loads(read.out)["answers"] == sample("request-for-support", 4)
    assert json.loads(read.out)["complete"] is True


def test_whose_copy_it_is_is_told_since_it_lacks_what_is_hidden_from_them(tmp_path: Path) -> None:
    file, answers = tmp_path / "copy.pdf", tmp_path / "answers.json"
    answers.write_text(json.dumps(sample("request-for-support", 4)), encoding="utf-8")
    on = ("--on", ON.isoformat())
    made = run("pdf", "request-for-support", str(answers), *on, "--audience", "family", "-o", str(file))
    assert made.code == 0
    said = json.loads(run("read", str(file), *on).out)
    assert said["audience"] == "family"
    assert "address" not in said["answers"]["you"]
