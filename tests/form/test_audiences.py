"""What of a state one audience may see: `copy_for`, the one place that decides it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from formengine.form.plan import Form
from formengine.form.state import AudienceCopyError, State, UnknownAudienceError, copy_for, evaluate
from formengine.output.plain_text import render_text
from tests.support.loading import compiled

ON = date(2026, 11, 22)

HEAD = """\
form: copies
title: Copies
version: 1
access: anyone
audiences:
  family: The family's copy
  school: The school's copy
"""

PEOPLE = """\
pages:
  - id: people
    title: People
    fields:
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((alias or somebody)) ((name))
        fields:
          - id: name
            type: text
            label: Name
          - id: alias
            type: text
            label: Alias
            hide_from: family
      - id: witnesses
        type: repeat
        label: Witnesses
        item_name: witness
        item_title: ((name))
        hide_from: family
        fields:
          - id: name
            type: text
            label: Name of the witness
      - id: contact
        type: choices
        label: Whom to ask
        options_from: [people, witnesses]
        option_label: ((name))
"""
THREE = {
    "people": [{"id": "a", "name": "Ann", "alias": "Redhat"}, {"id": "b", "alias": "Bluecoat"}],
    "witnesses": [{"id": "w", "name": "Wilma"}],
}


def form_of(pages: str) -> Form:
    return compiled(HEAD + pages)


def whole(pages: str, answers: dict[str, Any]) -> State:
    return evaluate(form_of(pages), answers, on=ON)


def family(pages: str, answers: dict[str, Any]) -> State:
    return copy_for(whole(pages, answers), "family")


def fields(text: str) -> str:
    """One page with these questions."""
    lines = "\n".join(f"      {line}" for line in text.strip("\n").split("\n"))
    return f"pages:\n  - id: page\n    title: Page\n    fields:\n{lines}\n"


def labels(state: State) -> list[str]:
    return [field.label for page in state.pages for field in page.fields]


HIDDEN_PIECES = """\
pages:
  - id: open
    title: Open
    fields:
      - id: seen
        type: text
        label: Seen
      - id: field
        type: text
        label: A field
        hide_from: family
      - type: section
        label: A section
        hide_from: family
        fields:
          - id: in_section
            type: text
            label: In a section
      - id: group
        type: group
        label: A group
        hide_from: [family, school]
        fields:
          - id: inner
            type: text
            label: In a group
      - type: note
        text: A note for the office.
        style: warning
        hide_from: family
      - id: part
        type: address
        label: Home
        parts:
          house:
            hide_from: family
  - id: closed
    title: A page for the office
    hide_from: family
    fields:
      - id: on_page
        type: text
        label: On a page
"""
PIECES = {
    "seen": "s",
    "field": "f",
    "in_section": "i",
    "group": {"inner": "g"},
    "part": {"house": "Hidden House", "town": "Sampleford"},
    "on_page": "p",
}


def test_page_field_section_group_note_and_part_are_left_out_with_their_answers() -> None:
    copy = family(HIDDEN_PIECES, PIECES)
    assert [page.title for page in copy.pages] == ["Open"]
    assert labels(copy) == ["Seen", "Street", "Town or city", "Postcode"]
    assert copy.answers == {"seen": "s", "part": {"town": "Sampleford"}}
    assert copy.draft == copy.answers


def test_one_audience_is_not_the_other_and_the_whole_keeps_everything() -> None:
    state = whole(HIDDEN_PIECES, PIECES)
    assert copy_for(state, "school").answers == {
        key: value for key, value in PIECES.items() if key != "group"
    }
    assert copy_for(state, "") is state
    assert state.answers == PIECES


def test_an_audience_that_the_form_does_not_declare_is_refused_by_name() -> None:
    with pytest.raises(UnknownAudienceError) as refused:
        copy_for(whole(HIDDEN_PIECES, {}), "famly")
    assert str(refused.value) == "the form has no audience 'famly'; there is family, school"


def test_a_list_is_left_out_whole_and_so_is_whoever_points_to_it() -> None:
    copy = family(PEOPLE, {**THREE, "contact": ["people/a", "witnesses/w"]})
    assert copy.answers["contact"] == ["people/a"]
    assert "witnesses" not in copy.answers
    assert "Wilma" not in render_text(copy)


def test_a_question_whose_only_answer_is_somebody_hidden_is_left_out() -> None:
    assert "Whom to ask" not in render_text(family(PEOPLE, {**THREE, "contact": ["witnesses/w"]}))
    assert "Whom to ask: Not provided" in render_text(family(PEOPLE, THREE))


def test_titles_of_items_hold_no_hidden_answer_and_no_trace_that_there_is_one() -> None:
    page = family(PEOPLE, THREE).page("people")
    assert page is not None
    people = page.nodes[0]
    assert [item.title for item in people.items] == ["Ann", "Person 2"]  # type: ignore[union-attr]


OPTIONS = fields("""
- id: plan
  type: choices
  label: Plans
  options:
    cin: Child in need
    cp:
      label: Child protection
      hide_from: family
- id: why
  type: choice
  label: Why
  options:
    asked: They asked
    unsafe:
      label: Asking is unsafe
      hide_from: family
- id: after
  type: text
  label: After
""")


def test_a_hidden_option_is_left_out_of_several() -> None:
    copy = family(OPTIONS, {"plan": ["cin", "cp"], "after": "x"})
    assert copy.answers == {"plan": ["cin"], "after": "x"}
    assert "Child protection" not in render_text(copy)


def test_a_question_answered_with_hidden_options_alone_is_not_said_to_be_unanswered() -> None:
    assert labels(family(OPTIONS, {"plan": ["cp"], "why": "unsafe"})) == ["After"]
    assert labels(family(OPTIONS, {"why": "asked"})) == ["Plans", "Why", "After"]


def test_a_required_question_left_out_for_its_option_is_no_error() -> None:
    pages = OPTIONS.replace("        label: Why", "        label: Why\n        required: true")
    assert family(pages, {"why": "unsafe"}).errors == {}
    assert list(family(pages, {}).errors) == ["why"]


WORKED_OUT = fields("""
- id: risk
  type: choice
  label: Risk
  hide_from: family
  options:
    high: High
    low: Low
- id: note
  type: text
  label: Note
  hide_from: family
- id: repeated
  type: calculated
  label: Repeated
  value: They wrote ((note))
- id: decided
  type: calculated
  label: Decided
  value:
    - when: risk is high
      then: Go at once
    - otherwise: Wait
- id: twice
  type: calculated
  label: Twice
  value: And ((repeated))
- id: harmless
  type: calculated
  label: Harmless
  value: Always so
""")


def test_a_calculated_answer_made_of_or_decided_by_a_hidden_one_is_hidden_too() -> None:
    answers = {"risk": "high", "note": "N"}
    assert whole(WORKED_OUT, answers).answers["twice"] == "And They wrote N"
    assert family(WORKED_OUT, answers).answers == {"harmless": "Always so"}


SHOWN_BECAUSE = fields("""
- id: safe
  type: yes_no
  label: Safe
  hide_from: family
- id: visit
  type: text
  label: When to visit
  show_if: safe is yes
""")


def test_conditions_are_those_of_the_whole_even_where_they_read_something_hidden() -> None:
    assert family(SHOWN_BECAUSE, {"safe": "yes", "visit": "Monday"}).answers == {"visit": "Monday"}
    assert family(SHOWN_BECAUSE, {"safe": "no", "visit": "Monday"}).answers == {}


CHECKED = fields("""
- id: first
  type: date
  label: First
  hide_from: family
- id: then
  type: date
  label: Then
  check:
    - that: then is on or after first
      else: Then must not be before the first assault
    - that: then is on or before today
      else: Then must be in the past
- id: wanted
  type: text
  label: Wanted
  hide_from: family
  required: true
""")


def test_a_check_that_judges_by_a_hidden_answer_is_silent_in_the_copy() -> None:
    answers = {"first": "2026-05-02", "then": "2026-05-01", "wanted": "x"}
    assert whole(CHECKED, answers).errors["then"].message == "Then must not be before the first assault"
    assert family(CHECKED, answers).errors == {}


def test_what_is_wrong_with_a_hidden_answer_is_not_told_but_the_whole_is_still_not_complete() -> None:
    copy = family(CHECKED, {})
    assert copy.errors == {}
    assert not copy.complete
    assert copy_for(whole(CHECKED, {"wanted": "x"}), "family").complete


def test_urgency_that_follows_from_a_hidden_answer_is_not_told() -> None:
    pages = "urgent_if: risk is high\n" + WORKED_OUT
    assert whole(pages, {"risk": "high"}).urgent
    assert not family(pages, {"risk": "high"}).urgent


def test_answers_that_do_not_count_and_keys_nobody_asks_for_are_not_in_a_copy() -> None:
    copy = family(SHOWN_BECAUSE, {"safe": "no", "visit": "Monday", "other": "Left over"})
    assert copy.draft == {}
    assert copy.run().answers == {}
    assert copy.errors == {}


def test_a_copy_cannot_be_sent_in_place_of_the_whole() -> None:
    with pytest.raises(AudienceCopyError, match="the copy for 'family' leaves answers out"):
        family(SHOWN_BECAUSE, {"safe": "yes"}).submission(at="2026-11-22T10:30:00+00:00")


def test_a_copy_of_a_copy_is_itself_or_refused() -> None:
    copy = family(SHOWN_BECAUSE, {})
    assert copy_for(copy, "family") is copy
    with pytest.raises(ValueError, match="cannot become one for 'school'"):
        copy_for(copy, "school")


def test_a_page_or_group_of_which_no_question_is_left_goes_with_its_title() -> None:
    pages = """\
pages:
  - id: worries
    title: Worries about the father
    fields:
      - type: note
        text: Think first.
      - id: worry
        type: text
        label: Worry
        hide_from: family
  - id: rest
    title: Rest
    fields:
      - id: a
        type: text
        label: A
"""
    assert [page.title for page in family(pages, {}).pages] == ["Rest"]
