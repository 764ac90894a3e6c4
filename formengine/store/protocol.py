"""The protocol of a store: what the service calls, and what a store promises.

Every change happens inside `Store.write()`: all of it is stored, or none of it. A method that looks for one row returns
None where there is none. Moments are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from formengine.store.rows import (
    AccountRow,
    AuditRow,
    CaseEventRow,
    CaseRow,
    CaseWorkRow,
    ClockReadingRow,
    CodeRow,
    DefinitionRow,
    DraftLine,
    DraftRow,
    DraftStatus,
    FileLine,
    FileRow,
    HeldPostRow,
    MarkedDraftRow,
    OutboxRow,
    PublicationKind,
    PublicationRow,
    ReviewEventRow,
    Role,
    Scan,
    SentLine,
    SessionRow,
    StaffRoleRow,
    SubmissionLine,
    SubmissionRow,
    WorkingCopyRow,
    WorkingCopyStatus,
)

# Why a store cannot do what it was asked; the log has it as `fault`.
StoreFault = Literal[
    "full",  # the disk, or the room given to the store
    "locked",  # by another process, for too long
    "read_only",
    "no_file",  # it is not there, or may not be opened
    "disk",  # it fails
    "damaged",
    "memory",  # there is not enough
    "newer",  # made by a later formengine
    "closed",
    "refused",  # anything else
]


class StoreError(Exception):
    """The store cannot do what it was asked. fault: why, as a code for the log; the text is for people."""

    def __init__(self, text: str, fault: StoreFault = "refused") -> None:
        super().__init__(text)
        self.fault: StoreFault = fault


class StaleRevisionError(Exception):
    """A draft was saved by somebody else since it was read; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """The condition of a store: `facts` by name for people to read, `problems` in sentences, none where all is well."""

    facts: Mapping[str, str]
    problems: Sequence[str]


# --- what a transaction offers, by subject ---------------------------------------------------------------------------


class AccountRows(Protocol):
    """The accounts."""

    def add(self, row: AccountRow) -> None:
        """Store a new account; raises KeyError where the address has one that is not closed."""

    def get(self, account: str) -> AccountRow | None:
        """The account with this id, whatever its status."""

    def by_email(self, email_index: str) -> AccountRow | None:
        """The account that is not closed and has this address."""

    def replace(self, row: AccountRow) -> None:
        """Replace the whole row of the same id; raises KeyError as `add` does."""

    def every(self) -> list[AccountRow]:
        """All accounts, the oldest first."""

    def of_role(self, role: Role) -> list[AccountRow]:
        """The open accounts of this role, the oldest first."""

    def set_recovery_codes(self, account: str, hashes: Sequence[str]) -> None:
        """Replace the hashes of the account's recovery codes; an empty list removes them."""

    def spend_recovery_code(self, account: str, code_hash: str) -> bool:
        """Delete a recovery code; whether the account had it, which is True for one of several callers at once."""

    def recovery_codes_left(self, account: str) -> int:
        """How many recovery codes the account has."""

    def remove_unconfirmed(self, created_before: datetime, limit: int) -> int:
        """Delete accounts nobody confirmed in time, with their sessions, unless they have a draft. Returns how many.

        At most `limit`, the oldest first.
        """


class SessionRows(Protocol):
    """The sessions of browsers."""

    def add(self, row: SessionRow) -> None:
        """Store a new session."""

    def get(self, token_hash: str) -> SessionRow | None:
        """The session, whether or not it has ended."""

    def replace(self, row: SessionRow) -> None:
        """Replace the whole row of the same token."""

    def seen(self, token_hash: str, at: datetime) -> None:
        """Record `at` as the moment it was last used."""

    def of_account(self, account: str) -> list[SessionRow]:
        """The account's sessions, the newest first."""

    def remove(self, token_hash: str) -> None:
        """Delete a session."""

    def remove_of_account(self, account: str, but: str = "") -> int:
        """Delete all sessions that are signed in to the account except `but`, a token's hash; returns how many."""

    def remove_ended(self, seen_before: datetime, at: datetime, limit: int) -> int:
        """Delete sessions that were last used before `seen_before` or that have ended by `at`; returns how many.

        At most `limit`.
        """


class CodeRows(Protocol):
    """The codes that were e-mailed, and counts of attempts."""

    def put(self, row: CodeRow) -> None:
        """Store the code in place of any other of the same owner and purpose that is bound to the same."""

    def live(self, owner: str, purpose: str, bound_to: str) -> CodeRow | None:
        """The one code of this owner and purpose that is bound to this, whether or not it has expired."""

    def of_owner(self, owner: str) -> list[CodeRow]:
        """The codes of this owner for all purposes, the oldest first."""

    def count_attempt(self, code: str) -> int:
        """Count an attempt at the code, atomically; returns the attempts with this one, 0 where there is no code."""

    def stamp(self, code: str, stamp: str) -> None:
        """Record another stamp of the code with this id."""

    def remove(self, code: str) -> None:
        """Delete the code with this id."""

    def remove_ended(self, ended_before: datetime, limit: int) -> int:
        """Delete codes that had expired before then, at most `limit`; returns how many."""


class CounterRows(Protocol):
    """The counters for rate limits, shared by every process."""

    def count(self, key: str, at: datetime, window_s: int, amount: int = 1) -> int:
        """Count `key`; returns the count in the current window of `window_s` seconds, this `amount` included."""

    def peek(self, key: str, at: datetime, window_s: int) -> int:
        """How often `key` was counted in the current window, without counting."""

    def spend(self, key: str, until: datetime) -> bool:
        """Spend `key` until then; whether it had not been spent before (a challenge is used once)."""

    def remove_old(self, at: datetime, limit: int) -> int:
        """Delete counters and spent keys whose time is over by `at`, at most `limit` of each; returns how many."""


class DefinitionRows(Protocol):
    """The definitions that drafts were begun with."""

    def keep(self, row: DefinitionRow) -> None:
        """Store the definition, unless one with this digest is there."""

    def get(self, digest: str) -> DefinitionRow | None:
        """The definition with this digest."""


class PublicationRows(Protocol):
    """The publications. They are only ever added."""

    def add(self, row: PublicationRow) -> None:
        """Store a publication; raises KeyError where its `seq`, or its number among those of its name, is taken."""

    def last_seq(self) -> int:
        """The `seq` of the newest publication, 0 where there is none: it has changed when there is a new one."""

    def last_number(self, kind: PublicationKind, name: str) -> int:
        """The number of the newest publication of this name, 0 where there is none."""

    def current(self, kind: PublicationKind, at: datetime) -> Mapping[str, PublicationRow]:
        """The publication of each name that holds at that moment: the newest that has begun. By name, in order."""

    def get(self, kind: PublicationKind, name: str, number: int) -> PublicationRow | None:
        """The publication with this number."""

    def of(self, kind: PublicationKind, name: str) -> list[PublicationRow]:
        """The publications of this name, the newest first."""

    def every(self) -> list[PublicationRow]:
        """All publications, in the order in which they were added."""


class WorkingCopyRows(Protocol):
    """The texts that are being changed."""

    def add(self, row: WorkingCopyRow) -> None:
        """Store a save; raises KeyError where this kind and name has that revision already."""

    def newest(self, kind: PublicationKind, name: str) -> WorkingCopyRow | None:
        """The newest save, whatever its status."""

    def get(self, kind: PublicationKind, name: str, rev: int) -> WorkingCopyRow | None:
        """The save with this revision."""

    def of(self, kind: PublicationKind, name: str) -> list[WorkingCopyRow]:
        """The saves of this name, the newest first."""

    def end(self, kind: PublicationKind, name: str, status: WorkingCopyStatus) -> None:
        """Give the newest save this status."""

    def keep_newest(self, kind: PublicationKind, name: str, number: int) -> int:
        """Delete all saves of this name but the newest `number`; returns how many."""


class ReviewRows(Protocol):
    """What happened to changes before they were published. Rows are only ever added."""

    def add(self, row: ReviewEventRow) -> None:
        """Store an event; raises KeyError where this kind and name has that `seq` already."""

    def of(self, kind: PublicationKind, name: str) -> list[ReviewEventRow]:
        """The events of this name since its last change ended, the newest first."""

    def last_seq(self, kind: PublicationKind, name: str) -> int:
        """The `seq` of the newest event of this name, 0 where there is none."""


class DraftRows(Protocol):
    """The drafts, and the posts held for them."""

    def add(self, row: DraftRow) -> None:
        """Store a new draft."""

    def get(self, draft: str) -> DraftRow | None:
        """The draft with this id, whatever its status."""

    def save(
        self,
        draft: str,
        rev: int,
        *,
        answers: bytes,
        step: str,
        shown: Sequence[str],
        urgent: bool,
        at: datetime,
    ) -> int:
        """Save answers; returns the new revision, `rev` + 1.

        Raises `StaleRevisionError` where the stored draft is not at `rev` or not open. place: the step where the person
        is. shown: the ids of the pages already shown once.
        """

    def move(self, draft: str, *, step: str, shown: Sequence[str], saved_at: datetime) -> None:
        """Keeps where the person stood and when they saved last, without a new revision."""

    def claim(self, holder: str, account: str) -> list[str]:
        """Give the drafts of the session `holder` to `account`; returns their ids."""

    def hand_over(self, draft: str, holder: str) -> None:
        """Give a draft without account to another session: the one that opened its e-mailed link."""

    def set_link(self, draft: str, link_hash: str, link_word: str = "") -> None:
        """Record the hash of the token in an e-mailed link to the draft, and of the word that it asks for."""

    def by_link(self, link_hash: str) -> DraftRow | None:
        """The open draft that the link with this hash leads to."""

    def of_account(self, account: str, *, limit: int | None = None, offset: int = 0) -> list[DraftLine]:
        """The account's open drafts, the one saved last first: at most `limit` of those that follow the first `offset`.

        None: all.
        """

    def of_holder(self, holder: str, *, limit: int | None = None, offset: int = 0) -> list[DraftLine]:
        """The session's open drafts, as `of_account`."""

    def note_saves(self, saved_before: datetime, limit: int) -> int:
        """How many drafts were found to have been saved then or later; at most `limit` are looked at.

        They are those not known to have been saved then, the one longest so first. What is saved writes no index;
        so this is to be called, until it returns 0, before drafts are looked for that nobody saves.
        """

    def open_by_form(self) -> Mapping[str, int]:
        """How many open drafts there are of each form, by its id; no key where there is none."""

    def to_warn_of(self, saved_before: datetime, limit: int) -> list[str]:
        """Ids of the open drafts of accounts, last saved before then, whose owners were not warned since they saved.

        At most `limit`, the one that nobody has saved for longest first, among the first few times as many.
        """

    def warned(self, draft: str, at: datetime) -> None:
        """Record that the owner was warned."""

    def to_mark(self, saved_before: datetime, limit: int) -> list[str]:
        """Ids of the open drafts, last saved before then, that are not marked; in the order of `to_warn_of`.

        Of an account's drafts only those whose owner was warned after the last save. At most `limit`.
        """

    def mark(self, row: MarkedDraftRow) -> None:
        """Mark an open draft for destruction. A draft that is marked keeps its mark."""

    def unmark(self, draft: str) -> bool:
        """Remove the draft's mark; whether there was one. So do saving, moving, claiming and closing the draft."""

    def unmark_saved_since(self, saved_since: datetime, *, after: str, limit: int) -> str:
        """Remove the marks of drafts that were last saved then or later, of the `limit` that follow the draft `after`.

        In the order of their ids, from the first for "". Returns the last one that was looked at, "" at the end.
        """

    def marked(self) -> list[MarkedDraftRow]:
        """The marks of all drafts, in the order in which they were made."""

    def marked_count(self) -> int:
        """The number of marked drafts."""

    def left_alone(
        self, saved_before: datetime, warned_before: datetime, marked_until_s: float, limit: int
    ) -> list[str]:
        """Ids of the open drafts that were last saved before then, and marked by `marked_until_s` of running.

        Of an account's drafts only those whose owner was warned after the last save and before `warned_before`. At most
        `limit`, in the order of their marks.
        """

    def close(self, draft: str, status: DraftStatus) -> None:
        """End a draft: destroy its answers, data key, link and held posts. The row stays with its new status.

        Its files stay, too: a submission refers to them. `FileRows.remove_of_draft` removes those of a cancelled draft.
        """

    def set_seal(self, draft: str, seal: str) -> None:
        """Record the seal of the draft's row."""

    def seal_of(self, draft: str) -> str | None:
        """The seal of the draft's row."""

    def without_seal(self, after: str, limit: int) -> list[DraftRow]:
        """The drafts whose row has no seal, in the order of their ids and past `after`; at most `limit`."""

    def in_order(self, after: str, limit: int) -> list[DraftRow]:
        """The drafts, whatever their status, in the order of their ids and past `after`; at most `limit`."""

    def hold_post(self, row: HeldPostRow) -> None:
        """Store a post until its owner has signed in."""

    def held_post(self, post: str) -> HeldPostRow | None:
        """The held post with this id."""

    def held_for(self, post: str) -> tuple[str, datetime] | None:
        """The id of the draft that the post with this id is held for, and when it ends; its body is not read."""

    def held_size(self, draft: str) -> tuple[int, int]:
        """How many posts are held for the draft, and how many bytes they have together."""

    def held_by(self, draft: str, writer: str, ends_after: datetime, ends_before: datetime) -> str | None:
        """The id of the oldest post that this writer's page of the draft holds and that ends in between."""

    def drop_held_post(self, post: str) -> None:
        """Delete the held post."""

    def drop_ended_posts(self, at: datetime, limit: int) -> int:
        """Delete held posts that have expired by `at`, at most `limit`, the first to expire first; returns how many."""


class FileRows(Protocol):
    """The uploaded files."""

    def add(self, row: FileRow, content: bytes) -> None:
        """Store a file with its sealed content."""

    def get(self, file: str) -> FileRow | None:
        """The file without its content."""

    def content(self, file: str) -> bytes | None:
        """The sealed content; None where there is no such file, or it was refused."""

    def of_draft(self, draft: str) -> list[FileRow]:
        """The draft's files in the order they came."""

    def uploaded(self, before: datetime, limit: int, after: FileLine | None = None) -> list[FileLine]:
        """At most `limit` files from before then, the oldest first; only those that follow `after`."""

    def set_scan(self, file: str, scan: Scan) -> None:
        """Record the scanner's verdict; a refused file loses content and data key."""

    def waiting(self, limit: int) -> list[FileRow]:
        """The files that wait for the scanner, the oldest first."""

    def remove(self, file: str) -> None:
        """Delete a file with its content."""

    def remove_of_draft(self, draft: str) -> int:
        """Delete all files of a draft with their content; returns how many."""


class SubmissionRows(Protocol):
    """The submissions."""

    def add(self, row: SubmissionRow) -> None:
        """Store a submission; raises KeyError where the draft has one or the reference is taken."""

    def get(self, submission: str) -> SubmissionRow | None:
        """The submission with this id."""

    def by_draft(self, draft: str) -> SubmissionRow | None:
        """The submission that this draft became."""

    def by_reference(self, reference: str) -> SubmissionRow | None:
        """The submission with this reference."""

    def of_account(self, account: str, *, limit: int, offset: int = 0) -> list[SentLine]:
        """The account's submissions, the newest first: at most `limit` of those that follow the first `offset`."""

    def set_seal(self, submission: str, seal: str) -> None:
        """Record the seal of the submission's row."""

    def seal_of(self, submission: str) -> str | None:
        """The seal of the submission's row."""

    def without_seal(self, after: str, limit: int) -> list[SubmissionRow]:
        """The submissions whose row has no seal, in the order of their ids and past `after`; at most `limit`."""

    def in_order(self, after: str, limit: int) -> list[SubmissionRow]:
        """The submissions in the order of their ids and past `after`; at most `limit`."""

    def listed(
        self,
        limit: int,
        *,
        form: str = "",
        urgent: bool = False,
        since: datetime | None = None,
        after: SubmissionLine | None = None,
    ) -> list[SubmissionLine]:
        """At most `limit` submissions, the newest first.

        form: only of this form. urgent: only urgent ones. since: only those sent then or later. after: only those that
        follow this one.
        """


class OutboxRows(Protocol):
    """The outbox: e-mails and deliveries to be sent."""

    def add(self, row: OutboxRow) -> None:
        """Store a row; raises KeyError where the submission has one for this channel."""

    def get(self, row: str) -> OutboxRow | None:
        """The row with this id."""

    def claim(
        self, channel: str, lease: str, at: datetime, until: datetime, *, beyond: datetime | None = None
    ) -> OutboxRow | None:
        """Lease the next row due, urgent ones first, until then, its attempt counted. None: nothing is due.

        What a clock wrote that was ahead holds up nothing: a lease that ends later than `until` is over, and a row due
        later than `beyond` is due now. None: there is no such moment.
        """

    def renew(self, row: str, lease: str, until: datetime) -> bool:
        """Move the lease's end; whether the lease still held, else nothing changes."""

    def release(self, row: str, lease: str) -> bool:
        """End the lease of an attempt that was broken off, so that the row is due; whether the lease still held."""

    def sent(self, row: str, lease: str, at: datetime) -> bool:
        """Record a row as sent and destroy payload and data key; whether the lease still held, else nothing changes."""

    def failed(self, row: str, lease: str, fault: str, due_at: datetime | None) -> bool:
        """Record a failure; due again at `due_at`, dead for None. Whether the lease still held, else nothing changes.

        fault: the code of the failure.
        """

    def again(self, row: str, at: datetime) -> bool:
        """Let a row be due at that moment, whether it was sent or given up; whether there is such a row.

        No attempt counts any more, no lease and no fault. What was sealed in a row that was sent is gone all the same.
        """

    def of_submission(self, submission: str) -> list[OutboxRow]:
        """The submission's rows."""

    def newest(self, channel: str, limit: int) -> list[OutboxRow]:
        """The channel's rows, the newest first."""

    def remove_old(self, channel: str, created_before: datetime, limit: int) -> int:
        """Delete rows of the channel made before then that do not wait any more; returns how many.

        At most `limit`, the oldest first.
        """

    def late(
        self, channel: str, urgent_before: datetime, standard_before: datetime, limit: int
    ) -> list[OutboxRow]:
        """The channel's rows that were not sent, urgent ones made before then and others before the second moment.

        At most `limit`, urgent ones first, then the oldest.
        """

    def oldest_waiting(self) -> Mapping[str, datetime]:
        """When the oldest waiting row was made, by "urgent" and "standard"; no key where none waits."""

    def failing_since(self, channel: str, made_since: datetime, waiting_since: datetime) -> datetime | None:
        """When the first urgent row was made, of those since `made_since`, that shows that nothing can be sent.

        Such a row has failed, and not for its recipient or its own content, or was made before `waiting_since` and was
        not tried yet; and no row of the channel was sent after it was made. None: there is none.
        """


class CaseRows(Protocol):
    """The cases that submissions began, and what happened to each."""

    def add(self, row: CaseRow) -> None:
        """Store a case; raises KeyError where the submission has one."""

    def get(self, submission: str) -> CaseRow | None:
        """The case of this submission."""

    def by_reference(self, reference: str) -> CaseRow | None:
        """The case of the submission with this reference."""

    def open_in(self, form: str, stage: str, routes: Sequence[str] | None, limit: int) -> list[CaseRow]:
        """The form's cases that stand in the stage, urgent ones first, then those that have stood there longest.

        routes: only those routed by one of these answers, None for all. At most `limit`.
        """

    def counts(self, form: str, routes: Sequence[str] | None) -> Mapping[str, int]:
        """How many of the form's cases stand in each stage that has any; routes: as for `open_in`."""

    def ended(self, form: str, routes: Sequence[str] | None, since: datetime, limit: int) -> list[CaseRow]:
        """The form's cases that ended then or later, the last first; routes: as for `open_in`. At most `limit`."""

    def overdue(self, at: datetime, limit: int) -> list[CaseRow]:
        """The open cases whose deadline was before then, urgent ones first, then the oldest; at most `limit`."""

    def change(self, row: CaseRow) -> None:
        """Store a case changed, one revision on from the row's `rev`.

        Raises `StaleRevisionError` where the stored case is not at `rev`.
        """

    def claim(self, submission: str, account: str | None, until: datetime | None) -> None:
        """Record who works on the case until then, None for nobody; its revision stays."""

    def add_event(self, row: CaseEventRow) -> None:
        """Add what happened; raises KeyError where the case has an event with this `seq`."""

    def last_seq(self, submission: str) -> int:
        """The number of the case's newest event, 0 without any."""

    def events(self, submission: str) -> list[CaseEventRow]:
        """What happened to the case, in order."""

    def keep_work(self, row: CaseWorkRow) -> None:
        """Store what somebody has typed, in place of what they had typed into the same case before."""

    def work(self, submission: str, account: str) -> CaseWorkRow | None:
        """What this account has typed into the case."""

    def drop_work(self, submission: str, account: str) -> None:
        """Delete what this account has typed into the case."""

    def without_case(self, forms: Sequence[str], limit: int) -> list[str]:
        """Ids of submissions of these forms that have no case, the oldest first; at most `limit`."""


class StaffRows(Protocol):
    """The roles of staff in the processes of forms."""

    def grant(self, row: StaffRoleRow) -> bool:
        """Give a role; whether the account did not have it."""

    def revoke(self, row: StaffRoleRow) -> bool:
        """Take a role away; whether the account had it."""

    def of_account(self, account: str) -> list[StaffRoleRow]:
        """The roles of an account, by form, role and route."""

    def every(self) -> list[StaffRoleRow]:
        """All roles, by account, form, role and route."""


class AuditRows(Protocol):
    """The audit, to which entries are only added."""

    def last(self) -> AuditRow | None:
        """The newest entry."""

    def add(self, row: AuditRow) -> None:
        """Add an entry; its `seq` is one more than the last one's."""

    def after(self, seq: int, limit: int) -> list[AuditRow]:
        """The entries that follow that one, in order, at most `limit`."""

    def get(self, seq: int) -> AuditRow | None:
        """The entry with this number."""

    def newest_seal(self, subject: str) -> str:
        """The seal in the newest entry about this row that has one; "" where none has."""

    def sealed_subjects(self, after: str, limit: int) -> list[str]:
        """The ids of the rows that entries have a seal of, in order and past `after`, each once; at most `limit`."""

    def earliest_after(self, seq: int) -> datetime | None:
        """The earliest moment of the entries that follow that one; None where none does."""

    def every(self) -> list[AuditRow]:
        """All entries in order, for a short audit; `formengine.service.audit.entries` reads a long one."""


class SealedRows(Protocol):
    """All data keys in the store, for checking and rotating the keys that wrap them."""

    def tables(self) -> Sequence[str]:
        """The tables with a column `data_key`."""

    def count(self, table: str) -> Mapping[str, int]:
        """How many rows hold a data key, by the id of the key that wraps it."""

    def wrapped_by_others(
        self, table: str, key_id: str, limit: int, after: str = ""
    ) -> list[tuple[str, bytes]]:
        """Row ids, in order and past `after`, with data keys wrapped by any key but `key_id`; at most `limit`."""

    def rewrap(self, table: str, row: str, old: bytes, new: bytes) -> bool:
        """Replace a wrapped data key; whether it was still `old`, else nothing changes."""

    def canaries(self) -> Mapping[str, bytes]:
        """By key id, a known text sealed with the key when it was first used, to recognise the right key file."""

    def set_canary(self, key_id: str, sealed: bytes) -> None:
        """Store the canary of a key."""


class ClockRows(Protocol):
    """What the system's clock has shown."""

    def readings(self) -> list[ClockReadingRow]:
        """All that are kept, the one seen first first."""

    def keep(self, row: ClockReadingRow) -> None:
        """Keep it in place of the one with the same `zero_at`."""

    def forget(self, seen_before_s: float) -> int:
        """How many were removed that were last seen after less running."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """A reading or writing transaction; all its parts see the same moment."""

    accounts: AccountRows
    sessions: SessionRows
    codes: CodeRows
    counters: CounterRows
    definitions: DefinitionRows
    publications: PublicationRows
    working_copies: WorkingCopyRows
    reviews: ReviewRows
    drafts: DraftRows
    files: FileRows
    submissions: SubmissionRows
    outbox: OutboxRows
    cases: CaseRows
    staff: StaffRows
    audit: AuditRows
    clock: ClockRows
    sealed: SealedRows


class Store(Protocol):
    """Where the service keeps everything; shared by threads."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A reading transaction on the store as it is at one moment; keep it short, since others may wait for its end.

        Raises `StoreError`.
        """

    def write(self) -> AbstractContextManager[Transaction]:
        """A writing transaction: durable (on disk) when the block ends, rolled back where the block raises.

        Writers wait for one another. Raises `StoreError`, after which nothing of the block is stored.
        """

    def report(self) -> StoreReport:
        """How the store is set up, and what is wrong with that; quick enough for every health check."""

    def check(self) -> Sequence[str]:
        """What is wrong with the stored data, in sentences, none where all is well; reads everything, so it is slow."""

    def close(self) -> None:
        """Close the store; a transaction of another thread ends first."""
