"""Forms that drafts were begun with, read from the store while others are in it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from formengine.engine import Engine
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.forms import Forms
from formengine.store.protocol import Transaction
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.transaction import TransactionBlock


class _TellingStore(SqliteStore):
    """Says when somebody has come to read."""

    def __init__(self) -> None:
        super().__init__(None)
        self.asked = threading.Event()

    def read(self) -> TransactionBlock[Transaction]:
        self.asked.set()
        return super().read()


def test_a_change_that_asks_for_its_form_does_not_wait_for_whoever_waits_for_the_change() -> None:
    store = _TellingStore()
    context = ServiceContext(store, Keyring.new())
    before, now = Forms(context, Engine()), Forms(context, Engine())
    old = before.current("early-help-notification")
    known = now.current("request-for-support")
    assert old is not None
    assert known is not None
    with store.write() as tx:
        now.keep(tx, old)
    store.asked.clear()
    with ThreadPoolExecutor(1) as threads:
        with store.write():
            other = threads.submit(now.pinned, old.digest)
            assert store.asked.wait(10)
            # The other thread waits for the store, which is this one's; this one must get its form all the same.
            assert now._lock.acquire(timeout=10)
            now._lock.release()
            assert now.pinned(known.digest) is known
        assert other.result(10).digest == old.digest
    store.close()
