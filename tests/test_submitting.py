"""The receipt, and the answers as a PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from formengine.engine import Engine
from formengine.service.submissions import Receipt
from tests.paper_reading import read
from tests.sending import ALLOTMENT, EXAMPLES, draft_of, signed_in
from tests.service_app import Person, Service, make_service

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
    return service.shell.submissions.submit(draft, rev=draft.rev)


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
    for other in (service.person(), signed_in(service, "eve")):
        answer = other.get(f"/drafts/{receipt.draft}/{address}")
        assert answer.status_code == 404
        assert receipt.reference not in answer.text


@pytest.mark.parametrize("address", ["create-pdf", "answers-pdf", "save-by-email", "link-sent"])
def test_nobody_else_gets_a_draft_s_pdf_or_a_link_to_it(service: Service, ada: Person, address: str) -> None:
    draft = draft_of(service, ada, ALLOTMENT)
    for other in (service.person(), signed_in(service, "eve")):
        assert other.get(f"/drafts/{draft.id}/{address}").status_code == 404


def test_a_receipt_stays_for_its_owner_after_signing_in_again(service: Service, ada: Person) -> None:
    receipt = sent_by(service, ada)
    service.clock.move(days=20)
    assert ada.get(f"/drafts/{receipt.draft}/sent").status_code == 404
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
