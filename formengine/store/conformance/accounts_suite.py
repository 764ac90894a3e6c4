"""Accounts, sessions, codes and counters."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from formengine.store.conformance.expecting import raises, raises_saying
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_code,
    a_draft,
    a_session,
    an_account,
    with_a_draft,
)
from formengine.store.protocol import Store

SECOND = timedelta(seconds=1)


class AccountsSuite:
    """Accounts, sessions, codes and counters."""

    def test_an_account_comes_back_as_it_was_kept(self, store: Store) -> None:
        plain = an_account()
        full = an_account("bea", role="staff", totp=b"sealed", credentials_changed=3, sessions_ended=2)
        with store.write() as tx:
            tx.accounts.add(plain)
            tx.accounts.add(full)
            assert tx.accounts.get("ada") == plain
            assert tx.accounts.get("bea") == full
            assert tx.accounts.by_email("index of bea") == full
            assert tx.accounts.get("nobody") is None
            assert tx.accounts.by_email("nobody") is None

    def test_the_open_accounts_of_a_role_come_back_the_oldest_first(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account("late", role="approver", created_at=NOW + HOUR))
            tx.accounts.add(an_account("early", role="approver"))
            tx.accounts.add(an_account("gone", role="approver", status="closed"))
            tx.accounts.add(an_account("other", role="author"))
            assert [row.id for row in tx.accounts.of_role("approver")] == ["early", "late"]

    def test_a_moment_of_another_zone_comes_back_as_the_same_moment(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account(created_at=NOW.astimezone(ZoneInfo("Asia/Kolkata"))))
            kept = tx.accounts.get("ada")
        assert kept is not None
        assert kept.created_at == NOW
        assert kept.created_at.utcoffset() == timedelta(0)

    def test_a_moment_without_a_zone_is_refused(self, store: Store) -> None:
        with raises_saying(ValueError, "time zone"), store.write() as tx:
            tx.accounts.add(an_account(created_at=NOW.replace(tzinfo=None)))

    def test_a_closed_accounts_address_is_free_again(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account(status="closed"))
            assert tx.accounts.by_email("index of ada") is None
            tx.accounts.add(an_account("new", email_index="index of ada"))
            found = tx.accounts.by_email("index of ada")
        assert found is not None
        assert found.id == "new"

    def test_replacing_an_account_keeps_all_of_it_and_refuses_anothers_address(self, store: Store) -> None:
        changed = an_account(status="closed", profile=b"", totp=b"t")
        with store.write() as tx:
            tx.accounts.add(an_account())
            tx.accounts.add(an_account("bea"))
            with raises(KeyError):
                tx.accounts.replace(an_account(email_index="index of bea"))
            tx.accounts.replace(changed)
            assert tx.accounts.get("ada") == changed

    def test_accounts_are_listed_the_oldest_first(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account("new", created_at=NOW + SECOND))
            tx.accounts.add(an_account("old"))
            assert [row.id for row in tx.accounts.every()] == ["old", "new"]

    def test_accounts_that_nobody_confirmed_go_with_their_sessions_unless_a_draft_is_theirs(
        self, store: Store
    ) -> None:
        with_a_draft(store)
        with store.write() as tx:
            for name in ("late", "busy", "fresh"):
                tx.accounts.add(
                    an_account(name, status="unconfirmed", created_at=NOW if name == "fresh" else NOW - HOUR)
                )
                tx.sessions.add(a_session(f"of {name}", account=name))
            tx.drafts.add(a_draft("of busy", account="busy", holder=None))
            assert tx.accounts.remove_unconfirmed(NOW, 9) == 1
            assert sorted(row.id for row in tx.accounts.every()) == ["ada", "busy", "fresh"]
            assert tx.sessions.get("of late") is None
            assert tx.sessions.get("of busy") is not None

    def test_codes_whose_time_is_over_are_removed(self, store: Store) -> None:
        with store.write() as tx:
            tx.codes.put(a_code("old", owner="bea", ends_at=NOW - SECOND))
            tx.codes.put(a_code("live"))
            assert tx.codes.remove_ended(NOW, 9) == 1
            assert tx.codes.live("ada", "sign_in", "") is not None

    def test_a_session_comes_back_as_it_was_kept_and_as_it_was_changed(self, store: Store) -> None:
        row = a_session(facts={"next": "/forms/referral", "human": "1"}, stamp="stamp")
        with store.write() as tx:
            tx.accounts.add(an_account())
            tx.sessions.add(row)
            assert tx.sessions.get("token") == row
            tx.sessions.seen("token", NOW + SECOND)
            assert tx.sessions.get("token") == replace(row, seen_at=NOW + SECOND)
            signed_in = a_session(account="ada", stage="signed_in", facts={})
            tx.sessions.replace(signed_in)
            assert tx.sessions.get("token") == signed_in
            tx.sessions.remove("token")
            assert tx.sessions.get("token") is None

    def test_an_accounts_sessions_end_all_but_one(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            for number in range(3):
                row = a_session(
                    f"t{number}", account="ada", stage="signed_in", created_at=NOW + number * SECOND
                )
                tx.sessions.add(row)
            assert [row.token_hash for row in tx.sessions.of_account("ada")] == ["t2", "t1", "t0"]
            assert tx.sessions.remove_of_account("ada", but="t1") == 2
            assert [row.token_hash for row in tx.sessions.of_account("ada")] == ["t1"]

    def test_a_session_that_waits_for_a_code_is_not_ended_with_those_signed_in(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            tx.sessions.add(a_session("waits", account="ada", stage="code_due"))
            tx.sessions.add(a_session("in", account="ada", stage="signed_in"))
            assert tx.sessions.remove_of_account("ada") == 1
            assert tx.sessions.get("waits") is not None

    def test_sessions_that_idled_or_ended_are_removed(self, store: Store) -> None:
        with store.write() as tx:
            tx.sessions.add(a_session("idle", seen_at=NOW - HOUR))
            tx.sessions.add(a_session("ended", ends_at=NOW))
            tx.sessions.add(a_session("live"))
            assert tx.sessions.remove_ended(NOW - 20 * 60 * SECOND, NOW, 9) == 2
            assert tx.sessions.get("live") is not None

    def test_an_owner_has_one_code_for_a_purpose_and_each_it_is_bound_to(self, store: Store) -> None:
        other, elsewhere = a_code("other", purpose="reset"), a_code("elsewhere", bound_to="another session")
        with store.write() as tx:
            tx.codes.put(a_code("first"))
            tx.codes.put(other)
            tx.codes.put(elsewhere)
            tx.codes.put(a_code("of bea", owner="bea"))
            tx.codes.put(a_code("second", created_at=NOW + SECOND))
            assert tx.codes.live("ada", "sign_in", "") == a_code("second", created_at=NOW + SECOND)
            assert tx.codes.live("ada", "reset", "") == other
            assert tx.codes.live("ada", "sign_in", "another session") == elsewhere
            assert tx.codes.live("ada", "reset", "another session") is None
            assert [row.id for row in tx.codes.of_owner("ada")] == ["other", "elsewhere", "second"]

    def test_a_codes_stamp_is_changed_and_nothing_else_of_it(self, store: Store) -> None:
        with store.write() as tx:
            tx.codes.put(a_code(stamp="before"))
            tx.codes.put(a_code("other", owner="bea"))
            tx.codes.stamp("code", "after")
            assert tx.codes.live("ada", "sign_in", "") == a_code(stamp="after")
            assert tx.codes.live("bea", "sign_in", "") == a_code("other", owner="bea")

    def test_attempts_at_a_code_are_counted_until_it_is_burnt(self, store: Store) -> None:
        with store.write() as tx:
            tx.codes.put(a_code())
            assert [tx.codes.count_attempt("code") for _ in range(3)] == [1, 2, 3]
            tx.codes.remove("code")
            assert tx.codes.count_attempt("code") == 0
            assert tx.codes.live("ada", "sign_in", "") is None

    def test_a_recovery_code_is_spent_once_and_new_ones_take_the_place_of_all(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            tx.accounts.add(an_account("bob"))
            tx.accounts.set_recovery_codes("ada", ["one", "two"])
            tx.accounts.set_recovery_codes("bob", ["one"])
            assert tx.accounts.spend_recovery_code("ada", "one") is True
            assert tx.accounts.spend_recovery_code("ada", "one") is False
            assert tx.accounts.spend_recovery_code("ada", "no such code") is False
            assert (tx.accounts.recovery_codes_left("ada"), tx.accounts.recovery_codes_left("bob")) == (1, 1)
            tx.accounts.set_recovery_codes("ada", ["three", "four", "five"])
            assert tx.accounts.spend_recovery_code("ada", "two") is False
            assert tx.accounts.recovery_codes_left("ada") == 3
            tx.accounts.set_recovery_codes("ada", ())
            assert (tx.accounts.recovery_codes_left("ada"), tx.accounts.recovery_codes_left("bob")) == (0, 1)

    def test_of_many_who_spend_one_recovery_code_at_once_one_does(self, store: Store) -> None:
        with store.write() as tx:
            tx.accounts.add(an_account())
            tx.accounts.set_recovery_codes("ada", ["one"])
        together = threading.Barrier(8)

        def spend(_: int) -> bool:
            together.wait()
            with store.write() as tx:
                return tx.accounts.spend_recovery_code("ada", "one")

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(spend, range(8))) == 1

    def test_a_counter_counts_within_its_window_and_starts_again(self, store: Store) -> None:
        with store.write() as tx:
            assert [tx.counters.count("save:a", NOW, 60) for _ in range(3)] == [1, 2, 3]
            assert tx.counters.count("save:b", NOW, 60) == 1
            assert tx.counters.count("save:a", NOW, 3600) == 1
            assert tx.counters.peek("save:a", NOW, 60) == 3
            later = NOW + 60 * SECOND
            assert tx.counters.peek("save:a", later, 60) == 0
            assert tx.counters.count("save:a", later, 60) == 1

    def test_what_is_spent_stays_spent_until_its_time_is_over(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.counters.spend("challenge", NOW + HOUR) is True
            assert tx.counters.spend("challenge", NOW + HOUR) is False
            assert tx.counters.remove_old(NOW, 9) == 0
            assert tx.counters.remove_old(NOW + HOUR, 9) == 1
            assert tx.counters.spend("challenge", NOW + 2 * HOUR) is True

    def test_counters_whose_window_is_over_are_removed(self, store: Store) -> None:
        with store.write() as tx:
            tx.counters.count("old", NOW, 60)
            tx.counters.count("new", NOW, 24 * 3600)
            assert tx.counters.remove_old(NOW + HOUR, 9) == 1
            assert tx.counters.peek("new", NOW, 24 * 3600) == 1
