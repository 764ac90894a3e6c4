"""Cases and the roles of staff in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102, S608 - as above; the names of tables are our own

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import CaseEventRow, CaseRow, CaseWorkRow, StaffRoleRow
from formengine.store.sqlite.mapping import RowMapping, moment
from formengine.store.sqlite.transaction import SerialConnection

CASES = RowMapping("cases", CaseRow)
EVENTS = RowMapping("case_events", CaseEventRow)
WORK = RowMapping("case_work", CaseWorkRow)
ROLES = RowMapping("staff_roles", StaffRoleRow)


class SqliteCases:
    """See `formengine.store.protocol.CaseRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: CaseRow) -> None:
        self._channel.change(CASES.insert, *CASES.values(row))

    def get(self, submission: str) -> CaseRow | None:
        return CASES.optional(self._channel.one(CASES.select("WHERE submission = ?"), submission))

    def by_reference(self, reference: str) -> CaseRow | None:
        return CASES.optional(self._channel.one(CASES.select("WHERE reference = ?"), reference))

    def open_in(self, form: str, stage: str, routes: Sequence[str] | None, limit: int) -> list[CaseRow]:
        only, values = _routed(routes)
        in_order = CASES.select(
            f"WHERE form = ? AND stage = ? AND ended_at IS NULL{only} ORDER BY urgent DESC, since, rowid LIMIT ?"
        )
        return CASES.rows(self._channel.all(in_order, form, stage, *values, limit))

    def counts(self, form: str, routes: Sequence[str] | None) -> Mapping[str, int]:
        only, values = _routed(routes)
        counted = (
            f"SELECT stage, count(*) FROM cases WHERE form = ? AND ended_at IS NULL{only} GROUP BY stage"
        )
        return dict(self._channel.all(counted, form, *values))

    def ended(self, form: str, routes: Sequence[str] | None, since: datetime, limit: int) -> list[CaseRow]:
        only, values = _routed(routes)
        last_first = CASES.select(
            f"WHERE form = ? AND ended_at >= ?{only} ORDER BY ended_at DESC, rowid DESC LIMIT ?"
        )
        return CASES.rows(self._channel.all(last_first, form, moment(since), *values, limit))

    def overdue(self, at: datetime, limit: int) -> list[CaseRow]:
        late = CASES.select(
            "WHERE ended_at IS NULL AND due_at < ? ORDER BY urgent DESC, due_at, reference LIMIT ?"
        )
        return CASES.rows(self._channel.all(late, moment(at), limit))

    def change(self, row: CaseRow) -> None:
        changed = self._channel.change(
            "UPDATE cases SET rev = rev + 1, stage = ?, since = ?, due_at = ?, assignee = ?, assigned_until = ?, "
            "ended_at = ?, outcome = ? WHERE submission = ? AND rev = ?",
            row.stage,
            moment(row.since),
            moment(row.due_at),
            row.assignee,
            _optional(row.assigned_until),
            _optional(row.ended_at),
            row.outcome,
            row.submission,
            row.rev,
        )
        if changed != 1:
            raise StaleRevisionError(row.submission)

    def claim(self, submission: str, account: str | None, until: datetime | None) -> None:
        self._channel.change(
            "UPDATE cases SET assignee = ?, assigned_until = ? WHERE submission = ?",
            account,
            _optional(until),
            submission,
        )

    def add_event(self, row: CaseEventRow) -> None:
        self._channel.change(EVENTS.insert, *EVENTS.values(row))

    def last_seq(self, submission: str) -> int:
        found = self._channel.one("SELECT max(seq) FROM case_events WHERE submission = ?", submission)
        return int(found[0]) if found is not None and found[0] is not None else 0

    def events(self, submission: str) -> list[CaseEventRow]:
        return EVENTS.rows(self._channel.all(EVENTS.select("WHERE submission = ? ORDER BY seq"), submission))

    def keep_work(self, row: CaseWorkRow) -> None:
        self.drop_work(row.submission, row.account)
        self._channel.change(WORK.insert, *WORK.values(row))

    def work(self, submission: str, account: str) -> CaseWorkRow | None:
        own = WORK.select("WHERE submission = ? AND account = ?")
        return WORK.optional(self._channel.one(own, submission, account))

    def drop_work(self, submission: str, account: str) -> None:
        self._channel.change(
            "DELETE FROM case_work WHERE submission = ? AND account = ?", submission, account
        )

    def without_case(self, forms: Sequence[str], limit: int) -> list[str]:
        marks = ", ".join("?" for _ in forms)
        found = self._channel.all(
            f"SELECT id FROM submissions WHERE form IN ({marks}) AND NOT EXISTS "
            "(SELECT 1 FROM cases WHERE cases.submission = submissions.id) ORDER BY submitted_at, id LIMIT ?",
            *forms,
            limit,
        )
        return [str(row[0]) for row in found]


class SqliteStaff:
    """See `formengine.store.protocol.StaffRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def grant(self, row: StaffRoleRow) -> bool:
        return self._channel.change(f"{ROLES.insert} ON CONFLICT DO NOTHING", *ROLES.values(row)) == 1

    def revoke(self, row: StaffRoleRow) -> bool:
        this = "DELETE FROM staff_roles WHERE account = ? AND form = ? AND role = ? AND route = ?"
        return self._channel.change(this, *ROLES.values(row)) == 1

    def of_account(self, account: str) -> list[StaffRoleRow]:
        in_order = ROLES.select("WHERE account = ? ORDER BY form, role, route")
        return ROLES.rows(self._channel.all(in_order, account))

    def every(self) -> list[StaffRoleRow]:
        return ROLES.rows(self._channel.all(ROLES.select("ORDER BY account, form, role, route")))


def _routed(routes: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """The condition that keeps to these routes, and its values."""
    if routes is None:
        return "", ()
    return f" AND route IN ({', '.join('?' for _ in routes)})", tuple(routes)


def _optional(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
