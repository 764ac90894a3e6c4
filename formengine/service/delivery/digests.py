"""The daily digest: an e-mail with what came, what waits beyond its deadline and what was not delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from formengine.service.context import ServiceContext
from formengine.service.delivery.alarms import late_deliveries
from formengine.service.mail.outbox import enqueue
from formengine.service.settings import Settings
from formengine.store.protocol import Transaction

_DAY: Final = timedelta(days=1)
_COUNTER: Final = "digest"
# References of more than that make no e-mail that anybody reads; beyond the next not even their number is counted.
_NAMED: Final = 20
_COUNTED: Final = 1_000


class Digests:
    """Makes the daily digest, which holds references and numbers and nothing that was answered."""

    def __init__(self, context: ServiceContext, settings: Settings) -> None:
        self._context = context
        self._settings = settings

    def send(self) -> bool:
        """Put the digest into the outbox; False without an address for it, or where there was one today already."""
        to, now = self._settings.digest_mail, self._context.clock()
        if not to:
            return False
        undelivered = late_deliveries(self._context.store, now, _COUNTED)
        window_s = int(_DAY.total_seconds())
        with self._context.store.write() as tx:
            if tx.counters.peek(_COUNTER, now, window_s):
                return False
            came = tx.submissions.listed(_COUNTED, since=now - _DAY)
            waiting = tx.cases.overdue(now, _COUNTED)
            submissions = dict.fromkeys(row.submission for row in undelivered if row.submission is not None)
            facts = {
                "came": _number(len(came)),
                "came_urgent": _number(sum(each.urgency == "urgent" for each in came)),
                "waiting": _number(len(waiting)),
                "waiting_named": _named([each.reference for each in waiting]),
                "undelivered": _number(len(submissions)),
                "undelivered_named": _named([_reference(tx, each) for each in submissions]),
            }
            enqueue(tx, self._context, to=to, template="digest", facts=facts)
            tx.counters.count(_COUNTER, now, window_s)
        return True


def _reference(tx: Transaction, submission: str) -> str:
    case = tx.cases.get(submission)
    return case.reference if case is not None else submission


def _number(count: int) -> str:
    return f"{count:,}" if count < _COUNTED else f"{count:,} or more"


def _named(references: Sequence[str]) -> str:
    """The references in a line, with how many more there are."""
    more = len(references) - _NAMED
    return ", ".join(references[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
