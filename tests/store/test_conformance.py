"""SQLite keeps what every store promises: the suite that comes along, on a file and in memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from formengine.store.conformance import StoreConformance
from formengine.store.protocol import Store, Transaction
from formengine.store.sqlite import SqliteStore

STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite file": lambda folder: SqliteStore(folder / "store.sqlite3"),
    "sqlite memory": lambda _: SqliteStore(None),
}


class TestSqlite(StoreConformance):
    """The suite, once for each place that SQLite keeps a store in."""

    @pytest.fixture(params=STORES)
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
        opened = STORES[request.param](tmp_path)
        yield opened
        opened.close()


def test_the_suite_needs_no_pytest_to_be_imported() -> None:
    code = "import sys, formengine.store.conformance; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class HalfKept:
    """A store that commits what a change did before it raised."""

    def __init__(self, store: SqliteStore) -> None:
        self.read = store.read
        self._store = store

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        failed: ZeroDivisionError | None = None
        with self._store.write() as tx:
            try:
                yield tx
            except ZeroDivisionError as error:
                failed = error
        if failed is not None:
            raise failed


def test_the_suite_finds_a_store_that_keeps_half_a_change() -> None:
    store = SqliteStore(None)
    with pytest.raises(AssertionError):
        StoreConformance().test_a_change_that_raises_leaves_nothing(cast(Store, HalfKept(store)))
    store.close()
