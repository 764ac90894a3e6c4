"""The receipt, and the answers as a PDF."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pikepdf
import pytest

from formengine.engine import Engine
from formengine.form.analysis.samples import sample_answers
from formengine.service.drafts.drafts import Draft
from formengine.service.submissions.submissions import Receipt
from formengine.web.browser_session import PLAIN_COOKIE
from tests.support.paper_reading import read
from tests.support.sending import ALLOTMENT, EXAMPLES, draft_of, signed_in
from tests.support.service_app import Person, Service, make_service

pytestmark = pytest.mark.slow

URGENT = "request-for-support"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=Engine(folders=(EXAMPLES,)))
    yield made
    made.store.close()


@pytest.fixture
def ada(service: Service) -> Person:
    return signed_in(service, "ada")


def sent_by(service: Service, person: Person) -> Receipt:
    draft = draft_of(service, person, ALLOTMENT)
    return service.context.submissions.submit(draft, rev=draft.rev)


def text_of(content: bytes) -> str:
    return read(content).text


# --- the receipt -----------------------------------------------------------------------------------------------------


def test_the_receipt_has_the_reference_what_happens_next_and_the_pdf(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    page = ada.get(f"/drafts/{receipt.draft}/sent")
    assert page.status_code == 200
    assert receipt.reference in page.text
    assert 'href="answers-pdf"' in page.text
    assert "24 November 2026 at 10:00" in page.text


@pytest.mark.parametrize("address", ["sent", "answers-pdf"])
def test_nobody_else_gets_a_receipt_or_its_pdf(service: Service, ada: Person, address: str) -> None:
    receipt = sent_by(service, ada)
    answer = signed_in(service, "eve").get(f"/drafts/{receipt.draft}/{address}")
    assert answer.status_code == 404
    assert receipt.reference not in answer.text


@pytest.mark.parametrize("address", ["create-pdf", "answers-pdf", "save-by-email", "link-sent"])
def test_nobody_else_gets_a_draft_s_pdf_or_a_link_to_it(service: Service, ada: Person, address: str) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    assert signed_in(service, "eve").get(f"/drafts/{draft.id}/{address}").status_code == 404


@pytest.mark.parametrize("address", ["sent", "answers-pdf", "create-pdf"])
def test_who_is_not_signed_in_is_asked_to_be_whether_or_not_there_is_such_a_draft(
    service: Service, ada: Person, address: str
) -> None:
    receipt = sent_by(service, ada)
    for draft in (receipt.draft, "0" * 22):
        answer = service.person().get(f"/drafts/{draft}/{address}")
        assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/account/sign-in", "")


def test_a_receipt_stays_for_its_owner_after_signing_in_again(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    service.clock.move(days=20)
    assert ada.get(f"/drafts/{receipt.draft}/sent").headers["location"] == "/account/sign-in"
    again = signed_in(service, "ada")
    assert receipt.reference in again.get(f"/drafts/{receipt.draft}/sent").text


def test_the_receipt_of_a_draft_that_was_not_sent_is_its_first_page(service: Service, ada: Person) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    answer = ada.get(f"/drafts/{draft.id}/sent")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/drafts/{draft.id}/")


def test_the_page_for_a_draft_s_pdf_is_the_receipt_once_it_was_sent(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    answer = ada.get(f"/drafts/{receipt.draft}/create-pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/drafts/{receipt.draft}/sent")


# --- sending it from the page ----------------------------------------------------------------------------------------


def shown(page: str, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def press_send(person: Person, draft: Draft, rev: str | None = None) -> httpx2.Response:
    """The answer to the button on check answers; rev: of the page, None: of a page just loaded."""
    rev = rev or shown(person.get(f"/drafts/{draft.id}/check-answers").text, "rev")
    return person.submit(f"/drafts/{draft.id}/check-answers", {"-action": "submit", "rev": rev})


def test_the_button_sends_once_and_every_other_press_leads_to_the_same_receipt(
    service: Service, ada: Person
) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    rev = shown(ada.get(f"/drafts/{draft.id}/check-answers").text, "rev")
    for _ in range(3):
        answer = press_send(ada, draft, rev)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/drafts/{draft.id}/sent")
    assert len(list(service.context.submissions.listed())) == 1
    # And the browser's Back, to any page of the form.
    for name in ("", "check-answers", "you", "create-pdf"):
        assert ada.get(f"/drafts/{draft.id}/{name}").headers["location"] == f"/drafts/{draft.id}/sent"


def test_fifty_presses_at_once_are_one_submission_and_one_email_and_the_same_reference(
    service: Service, ada: Person
) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    data = {"csrf": ada.csrf, "-action": "submit", "rev": str(draft.rev)}
    cookie = {"cookie": f"{PLAIN_COOKIE}={ada.token}", "host": "127.0.0.1:8000"}

    async def presses() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(service.own, client=("127.0.0.1", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            address = f"/drafts/{draft.id}/check-answers"
            answers = [client.post(address, data=data, headers=cookie) for _ in range(50)]
            pressed = await asyncio.gather(*answers)
            receipts = [client.get(each.headers["location"], headers=cookie) for each in pressed]
            return await asyncio.gather(*receipts)

    pages = [answer.text for answer in asyncio.run(presses())]
    references = {found for page in pages for found in re.findall(r"AWL-[2-9A-Z-]{11}", page)}
    assert all("AWL-" in page for page in pages)
    sent = list(service.context.submissions.listed())
    assert [references] == [{line.reference} for line, _ in sent]
    with service.store.read() as tx:
        channels = [row.channel for row in tx.outbox.of_submission(sent[0][0].id)]
    # A form without a process is delivered to nobody.
    assert channels == ["email"]


def test_sending_what_is_not_complete_leads_to_what_is_missing(service: Service, ada: Person) -> None:
    draft = draft_of(service, ada, {"full_name": "Ada Example"})
    answer = press_send(ada, draft)
    page = ada.get(answer.headers["location"])
    assert 'href="you#email"' in page.text
    assert list(service.context.submissions.listed()) == []


def test_answers_changed_after_the_page_was_shown_are_shown_before_they_are_sent(
    service: Service, ada: Person
) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    service.context.drafts.save(draft, ALLOTMENT | {"size": "full"}, step="plot", shown=(), urgent=False)
    answer = press_send(ada, draft, rev="1")
    page = ada.get(answer.headers["location"])
    assert "Your answers were changed in another window" in page.text
    assert list(service.context.submissions.listed()) == []
    press_send(ada, draft)
    assert len(list(service.context.submissions.listed())) == 1


def test_nobody_sends_somebody_else_s_draft(service: Service, ada: Person) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    assert press_send(signed_in(service, "eve"), draft, rev="1").status_code == 404
    assert list(service.context.submissions.listed()) == []


def test_a_visitor_sends_a_form_that_anyone_may_fill_in_and_sees_the_receipt(service: Service) -> None:
    visitor = service.person()
    draft = draft_of(service, visitor, ALLOTMENT)
    answer = press_send(visitor, draft)
    assert "AWL-" in visitor.get(answer.headers["location"]).text


def test_one_more_than_the_limit_is_asked_whether_they_are_human_and_then_sent(
    service: Service, ada: Person
) -> None:
    for _ in range(20):
        press_send(ada, draft_of(service, ada, ALLOTMENT))
    late = draft_of(service, ada, ALLOTMENT)
    assert press_send(ada, late).headers["location"] == "/human-test"
    session = service.context.sessions.find(ada.token)
    assert session is not None
    assert dict(session.facts) == {"then_page": "check_answers", "then_draft": late.id}
    service.context.sessions.set_facts(session, human="1")
    assert press_send(ada, late).headers["location"] == f"/drafts/{late.id}/sent"
    assert len(list(service.context.submissions.listed())) == 21


def test_an_urgent_request_s_receipt_says_again_whom_to_call(service: Service, ada: Person) -> None:
    form = service.context.engine.form("request-for-support")
    answers = sample_answers(form, on=service.clock().date(), seed=1) | {"urgency": "urgent"}
    answers.pop("documents", None)
    draft = draft_of(service, ada, answers, form=URGENT)
    receipt = service.context.submissions.submit(draft, rev=draft.rev)
    page = ada.get(f"/drafts/{receipt.draft}/sent").text
    assert "If you have not called yet, call now" in page
    assert page.count('href="tel:999"') == 2
    calm = sent_by(service, ada)
    assert "call now" not in ada.get(f"/drafts/{calm.draft}/sent").text


# --- the PDF ---------------------------------------------------------------------------------------------------------


def test_the_pdf_of_what_was_sent_has_its_reference_and_its_moment(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    service.clock.move(days=3)
    pdf = signed_in(service, "ada").get(f"/drafts/{receipt.draft}/answers-pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"] == f'attachment; filename="{receipt.reference}.pdf"'
    shown = text_of(pdf.content)
    assert receipt.reference in shown
    assert "Ada Example" in shown
    assert "24 November 2026 at 10:00" in shown
    assert "Draft" not in shown


def test_the_pdf_of_a_draft_says_so_and_its_name_says_nothing_of_anybody(
    service: Service, ada: Person
) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    pdf = ada.get(f"/drafts/{draft.id}/answers-pdf")
    assert pdf.headers["content-disposition"] == (
        'attachment; filename="allotment-waiting-list-draft-2026-11-24.pdf"'
    )
    shown = text_of(pdf.content)
    assert "Draft, not yet submitted" in shown
    assert "Ada Example" in shown


def test_the_pdf_carries_the_answers_signed_by_the_service(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    pdf = ada.get(f"/drafts/{receipt.draft}/answers-pdf")
    with pikepdf.open(io.BytesIO(pdf.content)) as opened:
        assert set(opened.attachments) == {"answers.json", "submission.json", "signature.json"}


def test_the_family_s_copy_leaves_out_what_is_hidden_from_it(service: Service, ada: Person) -> None:
    draft = draft_of(service, ada, {"you": {"address": "1 Quiet Lane"}}, form=URGENT)
    page = ada.get(f"/drafts/{draft.id}/create-pdf").text
    assert 'href="answers-pdf?audience=family"' in page
    whole = ada.get(f"/drafts/{draft.id}/answers-pdf")
    assert "1 Quiet Lane" in text_of(whole.content)
    pdf = ada.get(f"/drafts/{draft.id}/answers-pdf?audience=family")
    assert "1 Quiet Lane" not in text_of(pdf.content)
    assert pdf.headers["content-disposition"] == (
        'attachment; filename="request-for-support-draft-2026-11-24-family.pdf"'
    )


@pytest.mark.parametrize("audience", ["nobody", "../../etc", "family%0d%0aX: y"])
def test_an_audience_that_the_form_does_not_know_is_not_found(
    service: Service, ada: Person, audience: str
) -> None:
    draft = draft_of(service, ada, {}, form=URGENT)
    assert ada.get(f"/drafts/{draft.id}/answers-pdf?audience={audience}").status_code == 404
