"""Cases: begun with the submission in one change, and led on by moves that are only ever added.

What staff typed is sealed under a key of its own, as drafts are; the rest of a case names nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from formengine.form.process import Process, ProcessMove, ProcessStage
from formengine.language.json_types import Json, JsonObject
from formengine.language.process_model import CaseLetter
from formengine.service.accounts.identity import open_account, person_of
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.service.mail.outbox import enqueue
from formengine.service.processes import Processes
from formengine.service.row_seals import check_case
from formengine.store.protocol import StaleRevisionError, Transaction
from formengine.store.rows import CaseEventKind, CaseEventRow, CaseRow, OutboxRow, SubmissionRow

EVENTS_TABLE: Final = "case_events"
_KEPT: Final = "kept"
SYSTEM: Final = "system"
# The channels of deliveries in the outbox: by e-mail, to an address of a program, as files in a folder.
DELIVERY: Final = "delivery"
WEBHOOK: Final = "webhook"
FOLDER: Final = "folder"
DELIVERIES: Final = (DELIVERY, WEBHOOK, FOLDER)
# Cases of submissions that came before there was a process are begun so many at a time.
_AT_A_TIME: Final = 200


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case with the process that it began with."""

    row: CaseRow
    process: Process

    @property
    def stage(self) -> ProcessStage:
        """Where it stands, or stood when it ended."""
        return self.process.stages[self.row.stage]

    @property
    def mailbox_title(self) -> str:
        """The name of the mailbox that is told of it."""
        named = (each.title for each in self.process.definition.mailboxes if each.id == self.row.mailbox)
        return next(named, self.row.mailbox)

    @property
    def outcome_label(self) -> str:
        """How it ended, in words; "" while it is open."""
        outcome = self.process.definition.outcomes.get(self.row.outcome)
        return outcome.label if outcome is not None else ""


class Cases:
    """The cases in a store.

    base_url: what links in letters begin with. channels: those a mailbox is told by, given its name; None for e-mail.
    """

    def __init__(
        self,
        context: ServiceContext,
        processes: Processes,
        base_url: str = "",
        channels: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        self._context = context
        self._base_url = base_url
        self._channels = channels
        self.processes = processes

    # --- beginning ---------------------------------------------------------------------------------------------------

    def begin(self, tx: Transaction, submission: SubmissionRow, process: Process) -> CaseRow:
        """Begin the case of a submission and its deliveries, inside the change that keeps it."""
        urgent, first = submission.urgency == "urgent", process.first
        self.processes.keep(tx, process)
        row = CaseRow(
            submission=submission.id,
            reference=submission.reference,
            form=submission.form,
            digest=process.digest,
            stage=first.id,
            rev=1,
            urgent=urgent,
            route=submission.route,
            mailbox=process.mailbox(submission.route, urgent=urgent).id,
            begun_at=submission.submitted_at,
            since=submission.submitted_at,
            due_at=self._due_at(process, first, submission.submitted_at, urgent=urgent),
        )
        tx.cases.add(row)
        point("case.begin.added")
        begun = {each.channel for each in tx.outbox.of_submission(submission.id)}
        for channel in self._channels(row.mailbox) if self._channels is not None else (DELIVERY,):
            if channel not in begun:
                begin_delivery(tx, self._context, submission, channel)
        point("case.begin.deliveries_begun")
        self.add_event(tx, row, "begun", SYSTEM)
        note(tx, self._context, actor=SYSTEM, action="case.begun", subject=submission.id)
        return row

    def begin_missing(self) -> int:
        """Begin the cases of submissions that came before their form had a process; returns how many."""
        begun = 0
        processes = {process.id: process for process in self.processes.usable()}
        while processes:
            with self._context.store.write() as tx:
                missing = tx.cases.without_case(tuple(processes), _AT_A_TIME)
                for name in missing:
                    row = tx.submissions.get(name)
                    if row is not None:
                        self.begin(tx, row, processes[row.form])
                        begun += 1
                point("case.begin_missing.before_commit")
            if len(missing) < _AT_A_TIME:
                break
        return begun

    def _due_at(self, process: Process, stage: ProcessStage, since: datetime, *, urgent: bool) -> datetime:
        at_home = since.astimezone(self._context.zone)
        return process.due_at(stage, at_home, urgent=urgent).astimezone(since.tzinfo)

    # --- reading -----------------------------------------------------------------------------------------------------

    def of_row(self, row: CaseRow) -> CaseRecord:
        """The case of a row."""
        return CaseRecord(row, self.processes.pinned(row.digest))

    def of_submission(self, submission: str) -> CaseRecord | None:
        """The case of a submission; None for one whose form has no process."""
        with self._context.store.read() as tx:
            row = tx.cases.get(submission)
        return self.of_row(row) if row is not None else None

    def by_reference(self, reference: str) -> CaseRecord | None:
        """The case of the submission with this reference, None where there is none.

        Raises `SealError` where somebody altered in the database what decides whose case it is.
        """
        with self._context.store.read() as tx:
            row = tx.cases.by_reference(reference)
            submission = tx.submissions.get(row.submission) if row is not None else None
        return self.of_row(check_case(self._context.keys, row, submission)) if row is not None else None

    def events(self, case: CaseRecord) -> list[CaseEventRow]:
        """What happened to the case, in order."""
        with self._context.store.read() as tx:
            return tx.cases.events(case.row.submission)

    def kept(self, event: CaseEventRow) -> JsonObject:
        """What staff typed with an event, unsealed: `answers` and `reason`; empty for nothing."""
        if not event.kept:
            return {}
        key = self._context.keys.open_data_key(event.data_key, EVENTS_TABLE, event.id)
        return key.open_object(_KEPT, event.kept, bound_to=_bound(event))

    # --- changing ----------------------------------------------------------------------------------------------------

    def add_event(
        self,
        tx: Transaction,
        row: CaseRow,
        kind: CaseEventKind,
        actor: str,
        *,
        move: str = "",
        led_to: str = "",
        outcome: str = "",
        kept: Json = None,
    ) -> None:
        """Add what happened to a case, inside the caller's change. kept: what was typed, which is sealed."""
        keys = self._context.keys
        event = CaseEventRow(
            id=new_id(),
            submission=row.submission,
            seq=tx.cases.last_seq(row.submission) + 1,
            at=self._context.clock(),
            actor=actor,
            kind=kind,
            stage=row.stage,
            move=move,
            led_to=led_to,
            outcome=outcome,
            data_key=b"",
            kept=b"",
        )
        if kept is not None:
            data_key = keys.new_data_key(EVENTS_TABLE, event.id)
            key = keys.open_data_key(data_key, EVENTS_TABLE, event.id)
            sealed = key.seal_json(_KEPT, kept, bound_to=_bound(event))
            event = replace(event, data_key=data_key, kept=sealed)
        tx.cases.add_event(event)

    def move(
        self,
        case: CaseRecord,
        move: ProcessMove,
        *,
        actor: str,
        answers: JsonObject,
        reason: str,
        fields: Sequence[str],
    ) -> CaseRecord:
        """Lead the case on; returns it as it is then. The letter of the move, if any, goes out with the change.

        fields: the names of the answers, for the audit. Raises `StaleRevisionError` where the case has changed since it
        was read; then nothing is changed.
        """
        now = self._context.clock()
        moved = self._moved(case, move, now)
        point("case.move.before")
        with self._context.store.write() as tx:
            tx.cases.change(moved)
            point("case.move.changed")
            self.add_event(
                tx,
                case.row,
                "moved",
                actor,
                move=move.id,
                led_to=moved.stage if moved.ended_at is None else "",
                outcome=moved.outcome,
                kept={"answers": answers, "reason": reason},
            )
            point("case.move.event_added")
            tx.cases.drop_work(case.row.submission, actor)
            self._send_letter(tx, case, move, moved)
            note(
                tx,
                self._context,
                actor=actor,
                action="case.moved",
                subject=case.row.submission,
                fields=(move.id, *fields),
            )
            point("case.move.before_commit")
        point("case.move.committed")
        return CaseRecord(replace(moved, rev=moved.rev + 1), case.process)

    def _moved(self, case: CaseRecord, move: ProcessMove, now: datetime) -> CaseRow:
        """The row as it is after the move."""
        row, spec = case.row, move.spec
        if row.ended_at is not None:
            raise StaleRevisionError(row.submission)
        nobody = replace(row, assignee=None, assigned_until=None)
        if spec.to is None:
            return replace(
                nobody, ended_at=now, outcome=spec.ends.text.strip() if spec.ends is not None else ""
            )
        stage = case.process.stages[spec.to.text.strip()]
        due_at = self._due_at(case.process, stage, now, urgent=row.urgent)
        return replace(nobody, stage=stage.id, since=now, due_at=due_at)

    def _send_letter(self, tx: Transaction, case: CaseRecord, move: ProcessMove, moved: CaseRow) -> None:
        """Put the letter of the move into the outbox, to the address that the notifier has proved, and to no other."""
        letter = case.process.letter(move)
        submission = tx.submissions.get(case.row.submission)
        account = submission.account if submission is not None else None
        row = open_account(tx, account) if account is not None else None
        if letter is None or submission is None or row is None:
            return
        facts = {
            "reference": submission.reference,
            "form": case.process.definition.title,
            "outcome": CaseRecord(moved, case.process).outcome_label,
            "contact": case.process.definition.contact,
            "link": f"{self._base_url}/drafts/{submission.draft}/sent",
        }
        enqueue(
            tx,
            self._context,
            to=person_of(self._context, row).email,
            template="case_letter",
            facts={"subject": letter.subject},
            paragraphs=filled(letter, facts),
            urgent=case.row.urgent,
        )
        point("case.move.letter_begun")


def begin_delivery(
    tx: Transaction, context: ServiceContext, row: SubmissionRow, channel: str = DELIVERY
) -> None:
    """Put the delivery of a submission to its mailbox into the outbox, inside the caller's change."""
    outbox, keys = new_id(), context.keys
    data_key = keys.new_data_key("outbox", outbox)
    payload = {"reference": row.reference, "form": row.form, "urgency": row.urgency, "route": row.route}
    tx.outbox.add(
        OutboxRow(
            id=outbox,
            submission=row.id,
            channel=channel,
            status="waiting",
            urgent=row.urgency == "urgent",
            attempts=0,
            data_key=data_key,
            payload=keys.open_data_key(data_key, "outbox", outbox).seal_json("payload", payload),
            created_at=row.submitted_at,
            due_at=row.submitted_at,
        )
    )


def filled(letter: CaseLetter, facts: dict[str, str]) -> list[str]:
    """The letter's paragraphs with these facts in place of ``((reference))`` and the like."""
    paragraphs = []
    for text in letter.paragraphs:
        for name, fact in facts.items():
            text = text.replace(f"(({name}))", fact)
        paragraphs.append(text)
    return paragraphs


def _bound(event: CaseEventRow) -> tuple[str, ...]:
    """What the text of an event is bound to: its case, its turn there, and who did what in which stage."""
    return event.submission, str(event.seq), event.actor, event.kind, event.stage, event.move
