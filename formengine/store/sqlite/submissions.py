"""Submissions and the outbox in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102 - as above

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from formengine.store.rows import OutboxRow, SentLine, SubmissionLine, SubmissionRow
from formengine.store.sqlite.mapping import RowMapping, moment, moment_of
from formengine.store.sqlite.transaction import SerialConnection

SUBMISSIONS = RowMapping("submissions", SubmissionRow)
LINES = RowMapping("submissions", SubmissionLine)
SENT = RowMapping("submissions", SentLine)
OUTBOX = RowMapping("outbox", OutboxRow)
# A row that is sent was made at most so long before.
_TRIED_FOR = timedelta(days=3)
# Later than every moment as text.
_NEVER = "~"


class SqliteSubmissions:
    """See `formengine.store.protocol.SubmissionRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: SubmissionRow) -> None:
        self._channel.change(SUBMISSIONS.insert, *SUBMISSIONS.values(row))

    def get(self, submission: str) -> SubmissionRow | None:
        return self._by("id", submission)

    def by_draft(self, draft: str) -> SubmissionRow | None:
        return self._by("draft", draft)

    def by_reference(self, reference: str) -> SubmissionRow | None:
        return self._by("reference", reference)

    def of_account(self, account: str, *, limit: int, offset: int = 0) -> list[SentLine]:
        newest_first = SENT.select("WHERE account = ? ORDER BY submitted_at DESC, id DESC LIMIT ? OFFSET ?")
        return SENT.rows(self._channel.all(newest_first, account, limit, offset))

    def set_seal(self, submission: str, seal: str) -> None:
        self._channel.change("UPDATE submissions SET seal = ? WHERE id = ?", seal, submission)

    def seal_of(self, submission: str) -> str | None:
        found = self._channel.one("SELECT seal FROM submissions WHERE id = ?", submission)
        return str(found[0]) if found else None

    def without_seal(self, after: str, limit: int) -> list[SubmissionRow]:
        where = SUBMISSIONS.select("WHERE seal = '' AND id > ? ORDER BY id LIMIT ?")
        return SUBMISSIONS.rows(self._channel.all(where, after, limit))

    def in_order(self, after: str, limit: int) -> list[SubmissionRow]:
        where = SUBMISSIONS.select("WHERE id > ? ORDER BY id LIMIT ?")
        return SUBMISSIONS.rows(self._channel.all(where, after, limit))

    def listed(
        self,
        limit: int,
        *,
        form: str = "",
        urgent: bool = False,
        since: datetime | None = None,
        after: SubmissionLine | None = None,
    ) -> list[SubmissionLine]:
        wanted: list[tuple[str, tuple[str, ...]]] = []
        if form:
            wanted.append(("form = ?", (form,)))
        if urgent:
            wanted.append(("urgency = ?", ("urgent",)))
        if since is not None:
            wanted.append(("submitted_at >= ?", (moment(since),)))
        if after is not None:
            wanted.append(("(submitted_at, id) < (?, ?)", (moment(after.submitted_at), after.id)))
        where = f"WHERE {' AND '.join(each for each, _ in wanted)}" if wanted else ""
        # All of it stands in one index, so that no envelope is passed on the way.
        found = self._channel.all(
            "SELECT id, reference, form, urgency, submitted_at, (SELECT status FROM outbox "  # noqa: S608 - our own texts
            "WHERE outbox.submission = submissions.id AND channel IN ('delivery', 'webhook', 'folder') "
            # Whoever was told by one way was told.
            f"ORDER BY status = 'sent' DESC, rowid LIMIT 1) FROM submissions {where} "
            "ORDER BY submitted_at DESC, id DESC LIMIT ?",
            *(value for _, values in wanted for value in values),
            limit,
        )
        return [LINES.row(values) for values in found]

    def _by(self, column: str, value: str) -> SubmissionRow | None:
        return SUBMISSIONS.optional(self._channel.one(SUBMISSIONS.select(f"WHERE {column} = ?"), value))


class SqliteOutbox:
    """See `formengine.store.protocol.OutboxRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: OutboxRow) -> None:
        self._channel.change(OUTBOX.insert, *OUTBOX.values(row))

    def get(self, row: str) -> OutboxRow | None:
        return OUTBOX.optional(self._channel.one(OUTBOX.select("WHERE id = ?"), row))

    def claim(
        self, channel: str, lease: str, at: datetime, until: datetime, *, beyond: datetime | None = None
    ) -> OutboxRow | None:
        now = moment(at)
        claimed = self._channel.changed(
            "UPDATE outbox SET lease = ?, lease_until = ?, attempts = attempts + 1 WHERE id = ("  # noqa: S608 - our own names
            "SELECT id FROM outbox WHERE channel = ? AND status = 'waiting' AND (due_at <= ? OR due_at > ?) "
            "AND (lease_until IS NULL OR lease_until <= ? OR lease_until > ?) "
            f"ORDER BY urgent DESC, due_at, created_at LIMIT 1) RETURNING {OUTBOX.columns}",
            lease,
            moment(until),
            channel,
            now,
            _NEVER if beyond is None else moment(beyond),
            now,
            moment(until),
        )
        return OUTBOX.row(claimed[0]) if claimed else None

    def renew(self, row: str, lease: str, until: datetime) -> bool:
        held = "UPDATE outbox SET lease_until = ? WHERE id = ? AND lease = ? AND status = 'waiting'"
        return self._channel.change(held, moment(until), row, lease) == 1

    def release(self, row: str, lease: str) -> bool:
        held = "UPDATE outbox SET lease = '', lease_until = NULL WHERE id = ? AND lease = ? AND status = 'waiting'"
        return self._channel.change(held, row, lease) == 1

    def sent(self, row: str, lease: str, at: datetime) -> bool:
        return (
            self._channel.change(
                "UPDATE outbox SET status = 'sent', sent_at = ?, fault = '', payload = x'', data_key = x'', "
                "lease = '', lease_until = NULL WHERE id = ? AND lease = ? AND status = 'waiting'",
                moment(at),
                row,
                lease,
            )
            == 1
        )

    def failed(self, row: str, lease: str, fault: str, due_at: datetime | None) -> bool:
        return (
            self._channel.change(
                "UPDATE outbox SET status = ?, due_at = coalesce(?, due_at), fault = ?, lease = '', "
                "lease_until = NULL WHERE id = ? AND lease = ? AND status = 'waiting'",
                "dead" if due_at is None else "waiting",
                None if due_at is None else moment(due_at),
                fault,
                row,
                lease,
            )
            == 1
        )

    def again(self, row: str, at: datetime) -> bool:
        due = (
            "UPDATE outbox SET status = 'waiting', due_at = ?, attempts = 0, fault = '', sent_at = NULL, lease = '', "
            "lease_until = NULL WHERE id = ?"
        )
        return self._channel.change(due, moment(at), row) == 1

    def of_submission(self, submission: str) -> list[OutboxRow]:
        as_made = OUTBOX.select("WHERE submission = ? ORDER BY created_at, rowid")
        return OUTBOX.rows(self._channel.all(as_made, submission))

    def newest(self, channel: str, limit: int) -> list[OutboxRow]:
        newest_first = OUTBOX.select("WHERE channel = ? ORDER BY created_at DESC, rowid DESC LIMIT ?")
        return OUTBOX.rows(self._channel.all(newest_first, channel, limit))

    def remove_old(self, channel: str, created_before: datetime, limit: int) -> int:
        return self._channel.change(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE channel = ? AND status <> 'waiting' "
            "AND created_at < ? ORDER BY created_at LIMIT ?)",
            channel,
            moment(created_before),
            limit,
        )

    def late(
        self, channel: str, urgent_before: datetime, standard_before: datetime, limit: int
    ) -> list[OutboxRow]:
        unsent = OUTBOX.select(
            "WHERE channel = ? AND status <> 'sent' AND created_at < CASE urgent WHEN 1 THEN ? ELSE ? END "
            "ORDER BY urgent DESC, created_at, rowid LIMIT ?"
        )
        found = self._channel.all(unsent, channel, moment(urgent_before), moment(standard_before), limit)
        return OUTBOX.rows(found)

    def oldest_waiting(self) -> Mapping[str, datetime]:
        oldest = self._channel.all(
            "SELECT urgent, min(created_at) FROM outbox WHERE status = 'waiting' GROUP BY urgent"
        )
        return {"urgent" if urgent else "standard": moment_of(made) for urgent, made in oldest}

    def failing_since(self, channel: str, made_since: datetime, waiting_since: datetime) -> datetime | None:
        found = self._channel.one(
            "SELECT min(created_at) FROM outbox WHERE channel = ? AND created_at >= ? AND urgent = 1 "
            "AND status IN ('waiting', 'dead') AND (fault <> '' OR created_at < ?) "
            "AND fault NOT LIKE 'recipient%' AND fault NOT LIKE 'data%' AND fault NOT LIKE 'cannot%' "
            "AND created_at > coalesce((SELECT max(sent_at) FROM outbox WHERE channel = ? AND status = 'sent' "
            "AND created_at >= ?), '')",
            channel,
            moment(made_since),
            moment(waiting_since),
            channel,
            moment(made_since - _TRIED_FOR),
        )
        return moment_of(found[0]) if found and found[0] is not None else None
