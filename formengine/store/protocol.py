"""How the service asks a store for rows, and what it promises.

Every change happens inside `Store.write()`: all of it is kept, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from formengine.store.rows import (
    AccountRow,
    AuditRow,
    CodeRow,
    DefinitionRow,
    DraftRow,
    DraftStatus,
    FileRow,
    HeldPostRow,
    OutboxRow,
    Scan,
    SessionRow,
    SubmissionLine,
    SubmissionRow,
)


class StoreError(Exception):
    """The store cannot do what it was asked: it is full, locked for too long, or broken."""


class StaleRevisionError(Exception):
    """A draft was saved by somebody else since it was read; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What a store says about itself: `facts` by name for people to read, `problems` in sentences."""

    facts: Mapping[str, str]
    problems: Sequence[str]


# --- what a transaction offers, by subject ---------------------------------------------------------------------------


class AccountRows(Protocol):
    """Accounts."""

    def add(self, row: AccountRow) -> None:
        """Keeps a new account; raises KeyError where the address has one that is not closed."""

    def get(self, account: str) -> AccountRow | None:
        """The account with this id."""

    def by_email(self, email_index: str) -> AccountRow | None:
        """The account that is not closed and has this address."""

    def replace(self, row: AccountRow) -> None:
        """Keeps everything of the row in place of what was there; raises KeyError as `add` does."""

    def every(self) -> list[AccountRow]:
        """All accounts, the oldest first."""

    def set_recovery_codes(self, account: str, hashes: Sequence[str]) -> None:
        """Keeps the hashes of the account's recovery codes in place of those before; none for an empty list."""

    def spend_recovery_code(self, account: str, code_hash: str) -> bool:
        """Whether the account had a recovery code with this hash; it is gone, whoever else asks at once."""

    def recovery_codes_left(self, account: str) -> int:
        """How many recovery codes the account has."""

    def remove_unconfirmed(self, created_before: datetime) -> int:
        """How many were removed, with their sessions, that nobody confirmed in time; one with a draft stays."""


class SessionRows(Protocol):
    """Sessions."""

    def add(self, row: SessionRow) -> None:
        """Keeps a new session."""

    def get(self, token_hash: str) -> SessionRow | None:
        """The session, whether or not it has ended."""

    def replace(self, row: SessionRow) -> None:
        """Keeps everything of the row in place of what was there."""

    def seen(self, token_hash: str, at: datetime) -> None:
        """Moves the moment it was last used."""

    def of_account(self, account: str) -> list[SessionRow]:
        """The account's sessions, the newest first."""

    def remove(self, token_hash: str) -> None:
        """Ends a session."""

    def remove_of_account(self, account: str, but: str = "") -> int:
        """How many sessions of the account were ended: all except `but`."""

    def remove_ended(self, seen_before: datetime, at: datetime) -> int:
        """How many were removed: last used before the one moment, or ended at the other."""


class CodeRows(Protocol):
    """Codes that were e-mailed."""

    def put(self, row: CodeRow) -> None:
        """Keeps the code; any other of the same owner and purpose is gone."""

    def live(self, owner: str, purpose: str) -> CodeRow | None:
        """The one code, whether or not its time is over."""

    def by_hash(self, purpose: str, code_hash: str) -> CodeRow | None:
        """The code with this hash, for links."""

    def count_attempt(self, code: str) -> int:
        """The attempts at it, this one counted, in one step whoever else counts; 0 where it is gone."""

    def remove(self, code: str) -> None:
        """Burns it."""

    def remove_ended(self, ended_before: datetime) -> int:
        """How many were removed whose time was over by then."""


class CounterRows(Protocol):
    """Counters for rate limits, shared by every process."""

    def count(self, key: str, at: datetime, window_s: int) -> int:
        """How often `key` was counted in the current window of `window_s` seconds, this time included."""

    def peek(self, key: str, at: datetime, window_s: int) -> int:
        """The same without counting."""

    def spend(self, key: str, until: datetime) -> bool:
        """Whether `key` had not been spent before; it stays spent until then (a challenge is used once)."""

    def remove_old(self, at: datetime) -> int:
        """How many were removed because their time is over."""


class DefinitionRows(Protocol):
    """Definitions that drafts were started with."""

    def keep(self, row: DefinitionRow) -> None:
        """Keeps it, unless one with this digest is there."""

    def get(self, digest: str) -> DefinitionRow | None:
        """The definition with this digest."""


class DraftRows(Protocol):
    """Drafts."""

    def add(self, row: DraftRow) -> None:
        """Keeps a new draft."""

    def get(self, draft: str) -> DraftRow | None:
        """The draft with this id, whatever its status."""

    def save(
        self,
        draft: str,
        rev: int,
        *,
        answers: bytes,
        place: str,
        shown: Sequence[str],
        urgent: bool,
        at: datetime,
    ) -> int:
        """The new revision, `rev` + 1; raises `StaleRevisionError` where the kept one is not `rev` or not open."""

    def move(self, draft: str, *, place: str, shown: Sequence[str], saved_at: datetime) -> None:
        """Keeps where the person stood and when they saved last, without a new revision."""

    def claim(self, holder: str, account: str) -> list[str]:
        """The drafts that belonged to the session `holder` and belong to `account` from now on."""

    def hand_over(self, draft: str, holder: str) -> None:
        """Binds a draft without account to another session: the one that opened its e-mailed link."""

    def set_link(self, draft: str, link_hash: str) -> None:
        """Keeps what an e-mailed link to the draft must show."""

    def by_link(self, link_hash: str) -> DraftRow | None:
        """The open draft that the link is for."""

    def of_account(self, account: str) -> list[DraftRow]:
        """The account's open drafts, the one saved last first."""

    def of_holder(self, holder: str) -> list[DraftRow]:
        """The session's open drafts, the one saved last first."""

    def to_warn_of(self, saved_before: datetime) -> list[str]:
        """The open drafts of accounts, saved last before then, whose owners were not told so since they saved."""

    def warned(self, draft: str, at: datetime) -> None:
        """Keeps that the owner was told."""

    def left_alone(self, saved_before: datetime, warned_before: datetime) -> list[str]:
        """The open drafts that were last saved before then, the one begun first first.

        Of an account's only those whose owner was told, since they saved and before the other moment.
        """

    def close(self, draft: str, status: DraftStatus) -> None:
        """Ends a draft; destroys its answers, data key, link and held posts. The row stays, and says what became of it.

        Its files stay, too: a submission refers to them. `FileRows.remove_of_draft` removes those of a cancelled one.
        """

    def hold_post(self, row: HeldPostRow) -> None:
        """Keeps a post for after signing in."""

    def held_post(self, post: str) -> HeldPostRow | None:
        """The held post."""

    def held_posts(self, draft: str) -> list[HeldPostRow]:
        """The posts that are held for the draft, the oldest first."""

    def drop_held_post(self, post: str) -> None:
        """Removes it."""

    def drop_ended_posts(self, at: datetime) -> int:
        """How many held posts were removed because their time is over."""


class FileRows(Protocol):
    """Uploaded files."""

    def add(self, row: FileRow, content: bytes) -> None:
        """Keeps a file with its sealed content."""

    def get(self, file: str) -> FileRow | None:
        """The file without its content."""

    def content(self, file: str) -> bytes | None:
        """The sealed content."""

    def of_draft(self, draft: str) -> list[FileRow]:
        """The draft's files in the order they came."""

    def open_drafts(self, uploaded_before: datetime) -> list[str]:
        """The open drafts that have a file from before then."""

    def set_scan(self, file: str, scan: Scan) -> None:
        """Keeps what the scanner said; a refused file loses content and data key."""

    def waiting(self, limit: int) -> list[FileRow]:
        """The files that wait for the scanner, the oldest first."""

    def remove(self, file: str) -> None:
        """Removes a file with its content."""

    def remove_of_draft(self, draft: str) -> int:
        """How many files of a draft were removed with their content."""


class SubmissionRows(Protocol):
    """Submissions."""

    def add(self, row: SubmissionRow) -> None:
        """Keeps a submission; raises KeyError where the draft has one or the reference is taken."""

    def get(self, submission: str) -> SubmissionRow | None:
        """The submission with this id."""

    def by_draft(self, draft: str) -> SubmissionRow | None:
        """What a draft became."""

    def by_reference(self, reference: str) -> SubmissionRow | None:
        """The submission with this reference."""

    def of_account(self, account: str) -> list[SubmissionRow]:
        """The account's submissions, the newest first."""

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
    """What is to be sent."""

    def add(self, row: OutboxRow) -> None:
        """Keeps it; raises KeyError where the submission has one for this channel."""

    def get(self, row: str) -> OutboxRow | None:
        """The row with this id."""

    def claim(self, channel: str, lease: str, at: datetime, until: datetime) -> OutboxRow | None:
        """The next one due, urgent ones first, with its attempt counted; leased until then. None: nothing is due."""

    def sent(self, row: str, lease: str, at: datetime) -> bool:
        """Whether the lease still held; then it is kept as sent, and its payload and data key are destroyed."""

    def failed(self, row: str, lease: str, fault: str, due_at: datetime | None) -> bool:
        """Whether the lease still held; then it is due again at that moment, or dead if there is none."""

    def of_submission(self, submission: str) -> list[OutboxRow]:
        """The submission's rows."""

    def newest(self, channel: str, limit: int) -> list[OutboxRow]:
        """The channel's rows, the newest first."""

    def remove_old(self, channel: str, created_before: datetime) -> int:
        """How many rows of the channel were removed, made before then, that do not wait any more."""

    def oldest_waiting(self) -> Mapping[str, datetime]:
        """When the oldest waiting row was made, by "urgent" and "standard"."""


class AuditRows(Protocol):
    """The audit, to which one only adds."""

    def last(self) -> AuditRow | None:
        """The newest entry."""

    def add(self, row: AuditRow) -> None:
        """Adds an entry; its `seq` is one more than the last one's."""

    def after(self, seq: int, limit: int) -> list[AuditRow]:
        """The entries that follow that one, in order, at most `limit`."""

    def every(self) -> list[AuditRow]:
        """All entries in order, for a short audit; `formengine.service.audit.entries` reads a long one."""


class SealedRows(Protocol):
    """Every data key in the store, for checking and rotating the keys that wrap them."""

    def tables(self) -> Sequence[str]:
        """The tables with a column `data_key`."""

    def count(self, table: str) -> Mapping[str, int]:
        """How many rows hold a data key, by the id of the key that wraps it."""

    def wrapped_by_others(
        self, table: str, key_id: str, limit: int, after: str = ""
    ) -> list[tuple[str, bytes]]:
        """Row ids, in order and past `after`, with data keys wrapped by any key but `key_id`; at most `limit`."""

    def rewrap(self, table: str, row: str, old: bytes, new: bytes) -> bool:
        """Whether the data key was still the old one; then the new one is kept."""

    def canaries(self) -> Mapping[str, bytes]:
        """By key id, what was sealed with the key when it was first used: to recognise the right key file by."""

    def set_canary(self, key_id: str, sealed: bytes) -> None:
        """Keeps one."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One look at the store, or one change to it; all its parts see the same moment."""

    accounts: AccountRows
    sessions: SessionRows
    codes: CodeRows
    counters: CounterRows
    definitions: DefinitionRows
    drafts: DraftRows
    files: FileRows
    submissions: SubmissionRows
    outbox: OutboxRows
    audit: AuditRows
    sealed: SealedRows


class Store(Protocol):
    """Where the service keeps everything; shared by threads."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A look at the store as it is at one moment; a short one, for other processes may have to wait until it ends.

        Raises `StoreError`.
        """

    def write(self) -> AbstractContextManager[Transaction]:
        """A change: kept for good (on disk) when the block ends, undone whole where it raises.

        Writers wait for one another. Raises `StoreError`, after which nothing of the block was kept.
        """

    def report(self) -> StoreReport:
        """How the store is set up, and what is wrong with that; quick enough for every look at its health."""

    def check(self) -> Sequence[str]:
        """What is wrong with all that is kept, in sentences; reads everything, so it takes its time."""

    def close(self) -> None:
        """Lets go of it."""
