"""What every store does, whichever database it stands on: another store joins by a line in `STORES`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from formengine.store.protocol import StaleRevisionError, Store
from formengine.store.rows import SubmissionLine
from formengine.store.sqlite import SqliteStore
from tests.support.store_rows import (
    HOUR,
    NOW,
    a_code,
    a_definition,
    a_draft,
    a_file,
    a_held_post,
    a_session,
    a_submission,
    an_account,
    an_audit_row,
    an_outbox_row,
    with_a_draft,
)

STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite file": lambda folder: SqliteStore(folder / "store.sqlite3"),
    "sqlite memory": lambda _: SqliteStore(None),
}
SECOND = timedelta(seconds=1)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


# --- transactions ----------------------------------------------------------------------------------------------------


def test_a_change_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012 - a change and its end
        tx.accounts.add(an_account())
        raise ZeroDivisionError
    with store.read() as tx:
        assert tx.accounts.get("ada") is None


def test_a_look_inside_a_change_sees_the_change(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account())
        with store.read() as inner:
            assert inner.accounts.get("ada") == an_account()
        tx.accounts.add(an_account("bea"))
    with store.read() as tx:
        assert tx.accounts.get("bea") == an_account("bea")


def test_a_change_inside_another_is_refused_and_the_outer_one_is_undone(store: Store) -> None:
    with pytest.raises(RuntimeError, match="another transaction"), store.write() as tx:  # noqa: PT012
        tx.accounts.add(an_account())
        with store.write():
            pass
    with store.read() as tx:
        assert tx.accounts.get("ada") is None


def test_nothing_is_changed_in_a_look(store: Store) -> None:
    with pytest.raises(RuntimeError, match="outside"), store.read() as tx:
        tx.accounts.add(an_account())


def test_a_transaction_ends_with_its_block(store: Store) -> None:
    with store.write() as tx:
        pass
    with pytest.raises(RuntimeError, match="outside"):
        tx.accounts.get("ada")
    with pytest.raises(RuntimeError, match="outside"):
        tx.accounts.add(an_account())


def test_another_thread_cannot_take_part_in_a_transaction(store: Store) -> None:
    with store.write() as tx, ThreadPoolExecutor() as threads:
        asked = threads.submit(tx.accounts.get, "ada")
        with pytest.raises(RuntimeError, match="outside"):
            asked.result()


def test_writers_wait_for_one_another_and_none_is_lost(store: Store) -> None:
    def count_often() -> None:
        for _ in range(25):
            with store.write() as tx:
                tx.counters.count("save:a", NOW, 60)

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(count_often) for _ in range(4)]:
            each.result()
    with store.read() as tx:
        assert tx.counters.peek("save:a", NOW, 60) == 100


def test_a_row_that_must_be_the_only_one_is_refused_and_the_change_goes_on(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account())
        with pytest.raises(KeyError):
            tx.accounts.add(an_account("bea", email_index="index of ada"))
        tx.accounts.add(an_account("cy"))
    with store.read() as tx:
        assert tx.accounts.get("bea") is None
        assert tx.accounts.get("cy") is not None


# --- people ----------------------------------------------------------------------------------------------------------


def test_an_account_comes_back_as_it_was_kept(store: Store) -> None:
    plain = an_account()
    full = an_account("bea", role="staff", totp=b"sealed")
    with store.write() as tx:
        tx.accounts.add(plain)
        tx.accounts.add(full)
        assert tx.accounts.get("ada") == plain
        assert tx.accounts.get("bea") == full
        assert tx.accounts.by_email("index of bea") == full
        assert tx.accounts.get("nobody") is None
        assert tx.accounts.by_email("nobody") is None


def test_a_moment_of_another_zone_comes_back_as_the_same_moment(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account(created_at=NOW.astimezone(ZoneInfo("Asia/Kolkata"))))
        kept = tx.accounts.get("ada")
    assert kept is not None
    assert kept.created_at == NOW
    assert kept.created_at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"), store.write() as tx:
        tx.accounts.add(an_account(created_at=NOW.replace(tzinfo=None)))


def test_a_closed_accounts_address_is_free_again(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account(status="closed"))
        assert tx.accounts.by_email("index of ada") is None
        tx.accounts.add(an_account("new", email_index="index of ada"))
        found = tx.accounts.by_email("index of ada")
    assert found is not None
    assert found.id == "new"


def test_replacing_an_account_keeps_all_of_it_and_refuses_anothers_address(store: Store) -> None:
    changed = an_account(status="closed", profile=b"", totp=b"t")
    with store.write() as tx:
        tx.accounts.add(an_account())
        tx.accounts.add(an_account("bea"))
        with pytest.raises(KeyError):
            tx.accounts.replace(an_account(email_index="index of bea"))
        tx.accounts.replace(changed)
        assert tx.accounts.get("ada") == changed


def test_accounts_are_listed_the_oldest_first(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account("new", created_at=NOW + SECOND))
        tx.accounts.add(an_account("old"))
        assert [row.id for row in tx.accounts.every()] == ["old", "new"]


def test_accounts_that_nobody_confirmed_go_with_their_sessions_unless_a_draft_is_theirs(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        for name in ("late", "busy", "fresh"):
            tx.accounts.add(
                an_account(name, status="unconfirmed", created_at=NOW if name == "fresh" else NOW - HOUR)
            )
            tx.sessions.add(a_session(f"of {name}", account=name))
        tx.drafts.add(a_draft("of busy", account="busy", holder=None))
        assert tx.accounts.remove_unconfirmed(NOW) == 1
        assert sorted(row.id for row in tx.accounts.every()) == ["ada", "busy", "fresh"]
        assert tx.sessions.get("of late") is None
        assert tx.sessions.get("of busy") is not None


def test_codes_whose_time_is_over_are_removed(store: Store) -> None:
    with store.write() as tx:
        tx.codes.put(a_code("old", owner="bea", ends_at=NOW - SECOND))
        tx.codes.put(a_code("live"))
        assert tx.codes.remove_ended(NOW) == 1
        assert tx.codes.live("ada", "sign_in") is not None


def test_a_session_comes_back_as_it_was_kept_and_as_it_was_changed(store: Store) -> None:
    row = a_session(facts={"next": "/forms/referral", "human": "1"})
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


def test_an_accounts_sessions_end_all_but_one(store: Store) -> None:
    with store.write() as tx:
        tx.accounts.add(an_account())
        for number in range(3):
            tx.sessions.add(a_session(f"t{number}", account="ada", created_at=NOW + number * SECOND))
        assert [row.token_hash for row in tx.sessions.of_account("ada")] == ["t2", "t1", "t0"]
        assert tx.sessions.remove_of_account("ada", but="t1") == 2
        assert [row.token_hash for row in tx.sessions.of_account("ada")] == ["t1"]


def test_sessions_that_idled_or_ended_are_removed(store: Store) -> None:
    with store.write() as tx:
        tx.sessions.add(a_session("idle", seen_at=NOW - HOUR))
        tx.sessions.add(a_session("ended", ends_at=NOW))
        tx.sessions.add(a_session("live"))
        assert tx.sessions.remove_ended(NOW - 20 * 60 * SECOND, NOW) == 2
        assert tx.sessions.get("live") is not None


def test_an_owner_has_one_code_for_a_purpose(store: Store) -> None:
    with store.write() as tx:
        tx.codes.put(a_code("first"))
        tx.codes.put(a_code("other", purpose="reset"))
        tx.codes.put(a_code("second"))
        assert tx.codes.live("ada", "sign_in") == a_code("second")
        assert tx.codes.live("ada", "reset") == a_code("other", purpose="reset")
        assert tx.codes.by_hash("sign_in", "hash of first") is None
        assert tx.codes.by_hash("sign_in", "hash of second") == a_code("second")
        assert tx.codes.by_hash("reset", "hash of second") is None


def test_attempts_at_a_code_are_counted_until_it_is_burnt(store: Store) -> None:
    with store.write() as tx:
        tx.codes.put(a_code())
        assert [tx.codes.count_attempt("code") for _ in range(3)] == [1, 2, 3]
        tx.codes.remove("code")
        assert tx.codes.count_attempt("code") == 0
        assert tx.codes.live("ada", "sign_in") is None


def test_a_recovery_code_is_spent_once_and_new_ones_take_the_place_of_all(store: Store) -> None:
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


def test_of_many_who_spend_one_recovery_code_at_once_one_does(store: Store) -> None:
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


def test_a_counter_counts_within_its_window_and_starts_again(store: Store) -> None:
    with store.write() as tx:
        assert [tx.counters.count("save:a", NOW, 60) for _ in range(3)] == [1, 2, 3]
        assert tx.counters.count("save:b", NOW, 60) == 1
        assert tx.counters.count("save:a", NOW, 3600) == 1
        assert tx.counters.peek("save:a", NOW, 60) == 3
        later = NOW + 60 * SECOND
        assert tx.counters.peek("save:a", later, 60) == 0
        assert tx.counters.count("save:a", later, 60) == 1


def test_what_is_spent_stays_spent_until_its_time_is_over(store: Store) -> None:
    with store.write() as tx:
        assert tx.counters.spend("challenge", NOW + HOUR) is True
        assert tx.counters.spend("challenge", NOW + HOUR) is False
        assert tx.counters.remove_old(NOW) == 0
        assert tx.counters.remove_old(NOW + HOUR) == 1
        assert tx.counters.spend("challenge", NOW + 2 * HOUR) is True


def test_counters_whose_window_is_over_are_removed(store: Store) -> None:
    with store.write() as tx:
        tx.counters.count("old", NOW, 60)
        tx.counters.count("new", NOW, 24 * 3600)
        assert tx.counters.remove_old(NOW + HOUR) == 1
        assert tx.counters.peek("new", NOW, 24 * 3600) == 1


# --- filling in ------------------------------------------------------------------------------------------------------


def test_a_definition_is_kept_once(store: Store) -> None:
    with store.write() as tx:
        tx.definitions.keep(a_definition(packed='{"a":1}'))
        tx.definitions.keep(a_definition(packed="something else"))
        assert tx.definitions.get("digest") == a_definition(packed='{"a":1}')
        assert tx.definitions.get("other") is None


def test_a_draft_comes_back_as_it_was_kept(store: Store) -> None:
    with_a_draft(store)
    other = a_draft("other", account="ada", holder=None, urgent=True, link_hash="link", shown=("a", "b"))
    with store.write() as tx:
        tx.drafts.add(other)
        assert tx.drafts.get("draft") == a_draft()
        assert tx.drafts.get("other") == other
        assert tx.drafts.get("nothing") is None


def test_saving_raises_the_revision_and_keeps_what_was_given(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        rev = tx.drafts.save(
            "draft", 1, answers=b"more", step="children", shown=("a", "b"), urgent=True, at=NOW + SECOND
        )
        kept = tx.drafts.get("draft")
    assert rev == 2
    assert kept == a_draft(
        rev=2, answers=b"more", step="children", shown=("a", "b"), urgent=True, saved_at=NOW + SECOND
    )


def test_a_stale_save_changes_nothing(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.save("draft", 1, answers=b"newer", step="a", shown=(), urgent=False, at=NOW)
    with pytest.raises(StaleRevisionError), store.write() as tx:
        tx.drafts.save("draft", 1, answers=b"older", step="b", shown=(), urgent=False, at=NOW)
    with store.read() as tx:
        kept = tx.drafts.get("draft")
    assert kept is not None
    assert (kept.rev, kept.answers) == (2, b"newer")


def test_a_draft_that_is_not_open_cannot_be_saved(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.close("draft", "cancelled")
    with pytest.raises(StaleRevisionError), store.write() as tx:
        tx.drafts.save("draft", 1, answers=b"late", step="a", shown=(), urgent=False, at=NOW)


def test_of_two_saves_of_one_revision_at_once_one_is_kept(store: Store) -> None:
    with_a_draft(store)
    together = threading.Barrier(8)

    def save(number: int) -> bool:
        together.wait()
        try:
            with store.write() as tx:
                tx.drafts.save("draft", 1, answers=bytes([number]), step="", shown=(), urgent=False, at=NOW)
        except StaleRevisionError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(save, range(8)))
    with store.read() as tx:
        kept = tx.drafts.get("draft")
    assert kept is not None
    assert (sum(saved), kept.rev, kept.answers) == (1, 2, bytes([saved.index(True)]))


def test_moving_makes_no_revision(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.move("draft", step="check-answers", shown=("a", "b"), saved_at=NOW + SECOND)
        moved = a_draft(step="check-answers", shown=("a", "b"), saved_at=NOW + SECOND)
        assert tx.drafts.get("draft") == moved


def test_an_owner_is_to_be_warned_once_until_the_draft_is_saved_again(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.add(a_draft("adas", account="ada", holder=None))
        tx.drafts.add(a_draft("sent", account="ada", holder=None, status="submitted"))
        assert tx.drafts.to_warn_of(NOW) == []
        assert tx.drafts.to_warn_of(NOW + SECOND) == ["adas"]
        tx.drafts.warned("adas", NOW + HOUR)
        assert tx.drafts.to_warn_of(NOW + 2 * HOUR) == []
        tx.drafts.save("adas", 1, answers=b"", step="", shown=(), urgent=False, at=NOW + 2 * HOUR)
        assert tx.drafts.to_warn_of(NOW + 3 * HOUR) == ["adas"]
        kept = tx.drafts.get("adas")
    assert kept is not None
    assert kept.warned_at == NOW + HOUR


def test_an_accounts_draft_may_end_only_after_its_owner_was_warned(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.add(a_draft("adas", account="ada", holder=None))
        assert tx.drafts.left_alone(NOW + SECOND, NOW + 5 * HOUR) == ["draft"]
        tx.drafts.warned("adas", NOW + HOUR)
        assert tx.drafts.left_alone(NOW + SECOND, NOW + HOUR) == ["draft"]
        assert tx.drafts.left_alone(NOW + SECOND, NOW + 2 * HOUR) == ["draft", "adas"]
        assert tx.drafts.left_alone(NOW, NOW + 2 * HOUR) == []


def test_signing_in_claims_the_sessions_drafts(store: Store) -> None:
    with_a_draft(store, "one", "two")
    with store.write() as tx:
        tx.drafts.add(a_draft("anothers", holder="other session"))
        assert sorted(tx.drafts.claim("session", "ada")) == ["one", "two"]
        assert tx.drafts.claim("session", "ada") == []
        assert tx.drafts.get("one") == a_draft("one", account="ada", holder=None)
        assert tx.drafts.get("anothers") == a_draft("anothers", holder="other session")
        assert tx.drafts.of_holder("session") == []


def test_a_draft_without_account_is_handed_over_and_one_with_account_is_not(store: Store) -> None:
    with_a_draft(store, "one")
    with store.write() as tx:
        tx.drafts.add(a_draft("adas", account="ada", holder=None))
        tx.drafts.hand_over("one", "new session")
        tx.drafts.hand_over("adas", "new session")
        assert [row.id for row in tx.drafts.of_holder("new session")] == ["one"]
        assert tx.drafts.get("adas") == a_draft("adas", account="ada", holder=None)


def test_a_link_opens_its_draft_while_it_is_open(store: Store) -> None:
    with_a_draft(store, "one", "two")
    with store.write() as tx:
        tx.drafts.set_link("one", "link")
        assert tx.drafts.by_link("link") == a_draft("one", link_hash="link")
        assert tx.drafts.by_link("") is None
        tx.drafts.close("one", "cancelled")
        assert tx.drafts.by_link("link") is None


def test_drafts_are_listed_the_one_saved_last_first_and_only_open_ones(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        for name, minutes in (("old", 1), ("new", 3), ("middle", 2), ("gone", 4)):
            saved_at = NOW + minutes * 60 * SECOND
            tx.drafts.add(a_draft(name, account="ada", holder=None, saved_at=saved_at))
        tx.drafts.close("gone", "submitted")
        assert [row.id for row in tx.drafts.of_account("ada")] == ["new", "middle", "old"]


def test_closing_a_draft_destroys_answers_key_and_held_posts_and_keeps_the_row(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.hold_post(a_held_post())
        tx.drafts.close("draft", "submitted")
        assert tx.drafts.get("draft") == a_draft(status="submitted", answers=b"", data_key=b"")
        assert tx.drafts.held_post("held") is None


def test_a_held_post_stays_until_it_is_dropped_or_its_time_is_over(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.drafts.hold_post(a_held_post())
        tx.drafts.hold_post(a_held_post("short", ends_at=NOW))
        assert tx.drafts.held_post("held") == a_held_post()
        assert tx.drafts.held_posts("draft") == [a_held_post("short", ends_at=NOW), a_held_post()]
        assert tx.drafts.held_posts("other") == []
        assert tx.drafts.drop_ended_posts(NOW) == 1
        assert tx.drafts.held_post("short") is None
        tx.drafts.drop_held_post("held")
        assert tx.drafts.held_post("held") is None


def test_a_file_comes_back_with_its_content_byte_for_byte(store: Store) -> None:
    with_a_draft(store)
    content = bytes(range(256)) * 4000
    with store.write() as tx:
        tx.files.add(a_file(), content)
    with store.read() as tx:
        assert tx.files.get("file") == a_file()
        assert tx.files.content("file") == content
        assert tx.files.get("other") is None
        assert tx.files.content("other") is None


def test_a_drafts_files_are_listed_as_they_came(store: Store) -> None:
    with_a_draft(store, "draft", "other")
    with store.write() as tx:
        tx.files.add(a_file("late", uploaded_at=NOW + SECOND), b"")
        tx.files.add(a_file("early"), b"")
        tx.files.add(a_file("anothers", draft="other"), b"")
        assert [row.id for row in tx.files.of_draft("draft")] == ["early", "late"]
        assert tx.files.remove_of_draft("draft") == 2
        assert tx.files.of_draft("draft") == []
        assert tx.files.content("early") is None
        assert tx.files.content("anothers") == b""


def test_a_clean_file_stays_and_a_refused_one_loses_content_and_key(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.files.add(a_file("good"), b"good")
        tx.files.add(a_file("bad"), b"bad")
        assert [row.id for row in tx.files.waiting(10)] == ["good", "bad"]
        assert [row.id for row in tx.files.waiting(1)] == ["good"]
        tx.files.set_scan("good", "clean")
        tx.files.set_scan("bad", "refused")
        assert tx.files.waiting(10) == []
        assert tx.files.get("good") == a_file("good", scan="clean")
        assert tx.files.content("good") == b"good"
        assert tx.files.get("bad") == a_file("bad", scan="refused", data_key=b"")
        assert tx.files.content("bad") is None
        tx.files.remove("good")
        assert tx.files.get("good") is None


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_submission_comes_back_by_id_draft_and_reference(store: Store) -> None:
    with_a_draft(store)
    row = a_submission(urgency="urgent", account="ada", holder=None)
    with store.write() as tx:
        tx.submissions.add(row)
        assert tx.submissions.get("sent") == row
        assert tx.submissions.by_draft("draft") == row
        assert tx.submissions.by_reference("REF-sent") == row
        assert tx.submissions.of_account("ada") == [row]
        assert tx.submissions.by_draft("other") is None


def test_a_draft_becomes_one_submission_and_a_reference_is_used_once(store: Store) -> None:
    with_a_draft(store, "draft", "other")
    with store.write() as tx:
        tx.submissions.add(a_submission())
        with pytest.raises(KeyError):
            tx.submissions.add(a_submission("again"))
        with pytest.raises(KeyError):
            tx.submissions.add(a_submission("clash", draft="other", reference="REF-sent"))
        assert [line.id for line in tx.submissions.listed(9)] == ["sent"]


def test_of_fifty_submissions_of_one_draft_at_once_exactly_one_is_kept(store: Store) -> None:
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


def test_submissions_are_listed_the_newest_first_by_what_is_asked_for(store: Store) -> None:
    with_a_draft(store, "a", "b", "c", "d")
    with store.write() as tx:
        for draft, urgency, form, minute in (
            ("a", "standard", "referral", 2),
            ("b", "urgent", "referral", 4),
            ("c", "standard", "allotment", 1),
            ("d", "urgent", "allotment", 4),
        ):
            at = NOW + minute * 60 * SECOND
            tx.submissions.add(a_submission(draft, draft=draft, urgency=urgency, form=form, submitted_at=at))
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


def test_what_is_due_is_claimed_urgent_ones_first_and_by_one_worker_at_a_time(store: Store) -> None:
    until = NOW + 60 * SECOND
    with store.write() as tx:
        tx.outbox.add(an_outbox_row("standard"))
        tx.outbox.add(an_outbox_row("urgent", urgent=True))
        tx.outbox.add(an_outbox_row("later", due_at=NOW + SECOND))
        tx.outbox.add(an_outbox_row("delivery", channel="delivery"))
        first = tx.outbox.claim("email", "worker 1", NOW, until)
        second = tx.outbox.claim("email", "worker 2", NOW, until)
        assert first == an_outbox_row("urgent", urgent=True, attempts=1, lease="worker 1", lease_until=until)
        assert second is not None
        assert second.id == "standard"
        assert tx.outbox.claim("email", "worker 3", NOW, until) is None


def test_a_lease_that_ran_out_goes_to_another_and_the_first_no_longer_counts(store: Store) -> None:
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


def test_a_failure_is_due_again_or_dead_and_keeps_its_payload(store: Store) -> None:
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


def test_a_submission_has_one_row_for_a_channel(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        tx.submissions.add(a_submission())
        tx.outbox.add(an_outbox_row("mail", submission="sent"))
        with pytest.raises(KeyError):
            tx.outbox.add(an_outbox_row("again", submission="sent"))
        tx.outbox.add(an_outbox_row("delivery", submission="sent", channel="delivery"))
        assert [row.id for row in tx.outbox.of_submission("sent")] == ["mail", "delivery"]


def test_the_outbox_shows_its_newest_and_how_long_the_oldest_waits(store: Store) -> None:
    with store.write() as tx:
        assert tx.outbox.oldest_waiting() == {}
        for name, minutes, urgent in (("a", 0, False), ("b", 1, True), ("c", 2, False)):
            tx.outbox.add(an_outbox_row(name, created_at=NOW + minutes * 60 * SECOND, urgent=urgent))
        assert [row.id for row in tx.outbox.newest("email", 2)] == ["c", "b"]
        assert tx.outbox.oldest_waiting() == {"standard": NOW, "urgent": NOW + 60 * SECOND}


# --- keeping ---------------------------------------------------------------------------------------------------------


def test_the_audit_comes_back_in_order(store: Store) -> None:
    with store.write() as tx:
        assert tx.audit.last() is None
        for seq in (1, 2, 3):
            tx.audit.add(an_audit_row(seq))
        assert tx.audit.last() == an_audit_row(3)
        assert tx.audit.every() == [an_audit_row(1), an_audit_row(2), an_audit_row(3)]
        assert tx.audit.after(1, 1) == [an_audit_row(2)]
        assert tx.audit.after(3, 10) == []


def test_an_entry_of_the_audit_is_never_kept_twice(store: Store) -> None:
    with store.write() as tx:
        tx.audit.add(an_audit_row(1))
        with pytest.raises(KeyError):
            tx.audit.add(an_audit_row(1, action="something.else"))
        assert tx.audit.every() == [an_audit_row(1)]


def test_data_keys_are_counted_by_the_key_that_wraps_them(store: Store) -> None:
    with_a_draft(store, "a", "b", "gone")
    with store.write() as tx:
        tx.drafts.add(a_draft("c", data_key=b"k0000002 wrapped"))
        tx.drafts.close("gone", "cancelled")
        assert tx.sealed.count("drafts") == {"k0000001": 2, "k0000002": 1}
        assert tx.sealed.wrapped_by_others("drafts", "k0000002", 1) == [("a", b"k0000001 wrapped")]
        assert tx.sealed.wrapped_by_others("drafts", "k0000002", 9, "a") == [("b", b"k0000001 wrapped")]
        assert [row for row, _ in tx.sealed.wrapped_by_others("drafts", "", 9)] == ["a", "b", "c"]


def test_every_table_with_a_data_key_can_be_counted(store: Store) -> None:
    with store.read() as tx:
        assert sorted(tx.sealed.tables()) == [
            "accounts",
            "drafts",
            "files",
            "held_posts",
            "outbox",
            "submissions",
        ]
        assert {table: dict(tx.sealed.count(table)) for table in tx.sealed.tables()} == {
            table: {} for table in tx.sealed.tables()
        }
        with pytest.raises(KeyError):
            tx.sealed.count("audit; DROP TABLE audit")


def test_a_data_key_is_replaced_only_where_it_is_still_the_old_one(store: Store) -> None:
    with_a_draft(store)
    with store.write() as tx:
        assert tx.sealed.rewrap("drafts", "draft", b"not it", b"new") is False
        assert tx.sealed.rewrap("drafts", "draft", b"k0000001 wrapped", b"new") is True
        assert tx.drafts.get("draft") == a_draft(data_key=b"new")


def test_canaries_are_kept_by_key(store: Store) -> None:
    with store.write() as tx:
        tx.sealed.set_canary("k0000001", b"one")
        tx.sealed.set_canary("index", b"two")
        assert tx.sealed.canaries() == {"index": b"two", "k0000001": b"one"}


def test_a_sound_store_reports_no_problem(store: Store) -> None:
    with_a_draft(store)
    assert store.report().problems == ()
    assert list(store.check()) == []
