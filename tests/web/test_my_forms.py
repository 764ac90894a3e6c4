"""My forms, and the links by which visitors come back to a draft."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from formengine.engine import Engine
from formengine.service.budgets import LISTED
from formengine.service.drafts.drafts import Draft
from formengine.service.row_seals import changing
from formengine.store.sqlite.submissions import SENT
from tests.support.journey_people import sign_in_page
from tests.support.sending import ALLOTMENT, EXAMPLES, draft_of, signed_in
from tests.support.service_app import Person, Service, make_service
from tests.tools.browser import axe

pytestmark = pytest.mark.slow


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=Engine(folders=(EXAMPLES,)))
    yield made
    made.store.close()


@pytest.fixture
def ada(service: Service) -> Person:
    return signed_in(service, "ada")


# --- my forms --------------------------------------------------------------------------------------------------------


def test_my_forms_lists_what_was_begun_and_what_was_sent_without_an_answer(
    service: Service, ada: Person
) -> None:
    begun = draft_of(service, ada, ALLOTMENT)
    sent = draft_of(service, ada, ALLOTMENT)
    receipt = service.context.submissions.submit(sent, rev=sent.rev)
    page = ada.get("/my-forms").text
    assert f'href="/drafts/{begun.id}/' in page
    assert f'href="/drafts/{begun.id}/cancel"' in page
    assert f'href="/drafts/{sent.id}/sent"' in page
    assert receipt.reference in page
    assert "22 December 2026" in page
    assert page.count("Join the allotment waiting list") >= 2
    assert [secret for secret in ("Ada Example", "ada@example.com") if secret in page] == []


def test_my_forms_shows_nobody_else_s(service: Service, ada: Person) -> None:
    begun, sent = draft_of(service, ada, ALLOTMENT), draft_of(service, ada, ALLOTMENT)
    receipt = service.context.submissions.submit(sent, rev=sent.rev)
    page = signed_in(service, "eve").get("/my-forms").text
    assert [secret for secret in (begun.id, sent.id, receipt.reference) if secret in page] == []


def test_who_has_begun_nothing_and_is_not_signed_in_is_asked_to(service: Service) -> None:
    person = service.person()
    answer = person.get("/my-forms")
    assert answer.headers["location"] == "/account/sign-in"
    session = service.context.sessions.find(person.token)
    assert session is not None
    assert session.facts == {"next_page": "my_forms"}


def test_a_visitor_sees_what_was_begun_in_this_browser(service: Service) -> None:
    person = service.person()
    draft = draft_of(service, person, ALLOTMENT)
    page = person.get("/my-forms").text
    assert draft.id in page
    assert "Sign in to see your others" in page


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def visitor(service: Service) -> Person:
    return service.person()


@pytest.fixture
def draft(service: Service, visitor: Person) -> Draft:
    return draft_of(service, visitor, ALLOTMENT)


WORD = "Blue Kettles"


def link_for(service: Service, person: Person, draft: Draft) -> str:
    """The path of the link in the e-mail that the person asks for."""
    answer = person.submit(f"/drafts/{draft.id}/save-by-email", {"email": "Ada@Example.com", "word": WORD})
    assert answer.headers["location"] == f"/drafts/{draft.id}/link-sent"
    text = service.mail("Ada@Example.com")[0].email.text
    found = re.search(r"(/resume/[\w-]{43})$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def test_a_visitor_is_offered_a_link_by_e_mail(service: Service, visitor: Person, draft: Draft) -> None:
    assert 'href="save-by-email"' in visitor.get(f"/drafts/{draft.id}/save-for-later").text
    assert "Email address" in visitor.get(f"/drafts/{draft.id}/save-by-email").text


def test_opening_the_link_does_nothing_until_the_button_is_pressed(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link, scanner = link_for(service, visitor, draft), service.person()
    for _ in range(2):
        page = scanner.get(link)
        assert page.status_code == 200
        assert "Ada Example" not in page.text
    assert visitor.get(f"/drafts/{draft.id}/you").status_code == 200
    assert scanner.get(f"/drafts/{draft.id}/you").status_code == 303


def test_the_button_opens_the_draft_here_and_no_longer_there(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link, later = link_for(service, visitor, draft), service.person()
    before = later.csrf and later.token
    answer = later.submit(link, {"word": WORD})
    assert answer.headers["location"] == f"/drafts/{draft.id}/"
    assert later.token != before
    assert "Ada Example" in later.get(f"/drafts/{draft.id}/you").text
    assert visitor.get(f"/drafts/{draft.id}/you").status_code == 303


def test_the_link_works_after_the_session_has_ended_and_for_28_days(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link = link_for(service, visitor, draft)
    service.clock.move(days=27, hours=23)
    assert service.person().get(link).status_code == 200
    service.clock.move(hours=1)
    assert service.person().get(link).status_code == 404
    assert service.person().submit(link).status_code == 404


def test_a_newer_link_makes_the_older_one_void(service: Service, visitor: Person, draft: Draft) -> None:
    first = link_for(service, visitor, draft)
    service.clock.move(seconds=1)
    second = link_for(service, visitor, draft)
    assert first != second
    assert service.person().get(first).status_code == 404
    assert service.person().get(second).status_code == 200


def test_a_link_is_over_once_the_form_was_sent(service: Service, visitor: Person, draft: Draft) -> None:
    link = link_for(service, visitor, draft)
    service.context.submissions.submit(draft, rev=draft.rev)
    page = service.person().get(link)
    assert page.status_code == 404
    assert "This link does not work any more" in page.text


def test_the_store_has_neither_the_link_nor_the_address(
    service: Service, visitor: Person, draft: Draft
) -> None:
    token = link_for(service, visitor, draft).rpartition("/")[2]
    content = service.settings.database.read_bytes()
    assert token.encode() not in content
    assert b"Ada@Example.com" not in content


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "%2e%2e%2f"])
def test_a_made_up_link_opens_nothing(service: Service, visitor: Person, draft: Draft, token: str) -> None:
    assert service.person().get(f"/resume/{token}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your email address"),
        ("ada", "Enter an email address in the right format"),
        ("ada@example.com\r\nBcc: eve@example.org", "Enter an email address in the right format"),
        ("ada@example.com, eve@example.org", "Enter an email address in the right format"),
    ],
)
def test_an_address_that_is_none_is_asked_for_again(
    service: Service, visitor: Person, draft: Draft, typed: str, said: str
) -> None:
    answer = visitor.submit(f"/drafts/{draft.id}/save-by-email", {"email": typed, "word": WORD})
    assert answer.status_code == 422
    assert said in answer.text
    assert service.mail() == []


def test_nobody_is_flooded_with_links(service: Service, visitor: Person, draft: Draft) -> None:
    for _ in range(5):
        link_for(service, visitor, draft)
    answer = visitor.submit(f"/drafts/{draft.id}/save-by-email", {"email": "Ada@Example.com", "word": WORD})
    assert answer.status_code == 429
    other = draft_of(service, visitor, ALLOTMENT)
    assert (
        visitor.submit(
            f"/drafts/{other.id}/save-by-email", {"email": "ada@example.com", "word": WORD}
        ).status_code
        == 429
    )
    assert len(service.mail()) == 5


def test_a_draft_of_an_account_has_no_link(service: Service, ada: Person) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    assert ada.submit(f"/drafts/{draft.id}/save-by-email", {"email": "x@example.com"}).status_code == 404


def test_long_lists_come_in_pages_and_each_form_stands_on_one(service: Service) -> None:
    somebody = signed_in(service, "ada")
    for _ in range(LISTED + 2):
        service.context.drafts.start("allotment-waiting-list", account="ada", holder=None)
    links = [
        set(re.findall(r"/drafts/([a-z0-9]+)/cancel", somebody.get(f"/my-forms{query}").text))
        for query in ("", "?begun=2", "?begun=3")
    ]
    assert [len(each) for each in links] == [LISTED, 2, 0]
    assert not links[0] & links[1]
    first, second = (somebody.get(f"/my-forms?begun={page}").text for page in (1, 2))
    assert 'href="?sent=1&amp;begun=2#begun"' in first
    assert 'rel="prev"' not in first
    assert 'href="?sent=1&amp;begun=1#begun"' in second
    assert 'rel="next"' not in second


def test_in_a_browser_a_page_of_the_list_has_no_violation_and_leads_on_by_keyboard(
    service: Service, site: str, page: Page
) -> None:
    signed_in(service, "ada")
    for _ in range(LISTED + 1):
        service.context.drafts.start("allotment-waiting-list", account="ada", holder=None)
    sign_in_page(service, page, site, "ada")
    page.goto(f"{site}/my-forms")
    assert axe(page) == []
    page.get_by_role("navigation", name="More forms you have begun").get_by_role("link", name="Older").press(
        "Enter"
    )
    page.wait_for_url("**/my-forms?*begun=2*")
    assert page.get_by_role("link", name="Newer").is_visible()
    assert axe(page) == []


@pytest.mark.parametrize("page", ["0", "-1", "²", "x", "9" * 5_000])
def test_a_page_that_there_cannot_be_is_the_first(service: Service, page: str) -> None:
    somebody = signed_in(service, "ada")
    service.context.drafts.start("allotment-waiting-list", account="ada", holder=None)
    assert "/cancel" in somebody.get(f"/my-forms?begun={page}&sent={page}").text


def test_what_was_sent_is_listed_without_reading_what_was_sent(service: Service) -> None:
    with closing(sqlite3.connect(service.settings.database)) as database:
        plan = database.execute(
            f"EXPLAIN QUERY PLAN {SENT.select('WHERE account = ? ORDER BY submitted_at DESC, id DESC LIMIT 9')}",
            ["ada"],
        ).fetchall()
    assert [row[3] for row in plan] == [
        "SEARCH submissions USING COVERING INDEX submissions_by_account (account=?)"
    ]


# --- the word that a link asks for ------------------------------------------------------------------------------------


def opened(person: Person, link: str, word: str) -> int:
    """The status that the browser gets for pressing the button with this word."""
    return person.submit(link, {"word": word}).status_code


def test_the_link_alone_opens_nothing_in_another_browser(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link, reader = link_for(service, visitor, draft), service.person()
    assert "The word that you chose" in reader.get(link).text
    page = reader.submit(link)
    assert page.status_code == 422
    assert "This is not the word that you chose" in page.text
    assert opened(reader, link, "blue kettle") == 422
    assert reader.get(f"/drafts/{draft.id}/you").status_code == 303
    assert visitor.get(f"/drafts/{draft.id}/you").status_code == 200


@pytest.mark.parametrize("word", ["Blue Kettles", "bluekettles", " BLUE-kettles "])
def test_capital_letters_and_what_stands_between_do_not_matter(
    service: Service, visitor: Person, draft: Draft, word: str
) -> None:
    assert opened(service.person(), link_for(service, visitor, draft), word) == 303


def test_the_browser_that_has_the_draft_opens_the_link_without_the_word(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link = link_for(service, visitor, draft)
    assert "The word that you chose" not in visitor.get(link).text
    assert visitor.submit(link).headers["location"] == f"/drafts/{draft.id}/"
    other = service.person()
    assert opened(other, link, WORD) == 303
    assert other.submit(link).status_code == 303
    assert visitor.submit(link).status_code == 422


def test_the_browser_that_has_the_draft_needs_no_word_for_a_day_after_its_session_has_ended(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link = link_for(service, visitor, draft)
    service.clock.move(hours=23)
    assert "The word that you chose" not in visitor.get(link).text
    assert visitor.submit(link).headers["location"] == f"/drafts/{draft.id}/"


def test_after_five_words_the_sixth_is_not_looked_at_for_an_hour_and_the_owner_goes_on(
    service: Service, visitor: Person, draft: Draft
) -> None:
    link, reader = link_for(service, visitor, draft), service.person()
    for word in ("one word", "two words", "three words", "four words", "five words"):
        assert opened(reader, link, word) == 422
    page = reader.submit(link, {"word": WORD})
    assert page.status_code == 429
    assert "Too many words were tried" in page.text
    assert visitor.get(f"/drafts/{draft.id}/you").status_code == 200
    assert visitor.submit(link).status_code == 303
    service.clock.move(hours=1)
    assert opened(service.person(), link, WORD) == 303


def test_from_everywhere_together_twenty_words_a_day_are_looked_at(
    service: Service, visitor: Person, draft: Draft
) -> None:
    token = link_for(service, visitor, draft).rpartition("/")[2]
    links = service.context.magic_links
    tried = [
        links.try_word(token, "not this one", holder=None, client=f"192.0.2.{number}") for number in range(21)
    ]
    assert tried == ["wrong"] * 20 + ["wait"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "Choose a word to open the link with"),
        ("a b c", "The word must have at least 6 letters or numbers"),
        ("a1" * 51, "The word must have no more than 100 letters or numbers"),
        ("Pass-word", "Choose a word that is harder to guess"),
        ("aaaaabbbbb", "Choose a word that is harder to guess"),
        ("ada example", "Choose a word that is harder to guess"),
    ],
)
def test_a_word_that_is_guessed_at_once_is_not_taken_and_nothing_typed_is_lost(
    service: Service, visitor: Person, draft: Draft, word: str, said: str
) -> None:
    answer = visitor.submit(
        f"/drafts/{draft.id}/save-by-email", {"email": "ada.example@example.com", "word": word}
    )
    assert answer.status_code == 422
    assert f'href="#word">{said}' in answer.text
    assert 'value="ada.example@example.com"' in answer.text
    assert not word or f'value="{word}"' in answer.text
    assert service.mail() == []


def test_the_word_is_in_no_e_mail_no_log_and_not_in_the_database(
    service: Service, visitor: Person, draft: Draft, capsys: pytest.CaptureFixture[str]
) -> None:
    link = link_for(service, visitor, draft)
    opened(service.person(), link, "Other Kettles")
    text = service.mail("Ada@Example.com")[0].email.text
    assert "kettles" not in text.lower()
    assert "asks for the word that you chose" in text
    said = capsys.readouterr().err
    assert "kettles" not in said.lower()
    assert '"event": "link_word_wrong"' in said
    content = service.settings.database.read_bytes().lower()
    assert b"blue kettles" not in content
    assert b"bluekettles" not in content


def test_a_link_of_version_0_1_opens_without_a_word(service: Service, visitor: Person, draft: Draft) -> None:
    link = link_for(service, visitor, draft)
    with service.store.write() as tx, changing(tx, service.keys, draft.id):
        tx.drafts.set_link(draft.id, service.keys.index("drafts.link", link.rpartition("/")[2]))
    later = service.person()
    assert "The word that you chose" not in later.get(link).text
    assert later.submit(link).headers["location"] == f"/drafts/{draft.id}/"


def test_a_word_cannot_be_taken_away_in_the_database(service: Service, visitor: Person, draft: Draft) -> None:
    link = link_for(service, visitor, draft)
    with service.store.write():
        service.store._connection.execute("UPDATE drafts SET link_word = ''")
    assert service.person().submit(link).status_code == 500
