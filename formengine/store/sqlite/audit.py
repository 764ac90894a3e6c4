"""The audit, the clock and the data keys in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102, S608 - as above; the names of tables are our own

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from formengine.store.rows import WRAPPING_ID_BYTES, AuditRow, ClockReadingRow
from formengine.store.sqlite.mapping import RowMapping, moment_of
from formengine.store.sqlite.transaction import SerialConnection

AUDIT = RowMapping("audit", AuditRow)
READINGS = RowMapping("clock_readings", ClockReadingRow)
SEALED_TABLES: Final = (
    *("accounts", "drafts", "held_posts", "files", "submissions", "outbox"),
    *("case_events", "case_work"),
)


class SqliteAudit:
    """See `formengine.store.protocol.AuditRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def last(self) -> AuditRow | None:
        return AUDIT.optional(self._channel.one(AUDIT.select("ORDER BY seq DESC LIMIT 1")))

    def add(self, row: AuditRow) -> None:
        self._channel.change(AUDIT.insert, *AUDIT.values(row))

    def after(self, seq: int, limit: int) -> list[AuditRow]:
        return AUDIT.rows(self._channel.all(AUDIT.select("WHERE seq > ? ORDER BY seq LIMIT ?"), seq, limit))

    def get(self, seq: int) -> AuditRow | None:
        return AUDIT.optional(self._channel.one(AUDIT.select("WHERE seq = ?"), seq))

    def newest_seal(self, subject: str) -> str:
        found = self._channel.one(
            "SELECT row_seal FROM audit WHERE subject = ? AND row_seal <> '' ORDER BY seq DESC LIMIT 1",
            subject,
        )
        return str(found[0]) if found else ""

    def sealed_subjects(self, after: str, limit: int) -> list[str]:
        found = self._channel.all(
            "SELECT DISTINCT subject FROM audit WHERE row_seal <> '' AND subject > ? ORDER BY subject LIMIT ?",
            after,
            limit,
        )
        return [str(row[0]) for row in found]

    def earliest_after(self, seq: int) -> datetime | None:
        found = self._channel.one("SELECT min(at) FROM audit WHERE seq > ?", seq)
        return moment_of(found[0]) if found and found[0] is not None else None

    def every(self) -> list[AuditRow]:
        return AUDIT.rows(self._channel.all(AUDIT.select("ORDER BY seq")))


class SqliteClock:
    """See `formengine.store.protocol.ClockRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def readings(self) -> list[ClockReadingRow]:
        return READINGS.rows(self._channel.all(READINGS.select("ORDER BY seen_s, zero_at")))

    def keep(self, row: ClockReadingRow) -> None:
        same = "ON CONFLICT (zero_at) DO UPDATE SET seen_s = excluded.seen_s, entry = excluded.entry"
        self._channel.change(f"{READINGS.insert} {same}", *READINGS.values(row))

    def forget(self, seen_before_s: float) -> int:
        return self._channel.change("DELETE FROM clock_readings WHERE seen_s < ?", seen_before_s)


class SqliteSealed:
    """See `formengine.store.protocol.SealedRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def tables(self) -> Sequence[str]:
        return SEALED_TABLES

    def count(self, table: str) -> Mapping[str, int]:
        counted = self._channel.all(
            f"SELECT substr(data_key, 1, {WRAPPING_ID_BYTES}), count(*) FROM {_known(table)} "
            "WHERE data_key <> x'' GROUP BY 1"
        )
        return {bytes(key_id).decode("ascii", "replace"): rows for key_id, rows in counted}

    def wrapped_by_others(
        self, table: str, key_id: str, limit: int, after: str = ""
    ) -> list[tuple[str, bytes]]:
        found = self._channel.all(
            f"SELECT id, data_key FROM {_known(table)} WHERE data_key <> x'' "
            f"AND substr(data_key, 1, {WRAPPING_ID_BYTES}) <> ? AND id > ? ORDER BY id LIMIT ?",
            key_id.encode("ascii"),
            after,
            limit,
        )
        return [(row, data_key) for row, data_key in found]

    def rewrap(self, table: str, row: str, old: bytes, new: bytes) -> bool:
        changed = self._channel.change(
            f"UPDATE {_known(table)} SET data_key = ? WHERE id = ? AND data_key = ?", new, row, old
        )
        return changed == 1

    def canaries(self) -> Mapping[str, bytes]:
        return dict(self._channel.all("SELECT key_id, sealed FROM canaries ORDER BY key_id"))

    def set_canary(self, key_id: str, sealed: bytes) -> None:
        self._channel.change(
            "INSERT INTO canaries (key_id, sealed) VALUES (?, ?) "
            "ON CONFLICT (key_id) DO UPDATE SET sealed = excluded.sealed",
            key_id,
            sealed,
        )


def _known(table: str) -> str:
    if table not in SEALED_TABLES:
        raise KeyError(table)
    return table
