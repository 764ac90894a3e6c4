"""What holds of the SQLite file: durable settings, modes, faults in plain words, and what one sees who opens it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette  # type: ignore[import-untyped]

from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.store import rows
from formengine.store.conformance.sample_rows import (
    NOW,
    a_case,
    a_case_event,
    a_draft,
    a_file,
    a_held_post,
    a_session,
    a_submission,
    an_account,
    an_outbox_row,
    some_case_work,
    with_a_draft,
)
from formengine.store.protocol import Store, StoreError
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.connection import has_wal_reset_fix, settle, store_error
from formengine.store.sqlite.migrations import VIEWS, VIEWS_OF_CASES, step_names

# https://sqlite.org/wal.html, "The WAL-Reset Bug": which releases lose commits, and which do not.
SAFE_WITH_WAL = {
    (3, 40, 1): False,
    (3, 44, 5): False,
    (3, 44, 6): True,
    (3, 44, 7): True,
    (3, 45, 0): False,
    (3, 46, 1): False,
    (3, 50, 6): False,
    (3, 50, 7): True,
    (3, 51, 0): False,
    (3, 51, 2): False,
    (3, 51, 3): True,
    (3, 52, 0): True,
    (4, 0, 0): True,
}


def settings_of(store: SqliteStore, *names: str) -> dict[str, object]:
    return {name: store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}  # type: ignore[index]


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "safe"), SAFE_WITH_WAL.items())
def test_a_write_ahead_log_is_used_only_where_sqlite_has_the_fix(
    version: tuple[int, int, int], safe: bool, tmp_path: Path
) -> None:
    assert has_wal_reset_fix(version) is safe
    connection = sqlite3.connect(tmp_path / "file", isolation_level=None)
    settle(connection, has_wal_reset_fix(version))
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal" if safe else "truncate",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_the_connection_is_durable_and_careful(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    assert settings_of(store, "synchronous", "secure_delete", "trusted_schema", "foreign_keys") == {
        "synchronous": 2,
        "secure_delete": 1,
        "trusted_schema": 0,
        "foreign_keys": 1,
    }
    assert settings_of(store, "busy_timeout", "temp_store") == {"busy_timeout": 5000, "temp_store": 2}
    store.close()


def test_the_report_says_how_the_file_is_kept(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    facts = store.report().facts
    assert facts["journal"] == ("wal" if has_wal_reset_fix(sqlite3.sqlite_version_info) else "truncate")
    assert facts["synchronous"] == "FULL"
    assert facts["sqlite"] == sqlite3.sqlite_version
    assert facts["path"] == str(tmp_path / "store.sqlite3")
    assert int(facts["size_bytes"]) == (tmp_path / "store.sqlite3").stat().st_size
    store.close()


def test_the_report_names_a_weaker_setting(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store._connection.execute("PRAGMA synchronous = NORMAL")
    assert store.report().problems == ("synchronous is NORMAL: a power cut can lose what was acknowledged",)
    store.close()


def test_every_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    store = SqliteStore(tmp_path / "store.sqlite3")
    with_a_draft(store)
    os.umask(before)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {
        "store.sqlite3": 0o600,
        "store.sqlite3-journal": 0o600,
    }
    store.close()


def test_the_report_names_a_file_that_is_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    path.chmod(0o644)
    assert store.report().problems == (
        f"{path} is open to other users of this machine (mode 644); `chmod 600` closes it",
    )
    store.close()


def test_every_table_is_strict(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    tables = store._connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    loose = {
        name
        for name, strict in tables.fetchall()
        if not strict and not str(name).startswith(("sqlite_", "v_"))
    }
    # sqlite-utils' own list of the steps that a file went through.
    assert loose == {"_sqlite_migrations"}
    store.close()


# --- faults ----------------------------------------------------------------------------------------------------------


def _refused(path: Path) -> str:
    with pytest.raises(StoreError) as refused:
        SqliteStore(path)
    return str(refused.value)


def test_a_file_that_cannot_be_opened_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("This is no database. " * 100, encoding="utf-8")
    assert _refused(tmp_path / "text") == (
        "The store cannot do this: its file is no SQLite database (SQLITE_NOTADB)"
    )
    path = tmp_path / "missing" / "store.sqlite3"
    assert _refused(path) == f"The store {path} cannot be opened: No such file or directory"
    assert _refused(tmp_path) == f"The store {tmp_path} cannot be opened: Is a directory"


def test_a_store_that_another_process_keeps_locked_says_so_and_goes_on_after(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    store._connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"another process kept it locked .* \(SQLITE_BUSY\)"), store.write():
        pass
    other.execute("ROLLBACK")
    with_a_draft(store)
    other.close()
    store.close()


def test_a_commit_that_a_reader_holds_up_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    store._connection.execute("PRAGMA busy_timeout = 0")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM accounts").fetchall()
    with pytest.raises(StoreError, match="SQLITE_BUSY"), store.write() as tx:
        tx.accounts.add(an_account())
    reader.execute("COMMIT")
    with store.write() as tx:
        assert tx.accounts.get("ada") is None
        tx.accounts.add(an_account())
    reader.close()
    store.close()


# The codes by which a log tells them apart, by SQLite's names (https://sqlite.org/rescode.html).
FAULTS = {
    "SQLITE_FULL": "full",
    "SQLITE_BUSY": "locked",
    "SQLITE_BUSY_SNAPSHOT": "locked",
    "SQLITE_LOCKED_SHAREDCACHE": "locked",
    "SQLITE_READONLY": "read_only",
    "SQLITE_READONLY_DBMOVED": "read_only",
    "SQLITE_CANTOPEN": "no_file",
    "SQLITE_IOERR_WRITE": "disk",
    "SQLITE_IOERR_NOMEM": "memory",
    "SQLITE_NOMEM": "memory",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
    "SQLITE_TOOBIG": "refused",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "refused",
    "SQLITE_SOMETHING_NEW": "refused",
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_reason_has_its_code(name: str) -> None:
    error = sqlite3.OperationalError("text")
    error.sqlite_errorname = name
    found = store_error(error)
    assert found.fault == FAULTS[name]
    assert name in str(found)


def _fault_of(path: Path, alter: str = "", *, locked: bool = False) -> str:
    """Why a store in which one statement was done, or that another keeps locked, cannot keep a file."""
    store = SqliteStore(path)
    with_a_draft(store)
    other = sqlite3.connect(path, isolation_level=None)
    if alter:
        store._connection.execute(alter)
    if locked:
        store._connection.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as refused, store.write() as tx:
        tx.files.add(a_file(), os.urandom(100_000))
    other.close()
    store.close()
    return refused.value.fault


def test_a_full_disk_a_lock_and_a_file_that_is_read_only_are_told_apart(tmp_path: Path) -> None:
    assert _fault_of(tmp_path / "full", "PRAGMA max_page_count = 1") == "full"
    assert _fault_of(tmp_path / "locked", locked=True) == "locked"
    assert _fault_of(tmp_path / "read only", "PRAGMA query_only = ON") == "read_only"
    for path, fault in ((tmp_path / "missing" / "store", "no_file"), (tmp_path, "no_file")):
        with pytest.raises(StoreError) as refused:
            SqliteStore(path)
        assert refused.value.fault == fault


def test_a_store_opened_to_read_is_shown_as_it_is_and_takes_no_change(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    with_a_draft(store)
    store.close()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    reading = SqliteStore(path, to_read=True)
    with reading.read() as tx:
        assert tx.drafts.get("draft") is not None
    with pytest.raises(StoreError) as refused, reading.write() as tx:
        tx.drafts.close("draft", "cancelled")
    assert refused.value.fault == "read_only"
    assert (list(reading.missing_steps), reading.check()) == ([], [])
    reading.close()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_store_opened_to_read_is_not_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="SQLITE_CANTOPEN"):
        SqliteStore(tmp_path / "store.sqlite3", to_read=True)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store.close()
    with pytest.raises(StoreError, match="it was closed"), store.read():
        pass


def test_a_row_that_refers_to_nothing_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    with pytest.raises(StoreError, match="a row does not fit the others"), store.write() as tx:
        tx.files.add(a_file(draft="no such draft"), b"")
    store.close()


def test_a_fault_never_tells_a_value(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    with pytest.raises(KeyError) as refused, store.write() as tx:  # noqa: PT012
        tx.accounts.add(an_account(email_index="secret-index"))
        tx.accounts.add(an_account("bea", email_index="secret-index"))
    assert refused.value.args == ("accounts.email_index",)
    store.close()


def test_a_full_disk_refuses_the_new_keeps_the_old_and_needs_no_restart(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    with_a_draft(store)
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone() or (0,)
    assert isinstance(pages, int)
    store._connection.execute(f"PRAGMA max_page_count = {pages + 50}")
    kept = []
    with pytest.raises(StoreError, match=r"is full \(SQLITE_FULL\)"):  # noqa: PT012 - fills until it is full
        for number in range(100):
            with store.write() as tx:
                tx.files.add(a_file(f"f{number}"), os.urandom(20_000))
            kept.append(f"f{number}")
    assert len(kept) > 3
    with store.read() as tx:
        assert [row.id for row in tx.files.of_draft("draft")] == kept
        assert all(len(tx.files.content(name) or b"") == 20_000 for name in kept)
    assert list(store.check()) == []
    store._connection.execute("PRAGMA max_page_count = 1000000")
    with store.write() as tx:
        tx.files.add(a_file("after"), os.urandom(20_000))
    store.close()


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    with_a_draft(store)
    with store.write() as tx:
        tx.files.add(a_file(), os.urandom(100_000))
    store.close()
    size_bytes = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size_bytes - 3 * 4096)
        file.write(os.urandom(4096))
    again = SqliteStore(path)
    found = list(again.check())
    assert found != []
    assert all(line.startswith("The file is damaged: ") for line in found)
    again.close()


# --- processes and threads -------------------------------------------------------------------------------------------


def test_four_writers_that_read_first_never_meet_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    first = SqliteStore(path)
    with_a_draft(first)
    # Connections of their own, as four processes have.
    stores = [first, *(SqliteStore(path) for _ in range(3))]

    def write(store: Store) -> None:
        for _ in range(50):
            with store.write() as tx:
                draft = tx.drafts.get("draft")
                assert draft is not None
                tx.drafts.save("draft", draft.rev, answers=b"x", step="", shown=(), urgent=False, at=NOW)

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(write, store) for store in stores]:
            each.result()
    with first.read() as tx:
        draft = tx.drafts.get("draft")
    assert draft is not None
    assert draft.rev == 201
    for store in stores:
        store.close()


def test_two_processes_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def start(_: int) -> dict[str, str]:
        together.wait()
        store = SqliteStore(tmp_path / "store.sqlite3")
        facts = dict(store.report().facts)
        store.close()
        return facts

    with ThreadPoolExecutor(4) as threads:
        assert {facts["step"] for facts in threads.map(start, range(4))} == {step_names()[-1]}


# --- what one sees who opens the file --------------------------------------------------------------------------------

CANARY = "Zyxwvut-Canary-7391"


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A file with a row in every table, in which the canary stands everywhere where people's texts stand, sealed."""
    path = tmp_path / "store.sqlite3"
    store, keys = SqliteStore(path), Keyring.new()

    def sealed(table: str, row: str, name: str) -> dict[str, Any]:
        wrapped = keys.new_data_key(table, row)
        data_key = keys.open_data_key(wrapped, table, row)
        return {"data_key": wrapped, name: data_key.seal_json(name, {"text": CANARY})}

    with_a_draft(store)
    with store.write() as tx:
        email_index = keys.index("accounts.email", f"{CANARY}@example.org")
        tx.accounts.replace(an_account(email_index=email_index, **sealed("accounts", "ada", "profile")))
        tx.sessions.add(a_session(account="ada", stage="signed_in"))
        answers = sealed("drafts", "second", "answers")
        tx.drafts.add(a_draft("second", account="ada", holder=None, **answers))
        tx.drafts.save("second", 1, answers=answers["answers"] * 3, step="", shown=(), urgent=True, at=NOW)
        tx.drafts.hold_post(a_held_post(draft="second", **sealed("held_posts", "held", "body")))
        file = a_file(draft="second", **sealed("files", "file", "name"))
        content = keys.open_data_key(file.data_key, "files", "file").seal("content", CANARY.encode() * 5000)
        tx.files.add(file, content)
        tx.submissions.add(a_submission(draft="second", **sealed("submissions", "sent", "envelope")))
        tx.outbox.add(an_outbox_row(submission="sent", **sealed("outbox", "mail", "payload")))
        tx.cases.add(a_case())
        tx.cases.add_event(a_case_event(**sealed("case_events", "event", "kept")))
        tx.cases.keep_work(some_case_work(**sealed("case_work", "work", "answers")))
        note(
            tx,
            ServiceContext(store, keys),
            actor="ada",
            action="draft.saved",
            subject="second",
            fields=("notes",),
        )
    with store.write() as tx:
        tx.drafts.close("second", "submitted")
    store.close()
    return path


def test_a_sealed_text_is_nowhere_in_the_file_nor_beside_it(filled: Path) -> None:
    found = [path.name for path in filled.parent.iterdir() if CANARY.encode() in path.read_bytes()]
    assert found == []


def test_what_was_deleted_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    with_a_draft(store)
    with store.write() as tx:
        tx.files.add(a_file(), CANARY.encode() * 5000)
    with store.write() as tx:
        tx.files.remove("file")
    store.close()
    assert CANARY.encode() not in path.read_bytes()


def test_datasette_opens_the_file_and_shows_no_plain_text(filled: Path) -> None:
    async def pages() -> dict[str, str]:
        datasette = Datasette([str(filled)])
        await datasette.invoke_startup()
        tables = (await datasette.client.get("/store.json")).json()
        names = [table["name"] for table in tables["tables"]] + [view["name"] for view in tables["views"]]
        shown = {}
        for name in names:
            answer = await datasette.client.get(f"/store/{name}.json?_shape=objects&_labels=on")
            assert answer.status_code == 200
            shown[name] = answer.text
        return shown

    shown = asyncio.run(pages())
    assert {*VIEWS, *VIEWS_OF_CASES} <= set(shown)
    assert '"reference": "REF-sent"' in shown["v_submissions"]
    assert '"sending": "email: waiting"' in shown["v_submissions"]
    assert [name for name, text in shown.items() if CANARY in text] == []


def test_a_view_holds_no_sealed_column_no_hash_and_no_key(filled: Path) -> None:
    connection = sqlite3.connect(filled)
    secret = {
        "data_key",
        "profile",
        "password_hash",
        "totp",
        "email_index",
        "token_hash",
        "code_hash",
        "answers",
    }
    secret |= {
        "body",
        "name",
        "kept",
        "content",
        "envelope",
        "payload",
        "sealed",
        "link_hash",
        "holder",
        "lease",
        "hash",
    }
    for view in (*VIEWS, *VIEWS_OF_CASES):
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({view})")}
        assert columns & secret == set(), view
        assert connection.execute(f"SELECT count(*) FROM {view}").fetchone()[0] >= 1, view  # noqa: S608
    connection.close()


def test_moments_sort_as_texts(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    with store.write() as tx:
        for number, microsecond in enumerate((0, 1, 100_000, 999_999)):
            tx.accounts.add(an_account(f"a{number}", created_at=NOW.replace(microsecond=microsecond)))
    connection = sqlite3.connect(tmp_path / "store.sqlite3")
    rows = connection.execute("SELECT id, created_at FROM accounts ORDER BY created_at").fetchall()
    connection.close()
    store.close()
    assert [row[0] for row in rows] == ["a0", "a1", "a2", "a3"]
    assert rows[0][1] == "2026-11-22T09:30:15.000000Z"
    assert [datetime.fromisoformat(row[1]).microsecond for row in rows] == [0, 1, 100_000, 999_999]


def test_the_columns_of_a_table_are_the_fields_of_its_row(filled: Path) -> None:
    by_table = {
        "accounts": rows.AccountRow,
        "sessions": rows.SessionRow,
        "codes": rows.CodeRow,
        "definitions": rows.DefinitionRow,
        "drafts": rows.DraftRow,
        "held_posts": rows.HeldPostRow,
        "files": rows.FileRow,
        "submissions": rows.SubmissionRow,
        "outbox": rows.OutboxRow,
        "cases": rows.CaseRow,
        "case_events": rows.CaseEventRow,
        "case_work": rows.CaseWorkRow,
        "staff_roles": rows.StaffRoleRow,
        "audit": rows.AuditRow,
        "marked_drafts": rows.MarkedDraftRow,
        "clock_readings": rows.ClockReadingRow,
    }
    connection = sqlite3.connect(filled)
    for table, row in by_table.items():
        columns = {column[1] for column in connection.execute(f"PRAGMA table_info({table})")}
        # What the store alone works with: a column that no save of a draft writes.
        assert columns - {"quiet_since"} == {field.name for field in fields(row)}, table
    connection.close()


def test_a_wait_for_other_threads_and_for_other_processes_is_bounded_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formengine.store.sqlite.transaction.BUSY_TIMEOUT_S", 0.05)
    store = SqliteStore(tmp_path / "store.sqlite3")
    holds, over, said = threading.Event(), threading.Event(), []

    def hold() -> None:
        with store.write():
            holds.set()
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait()
    with pytest.raises(StoreError) as refused, store.read():
        said.append("read")
    over.set()
    holder.join()
    with store.read() as tx:
        assert tx.accounts.every() == []
    store.close()
    assert (refused.value.fault, said) == ("locked", [])
