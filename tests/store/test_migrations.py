"""Each step a file goes through, with rows in it from the step before: nothing is lost on the way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from formengine.store.conformance.sample_rows import NOW, a_code, a_draft, an_account
from formengine.store.protocol import StoreError
from formengine.store.rows import MarkedDraftRow
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.migrations import STEPS, VIEWS, step_names

# One statement a table, as the first step made them: never changed, whatever later steps do.
ROWS_OF_0001 = {
    "accounts": "('ada','index','applicant','open',x'01',x'02','hash',NULL,'2026-11-22T09:30:15.250000Z')",
    "sessions": (
        "('token','ada','signed_in','{\"human\": \"1\"}','2026-11-22T09:30:15.250000Z',"
        "'2026-11-22T09:30:15.250000Z','2026-11-22T17:30:15.250000Z')"
    ),
    "codes": (
        "('code','ada','sign_in','hash','',2,'2026-11-22T09:30:15.250000Z','2026-11-22T09:40:15.250000Z')"
    ),
    "counters": "('save:a',60,1795339800,3)",
    "spent": "('challenge','2026-11-22T09:40:15.250000Z')",
    "definitions": "('digest','referral','1','{}','2026-11-22T09:30:15.250000Z')",
    "drafts": (
        "('draft','referral','digest','ada',NULL,7,'open',1,x'03',x'04','children','[\"about_you\"]','',"
        "'2026-11-22T09:30:15.250000Z','2026-11-22T09:35:15.250000Z')"
    ),
    "held_posts": "('held','draft',x'05',x'06','2026-11-22T10:30:15.250000Z')",
    "files": "('file','draft','documents','application/pdf',3,'clean',x'07',x'08','2026-11-22T09:31:15.250000Z')",
    "file_contents": "('file',x'090a0b')",
    "submissions": (
        "('sent','draft','ada',NULL,'REF-1','referral','1','digest','urgent','front_door',x'0c',x'0d',"
        "'2026-11-22T09:36:15.250000Z')"
    ),
    "outbox": (
        "('mail','sent','email','waiting',1,2,x'0e',x'0f','2026-11-22T09:36:15.250000Z',"
        "'2026-11-22T09:37:15.250000Z','',NULL,NULL,'smtp-421')"
    ),
    "audit": "(1,'2026-11-22T09:30:15.250000Z','ada','draft.saved','draft','[\"notes\"]','0','1')",
    "canaries": "('k0000001',x'10')",
}


# Columns of the first step that have another name by now.
RENAMED = {"place": "step"}


def file_at(path: Path, step: str) -> sqlite3.Connection:
    """A connection to a file that went through the steps up to this one, and through none after."""
    connection = sqlite3.connect(path, isolation_level=None)
    names = step_names()
    after = names[names.index(step) + 1 :]
    STEPS.apply(Database(connection), stop_before=after[0] if after else None)
    return connection


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]


def fill(connection: sqlite3.Connection) -> None:
    """Put the rows into a file of any step, in the columns that the first step made, by the names they have now."""
    first = sqlite3.connect(":memory:", isolation_level=None)
    STEPS.apply(Database(first), stop_before=step_names()[1])
    for table, values in ROWS_OF_0001.items():
        now = set(columns(connection, table))
        names = ", ".join(name if name in now else RENAMED[name] for name in columns(first, table))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES {values}")  # noqa: S608 - names of our own
    first.close()


def contents(
    connection: sqlite3.Connection, as_in: dict[str, list[tuple[object, ...]]] | None = None
) -> dict[str, list[tuple[object, ...]]]:
    """What the first step's tables hold; `as_in`: in the columns that were there then."""
    wide = {table: len(rows[0]) for table, rows in as_in.items()} if as_in is not None else {}
    return {
        table: [
            row[: wide.get(table)]
            for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of our own
        ]
        for table in ROWS_OF_0001
    }


def test_the_steps_are_numbered_and_in_order() -> None:
    assert step_names() == [
        "0001_tables",
        "0002_views",
        "0003_warnings",
        "0004_list_of_submissions",
        "0005_recovery_codes",
        "0006_no_addresses",
        "0007_steady_clock",
        "0008_outbox_by_age",
        "0009_credentials",
        "0010_budgets",
        "0011_row_seals",
        "0012_cases",
        "0013_publications",
        "0016_reviews",
    ]


def test_step_0001_makes_tables_that_take_what_services_keep(tmp_path: Path) -> None:
    connection = file_at(tmp_path / "store.sqlite3", "0001_tables")
    fill(connection)
    assert {table: len(rows) for table, rows in contents(connection).items()} == dict.fromkeys(
        ROWS_OF_0001, 1
    )
    connection.close()


@pytest.mark.parametrize("step", step_names())
def test_a_file_of_each_step_comes_up_to_date_with_all_its_rows(tmp_path: Path, step: str) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, step)
    fill(connection)
    before = contents(connection)
    connection.close()
    store = SqliteStore(path)
    assert store.report().facts["step"] == step_names()[-1]
    with store.read() as tx:
        draft, account = tx.drafts.get("draft"), tx.accounts.get("ada")
        content = tx.files.content("file")
    assert draft == a_draft(
        account="ada", holder=None, rev=7, urgent=True, data_key=b"\x03", answers=b"\x04", step="children",
        saved_at=NOW.replace(minute=35),
    )  # fmt: skip
    assert account == an_account(email_index="index", data_key=b"\x01", profile=b"\x02", password_hash="hash")
    assert content == b"\x09\x0a\x0b"
    assert list(store.check()) == []
    store.close()
    again = sqlite3.connect(path)
    assert contents(again, as_in=before) == before
    again.close()


def test_step_0002_shows_what_was_there_before_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0001_tables")
    fill(connection)
    connection.close()
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    shown = {view: connection.execute(f"SELECT * FROM {view}").fetchall() for view in VIEWS}  # noqa: S608
    connection.close()
    assert shown["v_submissions"] == [
        ("REF-1", "referral", "1", "urgent", "front_door", "2026-11-22T09:36:15.250000Z", "ada", "draft", 1,
         "email: waiting")
    ]  # fmt: skip
    assert shown["v_drafts"] == [
        ("draft", "referral", "ada", "open", 1, 7, "children", "2026-11-22T09:30:15.250000Z",
         "2026-11-22T09:35:15.250000Z", 1)
    ]  # fmt: skip
    assert {view: len(rows) for view, rows in shown.items()} == dict.fromkeys(VIEWS, 1)


def test_step_0003_knows_of_no_warning_of_a_draft_that_was_there_before_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0002_views")
    fill(connection)
    connection.close()
    store = SqliteStore(path)
    later = NOW.replace(hour=10)
    with store.write() as tx:
        assert tx.drafts.to_warn_of(later, 9) == ["draft"]
        assert tx.drafts.to_mark(later, 9) == []
        tx.drafts.warned("draft", NOW.replace(minute=40))
        assert tx.drafts.to_warn_of(later, 9) == []
        assert tx.drafts.to_mark(later, 9) == ["draft"]
    store.close()


def test_step_0004_lists_what_was_sent_before_it_without_reading_a_row(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0003_warnings")
    fill(connection)
    store = SqliteStore(path)
    with store.read() as tx:
        (line,) = tx.submissions.listed(9)
    store.close()
    assert (line.id, line.reference, line.form, line.urgency) == ("sent", "REF-1", "referral", "urgent")
    connection.close()


def test_step_0005_gives_accounts_from_before_it_room_for_recovery_codes_and_none(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0004_list_of_submissions")
    fill(connection)
    connection.close()
    store = SqliteStore(path)
    with store.write() as tx:
        assert tx.accounts.recovery_codes_left("ada") == 0
        tx.accounts.set_recovery_codes("ada", ["one"])
        assert tx.accounts.recovery_codes_left("ada") == 1
    store.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("children", "children"),
        ("children.i1.school", "children.i1.school"),
        ("children.page-1", "children.page-1"),
        ("children.new", "children.new"),
        ("close", "close"),
        ("page-close", "close"),
        ("check-answers", "check answers"),
        ("children.i1.remove", "children.i1"),
    ],
)
def test_step_0006_keeps_where_people_stood_by_the_name_of_the_step(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0005_recovery_codes")
    fill(connection)
    connection.execute("UPDATE drafts SET place = ?", (before,))
    connection.close()
    store = SqliteStore(path)
    with store.read() as tx:
        draft = tx.drafts.get("draft")
    store.close()
    assert draft is not None
    assert draft.step == after
    again = sqlite3.connect(path)
    assert again.execute("SELECT step FROM v_drafts").fetchall() == [(after,)]
    again.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"human": "1", "held": "one two"}, {"human": "1", "held": "one two"}),
        ({"next": "/hub"}, {"next_page": "hub"}),
        ({"next": "/my-forms"}, {"next_page": "my_forms"}),
        ({"next": "/continue"}, {"next_page": "import_pdf"}),
        ({"then": "/account/register"}, {"then_page": "register"}),
        ({"next": "/account"}, {"next_page": "account"}),
        ({"next": "/account/email/code"}, {"next_page": "account_email_code"}),
        ({"next": "/account/two-step"}, {"next_page": "account_two_step"}),
        ({"next": "/drafts/d1/"}, {"next_page": "menu", "next_draft": "d1"}),
        (
            {"next": "/drafts/d1/child", "alone": "d1"},
            {"next_draft": "d1", "next_step": "child", "alone": "d1"},
        ),
        ({"next": "/drafts/d1/page-close"}, {"next_draft": "d1", "next_step": "close"}),
        ({"next": "/drafts/d1/close"}, {"next_page": "close", "next_draft": "d1"}),
        ({"next": "/drafts/d1/children.i1.who"}, {"next_draft": "d1", "next_step": "children.i1.who"}),
        ({"next": "/drafts/d1/save-for-later"}, {"next_page": "save_for_later", "next_draft": "d1"}),
        (
            {"next": "/drafts/d1/children.i1.remove"},
            {"next_page": "remove", "next_draft": "d1", "next_step": "children.i1"},
        ),
        (
            {"next": "/drafts/d1/check-answers", "then": "/account/register"},
            {"next_page": "check_answers", "next_draft": "d1", "then_page": "register"},
        ),
        ({"next": "/no-address-of-ours", "human": "1"}, {"human": "1"}),
    ],
)
def test_step_0006_keeps_where_people_were_going_by_what_the_page_is(
    tmp_path: Path, before: dict[str, str], after: dict[str, str]
) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0005_recovery_codes")
    fill(connection)
    connection.execute("UPDATE sessions SET facts = ?", (json.dumps(before),))
    connection.close()
    store = SqliteStore(path)
    with store.read() as tx:
        session = tx.sessions.get("token")
    store.close()
    assert session is not None
    assert session.facts == after


def test_step_0007_marks_no_draft_that_was_there_before_it_and_knows_no_clock(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0006_no_addresses")
    fill(connection)
    connection.close()
    store = SqliteStore(path)
    with store.write() as tx:
        assert (tx.drafts.marked(), tx.clock.readings()) == ([], [])
        tx.drafts.mark(MarkedDraftRow(draft="draft", marked_at=NOW, running_s=1.5))
        assert tx.drafts.marked() == [MarkedDraftRow(draft="draft", marked_at=NOW, running_s=1.5)]
    store.close()


def test_step_0009_lets_an_owner_have_several_codes_and_knows_no_stamp_of_before(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = file_at(path, "0008_outbox_by_age")
    fill(connection)
    connection.close()
    store = SqliteStore(path)
    with store.write() as tx:
        account, session = tx.accounts.get("ada"), tx.sessions.get("token")
        code = tx.codes.live("ada", "sign_in", "")
        assert account is not None
        assert session is not None
        assert code is not None
        assert (account.credentials_changed, account.sessions_ended) == (0, 0)
        assert (session.stamp, code.stamp, code.attempts) == ("", "", 2)
        tx.codes.put(a_code("other", bound_to="another session", stamp="stamp"))
        assert [row.id for row in tx.codes.of_owner("ada")] == ["code", "other"]
    store.close()


def test_opening_an_up_to_date_file_changes_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    SqliteStore(path).close()
    before = path.read_bytes()
    SqliteStore(path).close()
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite3"
    file_at(path, "0001_tables").close()
    monkeypatch.setitem(VIEWS, "v_broken", "SELECT no_such_column FROM drafts WHERE")
    with pytest.raises(StoreError):
        SqliteStore(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall() == []
    assert connection.execute("SELECT name FROM _sqlite_migrations").fetchall() == [("0001_tables",)]
    connection.close()
    monkeypatch.undo()
    store = SqliteStore(path)
    assert store.report().facts["step"] == step_names()[-1]
    store.close()


def test_a_file_of_a_newer_formengine_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('formengine', '0099_later', '')"
    )
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="made by a newer formengine: its step 0099_later is not known here"):
        SqliteStore(path)
    assert path.read_bytes() == before
