"""The store in one SQLite file, for a service that runs on one machine.

sqlite-utils makes tables, views and migrations; what the service does goes as plain SQL through one connection, under
BEGIN IMMEDIATE. (`Database.atomic` of sqlite-utils begins deferred, and loses to other writers when it goes on from
reading to writing; its `upsert` tries things out in the live file.)
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlite_utils import Database

from formengine.store.protocol import StoreReport, Transaction
from formengine.store.sqlite.accounts import SqliteAccounts, SqliteCodes, SqliteCounters, SqliteSessions
from formengine.store.sqlite.audit import SqliteAudit, SqliteClock, SqliteSealed
from formengine.store.sqlite.cases import SqliteCases, SqliteStaff
from formengine.store.sqlite.connection import (
    Connection,
    connect,
    connect_to_read,
    has_wal_reset_fix,
    pragma,
    store_error,
)
from formengine.store.sqlite.drafts import SqliteDefinitions, SqliteDrafts, SqliteFiles
from formengine.store.sqlite.migrations import applied_steps, migrate, step_names
from formengine.store.sqlite.publications import SqlitePublications, SqliteReviews, SqliteWorkingCopies
from formengine.store.sqlite.submissions import SqliteOutbox, SqliteSubmissions
from formengine.store.sqlite.transaction import SerialConnection, TransactionBlock

__all__ = ["SqliteStore"]

SYNCHRONOUS = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}


class SqliteStore:
    """A `Store` in one SQLite file. Opening a file makes it where there is none, and brings it up to date.

    path: the file; its folder must exist. None: in memory, gone when it is closed. to_read: for checking a file that is
    there; nothing in it or beside it is created or changed, and before the next start has taken `missing_steps` not
    every row can be read. Raises `StoreError`.
    """

    def __init__(self, path: Path | None, *, to_read: bool = False) -> None:
        self._path = path
        connection = connect_to_read(path) if to_read and path is not None else connect(path)
        self._use(connection)
        bring_on = applied_steps if to_read else migrate
        try:
            with self._channel.transaction(None, writing=not to_read):
                self._steps = bring_on(Database(connection, recursive_triggers=False, execute_plugins=False))
        except sqlite3.Error as error:
            self.close()
            raise store_error(error) from None
        except BaseException:
            self.close()
            raise

    @property
    def missing_steps(self) -> Sequence[str]:
        """The steps that the file has not gone through."""
        return [name for name in step_names() if name not in self._steps]

    def read(self) -> TransactionBlock[Transaction]:
        """See `Store.read`."""
        return self._channel.transaction(self._transaction, writing=False)

    def write(self) -> TransactionBlock[Transaction]:
        """See `Store.write`; RuntimeError inside another transaction of the same thread."""
        return self._channel.transaction(self._transaction, writing=True)

    def report(self) -> StoreReport:
        """See `Store.report`; quick, however large the file is."""
        with self._channel.transaction(None, writing=False):
            facts = self._facts()
        return StoreReport(facts=facts, problems=tuple(self._problems(facts)))

    def check(self) -> Sequence[str]:
        """See `Store.check`: SQLite's integrity check, and rows that refer to none."""
        with self._channel.transaction(None, writing=False):
            found = [str(row[0]) for row in self._channel.all("PRAGMA integrity_check(20)")]
            orphans = self._channel.all("PRAGMA foreign_key_check")
        damage = [f"The file is damaged: {line}" for line in found if line != "ok"]
        return damage + [
            f"A row of {table} refers to a row of {other} that is gone" for table, _, other, _ in orphans
        ]

    def close(self) -> None:
        """See `Store.close`."""
        self._channel.close()

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self._channel = channel = SerialConnection(connection)
        self._transaction = Transaction(
            accounts=SqliteAccounts(channel),
            sessions=SqliteSessions(channel),
            codes=SqliteCodes(channel),
            counters=SqliteCounters(channel),
            definitions=SqliteDefinitions(channel),
            publications=SqlitePublications(channel),
            working_copies=SqliteWorkingCopies(channel),
            reviews=SqliteReviews(channel),
            drafts=SqliteDrafts(channel),
            files=SqliteFiles(channel),
            submissions=SqliteSubmissions(channel),
            outbox=SqliteOutbox(channel),
            cases=SqliteCases(channel),
            staff=SqliteStaff(channel),
            audit=SqliteAudit(channel),
            clock=SqliteClock(channel),
            sealed=SqliteSealed(channel),
        )

    def _facts(self) -> dict[str, str]:
        page_bytes, pages = (int(pragma(self._connection, name)) for name in ("page_size", "page_count"))
        return {
            "store": "SQLite",
            "path": "memory" if self._path is None else str(self._path),
            "sqlite": sqlite3.sqlite_version,
            "journal": pragma(self._connection, "journal_mode"),
            "synchronous": SYNCHRONOUS.get(pragma(self._connection, "synchronous"), "unknown"),
            "size_bytes": str(page_bytes * pages),
            "step": self._steps[-1] if self._steps else "none",
        }

    def _problems(self, facts: dict[str, str]) -> Iterator[str]:
        if facts["synchronous"] not in {"FULL", "EXTRA"}:
            yield f"synchronous is {facts['synchronous']}: a power cut can lose what was acknowledged"
        if facts["journal"] == "wal" and not has_wal_reset_fix(sqlite3.sqlite_version_info):
            yield f"SQLite {facts['sqlite']} can lose commits in a write-ahead log (the WAL-reset bug)"
        if self._path is not None and os.name == "posix":
            mode = stat.S_IMODE(self._path.stat().st_mode)
            if mode & 0o077:
                yield f"{self._path} is open to other users of this machine (mode {mode:o}); `chmod 600` closes it"
