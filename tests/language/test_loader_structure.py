"""What stands in a definition becomes the model, each piece with its place."""

from __future__ import annotations

import pytest

from formengine.language import model
from formengine.language.content import plain_text
from formengine.language.diagnostics import Findings
from formengine.language.loader import load_source, open_source
from tests.support.loading import form_text, loaded, nodes_of

LIST = """
    list: gender
    basis: national_standard
    options:
      M:
        label: Male
        codes:
          cin: "1"
      F: Female
      U:
        label: Unborn
        show_if: unborn is ticked
        basis: confirmed
"""


def _only(fields: str) -> model.Node:
    (node,) = nodes_of(fields)
    return node


def test_a_field_has_its_type_its_limits_and_the_place_of_its_id() -> None:
    field = _only("""
        - id: address
          type: long_text
          label: Address
          hint: With the **postcode**
          max_length: 512
          required_if: urgency is urgent
    """)
    assert isinstance(field, model.Field)
    assert (field.id, field.type.name, field.settings.label) == ("address", "long_text", "Address")
    assert dict(field.settings.limits) == {"max_length": 512}
    assert plain_text(field.hint) == "With the postcode"
    assert field.required_if is not None
    assert field.required_if.text == "urgency is urgent"
    assert (field.id_span.line, field.id_span.column) == (8, 13)


def test_the_order_of_keys_is_free() -> None:
    written = _only("- id: a\n  type: text\n  label: A\n  required: true\n")
    turned = _only("- required: true\n  label: A\n  type: text\n  id: a\n")
    assert written == turned


def test_scalars_stay_text_until_the_type_decides() -> None:
    field = _only("""
        - id: answer
          type: choice
          label: 2026
          options:
            yes: Yes
            no: No
            012: 1e3
    """)
    assert isinstance(field, model.Field)
    assert field.settings.label == "2026"
    assert [(option.code, option.label) for option in field.settings.options] == [
        ("yes", "Yes"),
        ("no", "No"),
        ("012", "1e3"),
    ]


def test_labels_on_several_lines_become_one_line() -> None:
    field = _only("""
        - id: agreed
          type: tick
          label: >-
            The parent agrees
            to be told
    """)
    assert isinstance(field, model.Field)
    assert field.settings.label == "The parent agrees to be told"


def test_a_label_with_answers_keeps_where_they_stand() -> None:
    field = _only("""
        - id: school
          type: text
          label: School of ((child.first_name or the child))
    """)
    (insert,) = field.templates["label"].inserts
    assert (insert.names, insert.fallback) == (("child", "first_name"), "the child")
    assert insert.span.source.line(insert.span.line)[insert.span.column - 1 :].startswith("((child")


def test_sections_leave_no_trace_and_share_the_scope() -> None:
    section = _only("""
        - type: section
          label: About the consent
          show_if: consent is yes
          fields:
            - id: method
              type: text
              label: Method
    """)
    assert isinstance(section, model.Section)
    (field,) = section.nodes
    assert isinstance(field, model.Field)
    assert field.id == "method"
    assert section.show_if is not None
    assert section.show_if.text == "consent is yes"


def test_a_composite_type_is_a_group_of_its_parts_as_changed() -> None:
    group = _only("""
        - id: address
          type: address
          label: Address
          parts:
            house:
              label: House number or name, or caravan
            postcode:
              required: true
          check:
            - that: address.postcode starts with ME4
              warn: Check the postcode
              at: postcode
    """)
    assert isinstance(group, model.Group)
    assert group.composite is not None
    parts = {node.id: node for node in group.nodes if isinstance(node, model.Field)}
    assert list(parts) == ["house", "street", "town", "postcode"]
    assert parts["house"].settings.label == "House number or name, or caravan"
    assert [name for name, part in parts.items() if part.required] == ["postcode"]
    assert parts["house"].settings.limits["spellcheck"] is False
    (check,) = group.checks
    assert (check.level, check.message, check.at) == ("warn", "Check the postcode", "postcode")


def test_a_repeat_holds_fields_or_pages() -> None:
    repeat = _only("""
        - id: children
          type: repeat
          label: Children
          item_name: child
          item_title: ((first_name)) ((last_name))
          layout: table
          min_items: 1
          max_items: 20
          messages:
            too_few_items: Add at least one child
          pages:
            - id: name
              title: Name
              fields:
                - id: first_name
                  type: text
                  label: First name
            - id: more
              title: More
              fields:
                - id: last_name
                  type: text
                  label: Last name
    """)
    assert isinstance(repeat, model.Repeat)
    assert ([page.id for page in repeat.pages], repeat.nodes) == (["name", "more"], ())
    assert (repeat.min_items, repeat.max_items, repeat.layout) == (1, 20, "table")
    assert [insert.names for insert in repeat.item_title.inserts] == [("first_name",), ("last_name",)]
    assert dict(repeat.messages) == {"too_few_items": "Add at least one child"}


def test_signatures_need_no_id() -> None:
    first, second = nodes_of("""
        - type: signature
          label: Parent or carer
        - type: signature
          label: Young person
    """)
    assert isinstance(first, model.Field)
    assert isinstance(second, model.Field)
    assert (first.id, second.id) == ("signature_1", "signature_2")


def test_people_already_entered_are_options() -> None:
    _, about = nodes_of("""
        - id: child
          type: group
          label: Child
          fields:
            - id: first_name
              type: text
              label: First name
        - id: about
          type: choices
          label: About
          options_from: [child, people]
          option_label: ((first_name))
    """)
    assert isinstance(about, model.Field)
    assert [source.text for source in about.options_from] == ["child", "people"]
    assert about.settings.limits["options_from"] == ("child", "people")
    assert about.option_label is not None


def test_a_calculated_value_is_a_count_a_text_or_a_first_match() -> None:
    count, text, cases = nodes_of("""
        - id: how_many
          type: calculated
          label: How many
          value: count of children where (subject is yes)
        - id: whole_name
          type: calculated
          label: Name
          value: ((first_name)) ((last_name))
        - id: team
          type: calculated
          label: Team
          value:
            - when: urgency is urgent
              then: Emergency team
            - otherwise: Front Door
    """)
    assert isinstance(count, model.Field)
    assert isinstance(text, model.Field)
    assert isinstance(cases, model.Field)
    assert count.calculation is not None
    assert text.calculation is not None
    assert cases.calculation is not None
    assert count.calculation.count is not None
    assert count.calculation.count.text == "count of children where (subject is yes)"
    assert text.calculation.template is not None
    assert [case.when.text if case.when else None for case in cases.calculation.cases] == [
        "urgency is urgent",
        None,
    ]
    assert [case.then.parts for case in cases.calculation.cases] == [("Emergency team",), ("Front Door",)]


def test_what_is_known_of_a_piece_holds_for_what_stands_in_it() -> None:
    definition, findings = loaded(
        form_text(
            """
            - id: child
              type: group
              label: Child
              basis: reconstructed
              fields:
                - id: name
                  type: text
                  label: Name
                - id: age
                  type: number
                  label: Age
                  basis: confirmed
            - id: school
              type: text
              label: School
            """
        )
    )
    assert findings == ()
    group, school = definition.pages[0].nodes
    assert isinstance(group, model.Group)
    assert [node.basis for node in (*group.nodes, school)] == ["reconstructed", "confirmed", "confirmed"]


def test_a_list_is_read_once_and_its_basis_holds_where_an_option_says_none() -> None:
    first, second = nodes_of(
        """
        - id: gender
          type: choice
          label: Gender
          options: lists/gender
        - id: other_gender
          type: choice
          label: Gender of the other
          options:
            list: gender
            without: [U]
        """,
        {"lists/gender.yaml": LIST},
    )
    assert isinstance(first, model.Field)
    assert isinstance(second, model.Field)
    assert [option.basis for option in first.settings.options] == [
        "national_standard",
        "national_standard",
        "confirmed",
    ]
    assert first.settings.options[0].codes == {"cin": "1"}
    assert {code: text.text for code, text in first.option_show_if.items()} == {"U": "unborn is ticked"}
    assert [option.code for option in second.settings.options] == ["M", "F"]
    assert dict(second.option_show_if) == {}


def test_the_form_says_who_signs_in_how_long_and_to_whom_it_goes() -> None:
    definition, findings = loaded(
        form_text(
            "- id: urgency\n  type: text\n  label: Urgency\n",
            head="""
            presentation:
              menu: numbered
              required_mark: asterisk
              buttons: next
              exit_page: https://www.example.org/weather
            access:
              sign_in_from: about
            session:
              timeout_minutes: 30
              warn_minutes: 5
            urgent_if: urgency is urgent
            route_by: district
            audiences:
              family: The family's copy
            notices:
              - id: privacy
                title: Privacy notice
                version: 2026-11
                link: https://www.example.org/privacy
                for: family
            conditions:
              is_urgent: urgency is urgent
            submit:
              title: Send
              button: Send the report
            confirmation:
              title: Sent
              text: Keep the reference.
            """,
        )
    )
    assert findings == ()
    assert definition.presentation == model.Presentation(
        menu="numbered",
        required_mark="asterisk",
        buttons="next",
        exit_page="https://www.example.org/weather",
    )
    assert (definition.access.sign_in_from, definition.access.anyone) == ("about", False)
    assert definition.session == model.Session(timeout_minutes=30, warn_minutes=5)
    assert definition.urgent_if is not None
    assert definition.route_by is not None
    assert (definition.urgent_if.text, definition.route_by.text) == ("urgency is urgent", "district")
    assert dict(definition.audiences) == {"family": "The family's copy"}
    assert definition.notices == (
        model.Notice(
            id="privacy",
            title="Privacy notice",
            version="2026-11",
            link="https://www.example.org/privacy",
            audience="family",
        ),
    )
    assert [(named.name, named.expression.text) for named in definition.conditions] == [
        ("is_urgent", "urgency is urgent")
    ]
    assert (definition.submit.title, definition.submit.button) == ("Send", "Send the report")
    assert plain_text(definition.confirmation.text) == "Keep the reference."


def test_anyone_may_fill_in_where_the_form_says_so() -> None:
    definition, findings = loaded(form_text("- id: a\n  type: text\n  label: A\n", head="access: anyone\n"))
    assert findings == ()
    assert definition.access == model.Access(anyone=True)


@pytest.mark.parametrize("form_id", ["request-for-support", "early-help-notification"])
def test_a_shipped_form_loads_without_a_finding(form_id: str) -> None:
    findings = Findings()
    opened = open_source(form_id, findings)
    assert opened is not None
    definition = load_source(*opened, findings)
    assert definition is not None
    assert (definition.id, definition.unreadable, findings.in_file_order()) == (form_id, frozenset(), ())
    assert definition.sources[0].name == f"{form_id}/form.yaml"
