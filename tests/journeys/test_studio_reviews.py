"""A change is reviewed in the browser, without JavaScript: asked for, sent back, approved, published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journey_people import Somebody, signed_in
from tests.support.service_app import Person, Service
from tests.support.studio import FORM, WAY, author, hidden_in, publish, roll_back, save, studio_service

pytestmark = pytest.mark.slow

NEW = FORM.replace("label: Your name", "label: Your full name")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Service]:
    made = studio_service(tmp_path)
    yield made
    made.store.close()


def approver(service: Service) -> Somebody:
    return signed_in(service, "noor@example.org", "approver")


def review(browser: Person, does: str, **typed: str) -> str:
    """The page after this was sent on the page of the review."""
    hidden = hidden_in(browser.get(f"{WAY}/review").text)
    values = {name.replace("_", "-"): text for name, text in typed.items()}
    answer = browser.submit(f"{WAY}/review", {**hidden, **values, "do": does})
    return browser.get(f"{WAY}/review?done=1").text if answer.status_code == 303 else answer.text


def test_a_change_is_sent_back_changed_approved_and_published(studio: Service) -> None:
    ash, noor = author(studio).browser, approver(studio).browser
    save(ash, NEW)
    assert "Somebody who did not change it has to approve" in ash.get(f"{WAY}/changes").text
    assert publish(ash).status_code == 422
    assert "waits for somebody to approve it" in review(ash, "ask", ask_note="It was unclear")
    page = noor.get(f"{WAY}/review").text
    assert "It was unclear" in page
    assert "Save my decision" in page
    assert "Publish" not in page
    assert "Enter a note" in review(noor, "decide", decision="send_back")
    assert "Choose whether you approve" in review(noor, "decide", decide_note="Well")
    assert "was sent back" in review(noor, "decide", decision="send_back", decide_note="Say name twice")
    assert "Say name twice" in ash.get(f"{WAY}/review").text
    save(ash, NEW.replace("full name", "whole name"))
    assert "About an earlier text" in review(ash, "ask", ask_note="Now it says so")
    assert "This text is approved" in review(noor, "decide", decision="approve")
    assert "This text is approved" in ash.get(f"{WAY}/changes").text
    assert publish(ash).status_code == 303
    assert "Approved by" in ash.get(f"{WAY}/history").text


def test_an_author_publishes_alone_only_on_purpose_and_with_a_reason(studio: Service) -> None:
    ash, _ = author(studio).browser, approver(studio)
    save(ash, NEW)
    hidden = hidden_in(ash.get(f"{WAY}/changes").text)
    empty = ash.submit(f"{WAY}/changes", {**hidden, "reason": " ", "do": "alone"})
    assert "Enter why it is published" in empty.text
    assert (
        ash.submit(f"{WAY}/changes", {**hidden, "reason": "A wrong number", "do": "alone"}).status_code == 303
    )
    assert "It was published without an approval" in ash.get(f"{WAY}/history").text


def test_without_an_approver_the_pages_say_so(studio: Service) -> None:
    ash = author(studio).browser
    assert "There is nothing to review" in ash.get(f"{WAY}/review").text
    save(ash, NEW)
    assert "so you publish alone" in ash.get(f"{WAY}/changes").text
    assert "Authors publish alone" in ash.get(f"{WAY}/review").text
    assert publish(ash).status_code == 303


def test_an_author_decides_nothing_and_an_approver_changes_nothing(studio: Service) -> None:
    ash, noor = author(studio).browser, approver(studio).browser
    save(ash, NEW)
    review(ash, "ask", ask_note="It was unclear")
    assert "Save my decision" not in ash.get(f"{WAY}/review").text
    assert "Somebody of the role approver" in review(ash, "decide", decision="approve")
    hidden = hidden_in(noor.get(f"{WAY}/changes").text)
    assert noor.submit(f"{WAY}/changes", {**hidden, "reason": "Why not", "do": "alone"}).status_code == 403
    assert save(noor, FORM).status_code == 403
    assert studio.context.publishing.history("visit") == []


def test_a_comment_is_shown_as_text_at_its_question(studio: Service) -> None:
    ash, noor = author(studio).browser, approver(studio).browser
    save(ash, NEW)
    page = review(noor, "comment", place="name", comment_note="<script>alert(1)</script>")
    assert "About “Your full name”." in page
    assert "<script>alert(1)" not in page
    too_long = review(noor, "comment", comment_note="word " * 500)
    assert "2,000 characters or fewer" in too_long
    assert "word word" in too_long


def test_a_broken_text_is_not_sent_for_review(studio: Service) -> None:
    ash, _ = author(studio).browser, approver(studio)
    save(ash, FORM.replace("type: date", "type: dat"))
    assert "Mend them first" in ash.get(f"{WAY}/review").text
    assert "the text has errors" in review(ash, "ask", ask_note="Please")


def test_a_change_is_published_for_later_and_stopped_again(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, NEW)
    hidden = hidden_in(ash.get(f"{WAY}/changes").text)

    def schedule(moment: str) -> str:
        typed = {"reason": "From May", "from": moment, "do": "publish"}
        answer = ash.submit(f"{WAY}/changes", {**hidden, **typed})
        return answer.headers.get("location", "") or answer.text

    assert "Enter a day and a time" in schedule("soon")
    assert "Enter a day and a time" in schedule("9999-12-31T23:59")
    over = schedule("2026-11-01T09:00")
    assert "the moment it should go live is over" in over
    assert 'value="2026-11-01T09:00"' in over
    page = ash.get(schedule("2026-12-01T09:00")).text
    assert "It goes live when you chose" in page
    assert "Publication 1 is live. Publication 2 goes live on 1 December 2026 at 09:00" in page
    assert roll_back(ash, 1).status_code == 303
    assert "goes live on" not in ash.get(f"{WAY}/history").text
