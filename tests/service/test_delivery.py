"""Deliveries to mailboxes: once each, tried again, never forgotten, and an alarm by another way where one is late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.service.delivery.alarms import late_deliveries
from formengine.service.delivery.deliveries import Deliveries
from formengine.service.mail.outbox import UndeliveredError
from formengine.store.conformance.sample_rows import a_draft, a_submission
from formengine.store.rows import OutboxRow
from tests.support.desk_people import NOTIFICATION, REQUEST, sent_by, staff
from tests.support.sending import ALLOTMENT, EXAMPLES, draft_of
from tests.support.service_app import Service, make_service

ADDRESSES = {
    "front_door_urgent": "urgent@council.example.org",
    "front_door": "door@council.example.org",
    "duty_manager": "duty@council.example.org",
}


class Server:
    """A mail server that takes e-mails, or refuses them with a fault."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.fault = ""

    async def send(self, message: EmailMessage) -> None:
        """Take the message, or refuse it."""
        if self.fault:
            raise UndeliveredError(self.fault)
        self.taken.append(message)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, demo=False, mailboxes=ADDRESSES)
    yield made
    made.store.close()


@pytest.fixture
def server() -> Server:
    return Server()


def deliver(service: Service, server: Server) -> int:
    parts = service.context
    worker = Deliveries(
        service.service, parts.cases, parts.delivery_letters, server, sender="forms@council.example.org"
    )
    return asyncio.run(worker.deliver_due())


def delivery(service: Service, submission: str) -> OutboxRow:
    with service.store.read() as tx:
        return next(row for row in tx.outbox.of_submission(submission) if row.channel == "delivery")


def kinds(service: Service, submission: str) -> list[str]:
    with service.store.read() as tx:
        return [event.kind for event in tx.cases.events(submission)]


def test_the_mailbox_of_the_urgency_gets_the_reference_and_nothing_that_was_answered(
    service: Service, server: Server
) -> None:
    urgent = sent_by(service, None, urgency="urgent")
    standard = sent_by(service, None, urgency="standard")
    assert deliver(service, server) == 2
    assert deliver(service, server) == 0
    got = {message["To"]: message for message in server.taken}
    assert set(got) == {"urgent@council.example.org", "door@council.example.org"}
    assert got["urgent@council.example.org"]["Subject"].startswith(f"URGENT: {urgent.reference} has arrived")
    assert got["door@council.example.org"]["Subject"].startswith(f"{standard.reference} has arrived")
    sent = service.context.submissions.of_case(urgent.submission)
    assert sent is not None
    text = got["urgent@council.example.org"].get_content()
    child = sent.answers["child"]
    assert isinstance(child, dict)
    assert [name for name in child.values() if isinstance(name, str) and name in text] == []
    assert kinds(service, urgent.submission) == ["begun", "delivered"]
    assert delivery(service, urgent.submission).status == "sent"


def test_a_mailbox_without_an_address_is_named_and_waits_for_one(service: Service, server: Server) -> None:
    receipt = sent_by(service, None, NOTIFICATION, district="thanet")
    assert deliver(service, server) == 0
    row = delivery(service, receipt.submission)
    assert (row.status, row.fault, row.attempts) == ("waiting", "no_address", 1)
    processes = service.context.cases.processes.read_every()
    missing = service.context.mailboxes.missing(processes)
    assert "thanet" in missing
    assert set(missing).isdisjoint(ADDRESSES)


def test_a_delivery_that_fails_is_tried_again_and_delivered_once(service: Service, server: Server) -> None:
    receipt = sent_by(service, None, urgency="urgent")
    server.fault = "server_421"
    assert deliver(service, server) == 0
    assert delivery(service, receipt.submission).fault == "server_421"
    server.fault = ""
    service.clock.move(seconds=10)
    assert deliver(service, server) == 1
    assert kinds(service, receipt.submission) == ["begun", "delivered"]


@pytest.mark.parametrize(
    ("urgency", "minutes", "raised"),
    [("urgent", 4, 0), ("urgent", 6, 1), ("standard", 29, 0), ("standard", 31, 1)],
)
def test_the_alarm_is_raised_after_five_minutes_or_thirty(
    service: Service, urgency: str, minutes: int, raised: int
) -> None:
    receipt = sent_by(service, None, urgency=urgency)
    service.clock.move(minutes=minutes)
    assert service.context.alarms.raise_due() == raised
    assert [letter.to for letter in service.mail()] == ["duty@council.example.org"] * raised
    assert kinds(service, receipt.submission).count("alarm") == raised


def test_the_alarm_says_which_form_and_where_it_was_to_go_and_is_repeated_while_nothing_goes(
    service: Service,
) -> None:
    receipt = sent_by(service, None, urgency="urgent")
    service.clock.move(minutes=6)
    service.context.alarms.raise_due()
    assert service.context.alarms.raise_due() == 0
    (letter,) = service.mail("duty@council.example.org")
    assert letter.email.subject.startswith(f"ALARM: {receipt.reference} was not delivered")
    assert "has not been delivered for 6 minutes" in letter.email.text
    assert "It was for: the Front Door, urgent requests" in letter.email.text
    service.clock.move(minutes=31)
    assert service.context.alarms.raise_due() == 1


def test_what_is_late_stands_on_the_desk_until_it_is_delivered(service: Service, server: Server) -> None:
    receipt = sent_by(service, None, urgency="urgent")
    officer = staff(service)
    banner = "Somebody must be reached in another way"
    assert banner not in officer.browser.get("/desk").text
    service.clock.move(minutes=6)
    shown = officer.browser.get("/desk").text
    assert banner in shown
    assert shown.index(banner) < shown.index(receipt.reference)
    deliver(service, server)
    assert banner not in officer.browser.get("/desk").text


def test_the_case_of_a_form_that_came_before_its_process_begins_later(
    service: Service, server: Server
) -> None:
    form = service.context.drafts.forms.current(REQUEST)
    assert form is not None
    with service.store.write() as tx:
        service.context.drafts.forms.keep(tx, form)
        tx.drafts.add(a_draft("older", form=REQUEST, digest=form.digest))
        tx.submissions.add(a_submission("older", draft="older", form=REQUEST, digest=form.digest, route=""))
    assert [service.context.cases.begin_missing(), service.context.cases.begin_missing()] == [1, 0]
    assert deliver(service, server) == 1
    assert kinds(service, "older") == ["begun", "delivered"]


def test_a_form_without_a_process_is_kept_and_raises_no_alarm(tmp_path: Path, server: Server) -> None:
    (tmp_path / "other").mkdir()
    made = make_service(tmp_path / "other", engine=Engine(folders=(EXAMPLES,)), demo=False)
    person = made.person()
    draft = draft_of(made, person, ALLOTMENT)
    receipt = made.context.submissions.submit(draft, rev=draft.rev)
    made.clock.move(hours=100)
    assert deliver(made, server) == 0
    assert late_deliveries(made.store, made.clock()) == []
    assert made.context.cases.of_submission(receipt.submission) is None
    assert [stage for _, stage in made.context.submissions.listed()] == ["received"]
    assert "What has happened so far" not in person.get(f"/drafts/{draft.id}/sent").text
    made.store.close()
