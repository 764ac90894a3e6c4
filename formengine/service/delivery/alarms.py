"""Alarms: a delivery that is late is told to another mailbox, in the log, in the metrics and on the desk.

An urgent one is late after five minutes, another after thirty. While it stays so the alarm is repeated: the second way
may be down as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from formengine.service.audit import note
from formengine.service.cases.cases import DELIVERIES, SYSTEM, CaseRecord, Cases
from formengine.service.context import ServiceContext
from formengine.service.delivery.deliveries import Mailboxes
from formengine.service.fault_points import point
from formengine.service.health import Finding, bad
from formengine.service.logging import log
from formengine.service.mail.outbox import enqueue
from formengine.store.protocol import Store, StoreError, Transaction
from formengine.store.rows import OutboxRow

URGENT_AFTER: Final = timedelta(minutes=5)
STANDARD_AFTER: Final = timedelta(minutes=30)
_AGAIN_AFTER: Final[Mapping[bool, timedelta]] = {True: timedelta(minutes=30), False: timedelta(hours=4)}
_AT_A_TIME: Final = 100


def late_deliveries(store: Store, now: datetime, limit: int = _AT_A_TIME) -> list[OutboxRow]:
    """The deliveries that should have gone out by now, urgent ones first; at most `limit`.

    Of forms without a process nobody is to be told: they are not late.
    """
    with store.read() as tx:
        rows = [
            row
            for channel in DELIVERIES
            for row in tx.outbox.late(channel, now - URGENT_AFTER, now - STANDARD_AFTER, limit)
            if row.submission is not None and tx.cases.get(row.submission) is not None
        ]
    return sorted(rows, key=lambda row: (not row.urgent, row.created_at))[:limit]


def check_deliveries(store: Store, now: datetime) -> Finding:
    """Whether every mailbox could be told in time; quick. A late delivery is no reason to turn people away."""
    try:
        late = late_deliveries(store, now)
    except StoreError as error:
        return bad("delivery", str(error))
    if not late:
        return Finding("delivery", True, "Every mailbox was told in time")
    about = {row.submission: row.urgent for row in late}
    urgent = sum(about.values())
    line = f"{len(about)} submissions were not delivered in time, {urgent} of them urgent; see `formengine outbox list`"
    return Finding("delivery", False, line, False)


class Alarms:
    """Raises the alarm about late deliveries."""

    def __init__(self, context: ServiceContext, cases: Cases, mailboxes: Mailboxes, base_url: str) -> None:
        self._context = context
        self._cases = cases
        self._mailboxes = mailboxes
        self._base_url = base_url

    def late(self) -> Sequence[CaseRecord]:
        """The cases of late deliveries, urgent ones first."""
        rows = late_deliveries(self._context.store, self._context.clock())
        late = dict.fromkeys(row.submission for row in rows if row.submission is not None)
        found = map(self._cases.of_submission, late)
        return [case for case in found if case is not None]

    def raise_due(self) -> int:
        """Raise the alarm about every late delivery of which none was raised lately; returns about how many."""
        rows = late_deliveries(self._context.store, self._context.clock())
        return sum(self._raise(row) for row in rows)

    def _raise(self, row: OutboxRow) -> bool:
        now = self._context.clock()
        case = self._cases.of_submission(row.submission) if row.submission is not None else None
        if case is None:
            return False
        with self._context.store.write() as tx:
            newest = tx.outbox.get(row.id)
            if newest is None or newest.status == "sent" or self._was_raised(tx, case, row, now):
                return False
            self._cases.add_event(tx, case.row, "alarm", SYSTEM)
            for mailbox in case.process.alarm_mailboxes:
                address = self._mailboxes.address(mailbox.id)
                if address is not None and mailbox.id != case.row.mailbox:
                    enqueue(
                        tx,
                        self._context,
                        to=address,
                        template="delivery_late",
                        facts=self._facts(case, row, now),
                        urgent=True,
                    )
            note(tx, self._context, actor=SYSTEM, action="case.alarm", subject=case.row.submission)
            point("delivery.alarm.before_commit")
        log.error("delivery_late", outbox=row.id, urgent=row.urgent, attempt=row.attempts, fault=row.fault)
        return True

    def _was_raised(self, tx: Transaction, case: CaseRecord, row: OutboxRow, now: datetime) -> bool:
        raised = [event.at for event in tx.cases.events(case.row.submission) if event.kind == "alarm"]
        # Whichever way a clock was set: what lies ahead of it is no longer lately.
        return bool(raised) and abs(now - raised[-1]) < _AGAIN_AFTER[row.urgent]

    def _facts(self, case: CaseRecord, row: OutboxRow, now: datetime) -> dict[str, str]:
        return {
            "reference": case.row.reference,
            "urgent": "yes" if row.urgent else "no",
            "minutes": str(int((now - row.created_at) / timedelta(minutes=1))),
            "mailbox": case.mailbox_title,
            "channel": row.channel,
            "link": f"{self._base_url}/desk/cases/{case.row.reference}",
        }
