"""Definitions, drafts, files and held posts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from formengine.store.conformance.expecting import raises
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_definition,
    a_draft,
    a_file,
    a_held_post,
    an_account,
    with_a_draft,
)
from formengine.store.protocol import StaleRevisionError, Store, Transaction
from formengine.store.rows import MarkedDraftRow

SECOND = timedelta(seconds=1)


class DraftsSuite:
    """Definitions, drafts, files and held posts."""

    def test_a_definition_is_kept_once(self, store: Store) -> None:
        with store.write() as tx:
            tx.definitions.keep(a_definition(packed='{"a":1}'))
            tx.definitions.keep(a_definition(packed="something else"))
            assert tx.definitions.get("digest") == a_definition(packed='{"a":1}')
            assert tx.definitions.get("other") is None

    def test_a_draft_comes_back_as_it_was_kept(self, store: Store) -> None:
        with_a_draft(store)
        other = a_draft("other", account="ada", holder=None, urgent=True, link_hash="link", shown=("a", "b"))
        with store.write() as tx:
            tx.drafts.add(other)
            assert tx.drafts.get("draft") == a_draft()
            assert tx.drafts.get("other") == other
            assert tx.drafts.get("nothing") is None

    def test_saving_raises_the_revision_and_keeps_what_was_given(self, store: Store) -> None:
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

    def test_a_stale_save_changes_nothing(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.save("draft", 1, answers=b"newer", step="a", shown=(), urgent=False, at=NOW)
        with raises(StaleRevisionError), store.write() as tx:
            tx.drafts.save("draft", 1, answers=b"older", step="b", shown=(), urgent=False, at=NOW)
        with store.read() as tx:
            kept = tx.drafts.get("draft")
        assert kept is not None
        assert (kept.rev, kept.answers) == (2, b"newer")

    def test_a_draft_that_is_not_open_cannot_be_saved(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.close("draft", "cancelled")
        with raises(StaleRevisionError), store.write() as tx:
            tx.drafts.save("draft", 1, answers=b"late", step="a", shown=(), urgent=False, at=NOW)

    def test_of_two_saves_of_one_revision_at_once_one_is_kept(self, store: Store) -> None:
        with_a_draft(store)
        together = threading.Barrier(8)

        def save(number: int) -> bool:
            together.wait()
            try:
                with store.write() as tx:
                    tx.drafts.save(
                        "draft", 1, answers=bytes([number]), step="", shown=(), urgent=False, at=NOW
                    )
            except StaleRevisionError:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            saved = list(threads.map(save, range(8)))
        with store.read() as tx:
            kept = tx.drafts.get("draft")
        assert kept is not None
        assert (sum(saved), kept.rev, kept.answers) == (1, 2, bytes([saved.index(True)]))

    def test_moving_makes_no_revision(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.move("draft", step="check answers", shown=("a", "b"), saved_at=NOW + SECOND)
            moved = a_draft(step="check answers", shown=("a", "b"), saved_at=NOW + SECOND)
            assert tx.drafts.get("draft") == moved

    def test_an_owner_is_to_be_warned_once_until_the_draft_is_saved_again(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.add(a_draft("adas", account="ada", holder=None))
            tx.drafts.add(a_draft("sent", account="ada", holder=None, status="submitted"))
            assert tx.drafts.to_warn_of(NOW, 9) == []
            assert tx.drafts.to_warn_of(NOW + SECOND, 0) == []
            assert tx.drafts.to_warn_of(NOW + SECOND, 9) == ["adas"]
            tx.drafts.warned("adas", NOW + HOUR)
            assert tx.drafts.to_warn_of(NOW + 2 * HOUR, 9) == []
            tx.drafts.save("adas", 1, answers=b"", step="", shown=(), urgent=False, at=NOW + 2 * HOUR)
            assert tx.drafts.to_warn_of(NOW + 3 * HOUR, 9) == ["adas"]
            kept = tx.drafts.get("adas")
        assert kept is not None
        assert kept.warned_at is None

    def test_an_accounts_draft_may_end_only_after_its_owner_was_warned(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.add(a_draft("adas", account="ada", holder=None))
            assert tx.drafts.to_mark(NOW + SECOND, 9) == ["draft"]
            tx.drafts.mark(MarkedDraftRow(draft="draft", marked_at=NOW, running_s=5.0))
            tx.drafts.mark(MarkedDraftRow(draft="adas", marked_at=NOW, running_s=6.0))
            assert tx.drafts.to_mark(NOW + SECOND, 9) == []
            assert tx.drafts.left_alone(NOW + SECOND, NOW + 5 * HOUR, 9.0, 9) == ["draft"]
            tx.drafts.warned("adas", NOW + HOUR)
            assert tx.drafts.left_alone(NOW + SECOND, NOW + HOUR, 9.0, 9) == ["draft"]
            assert tx.drafts.left_alone(NOW + SECOND, NOW + 2 * HOUR, 9.0, 9) == ["draft", "adas"]
            assert tx.drafts.left_alone(NOW, NOW + 2 * HOUR, 9.0, 9) == []

    def test_signing_in_claims_the_sessions_drafts(self, store: Store) -> None:
        with_a_draft(store, "one", "two")
        with store.write() as tx:
            tx.drafts.add(a_draft("anothers", holder="other session"))
            assert sorted(tx.drafts.claim("session", "ada")) == ["one", "two"]
            assert tx.drafts.claim("session", "ada") == []
            assert tx.drafts.get("one") == a_draft("one", account="ada", holder=None)
            assert tx.drafts.get("anothers") == a_draft("anothers", holder="other session")
            assert tx.drafts.of_holder("session") == []

    def test_a_draft_without_account_is_handed_over_and_one_with_account_is_not(self, store: Store) -> None:
        with_a_draft(store, "one")
        with store.write() as tx:
            tx.drafts.add(a_draft("adas", account="ada", holder=None))
            tx.drafts.hand_over("one", "new session")
            tx.drafts.hand_over("adas", "new session")
            assert [row.id for row in tx.drafts.of_holder("new session")] == ["one"]
            assert tx.drafts.get("adas") == a_draft("adas", account="ada", holder=None)

    def test_a_link_opens_its_draft_while_it_is_open(self, store: Store) -> None:
        with_a_draft(store, "one", "two")
        with store.write() as tx:
            tx.drafts.set_link("one", "link", "hash of a word")
            assert tx.drafts.by_link("link") == a_draft("one", link_hash="link", link_word="hash of a word")
            assert tx.drafts.by_link("") is None
            tx.drafts.close("one", "cancelled")
            assert tx.drafts.by_link("link") is None
            closed = tx.drafts.get("one")
            assert closed is not None
            assert (closed.link_hash, closed.link_word) == ("", "")

    def test_drafts_are_listed_the_one_saved_last_first_and_only_open_ones(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            for name, minutes in (("old", 1), ("new", 3), ("middle", 2), ("gone", 4)):
                saved_at = NOW + minutes * 60 * SECOND
                tx.drafts.add(a_draft(name, account="ada", holder=None, saved_at=saved_at))
            tx.drafts.close("gone", "submitted")
            assert [row.id for row in tx.drafts.of_account("ada")] == ["new", "middle", "old"]

    def test_closing_a_draft_destroys_answers_key_and_held_posts_and_keeps_the_row(
        self, store: Store
    ) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.hold_post(a_held_post())
            tx.drafts.close("draft", "submitted")
            assert tx.drafts.get("draft") == a_draft(status="submitted", answers=b"", data_key=b"")
            assert tx.drafts.held_post("held") is None

    def test_a_held_post_stays_until_it_is_dropped_or_its_time_is_over(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            tx.drafts.hold_post(a_held_post())
            tx.drafts.hold_post(a_held_post("short", ends_at=NOW))
            assert tx.drafts.held_post("held") == a_held_post()
            assert tx.drafts.held_for("held") == ("draft", a_held_post().ends_at)
            assert tx.drafts.held_for("nothing") is None
            assert tx.drafts.drop_ended_posts(NOW, 9) == 1
            assert tx.drafts.held_post("short") is None
            tx.drafts.drop_held_post("held")
            assert tx.drafts.held_post("held") is None

    def test_held_posts_are_counted_and_found_by_who_wrote_them(self, store: Store) -> None:
        with_a_draft(store)
        with store.write() as tx:
            assert tx.drafts.held_size("draft") == (0, 0)
            tx.drafts.hold_post(a_held_post("a visitor's", body=b"1234"))
            tx.drafts.hold_post(a_held_post("late", writer="ada", body=b"12", ends_at=NOW + 2 * HOUR))
            tx.drafts.hold_post(a_held_post("early", writer="ada", body=b"1", ends_at=NOW + HOUR))
            assert tx.drafts.held_size("draft") == (3, 7)
            assert tx.drafts.held_by("draft", "ada", NOW, NOW + 9 * HOUR) == "early"
            assert tx.drafts.held_by("draft", "ada", NOW + HOUR, NOW + 9 * HOUR) == "late"
            assert tx.drafts.held_by("draft", "ada", NOW, NOW + HOUR) is None
            assert tx.drafts.held_by("draft", "bo", NOW, NOW + 9 * HOUR) is None

    def test_what_was_saved_since_is_noted_a_few_at_a_time_and_looked_for_no_more(self, store: Store) -> None:
        with_a_draft(store, "one", "two", "three")
        with store.write() as tx:
            for name in ("one", "two"):
                tx.drafts.save(name, 1, answers=b"", step="", shown=(), urgent=False, at=NOW + 2 * HOUR)
            # Those first that are known to be quiet the longest: none of them is, but for the last.
            assert tx.drafts.note_saves(NOW + HOUR, 1) == 1
            assert tx.drafts.note_saves(NOW + HOUR, 9) == 1
            assert tx.drafts.note_saves(NOW + HOUR, 9) == 0
            assert tx.drafts.to_mark(NOW + HOUR, 9) == ["three"]
            assert tx.drafts.to_mark(NOW + 3 * HOUR, 9) == ["three", "one", "two"]

    def test_files_are_gone_through_by_age_each_with_whether_its_draft_is_open(self, store: Store) -> None:
        with_a_draft(store, "draft", "sent")
        with store.write() as tx:
            tx.files.add(a_file("late", uploaded_at=NOW + SECOND), b"")
            tx.files.add(a_file("early"), b"")
            tx.files.add(a_file("of the sent", draft="sent"), b"")
            tx.files.add(a_file("none", scan="not_taken"), b"")
            tx.drafts.close("sent", "submitted")
            first = tx.files.uploaded(NOW + HOUR, 2)
            assert [(line.id, line.open) for line in first] == [("early", True), ("of the sent", False)]
            assert [line.id for line in tx.files.uploaded(NOW + HOUR, 2, first[-1])] == ["late"]
            assert tx.files.uploaded(NOW, 9) == []

    def test_a_list_of_drafts_comes_in_pages(self, store: Store) -> None:
        with_a_draft(store, "one", "two", "three")
        with store.write() as tx:
            assert [row.id for row in tx.drafts.of_holder("session", limit=2)] == ["three", "two"]
            assert [row.id for row in tx.drafts.of_holder("session", limit=2, offset=2)] == ["one"]

    def test_a_file_comes_back_with_its_content_byte_for_byte(self, store: Store) -> None:
        with_a_draft(store)
        content = bytes(range(256)) * 4000
        with store.write() as tx:
            tx.files.add(a_file(), content)
        with store.read() as tx:
            assert tx.files.get("file") == a_file()
            assert tx.files.content("file") == content
            assert tx.files.get("other") is None
            assert tx.files.content("other") is None

    def test_a_drafts_files_are_listed_as_they_came(self, store: Store) -> None:
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

    def test_a_clean_file_stays_and_a_refused_one_loses_content_and_key(self, store: Store) -> None:
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

    def test_a_draft_may_end_only_so_long_after_it_was_marked_and_at_most_so_many_at_once(
        self, store: Store
    ) -> None:
        with_a_draft(store, "one", "two")
        with store.write() as tx:
            assert tx.drafts.to_mark(NOW + SECOND, 1) == ["one"]
            assert tx.drafts.left_alone(NOW + SECOND, NOW, 9.0, 9) == []
            for number, name in enumerate(("one", "two"), start=1):
                tx.drafts.mark(MarkedDraftRow(draft=name, marked_at=NOW, running_s=float(number)))
            tx.drafts.mark(MarkedDraftRow(draft="two", marked_at=NOW + HOUR, running_s=9.0))
            assert [row.running_s for row in tx.drafts.marked()] == [1.0, 2.0]
            assert tx.drafts.marked_count() == 2
            assert tx.drafts.left_alone(NOW + SECOND, NOW, 0.5, 9) == []
            assert tx.drafts.left_alone(NOW + SECOND, NOW, 1.0, 9) == ["one"]
            assert tx.drafts.left_alone(NOW + SECOND, NOW, 2.0, 1) == ["one"]
            assert tx.drafts.unmark_saved_since(NOW + SECOND, after="", limit=9) == ""
            assert tx.drafts.marked_count() == 2
            assert tx.drafts.unmark_saved_since(NOW, after="", limit=1) == "one"
            assert tx.drafts.unmark_saved_since(NOW, after="one", limit=2) == ""
            assert tx.drafts.marked_count() == 0
            assert tx.drafts.unmark("one") is False
            assert tx.drafts.to_mark(NOW + SECOND, 9) == ["one", "two"]

    def test_whatever_its_owner_does_takes_the_mark_away(self, store: Store) -> None:
        for number, change in enumerate(_OWN_CHANGES):
            name = f"draft {number}"
            with store.write() as tx:
                if not number:
                    tx.accounts.add(an_account())
                    tx.definitions.keep(a_definition())
                tx.drafts.add(a_draft(name, holder=f"holder {number}"))
                tx.drafts.mark(MarkedDraftRow(draft=name, marked_at=NOW, running_s=1.0))
                change(tx, name, f"holder {number}")
                assert tx.drafts.marked() == []


_OWN_CHANGES: tuple[Callable[[Transaction, str, str], object], ...] = (
    lambda tx, draft, _: tx.drafts.save(draft, 1, answers=b"", step="", shown=(), urgent=False, at=NOW),
    lambda tx, draft, _: tx.drafts.move(draft, step="a", shown=(), saved_at=NOW),
    lambda tx, _, holder: tx.drafts.claim(holder, "ada"),
    lambda tx, draft, _: tx.drafts.hand_over(draft, "other session"),
    lambda tx, draft, _: tx.drafts.set_link(draft, f"hash of {draft}"),
    lambda tx, draft, _: tx.drafts.close(draft, "submitted"),
)
