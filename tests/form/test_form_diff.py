"""Differences between two versions in sentences: what people are asked first, layout and spelling never."""

from __future__ import annotations

import pytest

from formengine.engine import Engine
from formengine.form.analysis.form_diff import form_diff
from formengine.form.plan import Form

ENGINE = Engine()
FORM = """\
form: visit
title: Visit
version: 1
access: anyone
conditions:
  grown: child.age is at least 16
urgent_if: child.age is at most 1
pages:
  - id: about
    title: About
    fields:
      - id: town
        type: choice
        label: Your town
        options:
          dover: Dover
          deal: Deal
          hythe: Hythe
      - id: child
        type: group
        label: Child
        fields:
          - id: name
            type: text
            label: First name
          - id: age
            type: number
            label: Age
            maximum: 25
  - id: more
    title: More
    show_if: town is dover
    fields:
      - id: school
        type: text
        label: School
        show_if: not grown
      - id: why
        type: long_text
        label: Why
        show_if: town is dover or town is deal
      - id: day
        type: date
        label: Day
        required: true
      - id: thanks
        type: note
        text: Thank you.
"""
ITEMS = """\
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((called))
        fields:
          - id: called
            type: text
            label: Name
"""


def form(text: str) -> Form:
    return ENGINE.form_of_text(text.encode())


def said(*edits: tuple[str, str], base: str = FORM) -> list[tuple[str, str]]:
    """The consequence and the sentence of each difference that these edits of the text make."""
    text = base
    for before, after in edits:
        assert before in text, before
        text = text.replace(before, after)
    return [(each.consequence, each.sentence) for each in form_diff(form(base), form(text))]


def test_layout_comments_and_spelling_are_no_difference() -> None:
    assert said() == []
    assert (
        said(
            ("label: Why", "label: 'Why' # so"),
            ("town is dover or town is deal", "(town is dover)  or town is deal"),
        )
        == []
    )


NOT_18, NOT_16 = (f"it is not so that the answer to “Age” is at least {years}" for years in (18, 16))
TWO = "          deal: Deal\n          hythe: Hythe\n"
EDITS = {
    "label: Your town -> label: Which town is yours": [
        ("words", "“Your town” is asked as “Which town is yours” now."),
    ],
    "        required: true\n -> ": [("asked", "“Day” need not be answered any more.")],
    "label: School -> label: School\n        required: true": [("answers", "“School” must be answered now.")],
    "          deal: Deal\n -> ": [
        ("answers", "“Your town” does not offer “Deal” any more. Whoever chose it must choose again."),
        ("asked", "“Why” is no longer asked when the answer to “Your town” is “Deal”."),
    ],
    f"{TWO} ->           hythe: Hythe\n          deal: Deal\n          lydd: Lydd\n": [
        ("asked", "“Your town” also offers “Lydd”."),
        ("order", "The options of “Your town” stand in another order."),
    ],
    "maximum: 25 -> maximum: 18": [("answers", "For “Age”, maximum is 18; it was 25.")],
    "maximum: 25 -> maximum: 99": [("asked", "For “Age”, maximum is 99; it was 25.")],
    "            maximum: 25\n -> ": [("asked", "For “Age”, maximum is no longer set; it was 25.")],
    "show_if: town is dover or town is deal -> show_if: town is dover or town is deal or child.age is at least 3": [
        ("asked", "“Why” is now also asked when the answer to “Age” is at least 3."),
    ],
    "at least 16 -> at least 18": [
        ("asked", f"“School” is asked when {NOT_18}; until now when {NOT_16}."),
    ],
    "    show_if: town is dover\n -> ": [
        (
            "asked",
            "The page “More” is shown always; until now only when the answer to “Your town” is “Dover”.",
        ),
    ],
    "label: Day -> label: Day\n        show_if: town is deal": [
        ("asked", "“Day” is asked only when the answer to “Your town” is “Deal”; until now always."),
    ],
    "child.age is at most 1 -> child.age is at most 1 and town is deal": [
        ("handling", "What is sent is urgent only when besides the answer to “Your town” is “Deal”."),
    ],
    "version: 1 -> version: 2": [("handling", "The version is 2; it was 1.")],
    "Thank you. -> Thank you very much.": [
        ("words", "A text on “More” is new: “Thank you very much.”"),
        ("words", "A text on “More” is gone: “Thank you.”"),
    ],
    "type: long_text -> type: text": [
        ("answers", "“Why” is of the type text now, long_text before. Answers may not fit any more."),
    ],
    "      - id: thanks\n -> " + ITEMS + "      - id: thanks\n": [
        ("asked", "The list “People” is new on “More”.")
    ],
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_edit_is_one_sentence_with_its_consequence(edit: str) -> None:
    before, _, after = edit.partition(" -> ")
    text = (
        ("          deal: Deal\n", " or town is deal")
        if edit.startswith("          deal: Deal\n -> ")
        else None
    )
    edits = [(before, after), *([(text[1], "")] if text else [])]
    assert said(*edits) == EDITS[edit]


def test_a_renamed_answer_is_one_sentence_and_conditions_follow() -> None:
    renamed = [
        ("- id: age\n", "- id: years\n            renamed_from: child.age\n"),
        ("child.age", "child.years"),
        ("renamed_from: child.years", "renamed_from: child.age"),
    ]
    assert said(*renamed) == [
        (
            "handling",
            "The answer to “Age” is called `child.years` now, `child.age` before. Saved answers follow.",
        ),
    ]


def test_a_renamed_group_takes_along_what_is_in_it() -> None:
    edits = [
        ("- id: child\n", "- id: kid\n        renamed_from: child\n"),
        ("child.age", "kid.age"),
    ]
    assert [sentence.partition(" now")[0] for _, sentence in said(*edits)] == [
        "The answer to “Child” is called `kid`",
        "“First name” stands at `kid.name`",
        "“Age” stands at `kid.age`",
    ]


def test_one_question_moved_is_one_sentence() -> None:
    day = FORM[FORM.index("      - id: day") : FORM.index("      - id: thanks")]
    moved = FORM.replace(day, "").replace("      - id: school\n", f"{day}      - id: school\n")
    assert [(each.consequence, each.sentence) for each in form_diff(form(FORM), form(moved))] == [
        ("order", "“Day” now stands after “Age”.")
    ]


def test_a_group_that_is_gone_is_one_sentence_and_a_new_question_says_when() -> None:
    child = FORM[FORM.index("      - id: child") : FORM.index("  - id: more")]
    text = FORM.replace(child, "").replace("urgent_if: child.age is at most 1\n", "")
    text = text.replace("conditions:\n  grown: child.age is at least 16\n", "").replace(
        "show_if: not grown", "show_if: town is deal"
    )
    found = [each.sentence for each in form_diff(form(FORM), form(text))]
    assert found[0] == "“Child” is gone with all its questions. What was answered is not taken over."
    assert sum("gone" in each for each in found) == 1
    back = [each.sentence for each in form_diff(form(text), form(FORM))]
    assert "The group “Child” is new on “About”." in back


def test_two_versions_of_a_real_form_differ_in_what_was_edited_alone() -> None:
    whole = Engine().form("request-for-support")
    text = whole.definition.sources[0].text.replace(
        "label: Why has agreement not been obtained?", "label: Why not?"
    )
    assert [each.sentence for each in form_diff(whole, Engine().form_of_text(text.encode()))] == [
        "“Why has agreement not been obtained?” is asked as “Why not?” now."
    ]
