"""The page about conditions says what the engine does: each expression, each cell of its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.diagnostics import Diagnostic
from formengine.language.expressions.syntax import LANGUAGE_WORDS
from formengine.language.json_types import Json
from tests.support.docs_pages import AUTHORS, CHECKOUT, blocks, rows

PAGE = AUTHORS / "conditions.md"
QUESTIONS = next(blocks(PAGE, "yaml")).text.rstrip()
ON = date(2026, 11, 22)
TRUTHS = {"true": True, "false": False, "open": None}
# Advice that a correct expression may get.
ADVICE = {"silent-while-unanswered", "text-is-exact", "true-of-empty-list"}


def with_condition(expression: str) -> str:
    asked = f"- id: asked\n        type: text\n        label: Asked\n        show_if: '{expression}'\n"
    return f"{QUESTIONS}\n      {asked}"


def with_check(expression: str) -> str:
    return f"{QUESTIONS}\n    check:\n      - that: '{expression}'\n        else: It does not hold\n"


def findings(text: str) -> tuple[Diagnostic, ...]:
    return Engine().check_text(text.encode(), "form.yaml")


def form_of(text: str) -> Form:
    return Engine().form_of_text(text.encode())


def truth(expression: str, answers: Json) -> bool | None:
    form = form_of(with_condition(expression))
    state = evaluate(form, answers, on=ON)
    page = form.page("example")
    assert page is not None
    asked = form.fields["asked"]
    return state.run().relevance[asked.gate]


def expressions_under(heading: str) -> Iterator[str]:
    for cells in rows(PAGE, heading):
        if cells[0].startswith("`") and " " in cells[0]:
            yield cells[0].strip("`")


CONDITIONS = [
    *expressions_under("What you can ask"),
    *expressions_under("Dates"),
    *expressions_under("Missing answers"),
    "consent_given",
]
CHECKS = [*expressions_under("Only in checks")]


@pytest.mark.parametrize("expression", dict.fromkeys(CONDITIONS))
def test_a_condition_on_the_page_is_one(expression: str) -> None:
    assert {finding.code for finding in findings(with_condition(expression))} <= ADVICE


@pytest.mark.parametrize("expression", CHECKS)
def test_a_comparison_of_two_answers_is_one_only_in_a_check(expression: str) -> None:
    assert [finding.code for finding in findings(with_check(expression))] == []
    assert {finding.code for finding in findings(with_condition(expression))} == {"compares-two-answers"}


@pytest.mark.parametrize("cells", rows(PAGE, "What you may have meant"), ids=lambda cells: cells[0])
def test_a_slip_is_told_with_the_code_shown_and_its_mended_form_is_right(cells: tuple[str, ...]) -> None:
    wrong, right, code = (cell.strip("`") for cell in cells)
    found = findings(with_condition(wrong))
    assert [finding.code for finding in found] == [code]
    named = re.findall(r"[\w.-]+", right)
    assert all(word in found[0].help or word in wrong for word in named), found[0].help
    assert findings(with_condition(right)) == ()


@pytest.mark.parametrize("cells", rows(PAGE, "Dates"), ids=" ".join)
def test_a_row_about_dates_is_true(cells: tuple[str, ...]) -> None:
    expression = cells[0].strip("`")
    if cells[2] in TRUTHS:
        moved = {
            "August 2026": "2026-08",
            "October 2026": "2026-10",
            "September 2026": "2026-09",
            "2026": "2026",
        }
        assert truth(expression, {"moved": moved[cells[1]]}) is TRUTHS[cells[2]]
    else:
        for cell, expected in zip(cells[1:], (True, False), strict=True):
            born = datetime.strptime(cell, "%d %B %Y").date().isoformat()  # noqa: DTZ007
            assert truth(expression, {"born": born}) is expected


def tables_of_missing() -> Iterator[tuple[str, Json, str]]:
    for cells in rows(PAGE, "Missing answers"):
        expression = cells[0].strip("`")
        if expression.startswith(("any of", "all of", "none of", "count of")):
            for other, said in zip(("yes", "no", None), cells[1:], strict=True):
                second = {"id": "c2", "subject": other} if other else {"id": "c2"}
                yield expression, {"children": [{"id": "c1", "subject": "yes"}, second]}, said
        elif expression.startswith("unborn"):
            for tick, said in zip(({"unborn": "yes"}, {}), cells[1:], strict=True):
                yield expression, tick, said
        elif " " in expression and not expression.startswith("*"):
            for answers, said in zip(({"consent": "yes"}, {"consent": "no"}, {}), cells[1:], strict=True):
                yield expression, answers, said


@pytest.mark.parametrize(("expression", "answers", "said"), [*tables_of_missing()])
def test_a_cell_about_missing_answers_is_true(expression: str, answers: Json, said: str) -> None:
    assert truth(expression, answers) is TRUTHS[said]


def answered(question: str, truth_of_yes: str) -> dict[str, Json]:
    """An answer that makes “is yes” true, false or open."""
    answers: dict[str, dict[str, Json]] = {"true": {question: "yes"}, "false": {question: "no"}, "open": {}}
    return answers[truth_of_yes]


@pytest.mark.parametrize("word", ["and", "or"])
def test_the_truth_table_is_that_of_the_engine(word: str) -> None:
    cells = [row for row in rows(PAGE, "Missing answers") if row[0].startswith("**") and len(row) == 4]
    table = cells[:3] if word == "and" else cells[3:6]
    assert [row[0] for row in table] == ["**true**", "**false**", "**open**"]
    for row in table:
        for right, said in zip(("true", "false", "open"), row[1:], strict=True):
            left = row[0].strip("*")
            answers = answered("consent", left) | answered("told", right)
            assert truth(f"consent is yes {word} told is yes", answers) is TRUTHS[said], (row[0], right)


def test_the_table_of_not_is_that_of_the_engine() -> None:
    table = [row for row in rows(PAGE, "Missing answers") if row[0].startswith("**") and len(row) == 2]
    said = {row[0].strip("*"): TRUTHS[row[1]] for row in table}
    assert said == {
        "true": truth("not consent_given", {"consent": "yes"}),
        "false": truth("not consent_given", {"consent": "no"}),
        "open": truth("not consent_given", {}),
    }


def shape(expression: str) -> str:
    """The words of the language in an expression, everything else left out: ``… is one of …``."""
    words = re.findall(r'"[^"]*"|[\w.:-]+|[(),]', expression)
    return " ".join(
        "…" if word.lower() not in LANGUAGE_WORDS and word not in "()" else word for word in words
    )


def atoms(expression: str) -> set[str]:
    """The shapes of the tests joined in an expression."""
    plain = re.sub(r"where \(.*\)", "where", expression)
    parts = re.split(r"\b(?:and|or)\b(?! (?:before|after))(?<!on or)|[()]", plain)
    return {
        re.sub(r"^(not )+", "", shape(part)).replace("… , ", "").strip() for part in parts if part.strip()
    }


def test_every_operator_of_the_corpus_stands_on_the_page() -> None:
    documented = set().union(*(atoms(expression) for expression in [*CONDITIONS, *CHECKS]))
    corpus: dict[str, str] = {}
    for file in sorted((CHECKOUT / "tests/language/conformance").glob("*.json")):
        cases = json.loads(file.read_text(encoding="utf-8")).get("cases", [])
        for case in cases:
            for atom in atoms(case["expression"]):
                corpus.setdefault(operator_of(atom), case["expression"])
    known = {operator_of(atom) for atom in documented}
    assert {operator: example for operator, example in corpus.items() if operator not in known} == {}
    assert len(known) > 20


def operator_of(atom: str) -> str:
    """The operator of a test: its words, with order and direction of distances apart from one another."""
    words = atom.replace("…", " ").split()
    text = " ".join(words)
    for order in ("more than", "at least", "less than", "at most"):
        text = text.replace(order, "at least")
    for order in ("on or before", "on or after", "before", "after"):
        text = re.sub(rf"is {order}", "is before", text)
    return text.replace("not ", "")


def test_every_word_of_the_language_stands_in_an_expression_of_the_page() -> None:
    used = set(re.findall(r"\w+", " ".join([*CONDITIONS, *CHECKS])))
    assert sorted(LANGUAGE_WORDS - used) == []


def test_the_questions_of_the_page_have_one_named_condition() -> None:
    assert form_of(QUESTIONS).conditions.keys() == {"consent_given"}
