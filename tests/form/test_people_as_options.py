"""Choosing people already entered: who is there, by what path, and who is nobody."""

from __future__ import annotations

from datetime import date

from formengine.form.plan import Form
from formengine.form.schema.export import schema
from formengine.form.schema.validators import judge
from formengine.form.state import evaluate
from formengine.language.json_types import Json
from tests.support.loading import compiled

ON = date(2026, 11, 22)

FAMILY = """
    form: x
    title: X
    version: 1
    pages:
      - id: p
        title: P
        fields:
          - id: first_name
            type: text
            label: First name
          - id: family
            type: group
            label: Family
            fields:
              - id: surname
                type: text
                label: Surname
              - id: told
                type: calculated
                label: Told
                value: A family
              - id: children
                type: repeat
                label: Children
                item_name: child
                item_title: ((item.first_name))
                fields:
                  - id: first_name
                    type: text
                    label: First name
      - id: q
        title: Q
        fields:
          - id: about
            type: choice
            label: Whom is this about?
            options_from: [family, family.children]
            option_label: "{label}"
"""


def family(label: str) -> Form:
    return compiled(FAMILY.replace("{label}", label).replace("family, family.children", source_of(label)))


def source_of(label: str) -> str:
    return "family" if "surname" in label else "family.children"


def test_a_group_is_nobody_while_none_of_its_own_questions_is_answered() -> None:
    form = family("((surname))")
    answers: dict[str, Json] = {
        "first_name": "Ann",
        "family": {"told": "A family", "children": [{"id": "a", "first_name": "Bo"}]},
    }
    state = evaluate(form, {**answers, "about": "family"}, on=ON)
    assert state.answers == answers
    assert judge(schema(form, ON))({**answers, "about": "family"}) is False
    named: Json = {"family": {"surname": "Green", "told": "A family"}, "about": "family"}
    assert evaluate(form, named, on=ON).answers == named


def test_people_in_a_list_within_a_group_are_chosen_by_its_path() -> None:
    form = family("((item.first_name))")
    answers: dict[str, Json] = {
        "family": {"told": "A family", "children": [{"id": "a", "first_name": "Bo"}]},
        "about": "family.children/a",
    }
    state = evaluate(form, answers, on=ON)
    page = state.page("q")
    assert page is not None
    assert [(option.code, option.label) for option in page.fields[0].options] == [("family.children/a", "Bo")]
    assert (state.complete, state.answers) == (True, answers)
    assert judge(schema(form, ON))(answers) is True
    gone = evaluate(form, {**answers, "about": "family.children/b"}, on=ON)
    assert [(error.path, error.rule) for error in gone.errors.values()] == [("about", "not_offered")]
