"""What a post may never do to a draft: lose what was not asked, or what is hidden just now."""

from __future__ import annotations

from datetime import date
from typing import Any

from formengine.form.actions import add_item, post_item, post_page, remove_item
from formengine.form.plan import Form
from formengine.form.state import evaluate
from tests.support.loading import compiled

ON = date(2026, 11, 22)

TABLE = """
    form: x
    title: X
    version: 1
    pages:
      - id: agencies
        title: Agencies
        fields:
          - id: with_phone
            type: yes_no
            label: Do you know phone numbers?
          - id: agencies
            type: repeat
            label: Agencies
            layout: table
            item_name: agency
            item_title: ((name))
            fields:
              - id: name
                type: text
                label: Name
              - id: extension
                type: text
                label: Extension
                required: true
                show_if: with_phone is yes
"""

CARDS = """
    form: x
    title: X
    version: 1
    pages:
      - id: children
        title: Children
        fields:
          - id: children
            type: repeat
            label: Children
            item_name: child
            item_title: ((name))
            pages:
              - id: who
                title: Who
                fields:
                  - id: name
                    type: text
                    label: Name
              - id: school
                title: School
                show_if: name is answered
                fields:
                  - id: school
                    type: text
                    label: School
      - id: after
        title: After
        fields:
          - id: why
            type: text
            label: Why is no child named?
            show_if: none of children where (name is answered)
"""


def post(form: Form, draft: dict[str, Any], page: str, data: dict[str, list[str]]) -> Any:
    return post_page(form, draft, page, data, on=ON)


def test_a_column_closed_on_its_page_keeps_its_answers_and_gives_them_back() -> None:
    form = compiled(TABLE)
    draft = {"with_phone": "no", "agencies": [{"id": "a", "name": "School", "extension": "12"}]}
    # A cell that an answer of its page closes is on the page all the same, and is posted with what it holds.
    data = {"with_phone": ["no"], "agencies.a.name": ["Clinic"], "agencies.a.extension": ["12"]}
    hidden = post(form, draft, "agencies", data)
    assert hidden.draft["agencies"] == [{"id": "a", "name": "Clinic", "extension": "12"}]
    assert hidden.state.answers["agencies"] == [{"id": "a", "name": "Clinic"}]


def test_a_question_that_an_answer_of_its_page_opens_in_a_row_is_on_the_page_and_demanded_at_once() -> None:
    form = compiled(TABLE)
    draft = {"agencies": [{"id": "a", "name": "School"}]}
    data = {"with_phone": ["yes"], "agencies.a.name": ["School"], "agencies.n1.name": ["Clinic"]}
    opened = post(form, draft, "agencies", data)
    assert opened.opened == ()
    assert [(error.path, error.rule) for error in opened.errors] == [
        ("agencies.a.extension", "required"),
        ("agencies.n1.extension", "required"),
    ]


def test_a_new_row_is_blamed_for_what_stood_in_the_blank_row() -> None:
    form = compiled(TABLE)
    outcome = post(
        form, {"with_phone": "yes"}, "agencies", {"with_phone": ["yes"], "agencies.n1.name": ["x"]}
    )
    assert outcome.opened == ()
    assert [error.path for error in outcome.errors] == ["agencies.n1.extension"]


def test_one_page_of_an_item_leaves_the_answers_of_its_other_pages() -> None:
    form = compiled(CARDS)
    draft = {"children": [{"id": "c1", "name": "Bo", "school": "Oak"}]}
    data = {"children.c1.name": ["Jo"]}
    outcome = post_item(form, draft, "children", "c1", data, on=ON, page_id="who")
    assert outcome.draft["children"] == [{"id": "c1", "name": "Jo", "school": "Oak"}]
    data = {"children.c1.school": ["Elm"]}
    outcome = post_item(form, outcome.draft, "children", "c1", data, on=ON, page_id="school")
    assert outcome.draft["children"] == [{"id": "c1", "name": "Jo", "school": "Elm"}]


def test_going_on_from_an_empty_list_says_none() -> None:
    form = compiled(CARDS)
    assert [page.id for page in evaluate(form, {}, on=ON).pages] == ["children"]
    outcome = post(form, {}, "children", {})
    assert outcome.draft == {"children": []}
    assert [page.id for page in outcome.state.pages] == ["children", "after"]


def test_leaving_an_empty_list_to_add_an_item_says_nothing() -> None:
    assert post(compiled(CARDS), {}, "children", {"-action": ["add:children"]}).draft == {}
    assert post(compiled(TABLE), {}, "agencies", {"-action": ["back"]}).draft == {}


def test_changing_one_item_loses_no_other_though_it_has_the_same_id_or_none() -> None:
    form = compiled(CARDS)
    broken = [{"id": "c1", "name": "Bo"}, {"id": "c1", "name": "Jo"}, {"name": "Mo"}]
    changed = post_item(form, {"children": broken}, "children", "c1", {"children.c1.name": ["Al"]}, on=ON)
    assert changed.draft["children"] == [{"id": "c1", "name": "Al"}, *broken[1:]]
    assert remove_item({"children": broken}, "children", "c1") == {"children": broken[1:]}
    assert add_item({"children": broken}, "children", "c2") == {"children": [*broken, {"id": "c2"}]}


def test_an_option_that_an_answer_of_its_page_opens_is_on_the_page_and_the_question_demanded_at_once() -> (
    None
):
    form = compiled(
        """
        form: x
        title: X
        version: 1
        pages:
          - id: p
            title: P
            fields:
              - id: school
                type: yes_no
                label: School
              - id: contact
                type: choice
                label: Contact
                required: true
                options:
                  home: At home
                  school:
                    label: At school
                    show_if: school is yes
        """
    )
    unanswered = post(form, {}, "p", {"school": ["yes"]})
    assert unanswered.opened == ()
    assert [(error.path, error.rule) for error in unanswered.errors] == [("contact", "required")]
    answered = post(form, {}, "p", {"school": ["yes"], "contact": ["home"]})
    assert (answered.opened, answered.may_go_on) == ((), True)
