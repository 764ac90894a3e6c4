"""Submissions and the outbox."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from formengine.store.conformance.expecting import raises
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_submission,
    an_outbox_row,
    with_a_draft,
)
from formengine.store.protocol import Store, Transaction
from formengine.store.rows import SubmissionLine

SECOND = timedelta(seconds=1)


class SubmissionsSuite:
    """Submissions and the outbox."""

    def test_a_submission_comes_back_by_id_draft_and_reference(self, store: Store) -> None:
        with_a_draft(store)
        row = a_submission(urgency="urgent", account="ada", holder=None)
        with store.write() as tx:
            tx.submissions.add(row)
            assert tx.submissions.get("sent") == row
            assert tx.submissions.by_draft("draft") == row
            assert tx.submissions.by_reference("REF-sent") == row
            assert [line.id for line in tx.submissions.of_account("ada", limit=9)] == [row.id]
            assert tx.submissions.of_account("ada", limit=9, offset=1) == []
            assert tx.submissions.by_draft("other") is None

    def test_a_draft_becomes_one_submission_and_a_reference_is_used_once(self, store: Store) -> None:
        with_a_draft(store, "draft", "other")
        with store.write() as tx:
            tx.submissions.add(a_submission())
            with raises(KeyError):
                tx.submissions.add(a_submission("again"))
            with raises(KeyError):
                tx.submissions.add(a_submission("clash", draft="other", reference="REF-sent"))
            assert [line.id for line in tx.submissions.listed(9)] == ["sent"]

    def test_of_fifty_submissions_of_one_draft_at_once_exactly_one_is_kept(self, store: Store) -> None:
        with_a_draft(store)
        together = threading.Barrier(50)

        def submit(number: int) -> str:
            together.wait()
            try:
                with store.write() as tx:
                    tx.submissions.add(a_submission(f"s{number}"))
                    tx.outbox.add(an_outbox_row(f"m{number}", submission=f"s{number}"))
            except KeyError:
                with store.read() as tx:
                    found = tx.submissions.by_draft("draft")
                assert found is not None
                return found.reference
            return f"REF-s{number}"

        with ThreadPoolExecutor(50) as threads:
            references = set(threads.map(submit, range(50)))
        with store.read() as tx:
            assert [line.reference for line in tx.submissions.listed(99)] == list(references)
            assert len(tx.outbox.newest("email", 99)) == 1

    def test_submissions_are_listed_the_newest_first_by_what_is_asked_for(self, store: Store) -> None:
        with_a_draft(store, "a", "b", "c", "d")
        with store.write() as tx:
            for draft, urgency, form, minute in (
                ("a", "standard", "referral", 2),
                ("b", "urgent", "referral", 4),
                ("c", "standard", "allotment", 1),
                ("d", "urgent", "allotment", 4),
            ):
                at = NOW + minute * 60 * SECOND
                tx.submissions.add(
                    a_submission(draft, draft=draft, urgency=urgency, form=form, submitted_at=at)
                )
            tx.outbox.add(an_outbox_row(submission="b", channel="delivery", status="dead"))
            tx.outbox.add(an_outbox_row("receipt", submission="b", status="sent"))
            every = tx.submissions.listed(9)
            assert [line.id for line in every] == ["d", "b", "a", "c"]
            assert every[1] == SubmissionLine(
                id="b", reference="REF-b", form="referral", urgency="urgent",
                submitted_at=NOW + 240 * SECOND, delivery="dead",
            )  # fmt: skip
            assert every[0].delivery is None
            assert [line.id for line in tx.submissions.listed(1)] == ["d"]
            assert [line.id for line in tx.submissions.listed(2, after=every[0])] == ["b", "a"]
            assert tx.submissions.listed(9, after=every[3]) == []
            assert [line.id for line in tx.submissions.listed(9, form="referral")] == ["b", "a"]
            assert [line.id for line in tx.submissions.listed(9, urgent=True)] == ["d", "b"]
            assert [line.id for line in tx.submissions.listed(9, since=NOW + 120 * SECOND)] == ["d", "b", "a"]
            assert [
                line.id
                for line in tx.submissions.listed(9, urgent=True, form="referral", since=NOW, after=every[0])
            ] == ["b"]

    def test_what_is_due_is_claimed_urgent_ones_first_and_by_one_worker_at_a_time(self, store: Store) -> None:
        until = NOW + 60 * SECOND
        with store.write() as tx:
            tx.outbox.add(an_outbox_row("standard"))
            tx.outbox.add(an_outbox_row("urgent", urgent=True))
            tx.outbox.add(an_outbox_row("later", due_at=NOW + SECOND))
            tx.outbox.add(an_outbox_row("delivery", channel="delivery"))
            first = tx.outbox.claim("email", "worker 1", NOW, until)
            second = tx.outbox.claim("email", "worker 2", NOW, until)
            assert first == an_outbox_row(
                "urgent", urgent=True, attempts=1, lease="worker 1", lease_until=until
            )
            assert second is not None
            assert second.id == "standard"
            assert tx.outbox.claim("email", "worker 3", NOW, until) is None

    def test_a_lease_that_ran_out_goes_to_another_and_the_first_no_longer_counts(self, store: Store) -> None:
        with store.write() as tx:
            tx.outbox.add(an_outbox_row())
            tx.outbox.claim("email", "dead worker", NOW, NOW + SECOND)
            again = tx.outbox.claim("email", "worker", NOW + SECOND, NOW + HOUR)
            assert again is not None
            assert again.attempts == 2
            assert tx.outbox.sent("mail", "dead worker", NOW) is False
            assert tx.outbox.failed("mail", "dead worker", "timeout", None) is False
            assert tx.outbox.sent("mail", "worker", NOW + 2 * SECOND) is True
            assert tx.outbox.get("mail") == an_outbox_row(
                status="sent", attempts=2, payload=b"", data_key=b"", sent_at=NOW + 2 * SECOND
            )

    def test_a_failure_is_due_again_or_dead_and_keeps_its_payload(self, store: Store) -> None:
        with store.write() as tx:
            tx.outbox.add(an_outbox_row())
            tx.outbox.claim("email", "w", NOW, NOW + HOUR)
            assert tx.outbox.failed("mail", "w", "smtp-421", NOW + SECOND) is True
            assert tx.outbox.get("mail") == an_outbox_row(attempts=1, fault="smtp-421", due_at=NOW + SECOND)
            assert tx.outbox.claim("email", "w", NOW, NOW + HOUR) is None
            tx.outbox.claim("email", "w", NOW + SECOND, NOW + HOUR)
            assert tx.outbox.failed("mail", "w", "smtp-550", None) is True
            dead = an_outbox_row(status="dead", attempts=2, fault="smtp-550", due_at=NOW + SECOND)
            assert tx.outbox.get("mail") == dead
            assert tx.outbox.claim("email", "w", NOW + HOUR, NOW + 2 * HOUR) is None

    def test_a_submission_has_one_row_for_a_channel(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.submissions.add(a_submission())
            tx.outbox.add(an_outbox_row("mail", submission="sent"))
            with raises(KeyError):
                tx.outbox.add(an_outbox_row("again", submission="sent"))
            tx.outbox.add(an_outbox_row("delivery", submission="sent", channel="delivery"))
            assert [row.id for row in tx.outbox.of_submission("sent")] == ["mail", "delivery"]

    def test_the_outbox_shows_its_newest_and_how_long_the_oldest_waits(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.outbox.oldest_waiting() == {}
            for name, minutes, urgent in (("a", 0, False), ("b", 1, True), ("c", 2, False)):
                tx.outbox.add(an_outbox_row(name, created_at=NOW + minutes * 60 * SECOND, urgent=urgent))
            assert [row.id for row in tx.outbox.newest("email", 2)] == ["c", "b"]
            assert tx.outbox.oldest_waiting() == {"standard": NOW, "urgent": NOW + 60 * SECOND}

    def test_old_rows_that_do_not_wait_are_removed_the_oldest_first_so_many_at_a_time(
        self, store: Store
    ) -> None:
        with store.write() as tx:
            for number, status in enumerate(("sent", "waiting", "dead", "sent")):
                tx.outbox.add(an_outbox_row(f"m{number}", status=status, created_at=NOW + number * SECOND))
            assert tx.outbox.remove_old("email", NOW + 3 * SECOND, 1) == 1
            assert [row.id for row in tx.outbox.newest("email", 9)] == ["m3", "m2", "m1"]
            assert tx.outbox.remove_old("email", NOW + 3 * SECOND, 9) == 1
            assert [row.id for row in tx.outbox.newest("email", 9)] == ["m3", "m1"]

    def test_a_lease_is_moved_and_ended_by_who_holds_it_alone(self, store: Store) -> None:
        with store.write() as tx:
            tx.outbox.add(an_outbox_row())
            tx.outbox.claim("email", "one", NOW, NOW + SECOND)
            assert tx.outbox.renew("mail", "another", NOW + HOUR) is False
            assert tx.outbox.renew("mail", "one", NOW + HOUR) is True
            assert tx.outbox.claim("email", "another", NOW + 2 * SECOND, NOW + HOUR) is None
            assert tx.outbox.release("mail", "another") is False
            assert tx.outbox.release("mail", "one") is True
            again = tx.outbox.claim("email", "another", NOW + 2 * SECOND, NOW + HOUR)
            assert again is not None
            assert (again.lease, again.attempts) == ("another", 2)
            assert tx.outbox.sent("mail", "another", NOW) is True
            assert tx.outbox.renew("mail", "another", NOW + HOUR) is False
            assert tx.outbox.release("mail", "another") is False

    def test_a_lease_or_a_moment_that_no_clock_of_now_can_have_made_holds_up_nothing(
        self, store: Store
    ) -> None:
        with store.write() as tx:
            tx.outbox.add(an_outbox_row(due_at=NOW + 30 * HOUR))
            assert tx.outbox.claim("email", "one", NOW, NOW + SECOND) is None
            assert tx.outbox.claim("email", "one", NOW, NOW + SECOND, beyond=NOW + 30 * HOUR) is None
            assert tx.outbox.claim("email", "one", NOW, NOW + 40 * HOUR, beyond=NOW + HOUR) is not None
            assert tx.outbox.claim("email", "two", NOW, NOW + 40 * HOUR, beyond=NOW + HOUR) is None
            assert tx.outbox.claim("email", "two", NOW, NOW + HOUR, beyond=NOW + HOUR) is not None

    def test_an_urgent_email_that_failed_or_waits_untried_shows_that_none_goes_out(
        self, store: Store
    ) -> None:
        def since(tx: Transaction) -> int | None:
            found = tx.outbox.failing_since("email", NOW, NOW + 20 * SECOND)
            return None if found is None else (found - NOW) // SECOND

        with store.write() as tx:
            for seconds, row in enumerate((
                {"status": "dead", "fault": "recipient_550", "urgent": True},
                {"status": "dead", "fault": "data_554", "urgent": True},
                {"status": "dead", "fault": "cannot_open", "urgent": True},
                {"status": "waiting", "fault": "unreachable", "urgent": False},
                {"status": "dead", "fault": "timeout", "urgent": True, "channel": "delivery"},
            )):  # fmt: skip
                tx.outbox.add(an_outbox_row(f"m{seconds}", created_at=NOW + seconds * SECOND, **row))
            tx.outbox.add(an_outbox_row("older", urgent=True, fault="timeout", created_at=NOW - SECOND))
            tx.outbox.add(an_outbox_row("untried", urgent=True, created_at=NOW + 20 * SECOND))
            assert since(tx) is None
            tx.outbox.add(an_outbox_row("waits", urgent=True, created_at=NOW + 19 * SECOND))
            assert since(tx) == 19
            tx.outbox.add(an_outbox_row("failed", urgent=True, fault="timeout", created_at=NOW + 7 * SECOND))
            assert since(tx) == 7
            sent = {"status": "sent", "created_at": NOW - 2 * HOUR}
            tx.outbox.add(an_outbox_row("sent", sent_at=NOW + 8 * SECOND, **sent))
            assert since(tx) == 19
            tx.outbox.add(an_outbox_row("sent later", sent_at=NOW + 19 * SECOND, **sent))
            assert since(tx) is None
