"""The one way to the connection: one thread at a time, and nothing outside a transaction."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from formengine.store.base import StoreError
from formengine.store.sqlite.connection import Connection, Cursor, store_error

Values = tuple[Any, ...]


class Channel:
    """A connection shared by threads; see `transaction`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._open: Literal["", "read", "write"] = ""
        self._thread = 0
        self._closed = False

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[None]:
        """One look (`BEGIN`) or one change (`BEGIN IMMEDIATE`), which waits for other writers before it reads.

        A look inside a look or a change of the same thread is part of it. Raises `StoreError`; RuntimeError for a
        change inside something else, because half of it could not be undone.
        """
        with self._lock:
            if self._open:
                if writing:
                    raise RuntimeError("A change cannot begin inside another transaction of the same thread")
                yield
                return
            self._begin(writing)
            try:
                yield
                self._run("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._open, self._thread = "", 0

    def all(self, sql: str, *values: object) -> list[Values]:
        """The rows that a question finds."""
        return self._ask(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Values | None:
        """The first row that a question finds."""
        rows = self._ask(sql, values).fetchall()
        return rows[0] if rows else None

    def change(self, sql: str, *values: object) -> int:
        """How many rows a statement changed. Raises KeyError where a row like it must be the only one and is not."""
        return self._alter(sql, values).rowcount

    def changed(self, sql: str, *values: object) -> list[Values]:
        """What a statement with RETURNING gives; raises as `change` does."""
        return self._alter(sql, values).fetchall()

    def close(self) -> None:
        """Lets go of the connection; a transaction of another thread ends first."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def _begin(self, writing: bool) -> None:
        if self._closed:
            raise StoreError("The store cannot do this: it was closed")
        self._run("BEGIN IMMEDIATE" if writing else "BEGIN")
        self._open, self._thread = ("write" if writing else "read"), threading.get_ident()

    def _roll_back(self) -> None:
        # After SQLITE_FULL, SQLITE_IOERR and their like SQLite may have undone everything by itself.
        if self._connection.in_transaction:
            self._run("ROLLBACK")

    def _ask(self, sql: str, values: Values) -> Cursor:
        if self._thread != threading.get_ident():
            raise RuntimeError("The store was asked outside a transaction of this thread")
        return self._run(sql, values)

    def _alter(self, sql: str, values: Values) -> Cursor:
        if self._thread != threading.get_ident() or self._open != "write":
            raise RuntimeError("The store was to be changed outside `write()`")
        return self._run(sql, values)

    def _run(self, sql: str, values: Values = ()) -> Cursor:
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
