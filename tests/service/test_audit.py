"""The audit: whole when nobody touched it; otherwise the first bad entry is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from formengine.service import audit
from formengine.service.audit import Head
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.store.conformance.sample_rows import NOW, an_account
from formengine.store.rows import AuditRow
from formengine.store.sqlite import SqliteStore

ENTRIES = 12
AT = "2026-11-22 09:30:15 UTC"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[ServiceContext]:
    store = SqliteStore(tmp_path / "store.sqlite3")
    context = ServiceContext(store, Keyring.new(), clock=lambda: NOW)
    for number in range(1, ENTRIES + 1):
        with store.write() as tx:
            audit.note(
                tx, context, actor="ada", action="draft.saved", subject=f"d{number}", fields=("notes",)
            )
    yield context
    store.close()


def problem(context: ServiceContext, expected: Head | None = None) -> str:
    return audit.verify(audit.entries(context.store), context.keys, expected=expected).problem


def alter(context: ServiceContext, sql: str) -> None:
    assert isinstance(context.store, SqliteStore)
    context.store._connection.execute(sql)


def head_of(context: ServiceContext) -> Head:
    return audit.verify(audit.entries(context.store), context.keys).head


def test_an_untouched_chain_is_whole(context: ServiceContext) -> None:
    verdict = audit.verify(audit.entries(context.store), context.keys)
    assert verdict.problem == ""
    assert verdict.head.seq == ENTRIES
    assert len(verdict.head.hash) == 64
    assert str(verdict.head) == f"12:{verdict.head.hash}"


def test_an_empty_chain_is_whole() -> None:
    assert audit.verify([], Keyring.new()) == audit.ChainVerdict(Head(0, "0" * 64))


def test_an_entry_holds_what_was_noted(context: ServiceContext) -> None:
    with context.store.read() as tx:
        first, *_ = tx.audit.every()
    assert (first.seq, first.at, first.actor, first.action, first.subject, first.fields, first.previous) == (
        1,
        NOW,
        "ada",
        "draft.saved",
        "d1",
        ("notes",),
        "0" * 64,
    )


def test_an_entry_goes_with_the_change_it_is_part_of(context: ServiceContext) -> None:
    with pytest.raises(ZeroDivisionError), context.store.write() as tx:  # noqa: PT012 - a change and its end
        tx.accounts.add(an_account())
        audit.note(tx, context, actor="system", action="account.made", subject="ada")
        raise ZeroDivisionError
    assert head_of(context).seq == ENTRIES


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE audit SET actor = 'bea' WHERE seq = 5", f"Entry 5 (draft.saved of d5, {AT}) was altered"),
        ("UPDATE audit SET fields = '[]' WHERE seq = 5", f"Entry 5 (draft.saved of d5, {AT}) was altered"),
        ("UPDATE audit SET subject = 'd9' WHERE seq = 12", f"Entry 12 (draft.saved of d9, {AT}) was altered"),
        ("UPDATE audit SET action = 'draft.read' WHERE seq = 1", f"Entry 1 (draft.read of d1, {AT}) was altered"),
        (
            "UPDATE audit SET at = '2026-11-23T09:30:15.250000Z' WHERE seq = 7",
            "Entry 7 (draft.saved of d7, 2026-11-23 09:30:15 UTC) was altered",
        ),
        (
            "DELETE FROM audit WHERE seq = 6",
            f"Entry 7 (draft.saved of d7, {AT}) follows entry 5: what stood between is gone",
        ),
        (
            "DELETE FROM audit WHERE seq = 1",
            f"Entry 2 (draft.saved of d2, {AT}) follows entry 0: what stood between is gone",
        ),
        (
            "UPDATE audit SET previous = hash, hash = previous WHERE seq = 4",
            f"Entry 4 (draft.saved of d4, {AT}) does not follow from entry 3: one of both was altered or put in",
        ),
        (
            "UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 3",
            f"Entry 3 (draft.saved of d3, {AT}) was altered",
        ),
    ],
)  # fmt: skip
def test_what_was_done_to_an_entry_is_found_and_the_entry_named(
    context: ServiceContext, change: str, said: str
) -> None:
    alter(context, change)
    assert problem(context) == said


def test_a_chain_made_anew_without_the_key_file_is_found(context: ServiceContext) -> None:
    forger = ServiceContext(SqliteStore(None), Keyring.new(), clock=lambda: NOW)
    for number in range(1, ENTRIES + 1):
        with forger.store.write() as tx:
            audit.note(tx, forger, actor="nobody", action="draft.saved", subject=f"d{number}")
    forged = list(audit.entries(forger.store))
    assert audit.verify(forged, forger.keys).problem == ""
    assert audit.verify(forged, context.keys).problem.endswith("was altered")
    forger.store.close()


def test_an_entry_put_in_between_is_found(context: ServiceContext) -> None:
    entries = list(audit.entries(context.store))
    put_in = replace(entries[4], seq=6, subject="other")
    moved_on = [replace(entry, seq=entry.seq + 1) for entry in entries[5:]]
    chain: list[AuditRow] = [*entries[:5], put_in, *moved_on]
    assert audit.verify(chain, context.keys).problem.startswith("Entry 6 (draft.saved of other, ")


def test_a_cut_off_end_is_found_by_a_head_that_was_kept(context: ServiceContext) -> None:
    head = head_of(context)
    alter(context, "DELETE FROM audit WHERE seq > 9")
    assert problem(context) == ""
    assert problem(context, head) == "The chain ends at entry 9; entry 12 and what followed is gone"


def test_a_head_that_was_kept_still_fits_when_the_chain_has_grown(context: ServiceContext) -> None:
    head = head_of(context)
    with context.store.write() as tx:
        audit.note(tx, context, actor="system", action="draft.purged", subject="d1")
    assert problem(context, head) == ""
    assert problem(context, Head(0, audit.BEGINNING)) == ""


def test_a_head_of_another_chain_does_not_fit(context: ServiceContext) -> None:
    verdict = audit.verify(audit.entries(context.store), context.keys, expected=Head(9, "f" * 64))
    assert verdict.problem == "Entry 9 is not the one that was there when its head was kept"
    assert verdict.head.seq == 8


def test_a_long_audit_is_read_in_short_looks(
    context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 5)
    assert [entry.seq for entry in audit.entries(context.store)] == list(range(1, ENTRIES + 1))


def test_the_clock_may_go_back_and_the_chain_stays_whole(context: ServiceContext) -> None:
    earlier = ServiceContext(context.store, context.keys, clock=lambda: NOW - timedelta(days=1))
    with context.store.write() as tx:
        audit.note(tx, earlier, actor="system", action="clock.set", subject="-")
    assert problem(context) == ""
