"""A connection whose acknowledged changes are durable, and SQLite's errors in plain words."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from formengine.store.protocol import StoreError, StoreFault

OWNER_ONLY: Final = 0o600
BUSY_TIMEOUT_S: Final = 5

# What SQLite's result codes mean, by the start of their names (https://sqlite.org/rescode.html): a code for the log,
# and words for an operator.
REASONS: Final[dict[str, tuple[StoreFault, str]]] = {
    "SQLITE_FULL": ("full", "the disk, or the room given to the store, is full"),
    "SQLITE_BUSY": ("locked", f"another process kept it locked for more than {BUSY_TIMEOUT_S} seconds"),
    "SQLITE_LOCKED": ("locked", "another part of this process keeps it locked"),
    "SQLITE_IOERR_NOMEM": ("memory", "there is not enough memory"),
    "SQLITE_IOERR": ("disk", "the disk fails"),
    "SQLITE_CORRUPT": ("damaged", "its file is damaged"),
    "SQLITE_NOTADB": ("damaged", "its file is no SQLite database"),
    "SQLITE_READONLY": ("read_only", "it must not be written to"),
    "SQLITE_CANTOPEN": ("no_file", "its file cannot be opened"),
    "SQLITE_PERM": ("no_file", "its file cannot be opened"),
    "SQLITE_NOMEM": ("memory", "there is not enough memory"),
    "SQLITE_TOOBIG": ("refused", "a value is too large"),
    "SQLITE_CONSTRAINT": ("refused", "a row does not fit the others"),
}
# The same for the file itself.
_FILE_FAULTS: Final[dict[int, StoreFault]] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EIO: "disk",
    errno.ENOMEM: "memory",
}


class Cursor(Protocol):
    """What the store uses of a `sqlite3.Cursor`."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> tuple[object, ...] | None:
        """The next row."""

    def fetchall(self) -> list[tuple[object, ...]]:
        """The remaining rows."""


class Connection(Protocol):
    """What the store's data path uses of a `sqlite3.Connection`; tests put one in that loses power."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Cursor:
        """The cursor of a statement; raises `sqlite3.Error`."""

    def close(self) -> None:
        """Close it."""


def store_error(error: sqlite3.Error) -> StoreError:
    """The error in plain words, with SQLite's own name for it; never a stored value."""
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    refuses: tuple[StoreFault, str] = ("refused", "SQLite refuses")
    fault, reason = next((found for start, found in REASONS.items() if name.startswith(start)), refuses)
    return StoreError(f"The store cannot do this: {reason} ({name})", fault)


def has_wal_reset_fix(version: tuple[int, ...]) -> bool:
    """Whether this SQLite may be trusted with a write-ahead log.

    Up to 3.51.2 two connections that write and checkpoint at the same moment can lose what was committed ("WAL-reset
    bug"); 3.51.3 mends it, and so do 3.50.7 and 3.44.6 of the older lines.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection to the file, made with mode 600 where there is none; None: to memory. Raises `StoreError`."""
    try:
        if path is not None:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
        connection = sqlite3.connect(
            ":memory:" if path is None else path,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
    except OSError as error:
        fault = _FILE_FAULTS.get(error.errno or 0, "no_file")
        raise StoreError(f"The store {path} cannot be opened: {error.strerror}", fault) from None
    except sqlite3.Error as error:
        raise store_error(error) from None
    try:
        settle(connection, has_wal_reset_fix(sqlite3.sqlite_version_info))
    except sqlite3.Error as error:
        connection.close()
        raise store_error(error) from None
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there, by which nothing can be changed. Raises `StoreError`."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise store_error(error) from None
    try:
        for statement in ("PRAGMA query_only = ON", *_CAREFUL):
            connection.execute(statement).fetchall()
        # A rollback journal is the connection's own matter, a write-ahead log the file's.
        if pragma(connection, "journal_mode") != "wal":
            connection.execute("PRAGMA journal_mode = TRUNCATE").fetchall()
    except sqlite3.Error as error:
        connection.close()
        raise store_error(error) from None
    return connection


# For every connection; none of it is kept in the file.
_CAREFUL: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is written over with zeroes
    "PRAGMA trusted_schema = OFF",  # a file from elsewhere must not call functions by its views
    "PRAGMA temp_store = MEMORY",
    "PRAGMA synchronous = FULL",  # COMMIT returns when the disk has it
)


def settle(connection: Connection, wal: bool) -> None:
    """Make the connection durable and careful: see the statements. wal: whether a write-ahead log is safe here."""
    journal = "WAL" if wal else "TRUNCATE"
    for statement in (*_CAREFUL, f"PRAGMA journal_mode = {journal}"):
        connection.execute(statement).fetchall()
    if not wal and pragma(connection, "journal_mode") == "wal":
        raise StoreError(
            "The store has a write-ahead log, which this version of SQLite can lose commits with, and another "
            "process keeps it open; end that process first",
            "locked",
        )


def pragma(connection: Connection, name: str) -> str:
    """The value of a pragma, as text."""
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return str(row[0]) if row else ""
