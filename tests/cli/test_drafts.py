"""`formengine drafts`, as an operator runs it beside a service."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from formengine.store.conformance.sample_rows import NOW, a_definition, a_draft, an_account
from formengine.store.rows import AuditRow, MarkedDraftRow
from formengine.store.sqlite import SqliteStore
from tests.support.command_line import run


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two drafts that are marked and one that is not, which the variables name."""
    for name in list(os.environ):
        if name.startswith("FORMENGINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FORMENGINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMENGINE_KEYS_FILE", str(tmp_path / "keys"))
    (tmp_path / "data").mkdir()
    assert run("keys", "new").code == 0
    with store_in(tmp_path) as store, store.write() as tx:
        tx.accounts.add(an_account())
        tx.definitions.keep(a_definition())
        for name in ("one", "two", "three"):
            # Keys of a test's own would be another service's: nothing here is sealed.
            tx.drafts.add(a_draft(name, data_key=b"", account="ada" if name == "two" else None))
        tx.accounts.replace(an_account(data_key=b""))
        for number, name in enumerate(("one", "two")):
            tx.drafts.mark(
                MarkedDraftRow(draft=name, marked_at=NOW + timedelta(days=23), running_s=3600.0 * number)
            )
    return tmp_path


@contextmanager
def store_in(place: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(place / "data/formengine.sqlite3")
    yield store
    store.close()


def marked(place: Path) -> list[str]:
    with store_in(place) as store, store.read() as tx:
        return [row.draft for row in tx.drafts.marked()]


def audit(place: Path) -> list[AuditRow]:
    with store_in(place) as store, store.read() as tx:
        return tx.audit.every()


def test_marked_drafts_are_listed_the_first_to_go_first_without_an_answer() -> None:
    listed = run("drafts", "marked")
    assert listed.out.splitlines() == [
        "one\treferral\tvisitor\t2026-11-22 09:30\t2026-12-15 09:30\t120",
        "two\treferral\taccount\t2026-11-22 09:30\t2026-12-15 09:30\t121",
    ]
    assert (listed.code, listed.err) == (0, "2 drafts marked\n")


def test_the_list_can_be_read_by_programs() -> None:
    first, _ = json.loads(run("drafts", "marked", "--format", "json").out)
    assert first == {
        "draft": "one",
        "form": "referral",
        "owner": "visitor",
        "saved": "2026-11-22T09:30:15.250000+00:00",
        "marked": "2026-12-15T09:30:15.250000+00:00",
        "ends_in_hours": 120,
    }


def test_a_draft_that_is_restored_is_kept_as_if_saved_now_and_that_stands_in_the_audit(place: Path) -> None:
    before = datetime.now(tz=UTC)
    kept = run("drafts", "restore", "--as", "robin", "one")
    assert (kept.code, kept.out) == (0, "1 draft kept.\n")
    assert marked(place) == ["two"]
    with store_in(place) as store, store.read() as tx:
        row = tx.drafts.get("one")
    assert row is not None
    assert row.saved_at >= before
    noted = [(each.actor, each.action, each.subject) for each in audit(place)]
    assert noted[-1:] == [("operator:robin", "draft.restored", "one")]


def test_all_are_restored_at_once(place: Path) -> None:
    assert run("drafts", "restore", "--all").out == "2 drafts kept.\n"
    assert marked(place) == []


def test_a_draft_that_is_not_marked_is_named_and_the_others_are_kept(place: Path) -> None:
    kept = run("drafts", "restore", "three", "one")
    assert (kept.code, kept.out, kept.err) == (1, "1 draft kept.\n", "Not marked: three\n")
    assert marked(place) == ["two"]


@pytest.mark.parametrize("given", [(), ("--all", "one")])
def test_either_names_or_all_are_wanted(given: tuple[str, ...], place: Path) -> None:
    assert run("drafts", "restore", *given).code == 2
    assert marked(place) == ["one", "two"]
