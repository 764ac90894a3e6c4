"""The whole way of a form after it was sent: delivered, opened, decided, answered, and seen by who sent it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html import unescape

import pytest

from formengine.service.accounts.sessions import LONGEST
from formengine.service.accounts.users import end_sessions
from formengine.service.audit import entries
from formengine.service.row_seals import changing
from formengine.store.rows import CaseEventRow, CaseRow
from tests.support.desk_people import (
    MANAGER,
    NOTIFICATION,
    OFFICER,
    REQUEST,
    TEACHER,
    decide,
    open_case,
    path_of,
    sent_by,
    staff,
    staffed_case,
)
from tests.support.journey_people import Somebody, account_of, come_back, give_token, sign_in, signed_in
from tests.support.service_app import Person, Service

pytestmark = pytest.mark.slow


def deliver(service: Service) -> None:
    """The background's work on deliveries, once."""
    asyncio.run(service.context.background.once("delivery"))


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def case_row(service: Service, reference: str) -> CaseRow:
    with service.store.read() as tx:
        row = tx.cases.by_reference(reference)
    assert row is not None
    return row


def actions(service: Service) -> list[str]:
    return [entry.action for entry in entries(service.store)]


def test_an_urgent_request_is_delivered_decided_and_answered(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, urgency="urgent")
    sent_page = f"/drafts/{receipt.draft}/sent"
    receipt_page = text_of(teacher.browser.get(sent_page).text)
    assert "Somebody should look at it by 24 November 2026 at 11:00." in receipt_page
    assert "It goes to the Front Door, urgent requests." in receipt_page

    service.clock.move(minutes=1)
    deliver(service)
    (letter,) = service.context.delivery_letters.newest(9)
    assert letter.to == "front.door.urgent@council.example.org"
    assert letter.email.subject.startswith(f"URGENT: {receipt.reference} has arrived")
    assert f"http://127.0.0.1:8000{path_of(receipt.reference)}" in letter.email.text

    officer = staff(service, OFFICER, ("officer",))
    queue = text_of(officer.browser.get("/desk").text)
    assert "New request (1)" in queue
    assert f"{receipt.reference} Urgent 1 min 24 November 2026 at 11:00" in queue
    service.clock.move(minutes=1)
    assert "Is immediate protection needed?" in open_case(officer, receipt.reference)
    moved = decide(officer, receipt.reference, "protect", stage="contact", immediate="yes", known="unknown")
    assert moved.headers["location"] == f"/desk?form={REQUEST}&moved={receipt.reference}"
    assert "is recorded" in officer.browser.get(moved.headers["location"]).text

    manager = staff(service, MANAGER, ("manager",))
    service.clock.move(minutes=1)
    assert "Decided so far" in open_case(manager, receipt.reference)
    decide(
        manager,
        receipt.reference,
        "strategy",
        stage="decision",
        rev=2,
        decision="strategy",
        threshold="Bruises",
    )
    row = case_row(service, receipt.reference)
    assert (row.outcome, row.ended_at, row.rev) == ("strategy", service.clock.now, 3)

    news, arrived = service.mail(TEACHER)
    assert arrived.email.subject.startswith("We have received your form")
    assert news.email.subject.startswith("There is news about your request")
    assert f"{receipt.reference}: Children's social work is acting on it." in news.email.text
    assert "If you disagree, talk to the Front Door team manager." in news.email.text
    assert "Bruises" not in news.email.text

    seen = text_of(teacher.browser.get(sent_page).text).partition("What has happened so far")[2].strip()
    assert seen.startswith(
        "Sent 24 November 2026 at 10:00 "
        "Delivered to the Front Door, urgent requests 24 November 2026 at 10:01 "
        "Somebody has opened it 24 November 2026 at 10:02 "
        "A manager decides 24 November 2026 at 10:02 "
        "Outcome: Children's social work is acting on it 24 November 2026 at 10:03"
    )
    mine = text_of(teacher.browser.get("/my-forms").text)
    assert "State Children's social work is acting on it" in mine
    assert "Bruises" not in seen + mine
    assert [each for each in actions(service) if each.startswith("case.")] == [
        *("case.begun", "case.read", "case.work_saved", "case.moved"),
        *("case.read", "case.work_saved", "case.moved"),
    ]


def test_the_receipt_says_when_nobody_has_looked_in_time(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, urgency="urgent")
    service.clock.move(hours=1)
    assert teacher.account is not None
    sign_in(service, teacher.browser, teacher.account)
    seen = text_of(teacher.browser.get(f"/drafts/{receipt.draft}/sent").text)
    assert (
        "Somebody should have looked at it by 24 November 2026 at 11:00, and nobody has decided yet." in seen
    )


def test_a_notification_goes_to_the_mailbox_of_its_district_and_on_to_a_worker(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    deliver(service)
    assert service.context.delivery_letters.newest(1)[0].to == "thanet@council.example.org"
    triage = staff(service, OFFICER, ("triage", "unit_manager"), NOTIFICATION, "thanet")
    open_case(triage, receipt.reference)
    decide(triage, receipt.reference, "screen", stage="notification", danger_now="no", same_family="no")
    decide(
        triage,
        receipt.reference,
        "allocate",
        stage="screening",
        rev=2,
        involvement="none_found",
        enough="yes",
        level="intensive",
        rationale="Complex needs",
    )
    decide(triage, receipt.reference, "allocated", stage="allocation", rev=3, service="early_help_unit")
    assert case_row(service, receipt.reference).stage == "assessment"
    assert service.mail(TEACHER)[0].email.subject.startswith("A worker has been found")
    # The assessment is the worker's.
    assert (
        "This stage is decided by: Early Help worker" in triage.browser.get(path_of(receipt.reference)).text
    )
    refused = decide(
        triage,
        receipt.reference,
        "declined",
        stage="assessment",
        rev=4,
        family_agrees="no",
        notifier_spoken_to="no",
    )
    assert refused.status_code == 403


def test_a_question_is_answered_after_signing_in_and_leads_the_case_back_to_staff(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    triage = staff(service, OFFICER, ("triage",), NOTIFICATION)
    ask(triage, receipt.reference)
    assert case_row(service, receipt.reference).stage == "asked"
    mail = service.mail(TEACHER)[0].email
    assert mail.subject.startswith("We need to know more")
    assert "Which school" not in mail.text
    waiting = triage.browser.get(path_of(receipt.reference)).text
    assert "This case waits for the sender, until 1 December 2026 at 10:00 at the latest." in text_of(waiting)

    sent_page = f"/drafts/{receipt.draft}/sent"
    assert "We have a question. Answer it here" in text_of(teacher.browser.get("/my-forms").text)
    assert "Which school does she go to?" in text_of(teacher.browser.get(sent_page).text)
    blank = answer(teacher, receipt.draft, "  ")
    assert blank == f"{sent_page}?answer=none#question"
    assert "Enter your answer" in text_of(teacher.browser.get(blank).text)
    service.clock.move(minutes=5)
    done = answer(teacher, receipt.draft, "Example Primary,\nyear 4")
    assert done == f"{sent_page}?answer=answered#main-content"
    shown = text_of(teacher.browser.get(done).text)
    assert "Your answer has arrived." in shown
    assert "You answered 24 November 2026 at 10:05 We are looking at it 24 November 2026 at 10:05" in shown
    assert "Which school" not in shown

    assert case_row(service, receipt.reference).stage == "screening"
    read = text_of(open_case(triage, receipt.reference))
    assert "What the sender wrote Example Primary, year 4" in read
    assert "Answered by the sender" in read
    late = answer(teacher, receipt.draft, "She has moved to year 5")
    assert late == f"{sent_page}?answer=added#main-content"
    read = text_of(triage.browser.get(path_of(receipt.reference)).text)
    assert "What the sender wrote She has moved to year 5" in read
    assert case_row(service, receipt.reference).stage == "screening"


def test_a_question_that_is_not_answered_in_time_comes_to_a_person(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    ask(staff(service, OFFICER, ("triage",), NOTIFICATION), receipt.reference)
    service.clock.move(days=6)
    assert service.context.questions.end_late() == 0
    service.clock.move(days=1)
    assert [service.context.questions.end_late(), service.context.questions.end_late()] == [1, 0]
    assert case_row(service, receipt.reference).stage == "chased"


def test_an_answer_that_comes_after_the_session_is_there_when_they_have_signed_in(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    ask(staff(service, OFFICER, ("triage",), NOTIFICATION), receipt.reference)
    service.clock.move(minutes=30)
    assert answer(teacher, receipt.draft, "Example Primary") == "/account/sign-in"
    assert teacher.account is not None
    back = come_back(service, teacher.browser, teacher.account)
    assert back.headers["location"] == f"/drafts/{receipt.draft}/sent"
    assert ">Example Primary</textarea>" in teacher.browser.get(back.headers["location"]).text


def test_nobody_else_answers_a_question(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    ask(staff(service, OFFICER, ("triage",), NOTIFICATION), receipt.reference)
    for somebody in (service.person(), signed_in(service, "other@example.org").browser):
        texts = {"answer": "Nowhere"}
        assert somebody.submit(f"/drafts/{receipt.draft}/answer-question", texts).status_code == 404
    assert case_row(service, receipt.reference).stage == "asked"


def test_no_sender_fills_a_case_and_what_they_typed_stands_on_the_page_that_says_so(service: Service) -> None:
    teacher = signed_in(service, TEACHER)
    receipt = sent_by(service, teacher.account, NOTIFICATION, district="thanet")
    for turn in range(10):
        assert answer(teacher, receipt.draft, f"More, {turn}").endswith("?answer=added#main-content")
    path = f"/drafts/{receipt.draft}/answer-question"
    refused = teacher.browser.submit(path, {"answer": "More than anybody adds"})
    assert refused.status_code == 429
    assert "More than anybody adds" in refused.text
    # A question is answered whatever was added before.
    ask(staff(service, OFFICER, ("triage",), NOTIFICATION), receipt.reference)
    assert answer(teacher, receipt.draft, "Example Primary").endswith("?answer=answered#main-content")
    service.clock.move(minutes=15)
    assert teacher.browser.submit(path, {"answer": "Once more"}).status_code == 429
    case = service.context.cases.of_submission(receipt.submission)
    assert case is not None
    assert [event.kind for event in service.context.cases.events(case)].count("added") == 10


def test_an_answer_that_is_too_long_is_shown_to_a_visitor_who_has_no_account_to_keep_it_for(
    service: Service,
) -> None:
    receipt = sent_by(service, None, NOTIFICATION, district="thanet")
    visitor = service.person()
    token, session = service.context.sessions.start()
    give_token(visitor, token)
    with service.store.write() as tx, changing(tx, service.keys, receipt.draft):
        tx.drafts.hand_over(receipt.draft, session.token_hash)
    long = "What I saw. " * 1_000
    refused = visitor.submit(f"/drafts/{receipt.draft}/answer-question", {"answer": long})
    assert refused.status_code == 413
    assert long.strip() in refused.text


def ask(triage: Somebody, reference: str) -> None:
    """The case opened, screened, and led to a question about the school."""
    open_case(triage, reference)
    decide(triage, reference, "screen", stage="notification", danger_now="no", same_family="no")
    texts = {"involvement": "none_found", "enough": "no", "missing_what": "Which school does she go to?"}
    decide(triage, reference, "ask", stage="screening", rev=2, rationale="No school named", **texts)


def answer(teacher: Somebody, draft: str, text: str) -> str:
    """Where a press of the button below the question leads."""
    posted = teacher.browser.submit(f"/drafts/{draft}/answer-question", {"answer": text})
    return str(posted.headers["location"])


def test_of_two_people_who_decide_at_once_one_does_and_the_other_loses_nothing(service: Service) -> None:
    officer, reference = staffed_case(service)
    other = staff(service, MANAGER)
    open_case(other, reference)
    decide(officer, reference, "protect", stage="contact", immediate="yes", known="open")
    answer = decide(other, reference, "gather", stage="contact", immediate="no", known="closed")
    assert answer.headers["location"] == f"{path_of(reference)}?why=stale#main-content"
    shown = text_of(other.browser.get(answer.headers["location"]).text)
    assert "A colleague was faster" in shown
    assert "Is the family known? Known, closed" in shown.partition("What you had entered")[2]
    assert case_row(service, reference).stage == "decision"
    assert [event.move for event in events(service, reference) if event.kind == "moved"] == ["protect"]


def events(service: Service, reference: str) -> list[CaseEventRow]:
    with service.store.read() as tx:
        return list(tx.cases.events(case_row(service, reference).submission))


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(service: Service) -> None:
    officer, reference = staffed_case(service)
    answer = decide(officer, reference, "protect", stage="contact", immediate="yes")
    assert answer.headers["location"] == f"{path_of(reference)}?why=wrong#main-content"
    shown = officer.browser.get(answer.headers["location"])
    assert shown.status_code == 422
    assert "whether the family is known" in text_of(shown.text)
    assert 'value="yes" checked' in shown.text
    closed = decide(officer, reference, "pass_on", stage="contact", immediate="no", known="closed")
    assert closed.headers["location"].endswith("?why=not_open#main-content")
    assert "Your answers do not allow this step" in officer.browser.get(closed.headers["location"]).text


def test_a_case_is_handed_back_with_a_reason_and_without_answers(service: Service) -> None:
    officer, reference = staffed_case(service)
    decide(officer, reference, "protect", stage="contact", immediate="yes", known="open")
    without = decide(officer, reference, "back", stage="decision", rev=2)
    assert without.headers["location"].endswith("?why=no_reason#main-content")
    assert "Enter the reason" in officer.browser.get(without.headers["location"]).text
    decide(officer, reference, "back", stage="decision", rev=2, **{"-reason": "The school was not asked"})
    assert case_row(service, reference).stage == "information"
    assert "The school was not asked" in officer.browser.get(path_of(reference)).text


def test_a_page_that_comes_after_the_session_is_kept_for_who_typed_it(service: Service) -> None:
    officer, reference = staffed_case(service)
    assert officer.account is not None
    service.clock.move(minutes=30)
    late = decide(officer, reference, "protect", stage="contact", immediate="yes", known="open")
    assert late.headers["location"] == "/account/sign-in"
    assert case_row(service, reference).stage == "contact"
    back = come_back(service, officer.browser, officer.account)
    assert back.headers["location"] == "/desk"
    shown = open_case(officer, reference)
    assert 'value="open" checked' in shown


def test_what_was_typed_into_a_case_stands_on_the_page_that_refuses_it(service: Service) -> None:
    officer, reference = staffed_case(service)
    assert officer.account is not None
    token = officer.token
    # Signed out everywhere, as by a password that was changed in another browser: the session has no owner any more.
    assert end_sessions(service.service, OFFICER)
    typed = {
        "-action": "move:protect",
        "-rev": "1",
        "-stage": "contact",
        "-reason": "Seen twice",
        "code": "An answer",
    }
    refused = officer.browser.submit(path_of(reference), typed)
    assert (officer.token, refused.status_code) == (token, 403)
    for text in ("Seen twice", "An answer"):
        assert text in refused.text


def test_who_works_on_a_case_is_shown_until_they_hand_it_back_or_their_claim_is_over(
    service: Service,
) -> None:
    officer, reference = staffed_case(service)
    other = staff(service, MANAGER)
    officer.browser.submit(path_of(reference), {"-action": "claim"})
    assert "You work on this case until 12:00." in officer.browser.get(path_of(reference)).text
    assert "Sam Example works on this case until 12:00." in open_case(other, reference)
    assert "Sam Example" in text_of(other.browser.get("/desk").text)
    officer.browser.submit(path_of(reference), {"-action": "release"})
    assert "Nobody works on this case." in other.browser.get(path_of(reference)).text
    other.browser.submit(path_of(reference), {"-action": "claim"})
    officer.browser.submit(path_of(reference), {"-action": "claim"})
    assert case_row(service, reference).assignee == officer.account
    service.clock.move(hours=2)
    assert officer.account is not None
    sign_in(service, officer.browser, officer.account)
    assert "Nobody works on this case." in open_case(officer, reference)
    claimed = [event.kind for event in events(service, reference) if event.kind in {"claimed", "released"}]
    assert claimed == ["claimed", "released", "claimed", "claimed"]


def test_each_tab_of_the_queue_leads_to_its_cases(service: Service) -> None:
    officer, reference = staffed_case(service)
    decide(officer, reference, "protect", stage="contact", immediate="yes", known="open")
    queue = officer.browser.get("/desk?stage=contact").text
    links = re.findall(r'href="(/desk\?form=[^"]+)"', queue)
    shown = {unescape(link).rpartition("=")[2]: officer.browser.get(unescape(link)) for link in links}
    assert {stage: answer.status_code for stage, answer in shown.items()} == dict.fromkeys(
        ("contact", "information", "asked", "decision", "done"), 200
    )
    assert [stage for stage, answer in shown.items() if f">{reference}</a>" in answer.text] == ["decision"]


# --- who may do what -------------------------------------------------------------------------------------------------


def test_a_case_is_closed_until_it_is_opened_and_each_opening_is_recorded(service: Service) -> None:
    officer = staff(service)
    teacher = account_of(service, TEACHER)
    reference = sent_by(service, teacher).reference
    closed = officer.browser.get(path_of(reference)).text
    assert "Open the case" in closed
    assert "As it was sent" not in closed
    assert officer.browser.get(f"{path_of(reference)}/answers-pdf").status_code == 404
    assert "As it was sent" in open_case(officer, reference)
    assert (
        officer.browser.get(f"{path_of(reference)}/answers-pdf").headers["content-type"] == "application/pdf"
    )
    # The button pressed again, as by a script that presses it all day, is no further reading.
    open_case(officer, reference)
    assert actions(service).count("case.read") == 1
    # Another session is another reading.
    service.clock.move(seconds=LONGEST.total_seconds())
    assert officer.account is not None
    sign_in(service, officer.browser, officer.account)
    assert "As it was sent" not in officer.browser.get(path_of(reference)).text


@pytest.mark.parametrize(
    "who", ["a stranger", "an applicant", "staff without a role", "staff of another form"]
)
def test_a_case_is_shown_to_nobody_whose_role_does_not_cover_it(service: Service, who: str) -> None:
    _, reference = staffed_case(service)
    made: dict[str, Callable[[], Person]] = {
        "a stranger": service.person,
        "an applicant": lambda: signed_in(service, "a@example.org").browser,
        "staff without a role": lambda: signed_in(service, "b@example.org", "staff").browser,
        "staff of another form": lambda: staff(service, "c@example.org", ("triage",), NOTIFICATION).browser,
    }
    somebody = made[who]()
    paths = ["", "/answers-pdf", "/files/nothing"]
    expected = 303 if who == "a stranger" else 404
    assert {somebody.get(path_of(reference) + path).status_code for path in paths} == {expected}
    for action in ("open", "save", "move:protect"):
        texts = {"-action": action, "-rev": "1", "-stage": "contact", "immediate": "yes", "known": "open"}
        status = 403 if who == "a stranger" and action != "open" else expected
        assert somebody.submit(path_of(reference), texts).status_code == status
    assert case_row(service, reference).rev == 1


def test_staff_of_one_district_see_no_other(service: Service) -> None:
    thanet = staff(service, OFFICER, ("triage",), NOTIFICATION, "thanet")
    here = sent_by(service, None, NOTIFICATION, district="thanet").reference
    there = sent_by(service, None, NOTIFICATION, district="dover").reference
    queue = thanet.browser.get("/desk").text
    assert (here in queue, there in queue) == (True, False)
    assert "New notification (1)" in text_of(queue)
    assert thanet.browser.get(path_of(there)).status_code == 404


def test_a_role_that_is_taken_away_is_gone_at_once(service: Service) -> None:
    officer, reference = staffed_case(service)
    for role in ("officer", "manager"):
        service.context.staff_roles.revoke(OFFICER, REQUEST, role)
    assert officer.browser.get(path_of(reference)).status_code == 404
    assert officer.browser.get("/desk").status_code == 404


def test_somebody_with_another_role_in_the_form_reads_and_does_not_decide(service: Service) -> None:
    reference = sent_by(service, None).reference
    worker = staff(service, OFFICER, ("social_worker",))
    assert "This stage is decided by: Front Door officer" in open_case(worker, reference)
    answer = decide(worker, reference, "protect", stage="contact", immediate="yes", known="open")
    assert answer.status_code == 403
    assert case_row(service, reference).rev == 1
