"""The page that the benchmark takes for its reference is the page that formengine draws."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks._answers import example_answers
from benchmarks.html_page import PAGE, sides
from tests.support.html_dom import normal, parse

UNBORN = {"child": {"unborn": "yes", "due_date": {"day": "1", "month": "<b>"}, "ethnicity": "A1"}}


@pytest.mark.parametrize("answers", [{}, example_answers(), UNBORN], ids=["empty", "filled", "unborn"])
def test_the_page_written_by_hand_equals_ours(answers: dict[str, Any]) -> None:
    html, state, template, shown = sides(answers)
    assert normal(parse(html.page(state, PAGE))) == normal(parse(template.render(v=shown)))
