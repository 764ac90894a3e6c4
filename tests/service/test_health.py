"""`formengine doctor`: one plain line for each thing, and exit code 1 while one of them is bad."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from formengine.cli.program import program
from formengine.engine import Engine
from formengine.service.context import ServiceContext, system_clock
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Drafts
from formengine.service.health import Finding, check_mail
from formengine.service.settings import Settings
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.migrations import step_names
from tests.store.test_migrations import file_at
from tests.support.smtp_server import mail_server, make_certificate

pytestmark = pytest.mark.slow


class Said:
    """What a run of `formengine doctor` said, by line, and how it ended."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        cleared = {name: None for name in os.environ if name.startswith("FORMENGINE_")}
        given = {**cleared, "FORMENGINE_DATA": str(folder / "data"), **variables}
        result = CliRunner().invoke(program, ["doctor"], env=given)
        self.code = result.exit_code
        self.text = result.output
        self.lines = [
            (line[:5].strip(), line[5:14].strip(), line[14:]) for line in result.stdout.splitlines()
        ]

    def about(self, subject: str) -> list[tuple[str, str]]:
        """The marks and lines about one subject."""
        return [(mark, line) for mark, about, line in self.lines if about == subject]


def doctor(folder: Path, **variables: str) -> Said:
    return Said(folder, {f"FORMENGINE_{name}": text for name, text in variables.items()})


def set_up(folder: Path) -> Path:
    """The data folder of a service that has been started once."""
    (folder / "data").mkdir(mode=0o700)
    keys = Keyring.new()
    keys.write_new(folder / "data.keys")
    store = SqliteStore(folder / "data/formengine.sqlite3")
    rotation.recognise(store, keys)
    store.close()
    return folder / "data"


def test_before_the_first_start_it_names_what_is_missing(tmp_path: Path) -> None:
    said = doctor(tmp_path)
    assert said.code == 1
    assert said.about("mail")[-1] == (
        "bad",
        "FORMENGINE_SMTP_HOST is not set: no codes are sent, so that nobody can sign in",
    )
    assert said.about("mail")[0] == ("note", "FORMENGINE_MAILBOX_ASHFORD is not set")
    assert ("note", "FORMENGINE_MAILBOX_FRONT_DOOR is not set") in said.about("mail")
    assert said.about("store") == [("ok", f"There is no database at {tmp_path}/data/formengine.sqlite3 yet")]
    assert said.text.endswith("1 thing is bad.\n")
    assert not (tmp_path / "data").exists()


def test_a_service_that_is_set_up_well_is_told_so(tmp_path: Path) -> None:
    set_up(tmp_path)
    certificate = make_certificate(tmp_path)

    async def beside_a_mail_server() -> tuple[Said, int]:
        async with mail_server(certificate) as server:
            variables = {
                "BASE_URL": "https://forms.example.org",
                "TRUSTED_PROXIES": "127.0.0.1",
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(server.port),
                "SMTP_CA_FILE": str(certificate[0]),
                "MAIL_FROM": "forms@example.org",
                "MAILBOX_FRONT_DOOR": "front.door@example.org",
            }
            return await asyncio.to_thread(doctor, tmp_path, **variables), server.port

    said, port = asyncio.run(beside_a_mail_server())
    assert said.code == 0, said.text
    assert {mark for mark, _, _ in said.lines} == {"ok", "note"}
    assert said.about("address") == [("ok", "People reach it at https://forms.example.org")]
    assert [each for each in said.about("mail") if "MAILBOX" not in each[1]] == [
        ("ok", "The mailbox front_door is front.door@example.org"),
        ("ok", "No urgent e-mail of the last half hour waits for the mail server"),
        ("ok", f"The mail server 127.0.0.1:{port} answers, encrypted"),
    ]
    assert said.about("forms") == [
        ("ok", "early-help-notification, version 2026.1, compiles"),
        ("ok", "The process of early-help-notification, version 2026.1, is proved"),
        ("ok", "request-for-support, version 2026.1, compiles"),
        ("ok", "The process of request-for-support, version 2026.1, is proved"),
    ]
    store = said.about("store")[0]
    assert store[0] == "ok"
    assert store[1].startswith(f"SQLite {sqlite3.sqlite_version}, journal truncate, synchronous FULL, step ")
    assert said.about("keys")[0][1].startswith("The key file is the database's own; ")


def test_keys_beside_the_database_are_refused(tmp_path: Path) -> None:
    data = set_up(tmp_path)
    (tmp_path / "data.keys").rename(data / "keys")
    said = doctor(tmp_path, KEYS_FILE=str(data / "keys"))
    assert said.code == 1
    mark, line = said.about("keys")[0]
    assert mark == "bad"
    assert line.startswith(
        f"FORMENGINE_KEYS_FILE is {data}/keys, in the folder of the database: who copies one has both"
    )


def test_keys_of_another_service_are_told(tmp_path: Path) -> None:
    set_up(tmp_path)
    (tmp_path / "data.keys").unlink()
    Keyring.new().write_new(tmp_path / "data.keys")
    found = doctor(tmp_path).about("keys")
    assert [mark for mark, _ in found] == ["bad"]
    assert "is not the one this store was sealed with" in found[0][1]


def test_keys_that_others_may_read_are_told(tmp_path: Path) -> None:
    set_up(tmp_path)
    (tmp_path / "data.keys").chmod(0o644)
    found = doctor(tmp_path).about("keys")
    assert found[0][0] == "bad"
    assert "data.keys" in found[0][1]


def test_a_database_that_others_may_read_or_that_is_damaged_is_told(tmp_path: Path) -> None:
    database = set_up(tmp_path) / "formengine.sqlite3"
    database.chmod(0o644)
    assert (
        "bad",
        f"{database} is open to other users of this machine (mode 644); `chmod 600` closes it",
    ) in doctor(tmp_path).about("store")
    database.write_bytes(b"no database at all" * 1000)
    assert doctor(tmp_path).about("store")[0][0] == "bad"


def test_forms_and_portals_with_findings_are_told_and_the_next_is_looked_at(tmp_path: Path) -> None:
    for name, text in (("broken", "form: broken\ntitle: Broken\n"), ("whole", WHOLE)):
        (tmp_path / "forms" / name).mkdir(parents=True)
        (tmp_path / "forms" / name / "form.yaml").write_text(text, encoding="utf-8")
    found = doctor(tmp_path, DEFINITIONS=str(tmp_path / "forms")).about("forms")
    assert found == [
        ("bad", "broken has 2 findings; run `formengine check` on it"),
        ("ok", "whole, version 1, compiles"),
        ("note", "whole has no process: nobody is told of what is sent"),
    ]
    (tmp_path / "portal.yaml").write_text("portal: p\n", encoding="utf-8")
    portal = doctor(tmp_path, PORTAL=str(tmp_path / "portal.yaml")).about("portal")
    assert portal[0][0] == "bad"


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a folder, with what is in it and when it was changed."""
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("step", step_names())
def test_nothing_is_made_or_changed_in_a_database_of_any_step(tmp_path: Path, step: str) -> None:
    data = set_up(tmp_path)
    (data / "formengine.sqlite3").unlink()
    file_at(data / "formengine.sqlite3", step).close()
    (data / "formengine.sqlite3").chmod(0o600)
    before = contents(tmp_path)
    found = doctor(tmp_path).about("store")
    assert contents(tmp_path) == before
    last = step_names()[-1]
    steps = f"The next start of the service brings it to step {last}; until then not all of it is checked"
    assert [line for mark, line in found if mark == "note"] == ([steps] if step != last else [])
    assert [line for mark, line in found if mark == "bad"] == []


def used(folder: Path) -> tuple[SqliteStore, ServiceContext, Drafts]:
    """The store of a service in which somebody has begun two drafts."""
    set_up(folder)
    store = SqliteStore(folder / "data/formengine.sqlite3")
    context = ServiceContext(store, Keyring.of_file(folder / "data.keys"))
    drafts = Drafts(context, Engine())
    for holder in ("one", "two"):
        drafts.start("request-for-support", account=None, holder=holder)
    return store, context, drafts


def test_the_audit_and_the_drafts_are_read_whole(tmp_path: Path) -> None:
    used(tmp_path)[0].close()
    said = doctor(tmp_path)
    assert said.about("audit")[-1] == ("ok", "The audit is unbroken: 2 entries")
    assert said.about("rows") == [
        ("ok", "Every draft, submission, role of staff and publication is as the audit says")
    ]
    assert said.about("drafts") == [("ok", "2 open drafts open")]


def test_an_entry_of_the_audit_that_was_removed_is_bad(tmp_path: Path) -> None:
    store, _, _ = used(tmp_path)
    with store.write():
        store._connection.execute("DELETE FROM audit WHERE seq = 1")
    store.close()
    *_, (mark, line) = doctor(tmp_path).about("audit")
    assert mark == "bad"
    assert line.startswith("The audit is broken. Entry 2 (draft.started of ")
    assert line.endswith("follows entry 0: what stood between is gone. Sound up to entry 0")


def test_a_draft_that_was_altered_is_bad_and_named(tmp_path: Path) -> None:
    store, _, drafts = used(tmp_path)
    (draft,) = drafts.mine(None, "two")
    with store.write():
        store._connection.execute("UPDATE drafts SET answers = x'00' WHERE id = ?", (draft.id,))
    store.close()
    found = doctor(tmp_path).about("drafts")
    assert [mark for mark, _ in found] == ["bad", "bad"]
    assert found[0][1].startswith(f"Draft {draft.id} does not open: ")
    assert found[1][1] == "1 of 2 open drafts do not open"


@pytest.mark.parametrize("variable", ["DATA", "DEFINITIONS", "THEMES"])
def test_a_folder_that_is_a_file_is_bad(tmp_path: Path, variable: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = doctor(tmp_path, **{variable: str(tmp_path / "file")}).about("settings")
    assert ("bad", f"FORMENGINE_{variable} names {tmp_path}/file, which is a file and no folder") in found


@pytest.mark.parametrize("variable", ["KEYS_FILE", "SMTP_CA_FILE", "PORTAL"])
def test_a_file_that_is_a_folder_is_bad(tmp_path: Path, variable: str) -> None:
    (tmp_path / "folder").mkdir()
    found = doctor(tmp_path, **{variable: str(tmp_path / "folder")}).about("settings")
    assert ("bad", f"FORMENGINE_{variable} names {tmp_path}/folder, which is no file") in found


def test_heads_that_cannot_leave_are_bad_and_none_at_all_is_a_note(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "away" / "heads")
    found = doctor(tmp_path, AUDIT_HEAD_FILE=nowhere).about("settings")
    assert (
        "bad",
        f"FORMENGINE_AUDIT_HEAD_FILE names {nowhere}, which is no file in a folder that is there",
    ) in found
    ((mark, line),) = doctor(tmp_path, AUDIT_HEAD_MAIL="audit@example.org").about("audit")
    assert (mark, line.startswith("FORMENGINE_AUDIT_HEAD_MAIL is set")) == ("bad", True)
    ((mark, line),) = doctor(tmp_path).about("audit")
    assert (mark, line.startswith("Neither FORMENGINE_AUDIT_HEAD_FILE nor")) == ("note", True)


@pytest.mark.parametrize(
    ("proxies", "wrong"),
    [
        ("127.0.0.1,::1,10.0.0.0/8", []),
        ("proxy.example.org,127.0.0.1", ["proxy.example.org"]),
        ("*", ["*"]),
        ("10.0.0.1/8", ["10.0.0.1/8"]),
        ("10.0.0.256", ["10.0.0.256"]),
    ],
)
def test_a_proxy_that_is_no_address_is_bad(tmp_path: Path, proxies: str, wrong: list[str]) -> None:
    found = [
        line for mark, line in doctor(tmp_path, TRUSTED_PROXIES=proxies).about("address") if mark == "bad"
    ]
    assert found == [
        f"FORMENGINE_TRUSTED_PROXIES has {each}, which is no address: no proxy is trusted by it"
        for each in wrong
    ]


def test_a_clock_that_jumped_is_a_note_with_what_follows(tmp_path: Path) -> None:
    store, context, _ = used(tmp_path)
    replace(context, clock=lambda: system_clock() - timedelta(days=29)).steady.read()
    context.steady.read()
    store.close()
    ((mark, line),) = doctor(tmp_path).about("clock")
    assert mark == "note"
    assert re.fullmatch(
        r"The clock shows \S+ \S+ UTC, 696 hours more than the service ran: it was set ahead, or the service stood "
        r"still\. By it nothing ends before 168 hours more of running; set it right if it is wrong",
        line,
    )


def test_a_clock_that_was_set_back_is_a_note(tmp_path: Path) -> None:
    store, context, _ = used(tmp_path)
    replace(context, clock=lambda: system_clock() + timedelta(days=2)).steady.read()
    store.close()
    ((mark, line),) = doctor(tmp_path).about("clock")
    assert mark == "note"
    assert re.fullmatch(r"The clock shows .* UTC; .* UTC when it was last read: it was set back", line)


WHOLE = (
    "form: whole\ntitle: Whole\nversion: 1\npages:\n  - id: a\n    title: A\n    fields:\n"
    "      - id: name\n        type: text\n        label: Name\n"
)


def test_files_that_are_not_there_are_told_by_their_variable(tmp_path: Path) -> None:
    said = doctor(tmp_path, SMTP_CA_FILE="/no/such/ca.pem", THEMES="/no/such/looks", SMTP_HOST="127.0.0.1")
    assert said.about("settings") == [
        ("bad", "FORMENGINE_SMTP_CA_FILE names /no/such/ca.pem, which is not there"),
        ("bad", "FORMENGINE_THEMES names /no/such/looks, which is not there"),
    ]
    assert ("bad", "FORMENGINE_MAIL_FROM is not set, so that no e-mail can be sent") in said.about("mail")
    assert said.code == 1


def test_an_address_in_clear_beyond_this_machine_is_bad(tmp_path: Path) -> None:
    found = doctor(tmp_path, BASE_URL="http://forms.example.org").about("address")
    assert found == [
        ("bad", "FORMENGINE_BASE_URL is http://forms.example.org: beyond this machine it must be https://")
    ]


def test_a_scanner_that_is_away_is_a_note(tmp_path: Path) -> None:
    assert doctor(tmp_path, CLAMD_SOCKET=str(tmp_path / "gone")).about("scanner") == [
        ("note", f"clamd at {tmp_path}/gone does not answer: uploads wait")
    ]


def test_a_variable_that_cannot_be_used_ends_it_in_one_line(tmp_path: Path) -> None:
    said = doctor(tmp_path, SMTP_PORT="many")
    assert (said.code, said.text) == (1, "FORMENGINE_SMTP_PORT must be a port, a number from 1 to 65535\n")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"smtp_ca_file": None}, "its certificate is not one that can be trusted"),
        ({"smtp_port": 1}, "it does not answer"),
        ({"smtp_security": "tls"}, "it does not answer"),
        ({"smtp_user": "forms", "smtp_password": "wrong"}, "it does not accept the name and password"),
    ],
)
def test_why_a_mail_server_cannot_be_used_is_said_in_words(
    tmp_path: Path, change: Mapping[str, object], fault: str
) -> None:
    certificate = make_certificate(tmp_path)

    async def tried() -> Finding:
        async with mail_server(certificate) as server:
            settings = Settings(
                smtp_host="127.0.0.1",
                smtp_port=server.port,
                smtp_ca_file=certificate[0],
                mail_from="forms@example.org",
            )
            return await check_mail(replace(settings, **change))  # type: ignore[arg-type]

    finding = asyncio.run(tried())
    assert not finding.sound
    assert finding.line.endswith(f" cannot be used: {fault}")


@pytest.mark.parametrize(
    ("base_url", "proxies", "warned"),
    [
        ("https://forms.example.org", "", True),
        ("https://forms.example.org", "127.0.0.1", False),
        ("http://127.0.0.1:8000", "", False),
    ],
)
def test_a_service_behind_tls_that_names_no_proxy_is_told_that_everybody_shares_one_address(
    tmp_path: Path, base_url: str, proxies: str, warned: bool
) -> None:
    found = doctor(tmp_path, BASE_URL=base_url, TRUSTED_PROXIES=proxies).about("address")
    told = [line for mark, line in found if mark == "note"]
    line = (
        "FORMENGINE_TRUSTED_PROXIES is not set: behind a reverse proxy everybody has the proxy's address, and shares "
        "one budget with everybody else. Set it to the proxy's address, such as 127.0.0.1"
    )
    assert told == [line] * warned
