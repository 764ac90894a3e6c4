"""Claims: who works on a case now, for all to see; a claim ends by itself, so that nobody's absence holds a case up."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from formengine.service.audit import note
from formengine.service.cases.cases import CaseRecord, Cases
from formengine.service.context import ServiceContext
from formengine.service.desk.staff import Staff
from formengine.service.fault_points import point

CLAIMED_FOR: Final = timedelta(hours=2)


class Claims:
    """The claims of cases. A claim forbids nothing: a colleague may take the case over, and may decide."""

    def __init__(self, context: ServiceContext, cases: Cases) -> None:
        self._context = context
        self._cases = cases

    def holder(self, case: CaseRecord) -> str | None:
        """The account that works on the case now; None where nobody does or the claim is over."""
        row = case.row
        if row.assigned_until is None or row.assigned_until <= self._context.clock():
            return None
        return row.assignee

    def claim(self, staff: Staff, case: CaseRecord) -> bool:
        """Let them work on the case from now on, also in place of a colleague; whether that changed anything."""
        if case.row.ended_at is not None or self.holder(case) == staff.account:
            return False
        with self._context.store.write() as tx:
            tx.cases.claim(case.row.submission, staff.account, self._context.clock() + CLAIMED_FOR)
            self._cases.add_event(tx, case.row, "claimed", staff.account)
            note(tx, self._context, actor=staff.account, action="case.claimed", subject=case.row.submission)
            point("case.claim.before_commit")
        return True

    def release(self, staff: Staff, case: CaseRecord) -> bool:
        """Give their own claim up; whether they had one."""
        if self.holder(case) != staff.account:
            return False
        with self._context.store.write() as tx:
            tx.cases.claim(case.row.submission, None, None)
            self._cases.add_event(tx, case.row, "released", staff.account)
            note(tx, self._context, actor=staff.account, action="case.released", subject=case.row.submission)
            point("case.release.before_commit")
        return True
