"""The verdict on open drafts: what a new version loses, asks and makes wrong; nothing where it means the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.form.analysis.samples import sample_answers
from formengine.form.analysis.verdict import DraftVerdict, judge_draft, judge_drafts
from formengine.form.plan import Form

pytestmark = pytest.mark.slow

ON = date(2026, 11, 30)
FORM = """\
form: visit
title: Visit
version: 1
access: anyone
pages:
  - id: about
    title: About
    fields:
      - id: town
        type: choice
        label: Town
        required: true
        options: {dover: Dover, deal: Deal}
      - id: why
        type: text
        label: Why
        max_length: 20
      - id: letter
        type: file
        label: Letter
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((name))
        fields:
          - id: name
            type: text
            label: Name
            required: true
"""
FILE = {"id": "f1", "name": "letter.pdf", "type": "application/pdf", "size": 10}
DRAFT: dict[str, Any] = {
    "town": "deal",
    "why": "A reason of words",
    "letter": FILE,
    "people": [{"id": "i1", "name": "Ada"}, {"id": "i2"}],
}


def form(text: str) -> Form:
    return Engine().form_of_text(text.encode())


def verdict(before: str, after: str, draft: Any = DRAFT) -> DraftVerdict:
    """What becomes of the draft where this edit of the text is published."""
    assert before in FORM
    return judge_draft(form(FORM), draft, form(FORM.replace(before, after)), on=ON)


MORE = "      - id: extra\n        type: text\n        label: More\n        required: true\n"
CLEAN = DraftVerdict((), (), ())


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("label: Why", "label: Why so", CLEAN),
        ("version: 1", "version: 2 # no more", CLEAN),
        (", deal: Deal", "", DraftVerdict((), (), ("Town",))),
        ("max_length: 20", "max_length: 5", DraftVerdict((), (), ("Why",))),
        ("label: Why\n", "label: Why\n        required: true\n", CLEAN),
        ("label: Letter\n", f"label: Letter\n{MORE}", DraftVerdict((), ("More",), ())),
        ("- id: why\n", "- id: reason\n        renamed_from: why\n", CLEAN),
        ("- id: why\n", "- id: reason\n", DraftVerdict(("Why",), (), ())),
        ("- id: people\n", "- id: persons\n        renamed_from: people\n", CLEAN),
        ("- id: name\n", "- id: called\n            renamed_from: people.name\n", CLEAN),
    ],
)  # fmt: skip
def test_one_edit_does_to_a_draft_what_it_does(before: str, after: str, wanted: DraftVerdict) -> None:
    text = FORM.replace(before, after)
    if "called" in after:
        text = text.replace("((name))", "((called))")
    assert judge_draft(form(FORM), DRAFT, form(text), on=ON) == wanted


def test_what_was_missing_before_is_not_counted_and_what_is_now_is() -> None:
    assert verdict("label: Town", "label: Your town", {}) == CLEAN
    required = verdict("label: Why\n", "label: Why\n        required: true\n", {"town": "deal"})
    assert required == DraftVerdict((), ("Why",), ())


def test_drafts_are_counted_with_what_concerns_each() -> None:
    after = form(FORM.replace("- id: why\n", "- id: reason\n").replace(", deal: Deal", ""))
    before = form(FORM)
    found = judge_drafts([(before, DRAFT), (before, {"town": "dover"}), (after, DRAFT)], after, on=ON)
    assert (found.outcome, found.sentences()) == (
        "loses",
        [
            "3 drafts are open. 2 of them carry over as they are.",
            "1 loses the answer to “Why”.",
            "1 must mend the answer to “Town”.",
        ],
    )
    safe = judge_drafts([(before, DRAFT)], form(f"{FORM}# a comment\n"), on=ON)
    assert (safe.outcome, safe.sentences()) == ("safe", ["1 draft is open. It carries over as it is."])
    assert judge_drafts([], after, on=ON).sentences() == ["No draft is open."]


@pytest.mark.parametrize("form_id", ["request-for-support", "early-help-notification"])
def test_between_two_versions_that_mean_the_same_every_draft_carries_over(form_id: str) -> None:
    before = Engine().form(form_id)
    after = Engine().form_of_text(f"{before.definition.sources[0].text}# a comment\n".encode())
    assert before.digest != after.digest
    for seed in range(3):
        answers = sample_answers(before, on=ON, seed=seed)
        half = dict(list(answers.items())[: len(answers) // 2])
        for draft in (answers, half):
            assert judge_draft(before, draft, after, on=ON) == CLEAN, seed
