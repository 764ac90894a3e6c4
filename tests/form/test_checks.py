"""Where a check speaks: at a question that is asked, at the level the check stands on."""

from __future__ import annotations

from datetime import date

from formengine.form.state import evaluate
from formengine.language.json_types import Json
from tests.support.loading import compiled

ON = date(2026, 11, 22)


def errors_of(fields: str, check: str, answers: Json) -> list[tuple[str, str]]:
    head = "form: x\ntitle: X\nversion: 1\npages:\n  - id: p\n    title: P\n"
    form = compiled(f"{head}    fields:{fields}    check:\n      - that: {check}\n        else: Mend this\n")
    return [(error.path, error.rule) for error in evaluate(form, answers, on=ON).errors.values()]


OPENED = """
      - id: consent
        type: yes_no
        label: Consent
      - id: written
        type: yes_no
        label: In writing
        show_if: consent is yes
"""

LIST = """
      - id: name
        type: text
        label: Name
      - id: school
        type: yes_no
        label: School
      - id: children
        type: repeat
        label: Children
        item_name: child
        item_title: ((item.name))
        fields:
          - id: name
            type: text
            label: Name
"""


def test_a_check_speaks_at_the_last_question_asked_now_when_the_last_one_named_is_hidden() -> None:
    assert errors_of(OPENED, "consent is yes and written is yes", {"consent": "no"}) == [("consent", "check")]


def test_a_check_speaks_at_the_last_question_named_when_it_is_asked() -> None:
    answers: dict[str, Json] = {"consent": "yes", "written": "no"}
    assert errors_of(OPENED, "consent is yes and written is yes", answers) == [("written", "check")]


def test_a_check_of_a_page_speaks_at_the_pages_own_field_though_an_item_has_one_of_the_same_name() -> None:
    answers: dict[str, Json] = {"name": "x", "school": "yes"}
    assert errors_of(LIST, 'name is not "x"', answers) == [("name", "check")]


def test_a_check_of_a_page_that_counts_a_list_speaks_at_the_list() -> None:
    answers: dict[str, Json] = {"school": "yes", "children": []}
    assert errors_of(LIST, "count of children is at least 1", answers) == [("children", "check")]
    only_list = LIST[LIST.index("      - id: children") :]
    assert errors_of("\n" + only_list, "count of children is at least 1", {"children": []}) == [
        ("children", "check")
    ]


def test_messages_name_lists_groups_and_pages_by_the_answers_in_their_labels() -> None:
    form = compiled(
        """
        form: x
        title: X
        version: 1
        pages:
          - id: you
            title: You
            fields:
              - id: name
                type: text
                label: Name
                required: true
          - id: p
            title: P
            fields:
              - id: home
                type: group
                label: The home of ((name or nobody))
                fields:
                  - id: town
                    type: text
                    label: Town
              - id: children
                type: repeat
                label: Children of ((name or nobody))
                item_name: child
                item_title: ((first_name))
                max_items: 1
                fields:
                  - id: first_name
                    type: text
                    label: First name
          - id: end
            title: Not for ((name or nobody))
            stop: true
            show_if: name is answered
        """
    )
    answers: Json = {"name": "Ann", "home": 3, "children": [{"id": "a"}, {"id": "b"}]}
    names = [error.name for error in evaluate(form, answers, on=ON).errors.values()]
    assert names == ["The home of Ann", "Children of Ann", "Not for Ann"]
