import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.fonts import Fonts, FontStyle, find_fonts
from formengine.output.paper.tagged.style import MM_PER_PT
from formengine.output.paper.tagged.text import SetLine, StyledText, Typesetter

BASE = Fonts(*((find_fonts().regular[0],),) * 4)


def setter() -> Typesetter:
    return Typesetter(BASE)


def shown(line: SetLine) -> str:
    return "".join(p.piece.text if p.piece.actual is None else p.piece.actual for p in line.pieces)


def lines(text: str, width_mm: float = 50, size_pt: float = 10) -> list[str]:
    return [shown(line) for line in setter().lines([StyledText(text, FontStyle(), 0)], size_pt, width_mm)]


def width_mm(text: str, size_pt: float = 10) -> float:
    return sum(BASE.regular[0].advances[char] for char in text) * size_pt * MM_PER_PT / 1000


def test_words_fill_a_line_up_to_its_width_and_keep_a_space_at_its_end() -> None:
    text = "the quick brown fox"
    assert lines(text, width_mm(text) + 0.01) == ["the quick brown fox"]
    assert lines(text, width_mm(text) - 0.01) == ["the quick brown ", "fox"]


def test_a_line_feed_ends_a_line_and_empty_lines_are_kept() -> None:
    assert lines("one\n\ntwo\r\nthree\u2028four\x0bfive") == ["one ", "", "two ", "three ", "four ", "five"]


def test_runs_of_white_space_are_one_space_and_no_break_spaces_hold() -> None:
    assert lines("  a \t b\u2003c  ") == ["a b c"]
    text = "number 07700\u00a0900982"
    assert lines(text, width_mm("07700\u00a0900982") + 0.1) == ["number ", "07700\u00a0900982"]


def test_a_word_wider_than_the_line_is_broken_without_losing_or_adding_anything() -> None:
    word = "abcdefghij" * 30
    found = lines(word, 30)
    assert len(found) > 5
    assert "".join(found) == word
    assert all(width_mm(line) <= 30 for line in found)


def test_an_address_is_better_broken_after_a_mark() -> None:
    address = "https://example.org/guidance/children/early-help"
    assert lines(address, width_mm("https://example.org/guidance/chi")) == [
        "https://example.org/guidance/",
        "children/early-help",
    ]


def test_a_mark_stays_with_its_letter_when_a_word_is_broken() -> None:
    found = lines("q\u0303" * 60, 30)
    assert "".join(found) == "q\u0303" * 60
    assert all(line.startswith("q") and line.endswith("\u0303") for line in found)


def test_text_in_two_styles_without_a_space_between_stays_together() -> None:
    texts = [
        StyledText("all un", FontStyle(), 0),
        StyledText("break", FontStyle(bold=True), 1),
        StyledText("able", FontStyle(), 2),
    ]
    found = setter().lines(texts, 10, width_mm("unbreakable"))
    assert [[(p.piece.text, p.source) for p in line.pieces] for line in found] == [
        [("all ", 0)],
        [("un", 0), ("break", 1), ("able", 2)],
    ]


def test_a_space_belongs_to_the_text_it_stands_in() -> None:
    texts = [
        StyledText("a ", FontStyle(), 0),
        StyledText("b", FontStyle(bold=True), 1),
        StyledText(" c", FontStyle(), 2),
    ]
    (line,) = setter().lines(texts, 10, 50)
    assert [(p.piece.text, p.source) for p in line.pieces] == [("a ", 0), ("b", 1), (" c", 2)]


def test_what_no_font_has_is_drawn_as_a_substitute_and_reported() -> None:
    typesetter = setter()
    (line,) = typesetter.lines([StyledText("Łukasz 名前", FontStyle(), 0)], 10, 100)
    assert shown(line) == "Łukasz 名前"
    assert [p.piece.text for p in line.pieces] == ["Łukasz ", "◊◊"]
    assert typesetter.substituted == {"名", "前"}


def test_joiners_and_selectors_draw_nothing_and_are_kept_in_what_is_read() -> None:
    typesetter = setter()
    (line,) = typesetter.lines([StyledText("x\u200dy 1\ufe0f\u20e3", FontStyle(), 0)], 10, 100)
    assert shown(line) == "x\u200dy 1\ufe0f\u20e3"
    assert typesetter.substituted == {"\u20e3"}


def test_private_use_characters_are_substituted() -> None:
    typesetter = setter()
    typesetter.lines([StyledText("\ue000\U000f0000", FontStyle(), 0)], 10, 100)
    assert typesetter.substituted == {"\ue000", "\U000f0000"}


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\x00b\x1bc\x7f", "abc"),
        ("e\u0301", "é"),
        ("\ufeffx\ufffe\U0001ffff\ufdd0", "x"),
        ("half \ud800 and \udfff", "half \ufffd and \ufffd"),
        ("a\r\nb\rc\x85d\u2029e", "a\nb\nc\nd\ne"),
        ("tab\there", "tab\there"),
    ],
)
def test_clean_keeps_what_means_something(raw: str, cleaned: str) -> None:
    assert scripts.clean(raw) == cleaned


def test_text_from_right_to_left_stands_at_the_right_in_visual_order_and_reading_order() -> None:
    (line,) = setter().lines([StyledText("אב abc גד", FontStyle(), 0)], 10, 80)
    assert shown(line) == "אב abc גד"
    first, middle, last = line.pieces
    assert first.x_mm > middle.x_mm > last.x_mm
    assert middle.piece.text == "abc"
    end_mm = max(p.x_mm + p.piece.width_em * 10 * MM_PER_PT / 1000 for p in line.pieces)
    assert end_mm == pytest.approx(80)


def test_visual_order_follows_rule_l2() -> None:
    # Rule L2: from the highest level to the lowest odd one, reverse each stretch at that level or above.
    assert scripts.visual_order([0, 1, 0]) == [0, 1, 2]
    assert scripts.visual_order([1, 2, 1]) == [2, 1, 0]
    assert scripts.visual_order([0, 1, 1, 2, 2, 1, 0]) == [0, 5, 3, 4, 2, 1, 6]
    assert scripts.visual_order([2, 2]) == [0, 1]
    assert scripts.visual_order([]) == []


RIGHT = st.sampled_from("אבمר\u064b .,-+$%&!(")
LEFT = st.sampled_from("abc 12.,-+$%&!(")


@given(line=st.text(RIGHT | LEFT, min_size=1), right_to_left=st.booleans())
def test_lines_of_one_level_are_told_without_working_them_out(*, line: str, right_to_left: bool) -> None:
    found = scripts.levels(line, right_to_left=right_to_left)
    assert found == scripts._worked_out_levels(line, right_to_left=right_to_left)


@given(line=st.text(RIGHT, min_size=1) | st.text(LEFT, min_size=1), right_to_left=st.booleans())
def test_lines_of_one_direction_have_the_levels_of_the_whole_algorithm(
    *, line: str, right_to_left: bool
) -> None:
    found = scripts.levels(line, right_to_left=right_to_left)
    assert found == scripts._worked_out_levels(line, right_to_left=right_to_left)
