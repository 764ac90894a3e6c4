"""What a transaction promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from formengine.store.conformance.expecting import raises, raises_saying
from formengine.store.conformance.sample_rows import (
    NOW,
    an_account,
)
from formengine.store.protocol import Store

SECOND = timedelta(seconds=1)


class TransactionsSuite:
    """What a transaction promises."""

    def test_a_change_that_raises_leaves_nothing(self, store: Store) -> None:
        with raises(ZeroDivisionError), store.write() as tx:
            tx.accounts.add(an_account())
            raise ZeroDivisionError
        with store.read() as tx:
            assert tx.accounts.get("ada") is None

    def test_a_look_inside_a_change_sees_the_change(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            with store.read() as inner:
                assert inner.accounts.get("ada") == an_account()
            tx.accounts.add(an_account("bea"))
        with store.read() as tx:
            assert tx.accounts.get("bea") == an_account("bea")

    def test_a_change_inside_another_is_refused_and_the_outer_one_is_undone(self, store: Store) -> None:
        with raises_saying(RuntimeError, "another transaction"), store.write() as tx:
            tx.accounts.add(an_account())
            with store.write():
                pass
        with store.read() as tx:
            assert tx.accounts.get("ada") is None

    def test_nothing_is_changed_in_a_look(self, store: Store) -> None:
        with raises_saying(RuntimeError, "outside"), store.read() as tx:
            tx.accounts.add(an_account())

    def test_a_transaction_ends_with_its_block(self, store: Store) -> None:
        with store.write() as tx:
            pass
        with raises_saying(RuntimeError, "outside"):
            tx.accounts.get("ada")
        with raises_saying(RuntimeError, "outside"):
            tx.accounts.add(an_account())

    def test_another_thread_cannot_take_part_in_a_transaction(self, store: Store) -> None:
        with store.write() as tx, ThreadPoolExecutor() as threads:
            asked = threads.submit(tx.accounts.get, "ada")
            with raises_saying(RuntimeError, "outside"):
                asked.result()

    def test_writers_wait_for_one_another_and_none_is_lost(self, store: Store) -> None:
        def count_often() -> None:
            for _ in range(25):
                with store.write() as tx:
                    tx.counters.count("save:a", NOW, 60)

        with ThreadPoolExecutor(4) as threads:
            for each in [threads.submit(count_often) for _ in range(4)]:
                each.result()
        with store.read() as tx:
            assert tx.counters.peek("save:a", NOW, 60) == 100

    def test_a_row_that_must_be_the_only_one_is_refused_and_the_change_goes_on(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            with raises(KeyError):
                tx.accounts.add(an_account("bea", email_index="index of ada"))
            tx.accounts.add(an_account("cy"))
        with store.read() as tx:
            assert tx.accounts.get("bea") is None
            assert tx.accounts.get("cy") is not None
