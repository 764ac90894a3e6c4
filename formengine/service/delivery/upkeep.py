"""The outbox for operators: what was not sent, and sending it again. Nothing sealed is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from formengine.service.audit import note
from formengine.service.cases.cases import DELIVERIES
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.mail.outbox import CHANNEL
from formengine.service.references import normal_reference
from formengine.store.protocol import Transaction
from formengine.store.rows import OutboxRow

CHANNELS: Final = (*DELIVERIES, CHANNEL)
# Beyond every row's own moment, whichever way a clock was set.
_FAR: Final = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class UnsentLine:
    """A row of the outbox that was not sent, and the reference of the submission it is about, "" for none."""

    row: OutboxRow
    reference: str


def unsent(context: ServiceContext, limit: int) -> list[UnsentLine]:
    """What was not sent: deliveries before e-mails, of each urgent ones first, then the oldest; at most `limit`."""
    ever = context.clock() + _FAR
    with context.store.read() as tx:
        rows = [row for channel in CHANNELS for row in tx.outbox.late(channel, ever, ever, limit)][:limit]
        return [UnsentLine(row, _reference(tx, row)) for row in rows]


def one(context: ServiceContext, row_id: str) -> UnsentLine | None:
    """The row with this id, sent or not; None without one."""
    with context.store.read() as tx:
        row = tx.outbox.get(row_id)
        return UnsentLine(row, _reference(tx, row)) if row is not None else None


def requeue(context: ServiceContext, row_ids: Sequence[str]) -> list[str]:
    """Let rows that were given up, or wait for later, be due now; returns the ids of those that are."""
    done = []
    with context.store.write() as tx:
        for row_id in row_ids:
            row = tx.outbox.get(row_id)
            if row is not None and row.status != "sent" and tx.outbox.again(row_id, context.clock()):
                _note(tx, context, row_id, "outbox.requeued")
                done.append(row_id)
        point("outbox.requeue.before_commit")
    return done


def resend(context: ServiceContext, said: str) -> bool:
    """Tell the mailbox of the submission with this reference again by every channel; whether there is a delivery."""
    reference = normal_reference(said)
    with context.store.write() as tx:
        submission = tx.submissions.by_reference(reference) if reference is not None else None
        rows = tx.outbox.of_submission(submission.id) if submission is not None else []
        found = [row for row in rows if row.channel in DELIVERIES]
        for row in found:
            tx.outbox.again(row.id, context.clock())
            _note(tx, context, row.id, "outbox.resent")
        point("outbox.resend.before_commit")
    return bool(found)


def _note(tx: Transaction, context: ServiceContext, row: str, action: str) -> None:
    note(tx, context, actor=context.operator, action=action, subject=row)


def _reference(tx: Transaction, row: OutboxRow) -> str:
    submission = tx.submissions.get(row.submission) if row.submission is not None else None
    return submission.reference if submission is not None else ""
