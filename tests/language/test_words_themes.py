"""A theme's words stand over formengine's, and what it could not mean is refused by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from formengine.language.extensions import ThemeError
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import Display, FieldType, Word
from formengine.language.fields.type_words import rules_of, without_words, words_of
from formengine.language.words import Wording


@dataclass(frozen=True)
class Error:
    """What words need of an error."""

    type: str
    rule: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    message: str = ""


def theme(folder: Path, text: str, name: str = "en.yaml") -> Path:
    """A theme whose words are this text."""
    (folder / "words").mkdir(parents=True, exist_ok=True)
    (folder / "words" / name).write_text(text, encoding="utf-8")
    return folder


def test_a_theme_s_text_stands_over_formengine_s_and_all_others_stay(tmp_path: Path) -> None:
    wording = Wording(themes=(theme(tmp_path, "buttons:\n  next: Go on\n"),))
    assert wording.text("buttons.next") == "Go on"
    assert wording.text("buttons.back") == Wording().text("buttons.back") == "Back"


def test_the_first_theme_stands_over_the_others(tmp_path: Path) -> None:
    first = theme(tmp_path / "first", "buttons:\n  next: First\n")
    second = theme(tmp_path / "second", "buttons:\n  next: Second\n  back: Second\n")
    wording = Wording(themes=(first, second))
    assert (wording.text("buttons.next"), wording.text("buttons.back")) == ("First", "Second")


def test_an_error_may_call_its_question_by_its_label(tmp_path: Path) -> None:
    own = theme(tmp_path, "errors:\n  any:\n    required: We need “{label}”\n")
    assert Wording(themes=(own,)).words(Error("text", "required", "First name")) == "We need “First name”"


def test_a_counted_text_may_be_said_in_one_way_and_a_plain_one_counted(tmp_path: Path) -> None:
    own = theme(tmp_path, 'errors:\n  any:\n    max_length: "{Name}: up to {max_length} characters"\n')
    said = Wording(themes=(own,)).words(Error("text", "max_length", "Story", {"max_length": 1}))
    assert said == "Story: up to 1 characters"


def test_names_that_keep_their_capital_are_added(tmp_path: Path) -> None:
    wording = Wording(themes=(theme(tmp_path, "names:\n  keep_capital:\n    - Exampleshire\n"),))
    assert wording.name_inside("Exampleshire address") == "Exampleshire address"
    assert wording.name_inside("English name") == "English name"
    assert Wording().name_inside("Exampleshire address") == "exampleshire address"


def test_a_theme_may_bring_a_language_which_falls_back_on_english(tmp_path: Path) -> None:
    own = theme(theme(tmp_path, "buttons:\n  back: Go back\n"), "buttons:\n  next: Ymlaen\n", "cy.yaml")
    wording = Wording("cy", (own,))
    assert (wording.text("buttons.next"), wording.text("buttons.back")) == ("Ymlaen", "Go back")
    assert wording.in_language("en-GB").text("buttons.back") == "Go back"
    assert wording.without_themes().text("buttons.next") == Wording().text("buttons.next")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("buttons:\n  nxt: Go on", 2, "buttons.nxt is no text of formengine; did you mean buttons.next?"),
        ("buttons: Go on", 1, "buttons is no text of formengine"),
        ("buttons:\n  next:\n    much: Go on", 3, "buttons.next.much is no text of formengine"),
        ("buttons:\n  next: Go on, {name}", 2, "buttons.next has {name} in braces"),
        ("paper:\n  page_of: Page {page}", 2, "paper.page_of has {page} in braces"),
        ("errors:\n  any:\n    required: Nothing here", 3, "errors.any.required has nothing in braces"),
        (
            "errors:\n  any:\n    minimum: '{name} {maximum}'",
            3,
            "errors.any.minimum has {maximum}, {name} in",
        ),
        ("buttons:\n  next:\n    - Go on", 2, "buttons.next is a list; it is one text"),
        ("buttons:\n  next: ''", 2, "buttons.next is empty"),
        ("names:\n  keep_capital: Kent", 2, "names.keep_capital is a list of names"),
        ("errors:\n  any:\n    max_length:\n      other: '{name} {max_length}'", 3, "has no `count`"),
        (
            "errors:\n  any:\n    max_length:\n      count: most\n      other: '{name} {max_length}'",
            3,
            "errors.any.max_length chooses by most",
        ),
        ("buttons:\n  next: [", 2, "This bracket isn't closed"),
    ],
)
def test_words_that_stand_for_no_text_are_refused_with_file_and_line(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    own = theme(tmp_path, text + "\n")
    with pytest.raises(ThemeError, match=f"en.yaml, line {line}: .*{re.escape(told)}") as refused:
        Wording(themes=(own,))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["en.yml", "english words.yaml", "readme.txt"])
def test_a_file_among_the_words_that_would_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ThemeError, match=f"{re.escape(name)} is no file of words"):
        Wording(themes=(theme(tmp_path, "buttons:\n  next: Go on\n", name),))


# --- the words of field types -----------------------------------------------------------------------------

WARD = replace(
    FIELD_TYPES["text"],
    name="ward",
    error_codes=("not_a_ward", "not_text"),
    words={
        "not_a_ward": "{Name} must be a ward",
        "pattern": {"count": "tries", "one": "{Name}: one try", "other": "{Name}: {tries} tries"},
        "types.ward.north": "The north",
    },
)


def test_a_type_s_own_words_are_said_and_any_theme_may_say_them_otherwise(tmp_path: Path) -> None:
    own = words_of([WARD])
    wording = Wording(own=own)
    error = Error("ward", "not_a_ward", "Home ward")
    assert wording.words(error) == "Home ward must be a ward"
    assert wording.words(Error("ward", "pattern", "Home", {"tries": 2})) == "Home: 2 tries"
    assert wording.display(Display("text", (Word("types.ward.north"),))) == "The north"
    themed = theme(tmp_path, "errors:\n  ward:\n    not_a_ward: Choose a ward for {name}\n")
    assert Wording(themes=(themed,), own=own).words(error) == "Choose a ward for home ward"
    with pytest.raises(ThemeError, match=r"ward\.not_a_ward is no text of formengine"):
        Wording(themes=(themed,))


def test_a_type_s_own_words_stand_over_those_of_every_type() -> None:
    wording = Wording(own=words_of([replace(WARD, words={"max_length": "{Name} is too long"})]))
    assert wording.words(Error("ward", "max_length", "Home", {"max_length": 3})) == "Home is too long"
    assert wording.words(Error("text", "max_length", "Home", {"max_length": 3})) == (
        "Home must be 3 characters or less"
    )


@pytest.mark.parametrize("field_type", FIELD_TYPES.values(), ids=list(FIELD_TYPES))
def test_formengine_has_words_for_every_rule_of_its_types(field_type: FieldType) -> None:
    assert list(without_words([field_type], Wording())) == []


def test_a_rule_without_words_is_found_whatever_setting_it_comes_from() -> None:
    assert rules_of(FIELD_TYPES["date"]) == {
        *("required", "incomplete", "short_year", "not_real"),
        *("minimum", "maximum", "minimum_today", "maximum_today"),
    }
    other = replace(WARD, name="parish", words={})
    assert list(without_words([other], Wording())) == [("parish", "not_a_ward"), ("parish", "pattern")]
    assert list(without_words([COMPOSITE_TYPES["address"]], Wording())) == []
