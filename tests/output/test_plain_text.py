"""The answers as plain text."""

from __future__ import annotations

from datetime import UTC, datetime

from formengine import evaluate
from formengine.language.json_types import Json
from formengine.output.plain_text import render_text
from tests.support.html_sites import HOSTILE, ON, answers_of, form


def test_the_text_has_every_page_label_answer_and_item_in_order() -> None:
    answers: Json = {
        "full_name": "Ann Example",
        "email": "ann@example.org",
        "size": "half",
        "start_on": "2027-03-01",
        "helpers": [{"id": "h1", "name": "Bob", "age": 12}, {"id": "h2"}],
    }
    assert render_text(evaluate(form("allotment-waiting-list"), answers, on=ON)) == (
        "Join the allotment waiting list\n"
        "===============================\n"
        "\n"
        "About you\n"
        "---------\n"
        "\n"
        "Your name: Ann Example\n"
        "Email address: ann@example.org\n"
        "\n"
        "The plot you want\n"
        "-----------------\n"
        "\n"
        "What size of plot do you want? Half a plot\n"
        "When could you start? 1 March 2027\n"
        "\n"
        "Who gardens with you\n"
        "--------------------\n"
        "\n"
        "People who garden with you:\n"
        "  1. Bob\n"
        "     Name: Bob\n"
        "     Age: 12\n"
        "  2. Helper 2\n"
        "     Name: Not provided\n"
        "     Age: Not provided\n"
        "\n"
        "Will an adult always be there with the children? Not provided\n"
        "Number of helpers: 2\n"
        "Waiting list: Half plots\n"
    )


def test_long_answers_keep_their_lines_and_nothing_is_cut_or_escaped() -> None:
    sought = f"First line\n\n{HOSTILE}\n" + "x" * 5000
    text = render_text(evaluate(form("fifteen-lines"), {"found": "no", "sought": sought}, on=ON))
    assert text.endswith(
        "Did you find what you were looking for? No\n"
        "What were you looking for?\n"
        f"  First line\n\n  {HOSTILE}\n  {'x' * 5000}\n"
    )


def test_what_does_not_count_is_left_out() -> None:
    text = render_text(evaluate(form("fifteen-lines"), {"found": "yes", "sought": "A secret"}, on=ON))
    assert "secret" not in text
    assert "What were you looking for?" not in text


def test_an_answer_that_cannot_be_read_is_shown_as_it_was_typed() -> None:
    answers = {"start_on": {"day": "31", "month": "2", "year": "2027"}}
    text = render_text(evaluate(form("allotment-waiting-list"), answers, on=ON))
    assert "When could you start? 31 2 2027\n" in text


def test_every_answer_that_counts_stands_in_the_text_of_the_real_forms() -> None:
    for name, seed in (("request-for-support", 1), ("early-help-notification", 3)):
        state = evaluate(form(name), answers_of(name, seed), on=ON)
        text = render_text(state)
        for page in state.pages:
            for field in page.fields:
                if field.display is not None and isinstance(field.answer, str):
                    assert all(
                        each.strip() in text for each in field.display.texts if isinstance(each, str)
                    ), field.path


def test_what_is_set_apart_stands_after_the_answers_of_its_page_and_other_notes_do_not() -> None:
    answers = {
        **answers_of("request-for-support", 1),
        "agreement": "not_sought",
        "no_agreement_reason": "Risk",
    }
    text = render_text(evaluate(form("request-for-support"), answers, on=ON))
    agreement = text[text.index("Family agreement to engage") : text.index("Reasons for Support")]
    assert agreement.index("Risk") < agreement.index("do not give them a copy of this form.")
    assert "If the child has no fixed address" not in text


def test_a_journey_that_stopped_ends_with_what_the_form_said() -> None:
    answers = {**answers_of("early-help-notification", 1), "consent": "no"}
    text = render_text(evaluate(form("early-help-notification"), answers, on=ON))
    assert "You cannot send this notification without consent\n-----" in text
    assert "If a child is in immediate danger, call 999." in text.splitlines()[-1]


def test_the_front_says_what_the_text_is_a_copy_of() -> None:
    answers = {**answers_of("request-for-support", 1), "urgency": "standard"}
    state = evaluate(form("request-for-support"), answers, on=ON)
    at = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    sent = render_text(state, author="Exampleshire Council", at=at, reference="XK4-7PM").splitlines()
    assert sent[2:6] == [
        "",
        "Exampleshire Council",
        "Reference: XK4-7PM",
        "Submitted on: 22 November 2026 at 10:30",
    ]
    assert "Reference: Draft, not yet submitted" in render_text(state, reference="")
    assert "Reference" not in "\n".join(render_text(state).splitlines()[:6])
