"""Scenarios: what they give is read as typed, what is not as they say is a sentence, what they reach is counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.form.analysis.coverage import coverage
from formengine.form.analysis.scenarios import ScenarioRun, run_scenario
from formengine.language.source import Source
from tests.support.shipped import DEFINITIONS

pytestmark = pytest.mark.slow

FORM = Engine().form_of_text(
    b"""\
form: visit
title: Visit
version: 1
access: anyone
urgent_if: age is at most 1
pages:
  - id: about
    title: About
    fields:
      - id: town
        type: choice
        label: Town
        required: true
        options: {dover: Dover, deal: Deal}
      - id: age
        type: number
        label: Age
        check:
          - that: age is at most 25
            else: Enter an age up to 25
      - id: proof
        type: file
        label: Proof
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((name))
        fields:
          - id: name
            type: text
            label: Name
            required: true
          - id: school
            type: text
            label: School
            show_if: name is answered
  - id: more
    title: More
    show_if: town is dover
    fields:
      - id: day
        type: date
        label: Day
"""
)


def run(text: str) -> ScenarioRun:
    return run_scenario(FORM, Source("late.scenario.yaml", text), on=date(2026, 11, 30))


def told(then: str, given: str = "town: dover\n  age: 3") -> list[tuple[int, str]]:
    """What is not as the scenario says; lines counted from `then`."""
    text = f"form: visit\ngiven:\n  {given}\nthen:\n  {then}\n"
    before = text[: text.index("then:")].count("\n") + 1
    return [(failure.line - before, failure.sentence) for failure in run(text).failures]


WELL = """\
scenario: late
title: A late visit
form: visit
on: 2026-01-02
given:
  town: dover
  age: 3
  day: 2026-02-01
  proof: letter.pdf
  people:
    - name: Ada
then:
  asked: [day, people.i1.school]
  pages: [about, more]
  no_error_at: age
  errors: []
  urgent: no
  complete: yes
"""


def test_a_scenario_that_holds_has_nothing_to_say() -> None:
    found = run(WELL)
    assert (found.name, found.title, found.failures, found.findings) == ("late", "A late visit", (), ())
    assert found.state is not None
    assert found.state.on == date(2026, 1, 2)
    assert found.state.answers["age"] == 3


@pytest.mark.parametrize(
    ("then", "line", "sentence"),
    [
        ("not_asked: day", 1, "`day` is asked."),
        ("asked: [dya]", 1, "The form has no question `dya`; there is a similar name: `day`."),
        ("not_pages: more", 1, "The page `more` is shown."),
        ("pages: mor", 1, "The form has no page `mor`; there is a similar name: `more`."),
        ("errors: [age]", 1, "There is no error at `age`."),
        ("urgent: yes", 1, "What was answered is not urgent."),
        ("complete: no", 1, "What was answered is complete."),
        ("complete: perhaps", 1, "`complete` is yes or no."),
        ("asks: day", 1, "`then` has no `asks`; there is a similar name: `asked`."),
    ],
)  # fmt: skip
def test_what_is_not_as_it_says_is_one_plain_sentence_with_its_line(
    then: str, line: int, sentence: str
) -> None:
    assert told(then) == [(line, sentence)]


def test_an_error_is_compared_word_by_word() -> None:
    given = "age: 30\n  town: deal"
    assert told("errors: {age: Enter an age up to 25}", given) == []
    assert told("errors: {age: Enter an age}", given) == [
        (1, "At `age` the error is “Enter an age up to 25”.")
    ]
    assert told("no_error_at: age", given) == [(1, "At `age` there is the error “Enter an age up to 25”.")]
    assert told("complete: yes", given) == [
        (1, "What was answered is not complete: at `age`, “Enter an age up to 25”.")
    ]


def test_what_the_form_does_not_ask_is_told_at_its_line() -> None:
    assert [each.sentence for each in run("given:\n  twon: dover\nthen: {}\n").failures] == [
        "The form does not ask `twon`; there is a similar name: `town`."
    ]
    assert run("given:\n  twon: dover\nthen: {}\n").failures[0].line == 2


def test_a_file_that_is_no_yaml_has_findings_and_another_form_is_told() -> None:
    assert run("given: [\n").findings
    nothing = run("form: visit\n").failures
    assert [each.sentence for each in nothing] == ["`then` says what must follow, such as `complete: yes`."]
    other = run("form: other\nthen: {}\n").failures
    assert [each.sentence for each in other] == ["It is a scenario of the form `other`, and this is `visit`."]


def test_coverage_counts_pages_questions_options_conditions_both_ways_and_messages() -> None:
    states = [run(WELL).state, run("given: {town: deal, age: 30}\nthen: {}\n").state]
    first, both = (coverage(FORM, [state for state in some if state]) for some in (states[:1], states))
    assert first.counts() == {
        "pages": (2, 2),
        "questions": (6, 6),
        "options": (1, 2),
        "conditions": (2, 4),
        "messages": (0, 1),
    }
    assert both.missing == [("conditions", "people.school not true: name is answered")]


@pytest.mark.parametrize("path", sorted(DEFINITIONS.rglob("*.scenario.yaml")), ids=lambda path: path.name)
def test_a_scenario_that_ships_holds(path: Path) -> None:
    form = Engine().form(path.parents[1].name)
    found = run_scenario(form, Source(path.name, path.read_text(encoding="utf-8")), on=date(2026, 11, 30))
    assert (found.failures, found.findings) == ((), ())
