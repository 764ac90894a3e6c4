"""The way through a form: beginning it, its pages and items, the menu, check answers, the toolbar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from formengine.service.accounts.destinations import PageTarget
from formengine.web.addresses import path_of
from tests.support.journey_forms import engine_of
from tests.support.journey_people import account_of, begun, brought_back, draft_at, post, sign_in, signed_in
from tests.support.service_app import Person, Service, make_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    yield made
    made.store.close()


@pytest.fixture
def visitor(service: Service) -> Person:
    """Somebody without an account, in a browser without JavaScript."""
    return service.person()


def heading(answer: httpx2.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return found[1] if found else ""


def leads_to(answer: httpx2.Response) -> str:
    """The name within the draft that an answer sends the browser to."""
    assert answer.status_code == 303, (answer.status_code, heading(answer))
    return str(answer.headers["location"].split("/", 3)[3])


def answers_of(service: Service, way: str, browser: Person) -> dict[str, object]:
    """The answers as they are kept."""
    session = service.context.sessions.find(browser.token)
    assert session is not None
    draft = service.context.drafts.open(way.split("/")[2], account=session.account, holder=session.token_hash)
    assert draft is not None
    return dict(draft.answers)


# --- beginning --------------------------------------------------------------------------------------------------------


def test_the_start_page_has_its_questions_and_notices_and_no_menu(visitor: Person) -> None:
    page = visitor.get("/forms/ask-for-help")
    assert (page.status_code, heading(page)) == (200, "Before you start")
    assert "Tell us what you need" in page.text
    assert "Are you safe now?" in page.text
    assert "Privacy notice (version 2026-11)" in page.text
    assert "app-menu" not in page.text
    assert "Save for later" not in page.text


def test_there_is_no_start_page_of_a_form_that_is_not_there(visitor: Person) -> None:
    assert visitor.get("/forms/nothing").status_code == 404
    assert visitor.get("/forms/..%2Fvisit").status_code == 404


def test_a_start_question_left_out_is_an_error_and_begins_nothing(service: Service, visitor: Person) -> None:
    page = visitor.submit("/forms/ask-for-help", {})
    assert page.status_code == 422
    assert "Select whether you are safe now" in page.text
    session = service.context.sessions.find(visitor.token)
    assert service.context.drafts.mine(None, session.token_hash if session else None) == []


def test_starting_leads_to_the_tasks_or_to_the_first_page_as_the_form_is_walked(service: Service) -> None:
    browser = signed_in(service).browser
    assert leads_to(browser.submit("/forms/ask-for-help", {"safe": "yes", "nearby": "yes"})) == ""
    assert leads_to(browser.submit("/forms/visit", {"kind": "home"})) == "about"


def test_what_is_urgent_shows_whom_to_call_and_keeps_nobody_from_going_on(visitor: Person) -> None:
    answer = visitor.submit("/forms/ask-for-help", {"safe": "no", "nearby": "yes"})
    assert leads_to(answer) == "call-first"
    page = visitor.get(answer.headers["location"])
    assert heading(page) == "Call first"
    assert "999" in page.text
    onward = re.search(r'href="([^"]+)" role="button"[^>]*>Continue to the form', page.text)
    assert onward is not None
    assert visitor.get(f"{answer.headers['location'].rpartition('/')[0]}/{onward[1]}").status_code == 200


def test_the_start_answers_are_in_the_draft_and_can_be_changed_there(
    service: Service, visitor: Person
) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert answers_of(service, way, visitor) == {"safe": "yes", "nearby": "yes"}
    post(visitor, f"{way}start", safe="no", nearby="yes")
    assert answers_of(service, way, visitor) == {"safe": "no", "nearby": "yes"}


def test_a_form_begun_before_is_offered_on_its_start_page(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    page = visitor.get("/forms/ask-for-help")
    assert "Go on with the form you saved on 24 November 2026 at 10:00" in page.text
    assert f'href="{way}"' in page.text


# --- signing in and the human test ------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_be_human_before_the_first_page_and_comes_back_to_it(
    service: Service, visitor: Person
) -> None:
    way = begun(visitor, "visit", kind="home")
    answer = visitor.get(f"{way}about")
    assert (answer.status_code, answer.headers["location"]) == (303, "/human-test")
    session = service.context.sessions.find(visitor.token)
    assert session is not None
    assert path_of(PageTarget.of_facts(session.facts)) == f"{way}about"
    service.context.sessions.set_facts(session, human="1")
    assert visitor.get(f"{way}about").status_code == 200


def test_the_first_page_is_readable_and_the_second_says_why_to_sign_in(
    service: Service, visitor: Person
) -> None:
    way = begun(visitor, "visit", kind="home")
    session = service.context.sessions.find(visitor.token)
    assert session is not None
    service.context.sessions.set_facts(session, human="1")
    assert "Read this first" in visitor.get(f"{way}about").text
    gate = visitor.get(f"{way}when")
    assert heading(gate) == "When"
    assert "you must either log in or complete a simple registration" in gate.text
    answer = visitor.submit(f"{way}when")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")
    session = service.context.sessions.find(visitor.token)
    assert session is not None
    assert path_of(PageTarget.of_facts(session.facts)) == f"{way}when"


def test_a_visitor_is_offered_to_sign_in_and_whoever_has_is_offered_to_sign_out(service: Service) -> None:
    visitor, known = service.person(), signed_in(service).browser
    for browser, offered, other in ((visitor, "Sign in", "Sign out"), (known, "Sign out", "Sign in")):
        start = browser.get("/forms/ask-for-help").text
        page = browser.get(f"{begun(browser, 'ask-for-help', safe='yes', nearby='yes')}you").text
        assert (f">{offered}</a>" in start, f">{offered}</a>" in page) == (True, True)
        assert (f">{other}</a>" in start, f">{other}</a>" in page) == (False, False)


def test_after_signing_in_the_visitors_draft_is_theirs_and_goes_on(service: Service, visitor: Person) -> None:
    way = begun(visitor, "visit", kind="home")
    account = account_of(service)
    sign_in(service, visitor, account)
    assert visitor.get(f"{way}when").status_code == 200
    assert draft_at(service, way, account).answers == {"kind": "home"}


def test_a_form_for_anyone_asks_nobody_to_sign_in(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    for name in ("you", "check-answers", "submit"):
        assert visitor.get(f"{way}{name}").status_code == 200, name


# --- first values -----------------------------------------------------------------------------------------------------


def test_first_values_come_from_the_account_and_are_answers_once_saved(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "visit", kind="home")
    page = somebody.browser.get(f"{way}when")
    assert 'value="020 7946 0123"' in page.text
    assert "sam.example@example.org" in page.text
    assert draft_at(service, way, somebody.account).answers == {"kind": "home"}
    post(somebody.browser, f"{way}when", phone="020 7946 0123", action="page:about")
    kept = draft_at(service, way, somebody.account).answers
    assert (kept["phone"], kept["by"]) == ("020 7946 0123", "sam.example@example.org")


def test_a_first_value_that_was_deleted_does_not_come_back(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "visit", kind="home")
    post(somebody.browser, f"{way}when", phone="", action="page:about")
    assert 'value="020 7946 0123"' not in somebody.browser.get(f"{way}when").text


def test_what_is_read_only_cannot_be_posted(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "visit", kind="home")
    post(somebody.browser, f"{way}when", by="else@example.org", action="page:about")
    assert draft_at(service, way, somebody.account).answers["by"] == "sam.example@example.org"


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ("next", "close"),
        ("page:close", "page-close"),
        ("index", ""),
        ("check_answers", "check-answers"),
        ("print", "print"),
        ("save_for_later", "save-for-later"),
        ("create_pdf", "create-pdf"),
        ("close", "close"),
        ("cancel", "cancel"),
        ("page:nothing", "you"),
        ("//evil.example.org", "you"),
    ],
)
def test_every_button_saves_what_was_typed_first(
    service: Service, visitor: Person, action: str, place: str
) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    expected = "page-close" if action == "next" else place
    assert leads_to(post(visitor, f"{way}you", name="Ada", action=action)) == expected
    assert answers_of(service, way, visitor)["name"] == "Ada"


def test_errors_are_said_on_next_alone(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert "There is a problem" not in visitor.get(f"{way}you").text
    assert leads_to(post(visitor, f"{way}you", name="", action="index")) == ""
    answer = post(visitor, f"{way}you", name="", age="old")
    assert leads_to(answer) == "you?check=1#main-content"
    page = visitor.get(answer.headers["location"])
    assert "Enter name" in page.text
    assert "Age must be a number, like 12" in page.text
    assert 'value="old"' in page.text


def test_a_warning_stops_whoever_has_not_seen_it(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert leads_to(post(visitor, f"{way}you", name="Ada", age="12")) == "you#main-content"


def test_check_answers_tells_every_warning_and_leads_to_its_question(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada", age="12")
    page = visitor.get(f"{way}check-answers").text
    assert '<a class="govuk-link" href="you#age">We will talk to you with a parent</a>' in page
    assert "There is a problem" not in page


def test_a_stop_page_has_no_way_on_and_nothing_is_sent(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="no", nearby="no")
    post(visitor, f"{way}you", name="Ada")
    stop = visitor.get(f"{way}too_far")
    assert heading(stop) == "We cannot help from here"
    assert 'value="next"' not in stop.text
    assert (
        leads_to(visitor.submit(f"{way}check-answers", {"-action": "next"}))
        == "check-answers?check=1#main-content"
    )


def test_a_page_that_does_not_count_leads_to_the_menu(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert leads_to(visitor.get(f"{way}children")) == ""
    assert visitor.get(f"{way}nothing").status_code == 404


def test_a_page_called_like_an_address_of_ours_has_one_of_its_own(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert heading(visitor.get(f"{way}page-close")) == "Who is close to you"
    assert heading(visitor.get(f"{way}close")) == "Close this form"


def test_pages_are_never_kept_by_the_browser(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    for name in ("", "you", "check-answers", "print", "close"):
        assert visitor.get(f"{way}{name}").headers["cache-control"] == "no-store", name


def test_a_person_comes_back_to_where_they_stood(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada")
    assert re.search(r'href="page-close" role="button"[^>]*>Continue', visitor.get(way).text)


# --- items ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def parent(visitor: Person) -> tuple[Person, str]:
    """A visitor with children in their draft's list, and the way into the draft."""
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada", has_children="yes", how_many="2")
    return visitor, way


def add_child(browser: Person, way: str, **answers: str) -> tuple[str, httpx2.Response]:
    """The new item's id, and what adding it with these answers was answered."""
    shown = browser.get(f"{way}children.new")
    new = brought_back(shown)["new"]
    texts = {f"children.{new}.{name}": text for name, text in answers.items()}
    return new, browser.submit(f"{way}children.new", {"-action": "next", **brought_back(shown), **texts})


def test_an_item_is_added_on_its_first_page_and_goes_on_to_its_next(
    service: Service, parent: tuple[Person, str]
) -> None:
    browser, way = parent
    assert leads_to(post(browser, f"{way}children", action="add:children")) == "children.new"
    assert heading(browser.get(f"{way}children.new")) == "Who the child is"
    new, answer = add_child(browser, way, first_name="Cy", last_name="Li")
    assert leads_to(answer) == f"children.{new}.school"
    assert heading(browser.get(f"{way}children.{new}.school")) == "The child&#39;s school"
    shown = browser.get(f"{way}children.{new}.school")
    done = browser.submit(
        f"{way}children.{new}.school",
        {**brought_back(shown), f"children.{new}.school": "Example School", "-action": "save_item"},
    )
    assert leads_to(done) == f"children?saved={new}#notice"
    assert answers_of(service, way, browser)["children"] == [
        {"id": new, "first_name": "Cy", "last_name": "Li", "school": "Example School"}
    ]


def test_looking_at_a_new_item_adds_none(service: Service, parent: tuple[Person, str]) -> None:
    browser, way = parent
    browser.get(f"{way}children.new")
    assert "children" not in answers_of(service, way, browser)


def test_a_half_filled_item_survives_leaving(service: Service, parent: tuple[Person, str]) -> None:
    browser, way = parent
    new, answer = add_child(browser, way, first_name="", last_name="Li")
    assert leads_to(answer) == f"children.{new}.who?check=1#main-content"
    assert "Enter first name" in browser.get(answer.headers["location"]).text
    page = browser.get(f"{way}children")
    assert "Incomplete" in page.text
    assert answers_of(service, way, browser)["children"] == [{"id": new, "last_name": "Li"}]


def test_an_item_is_removed_after_the_question(service: Service, parent: tuple[Person, str]) -> None:
    browser, way = parent
    new, _ = add_child(browser, way, first_name="Cy")
    assert (
        leads_to(post(browser, f"{way}children", action=f"remove:children.{new}")) == f"children.{new}.remove"
    )
    question = browser.get(f"{way}children.{new}.remove")
    assert heading(question) == "Are you sure you want to remove Cy?"
    done = browser.submit(
        f"{way}children.{new}.remove", {**brought_back(question), "-action": f"remove:children.{new}"}
    )
    assert leads_to(done) == "children#children"
    assert answers_of(service, way, browser)["children"] == []
    assert leads_to(browser.get(f"{way}children.{new}.who")) == "children"
    assert leads_to(browser.get(f"{way}children.{new}.remove")) == "children#children"


def test_an_id_that_an_answer_still_points_to_is_not_given_again(service: Service, visitor: Person) -> None:
    # See `PagePosts._free_id`: the browser's Back and a second post must not let another person inherit a pointer.
    somebody = signed_in(service)
    way = begun(somebody.browser, "request-for-support", urgency="standard")
    draft = draft_at(service, way, somebody.account)
    pointed = {
        **draft.answers,
        "agencies": [{"id": "a1", "supports": ["children_same_address/i0123456789ab"]}],
    }
    service.context.drafts.save(
        draft, {**pointed, "has_children_same_address": "yes"}, step="", shown=(), urgent=False
    )
    answer = somebody.browser.submit(
        f"{way}children_same_address.new",
        {
            **brought_back(somebody.browser.get(f"{way}children_same_address.new")),
            "new": "i0123456789ab",
            "-action": "save_item",
        },
    )
    assert answer.status_code == 303
    items = draft_at(service, way, somebody.account).answers["children_same_address"]
    assert isinstance(items, list)
    assert [item["id"] == "i0123456789ab" for item in items] == [False]


def test_rows_of_a_table_are_added_kept_and_dropped_when_blank(service: Service, visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    page = f"{way}page-close"
    answer = post(visitor, page, **{"rooms.new.person": "Bo"}, action="add:rooms")
    assert leads_to(answer) == "page-close#rooms.new"
    rows = answers_of(service, way, visitor)["rooms"]
    assert isinstance(rows, list)
    assert [row["person"] for row in rows] == ["Bo"]
    first = rows[0]["id"]
    post(visitor, page, **{f"rooms.{first}.person": "Bo", "rooms.new.person": "Cy"})
    rows = answers_of(service, way, visitor)["rooms"]
    assert isinstance(rows, list)
    assert [row["person"] for row in rows] == ["Bo", "Cy"]
    second = rows[1]["id"]
    post(visitor, page, **{f"rooms.{first}.person": "", f"rooms.{second}.person": "Cy"})
    assert answers_of(service, way, visitor)["rooms"] == [{"id": second, "person": "Cy"}]


# --- check answers ----------------------------------------------------------------------------------------------------


def test_check_answers_has_every_answer_with_a_way_to_change_it(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada <Lovelace>")
    page = visitor.get(f"{way}check-answers")
    assert "Ada &lt;Lovelace&gt;" in page.text
    assert 'href="you?from=answers#name"' in page.text
    assert "There is a problem" not in page.text


def test_what_is_missing_is_said_when_going_on_to_send(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    answer = visitor.submit(f"{way}check-answers", {"-action": "next"})
    assert leads_to(answer) == "check-answers?check=1#main-content"
    page = visitor.get(answer.headers["location"])
    assert "Enter name" in page.text
    assert 'href="you#name"' in page.text
    post(visitor, f"{way}you", name="Ada")
    assert leads_to(visitor.submit(f"{way}check-answers", {"-action": "next"})) == "submit"


def test_an_answer_that_no_question_asks_for_is_told_on_check_answers(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    draft = draft_at(service, way, somebody.account)
    service.context.drafts.save(
        draft, {**draft.answers, "name": "Ada", "shoe_size": 9}, step="", shown=(), urgent=False
    )
    page = somebody.browser.get(f"{way}check-answers")
    assert "This form asks no question for the answer “shoe_size”" in page.text


def test_sending_from_the_last_page_saves_it_and_leads_to_the_receipt(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada")
    answer = post(visitor, f"{way}submit", action="submit")
    assert leads_to(answer) == "sent"
    assert visitor.get(answer.headers["location"]).status_code == 200
    # Back, and every other address of the draft, lead to the same receipt.
    for name in ("you", "check-answers", "submit", ""):
        assert leads_to(visitor.get(f"{way}{name}")) == "sent", name


def test_a_form_that_is_not_complete_is_not_sent(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert leads_to(post(visitor, f"{way}submit", action="submit")).startswith("check-answers?check=1")


# --- the toolbar ------------------------------------------------------------------------------------------------------


def test_the_toolbar_is_on_every_page(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    for name in ("you", "page-close", "check-answers", "submit"):
        page = visitor.get(f"{way}{name}")
        values = re.findall(
            r'name="-action" value="([a-z_]+)" class="govuk-button govuk-button--secondary app-tool"',
            page.text,
        )
        assert values == ["print", "save_for_later", "create_pdf", "close", "cancel"], name


def test_save_for_later_says_how_long_and_where_to_find_it(service: Service) -> None:
    browser = signed_in(service).browser
    way = begun(browser, "ask-for-help", safe="yes", nearby="yes")
    page = browser.get(f"{way}save-for-later")
    assert heading(page) == "Your answers are saved"
    assert "until 22 December 2026" in page.text
    assert 'href="/my-forms"' in page.text


def test_save_for_later_asks_a_visitor_to_sign_in_and_comes_back(service: Service, visitor: Person) -> None:
    way = begun(visitor, "visit", kind="home")
    page = visitor.get(f"{way}save-for-later")
    assert heading(page) == "Sign in to save this form"
    answer = visitor.submit(f"{way}save-for-later")
    assert answer.headers["location"] == "/account/sign-in"
    sign_in(service, visitor, account_of(service))
    assert heading(visitor.get(f"{way}save-for-later")) == "Your answers are saved"


def test_save_for_later_offers_a_link_where_nobody_needs_an_account(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert 'href="save-by-email"' in visitor.get(f"{way}save-for-later").text


def test_close_keeps_the_form_and_says_so(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    page = somebody.browser.get(f"{way}close")
    assert "Your answers are saved. You can come back to this form until 22 December 2026." in page.text
    assert 'href="cancel"' in page.text
    assert draft_at(service, way, somebody.account).answers == {"safe": "yes", "nearby": "yes"}


def test_cancel_asks_and_then_deletes_the_draft(service: Service) -> None:
    somebody = signed_in(service)
    way = begun(somebody.browser, "ask-for-help", safe="yes", nearby="yes")
    page = somebody.browser.get(f"{way}cancel")
    assert heading(page) == "Are you sure you want to cancel this form?"
    assert somebody.browser.submit(f"{way}cancel").status_code == 200
    assert draft_at(service, way, somebody.account).answers == {"safe": "yes", "nearby": "yes"}
    assert leads_to(somebody.browser.submit(f"{way}cancel", {"-action": "delete"})) == ""
    gone = somebody.browser.get(way)
    assert heading(gone) == "This form was deleted"
    assert heading(somebody.browser.get(f"{way}you")) == "This form was deleted"


def test_print_has_all_answers_on_one_page(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ada")
    page = visitor.get(f"{way}print")
    assert heading(page) == "Ask for help: your answers"
    assert "Ada" in page.text
    assert "answers that have not been sent" in page.text


def test_the_way_out_takes_the_session_from_the_browser_and_leads_elsewhere(visitor: Person) -> None:
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    assert 'href="exit"' in visitor.get(f"{way}you").text
    answer = visitor.get(f"{way}exit")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.example.org/weather")
    assert "cache" in answer.headers["clear-site-data"]
    assert visitor.token == ""
    assert "sign-in" in visitor.get(f"{way}you").headers["location"]


def test_a_form_that_names_no_way_out_has_no_button_for_it(service: Service) -> None:
    browser = signed_in(service).browser
    way = begun(browser, "visit", kind="home")
    assert 'href="exit"' not in browser.get(f"{way}when").text
    assert leads_to(browser.get(f"{way}exit")) == ""
