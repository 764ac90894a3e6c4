"""Answers as JSON: read, or refused in one plain sentence."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.reader import AnswersError, read_answers

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


IN_A_TEXT = "a line end or control character stands inside a text"
BEFORE_A_CHARACTER = "a backslash stands before a character it can't"
LONE = "Half of a character (a lone surrogate) stands here"


def refusal(text: str | bytes, **limits: int) -> str:
    with pytest.raises(AnswersError) as caught:
        read_answers(text, **limits)
    return str(caught.value)


@given(JSON_VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert read_answers(json.dumps(value)) == value
    assert read_answers(json.dumps(value, ensure_ascii=False).encode()) == value


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_answers(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert read_answers('\ufeff{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: These answers can't be read: a value is due here"),
        ('{"a": 1,}', "line 1, column 9: These answers can't be read: a name in double quotes is due here"),
        ('{\n  "a" 1}', "line 2, column 7: These answers can't be read: a colon is due here"),
        ('{"a": 1} x', "line 1, column 10: These answers can't be read: the answers end before this place"),
        ('{"a": "b', "line 1, column 7: These answers can't be read: a text isn't closed"),
        ('{"a": "b\nc"}', "line 1, column 9: These answers can't be read: " + IN_A_TEXT),
        (r'{"a": "\x"}', "line 1, column 8: These answers can't be read: " + BEFORE_A_CHARACTER),
        ('{"a": 1, "b": {"a": 1, "a": 2}}', "line 1, column 1: `a` is given twice in one place"),
        ('{"a": NaN}', "line 1, column 7: NaN isn't a number that answers can hold"),
        ("[-Infinity]", "line 1, column 2: -Infinity isn't a number that answers can hold"),
        ("[1e999]", "line 1, column 2: 1e999 is too large a number"),
        (r'["\ud83d"]', "line 1, column 3: Half of a character (a lone surrogate) stands here"),
        (r'["\ud83d\ude00", "\ude00"]', "line 1, column 19: " + LONE),
        ('["\ud83d"]', "line 1, column 3: Half of a character (a lone surrogate) stands here"),
        (b'{"a":\n "\xff"}', "line 2, column 3: These answers aren't UTF-8 text from here on"),
    ],
)  # fmt: skip
def test_broken_answers_are_refused_in_one_sentence(text: str | bytes, said: str) -> None:
    assert refusal(text) == said


def test_an_escaped_pair_and_an_escaped_backslash_are_no_half_characters() -> None:
    assert read_answers(r'["\ud83d\ude00", "\\ud83d"]') == ["😀", "\\ud83d"]


def test_a_number_of_five_thousand_digits_is_refused() -> None:
    assert refusal("[" + "9" * 5000 + "]") == "line 1, column 2: A number has more than 100 digits"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("100.0", 100),
        ("-0.0", 0),
        ("1e2", 100),
        ("9007199254740992.0", 2**53),
        ("1.5", 1.5),
        ("1e300", 1e300),
    ],
)
def test_a_whole_number_is_one_number_however_it_is_written(written: str, read: float) -> None:
    found = read_answers(written)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize("mark", ["[", '{"a":'])
def test_deep_answers_are_refused_before_they_are_read(mark: str) -> None:
    said = refusal(mark * 100_000)
    assert said.endswith("Values stand inside each other more than 40 deep here")


def test_brackets_inside_texts_count_for_nothing() -> None:
    text = "[" * 100 + '\\"' + "," * 300_000
    assert read_answers('["' + text + '"]') == [text.replace('\\"', '"')]


def test_limits_are_arguments() -> None:
    assert refusal("[1, 2]", max_bytes=5).endswith("longer than 5 bytes, the most that is read")
    assert refusal('"éé"', max_bytes=5).endswith("longer than 5 bytes, the most that is read")
    assert refusal("[[1]]", max_depth=1).endswith("more than 1 deep here")
    assert refusal("[1, 2, 3]", max_nodes=3).endswith("more than 3 values, the most that is read")
    assert read_answers("[1, 2]", max_bytes=6, max_depth=1, max_nodes=3) == [1, 2]


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u0dDeE1-\n ', max_size=60))
def test_noise_is_read_or_refused(noise: bytes | str) -> None:
    said = ""
    try:
        json.dumps(read_answers(noise))
    except AnswersError as error:
        said = str(error)
    assert said == "" or re.fullmatch(r"line [1-9]\d*, column [1-9]\d*: [^\n]+", said)
