"""E-mails: kept sealed in the outbox with the change that causes them, and sent from there by the postman.

An e-mail is stored in the caller's transaction, so that there is one exactly where the change is. It is sent at least
once: after a crash between the server's acceptance and our record of it, it is sent again under the same Message-ID.
What fails is retried for as long as it is of use, and then dead, which operators see; nothing is dropped silently, and
one e-mail that cannot be made delays no other.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol

from formengine.language.json_types import expect_object, expect_text
from formengine.output.email import Email, draw_email
from formengine.portal import Portal
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import KeyringError, SealError
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.service.logging import log, log_failure
from formengine.service.settings import EMAIL_ADDRESS
from formengine.service.steady_clock import MOST_A_RUN
from formengine.store.protocol import StoreError, Transaction
from formengine.store.rows import OutboxRow, OutboxStatus

CHANNEL: Final = "email"
_TABLE: Final = "outbox"
_PAYLOAD: Final = "payload"

# After the n-th failed attempt of an urgent e-mail, in seconds; then each minute to the end of a quarter of an hour.
_URGENT_PAUSES_S: Final = (5, 15, 30, 60)
_URGENT_FOR: Final = timedelta(minutes=15)
_FIRST_PAUSE_S: Final = 60
_LONGEST_PAUSE_S: Final = 3600
_LONGEST_PAUSE: Final = timedelta(seconds=_LONGEST_PAUSE_S)
# No e-mail is due later than that, unless the clock was set back.
_LONGEST_WAIT: Final = timedelta(seconds=2 * _LONGEST_PAUSE_S)
_GIVEN_UP_AFTER: Final = timedelta(hours=72)
# How long rows of sent and dead e-mails are kept for operators; a dead one keeps its contents.
REMEMBERED: Final = timedelta(days=30)
# How long one claim holds, and how often it is renewed while the attempt lasts: where the process ends in the middle of
# an attempt, a code waits so long for the next one, and no longer.
_LEASE: Final = timedelta(seconds=10)
_RENEWED_EVERY_S: Final = 3
_ATTEMPT_S: Final = 60
# How many are sent concurrently, so that a server which lets one hang does not delay the rest.
_SIDE_BY_SIDE: Final = 4


class UndeliveredError(Exception):
    """It was not accepted. fault: why, as a code; for_good: another attempt would fail in the same way.

    after: how long whoever is to get it wants to be left alone, None for as long as usual.
    """

    def __init__(self, fault: str, *, for_good: bool = False, after: timedelta | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.for_good = for_good
        self.after = after


class Transport(Protocol):
    """The protocol of a mail transport."""

    async def send(self, message: EmailMessage) -> None:
        """Send the message. Raises `UndeliveredError` where it was not accepted."""


def enqueue(
    tx: Transaction,
    context: ServiceContext,
    *,
    to: str,
    template: str,
    facts: Mapping[str, str],
    submission: str | None = None,
    urgent: bool = False,
    good_for: timedelta | None = None,
    paragraphs: Sequence[str] = (),
) -> str:
    """Store an e-mail in the outbox, inside the caller's transaction; returns its id.

    facts: the template's variables; never an answer. paragraphs: what an author wrote, for a template that has a place
    for them. urgent: sent before others, and retried within seconds. good_for:
    how long it is of use (a code) and retried; None for the usual time. Raises ValueError for a `to` that is not one
    address.
    """
    if not EMAIL_ADDRESS.fullmatch(to):
        raise ValueError("one e-mail address is wanted")
    row_id, now = new_id(), context.clock()
    wrapped = context.keys.new_data_key(_TABLE, row_id)
    letter = {
        "to": to,
        "template": template,
        "facts": dict(facts),
        "until": (now + good_for).isoformat() if good_for is not None else None,
        "paragraphs": list(paragraphs),
    }
    tx.outbox.add(
        OutboxRow(
            id=row_id,
            submission=submission,
            channel=CHANNEL,
            status="waiting",
            urgent=urgent,
            attempts=0,
            data_key=wrapped,
            payload=context.keys.open_data_key(wrapped, _TABLE, row_id).seal_json(_PAYLOAD, letter),
            created_at=now,
            due_at=now,
        )
    )
    return row_id


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to be sent. until: when it is of no use any more, None for never."""

    id: str
    to: str
    email: Email
    created_at: datetime
    until: datetime | None = None
    status: OutboxStatus = "waiting"


class LetterSource(Protocol):
    """What makes e-mails of rows of the outbox."""

    def of(self, row: OutboxRow) -> Letter:
        """The e-mail of a row. Raises `UndeliveredError` where it cannot be sent now, such as without an address."""


class Letters:
    """Unseals rows of the outbox and renders them.

    about: the facts about the service for every e-mail: `portal`, `base_url`, `calls`; see `about_service`.
    """

    def __init__(
        self, context: ServiceContext, about: Mapping[str, str], themes: Iterable[Path] = ()
    ) -> None:
        self._context = context
        self._about = dict(about)
        self._themes = tuple(themes)

    def of(self, row: OutboxRow) -> Letter:
        """The e-mail of a row that was not sent yet; raises `SealError` and `KeyringError`."""
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        kept = key.open_object(_PAYLOAD, row.payload)
        given = {name: expect_text(text) for name, text in expect_object(kept["facts"]).items()}
        facts = {**self._about, **given}
        # A row that an earlier version made has none.
        written = kept.get("paragraphs", [])
        paragraphs = [expect_text(text) for text in written] if isinstance(written, list) else []
        email = draw_email(expect_text(kept["template"]), facts, self._themes, paragraphs=paragraphs)
        until = datetime.fromisoformat(expect_text(kept["until"])) if kept["until"] is not None else None
        return Letter(row.id, expect_text(kept["to"]), email, row.created_at, until, row.status)


def about_service(portal: Portal, base_url: str) -> dict[str, str]:
    """The facts about the service for every e-mail, by name."""
    calls = " ".join(f"{each.situation}: {each.telephone} ({each.label})." for each in portal.danger)
    return {"portal": portal.title, "base_url": base_url, "calls": calls}


class DemoMailbox:
    """The e-mails that would have been sent, for trying the service out: they stay in the outbox, and nobody sends."""

    def __init__(self, context: ServiceContext, letters: Letters) -> None:
        self._context = context
        self._letters = letters

    def newest(self, limit: int = 50) -> list[Letter]:
        """At most `limit` e-mails, the newest first."""
        with self._context.store.read() as tx:
            rows = tx.outbox.newest(CHANNEL, limit)
        return [self._letters.of(row) for row in rows if row.payload]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is ready to be handed on.

    send: hands it on, and raises `UndeliveredError`. until: when it is of no use any more, None for never.
    """

    send: Callable[[], Awaitable[None]]
    until: datetime | None = None


class Dispatcher(ABC):
    """Hands on what is due, from any number of processes: each row is leased to one of them at a time.

    channel: whose rows. on_sent: called inside the change that records one as sent.
    """

    def __init__(
        self,
        context: ServiceContext,
        *,
        channel: str,
        on_sent: Callable[[Transaction, OutboxRow], None] | None = None,
    ) -> None:
        self._context = context
        # Rows that a receiver has taken, though the store could not record it.
        self._taken: set[str] = set()
        self._channel = channel
        self._on_sent = on_sent

    @abstractmethod
    def prepare(self, row: OutboxRow) -> Attempt:
        """Return what is handed on for a row. Raises `UndeliveredError` where that cannot be now."""

    async def deliver_due(self) -> int:
        """Send everything that is due; returns how many were sent. Raises `StoreError`."""
        # All of them end before this does, also where the service ends: each gives back what it has claimed.
        rounds = await asyncio.gather(*(self._round() for _ in range(_SIDE_BY_SIDE)), return_exceptions=True)
        sent = 0
        for each in rounds:
            if isinstance(each, BaseException):
                raise each
            sent += each
        return sent

    async def _round(self) -> int:
        sent = 0
        while True:
            lease = new_id()
            row = await self._claimed(lease)
            if row is None:
                return sent
            sent += await self._deliver(row, lease)

    async def _claimed(self, lease: str) -> OutboxRow | None:
        """The next row that is due, leased; None where there is none."""
        claiming = asyncio.create_task(asyncio.to_thread(self._claim, lease))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The service ends, and the thread claims all the same: what it got must not wait for the lease to run out.
            row = await claiming
            if row is not None:
                self._release(row, lease)
            raise

    def _claim(self, lease: str) -> OutboxRow | None:
        now = self._context.clock()
        with self._context.store.write() as tx:
            return tx.outbox.claim(self._channel, lease, now, now + _LEASE, beyond=now + _LONGEST_WAIT)

    async def _deliver(self, row: OutboxRow, lease: str) -> int:
        """Send one e-mail; 1 where it was sent, 0 where not. A failure is recorded, and affects no other e-mail."""
        try:
            attempt = await asyncio.to_thread(self.prepare, row)
        except asyncio.CancelledError:
            self._release(row, lease)
            raise
        except StoreError:
            # Nothing is known about the row: once the lease has run out it is tried again.
            raise
        except UndeliveredError as error:
            await self._postponed(row, lease, error, None)
            return 0
        except Exception as error:  # noqa: BLE001 - a letter that cannot be made is put aside; the queue goes on
            log_failure("mail_unreadable", error, outbox=row.id)
            await asyncio.to_thread(self._failed, row, lease, _fault_of(error), None)
            return 0
        if row.id in self._taken:
            await self._record_sent(row, lease)
            return 0
        now = self._context.clock()
        if attempt.until is not None and now >= attempt.until:
            await asyncio.to_thread(self._failed, row, lease, "too_late", None)
            return 0
        try:
            await self._send(attempt, row, lease)
        except UndeliveredError as error:
            await self._postponed(row, lease, error, attempt.until)
            return 0
        except TimeoutError:
            await self._postponed(row, lease, UndeliveredError("timeout"), attempt.until)
            return 0
        point("mail.after_sending")
        self._taken.add(row.id)
        await self._record_sent(row, lease)
        return 1

    async def _record_sent(self, row: OutboxRow, lease: str) -> None:
        """Record that a server has taken the e-mail. Where the store cannot, the next round does, and sends none again.

        Raises `StoreError`.
        """
        await asyncio.to_thread(self._sent, row, lease)
        self._taken.discard(row.id)

    async def _postponed(
        self, row: OutboxRow, lease: str, error: UndeliveredError, until: datetime | None
    ) -> None:
        """Record that it was not accepted, and when it is tried again."""
        due_at = None if error.for_good else await asyncio.to_thread(self._again, row, until)
        if due_at is not None and error.after is not None:
            due_at = max(due_at, self._context.clock() + min(error.after, _LONGEST_PAUSE))
        await asyncio.to_thread(self._failed, row, lease, error.fault, due_at)

    async def _send(self, attempt: Attempt, row: OutboxRow, lease: str) -> None:
        """Hand it on, and keep the lease as long as that lasts. Raises `UndeliveredError`, TimeoutError."""
        renewing = asyncio.create_task(self._keep_leased(row, lease))
        try:
            async with asyncio.timeout(_ATTEMPT_S):
                await attempt.send()
        except asyncio.CancelledError:
            # The service ends: its next start, or another process, need not wait for the lease to run out.
            self._release(row, lease)
            raise
        finally:
            renewing.cancel()

    async def _keep_leased(self, row: OutboxRow, lease: str) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY_S)
            try:
                await asyncio.to_thread(self._renew, row, lease)
            except StoreError as error:
                # Another process may send it a second time then; nothing is lost.
                log_failure("lease_not_renewed", error, outbox=row.id)

    def _renew(self, row: OutboxRow, lease: str) -> None:
        with self._context.store.write() as tx:
            tx.outbox.renew(row.id, lease, self._context.clock() + _LEASE)

    def _release(self, row: OutboxRow, lease: str) -> None:
        try:
            with self._context.store.write() as tx:
                tx.outbox.release(row.id, lease)
        except StoreError as error:
            log_failure("lease_not_released", error, outbox=row.id)

    def _again(self, row: OutboxRow, until: datetime | None) -> datetime | None:
        """When to retry; an e-mail grows old by the steady moment, so that no clock that jumps gives it up."""
        return next_attempt(row, self._context.clock(), until, aged_at=self._context.steady.read().at)

    def _sent(self, row: OutboxRow, lease: str) -> None:
        with self._context.store.write() as tx:
            sent = tx.outbox.sent(row.id, lease, self._context.clock())
            if sent and self._on_sent is not None:
                self._on_sent(tx, row)
            point("mail.sent.before_commit")

    def _failed(self, row: OutboxRow, lease: str, fault: str, due_at: datetime | None) -> None:
        with self._context.store.write() as tx:
            tx.outbox.failed(row.id, lease, fault, due_at)
        log.warning(
            "mail_dead" if due_at is None else "mail_failed",
            outbox=row.id,
            fault=fault,
            attempt=row.attempts,
            urgent=row.urgent,
        )


class Postman(Dispatcher):
    """Sends the e-mails that are due. sender: the address that they come from."""

    def __init__(
        self,
        context: ServiceContext,
        letters: LetterSource,
        transport: Transport,
        *,
        sender: str,
        channel: str = CHANNEL,
        on_sent: Callable[[Transaction, OutboxRow], None] | None = None,
    ) -> None:
        super().__init__(context, channel=channel, on_sent=on_sent)
        self._letters = letters
        self._transport = transport
        self._sender = sender

    def prepare(self, row: OutboxRow) -> Attempt:
        """Return the e-mail of a row. Raises `UndeliveredError` where it cannot be sent now."""
        letter = self._letters.of(row)
        message = self._message(letter)
        return Attempt(lambda: self._transport.send(message), letter.until)

    def _message(self, letter: Letter) -> EmailMessage:
        """The message with its headers; `EmailMessage` refuses a line end in any of them."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = letter.email.subject
        message["Date"] = format_datetime(letter.created_at)
        message["Message-ID"] = f"<{letter.id}@{self._sender.rpartition('@')[2]}>"
        # RFC 3834: no automatic reply, such as an out-of-office note.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(letter.email.text, cte="quoted-printable")
        return message


def purge_mail(context: ServiceContext) -> int:
    """Delete e-mails that were sent or given up long ago; returns how many."""
    with context.store.write() as tx:
        before = context.steady.read_in(tx).at - REMEMBERED
        return tx.outbox.remove_old(CHANNEL, before, MOST_A_RUN)


def next_attempt(
    row: OutboxRow, now: datetime, until: datetime | None = None, *, aged_at: datetime | None = None
) -> datetime | None:
    """When to retry after another failure; None: never, it is dead. until: when it is of no use any more.

    aged_at: the moment by which its age is judged; None for `now`.
    """
    age = (now if aged_at is None else aged_at) - row.created_at
    if row.urgent and age < _URGENT_FOR:
        at = min(row.attempts - 1, len(_URGENT_PAUSES_S) - 1)
        due_at = now + timedelta(seconds=_URGENT_PAUSES_S[at])
    elif age < _GIVEN_UP_AFTER:
        pause_s = min(_FIRST_PAUSE_S * 2 ** min(row.attempts - 1, 10), _LONGEST_PAUSE_S)
        # Spread out, so that a server which comes back does not get everything at once.
        due_at = now + timedelta(seconds=pause_s * random.uniform(0.8, 1.2))
    else:
        return None
    return due_at if until is None or due_at < until else None


def _fault_of(error: Exception) -> str:
    return "cannot_open" if isinstance(error, SealError | KeyringError) else "cannot_draw"
