"""The queue: the cases of a form that somebody may see, by stage, urgent ones first, then those that wait longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from formengine.form.process import Process, worked_minutes
from formengine.service.audit import note
from formengine.service.cases.cases import CaseRecord, Cases
from formengine.service.context import ServiceContext
from formengine.service.desk.staff import Staff
from formengine.service.fault_points import point
from formengine.service.references import normal_reference
from formengine.store.rows import CaseRow

# So many cases stand on one page; the count says how many there are.
SHOWN: Final = 100
# The tab of cases that ended in this time.
DONE: Final = "done"
_DONE_LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class QueueTab:
    """A stage with the number of cases in it; `DONE` for those that ended lately, whose count is that of the page."""

    stage: str
    title: str
    count: int
    own: bool


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A case in the queue. waited_min: how long it has stood in its stage, in working minutes.

    holder: the account that works on it now, "" for nobody.
    """

    row: CaseRow
    waited_min: int
    late: bool
    holder: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One tab of the queue of a form. urgent: how many urgent cases there stand on it."""

    process: Process
    tabs: tuple[QueueTab, ...]
    stage: str
    lines: tuple[QueueLine, ...]

    @property
    def urgent(self) -> int:
        """The number of urgent cases on the page that have not ended."""
        return sum(line.row.urgent and line.row.ended_at is None for line in self.lines)


class Desk:
    """What staff see of cases."""

    def __init__(self, context: ServiceContext, cases: Cases) -> None:
        self._context = context
        self._cases = cases

    def queue(self, staff: Staff, form: str, stage: str = "") -> QueuePage | None:
        """The tab of the form's queue, "" for the first that has cases for them; None for a form that is not theirs."""
        process = self._cases.processes.current(form) if form in staff.forms else None
        if process is None:
            return None
        routes = staff.routes(form)
        now = self._context.clock()
        with self._context.store.read() as tx:
            counts = tx.cases.counts(form, routes)
            tabs = self._tabs(staff, process, counts)
            chosen = stage if stage in {tab.stage for tab in tabs} else _first(tabs)
            if chosen == DONE:
                rows = tx.cases.ended(form, routes, now - _DONE_LATELY, SHOWN)
            else:
                rows = tx.cases.open_in(form, chosen, routes, SHOWN)
        return QueuePage(process, tabs, chosen, tuple(self._line(row, process, now) for row in rows))

    def _tabs(self, staff: Staff, process: Process, counts: Mapping[str, int]) -> tuple[QueueTab, ...]:
        own = {role.role for role in staff.roles if role.form == process.id}
        # A case that began with an earlier process may stand in a stage that is gone: it must not vanish.
        gone = [name for name in counts if name not in process.stages]
        stages = [
            QueueTab(stage.id, stage.spec.title, counts.get(stage.id, 0), stage.role in own)
            for stage in process.stages.values()
        ]
        left = [QueueTab(name, name, counts[name], own=True) for name in gone]
        return (*stages, *left, QueueTab(DONE, "", 0, own=False))

    def _line(self, row: CaseRow, process: Process, now: datetime) -> QueueLine:
        zone, until = self._context.zone, row.ended_at or now
        waited = worked_minutes(row.since.astimezone(zone), until.astimezone(zone), process.definition.hours)
        claimed = row.assigned_until is not None and row.assigned_until > now
        holder = row.assignee if claimed and row.assignee is not None else ""
        return QueueLine(row, waited, row.ended_at is None and row.due_at < now, holder)

    # --- reading a case ----------------------------------------------------------------------------------------------

    def find(self, staff: Staff, reference: str) -> CaseRecord | None:
        """The case with this reference, however it is written, where they may see it; None else."""
        wanted = normal_reference(reference)
        case = self._cases.by_reference(wanted) if wanted is not None else None
        if case is not None and staff.may_see(case.row):
            return case
        return None

    def read(self, staff: Staff, case: CaseRecord) -> None:
        """Record that they open the case: among its events and in the audit."""
        with self._context.store.write() as tx:
            self._cases.add_event(tx, case.row, "read", staff.account)
            note(tx, self._context, actor=staff.account, action="case.read", subject=case.row.submission)
            point("case.read.before_commit")

    def was_read(self, staff: Staff, case: CaseRecord, since: datetime) -> bool:
        """Whether they have opened the case since that moment."""
        events = self._cases.events(case)
        return any(
            event.kind == "read" and event.actor == staff.account and event.at >= since for event in events
        )


def _first(tabs: Sequence[QueueTab]) -> str:
    """The tab to begin with: the first of theirs with cases, else the first of theirs, else the first."""
    own = [tab for tab in tabs if tab.own]
    with_cases = [tab for tab in own if tab.count]
    return (*with_cases, *own, *tabs)[0].stage
