"""Where text stands in copies: inside the margins, nothing over anything else, and all of it there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.output.paper.tagged.style import MM_PER_PT, find_style
from tests.output.test_pdf_answers import counted_texts, visible
from tests.support.paper_boxes import Box, boxes_of, overlapping
from tests.support.paper_reading import read
from tests.support.pdf_samples import (
    FORMS,
    LONG_ANSWER,
    ON,
    SAMPLES,
    Sample,
    content_of,
    filled,
    form_of,
    pdf_of,
)
from tests.support.tiers import cases
from tests.support.torture_samples import SCRIPTS, TORTURE, torture_answers

pytestmark = pytest.mark.slow

LOOK = find_style()
LEFT = LOOK.left_mm / MM_PER_PT
RIGHT = (LOOK.page_width_mm - LOOK.right_mm) / MM_PER_PT
TOP = LOOK.page_height_mm / MM_PER_PT
FOOT = (LOOK.page_height_mm - LOOK.foot_mm) / MM_PER_PT
# Widths are whole thousandths of the type size, which add up to as much on a line of a hundred characters.
ROUNDING = 1.0

each_sample = pytest.mark.parametrize("name", SAMPLES)


def outside(boxes: list[Box]) -> list[Box]:
    """What stands beyond the margins at the sides, or off the page."""
    return [
        box
        for box in boxes
        if box.left < LEFT - ROUNDING or box.right > RIGHT + ROUNDING or not 20 < box.baseline < TOP - 20
    ]


def faults(content: bytes) -> dict[str, list[Any]]:
    boxes = boxes_of(content)
    return {"outside": outside(boxes), "overlapping": overlapping(boxes)}


NONE: dict[str, list[Any]] = {"outside": [], "overlapping": []}


@each_sample
def test_no_text_of_a_copy_leaves_the_page_or_stands_over_other_text(name: str) -> None:
    assert faults(content_of(name)) == NONE


@pytest.mark.parametrize("audience", ["", "family", "office"])
@pytest.mark.parametrize("long", ["", "Word. " * 40, LONG_ANSWER])
def test_no_text_of_the_torture_form_leaves_the_page_or_stands_over_other_text(
    audience: str, long: str
) -> None:
    assert faults(Sample(TORTURE, torture_answers(long=long), audience).pdf()) == NONE


def test_the_boxes_see_text_over_text_and_text_beyond_the_margin() -> None:
    box = Box(0, 100, 200, 500, 10.5)
    assert overlapping([box, Box(0, 150, 160, 504, 10.5)]) == [(box, Box(0, 150, 160, 504, 10.5))]
    assert overlapping([box, Box(0, 150, 160, 514.2, 10.5), Box(1, 100, 200, 500, 10.5)]) == []
    assert outside([box, Box(0, 500, RIGHT + 2, 500, 10.5)]) == [Box(0, 500, RIGHT + 2, 500, 10.5)]


words = st.one_of(
    st.text(st.characters(exclude_characters="", codec="utf-8"), max_size=12),
    st.sampled_from(
        [*SCRIPTS, "x" * 120, "W" * 61, "https://example.org/" + "a/" * 40, "\n", "\t", "\u202e", "—"]
    ),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30),
)
texts = st.lists(words, min_size=1, max_size=60).map(" ".join)


def with_text_everywhere(answers: Any, form: Form, chosen: list[str]) -> Any:
    """The same answers with one of the texts after the other in every field where people write."""
    changed = json.loads(json.dumps(answers))
    turn = 0

    def put(fields: Any, holder: Any) -> None:
        nonlocal turn
        for field in fields:
            if field.spec.type.name in {"text", "long_text"}:
                *groups, last = field.path
                inside = holder
                for group in groups:
                    inside = inside.setdefault(group, {})
                inside[last] = chosen[turn % len(chosen)]
                turn += 1

    put(form.fields.values(), changed)
    for key, repeat in form.item_fields.items():
        for item in _items(changed, key):
            put(repeat.values(), item)
    return changed


def _items(answers: Any, key: str) -> Iterator[Any]:
    for part in key.split("."):
        answers = answers.get(part, {})
    yield from answers or ()


@pytest.mark.parametrize("form_id", [*FORMS, TORTURE], ids=[*FORMS, "torture"])
# A copy takes long beside a text: a case is told as it was found, not made smaller for minutes.
@settings(
    max_examples=cases(4, long=80),
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(chosen=st.lists(texts, min_size=1, max_size=4), seed=st.integers(0, 3))
def test_whatever_people_write_nothing_overlaps_is_lost_or_leaves_the_page(
    form_id: Any, chosen: list[str], seed: int
) -> None:
    form = form_of(form_id)
    answers = torture_answers() if form_id == TORTURE else filled(form_id, seed)
    state = Engine().evaluate(form, with_text_everywhere(answers, form, chosen), on=ON)
    content = pdf_of(state)
    assert faults(content) == NONE
    said = visible(read(content).text)
    lost = [text for page in state.pages for text in counted_texts(page.nodes) if visible(text) not in said]
    assert lost == []
