"""What is said of why a question is asked is what decides it, and the way leads over screens alone."""

from __future__ import annotations

from datetime import date

from formengine.form.actions import next_page, previous_page
from formengine.form.analysis.explain import explain_path
from formengine.form.state import evaluate
from formengine.language.json_types import Json
from tests.support.loading import compiled

ON = date(2026, 11, 22)

PEOPLE = """
    form: x
    title: X
    version: 1
    pages:
      - id: p
        title: P
        fields:
          - id: children
            type: repeat
            label: Children
            item_name: child
            item_title: ((name))
            fields:
              - id: name
                type: text
                label: Name
      - id: paper
        title: On paper
        paper_only: true
        fields:
          - id: stamp
            type: text
            label: Stamp
      - id: q
        title: Q
        fields:
          - id: about
            type: choice
            label: Whom is this about?
            options_from: [children]
            option_label: ((name))
          - id: more
            type: text
            label: More
"""


def test_a_question_about_people_is_not_asked_while_there_is_nobody() -> None:
    form = compiled(PEOPLE)
    asked = []
    drafts: tuple[Json, ...] = ({}, {"children": []}, {"children": [{"id": "a"}]})
    for answers in drafts:
        explanation = explain_path(evaluate(form, answers, on=ON), "about")
        assert explanation is not None
        asked.append((explanation.asked, explanation.nobody))
    assert asked == [(None, True), (False, True), (True, False)]


def test_the_way_through_the_form_leads_past_pages_that_stand_on_paper_alone() -> None:
    state = evaluate(compiled(PEOPLE), {}, on=ON)
    assert next_page(state, "p") == "q"
    assert previous_page(state, "q") == "p"
