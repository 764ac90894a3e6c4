"""The audit and what else is kept."""

from __future__ import annotations

from datetime import timedelta

from formengine.store.conformance.expecting import raises
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_draft,
    a_submission,
    an_audit_row,
    with_a_draft,
)
from formengine.store.protocol import Store
from formengine.store.rows import ClockReadingRow

SECOND = timedelta(seconds=1)


class KeepingSuite:
    """The audit and what else is kept."""

    def test_the_audit_comes_back_in_order(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.audit.last() is None
            for seq in (1, 2, 3):
                tx.audit.add(an_audit_row(seq))
            assert tx.audit.last() == an_audit_row(3)
            assert tx.audit.every() == [an_audit_row(1), an_audit_row(2), an_audit_row(3)]
            assert tx.audit.after(1, 1) == [an_audit_row(2)]
            assert tx.audit.after(3, 10) == []

    def test_an_entry_of_the_audit_is_never_kept_twice(self, store: Store) -> None:
        with store.write() as tx:
            tx.audit.add(an_audit_row(1))
            with raises(KeyError):
                tx.audit.add(an_audit_row(1, action="something.else"))
            assert tx.audit.every() == [an_audit_row(1)]

    def test_data_keys_are_counted_by_the_key_that_wraps_them(self, store: Store) -> None:
        with_a_draft(store, "a", "b", "gone")
        with store.write() as tx:
            tx.drafts.add(a_draft("c", data_key=b"k0000002 wrapped"))
            tx.drafts.close("gone", "cancelled")
            assert tx.sealed.count("drafts") == {"k0000001": 2, "k0000002": 1}
            assert tx.sealed.wrapped_by_others("drafts", "k0000002", 1) == [("a", b"k0000001 wrapped")]
            assert tx.sealed.wrapped_by_others("drafts", "k0000002", 9, "a") == [("b", b"k0000001 wrapped")]
            assert [row for row, _ in tx.sealed.wrapped_by_others("drafts", "", 9)] == ["a", "b", "c"]

    def test_every_table_with_a_data_key_can_be_counted(self, store: Store) -> None:
        with store.read() as tx:
            assert sorted(tx.sealed.tables()) == [
                "accounts",
                "case_events",
                "case_work",
                "drafts",
                "files",
                "held_posts",
                "outbox",
                "submissions",
            ]
            assert {table: dict(tx.sealed.count(table)) for table in tx.sealed.tables()} == {
                table: {} for table in tx.sealed.tables()
            }
            with raises(KeyError):
                tx.sealed.count("audit; DROP TABLE audit")

    def test_a_data_key_is_replaced_only_where_it_is_still_the_old_one(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            assert tx.sealed.rewrap("drafts", "draft", b"not it", b"new") is False
            assert tx.sealed.rewrap("drafts", "draft", b"k0000001 wrapped", b"new") is True
            assert tx.drafts.get("draft") == a_draft(data_key=b"new")

    def test_canaries_are_kept_by_key(self, store: Store) -> None:
        with store.write() as tx:
            tx.sealed.set_canary("k0000001", b"one")
            tx.sealed.set_canary("index", b"two")
            assert tx.sealed.canaries() == {"index": b"two", "k0000001": b"one"}

    def test_a_sound_store_reports_no_problem(self, store: Store) -> None:
        with_a_draft(store)
        assert store.report().problems == ()
        assert list(store.check()) == []

    def test_the_audit_names_the_earliest_moment_after_an_entry(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.audit.earliest_after(0) is None
            for seq, at in ((1, NOW - HOUR), (2, NOW + HOUR), (3, NOW)):
                tx.audit.add(an_audit_row(seq, at=at))
            assert tx.audit.earliest_after(0) == NOW - HOUR
            assert tx.audit.earliest_after(1) == NOW
            assert tx.audit.earliest_after(3) is None

    def test_the_audit_names_the_newest_seal_of_a_row(self, store: Store) -> None:
        with store.write() as tx:
            for seq, subject, seal in (
                (1, "b", "first"),
                (2, "b", "second"),
                (3, "b", ""),
                (4, "a", "other"),
            ):
                tx.audit.add(an_audit_row(seq, subject=subject, row_seal=seal))
            tx.audit.add(an_audit_row(5, subject="c"))
            assert [tx.audit.newest_seal(each) for each in ("a", "b", "c")] == ["other", "second", ""]
            assert tx.audit.sealed_subjects("", 9) == ["a", "b"]
            assert tx.audit.sealed_subjects("a", 1) == ["b"]
            assert tx.audit.get(2) == an_audit_row(2, subject="b", row_seal="second")
            assert tx.audit.get(6) is None

    def test_rows_without_a_seal_are_found_until_they_have_one(self, store: Store) -> None:
        with_a_draft(store, "one", "two")
        with store.write() as tx:
            tx.submissions.add(a_submission("sent", draft="two"))
            assert [row.id for row in tx.drafts.without_seal("", 9)] == ["one", "two"]
            assert [row.id for row in tx.drafts.in_order("one", 9)] == ["two"]
            tx.drafts.set_seal("one", "sealed")
            tx.submissions.set_seal("sent", "sealed too")
            assert [row.id for row in tx.drafts.without_seal("", 9)] == ["two"]
            assert tx.submissions.without_seal("", 9) == []
            assert tx.submissions.in_order("", 9) == [a_submission("sent", draft="two", seal="sealed too")]
            assert (tx.drafts.seal_of("one"), tx.drafts.seal_of("two")) == ("sealed", "")
            assert (tx.submissions.seal_of("sent"), tx.submissions.seal_of("other")) == ("sealed too", None)
            assert tx.drafts.seal_of("other") is None

    def test_readings_of_the_clock_are_kept_by_what_they_lead_to_and_forgotten_in_time(
        self, store: Store
    ) -> None:
        with store.write() as tx:
            tx.clock.keep(ClockReadingRow(zero_at=NOW, seen_s=1.0, entry=0))
            tx.clock.keep(ClockReadingRow(zero_at=NOW - HOUR, seen_s=2.0, entry=3))
            tx.clock.keep(ClockReadingRow(zero_at=NOW, seen_s=3.0, entry=4))
            assert tx.clock.readings() == [
                ClockReadingRow(zero_at=NOW - HOUR, seen_s=2.0, entry=3),
                ClockReadingRow(zero_at=NOW, seen_s=3.0, entry=4),
            ]
            assert tx.clock.forget(3.0) == 1
            assert tx.clock.readings() == [ClockReadingRow(zero_at=NOW, seen_s=3.0, entry=4)]
