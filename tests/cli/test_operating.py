"""`formengine keys` and `formengine audit`, as an operator runs them beside a service."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.service import audit
from formengine.service.context import ServiceContext
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Drafts
from formengine.store.conformance.sample_rows import a_draft, an_account, with_a_draft
from formengine.store.sqlite import SqliteStore
from tests.support.command_line import Run, run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run commands in, with the variables set."""
    for name in list(os.environ):
        if name.startswith("FORMENGINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FORMENGINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMENGINE_KEYS_FILE", str(tmp_path / "keys"))
    (tmp_path / "data").mkdir()
    return tmp_path


@pytest.fixture
def service(place: Path) -> Path:
    """The same with what a service has kept there: two rows with data keys and three entries of the audit."""
    assert run("keys", "new").code == 0
    store, keys = SqliteStore(place / "data/formengine.sqlite3"), Keyring.of_file(place / "keys")
    rotation.recognise(store, keys)
    context = ServiceContext(store, keys)
    with_a_draft(store)
    with store.write() as tx:
        tx.accounts.replace(an_account(data_key=keys.new_data_key("accounts", "ada")))
        tx.drafts.close("draft", "cancelled")
        tx.drafts.add(a_draft("other", data_key=keys.new_data_key("drafts", "other")))
        for subject in ("draft", "other", "draft"):
            audit.note(tx, context, actor="ada", action="draft.saved", subject=subject, fields=("notes",))
    store.close()
    return place


def refused(*args: str) -> str:
    ended = run(*args)
    assert ended.code == 1
    assert ended.out == ""
    return ended.err.strip()


def said(ended: Run) -> str:
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def test_a_new_key_file_is_made_once_and_for_its_owner_alone(place: Path) -> None:
    out = said(run("keys", "new"))
    assert re.match(rf"Made {place}/keys with the key k[0-9a-z]{{7}}\. Only you can read it\.\n", out)
    assert stat.S_IMODE((place / "keys").stat().st_mode) == 0o600
    assert refused("keys", "new") == f"{place}/keys exists; a key file is never written over"
    assert Keyring.of_file(place / "keys").current in said(run("keys", "check"))


def test_no_command_shows_a_key(service: Path) -> None:
    keys = re.findall(r"[A-Za-z0-9+/]{43}=", (service / "keys").read_text(encoding="utf-8"))
    assert len(keys) == 3
    shown = "".join(
        run(*words).out
        for words in (("keys", "check"), ("keys", "rotate"), ("audit", "verify"), ("audit", "show"))
    )
    assert [key for key in keys if key in shown] == []


def test_the_options_win_over_the_variables(place: Path, tmp_path: Path) -> None:
    said(run("keys", "new", "--keys-file", str(tmp_path / "other")))
    assert not (place / "keys").exists()
    out = said(run("keys", "check", "--keys-file", str(tmp_path / "other"), "--data", str(tmp_path / "none")))
    assert f"There is no database at {tmp_path}/none/formengine.sqlite3 yet." in out


def test_check_opens_every_row(service: Path) -> None:
    current = Keyring.of_file(service / "keys").current
    assert said(run("keys", "check")) == (
        f"{service}/keys belongs to {service}/data/formengine.sqlite3: 1 key, {current} in use\n"
        f"  {current}  2 rows, in use for new ones\n"
        "Every data key opens: 2 rows.\n"
    )


def test_check_names_a_row_that_does_not_open(service: Path) -> None:
    with sqlite3.connect(service / "data/formengine.sqlite3") as connection:
        connection.execute(
            "UPDATE drafts SET data_key = CAST(substr(data_key, 1, 60) || x'00' AS BLOB) WHERE id = 'other'"
        )
    connection.close()
    ended = run("keys", "check")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "The data key of drafts row other does not open: it was altered or belongs elsewhere",
        "Data keys that do not open: 1.",
    ]


def test_check_refuses_another_services_key_file(service: Path) -> None:
    (service / "keys").unlink()
    said(run("keys", "new"))
    assert "is not the one this store was sealed with" in refused("keys", "check")
    assert "2 rows need the key" in refused("audit", "verify")


def test_without_a_key_file_the_command_that_makes_one_is_named(place: Path) -> None:
    assert (
        refused("keys", "check") == f"There is no key file at {place}/keys; `formengine keys new` makes one"
    )


def test_without_a_database_the_audit_is_not_called_whole(place: Path) -> None:
    said(run("keys", "new"))
    assert refused("audit", "verify") == f"There is no database at {place}/data/formengine.sqlite3"
    assert not (place / "data/formengine.sqlite3").exists()


def test_a_slip_in_the_variables_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMENGINE_KEY_FILE", "somewhere")
    assert refused("keys", "check").startswith("FORMENGINE_KEY_FILE is not known")


def test_rotating_leaves_the_old_key_until_it_is_retired(service: Path) -> None:
    old = Keyring.of_file(service / "keys").current
    assert "Wrapped anew: 2 rows.\n" in said(run("keys", "rotate"))
    rotated = Keyring.of_file(service / "keys")
    assert rotated.ids == (old, rotated.current)
    assert refused("keys", "retire") == (
        "The key file was changed less than an hour ago; what was under way then may still need the old key"
    )
    two_hours_ago = time.time() - 7200
    os.utime(service / "keys", (two_hours_ago, two_hours_ago))
    assert said(run("keys", "retire")) == f"Removed {old} from {service}/keys.\n"
    assert "Every data key opens: 2 rows." in said(run("keys", "check"))
    assert said(run("keys", "retire")) == f"There is nothing to remove: 1 key, {rotated.current} in use\n"


def test_a_key_that_a_row_needs_is_not_retired(service: Path) -> None:
    old = Keyring.of_file(service / "keys").current
    Keyring.of_file(service / "keys").with_new_current().replace(service / "keys")
    assert refused("keys", "retire") == f"{old}: still needed by 2 rows; run `formengine keys rotate`"
    assert Keyring.of_file(service / "keys").ids[0] == old


def test_a_rotation_that_was_ended_half_way_goes_on_with_the_same_key(service: Path) -> None:
    newer = Keyring.of_file(service / "keys").with_new_current()
    newer.replace(service / "keys")
    out = said(run("keys", "rotate", "--batch", "1"))
    assert out == f"Going on with the key {newer.current}.\nWrapped anew: 2 rows.\n"
    assert Keyring.of_file(service / "keys") == newer


def test_the_audit_is_whole_until_somebody_touches_it(service: Path) -> None:
    out = said(run("audit", "verify"))
    assert re.fullmatch(r"The audit is unbroken: 3 entries\.\nHead: 3:[0-9a-f]{64}\n", out)
    head = out.split()[-1]
    kept = "It still holds entry 3, as it was kept outside.\n"
    assert said(run("audit", "verify", "--head", head)) == out.replace("Head:", f"{kept}Head:")
    with sqlite3.connect(service / "data/formengine.sqlite3") as connection:
        connection.execute("DELETE FROM audit WHERE seq = 3")
    connection.close()
    assert said(run("audit", "verify")).startswith("The audit is unbroken: 2 entries.\n")
    assert refused("audit", "verify", "--head", head) == (
        "The audit is broken. The chain ends at entry 2; entry 3 and what followed is gone. Sound up to entry 2."
    )


def test_what_is_no_head_is_wrong_usage(service: Path) -> None:
    assert run("audit", "verify", "--head", "3").code == 2
    assert run("audit", "verify", "--head", "3:abc").code == 2


def test_the_last_head_of_a_file_is_asked_for_when_it_is_named_or_set(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = service / "heads"
    monkeypatch.setenv("FORMENGINE_AUDIT_HEAD_FILE", str(heads))
    out = said(run("audit", "verify"))
    heads.write_text(f"2026-11-24T10:00:00Z {out.split()[-1]}\n", encoding="utf-8")
    assert "It still holds entry 3" in said(run("audit", "verify"))
    with sqlite3.connect(service / "data/formengine.sqlite3") as connection:
        connection.execute("DELETE FROM audit WHERE seq = 3")
    connection.close()
    assert "entry 3 and what followed is gone" in refused("audit", "verify")
    assert "entry 3 and what followed is gone" in refused("audit", "verify", "--head-file", str(heads))
    heads.write_text("nothing\n", encoding="utf-8")
    assert refused("audit", "verify").endswith("does not end in a head")
    assert refused("audit", "verify", "--head-file", str(service / "none")).endswith(
        "No such file or directory"
    )


def test_verify_names_a_row_that_is_not_as_its_newest_entry_says(service: Path) -> None:
    store, keys = SqliteStore(service / "data/formengine.sqlite3"), Keyring.of_file(service / "keys")
    drafts = Drafts(ServiceContext(store, keys), Engine())
    draft = drafts.start("request-for-support", account="ada", holder=None)
    store.close()
    assert run("audit", "verify").code == 0
    with sqlite3.connect(service / "data/formengine.sqlite3") as connection:
        connection.execute("UPDATE drafts SET rev = 7 WHERE id = ?", (draft.id,))
    connection.close()
    assert refused("audit", "verify").splitlines() == [
        f"Draft {draft.id} was altered: its owner, status, revision or answers are not what was stored",
        "The audit is unbroken; rows that are not as it says: 1.",
    ]


def test_the_audit_is_shown_the_newest_last_and_by_subject(service: Path) -> None:
    lines = said(run("audit", "show")).splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert re.fullmatch(
        r" {6}1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ada  draft\.saved  draft \[notes\]", lines[0]
    )
    assert [line.split()[0] for line in said(run("audit", "show", "--last", "1")).splitlines()] == ["3"]
    about = said(run("audit", "show", "--subject", "other")).splitlines()
    assert [line.split()[0] for line in about] == ["2"]
    assert len(said(run("audit", "show", "--subject", "ada")).splitlines()) == 3
