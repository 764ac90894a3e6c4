"""Sessions: how long they live, what a new one takes over, and how many there are."""

from datetime import timedelta

import pytest

from formengine.service.accounts.sessions import token_hash
from formengine.store.rows import DefinitionRow, DraftRow
from tests.support.service_parts import Parts


def draft_of(parts: Parts, draft: str, holder: str) -> None:
    """A draft without account that belongs to a session."""
    now = parts.clock()
    with parts.context.store.write() as tx:
        tx.definitions.keep(DefinitionRow(digest="d", form="f", version="1", packed="{}", kept_at=now))
        tx.drafts.add(
            DraftRow(
                id=draft,
                form="f",
                digest="d",
                account=None,
                holder=holder,
                rev=1,
                status="open",
                urgent=False,
                data_key=b"k",
                answers=b"a",
                step="",
                shown=(),
                started_at=now,
                saved_at=now,
            )
        )


def owner_of(parts: Parts, draft: str) -> tuple[str | None, str | None]:
    """The draft's account and holder."""
    with parts.context.store.read() as tx:
        row = tx.drafts.get(draft)
    assert row is not None
    return row.account, row.holder


def test_a_token_has_256_bits_and_the_store_has_only_its_hash(parts: Parts) -> None:
    token, row = parts.sessions.start()
    assert len(token) == 43
    assert row.token_hash == token_hash(token)
    assert token not in repr(row)


def test_an_unknown_token_finds_nothing(parts: Parts) -> None:
    assert parts.sessions.find("x" * 43) is None
    assert parts.sessions.find("") is None
    assert parts.sessions.ended("x" * 43) is None


@pytest.mark.parametrize(("minutes", "lives"), [(20, True), (20.9, True), (21.1, False)])
def test_a_session_ends_after_20_minutes_without_use_and_a_minute_of_grace(
    parts: Parts, minutes: float, lives: bool
) -> None:
    token, _ = parts.sessions.start()
    parts.clock.move(minutes=minutes)
    assert (parts.sessions.find(token) is not None) == lives
    assert (parts.sessions.ended(token) is not None) != lives


def test_use_keeps_a_session_alive_up_to_8_hours(parts: Parts) -> None:
    token, row = parts.sessions.start()
    for _ in range(31):
        parts.clock.move(minutes=15)
        found = parts.sessions.find(token)
        assert found is not None
        parts.sessions.touch(found)
    parts.clock.move(minutes=15)
    assert parts.sessions.find(token) is None
    assert parts.clock() - row.created_at == timedelta(hours=8)


def test_touching_writes_once_a_minute_at_most(parts: Parts) -> None:
    token, row = parts.sessions.start()
    parts.clock.move(seconds=59)
    parts.sessions.touch(row)
    found = parts.sessions.find(token)
    assert found is not None
    assert found.seen_at == row.seen_at
    parts.clock.move(seconds=2)
    parts.sessions.touch(row)
    found = parts.sessions.find(token)
    assert found is not None
    assert found.seen_at == parts.clock()


def test_a_renewed_session_has_another_token_and_the_old_one_is_gone(parts: Parts) -> None:
    old, _ = parts.sessions.start(facts={"next": "/hub", "human": "1"})
    new, row = parts.sessions.renew(old, facts={"purpose": "sign_in", "human": ""})
    assert new != old
    assert parts.sessions.find(old) is None
    assert parts.sessions.ended(old) is None
    assert dict(row.facts) == {"next": "/hub", "purpose": "sign_in"}


def test_a_renewed_session_of_a_visitor_keeps_the_visitors_drafts(parts: Parts) -> None:
    old, row = parts.sessions.start()
    draft_of(parts, "draft", row.token_hash)
    _, renewed = parts.sessions.renew(old)
    assert owner_of(parts, "draft") == (None, renewed.token_hash)


def test_signing_in_makes_a_visitors_drafts_the_accounts(parts: Parts) -> None:
    account = parts.registered().session.account
    old, row = parts.sessions.start()
    draft_of(parts, "draft", row.token_hash)
    parts.sessions.renew(old, account=account, stage="signed_in")
    assert owner_of(parts, "draft") == (account, None)
    assert "draft.claimed" in parts.actions()


def test_nothing_is_taken_over_from_a_session_that_has_ended(parts: Parts) -> None:
    account = parts.registered().session.account
    old, row = parts.sessions.start(facts={"next": "/drafts/x/"})
    draft_of(parts, "draft", row.token_hash)
    parts.clock.move(minutes=30)
    _, renewed = parts.sessions.renew(old, account=account, stage="signed_in")
    assert owner_of(parts, "draft") == (None, row.token_hash)
    assert dict(renewed.facts) == {}


def test_an_account_is_signed_in_on_three_browsers_at_most(parts: Parts) -> None:
    account = parts.registered().session.account
    tokens = []
    for _ in range(4):
        parts.clock.move(seconds=1)
        tokens.append(parts.sessions.start(account=account, stage="signed_in")[0])
    assert [parts.sessions.find(token) is not None for token in tokens] == [False, True, True, True]
    assert account is not None
    assert len(parts.sessions.of_account(account)) == 3


def test_ending_the_others_spares_the_one_that_is_named(parts: Parts) -> None:
    account = parts.registered().session.account
    assert account is not None
    one, _ = parts.sessions.start(account=account, stage="signed_in")
    other, _ = parts.sessions.start(account=account, stage="signed_in")
    with parts.context.store.write() as tx:
        parts.sessions.end_others_in(tx, account, one)
    assert parts.sessions.find(one) is not None
    assert parts.sessions.find(other) is None


def test_facts_are_set_on_what_the_session_holds_by_now(parts: Parts) -> None:
    token, row = parts.sessions.start()
    parts.sessions.set_facts(row, next="/hub")
    parts.sessions.set_facts(row, human="1")
    parts.sessions.set_facts(row, next="")
    found = parts.sessions.find(token)
    assert found is not None
    assert dict(found.facts) == {"human": "1"}


def test_ended_sessions_are_remembered_for_a_day_and_then_forgotten(parts: Parts) -> None:
    token, _ = parts.sessions.start()
    parts.clock.move(hours=23)
    assert parts.sessions.purge() == 0
    assert parts.sessions.ended(token) is not None
    parts.clock.move(hours=2)
    assert parts.sessions.purge() == 1
    assert parts.sessions.ended(token) is None


def test_signing_out_is_noted_and_ends_the_session_for_good(parts: Parts) -> None:
    token = parts.registered().token
    parts.sessions.end(token)
    parts.sessions.end(token)
    assert parts.sessions.find(token) is None
    assert parts.sessions.ended(token) is None
    assert parts.actions().count("account.signed_out") == 1
