"""Accounts, sessions, codes and counters in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102 - as above

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from formengine.store.rows import AccountRow, CodeRow, Role, SessionRow
from formengine.store.sqlite.mapping import RowMapping, moment
from formengine.store.sqlite.transaction import SerialConnection

ACCOUNTS = RowMapping("accounts", AccountRow)
SESSIONS = RowMapping("sessions", SessionRow)
CODES = RowMapping("codes", CodeRow)


class SqliteAccounts:
    """See `formengine.store.protocol.AccountRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: AccountRow) -> None:
        self._channel.change(ACCOUNTS.insert, *ACCOUNTS.values(row))

    def get(self, account: str) -> AccountRow | None:
        return ACCOUNTS.optional(self._channel.one(ACCOUNTS.select("WHERE id = ?"), account))

    def by_email(self, email_index: str) -> AccountRow | None:
        where = "WHERE email_index = ? AND status <> 'closed'"
        return ACCOUNTS.optional(self._channel.one(ACCOUNTS.select(where), email_index))

    def replace(self, row: AccountRow) -> None:
        self._channel.change(ACCOUNTS.replace, *ACCOUNTS.values_to_replace(row))

    def every(self) -> list[AccountRow]:
        return ACCOUNTS.rows(self._channel.all(ACCOUNTS.select("ORDER BY created_at, rowid")))

    def of_role(self, role: Role) -> list[AccountRow]:
        where = "WHERE role = ? AND status = 'open' ORDER BY created_at, rowid"
        return ACCOUNTS.rows(self._channel.all(ACCOUNTS.select(where), role))

    def set_recovery_codes(self, account: str, hashes: Sequence[str]) -> None:
        self._channel.change("DELETE FROM recovery_codes WHERE account = ?", account)
        for code_hash in hashes:
            self._channel.change(
                "INSERT INTO recovery_codes (account, code_hash) VALUES (?, ?)", account, code_hash
            )

    def spend_recovery_code(self, account: str, code_hash: str) -> bool:
        spent = "DELETE FROM recovery_codes WHERE account = ? AND code_hash = ?"
        return self._channel.change(spent, account, code_hash) == 1

    def recovery_codes_left(self, account: str) -> int:
        found = self._channel.one("SELECT count(*) FROM recovery_codes WHERE account = ?", account)
        return int(found[0]) if found else 0

    def remove_unconfirmed(self, created_before: datetime, limit: int) -> int:
        # One that a draft refers to stays whatever its status: nothing somebody typed is without an owner.
        removed = (
            "SELECT id FROM accounts WHERE status = 'unconfirmed' AND created_at < ? "
            "AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.account = accounts.id) ORDER BY created_at, id LIMIT ?"
        )
        values = (moment(created_before), limit)
        self._channel.change(f"DELETE FROM sessions WHERE account IN ({removed})", *values)  # noqa: S608 - our own text
        return self._channel.change(f"DELETE FROM accounts WHERE id IN ({removed})", *values)  # noqa: S608 - as above


class SqliteSessions:
    """See `formengine.store.protocol.SessionRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: SessionRow) -> None:
        self._channel.change(SESSIONS.insert, *SESSIONS.values(row))

    def get(self, token_hash: str) -> SessionRow | None:
        return SESSIONS.optional(self._channel.one(SESSIONS.select("WHERE token_hash = ?"), token_hash))

    def replace(self, row: SessionRow) -> None:
        self._channel.change(SESSIONS.replace, *SESSIONS.values_to_replace(row))

    def seen(self, token_hash: str, at: datetime) -> None:
        self._channel.change("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", moment(at), token_hash)

    def of_account(self, account: str) -> list[SessionRow]:
        newest_first = SESSIONS.select("WHERE account = ? ORDER BY created_at DESC, rowid DESC")
        return SESSIONS.rows(self._channel.all(newest_first, account))

    def remove(self, token_hash: str) -> None:
        self._channel.change("DELETE FROM sessions WHERE token_hash = ?", token_hash)

    def remove_of_account(self, account: str, but: str = "") -> int:
        return self._channel.change(
            "DELETE FROM sessions WHERE account = ? AND stage = 'signed_in' AND token_hash <> ?", account, but
        )

    def remove_ended(self, seen_before: datetime, at: datetime, limit: int) -> int:
        ended = self._channel.change(
            "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE ends_at <= ? LIMIT ?)",
            moment(at),
            limit,
        )
        return ended + self._channel.change(
            "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE seen_at < ? LIMIT ?)",
            moment(seen_before),
            limit - ended,
        )


class SqliteCodes:
    """See `formengine.store.protocol.CodeRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def put(self, row: CodeRow) -> None:
        self._channel.change(
            "DELETE FROM codes WHERE owner = ? AND purpose = ? AND bound_to = ?",
            row.owner,
            row.purpose,
            row.bound_to,
        )
        self._channel.change(CODES.insert, *CODES.values(row))

    def live(self, owner: str, purpose: str, bound_to: str) -> CodeRow | None:
        where = "WHERE owner = ? AND purpose = ? AND bound_to = ?"
        return CODES.optional(self._channel.one(CODES.select(where), owner, purpose, bound_to))

    def of_owner(self, owner: str) -> list[CodeRow]:
        return CODES.rows(
            self._channel.all(CODES.select("WHERE owner = ? ORDER BY created_at, rowid"), owner)
        )

    def count_attempt(self, code: str) -> int:
        counted = self._channel.changed(
            "UPDATE codes SET attempts = attempts + 1 WHERE id = ? RETURNING attempts", code
        )
        return counted[0][0] if counted else 0

    def stamp(self, code: str, stamp: str) -> None:
        self._channel.change("UPDATE codes SET stamp = ? WHERE id = ?", stamp, code)

    def remove(self, code: str) -> None:
        self._channel.change("DELETE FROM codes WHERE id = ?", code)

    def remove_ended(self, ended_before: datetime, limit: int) -> int:
        return self._channel.change(
            "DELETE FROM codes WHERE rowid IN (SELECT rowid FROM codes WHERE ends_at < ? LIMIT ?)",
            moment(ended_before),
            limit,
        )


class SqliteCounters:
    """See `formengine.store.protocol.CounterRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def count(self, key: str, at: datetime, window_s: int, amount: int = 1) -> int:
        starts = _window(at, window_s)
        # Within a window no index is written.
        counted = self._channel.changed(
            "UPDATE counters SET count = count + ? WHERE key = ? AND window_s = ? AND starts_s = ? RETURNING count",
            amount,
            key,
            window_s,
            starts,
        )
        if counted:
            return int(counted[0][0])
        # A window that is over starts anew, in the same row.
        self._channel.change(
            "INSERT INTO counters (key, window_s, starts_s, count) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key, window_s) DO UPDATE SET count = excluded.count, starts_s = excluded.starts_s",
            key,
            window_s,
            starts,
            amount,
        )
        return amount

    def peek(self, key: str, at: datetime, window_s: int) -> int:
        found = self._channel.one(
            "SELECT count FROM counters WHERE key = ? AND window_s = ? AND starts_s = ?",
            key,
            window_s,
            _window(at, window_s),
        )
        return int(found[0]) if found else 0

    def spend(self, key: str, until: datetime) -> bool:
        spent = "INSERT INTO spent (key, until) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
        return self._channel.change(spent, key, moment(until)) == 1

    def remove_old(self, at: datetime, limit: int) -> int:
        counters = self._channel.change(
            "DELETE FROM counters WHERE rowid IN "
            "(SELECT rowid FROM counters WHERE starts_s + window_s <= ? LIMIT ?)",
            int(at.timestamp()),
            limit,
        )
        return counters + self._channel.change(
            "DELETE FROM spent WHERE rowid IN (SELECT rowid FROM spent WHERE until <= ? LIMIT ?)",
            moment(at),
            limit,
        )


def _window(at: datetime, window_s: int) -> int:
    """The second in which the window that holds the moment began."""
    seconds = int(at.timestamp())
    return seconds - seconds % window_s
