"""An expression in plain words, and the answers named in a text."""

from __future__ import annotations

import pytest

from formengine.language.diagnostics import Findings
from formengine.language.expressions import ENGLISH, Insert, ListOperand, Operand, parse_template, sentence
from formengine.language.expressions.ast import And, Is, Kind, Not, Unknown
from tests.language.conformance import located, typed

AGREEMENT = Operand("agreement", None, Kind.CHOICE, ("yes", "no"), "Has agreement been obtained?")
LABELS = {"yes": "Yes", "no": "No"}


def label(operand: Operand, code: str) -> str:
    assert operand.codes == ("yes", "no")
    return LABELS[code]


def test_a_sentence_names_questions_and_options_by_their_labels() -> None:
    expr = And((Is(AGREEMENT, ("yes",)), Not(Is(AGREEMENT, ("yes", "no")))))
    assert sentence(expr, option_label=label) == (
        "the answer to “Has agreement been obtained?” is “Yes” and "
        "the answer to “Has agreement been obtained?” is not “Yes” or “No”"
    )


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("consent is answered", "“consent” is answered"),
        ("unborn is not ticked", "“unborn” is not ticked"),
        ("needs does not include sight", "“sight” is not chosen in “needs”"),
        ("postcode starts with ME", "the answer to “postcode” starts with “ME”"),
        ("age is one of 1, 2, 3", "the answer to “age” is 1, 2 or 3"),
        ("age is at most 2.5", "the answer to “age” is at most 2.5"),
        ("fee is more than 50.5", "the answer to “fee” is more than £50.50"),
        ("fee is 20", "the answer to “fee” is £20"),
        ("born is on or after 2026-09-01", "the date in “born” is on or after 1 September 2026"),
        ("born is not today", "the date in “born” is not today"),
        ("born is at least 18 years ago", "the date in “born” is at least 18 years ago"),
        ("born is less than 1 day from today", "the date in “born” is less than 1 day from today"),
        (
            "seen is at least 28 days after born",
            "the date in “seen” is at least 28 days after the date in “born”",
        ),
        (
            "seen is at most 1 week before born",
            "the date in “seen” is at most 1 week before the date in “born”",
        ),
        ("seen is before born", "the date in “seen” is before the date in “born”"),
        ("age is at least siblings", "the answer to “age” is at least the answer to “siblings”"),
        ("reason is different from other_reason", "the answers to “reason” and “other_reason” are different"),
        ("count of children is not 1", "“children” does not have exactly 1 item"),
        (
            "count of children where (here is ticked) is at least 2",
            "“children” has at least 2 items in which “here” is ticked",
        ),
        (
            "any of children where (here is ticked and subject is yes)",
            "in at least one item of “children”, (“here” is ticked and the answer to “subject” is “yes”)",
        ),
        (
            "none of children where (here is ticked)",
            "in no item of “children” it holds that “here” is ticked",
        ),
        (
            "unborn is ticked and (age is 3 or age is 4)",
            "“unborn” is ticked and (the answer to “age” is 3 or the answer to “age” is 4)",
        ),
        (
            "not (unborn is ticked or age is 3)",
            "it is not so that (“unborn” is ticked or the answer to “age” is 3)",
        ),
    ],
)
def test_each_test_has_a_clause(expression: str, words: str) -> None:
    assert sentence(typed(expression, place="check")) == words


def test_another_language_is_another_mapping() -> None:
    words = {**ENGLISH, "answered": "mae {question} wedi'i ateb"}
    assert sentence(typed("consent is answered"), words) == "mae “consent” wedi'i ateb"


def test_what_is_not_known_is_said_so() -> None:
    assert sentence(Unknown()) == "something that is not known yet"
    assert ListOperand("children").label == ""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("School of ((child.first_name))", ("School of ", ("child.first_name", None))),
        ("((first_name)) ((last_name))", (("first_name", None), " ", ("last_name", None))),
        ("((child.first_name or the child))'s school", (("child.first_name", "the child"), "'s school")),
        ("(( name or someone (not known) ))", (("name", "someone (not known)"),)),
        ("Name (as on the (old) passport)", ("Name (as on the (old) passport)",)),
        ("{{x}} and {x} stay", ("{{x}} and {x} stay",)),
        ("((order))", (("order", None),)),
        ("", ()),
    ],
)
def test_a_text_is_its_literals_and_inserts(text: str, parts: tuple[object, ...]) -> None:
    findings = Findings()
    template = parse_template(located(text), findings)
    assert findings.found == []
    read = tuple(
        (".".join(part.names), part.fallback) if isinstance(part, Insert) else part for part in template.parts
    )
    assert read == parts


@pytest.mark.parametrize(
    ("text", "code", "under"),
    [
        ("Dear ((name", "insert-unclosed", "(("),
        ("Dear ((name) and ((other))", "insert-unclosed", "(("),
        ("Dear (( ))", "insert-empty", "(( ))"),
        ("Dear ((first name))", "insert-unreadable", "((first name))"),
        ("Dear ((name or ))", "insert-unreadable", "((name or ))"),
        ("Dear ((1))", "insert-unreadable", "((1))"),
        ("Dear ((today))", "insert-unreadable", "((today))"),
    ],
)
def test_what_is_no_insert_stays_text_and_is_told(text: str, code: str, under: str) -> None:
    findings = Findings()
    template = parse_template(located(text), findings)
    assert [finding.code for finding in findings.found] == [code]
    span = findings.found[0].span
    assert text[span.start : span.end] == under
    assert "".join(part for part in template.parts if isinstance(part, str)).startswith("Dear ")
