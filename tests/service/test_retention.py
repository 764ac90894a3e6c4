"""What the operators' page says is kept how long: each of its lines, by the clock."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from formengine.service.accounts.authentication import Authentication
from formengine.service.accounts.identity import Person
from formengine.service.accounts.profile import stop_app_in
from formengine.service.crypto import rotation
from formengine.service.drafts.drafts import Draft
from formengine.service.mail.outbox import enqueue
from formengine.service.retention import KEPT
from formengine.store.conformance.sample_rows import a_file, a_submission, an_outbox_row
from tests.support.desk_people import decide, staffed_case
from tests.support.sending import add_account
from tests.support.service_app import Service

FORM = "request-for-support"
HELD_BY: dict[str, Callable[[Service], None]] = {}

Claim = Callable[[Service], None]


def holds(*tables: str) -> Callable[[Claim], Claim]:
    """Says which lines of the table a test holds."""

    def kept(claim: Claim) -> Claim:
        HELD_BY.update(dict.fromkeys(tables, claim))
        return claim

    return kept


def after(service: Service, **time: float) -> None:
    """Nothing; so much time has passed, and everything that the service does by the clock was done."""
    service.clock.move(**time)

    async def clean_up() -> None:
        for name in ("clean_up", "drafts", "files", "old_mail"):
            await service.context.background.once(name)

    asyncio.run(clean_up())


def rows(service: Service, table: str) -> int:
    connection = sqlite3.connect(service.settings.database)
    try:
        (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    finally:
        connection.close()
    return int(number)


def adas_draft(service: Service) -> Draft:
    add_account(service.service, "ada")
    return service.context.drafts.start(FORM, account="ada", holder=None)


def status(service: Service, draft: Draft) -> str:
    with service.store.read() as tx:
        row = tx.drafts.get(draft.id)
    assert row is not None
    return row.status


def test_every_table_has_its_line_and_every_line_its_test(service: Service) -> None:
    connection = sqlite3.connect(service.settings.database)
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    ours = {name for (name,) in found if not name.startswith(("sqlite_", "_sqlite_"))}
    assert ours == set(KEPT) == set(HELD_BY)


@holds("drafts", "marked_drafts")
def test_a_draft_ends_28_days_after_its_last_save_and_its_owner_is_told_5_before(service: Service) -> None:
    draft = adas_draft(service)
    after(service, days=23)
    assert service.mail("ada@example.org") == []
    after(service, minutes=10)
    assert len(service.mail("ada@example.org")) == 1
    after(service, days=4, hours=23)
    assert status(service, draft) == "open"
    after(service, hours=1, minutes=10)
    assert status(service, draft) == "cancelled"
    with service.store.read() as tx:
        kept = tx.drafts.get(draft.id)
    assert kept is not None
    assert (kept.answers, kept.data_key) == (b"", b"")


@holds("held_posts")
def test_a_late_page_goes_after_24_hours(service: Service) -> None:
    assert service.context.drafts.hold(adas_draft(service).id, {"name": "late"}, writer="") is not None
    after(service, hours=23, minutes=59)
    assert rows(service, "held_posts") == 1
    after(service, minutes=1)
    assert rows(service, "held_posts") == 0


@holds("files", "file_contents")
def test_a_file_that_no_answer_names_goes_after_24_hours_with_its_content(service: Service) -> None:
    draft = adas_draft(service)
    with service.store.write() as tx:
        tx.files.add(a_file(draft=draft.id, uploaded_at=service.clock.now), b"sealed")
    after(service, hours=24)
    assert (rows(service, "files"), rows(service, "file_contents")) == (1, 1)
    after(service, minutes=1)
    assert (rows(service, "files"), rows(service, "file_contents")) == (0, 0)


@holds("submissions", "definitions")
def test_what_was_sent_stays_with_its_files_its_form_and_its_delivery(service: Service) -> None:
    draft = adas_draft(service)
    with service.store.write() as tx:
        tx.drafts.close(draft.id, "submitted")
        tx.submissions.add(a_submission(draft=draft.id, digest=draft.form.digest, account="ada", holder=None))
        tx.files.add(a_file(draft=draft.id, scan="clean"), b"sealed")
        tx.outbox.add(an_outbox_row(submission="sent", channel="delivery", status="sent"))
    after(service, days=4000)
    assert {
        table: rows(service, table) for table in ("submissions", "definitions", "files", "file_contents", "outbox")
    } == {"submissions": 1, "definitions": 1, "files": 1, "file_contents": 1, "outbox": 1}  # fmt: skip


@holds("cases", "case_events", "staff_roles", "case_work")
def test_a_case_stays_with_what_happened_and_what_was_typed_goes_with_the_decision(service: Service) -> None:
    somebody, reference = staffed_case(service)
    decide(somebody, reference, "protect", stage="contact", immediate="yes")
    assert rows(service, "case_work") == 1
    decide(somebody, reference, "protect", stage="contact", immediate="yes", known="closed")
    after(service, days=4000)
    tables = ("cases", "case_events", "case_work", "staff_roles")
    assert {table: rows(service, table) for table in tables} == {
        "cases": 1, "case_events": 3, "case_work": 0, "staff_roles": 2,
    }  # fmt: skip


@holds("accounts")
def test_an_account_stays_and_one_whose_address_was_never_confirmed_goes_after_24_hours(
    service: Service,
) -> None:
    add_account(service.service, "ada")
    registering(service.context.authentication)
    assert rows(service, "accounts") == 2
    after(service, hours=24)
    assert rows(service, "accounts") == 2
    after(service, minutes=10)
    assert rows(service, "accounts") == 1
    after(service, days=4000)
    assert rows(service, "accounts") == 1


@holds("recovery_codes")
def test_recovery_codes_stay_until_they_are_used_or_the_app_is_not_used_any_more(service: Service) -> None:
    add_account(service.service, "ada")
    with service.store.write() as tx:
        tx.accounts.set_recovery_codes("ada", ["one", "two"])
    after(service, days=4000)
    assert rows(service, "recovery_codes") == 2
    with service.store.write() as tx:
        account = tx.accounts.get("ada")
        assert account is not None
        stop_app_in(tx, service.service, account)
    assert rows(service, "recovery_codes") == 0


@holds("sessions")
def test_a_session_lasts_8_hours_and_is_remembered_24_more(service: Service) -> None:
    add_account(service.service, "ada")
    token, row = service.context.sessions.start(account="ada", stage="signed_in")
    for _ in range(31):
        service.clock.move(minutes=15)
        service.context.sessions.touch(row)
    assert service.context.sessions.find(token) is not None
    service.clock.move(minutes=15)
    assert service.context.sessions.find(token) is None
    after(service, hours=23, minutes=44)
    assert rows(service, "sessions") == 1
    after(service, minutes=16)
    assert rows(service, "sessions") == 0


@holds("codes")
def test_a_code_and_a_count_of_tries_go_24_hours_after_they_are_over(service: Service) -> None:
    registering(service.context.authentication)
    service.context.authentication.sign_in("", "nobody@example.org", "a password or so")
    assert rows(service, "codes") == 2
    after(service, hours=24, minutes=1)
    assert rows(service, "codes") == 1
    after(service, minutes=10)
    assert rows(service, "codes") == 0


@holds("counters", "spent")
def test_what_is_counted_goes_when_its_window_is_over_a_day_at_most(service: Service) -> None:
    service.context.limits.allow("code", "somebody")
    service.context.limits.allow("draft_save", "somebody")
    with service.store.write() as tx:
        tx.counters.spend("human:puzzle", service.clock.now + timedelta(minutes=20))
    assert (rows(service, "counters"), rows(service, "spent")) == (3, 1)
    after(service, minutes=20)
    assert (rows(service, "counters"), rows(service, "spent")) == (2, 0)
    after(service, days=1)
    assert rows(service, "counters") == 0


@pytest.mark.parametrize("end", ["sent", "dead"])
def test_an_email_sent_or_given_up_is_forgotten_30_days_after_it_was_made(service: Service, end: str) -> None:
    with service.store.write() as tx:
        made = enqueue(
            tx, service.service, to="ada@example.org", template="account_closed", facts={"at": "now"}
        )
        lease = tx.outbox.claim("email", "lease", service.clock.now, service.clock.now)
        assert lease is not None
        if end == "sent":
            tx.outbox.sent(made, "lease", service.clock.now)
        else:
            tx.outbox.failed(made, "lease", "smtp-550", None)
        kept = tx.outbox.get(made)
    assert kept is not None
    assert (kept.status, kept.payload == b"") == (end, end == "sent")
    after(service, days=30)
    assert rows(service, "outbox") == 1
    after(service, minutes=10)
    assert rows(service, "outbox") == 0


@holds("outbox")
def test_an_email_that_waits_is_never_forgotten(service: Service) -> None:
    with service.store.write() as tx:
        enqueue(tx, service.service, to="ada@example.org", template="account_closed", facts={"at": "now"})
    after(service, days=400)
    assert rows(service, "outbox") == 1


@holds("audit", "canaries", "clock_readings")
def test_the_audit_and_the_canaries_stay(service: Service) -> None:
    rotation.recognise(service.store, service.keys)
    adas_draft(service)
    before = (rows(service, "audit"), rows(service, "canaries"))
    assert min(before) >= 1
    after(service, days=4000)
    assert rows(service, "canaries") == before[1]
    with service.store.read() as tx:
        entries = tx.audit.every()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries) > before[0]


def registering(accounts: Authentication) -> None:
    """Nothing; somebody has begun to register and was sent a code."""
    accounts.register("", Person(email="robin@example.org", first_name="Robin"), "three blue kettles")


def test_a_row_that_one_task_cannot_open_holds_up_no_other_task(service: Service) -> None:
    draft = adas_draft(service)
    with service.store.write() as tx:
        row = tx.accounts.get("ada")
        assert row is not None
        tx.accounts.replace(replace(row, profile=b"not what was sealed"))
    after(service, days=24)
    after(service, days=5, minutes=10)
    assert status(service, draft) == "cancelled"


@holds("publications")
def test_publications_stay_for_good(service: Service) -> None:
    texts = service.context.engine.texts_of(FORM)
    name, text = next(iter(texts.items()))
    service.context.publishing.publish(
        FORM, {**texts, name: f"{text}# changed\n"}, account="operator", reason=""
    )
    after(service, days=4000)
    assert rows(service, "publications") == 2


@holds("reviews")
def test_reviews_stay_for_good(service: Service) -> None:
    copies = service.context.working_copies
    seen = copies.now(FORM)
    assert seen is not None
    text = f"{seen.texts[seen.main]}# changed\n"
    kept = copies.save(FORM, {seen.main: text}, rev=seen.rev, base=seen.base, account="ash")
    service.context.publishing.publish(FORM, kept.texts, account="ash", reason="", rev=kept.rev)
    after(service, days=4000)
    assert rows(service, "reviews") == 2


@holds("working_copies")
def test_the_last_fifty_saves_of_a_change_stay_and_of_a_published_one_the_last_alone(
    service: Service,
) -> None:
    copies = service.context.working_copies
    seen = copies.now(FORM)
    assert seen is not None
    for number in range(52):
        text = f"{seen.texts[seen.main]}# {number}\n"
        seen = copies.save(FORM, {seen.main: text}, rev=seen.rev, base=seen.base, account="ash")
    after(service, days=4000)
    assert rows(service, "working_copies") == 50
    service.context.publishing.publish(FORM, seen.texts, account="ash", reason="", rev=seen.rev)
    assert rows(service, "working_copies") == 1
