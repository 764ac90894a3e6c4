"""The dialect of patterns: what it refuses, and that three engines give one verdict."""

from __future__ import annotations

from random import Random

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.language.fields.patterns import pattern_problem, sample_of, whole
from tests.tools.ajv import validate


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z]{2}[0-9]{4}",
        "(?:AB|CD)-[0-9]+",
        "[^<>]{1,20}",
        "Ref[.] ?[0-9]{1,6}[a-z]?",
        "\\u00e9+",
        "^A\\.B$",
        "é",
        "[-a-z]",
        "[a-z-]",
        "",
    ],
)
def test_a_pattern_in_the_dialect_is_accepted(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(?!BG)[A-Z]{2}", "`(?!` is not allowed: no look-ahead, look-behind, names or flags"),
        ("(?<=a)b", "`(?<` is not allowed: no look-ahead, look-behind, names or flags"),
        ("(?i)abc", "`(?i` is not allowed: no look-ahead, look-behind, names or flags"),
        ("(a)\\1", "`\\1` refers back to a group, which is not allowed"),
        ("\\d{4}", "`\\d` is not allowed; write `[0-9]`"),
        ("\\w+", "`\\w` is not allowed; write `[A-Za-z0-9_]`"),
        ("\\bcat", "`\\b` is not allowed"),
        (".*", "a full stop stands for any character; write `\\.` or a class such as `[A-Z]`"),
        ("(a+)+", "a repeated group repeats or chooses inside, which can take endless time"),
        ("(a|aa){1,40}", "a repeated group repeats or chooses inside, which can take endless time"),
        ("a++", "a repetition is repeated; use brackets or one of them"),
        ("[z-a]", "the range `z-a` runs backwards"),
        ("[]", "a pair of square brackets is empty"),
        ("[a", "a square bracket is not closed"),
        ("(a", "a round bracket is not closed"),
        ("a)", "a round bracket is closed that was not opened"),
        ("*a", "nothing stands before `*` to be repeated"),
        ("a{", "`{` begins a repetition such as `{2}` or `{2,4}`; write `\\{` for the character"),
        ("a]", "`]` has no opening bracket; write `\\]` for the character"),
        ("[a&&b]", "`&` inside square brackets needs a `\\` before it"),
        ("[[a]]", "`[` inside square brackets needs a `\\` before it"),
        ("a{9,2}", "a repetition runs from fewer to more, up to 1000 times"),
        ("a" * 501, "the pattern is longer than 500 characters"),
        ("(" * 30 + ")" * 30, "brackets stand more than 20 deep in one another"),
        ("(?:(?:[a-z]{1000}){1000}){9}", "the pattern is too large to be checked quickly"),
    ],
)
def test_a_pattern_outside_the_dialect_is_refused_with_its_reason(pattern: str, problem: str) -> None:
    assert pattern_problem(pattern) == problem


_CHARACTERS = "abzAZ09é-& ~"
_ATOMS = st.sampled_from(
    ["a", "b", "é", "\\.", "[a-z]", "[^a]", "[A-Z0-9é-]", "[^ab\\]]", "\\u0041", "-", "&", " ", "\\/"]
)
_PIECES = st.tuples(_ATOMS, st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{2,}"])).map("".join)
_SERIES = st.lists(_PIECES, min_size=1, max_size=4).map("".join)
_PATTERNS = st.lists(_SERIES, min_size=1, max_size=3).map("|".join)


@settings(max_examples=30)
@given(
    cases=st.lists(
        st.tuples(_PATTERNS, st.lists(st.text(_CHARACTERS, max_size=5), min_size=3, max_size=6)),
        min_size=10,
        max_size=10,
    )
)
def test_python_rust_and_javascript_give_one_verdict_on_a_pattern_of_the_dialect(
    cases: list[tuple[str, list[str]]],
) -> None:
    instances, expected = [], []
    branches = []
    for number, (pattern, texts) in enumerate(cases):
        assert pattern_problem(pattern) is None
        schema = {"type": "string", "pattern": whole(pattern)}
        branches.append({"properties": {str(number): schema}})
        rust = jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
        python = jsonschema.Draft202012Validator(schema)
        for text in texts:
            assert rust.is_valid(text) == python.is_valid(text), (pattern, text)
            instances.append({str(number): text})
            expected.append(rust.is_valid(text))
    assert validate({"type": "object", "allOf": branches}, instances) == expected


@given(pattern=_PATTERNS, random=st.randoms())
def test_a_sample_fits_its_pattern(pattern: str, random: Random) -> None:
    rust = jsonschema_rs.Draft202012Validator(
        {"pattern": whole(pattern)}, pattern_options=jsonschema_rs.RegexOptions()
    )
    assert rust.is_valid(sample_of(pattern, random))


@given(pattern=st.text("ab()[]{}\\^$.|?*+-,0159dwé&~", max_size=12))
def test_any_text_is_judged_and_what_is_accepted_compiles_everywhere(pattern: str) -> None:
    if pattern_problem(pattern) is None:
        schema = {"pattern": whole(pattern)}
        assert jsonschema.Draft202012Validator(schema).is_valid(1)
        assert jsonschema_rs.Draft202012Validator(schema).is_valid(1)
