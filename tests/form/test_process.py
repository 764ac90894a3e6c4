"""Processes compiled and proved: those of the bundled forms, and faults planted in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.form.process import Process
from formengine.form.state import evaluate

pytestmark = pytest.mark.slow

DEFINITIONS = Path(__file__).parents[2] / "definitions"
FORMS = ("early-help-notification", "request-for-support")
ON = date(2026, 11, 30)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def process_of(engine: Engine, form_id: str) -> Process:
    made = engine.process(engine.form(form_id))
    assert made is not None
    return made


@pytest.mark.parametrize("form_id", FORMS)
def test_a_bundled_process_is_checked_without_a_finding(engine: Engine, form_id: str) -> None:
    assert engine.check(DEFINITIONS / form_id / "process.yaml") == ()


def test_a_form_without_a_process_has_none(engine: Engine) -> None:
    form = Path("examples/allotment-waiting-list/form.yaml")
    assert engine.process(engine.form(DEFINITIONS.parent / form), DEFINITIONS.parent / form) is None


def test_a_process_read_back_from_its_texts_is_the_same(engine: Engine) -> None:
    made = process_of(engine, "request-for-support")
    texts = {source.name: source.text for source in made.definition.sources}
    again = engine.process_of_texts(texts)
    assert (again.digest, again.definition) == (made.digest, made.definition)


def test_a_change_of_the_process_leaves_the_digest_of_the_form(engine: Engine) -> None:
    form = engine.form("request-for-support")
    assert process_of(engine, "request-for-support").digest != form.digest
    assert [source.name for source in form.definition.sources if "process" in source.name] == []


def test_the_mailbox_follows_from_the_answer_and_the_urgency(engine: Engine) -> None:
    request, notification = (
        process_of(engine, name) for name in ("request-for-support", "early-help-notification")
    )
    assert request.mailbox("", urgent=True).id == "front_door_urgent"
    assert request.mailbox("", urgent=False).id == "front_door"
    assert notification.mailbox("thanet", urgent=False).id == "thanet"
    assert [each.id for each in request.alarm_mailboxes] == ["duty_manager"]


def test_an_answer_that_nobody_takes_any_more_still_reaches_somebody(engine: Engine) -> None:
    notification = process_of(engine, "early-help-notification")
    assert notification.mailbox("shepway", urgent=False).id == "ashford"
    assert notification.mailbox("", urgent=False).id == "ashford"


@pytest.mark.parametrize(
    ("answers", "moves"),
    [
        ({}, []),
        ({"immediate": "yes"}, ["protect"]),
        ({"immediate": "no"}, []),
        ({"immediate": "no", "known": "open"}, ["pass_on"]),
        ({"immediate": "no", "known": "closed"}, ["gather"]),
        ({"immediate": "yes", "known": "open"}, ["protect"]),
    ],
)
def test_a_move_is_open_when_its_condition_holds(
    engine: Engine, answers: dict[str, str], moves: list[str]
) -> None:
    stage = process_of(engine, "request-for-support").first
    state = evaluate(stage.form, answers, on=ON)
    assert [move.id for move in stage.moves if move.is_open(state)] == moves


def test_a_move_sends_its_own_letter_or_that_of_its_outcome(engine: Engine) -> None:
    made = process_of(engine, "early-help-notification")
    stage = made.stages["allocation"]
    sent = {move.id: letter.id if (letter := made.letter(move)) else "" for move in stage.moves}
    assert sent == {"allocated": "allocated", "back": ""}
    screening = made.stages["screening"].move("advise")
    assert screening is not None
    letter = made.letter(screening)
    assert letter is not None
    assert letter.id == "outcome"


# --- planted faults --------------------------------------------------------------------------------------------------


def planted() -> Iterator[tuple[str, str]]:
    """Each bundled process with one fault in it: a name of something that is not there, or a way out that is gone."""
    for form_id in FORMS:
        text = (DEFINITIONS / form_id / "process.yaml").read_text(encoding="utf-8")
        for key in ("by", "to", "ends", "letter", "starts_at"):
            for found in re.finditer(rf"^ +(?:- )?{key}: (\w+)$|^{key}: (\w+)$", text, re.MULTILINE):
                at = found.end()
                yield form_id, f"{text[:at]}_gone{text[at:]}"
        for found in re.finditer(r"^        when: .+\n", text, re.MULTILINE):
            yield form_id, f"{text[: found.start()]}        when: nobody is yes\n{text[found.end() :]}"
        for found in re.finditer(r"^ +(?:urgent_)?deadline: .+$", text, re.MULTILINE):
            yield form_id, f"{text[: found.end()]} or so{text[found.end() :]}"
        for found in re.finditer(r"\(\(contact\)\)", text):
            yield form_id, f"{text[: found.start()]}((child.first_name)){text[found.end() :]}"
        # A move that is gone: its stage may be stuck, what it led to is not come to, or what it used is unused.
        for found in re.finditer(
            r"^      - id: \w+\n        label: .+\n(?:        \w+: .+\n)+", text, re.MULTILINE
        ):
            if "        type:" not in found[0] and "        reason:" not in found[0]:
                yield form_id, text[: found.start()] + text[found.end() :]
        for found in re.finditer(
            r"^  - id: \w+\n    title: .+\n    (?:for: .+|takes: alarms)\n", text, re.MULTILINE
        ):
            yield form_id, text[: found.start()] + text[found.end() :]


FAULTS = list(planted())


def test_there_are_more_than_a_hundred_planted_faults() -> None:
    assert len(FAULTS) > 100


def test_every_planted_fault_is_found(engine: Engine) -> None:
    missed = [text for _, text in FAULTS if not engine.check_text(text.encode(), "process.yaml")]
    assert missed == []
