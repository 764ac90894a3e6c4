"""What a form's schema says, one feature at a time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge
from formengine.form.schema.x_check import x_checks
from formengine.language.loader import load, load_packed

ON = date(2026, 11, 22)
EXPECTED = Path(__file__).parents[1] / "support" / "expected"
HEAD = "form: small\ntitle: Small\nversion: 2026.1\naccess: anyone\n"
SHIPPED = ("request-for-support", "early-help-notification")


def form_of(pages: str, head: str = HEAD) -> Form:
    return compile_form(load_packed({"small.yaml": head + pages}))


def accepts(form: Form, *answers: dict[str, Any], on: date | None = ON) -> list[bool]:
    judge = fast_judge(schema(form, on))
    return [judge(each) for each in answers]


SWAP = """pages:
  - id: child
    title: Child
    fields:
      - id: unborn
        type: tick
        label: Unborn
      - id: born_on
        type: date
        label: Date of birth
        required: true
        maximum: today
        show_if: unborn is not ticked
      - id: due_on
        type: date
        label: Due date
        required: true
        show_if: unborn is ticked
"""


def test_a_tick_swaps_one_date_for_another() -> None:
    verdicts = accepts(
        form_of(SWAP),
        {"born_on": "2020-02-29"},
        {"unborn": "yes", "due_on": "2027-01-01"},
        {"born_on": "2020-02-29", "due_on": "2027-01-01"},
        {"unborn": "yes", "born_on": "2020-02-29", "due_on": "2027-01-01"},
        {"unborn": "yes"},
        {},
        {"born_on": "2021-02-29"},
        {"born_on": "2026-11-23"},
    )
    assert verdicts == [True, True, False, False, False, False, False, False]


def test_a_limit_of_today_is_listed_where_the_schema_names_no_day() -> None:
    assert x_checks(form_of(SWAP)) == [{"path": "born_on", "rule": "maximum_today"}]
    assert x_checks(form_of(SWAP), ON) == []
    assert accepts(form_of(SWAP), {"born_on": "2026-11-23"}, on=None) == [True]


REPEAT = """pages:
  - id: people
    title: People
    fields:
      - id: others
        type: yes_no
        label: Other children?
        required: true
      - id: children
        type: repeat
        label: Children
        item_name: child
        item_title: ((name or Child))
        show_if: others is yes
        min_items: 1
        max_items: 2
        fields:
          - id: name
            type: text
            label: Name
            required: true
          - id: school
            type: text
            label: School
            required: true
            show_if: born is answered and form.others is yes
      - id: nobody
        type: text
        label: Why nobody?
        required: true
        show_if: none of children where (name is answered)
""".replace(
    "          - id: school\n",
    "          - id: born\n            type: date\n            label: Born\n          - id: school\n",
)


def test_a_list_that_is_not_asked_for_counts_as_empty() -> None:
    child = {"id": "c1", "name": "Sam"}
    verdicts = accepts(
        form_of(REPEAT),
        {"others": "no", "nobody": "None here"},
        {"others": "no"},
        {"others": "yes", "children": [child]},
        {"others": "yes", "children": []},
        {"others": "yes", "children": [child] * 3},
        {"others": "yes", "children": [{"name": "Sam"}]},
        {"others": "yes", "children": [child | {"born": "2020-01-01"}]},
        {"others": "yes", "children": [child | {"born": "2020-01-01", "school": "Oak"}]},
        {"others": "yes", "children": [child | {"school": "Oak"}]},
        {"others": "no", "nobody": "None", "children": []},
    )
    assert verdicts == [True, False, True, False, False, False, False, True, False, False]


def test_the_properties_stand_in_the_order_of_the_form_and_bear_its_labels() -> None:
    document = schema(form_of(REPEAT), ON)
    assert list(document["properties"]) == ["others", "children", "nobody"]
    child = document["properties"]["children"]["items"]
    assert list(child["properties"]) == ["id", "name", "born", "school"]
    assert document["properties"]["nobody"]["title"] == "Why nobody?"
    assert document["required"] == ["others"]


def test_a_document_names_its_form_its_digest_and_its_day() -> None:
    form = form_of(SWAP)
    document = schema(form, ON)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == "urn:formengine:answers:small:2026.1:2026-11-22"
    assert document["x-on"] == "2026-11-22"
    assert document["x-form"] == {"id": "small", "version": "2026.1", "digest": form.digest}
    assert schema(form)["$id"] == "urn:formengine:answers:small:2026.1:any-day"
    assert "x-on" not in schema(form)


def test_a_stop_page_refuses_the_answers_that_lead_to_it() -> None:
    pages = """pages:
  - id: one
    title: One
    fields:
      - id: consent
        type: yes_no
        label: Consent?
        required: true
  - id: stop
    title: Stop
    stop: true
    show_if: consent is no
    fields:
      - type: note
        text: You need consent.
"""
    assert accepts(form_of(pages), {"consent": "yes"}, {"consent": "no"}) == [True, False]


def test_a_condition_used_often_is_written_once() -> None:
    codes = "".join(f"          {code}: The option called {code}\n" for code in "abcd")
    fields = "".join(
        f"      - id: q{number}\n        type: choice\n        label: Q\n        options:\n{codes}"
        for number in range(50)
    )
    pages = f"pages:\n  - id: one\n    title: One\n    fields:\n{fields}"
    document = schema(form_of(pages), ON)
    assert len(document["$defs"]) == 1
    assert document["properties"]["q7"] == {"title": "Q", "$ref": "#/$defs/options-1"}


def chained_lists(number: int) -> Form:
    """Lists each of which is asked depending, twice, on the one before, and on a day counted from today."""
    pages = "pages:\n"
    for turn in range(number):
        before = f"list_{turn - 1}"
        pages += f"  - id: page_{turn}\n    title: One\n    fields:\n"
        pages += (
            f"      - id: list_{turn}\n        type: repeat\n        label: L\n        item_name: entry\n"
        )
        pages += "        item_title: An entry\n"
        if turn:
            never = (
                f"not (any of {before} where (x is answered) or any of {before} where (y is before today))"
            )
            pages += f"        show_if: {never}\n"
        pages += "        fields:\n"
        pages += "          - id: x\n            type: text\n            label: X\n"
        pages += "          - id: y\n            type: date\n            label: Y\n"
    return form_of(pages)


@pytest.mark.parametrize("on", [ON, None])
def test_lists_that_depend_on_one_another_do_not_multiply(on: date | None) -> None:
    few, many = (len(json.dumps(schema(chained_lists(number), on))) for number in (10, 40))
    assert many < 4.5 * few
    assert accepts(chained_lists(10), {}, {"list_0": [], "list_1": []}, on=on) == [True, True]
    assert accepts(chained_lists(10), {"list_0": [{"id": "a", "x": "X"}], "list_1": []}, on=on) == [False]


@pytest.mark.parametrize("form_id", SHIPPED)
def test_what_the_schema_of_a_shipped_form_leaves_to_the_engine(form_id: str) -> None:
    expected = json.loads((EXPECTED / f"{form_id}.x-check.json").read_text(encoding="utf-8"))
    assert x_checks(compile_form(load(form_id)), ON) == expected
