"""Publications, and the texts that are being changed."""

from __future__ import annotations

from formengine.store.conformance.expecting import raises
from formengine.store.conformance.sample_rows import (
    HOUR,
    NOW,
    a_definition,
    a_draft,
    a_publication,
    a_review_event,
    a_working_copy,
)
from formengine.store.protocol import Store


class PublicationsSuite:
    """Publications, and the texts that are being changed."""

    def test_without_publications_nothing_is_current(self, store: Store) -> None:
        with store.read() as tx:
            assert tx.publications.last_seq() == 0
            assert tx.publications.last_number("form", "referral") == 0
            assert tx.publications.current("form", NOW) == {}
            assert tx.publications.get("form", "referral", 1) is None
            assert tx.publications.of("form", "referral") == []

    def test_publications_come_back_the_newest_first_and_the_newest_holds(self, store: Store) -> None:
        first, second = a_publication(1), a_publication(2, origin=1, digest="other", reason="")
        third = a_publication(3, name="visit", number=1)
        with store.write() as tx:
            for digest in ("digest", "other"):
                tx.definitions.keep(a_definition(digest))
            for row in (first, second, third):
                tx.publications.add(row)
        with store.read() as tx:
            assert tx.publications.of("form", "referral") == [second, first]
            assert tx.publications.every() == sorted([first, second, third], key=lambda row: row.seq)
            assert tx.publications.get("form", "referral", 1) == first
            assert dict(tx.publications.current("form", NOW - HOUR)) == {"referral": second, "visit": third}
            assert (tx.publications.last_seq(), tx.publications.last_number("form", "referral")) == (3, 2)

    def test_a_publication_with_a_time_holds_from_then_on(self, store: Store) -> None:
        first, later = a_publication(1), a_publication(2, from_at=NOW + HOUR)
        with store.write() as tx:
            tx.definitions.keep(a_definition())
            tx.publications.add(first)
            tx.publications.add(later)
        with store.read() as tx:
            assert dict(tx.publications.current("form", NOW)) == {"referral": first}
            assert dict(tx.publications.current("form", NOW + HOUR)) == {"referral": later}

    def test_no_number_is_given_twice(self, store: Store) -> None:
        with store.write() as tx:
            tx.definitions.keep(a_definition())
            tx.publications.add(a_publication(1))
            with raises(KeyError):
                tx.publications.add(a_publication(1, name="visit"))
            with raises(KeyError):
                tx.publications.add(a_publication(2, number=1))
            assert tx.publications.of("form", "referral") == [a_publication(1)]

    def test_saves_of_a_working_copy_come_back_the_newest_first(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.working_copies.newest("form", "referral") is None
            for rev in (1, 2):
                tx.working_copies.add(a_working_copy(rev))
            tx.working_copies.add(a_working_copy(7, name="visit"))
            with raises(KeyError):
                tx.working_copies.add(a_working_copy(2, texts={}))
        with store.read() as tx:
            assert tx.working_copies.newest("form", "referral") == a_working_copy(2)
            assert tx.working_copies.get("form", "referral", 1) == a_working_copy(1)
            assert tx.working_copies.of("form", "referral") == [a_working_copy(2), a_working_copy(1)]

    def test_the_newest_save_is_ended_and_the_oldest_are_deleted(self, store: Store) -> None:
        with store.write() as tx:
            for rev in (1, 2, 3):
                tx.working_copies.add(a_working_copy(rev))
            tx.working_copies.add(a_working_copy(1, name="visit"))
            tx.working_copies.end("form", "referral", "published")
            assert tx.working_copies.keep_newest("form", "referral", 2) == 1
            kept = [a_working_copy(3, status="published"), a_working_copy(2)]
            assert tx.working_copies.of("form", "referral") == kept
            assert tx.working_copies.newest("form", "visit") == a_working_copy(1, name="visit")

    def test_the_events_of_a_change_come_back_the_newest_first_until_it_has_ended(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.reviews.of("form", "referral") == []
            assert tx.reviews.last_seq("form", "referral") == 0
            for seq in (1, 2):
                tx.reviews.add(a_review_event(seq))
            tx.reviews.add(a_review_event(1, name="visit", event="asked"))
            with raises(KeyError):
                tx.reviews.add(a_review_event(2, note="Another"))
            assert tx.reviews.of("form", "referral") == [a_review_event(2), a_review_event(1)]
            tx.reviews.add(a_review_event(3, event="ended"))
            assert tx.reviews.of("form", "referral") == []
            tx.reviews.add(a_review_event(4, event="edited", note=""))
        with store.read() as tx:
            assert tx.reviews.of("form", "referral") == [a_review_event(4, event="edited", note="")]
            assert tx.reviews.last_seq("form", "referral") == 4
            assert tx.reviews.of("form", "visit") == [a_review_event(1, name="visit", event="asked")]

    def test_a_publication_keeps_who_approved_it(self, store: Store) -> None:
        with store.write() as tx:
            tx.definitions.keep(a_definition())
            tx.publications.add(a_publication(1, approved_by="bea"))
        with store.read() as tx:
            assert tx.publications.get("form", "referral", 1) == a_publication(1, approved_by="bea")

    def test_open_drafts_are_counted_by_form(self, store: Store) -> None:
        with store.write() as tx:
            tx.definitions.keep(a_definition())
            assert dict(tx.drafts.open_by_form()) == {}
            for draft in ("a", "b", "c"):
                tx.drafts.add(a_draft(draft, account=None, holder="session"))
            tx.drafts.add(a_draft("d", form="visit", account=None, holder="session"))
            tx.drafts.close("c", "cancelled")
            assert dict(tx.drafts.open_by_form()) == {"referral": 2, "visit": 1}
