"""Cases, what happened to them, and the roles of staff."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from formengine.store.conformance.expecting import raises
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_case,
    a_case_event,
    a_draft,
    a_submission,
    an_outbox_row,
    some_case_work,
    with_a_draft,
)
from formengine.store.protocol import StaleRevisionError, Store
from formengine.store.rows import CaseRow, StaffRoleRow


def with_cases(store: Store, *cases: CaseRow) -> None:
    """Keeps these cases with the submissions that began them."""
    with_a_draft(store, *(f"draft of {case.submission}" for case in cases))
    with store.write() as tx:
        for case in cases:
            tx.submissions.add(
                a_submission(
                    case.submission,
                    draft=f"draft of {case.submission}",
                    form=case.form,
                    reference=case.reference,
                )
            )
            tx.cases.add(case)


class CasesSuite:
    """Cases, what happened to them, and the roles of staff."""

    def test_a_case_comes_back_by_submission_and_reference(self, store: Store) -> None:
        case = a_case(assignee="ada", assigned_until=NOW + HOUR)
        with_cases(store, case)
        with store.write() as tx:
            assert tx.cases.get("sent") == case
            assert tx.cases.by_reference("REF-sent") == case
            assert tx.cases.get("other") is None
            with raises(KeyError):
                tx.cases.add(case)

    def test_a_queue_has_urgent_cases_first_then_those_that_stand_longest(self, store: Store) -> None:
        with_cases(
            store,
            a_case("new", since=NOW + HOUR),
            a_case("old", since=NOW - HOUR),
            a_case("urgent", urgent=True, since=NOW + 2 * HOUR),
            a_case("elsewhere", route="dover"),
            a_case("ended", ended_at=NOW, outcome="advice"),
            a_case("later", stage="allocation"),
            a_case("other form", form="visit"),
        )
        with store.read() as tx:
            found = tx.cases.open_in("referral", "screening", ["ashford", "thanet"], 9)
            assert [case.submission for case in found] == ["urgent", "old", "new"]
            assert len(tx.cases.open_in("referral", "screening", None, 9)) == 4
            assert len(tx.cases.open_in("referral", "screening", None, 2)) == 2
            assert tx.cases.open_in("referral", "screening", [], 9) == []
            assert tx.cases.counts("referral", None) == {"screening": 4, "allocation": 1}
            assert tx.cases.counts("referral", ["dover"]) == {"screening": 1}

    def test_open_cases_beyond_their_deadline_are_listed_urgent_ones_first(self, store: Store) -> None:
        with_cases(
            store,
            a_case("late", due_at=NOW - HOUR),
            a_case("later", due_at=NOW - 2 * HOUR),
            a_case("urgent", due_at=NOW - HOUR / 60, urgent=True),
            a_case("in time", due_at=NOW),
            a_case("ended", due_at=NOW - HOUR, ended_at=NOW),
        )
        with store.read() as tx:
            assert [case.submission for case in tx.cases.overdue(NOW, 9)] == ["urgent", "later", "late"]
            assert [case.submission for case in tx.cases.overdue(NOW, 1)] == ["urgent"]

    def test_ended_cases_are_listed_from_a_moment_on_the_last_first(self, store: Store) -> None:
        with_cases(
            store,
            a_case("long ago", ended_at=NOW - 9 * HOUR),
            a_case("first", ended_at=NOW),
            a_case("last", ended_at=NOW + HOUR),
            a_case("open"),
        )
        with store.read() as tx:
            assert [case.submission for case in tx.cases.ended("referral", None, NOW, 9)] == ["last", "first"]
            assert tx.cases.ended("referral", ["dover"], NOW, 9) == []

    def test_a_case_changes_from_the_revision_that_was_seen_and_from_no_other(self, store: Store) -> None:
        with_cases(store, a_case())
        moved = a_case(stage="allocation", since=NOW + HOUR, due_at=NOW + 9 * HOUR, assignee="ada")
        with store.write() as tx:
            tx.cases.change(moved)
            assert tx.cases.get("sent") == replace(moved, rev=2)
            with raises(StaleRevisionError):
                tx.cases.change(moved)

    def test_of_twenty_decisions_on_one_case_at_once_exactly_one_counts(self, store: Store) -> None:
        with_cases(store, a_case())
        together = threading.Barrier(20)

        def decide(number: int) -> bool:
            together.wait()
            try:
                with store.write() as tx:
                    tx.cases.change(a_case(stage=f"stage {number}"))
                    tx.cases.add_event(a_case_event(f"e{number}"))
            except StaleRevisionError:
                return False
            return True

        with ThreadPoolExecutor(20) as pool:
            assert sum(pool.map(decide, range(20))) == 1
        with store.read() as tx:
            assert len(tx.cases.events("sent")) == 1

    def test_a_claim_leaves_the_revision(self, store: Store) -> None:
        with_cases(store, a_case())
        with store.write() as tx:
            tx.cases.claim("sent", "ada", NOW + HOUR)
            assert tx.cases.get("sent") == a_case(assignee="ada", assigned_until=NOW + HOUR)
            tx.cases.claim("sent", None, None)
            assert tx.cases.get("sent") == a_case()

    def test_what_happened_comes_back_in_order_and_no_number_is_used_twice(self, store: Store) -> None:
        with_cases(store, a_case())
        first = a_case_event("one", seq=1, kind="begun", data_key=b"", kept=b"")
        second = a_case_event("two", seq=2)
        with store.write() as tx:
            assert tx.cases.last_seq("sent") == 0
            tx.cases.add_event(second)
            tx.cases.add_event(first)
            assert tx.cases.last_seq("sent") == 2
            assert tx.cases.events("sent") == [first, second]
            with raises(KeyError):
                tx.cases.add_event(a_case_event("three", seq=2))

    def test_what_somebody_typed_takes_the_place_of_what_they_had_typed(self, store: Store) -> None:
        with_cases(store, a_case())
        newer = some_case_work("newer", answers=b"sealed again")
        with store.write() as tx:
            tx.cases.keep_work(some_case_work())
            tx.cases.keep_work(newer)
            assert tx.cases.work("sent", "ada") == newer
            assert tx.cases.work("sent", "bob") is None
            tx.cases.drop_work("sent", "ada")
            assert tx.cases.work("sent", "ada") is None

    def test_submissions_without_a_case_are_found_the_oldest_first(self, store: Store) -> None:
        with_cases(store, a_case())
        with store.write() as tx:
            for name, at, form in (
                ("b", NOW, "referral"),
                ("a", NOW - HOUR, "referral"),
                ("c", NOW, "visit"),
            ):
                tx.drafts.add(a_draft(name))
                tx.submissions.add(a_submission(name, draft=name, form=form, submitted_at=at))
            assert tx.cases.without_case(["referral"], 9) == ["a", "b"]
            assert tx.cases.without_case(["referral", "visit"], 1) == ["a"]
            assert tx.cases.without_case([], 9) == []

    def test_deliveries_are_late_by_their_urgency(self, store: Store) -> None:
        with store.write() as tx:
            for name, urgent, status, age in (
                ("urgent", True, "waiting", 6),
                ("young", True, "waiting", 4),
                ("standard", False, "dead", 31),
                ("in time", False, "waiting", 29),
                ("sent", True, "sent", 60),
            ):
                made = NOW - age * HOUR / 60
                tx.outbox.add(
                    an_outbox_row(name, channel="delivery", urgent=urgent, status=status, created_at=made)
                )
            found = tx.outbox.late("delivery", NOW - 5 * HOUR / 60, NOW - 30 * HOUR / 60, 9)
            assert [row.id for row in found] == ["urgent", "standard"]
            assert tx.outbox.late("email", NOW, NOW, 9) == []

    def test_a_row_is_due_again_whether_it_was_sent_or_given_up(self, store: Store) -> None:
        with store.write() as tx:
            for name, status in (("sent", "sent"), ("dead", "dead")):
                tx.outbox.add(
                    an_outbox_row(
                        name, status=status, attempts=9, fault="server_421", lease="x", lease_until=NOW
                    )
                )
                assert tx.outbox.again(name, NOW + HOUR)
                assert tx.outbox.get(name) == an_outbox_row(name, due_at=NOW + HOUR)
            assert not tx.outbox.again("nothing", NOW)

    def test_a_role_is_given_once_and_taken_once(self, store: Store) -> None:
        with_a_draft(store)
        ashford = StaffRoleRow(account="ada", form="referral", role="triage", route="ashford")
        everywhere = replace(ashford, route="")
        with store.write() as tx:
            assert [tx.staff.grant(ashford), tx.staff.grant(everywhere), tx.staff.grant(ashford)] == [
                True,
                True,
                False,
            ]
            assert tx.staff.of_account("ada") == [everywhere, ashford]
            assert [tx.staff.revoke(ashford), tx.staff.revoke(ashford)] == [True, False]
            assert tx.staff.of_account("ada") == [everywhere]
            assert tx.staff.of_account("bob") == []
            assert tx.staff.every() == [everywhere]
