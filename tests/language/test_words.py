"""The words people read: there are some for every rule, and they read like English."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.fields import FIELD_TYPES
from formengine.language.fields.base import FieldSettings, FieldType, Option, Word
from formengine.language.words import UnknownTextError, Wording, display_text, words

# Every key an author can write, so that every rule there is comes up.
LIMITS: dict[str, Any] = {
    "max_length": 10,
    "pattern": "[A-Z]",
    "minimum": 1,
    "maximum": 10,
    "decimal_places": 2,
    "max_choices": 2,
    "max_size_mb": 5,
    "max_files": 3,
    "accept": ("pdf",),
}
DAYS: dict[str, Any] = {"minimum": "2026-01-01", "maximum": "2026-12-31"}
TODAY: dict[str, Any] = DAYS | {"minimum_is_today": True, "maximum_is_today": True}
OPTIONS = (Option("a", "A"), Option("none", "None of these", exclusive=True))

# Rules the engine itself reports, with the facts it gives.
ITEMS = {"item_name": "child", "min_items": 1, "max_items": 20}
ENGINE_RULES: list[tuple[str, str, dict[str, Any]]] = [
    ("repeat", "too_few_items", ITEMS),
    ("repeat", "too_many_items", ITEMS),
    ("repeat", "required", ITEMS),
    ("repeat", "not_a_list", ITEMS),
    ("repeat", "item_without_id", ITEMS),
    ("group", "not_an_object", {}),
    ("form", "not_an_object", {}),
    ("form", "unknown_answer", {}),
    ("page", "stopped", {}),
    ("page", "check", {}),
    ("form", "check", {}),
]


@dataclass(frozen=True)
class Error:
    """What words need of an error."""

    type: str
    rule: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    message: str = ""


def reportable(field_type: FieldType) -> set[str]:
    """The names of every rule a field of this type can report."""
    rules = {"required", "check", "not_offered", *field_type.error_codes}
    for limits in ({}, LIMITS, DAYS, TODAY):
        if field_type.name == "date" and limits is LIMITS:
            continue
        if field_type.name in {"number", "money"} and limits in (DAYS, TODAY):
            continue
        settings = FieldSettings("x", "First name", options=OPTIONS, limits=limits)
        rules |= {rule.problem.rule for rule in field_type.rules(settings)} | {*field_type.checks(settings)}
    return rules


def every_rule() -> list[tuple[str, str]]:
    """Type and rule of everything people can hear of a field."""
    return [
        (name, rule) for name, field_type in FIELD_TYPES.items() for rule in sorted(reportable(field_type))
    ]


FACTS: dict[str, Any] = {
    **LIMITS,
    "minimum": "5",
    "maximum": "7",
    "missing": Word("dates.missing.day"),
    "largest": "99",
    "typed": "1.500",
    "thousands": "1,500",
    "exclusive": "None of these",
    "accept": "PDF, PNG",
    "endings": ("pdf", "png"),
    "authority": "999",
}


@pytest.mark.parametrize(("type_name", "rule"), every_rule())
def test_there_are_words_for_every_rule_of_every_type(type_name: str, rule: str) -> None:
    text = words(Error(type_name, rule, "First name", FACTS))
    assert "irst name" in text
    assert text[0].isupper()
    assert not text.endswith(".")
    assert not re.search(r"[{}]|invalid|please|\bvalid\b|\boops|error|field", text, re.IGNORECASE)


@pytest.mark.parametrize(("type_name", "rule", "facts"), ENGINE_RULES)
def test_there_are_words_for_every_rule_of_the_engine(
    type_name: str, rule: str, facts: dict[str, Any]
) -> None:
    text = words(Error(type_name, rule, "Other children", facts))
    assert text[0].isupper()
    assert "{" not in text


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("First name", "Enter first name"),
        ("NHS number", "Enter NHS number"),
        ("GP surgery", "Enter GP surgery"),
        ("GP's name", "Enter GP's name"),
        ("UPN", "Enter UPN"),
        ("National Insurance number", "Enter National Insurance number"),
        ("English spoken at home", "Enter English spoken at home"),
        ("Englishness", "Enter englishness"),
        ("2nd parent", "Enter 2nd parent"),
        ("E-mail address", "Enter e-mail address"),
        ("Name of school:", "Enter name of school"),
        ("whether agreement has been obtained", "Enter whether agreement has been obtained"),
        ("A reason", "Enter a reason"),
        ("I am completing this form for", "Enter I am completing this form for"),
        ("Why now?", "Enter an answer to “Why now?”"),
    ],
)
def test_a_label_is_fitted_into_a_sentence(label: str, sentence: str) -> None:
    assert words(Error("text", "required", label)) == sentence


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("address", "Address must be 512 characters or less"),
        ("NHS number", "NHS number must be 512 characters or less"),
        ("Why now?", "Your answer to “Why now?” must be 512 characters or less"),
    ],
)
def test_a_label_is_fitted_to_the_start_of_a_sentence(label: str, sentence: str) -> None:
    assert words(Error("text", "max_length", label, {"max_length": 512})) == sentence


def test_one_thing_is_singular() -> None:
    assert (
        words(Error("text", "max_length", "Initial", {"max_length": 1}))
        == "Initial must be 1 character or less"
    )
    assert words(Error("repeat", "too_few_items", "Children", ITEMS)) == "Add at least 1 child"


def test_large_numbers_have_commas() -> None:
    assert words(Error("text", "max_length", "Story", {"max_length": 10_000})) == (
        "Story must be 10,000 characters or less"
    )


def test_the_authors_own_message_wins() -> None:
    assert (
        words(Error("text", "required", "Name", message="Tell us who {you} are")) == "Tell us who {you} are"
    )


def test_a_fact_is_never_read_as_a_text() -> None:
    assert words(Error("text", "required", "The {label} of {name}")) == "Enter the {label} of {name}"


@given(label=st.text())
def test_any_label_gives_a_sentence_that_holds_it(label: str) -> None:
    sentence = words(Error("text", "required", label))
    assert label.strip().removesuffix(":").rstrip()[1:] in sentence


def test_dates_are_read_in_words() -> None:
    display = FIELD_TYPES["date"].display("2026-09-01", FieldSettings("d", "Day"))
    assert display_text(display) == "1 September 2026"
    display = FIELD_TYPES["approximate_date"].display("2026-10", FieldSettings("d", "Day"))
    assert display_text(display) == "October 2026"
    display = FIELD_TYPES["approximate_date"].display("0987", FieldSettings("d", "Day"))
    assert display_text(display) == "987"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("00:00", "midnight"),
        ("12:00", "midday"),
        ("00:05", "12:05am"),
        ("12:05", "12:05pm"),
        ("14:00", "2pm"),
    ],
)
def test_times_are_read_on_the_twelve_hour_clock(time: str, text: str) -> None:
    assert display_text(FIELD_TYPES["time"].display(time, FieldSettings("t", "Time"))) == text


def test_several_texts_are_listed() -> None:
    settings = FieldSettings("c", "Agencies", options=OPTIONS)
    assert display_text(FIELD_TYPES["choices"].display(["a", "none"], settings)) == "A, None of these"


def test_a_language_without_a_file_is_said_in_english() -> None:
    assert words(Error("text", "required", "Name"), "cy-GB") == "Enter name"
    assert words(Error("text", "required", "Name"), "../../etc") == "Enter name"


def test_a_text_that_is_missing_or_lacks_a_fact_is_our_mistake_and_raises() -> None:
    with pytest.raises(UnknownTextError, match="no\\.such"):
        Wording().text("no.such")
    with pytest.raises(UnknownTextError, match="needs the fact page"):
        Wording().text("paper.page_of")
    with pytest.raises(UnknownTextError, match=r"errors\.text\.nonsense"):
        words(Error("text", "nonsense", "Name"))
    assert Wording().has("buttons.next")
    assert not Wording().has("buttons.nonsense")
