"""Each usual slip is named, its caret stands under it, and the help says what to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.expressions import LANGUAGE_WORDS, CheckedCondition, NotReadable
from formengine.language.expressions.parse import MAX_DEPTH, parser
from formengine.language.expressions.scope import Found
from tests.language.conformance import read, scope, typed

GIVEN = CheckedCondition(typed("consent is yes"))

SLIPS = [
    # (expression, code, what the caret stands under, a part of the help)
    ("consent = yes", "symbol-not-word", "=", "write `is`"),
    ("consent == yes", "symbol-not-word", "==", "write `is`"),
    ("consent != yes", "symbol-not-word", "!=", "write `is not`"),
    ("age < 16", "symbol-not-word", "<", "`is less than`"),
    ("age >= 16", "symbol-not-word", ">=", "`is at least`"),
    ("consent is yes && unborn is ticked", "symbol-not-word", "&&", "write `and`"),
    ("consent is yes || unborn is ticked", "symbol-not-word", "||", "write `or`"),
    ("consent: yes", "symbol-not-word", ":", "write `is`"),
    ("age + 1 is 4", "symbol-not-word", "+", ""),
    ("consent is [yes, no]", "symbol-not-word", "[", "round brackets"),
    ("age is blank", "state-as-value", "age is blank", "`age is not answered`"),
    ("age is not empty", "state-as-value", "age is not empty", "`age is answered`"),
    ("consent is true", "state-as-value", "consent is true", "`consent is yes`"),
    ("unborn is yes", "state-as-value", "unborn is yes", "`unborn is ticked`"),
    ("unborn is not true", "state-as-value", "unborn is not true", "`unborn is not ticked`"),
    ('name is ""', "state-as-value", '""', "`name is not answered`"),
    ("consent is Yes", "unknown-option", "Yes", "`yes`"),
    ("reason is not sought", "unknown-option", "sought", "`not-sought`"),
    ("age is under 16", "comparison-words", "under", "`is less than 16`"),
    ("born is over 16", "comparison-words", "over", "16 years ago"),
    ("age is more than or equal to 3", "comparison-words", "more than or equal to", "`is at least 3`"),
    ("born is not before today", "comparison-words", "not before", "`is on or after`"),
    ("born is on 2026-09-01", "comparison-words", "on", "`is 2026-09-01`"),
    ("born is at least 16 years old", "comparison-words", "old", "`ago`"),
    ("age is 16 or over", "comparison-words", "over", "`age is at least 16`"),
    ("born is after 01/09/2026", "date-format", "01/09/2026", "`2026-09-01`"),
    ("born is after 1 September 2026", "date-format", "1 September 2026", "`2026-09-01`"),
    ("born is before 31/02/2026", "date-format", "31/02/2026", "year, month and day"),
    ("born is before 2026-02-30", "impossible-date", "2026-02-30", "`2026-09-01`"),
    ("age is at least 1,000", "thousands-comma", "1,000", "`1000`"),
    ("age is one of 1,000", "thousands-comma", "1,000", "`1000`"),
    ("fee is at least £50", "number-format", "£50", "`50`"),
    ("fee is more than 50.505", "value-does-not-fit", "50.505", "two decimal places"),
    ("consent is no or not_known", "value-after-or", "not_known", "`consent is one of no, not_known`"),
    (
        "reason is refused or not-sought",
        "value-after-or",
        "not-sought",
        "`reason is one of refused, not-sought`",
    ),
    ("reason is not refused or not-sought", "value-after-or", "not-sought", "`reason is not one of refused,"),
    ("needs includes sight and hearing", "value-after-or", "hearing", "and needs includes hearing`"),
    ("age is 1 or 2", "value-after-or", "2", "`age is one of 1, 2`"),
    (
        "consent is yes and age is 3 or unborn is ticked",
        "and-or-mixed",
        "or",
        "(consent is yes and age is 3)",
    ),
    ("needs contains sight", "unknown-verb", "contains", "`includes`"),
    ("consent is in yes, no", "list-words", "in", "`is one of a, b`"),
    ("consent isn't yes", "shortened-word", "isn't", "`is not`"),
    ("consent doesn’t include yes", "shortened-word", "doesn’t", "`does not include`"),
    ("name is 'Ann'", "wrong-quotes", "'Ann'", '`"Ann"`'),
    ("name is “Ann”", "wrong-quotes", "“Ann”", '`"Ann"`'),
    ('name is "Ann', "wrong-quotes", '"Ann', '`"`'),
    ("needs includes none", "needs-quotes", "none", '`"none"`'),
    ("reason is in care", "list-words", "in", ""),
    ("name is Zoë", "needs-quotes", "Zoë", '`"Zoë"`'),
    ("name is Ann Example", "needs-quotes", "Ann Example", '`"Ann Example"`'),
    ("name is today", "needs-quotes", "today", '`"today"`'),
    ("any of children where subject is yes", "brackets-missing", "where ", "`where (subject is yes)`"),
    ("any of children", "where-missing", "any of children", "where (…)"),
    ("any children where (subject is yes)", "of-missing", "any", "`any of children`"),
    ("every child where (subject is yes)", "list-words", "every child", "any of"),
    ("born is at least 18", "unit-missing", "18", "18 years ago"),
    ("born is at least 18 ago", "unit-missing", "18", "`18 years`"),
    ("born is before 3 weeks", "unit-missing", "3 weeks", "`3 weeks ago`"),
    ("born is before 3 hours ago", "unknown-unit", "hours", "weeks"),
    ("((consent)) is yes", "insert-in-expression", "((consent)) ", "`consent`"),
    ("consent is yes AND unborn is ticked", "capital-letters", "AND", "`and`"),
    ("Not unborn is ticked", "capital-letters", "Not", "`not`"),
    ("if consent is yes", "filler-word", "if", "leave it out"),
    ("consent is yes, no", "stray-comma", ",", "`is one of a, b`"),
    ("(consent is yes", "brackets-differ", "(", "`)`"),
    ("consent is yes)", "brackets-differ", ")", ""),
    ("today is after born", "reserved-word", "today", "another id"),
    ("consent is school.name", "name-as-value", "school.name", "`is the same as school.name`"),
    ("consent is", "expression-unreadable", "s", "a value"),
    ("", "expression-empty", "", "`consent is yes`"),
    ("born is less than 5", "unit-missing", "5", "5 years ago"),
    ("born is at least 2026-09-01", "operator-does-not-fit", "at least", "`born is on or after 2026-09-01`"),
    ("age is before 3", "operator-does-not-fit", "before", "`age is less than 3`"),
    ("age is after 2026-09-01", "value-does-not-fit", "2026-09-01", ""),
    ("born is 3", "value-does-not-fit", "3", "`2026-09-01`"),
    ("age is many", "value-does-not-fit", "many", "digits"),
    ("bedtime is 9:30", "value-does-not-fit", "9:30", "`09:30`"),
    ("bedtime is 24:00", "value-does-not-fit", "24:00", "`14:30`"),
    ("needs is sight", "operator-does-not-fit", "needs is sight", "`needs includes sight`"),
    ("consent includes yes", "operator-does-not-fit", "consent includes yes", "`consent is yes`"),
    ("name includes Ann", "operator-does-not-fit", "name includes Ann", "starts with"),
    ("name is before 3", "operator-does-not-fit", "name is before 3", "no order"),
    ("letter is yes", "operator-does-not-fit", "letter is yes", "`letter is answered`"),
    ("unborn is answered", "operator-does-not-fit", "unborn is answered", "`unborn is ticked`"),
    ("consent is ticked", "operator-does-not-fit", "consent is ticked", "`consent is answered`"),
    ("consent", "answer-as-condition", "consent", "`consent is yes`"),
    ("unborn", "answer-as-condition", "unborn", "`unborn is ticked`"),
    ("given is yes", "condition-as-answer", "given", "`given`"),
    ("children is answered", "list-as-answer", "children", "count of children"),
    ("any of needs where (age is 3)", "not-a-list", "needs", "includes"),
    ("concent is yes", "unknown-name", "concent", "`consent`"),
    ("any of children where (consent is yes)", "name-outside-where", "consent", "in front"),
    ("seen is after born", "compares-two-answers", "seen is after born", "`check:`"),
    ("count of children is -1", "value-does-not-fit", "-1", "whole number"),
    ("born is at least 1.5 years ago", "value-does-not-fit", "1.5", "18 months"),
    ("born is at least 2000 years ago", "value-does-not-fit", "2000", ""),
]


@pytest.mark.parametrize(("expression", "code", "under", "help_"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_named_and_mended(expression: str, code: str, under: str, help_: str) -> None:
    expr, findings = read(expression, names=scope(given=GIVEN))
    assert expr is None
    assert [finding.code for finding in findings] == [code]
    span = findings[0].span
    assert expression[span.start : span.end] == under
    assert help_ in findings[0].help


REASONS: list[tuple[NotReadable, str]] = [
    (NotReadable("later"), "name-later"),
    (NotReadable("own_list"), "name-own-list"),
    (NotReadable("ambiguous"), "name-ambiguous"),
    (NotReadable("into_items"), "name-in-list"),
    (NotReadable("group"), "name-is-group"),
    (NotReadable("outer"), "name-outside-where"),
    (NotReadable("cycle"), "condition-cycle"),
    (NotReadable("no_value"), "name-no-value"),
]


@pytest.mark.parametrize(("hidden", "code"), REASONS)
def test_a_name_that_cannot_be_read_says_why(hidden: Found, code: str) -> None:
    _, findings = read("closed is yes", names=scope(closed=hidden))
    assert [finding.code for finding in findings] == [code]


def test_all_findings_of_an_expression_come_at_once() -> None:
    _, findings = read("concent is yes and consent is Yes and born is at least 18")
    assert [finding.code for finding in findings] == ["unknown-name", "unknown-option", "unit-missing"]


def test_a_condition_with_findings_of_its_own_adds_none_where_it_is_used() -> None:
    expr, findings = read("broken and consent is yes", names=scope(broken=CheckedCondition(None)))
    assert (expr, findings) == (None, ())


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("consent is not yes", ["silent-while-unanswered"]),
        ("consent is not answered or consent is not yes", []),
        ('name is "Ann"', ["text-is-exact"]),
        ("all of children where (here is ticked)", ["true-of-empty-list"]),
        ("count of children is at least 1 and all of children where (here is ticked)", []),
        ("any of children where (here is ticked)", []),
        ("not unborn is ticked", []),
    ],
)
def test_advice_stands_beside_a_tree(expression: str, codes: list[str]) -> None:
    expr, findings = read(expression)
    assert expr is not None
    assert [(finding.code, finding.severity) for finding in findings] == [(code, "info") for code in codes]


@pytest.mark.parametrize(
    "expression",
    [
        "(" * (MAX_DEPTH + 1) + "consent is yes" + ")" * (MAX_DEPTH + 1),
        "(" * 3_000,
        "not " * 900 + "unborn is ticked",
        "x" * 4_001,
    ],
)
def test_a_deep_or_long_expression_gets_one_plain_finding(expression: str) -> None:
    expr, findings = read(expression)
    assert expr is None
    assert [finding.code for finding in findings] == ["expression-too-large"]


def test_conditions_that_double_at_each_use_are_stopped() -> None:
    expr = typed("consent is yes")
    found: tuple[str, ...] = ()
    for _ in range(20):
        grown, findings = read(
            "(a or unborn is ticked) and (a or age is 3)", names=scope(a=CheckedCondition(expr))
        )
        if grown is None:
            found = tuple(finding.code for finding in findings)
            break
        expr = grown
    assert found == ("expression-too-large",)


def test_brackets_up_to_the_limit_are_read() -> None:
    assert typed("(" * MAX_DEPTH + "consent is yes" + ")" * MAX_DEPTH) == typed("consent is yes")


def test_the_words_of_the_language_are_those_of_the_grammar() -> None:
    words = {term.pattern.value for term in parser().terminals if term.pattern.value.isalpha()}
    assert words == LANGUAGE_WORDS


WORDS = [
    *sorted(LANGUAGE_WORDS),
    "consent",
    "born",
    "children",
    "yes",
    "3",
    "2026-09-01",
    "14:30",
    "years",
    '"a b"',
]
MARKS = [
    "(",
    ")",
    "((",
    "))",
    ",",
    ".",
    "=",
    "'",
    '"',
    "&&",
    "-",
    "£",
    "é",
    "\u00a0",
    "\n",
    "\U0001f600",
    "\x00",
]


@given(st.lists(st.sampled_from(WORDS + MARKS), max_size=14).map(" ".join))
def test_no_words_in_any_order_break_the_reading(expression: str) -> None:
    expr, findings = read(expression, place="check")
    assert (expr is None) == any(finding.severity == "error" for finding in findings)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(expression: str) -> None:
    expr, findings = read(expression)
    assert (expr is None) == any(finding.severity == "error" for finding in findings)
