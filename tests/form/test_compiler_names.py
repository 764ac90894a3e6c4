"""What a name means where it stands, and what is told where it cannot be read.

Rule: docs/language.md, Names; Where; Order; Stop pages.
"""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest

from formengine import Engine, evaluate
from formengine.form.compiler import check_form
from formengine.language.diagnostics import Findings
from tests.language.diagnostics.checking import PAIRS, check
from tests.support.loading import form_text, loaded

# A form of which each case uses a part: a group, a list, and a field after them.
BEFORE = """
- id: consent
  type: yes_no
  label: Consent
  required: true
- id: child
  type: group
  label: Child
  fields:
    - id: name
      type: text
      label: Name
    - id: age
      type: number
      label: Age
- id: people
  type: repeat
  label: People
  item_name: person
  item_title: ((name))
  fields:
    - id: name
      type: text
      label: Name
    - id: at_home
      type: yes_no
      label: At home
"""


def codes(fields: str, *, head: str = "") -> list[str]:
    """The codes of the errors in a form with these fields behind those of `BEFORE`."""
    findings = Findings()
    definition, found = loaded(form_text(dedent(BEFORE) + dedent(fields), head=head))
    assert [finding.code for finding in found] == []
    check_form(definition, findings)
    return [finding.code for finding in findings.in_file_order() if finding.severity == "error"]


def asked_if(condition: str) -> str:
    return f"- id: then\n  type: text\n  label: Then\n  show_if: {condition}\n"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("consent is yes", []),
        ("child.age is more than 3", []),
        ("any of people where (at_home is yes)", []),
        ("count of people is at least 2", []),
        ("form.consent is yes", []),
        # Never down into a group: it would ask every sibling by the key child's age.
        ("age is more than 3", ["unknown-name"]),
        ("child is answered", ["name-is-group"]),
        ("people is answered", ["list-as-answer"]),
        ("people.at_home is yes", ["name-in-list"]),
        ("any of people where (consent is yes)", ["name-outside-where"]),
        ("any of people where (form.consent is yes)", ["name-outside-where"]),
        ("child.nothing is answered", ["unknown-name"]),
        ("nothing is yes", ["unknown-name"]),
        ("then is answered", ["name-later"]),
        ("item.at_home is yes", ["unknown-name"]),
    ],
)
def test_a_name_after_a_group_and_a_list(condition: str, expected: list[str]) -> None:
    assert codes(asked_if(condition)) == expected


def in_item(condition: str, *, own: str = "own") -> str:
    return dedent(
        f"""
        - id: places
          type: repeat
          label: Places
          item_name: place
          item_title: ((street))
          fields:
            - id: street
              type: text
              label: Street
            - id: {own}
              type: yes_no
              label: Own
            - id: then
              type: text
              label: Then
              show_if: {condition}
            - id: last
              type: yes_no
              label: Last
        """
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("own is yes", []),
        ("own is yes and consent is yes", []),
        ("item.own is yes and form.consent is yes", []),
        ("any of people where (at_home is yes) and own is yes", []),
        ("last is yes", ["name-later"]),
        ("any of places where (own is yes)", ["name-own-list"]),
        ("places.own is yes", ["name-own-list"]),
        ("form.own is yes", ["unknown-name"]),
    ],
)
def test_a_name_in_an_item(condition: str, expected: list[str]) -> None:
    assert codes(in_item(condition)) == expected


def test_a_name_of_the_item_and_of_the_form_is_an_error_only_where_it_is_used() -> None:
    assert codes(in_item("street is answered", own="consent")) == []
    assert codes(in_item("consent is yes", own="consent")) == ["name-ambiguous"]
    assert codes(in_item("item.consent is yes and form.consent is yes", own="consent")) == []


def in_group(condition: str) -> str:
    return dedent(
        f"""
        - id: mother
          type: group
          label: Mother
          fields:
            - id: consent
              type: yes_no
              label: Her consent
            - id: then
              type: text
              label: Then
              show_if: {condition}
        """
    )


def test_a_name_of_a_group_and_of_the_form_is_told_apart_by_the_group_s_id() -> None:
    findings = Findings()
    definition, _ = loaded(form_text(dedent(BEFORE) + in_group("consent is yes")))
    check_form(definition, findings)
    (found,) = findings.found
    assert found.code == "name-ambiguous"
    assert found.help.startswith(
        "write the group's id in front for the group's own answer, as in `group.consent`"
    )
    assert codes(in_group("mother.consent is yes")) == []
    assert codes(in_group("form.consent is yes")) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [("consent is yes", []), ("afterwards is yes", ["name-later"])],
)
def test_what_a_named_condition_reads_must_stand_before_its_use(at: str, expected: list[str]) -> None:
    head = f"conditions:\n  agreed: {at}\n"
    fields = asked_if("agreed") + "- id: afterwards\n  type: yes_no\n  label: Afterwards\n"
    assert codes(fields, head=head) == expected
    last = "- id: afterwards\n  type: yes_no\n  label: Afterwards\n" + asked_if("agreed")
    assert codes(last, head=head) == []


def test_named_conditions_may_use_each_other_but_not_in_a_circle() -> None:
    head = "conditions:\n  older_agreed: older and consent is yes\n  older: child.age is more than 3\n"
    assert codes(asked_if("older_agreed"), head=head) == []
    circle = "conditions:\n  first: second and consent is yes\n  second: first or consent is no\n"
    assert codes(asked_if("consent is yes"), head=circle) == ["condition-cycle"]


def test_a_check_sees_to_the_end_of_what_it_hangs_on() -> None:
    def group(that: str) -> str:
        return dedent(
            f"""
            - id: stay
              type: group
              label: Stay
              check:
                - that: {that}
                  else: Wrong
              fields:
                - id: start
                  type: date
                  label: Start
                - id: end
                  type: date
                  label: End
            - id: afterwards
              type: date
              label: Afterwards
            """
        )

    assert codes(group("end is on or after start")) == []
    assert codes(group("end is on or before afterwards")) == ["name-later"]


def test_two_answers_are_compared_only_in_a_check() -> None:
    fields = "- id: other\n  type: number\n  label: Other\n"
    assert codes(fields + asked_if("other is at most child.age")) == ["compares-two-answers"]
    check = "  check:\n    - that: other is at most child.age\n      else: Wrong\n"
    assert codes(fields + check) == []


@pytest.mark.parametrize(
    ("required", "expected"), [("  required: true\n", []), ("", ["stop-can-be-skipped"])]
)
def test_a_stop_hangs_on_answers_that_must_be_given(required: str, expected: list[str]) -> None:
    text = (
        "form: example\ntitle: Example\nversion: 1\npages:\n  - id: a\n    title: A\n    fields:\n"
        f"      - id: consent\n        type: yes_no\n        label: Consent\n      {required}".rstrip(" ")
        + "  - id: halt\n    title: Halt\n    stop: true\n    show_if: consent is no\n"
    )
    findings = Findings()
    check_form(loaded(text)[0], findings)
    assert [finding.code for finding in findings.found] == expected


def test_a_form_that_was_in_use_with_a_text_like_a_calculation_goes_on_and_is_an_error_for_check() -> None:
    source = (PAIRS / "calculated-text-unclear.yaml").read_bytes()
    form = Engine().form_of_text(source)
    state = evaluate(form, {"a": 100, "b": 200}, on=date(2026, 11, 30))
    assert state.answers["t1"] == "a + b"
    assert {finding.severity for finding in check(source, "form.yaml")} == {"error"}
