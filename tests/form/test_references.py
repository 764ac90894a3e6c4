"""Where a definition names something, and what a new id changes: that name wherever it stands, and nothing else."""

from __future__ import annotations

from collections import Counter
from difflib import unified_diff

import pytest

from formengine.engine import Engine
from formengine.form.analysis.references import path_of, references, used_by
from formengine.form.analysis.rename import RenameRefusedError, rename
from formengine.form.compiler.positions import lay_out
from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.loader import TextResolver, load_source, pack
from formengine.language.source import Source

FORM = """\
form: visit
title: Visit of ((child.first_name or the child))
version: 1
audiences:
  family: The family
conditions:
  grown: child.age is at least 16
access:
  sign_in_from: about
urgent_if: form.child.age is at most 1
route_by: town
pages:
  - id: about
    title: About
    fields:
      - id: town
        type: choice
        label: Town
        options:
          dover: Dover
          deal: Deal
      - id: child
        type: group
        label: Child
        fields:
          - id: first_name   # as called
            type: text
            label: "First name"
          - id: age
            type: number
            label: Age
            check:
              - that: age is at most 25
                else: Too old
  - id: who
    title: Who comes, ((child.first_name or they))
    show_if: >
      town is "dover"
      and not grown
    fields:
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((name))
        fields:
          - {id: name, type: text, label: Name, required: true}
          - id: nick
            type: text
            label: Nickname
            prefill: name
      - id: lead
        type: choice
        label: Who leads
        options_from: people
        option_label: ((name))
        hide_from: family
      - id: many
        type: long_text
        label: Who else
        show_if: any of people where (name is answered) or count of people is at least 2
"""


def definition_of(text: str) -> model.Definition:
    found = load_source(Source("visit/form.yaml", text), TextResolver({}), Findings())
    assert found is not None
    return found


def written(text: str, path: str) -> list[tuple[str, str, int, str]]:
    """What names it: kind, role, line, and what is written there."""
    return [
        (each.kind, each.role, each.span.line, each.span.source.text[each.span.start : each.span.end])
        for each in used_by(definition_of(text), path)
    ]


def test_every_place_that_names_an_answer_is_found_with_its_own_span() -> None:
    assert written(FORM, "child") == [
        ("group", "conditions", 7, "child"),
        ("answer", "conditions", 7, "age"),
        ("group", "urgent_if", 10, "child"),
        ("answer", "urgent_if", 10, "age"),
        ("answer", "check", 33, "age"),
        ("group", "insert", 36, "child"),
        ("answer", "insert", 36, "first_name"),
    ]
    assert written(FORM, "town") == [
        ("answer", "route_by", 11, "town"),
        ("answer", "show_if", 38, "town"),
        ("option", "show_if", 38, '"dover"'),
    ]
    assert written(FORM, "people") == [
        ("answer", "insert", 45, "name"),
        ("answer", "prefill", 51, "name"),
        ("list", "options_from", 55, "people"),
        ("answer", "insert", 56, "name"),
        ("list", "show_if", 61, "people"),
        ("answer", "show_if", 61, "name"),
        ("list", "show_if", 61, "people"),
    ]


def test_conditions_pages_audiences_files_and_codes_are_named_too() -> None:
    found = {(each.kind, each.target, each.holder) for each in references(definition_of(FORM))}
    assert ("condition", "grown", "who") in found
    assert ("page", "about", "") in found
    assert ("audience", "family", "lead") in found
    real = references(Engine().form("request-for-support").definition)
    assert {"file", "fragment_field", "option"} <= {each.kind for each in real}


def test_a_new_id_follows_into_every_place_and_leaves_every_other_byte() -> None:
    new = rename(definition_of(FORM), "child.age", "years")["visit/form.yaml"]
    lines = [
        line for line in unified_diff(FORM.split("\n"), new.split("\n"), n=0, lineterm="") if line[0] != "@"
    ]
    assert lines[2:] == [
        "-  grown: child.age is at least 16",
        "+  grown: child.years is at least 16",
        "-urgent_if: form.child.age is at most 1",
        "+urgent_if: form.child.years is at most 1",
        "-          - id: age",
        "+          - id: years",
        "+            renamed_from: child.age",
        "-              - that: age is at most 25",
        "+              - that: years is at most 25",
    ]


def test_in_one_line_of_braces_renamed_from_stands_beside_the_id() -> None:
    new = rename(definition_of(FORM), "people.name", "called")["visit/form.yaml"]
    assert "- {id: called, renamed_from: people.name, type: text," in new
    assert "item_title: ((called))" in new
    assert "where (called is answered)" in new


def test_lines_that_end_in_cr_lf_do_so_afterwards() -> None:
    text = FORM.replace("\n", "\r\n")
    new = rename(definition_of(text), "town", "place")["visit/form.yaml"]
    assert "      - id: place\r\n        renamed_from: town\r\n" in new
    assert new.count("\n") == new.count("\r\n") == text.count("\n") + 1


@pytest.mark.parametrize(
    ("path", "new_id", "why"),
    [
        ("nothing", "other", "unknown"),
        ("town", "Town", "not_an_id"),
        ("town", "and", "not_an_id"),
        ("town", "child", "taken"),
        # Two kinds of people are shown by one label: with another id one of them would not be.
        ("people.name", "town", "unclear"),
    ],
)
def test_what_cannot_be_renamed_is_refused_with_its_reason(path: str, new_id: str, why: str) -> None:
    text = FORM.replace(
        "label: Nickname", "label: Nickname\n            show_if: form.town is dover and town is deal"
    )
    with pytest.raises(RenameRefusedError) as refused:
        rename(definition_of(FORM if why != "unclear" else text), path, new_id)
    assert refused.value.why == why


def refusal(definition: model.Definition, path: str) -> str:
    """Why an answer cannot be renamed; "" where it can, and then in the lines that name it and in no other."""
    before = pack(definition)
    try:
        after = rename(definition, path, "renamed_thing")
    except RenameRefusedError as refused:
        return refused.why
    named = {
        (each.span.source.name, each.span.line) for each in used_by(definition, path) if each.target == path
    }
    changed = [
        line
        for name, text in before.items()
        for line in unified_diff(text.split("\n"), after[name].split("\n"), n=0, lineterm="")
        if line.startswith("-") and not line.startswith("---")
    ]
    # Those that name it, and that of its id.
    return "" if len(changed) == len(named) + 1 else f"{path} changes {changed}"


def test_in_a_real_form_everything_is_renamed_or_refused_for_a_reason() -> None:
    definition = Engine().form("request-for-support").definition
    nodes = [each for each in lay_out(definition, Findings()).walk() if hasattr(each.node, "id_span")]
    paths = [path_of(each) for each in nodes if not isinstance(each.node, model.Page)]
    # Each takes a whole check: every sixth says as much.
    whys = Counter(refusal(definition, path) for path in paths[::6])
    assert set(whys) <= {"", "shared", "unclear"}
    assert whys[""] >= 8


def test_a_slip_elsewhere_stops_no_renaming() -> None:
    text = FORM.replace("type: long_text", "type: longtext")
    new = rename(definition_of(text), "child.age", "years")["visit/form.yaml"]
    assert "- id: years\n            renamed_from: child.age\n" in new
    assert "type: longtext" in new
