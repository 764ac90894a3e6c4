"""Decisions of docs/language.md that engine and schema could both get wrong alike: each expected value stands here.

Tests that compare the two cannot see a fault that both share.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from formengine import Form, compile_form, evaluate, load
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge
from formengine.language.json_types import Json
from tests.support.html_sites import ON

HEAD = """\
form: decisions
title: Decisions
version: 1
access: anyone
pages:
  - id: p
    title: P
    fields:
"""
# A list within a section: the section's gate is the list's parent.
GATES = """\
      - {id: outer, type: yes_no, label: Outer}
      - {id: inner, type: yes_no, label: Inner}
      - type: section
        label: Around
        show_if: outer is yes
        fields:
          - id: kids
            type: repeat
            label: Kids
            item_name: kid
            item_title: Kid
            show_if: inner is yes
            fields:
              - {id: name, type: text, label: Name}
          - {id: within, type: text, label: Within, show_if: inner is yes}
      - {id: nobody, type: text, label: Nobody, show_if: count of kids is 0}
"""
TWINS = """\
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: Kid
        fields:
          - {id: name, type: text, label: Name}
          - {id: told, type: text, label: Told, show_if: name is "Ann"}
      - {id: single, type: text, label: Single, show_if: count of kids is 1}
      - {id: bob, type: text, label: Bob, show_if: any of kids where (name is "Bob")}
"""
COUNTED = """\
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: Kid
        {limit}
        fields:
          - {{id: name, type: text, label: Name}}
      - id: number
        type: calculated
        label: Number
        value: count of kids
"""
FROM_TODAY = """\
      - {id: born, type: date, label: Born}
      - {id: agreed, type: yes_no, label: Agreed}
      - {id: adult, type: text, label: Adult, show_if: born is at least 18 years ago and agreed is yes}
      - {id: child, type: text, label: Child, show_if: not (born is at least 18 years ago or agreed is yes)}
      - {id: needed, type: text, label: Needed, required_if: agreed is yes}
      - {id: number, type: number, label: Number, maximum: 3}
"""


def form_of(folder: Path, body: str) -> Form:
    (folder / "form.yaml").write_text(HEAD + body, encoding="utf-8")
    return compile_form(load(folder))


def relevance(form: Form, answers: Json) -> dict[str, bool | None]:
    """By key, whether each question and list of the form's own level counts."""
    run = evaluate(form, answers, on=ON).run()
    gates = {key: node.gate for key, node in form.fields.items()}
    gates |= {key: node.gate for key, node in form.repeats.items()}
    return {key: run.relevance[gate] for key, gate in gates.items()}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"outer": "yes", "inner": "yes"}, True),
        ({"outer": "yes", "inner": "no"}, False),
        ({"outer": "yes"}, None),
        ({"outer": "no", "inner": "yes"}, False),
        ({"outer": "no", "inner": "no"}, False),
        ({"outer": "no"}, False),
        ({"inner": "yes"}, None),
        ({"inner": "no"}, False),
        ({}, None),
    ],
)
def test_a_gate_is_false_where_it_or_what_is_around_it_is_false_whatever_the_other(
    answers: Json, expected: bool | None, tmp_path: Path
) -> None:
    found = relevance(form_of(tmp_path, GATES), answers)
    assert (found["within"], found["kids"]) == (expected, expected)


@pytest.mark.parametrize(
    ("answers", "empty"),
    [({"inner": "no"}, True), ({"outer": "no"}, True), ({"inner": "yes"}, None), ({}, None)],
)
def test_a_list_that_is_definitely_not_asked_is_empty_also_within_what_may_be_asked(
    answers: Json, empty: bool | None, tmp_path: Path
) -> None:
    assert relevance(form_of(tmp_path, GATES), answers)["nobody"] is empty


def test_of_two_items_with_one_id_the_first_alone_counts(tmp_path: Path) -> None:
    form = form_of(tmp_path, TWINS)
    answers: Json = {"kids": [{"id": "k", "name": "Ann", "told": "x"}, {"id": "k", "name": "Bob"}]}
    state = evaluate(form, answers, on=ON)
    assert state.answers == {"kids": [{"id": "k", "name": "Ann", "told": "x"}]}
    assert relevance(form, answers)["single"] is True
    assert relevance(form, answers)["bob"] is False
    assert state.errors["kids"].rule == "item_without_id"
    other_order: Json = {"kids": [{"id": "k", "name": "Bob"}, {"id": "k", "name": "Ann", "told": "x"}]}
    assert evaluate(form, other_order, on=ON).answers == {"kids": [{"id": "k", "name": "Bob"}]}
    assert relevance(form, other_order)["bob"] is True


@pytest.mark.parametrize(
    ("limit", "most"), [("max_items: 3", 3), ("max_items: 20", 20), ("min_items: 0", 20)]
)
def test_a_calculated_count_is_demanded_up_to_the_limit_itself(limit: str, most: int, tmp_path: Path) -> None:
    form = form_of(tmp_path, COUNTED.format(limit=limit))
    for judge in (fast_judge(schema(form, ON)), fast_judge(schema(form))):
        for items in (0, 1, most - 1, most):
            kids = [{"id": f"k{number}"} for number in range(items)]
            accepted = [number for number in range(most + 2) if judge({"kids": kids, "number": number})]
            assert accepted == [items]
            assert not judge({"kids": kids})
        assert not judge({"number": 0})


def verdicts(form: Form, values: dict[str, tuple[Json, ...]]) -> dict[str, tuple[bool, bool]]:
    """By answers, whether the schema without a day takes them, and whether that of some day does."""
    days = [date(year, month, 1) for year in (1990, 2017, 2018, 2026, 2040) for month in (1, 7)]
    without, dated = fast_judge(schema(form)), [fast_judge(schema(form, day)) for day in days]
    found = {}
    for each in product(*values.values()):
        answers: dict[str, Any] = {
            key: value for key, value in zip(values, each, strict=True) if value is not None
        }
        found[str(answers)] = (without(answers), any(judge(answers) for judge in dated))
    return found


DEMANDED_FROM_TODAY = """\
      - {id: born, type: date, label: Born}
      - {id: why, type: text, label: Why, required_if: born is at least 18 years ago}
"""
ITEMS_FROM_TODAY = """\
      - {id: born, type: date, label: Born}
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: Kid
        fields:
          - {id: own, type: yes_no, label: Own}
          - {id: told, type: text, label: Told, show_if: born is at least 18 years ago and own is yes}
          - {id: until, type: text, label: Until, show_if: not (born is at least 18 years ago or own is yes)}
"""
BORN = (None, "2000-03-01")
KIDS = (
    None,
    [{"id": "k"}],
    [{"id": "k", "own": "yes"}],
    [{"id": "k", "own": "yes", "told": "x"}],
    [{"id": "k", "own": "no", "told": "x"}],
    [{"id": "k", "told": "x"}],
    [{"id": "k", "own": "no", "until": "x"}],
    [{"id": "k", "own": "yes", "until": "x"}],
)


@pytest.mark.parametrize(
    ("body", "values", "taken"),
    [
        (
            FROM_TODAY,
            {
                "born": BORN,
                "agreed": (None, "yes", "no"),
                "adult": (None, "x"),
                "child": (None, "x"),
                "needed": (None, "x"),
                "number": (None, 3, 4),
            },
            26,  # 13 by hand, each with no number and with 3
        ),
        (DEMANDED_FROM_TODAY, {"born": BORN, "why": (None, "x")}, 4),
        (ITEMS_FROM_TODAY, {"born": BORN, "kids": KIDS}, 3 + 5),
    ],
    ids=["questions", "demanded", "items"],
)
def test_the_schema_without_a_day_takes_what_that_of_some_day_takes_and_nothing_else(
    body: str, values: dict[str, tuple[Json, ...]], taken: int, tmp_path: Path
) -> None:
    found = verdicts(form_of(tmp_path, body), values)
    assert {answers: pair for answers, pair in found.items() if pair[0] is not pair[1]} == {}
    assert sum(without for without, _ in found.values()) == taken


@pytest.mark.parametrize(
    ("answers", "accepted"),
    [
        ({"born": "2000-03-01", "agreed": "yes", "needed": "x", "adult": "x"}, True),
        ({"born": "2000-03-01", "agreed": "yes", "needed": "x"}, True),
        ({"born": "2000-03-01", "agreed": "no", "adult": "x"}, False),
        ({"agreed": "yes", "needed": "x", "adult": "x"}, False),
        ({"born": "2000-03-01", "adult": "x"}, False),
        ({"born": "2000-03-01", "agreed": "no", "child": "x"}, True),
        ({"born": "2000-03-01", "agreed": "yes", "needed": "x", "child": "x"}, False),
        ({"agreed": "no", "child": "x"}, False),
        ({"agreed": "yes"}, False),
        ({"number": 4}, False),
    ],
)
def test_the_schema_without_a_day_refuses_what_no_day_allows(
    answers: Json, accepted: bool, tmp_path: Path
) -> None:
    assert fast_judge(schema(form_of(tmp_path, FROM_TODAY)))(answers) is accepted


STOP = """\
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: Kid
        show_if: {gate}
        fields:
          - {{id: name, type: text, label: Name}}
      - {{id: number, type: calculated, label: Number, value: count of kids}}
  - id: nobody
    title: Nobody
    stop: true
    show_if: {stop}
  - id: details
    title: Details
    fields:
      - {{id: note, type: text, label: Note}}
"""


@pytest.mark.parametrize("stop", ["count of kids is 0", "number is 0"])
@pytest.mark.parametrize(
    ("answers", "rules"),
    [
        ({"asked": "yes"}, {"kids": "required"}),
        ({"asked": "yes", "kids": None}, {"kids": "required"}),
        ({"asked": "yes", "kids": []}, {"page:nobody": "stopped"}),
        ({"asked": "yes", "kids": [{"id": "k"}]}, {}),
        ({"asked": "no"}, {"page:nobody": "stopped"}),
    ],
)
def test_no_stop_that_hangs_on_a_list_is_got_past_by_leaving_the_list_out(
    answers: dict[str, Json], rules: dict[str, str], stop: str, tmp_path: Path
) -> None:
    first = "      - {id: asked, type: yes_no, label: Asked, required: true}\n"
    form = form_of(tmp_path, first + STOP.format(gate="asked is yes", stop=stop))
    state = evaluate(form, answers, on=ON)
    assert {path: error.rule for path, error in state.errors.items()} == rules
    assert state.complete is (rules == {})
    assert fast_judge(schema(form, ON))(dict(state.answers)) is (rules == {})
