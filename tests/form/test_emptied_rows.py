"""A row that somebody empties by hand is no row, whatever its closed cells hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.form.actions import post_page

ON = date(2026, 11, 30)
FORM = Engine().form_of_text(
    b"""
form: r
title: R
version: 1
pages:
  - id: p
    title: P
    fields:
      - id: rows
        type: repeat
        layout: table
        label: Rows
        item_name: row
        item_title: ((kind))
        fields:
          - id: kind
            type: text
            label: Kind
          - id: size
            type: text
            label: Size
          - id: other
            type: text
            label: Other
            show_if: kind is answered
      - id: many
        type: calculated
        label: Many
        value: count of rows
"""
)
ROW = {"id": "r1", "kind": "a", "size": "s", "other": "b"}


def rows_after(draft: Any, **texts: str) -> tuple[Any, Any]:
    data = {name.replace("__", "."): [text] for name, text in texts.items()}
    state = post_page(FORM, draft, "p", data, on=ON).state
    return state.answers.get("rows"), state.answers.get("many")


def test_a_row_whose_open_cells_were_emptied_is_gone_though_a_closed_cell_was_posted_along() -> None:
    assert rows_after({"rows": [ROW]}, rows__r1__kind="", rows__r1__size="", rows__r1__other="b") == ([], 0)


def test_other_rows_stay() -> None:
    two = {"rows": [ROW, {"id": "r2", "kind": "c"}]}
    posted = {"rows__r1__kind": "", "rows__r1__size": "", "rows__r1__other": "b", "rows__r2__kind": "c"}
    assert rows_after(two, **posted) == ([{"id": "r2", "kind": "c"}], 1)


@pytest.mark.parametrize(
    ("kind", "size", "other"),
    [
        pytest.param("", "s", "b", id="another open cell holds an answer"),
        pytest.param("", "", "typed now", id="the closed cell was typed into by this post"),
    ],
)
def test_a_row_that_still_holds_something_typed_stays(kind: str, size: str, other: str) -> None:
    rows, many = rows_after({"rows": [ROW]}, rows__r1__kind=kind, rows__r1__size=size, rows__r1__other=other)
    assert [row["id"] for row in rows] == ["r1"]
    assert many == 1


def test_a_new_row_of_which_a_closed_cell_alone_was_filled_in_is_kept() -> None:
    state = post_page(FORM, {}, "p", {"rows.new1.kind": [""], "rows.new1.other": ["typed"]}, on=ON).state
    assert state.draft == {"rows": [{"id": "new1", "other": "typed"}]}
