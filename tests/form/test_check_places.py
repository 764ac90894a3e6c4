"""A check's error stands at a question of its own level that is asked, and ``x-check`` names every path it can have."""

from __future__ import annotations

from pathlib import Path

import pytest

from formengine import Form, compile_form, evaluate, load
from formengine.form.schema.x_check import x_checks
from formengine.language.json_types import Json
from tests.support.html_sites import ON

HEAD = """\
form: places
title: Places
version: 1
access: anyone
pages:
  - id: p
    title: P
    fields:
"""
OUTER = """\
      - {id: a, type: text, label: A, required: true}
      - {id: b, type: text, label: B, required: true}
      - id: g
        type: group
        label: G
        fields:
          - {id: c, type: text, label: C, show_if: a is answered and b is "x"}
          - {id: d, type: tick, label: D}
        check:
          - that: a is different from b
            else: A and B must differ.
"""
# The form, behind the list, and the items each have a `name`.
TWINS = """\
      - {id: who, type: text, label: Who}
      - id: kids
        type: repeat
        label: Kids
        item_name: kid
        item_title: Kid
        fields:
          - {id: name, type: text, label: Name}
  - id: two
    title: Two
    fields:
      - {id: name, type: text, label: Name}
      - {id: last, type: text, label: Last, show_if: who is "Ann"}
    check:
      - that: none of kids where (name is "Bob")
        at: last
        else: Nobody is called Bob.
"""


def form_of(folder: Path, body: str) -> Form:
    (folder / "form.yaml").write_text(HEAD + body, encoding="utf-8")
    return compile_form(load(folder))


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"a": "q", "b": "q"}, "b"),
        ({"a": "x", "b": "x"}, "g.c"),
    ],
)
def test_x_check_names_the_path_where_the_error_appears(answers: Json, path: str, tmp_path: Path) -> None:
    form = form_of(tmp_path, OUTER)
    errors = evaluate(form, answers, on=ON).errors
    assert [found for found, error in errors.items() if error.rule == "check"] == [path]
    listed = [entry for entry in x_checks(form, ON) if entry["rule"] == "check"]
    assert [entry["path"] for entry in listed] == ["g.c", "b"]
    assert {entry["that"] for entry in listed} == {"a is different from b"}


@pytest.mark.parametrize(("name", "path"), [("Ann", "last"), ("Sam", "page:two")])
def test_a_check_that_reads_an_item_s_answer_never_speaks_at_the_form_s_of_the_same_id(
    name: str, path: str, tmp_path: Path
) -> None:
    form = form_of(tmp_path, TWINS)
    answers: Json = {"who": name, "name": name, "kids": [{"id": "k1", "name": "Bob"}]}
    errors = evaluate(form, answers, on=ON).errors
    assert [found for found, error in errors.items() if error.rule == "check"] == [path]
