"""Whatever people type gets on paper whole: nothing raises, nothing is cut, all of it can be read."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    StyledRun,
)
from formengine.output.paper.tagged.document import DocumentInfo, Furniture, Written, write
from formengine.output.paper.tagged.fonts import find_fonts
from tests.support.paper_reading import Node, read
from tests.support.tiers import cases

pytestmark = pytest.mark.slow

ABOUT = DocumentInfo("T", "C", "en-GB", datetime(2026, 11, 22, tzinfo=UTC))
LETTERS = "abc AZ Łŵé — Ωж"
RIGHT_TO_LEFT = "שלום مرحبا ۱۲۳ 123 (abc) \u200f\u202e\u202c\u2067\u2069\u061c"
MARKS = "e\u0301\u0323 \u0301 n\u0303\u0330 क्षि ำ \u20e3\ufe0f\u200d\u034f\u115f"
PICTURES = "👩\u200d👧 🏳️\u200d🌈 😀 名前 ☐ \ue000 \U0010fffd"
CONTROLS = "\x00\x1b\x7f\x85\t\n\r\u2028\ufeff\ufffe\ud800\udfff\u00ad\u200b\xa0"

hostile = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.text(st.sampled_from(LETTERS + RIGHT_TO_LEFT + MARKS + PICTURES + CONTROLS), max_size=200),
    st.text(st.sampled_from(RIGHT_TO_LEFT), min_size=100, max_size=300),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.integers(100, 600)),
)


def written(*blocks: PaperBlock) -> Written:
    return write(blocks, ABOUT, find_fonts())


def visible(text: str) -> str:
    """What of a text must be readable: all but white space, and the characters that draw nothing."""
    kept = (char for char in scripts.clean(text) if not char.isspace() and not scripts.is_invisible(char))
    return "".join(kept)


def words_of(nodes: Iterable[Node]) -> list[str]:
    return [visible(node.text) for node in nodes]


@settings(max_examples=cases(25, long=600))
@given(hostile)
def test_any_text_is_read_whole_from_a_cell_and_a_paragraph(text: str) -> None:
    root = read(written(AnswerTable([Answer(text, text)]), PaperParagraph(text)).content)
    expected = visible(text)
    assert words_of(root.find("TH") + root.find("TD") + root.find("P")) == [expected] * 3


@settings(max_examples=cases(12, long=300))
@given(hostile, hostile, hostile)
def test_any_text_is_read_whole_in_any_style_and_place(one: str, two: str, three: str) -> None:
    runs = (
        StyledRun(one, bold=True),
        StyledRun(two, emphasis=True),
        StyledRun(three, link="https://example.org/"),
    )
    root = read(written(PaperHeading(runs, 1), PaperCallout(runs, one), Bullets([runs, two])).content)
    whole = visible(one) + visible(two) + visible(three)
    assert words_of(root.find("H1")) == [whole]
    assert words_of(root.find("Div")) == [visible(one) + whole, whole]
    assert words_of(root.find("LBody")) == [whole, visible(two)]


@settings(max_examples=cases(25, long=600))
@given(hostile)
def test_any_text_can_be_a_title_and_stand_in_the_furniture(text: str) -> None:
    about = DocumentInfo(f"T {text}", text, "en-GB", ABOUT.at, text)
    furniture = Furniture(text, text, text, text, text)
    root = read(
        write([PaperHeading("A", 1), PaperParagraph("b")], about, find_fonts(), furniture=furniture).content
    )
    assert root.outline() == ("Document", ("H1", "A"), ("P", "b"))


@settings(max_examples=cases(20, long=400))
@given(st.text(st.sampled_from("abc de Łŵ é"), max_size=400))
def test_words_stay_apart_and_in_order(text: str) -> None:
    (cell,) = read(written(AnswerTable([Answer("Q", text)])).content).find("TD")
    assert cell.text.split() == text.split()


MILLION = 10**6


@pytest.mark.parametrize(
    "text",
    [
        "word " * (MILLION // 5),
        "x" * MILLION,
        "שלום " * (MILLION // 50),
        "名" * (MILLION // 10),
        "\n" * 20_000,
        "e\u0301\u0323\u0330" * (MILLION // 40),
        "\u202e\u2067" * 20_000,
        "\u0301" * 20_000,
    ],
    ids=["words", "one word", "hebrew", "no glyph", "lines", "marks", "controls", "marks alone"],
)
def test_text_without_end_comes_out_whole(text: str) -> None:
    (cell,) = read(written(AnswerTable([Answer("Q", text)])).content).find("TD")
    assert visible(cell.text) == visible(text)


def test_what_was_substituted_is_reported_in_order() -> None:
    base = find_fonts().regular[0]
    assert "\U0010fffd" not in base.advances
    assert written(PaperParagraph("\ue001 fine \ue000")).substituted == ("\ue000", "\ue001")
