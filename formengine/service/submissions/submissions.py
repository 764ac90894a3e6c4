"""Submissions: what was sent, each once, sealed, with everything that follows from it begun in the same change.

"Acknowledged means durable": the reference is handed out only after the store has committed the submission, what is
to be delivered and the entry in the audit, all in one transaction, which waits for no network and makes no document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from formengine.form.actions.drafts import Answers
from formengine.form.plan import Form
from formengine.form.state import FieldError, NotCompleteError, State, evaluate
from formengine.form.state.counted import fields_with_answers
from formengine.language.fields.stored_files import files_in
from formengine.language.json_types import Json, JsonObject, expect_object, expect_text
from formengine.language.words.moments import moment_text
from formengine.service.accounts.identity import open_account, person_of
from formengine.service.audit import note
from formengine.service.cases.cases import Cases, begin_delivery
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.service.mail.outbox import enqueue
from formengine.service.references import new_reference, normal_reference
from formengine.service.row_seals import changing, check_draft, check_submission, submission_seal
from formengine.store.protocol import StaleRevisionError, Transaction
from formengine.store.rows import FileRow, OutboxStatus, SentLine, SubmissionLine, SubmissionRow

__all__ = ["FilesMissingError", "NotCompleteError", "Receipt", "Sent", "Submissions"]

_TABLE = "submissions"
_ENVELOPE = "envelope"
# How many lines of a list are read at a time.
_LOOK = 500

# The stage of a submission: stored here, accepted by its recipient, or given up after the last attempt.
SubmissionStage = Literal["received", "delivered", "undelivered"]
_STAGES: Mapping[OutboxStatus, SubmissionStage] = {
    "waiting": "received",
    "sent": "delivered",
    "dead": "undelivered",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person gets for sending; nothing in it is sealed. `title` is the form's."""

    submission: str
    draft: str
    reference: str
    form: str
    title: str
    urgent: bool
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission opened: its receipt, the envelope ``submission/1``, and the form it was filled in with."""

    receipt: Receipt
    envelope: JsonObject
    definition: Form

    @property
    def answers(self) -> Answers:
        """The answers that were sent."""
        return expect_object(self.envelope["answers"])

    @property
    def state(self) -> State:
        """The state that was sent, as of its day."""
        on = date.fromisoformat(expect_text(self.envelope["on"]))
        return evaluate(self.definition, self.answers, on=on)


class FilesMissingError(Exception):
    """Files that the answers name and that are not there, such as one that the virus scanner refused."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return f"the form names {len(self.errors)} file(s) that are not there"


class Submissions:
    """The submissions in a store. cases: begins the case of each whose form has a process; None for none."""

    def __init__(self, context: ServiceContext, drafts: Drafts, cases: Cases | None = None) -> None:
        self._context = context
        self._drafts = drafts
        self._cases = cases

    # --- sending -----------------------------------------------------------------------------------------------------

    def submit(self, draft: Draft, *, rev: int) -> Receipt:
        """Send the draft, which is then closed; returns the receipt, the same however often it is called.

        rev: the revision that the person saw. The whole form is validated again, by the definition that the draft was
        begun with. Raises `NotCompleteError`, whose errors name their pages, `FilesMissingError`, and
        `StaleRevisionError` where the draft was changed or cancelled since; then nothing was changed.
        """
        sent = self._already(draft.id)
        if sent is not None:
            return sent
        if draft.rev != rev:
            raise StaleRevisionError(draft.id)
        now = self._context.clock()
        state = evaluate(draft.form, draft.answers, on=self._context.today())
        if not state.complete:
            raise NotCompleteError(state.errors)
        process = self._cases.processes.for_case(draft.form) if self._cases is not None else None
        point("submit.before")
        with self._context.store.write() as tx:
            row = tx.submissions.by_draft(draft.id)
            if row is None:
                row = self._keep(tx, draft, state, now)
                if self._cases is None:
                    begin_delivery(tx, self._context, row)
                    point("submit.delivery_begun")
                elif process is not None:
                    self._cases.begin(tx, row, process)
                    point("submit.case_begun")
                self._begin_receipt(tx, row)
                note(
                    tx,
                    self._context,
                    actor=row.account or "visitor",
                    action="submission.sent",
                    subject=row.id,
                )
                point("submit.before_commit")
        point("submit.committed")
        return self._receipt(row)

    def _keep(self, tx: Transaction, draft: Draft, state: State, now: datetime) -> SubmissionRow:
        """Store the submission, close the draft and settle its files; returns the submission."""
        newest = tx.drafts.get(draft.id)
        if newest is not None:
            check_draft(self._context.keys, newest)
        if newest is None or newest.status != "open" or newest.rev != draft.rev:
            raise StaleRevisionError(draft.id)
        reference = new_reference(draft.form.id)
        while tx.submissions.by_reference(reference) is not None:
            reference = new_reference(draft.form.id)
        at = now.astimezone(self._context.zone).isoformat(timespec="seconds")
        row = self._sealed(draft, state, state.submission(at=at, reference=reference), now)
        tx.submissions.add(row)
        point("submit.kept")
        self._settle_files(tx, draft.id, state)
        point("submit.files_settled")
        with changing(tx, self._context.keys, draft.id):
            tx.drafts.close(draft.id, "submitted")
        note(tx, self._context, actor=row.account or "visitor", action="draft.submitted", subject=draft.id)
        point("submit.draft_closed")
        return row

    def _sealed(
        self, draft: Draft, state: State, envelope: Mapping[str, Json], now: datetime
    ) -> SubmissionRow:
        submission, keys = new_id(), self._context.keys
        data_key = keys.new_data_key(_TABLE, submission)
        row = SubmissionRow(
            id=submission,
            draft=draft.id,
            account=draft.row.account,
            holder=draft.row.holder,
            reference=str(envelope["reference"]),
            form=draft.form.id,
            version=draft.form.version,
            digest=draft.form.digest,
            urgency="urgent" if state.urgent else "standard",
            route=state.route or "",
            data_key=data_key,
            envelope=keys.open_data_key(data_key, _TABLE, submission).seal_json(
                _ENVELOPE, envelope, bound_to=_bound(draft.id, str(envelope["reference"]), draft.form.digest)
            ),
            submitted_at=now,
        )
        return replace(row, seal=submission_seal(keys, row))

    def missing_files(self, draft_id: str, state: State) -> tuple[FieldError, ...]:
        """What is wrong with the draft's files: those that are to be removed or chosen again before it is sent."""
        named = _files_named(state)
        if not named:
            return ()
        with self._context.store.read() as tx:
            return _missing(named, tx.files.of_draft(draft_id))

    @staticmethod
    def _settle_files(tx: Transaction, draft_id: str, state: State) -> None:
        """Destroy the files of answers that do not count; raises `FilesMissingError` where one that counts is gone."""
        named, kept = _files_named(state), tx.files.of_draft(draft_id)
        missing = _missing(named, kept)
        if missing:
            raise FilesMissingError(missing)
        for row in kept:
            if row.id not in {file.id for file in named}:
                tx.files.remove(row.id)

    def _begin_receipt(self, tx: Transaction, row: SubmissionRow) -> None:
        """Put the person's receipt into the outbox."""
        account = tx.accounts.get(row.account) if row.account is not None else None
        # To an address that was proved by a code, and to no other: never to one in an answer.
        if account is not None and account.status == "open":
            to = person_of(self._context, account).email
            form = self._drafts.form_of(row.digest)
            at = moment_text(row.submitted_at.astimezone(self._context.zone), self._context.words)
            facts = {"form": form.title, "reference": row.reference, "at": at}
            enqueue(tx, self._context, to=to, template="receipt", facts=facts, submission=row.id)
            point("submit.receipt_begun")

    # --- reading -----------------------------------------------------------------------------------------------------

    def receipt(self, draft_id: str, *, account: str | None, holder: str | None) -> Receipt | None:
        """The receipt for what a draft became; None where it was not sent or is not the caller's own."""
        row = self._own(draft_id, account, holder)
        return self._receipt(row) if row is not None else None

    def sent(self, draft_id: str, *, account: str | None, holder: str | None) -> Sent | None:
        """What was sent, opened for the person who sent it; None as for `receipt`."""
        row = self._own(draft_id, account, holder)
        return self._opened(row) if row is not None else None

    def mine(self, account: str, *, limit: int, offset: int = 0) -> list[Receipt]:
        """The receipts of an account, the newest first: at most `limit` of those that follow the first `offset`."""
        with self._context.store.read() as tx:
            lines = tx.submissions.of_account(account, limit=limit, offset=offset)
        return [self._receipt(line) for line in lines]

    def listed(
        self,
        *,
        form: str = "",
        urgent: bool = False,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[tuple[SubmissionLine, SubmissionStage]]:
        """Submissions with their stages, the newest first; for operators. Nothing sealed is read.

        form: only of the form with this id. urgent: only urgent ones. since: only those sent then or later. limit: at
        most so many. A few hundred are read in a transaction of their own, so that a long list blocks nobody.
        """
        last: SubmissionLine | None = None
        left = limit
        while left is None or left > 0:
            most = _LOOK if left is None else min(left, _LOOK)
            with self._context.store.read() as tx:
                lines = tx.submissions.listed(most, form=form, urgent=urgent, since=since, after=last)
            yield from ((line, _STAGES[line.delivery or "waiting"]) for line in lines)
            if len(lines) < most:
                return
            last = lines[-1]
            left = None if left is None else left - most

    def export(self, typed: str, *, actor: str) -> Sent | None:
        """The submission with this reference, however it is written, opened for `actor`; None where there is none.

        The audit records the reading before it happens.
        """
        reference = normal_reference(typed)
        if reference is None:
            return None
        with self._context.store.write() as tx:
            row = tx.submissions.by_reference(reference)
            if row is not None:
                note(tx, self._context, actor=actor, action="submission.read", subject=row.id)
        return self._opened(row) if row is not None else None

    def of_case(self, submission: str) -> Sent | None:
        """The submission that began a case, opened for staff whose reading the case has recorded; None without one."""
        with self._context.store.read() as tx:
            row = tx.submissions.get(submission)
        return self._opened(row) if row is not None else None

    def size_bytes(self, submission: str) -> int:
        """How large the sealed answers of a submission are; 0 where there is none."""
        with self._context.store.read() as tx:
            row = tx.submissions.get(submission)
        return len(row.envelope) if row is not None else 0

    def sender(self, submission: str) -> Mapping[str, str]:
        """Who sent it, by the details of their account as they are now; empty without an open account."""
        with self._context.store.read() as tx:
            row = tx.submissions.get(submission)
            account = open_account(tx, row.account) if row is not None and row.account is not None else None
        return person_of(self._context, account).facts() if account is not None else {}

    def files(self, sent: Sent) -> list[FileRow]:
        """The files that came with a submission, in the order they were uploaded."""
        with self._context.store.read() as tx:
            return tx.files.of_draft(sent.receipt.draft)

    def _own(self, draft_id: str, account: str | None, holder: str | None) -> SubmissionRow | None:
        if self._drafts.find(draft_id, account=account, holder=holder) is None:
            return None
        with self._context.store.read() as tx:
            return tx.submissions.by_draft(draft_id)

    def _already(self, draft_id: str) -> Receipt | None:
        with self._context.store.read() as tx:
            row = tx.submissions.by_draft(draft_id)
        return self._receipt(row) if row is not None else None

    def _opened(self, row: SubmissionRow) -> Sent:
        check_submission(self._context.keys, row)
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        bound_to = _bound(row.draft, row.reference, row.digest)
        envelope = key.open_object(_ENVELOPE, row.envelope, bound_to=bound_to)
        return Sent(self._receipt(row), envelope, self._drafts.form_of(row.digest))

    def _receipt(self, row: SubmissionRow | SentLine) -> Receipt:
        title = self._drafts.form_of(row.digest).title
        urgent = row.urgency == "urgent"
        return Receipt(row.id, row.draft, row.reference, row.form, title, urgent, row.submitted_at)


def _bound(draft: str, reference: str, digest: str) -> tuple[str, ...]:
    """What an envelope is bound to: its draft, by which its sender is known, its reference and its form."""
    return draft, reference, digest


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that an answer names. path: of the answer, on the page with the id `page`."""

    id: str
    name: str
    path: str
    page: str


def _files_named(state: State) -> list[_Named]:
    """The uploaded files among the answers that count, in their order."""
    return [
        _Named(str(file["id"]), str(file["name"]), path, field.page)
        for path, field, value in fields_with_answers(state.form, state.answers)
        for file in files_in(value)
    ]


def _missing(named: list[_Named], kept: list[FileRow]) -> tuple[FieldError, ...]:
    scans = {row.id: row.scan for row in kept}
    rules = [(file, "virus" if file.id in scans else "gone_file") for file in named]
    return tuple(
        FieldError(file.path, file.page, "files", rule, facts={"file": file.name})
        for file, rule in rules
        if scans.get(file.id, "refused") == "refused"
    )
