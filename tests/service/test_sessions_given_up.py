"""A session's token that was given up for a new one: what it is still good for while nobody has signed in.

The answer that brings the new token may be lost on its way, and buttons are pressed twice. Neither may part somebody
from a draft that has no account yet.
"""

from __future__ import annotations

from datetime import timedelta

from formengine.service.accounts.sessions import Sessions
from formengine.store.conformance.sample_rows import an_account
from tests.service.test_sessions import draft_of, owner_of
from tests.support.service_parts import Parts


def test_a_token_that_was_given_up_finds_no_session(parts: Parts) -> None:
    old, _ = parts.sessions.start()
    parts.sessions.renew(old, stage="code_due")
    assert parts.sessions.find(old) is None
    assert parts.sessions.ended(old) is None


def test_whoever_never_got_the_new_token_renews_the_old_one_and_keeps_the_draft(parts: Parts) -> None:
    old, row = parts.sessions.start(facts={"next": "/drafts/x/", "held": "post"})
    draft_of(parts, "draft", row.token_hash)
    lost, _ = parts.sessions.renew(old, stage="code_due")
    _, again = parts.sessions.renew(old, stage="code_due")
    assert owner_of(parts, "draft") == (None, again.token_hash)
    assert again.facts == {"next": "/drafts/x/", "held": "post"}
    assert parts.sessions.find(lost) is None


def test_a_button_pressed_three_times_leaves_the_draft_with_the_last_answer(parts: Parts) -> None:
    old, row = parts.sessions.start()
    draft_of(parts, "draft", row.token_hash)
    tokens = [parts.sessions.renew(old, stage="code_due")[0] for _ in range(3)]
    # Whichever answer the browser keeps leads to the draft.
    for token in tokens:
        _, newest = parts.sessions.renew(token, stage="code_due")
        assert owner_of(parts, "draft") == (None, newest.token_hash)


def test_once_signed_in_no_token_of_before_takes_anything_over(parts: Parts) -> None:
    old, row = parts.sessions.start(facts={"next": "/hub"})
    draft_of(parts, "draft", row.token_hash)
    between, _ = parts.sessions.renew(old, stage="code_due")
    with parts.context.store.write() as tx:
        tx.accounts.add(an_account("acc"))
    signed_in, _ = parts.sessions.renew(between, account="acc", stage="signed_in")
    for token in (old, between):
        _, other = parts.sessions.renew(token)
        assert other.facts == {}
        assert other.account is None
    assert owner_of(parts, "draft") == ("acc", None)
    assert parts.sessions.find(signed_in) is not None


def test_a_session_that_was_signed_in_leaves_nothing_that_points_on(parts: Parts) -> None:
    with parts.context.store.write() as tx:
        tx.accounts.add(an_account("acc"))
    old, row = parts.sessions.start(account="acc", stage="signed_in", facts={"next": "/hub"})
    parts.sessions.renew(old)
    with parts.context.store.read() as tx:
        assert tx.sessions.get(row.token_hash) is None


def test_after_the_new_sessions_time_the_old_token_is_good_for_nothing(parts: Parts) -> None:
    old, row = parts.sessions.start()
    draft_of(parts, "draft", row.token_hash)
    _, new = parts.sessions.renew(old, stage="code_due")
    parts.clock.now += timedelta(minutes=30)
    _, other = parts.sessions.renew(old)
    assert owner_of(parts, "draft") == (None, new.token_hash)
    assert other.token_hash != new.token_hash


def test_what_points_on_is_forgotten_after_a_day(parts: Parts) -> None:
    sessions: Sessions = parts.sessions
    old, row = sessions.start()
    sessions.renew(old, stage="code_due")
    parts.clock.move(hours=25)
    sessions.purge()
    with parts.context.store.read() as tx:
        assert tx.sessions.get(row.token_hash) is None
