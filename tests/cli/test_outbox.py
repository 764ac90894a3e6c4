"""`formengine outbox`: what was not sent is listed without opening it, and sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.audit import entries
from tests.support.command_line import run
from tests.support.desk_people import sent_by
from tests.support.service_app import Service, make_service

pytestmark = pytest.mark.slow


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = make_service(tmp_path)
    made.keys.write_new(made.settings.keys_path)
    monkeypatch.setenv("FORMENGINE_DATA", str(made.settings.data))
    yield made
    made.store.close()


def delivery(service: Service, submission: str) -> tuple[str, str]:
    """Id and status of the delivery of a submission."""
    with service.store.read() as tx:
        return next(
            (row.id, row.status) for row in tx.outbox.of_submission(submission) if row.channel == "delivery"
        )


def give_up(service: Service, row: str) -> None:
    """The delivery, given up after its last attempt."""
    now = service.clock()
    with service.store.write() as tx:
        tx.outbox.claim("delivery", "lease", now, now.replace(hour=23))
        assert tx.outbox.failed(row, "lease", "server_421", None)


def test_what_was_given_up_is_listed_and_sent_again(service: Service) -> None:
    receipt = sent_by(service, None, urgency="urgent")
    row, _ = delivery(service, receipt.submission)
    give_up(service, row)
    listed = run("outbox", "list")
    assert listed.out == (
        f"{row}\tdelivery\tdead\turgent\t2026-11-24 10:00\t1\tserver_421\t{receipt.reference}\n"
    )
    assert listed.err == "1 not sent\n"
    assert "status: dead\n" in run("outbox", "show", row).out
    assert run("outbox", "requeue", "--all").out == "1 is due now.\n"
    assert asyncio.run(service.context.deliveries.deliver_due()) == 1  # type: ignore[union-attr]
    assert run("outbox", "list").out == ""
    assert [entry.action for entry in entries(service.store)][-1] == "outbox.requeued"


def test_a_mailbox_is_told_again_by_the_reference(service: Service) -> None:
    receipt = sent_by(service, None)
    for _ in range(2):
        assert asyncio.run(service.context.deliveries.deliver_due()) == 1  # type: ignore[union-attr]
        said = run("outbox", "resend", receipt.reference.lower())
        assert said.out == f"The mailbox of {receipt.reference.lower()} is told again.\n"
    assert delivery(service, receipt.submission)[1] == "waiting"


def test_what_is_not_there_is_said(service: Service) -> None:
    receipt = sent_by(service, None)
    row, _ = delivery(service, receipt.submission)
    asyncio.run(service.context.deliveries.deliver_due())  # type: ignore[union-attr]
    gone = run("outbox", "requeue", "nothing", row)
    assert (gone.code, gone.err) == (1, f"Not in the outbox, or sent already: nothing, {row}\n")
    assert run("outbox", "show", "nothing").err == "There is no row nothing in the outbox\n"
    assert run("outbox", "resend", "RFS-2222-2222-2").code == 1
    assert run("outbox", "requeue").code == 2
