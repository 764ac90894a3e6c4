"""The one way to the connection: one thread at a time, and nothing outside a transaction."""

from __future__ import annotations

import sqlite3
import threading
import time
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar

from formengine.store.protocol import StoreError
from formengine.store.sqlite.connection import BUSY_TIMEOUT_S, Connection, Cursor, store_error

# What SQLite gives or takes, a value for each column; `Any`, since only the statement says which types they have.
SqlValues = tuple[Any, ...]
Result = TypeVar("Result")
# A wait that left this much of the time has not been one.
_MOST_OF_IT_MS = BUSY_TIMEOUT_S * 1000 - 100


class SerialConnection:
    """A connection shared by threads; see `transaction`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._open: Literal["", "read", "write"] = ""
        self._thread = 0
        self._closed = False

    def transaction(self, given: Result, *, writing: bool) -> TransactionBlock[Result]:
        """A reading (`BEGIN`) or writing (`BEGIN IMMEDIATE`) transaction; a writing one waits for other writers first.

        A reading one within a transaction of the same thread is part of that. given: what the block gets. Raises
        `StoreError`; RuntimeError for a writing one within another, because half of it could not be rolled back.
        """
        return TransactionBlock(self, given, writing)

    def all(self, sql: str, *values: object) -> list[SqlValues]:
        """All rows that a query finds."""
        return self._ask(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> SqlValues | None:
        """The first row that a query finds, None for none."""
        rows = self._ask(sql, values).fetchall()
        return rows[0] if rows else None

    def change(self, sql: str, *values: object) -> int:
        """Run a statement; returns how many rows it changed. Raises KeyError where it breaks a UNIQUE constraint."""
        return self._alter(sql, values).rowcount

    def changed(self, sql: str, *values: object) -> list[SqlValues]:
        """Run a statement with RETURNING; returns its rows. Raises as `change` does."""
        return self._alter(sql, values).fetchall()

    def close(self) -> None:
        """Close the connection; a transaction of another thread ends first."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def begin(self, *, writing: bool) -> bool:
        """Begin; whether this is a transaction, not part of an open one. `end` must follow, from the same thread.

        It waits for at most `BUSY_TIMEOUT_S` in all: for other threads of this process, and for other processes.
        """
        if self._lock.acquire(blocking=False):
            left_ms = BUSY_TIMEOUT_S * 1000
        else:
            until = time.monotonic() + BUSY_TIMEOUT_S
            if not self._lock.acquire(timeout=BUSY_TIMEOUT_S):
                raise StoreError(
                    "The store cannot do this: another part of this process keeps it locked", "locked"
                )
            left_ms = max(int((until - time.monotonic()) * 1000), 0)
        try:
            return self._has_begun(writing, left_ms)
        except BaseException:
            self._lock.release()
            raise

    def end(self, *, begun: bool, well: bool) -> None:
        """Commit what `begin` began, or roll it back where it did not end `well` or cannot be committed.

        begun: what `begin` returned.
        """
        try:
            if begun:
                self._settle(well)
        finally:
            self._lock.release()

    def _has_begun(self, writing: bool, left_ms: int) -> bool:
        if self._open:
            if writing:
                raise RuntimeError("A change cannot begin inside another transaction of the same thread")
            return False
        if self._closed:
            raise StoreError("The store cannot do this: it was closed", "closed")
        if left_ms < _MOST_OF_IT_MS:
            self._begin_within(writing, left_ms)
        else:
            self._run("BEGIN IMMEDIATE" if writing else "BEGIN")
        self._open, self._thread = ("write" if writing else "read"), threading.get_ident()
        return True

    def _begin_within(self, writing: bool, left_ms: int) -> None:
        """Begin, and wait no longer for other processes than what waiting for another thread has left."""
        self._run(f"PRAGMA busy_timeout = {left_ms}")
        try:
            self._run("BEGIN IMMEDIATE" if writing else "BEGIN")
            # A reading transaction meets a lock with its first look.
            self._run("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except StoreError:
            if self._connection.in_transaction:
                self._run("ROLLBACK")
            raise
        finally:
            self._run(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")

    def _settle(self, well: bool) -> None:
        try:
            if well:
                self._run("COMMIT")
        finally:
            try:
                # After SQLITE_FULL, SQLITE_IOERR and their like SQLite may have undone everything by itself.
                if self._connection.in_transaction:
                    self._run("ROLLBACK")
            finally:
                self._open, self._thread = "", 0

    def _ask(self, sql: str, values: SqlValues) -> Cursor:
        if self._thread != threading.get_ident():
            raise RuntimeError("The store was asked outside a transaction of this thread")
        return self._run(sql, values)

    def _alter(self, sql: str, values: SqlValues) -> Cursor:
        if self._thread != threading.get_ident() or self._open != "write":
            raise RuntimeError("The store was to be changed outside `write()`")
        return self._run(sql, values)

    def _run(self, sql: str, values: SqlValues = ()) -> Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.IntegrityError as error:
            if getattr(error, "sqlite_errorname", "") in {
                "SQLITE_CONSTRAINT_UNIQUE",
                "SQLITE_CONSTRAINT_PRIMARYKEY",
            }:
                # "UNIQUE constraint failed: submissions.draft": the columns, never a value.
                raise KeyError(str(error).rpartition(": ")[2]) from None
            raise store_error(error) from None
        except sqlite3.Error as error:
            raise store_error(error) from None


class TransactionBlock(Generic[Result]):
    """A transaction as a `with` block. A class, because every request has some, and generators take longer."""

    __slots__ = ("_begun", "_channel", "_given", "_writing")

    def __init__(self, channel: SerialConnection, given: Result, writing: bool) -> None:
        self._channel = channel
        self._given = given
        self._writing = writing
        self._begun = False

    def __enter__(self) -> Result:
        self._begun = self._channel.begin(writing=self._writing)
        return self._given

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.end(begun=self._begun, well=kind is None)
