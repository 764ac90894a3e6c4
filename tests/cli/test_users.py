"""`formengine users`, as an operator runs it beside a service."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formengine.service.accounts.authentication import Authentication, Passed, Refused
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.roles import ROLES, ROLES_WITH_PAGES
from formengine.service.accounts.sessions import Sessions
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.rate_limits import RateLimits
from formengine.store.sqlite import SqliteStore
from tests.support.command_line import run
from tests.support.service_parts import CHEAP

pytestmark = pytest.mark.slow

ROBIN = "robin.cole@example.org"
ADD = ("users", "add", ROBIN, "--first-name", "Robin", "--last-name", "Cole")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database and keys, which the variables name."""
    for name in list(os.environ):
        if name.startswith("FORMENGINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FORMENGINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMENGINE_KEYS_FILE", str(tmp_path / "keys"))
    (tmp_path / "data").mkdir()
    assert run("keys", "new").code == 0
    SqliteStore(tmp_path / "data/formengine.sqlite3").close()
    return tmp_path


@contextmanager
def core_in(place: Path) -> Iterator[ServiceContext]:
    """The store and keys of the folder."""
    store = SqliteStore(place / "data/formengine.sqlite3")
    yield ServiceContext(store, Keyring.of_file(place / "keys"))
    store.close()


def test_an_account_is_added_listed_and_closed() -> None:
    assert run(*ADD, "--role", "applicant").out == (
        f"{ROBIN} has an account. The service e-mails how to choose a password.\n"
    )
    listed = run("users", "list")
    assert listed.out.split("\t")[:3] == [ROBIN, "applicant", "e-mail"]
    assert listed.out.endswith("\tRobin Cole\n")
    assert listed.err == "1 account\n"
    closed = run("users", "close", "--yes", ROBIN)
    assert (closed.code, closed.out) == (0, f"The account of {ROBIN} is closed.\n")
    assert run("users", "list").out == ""


def test_the_list_can_be_read_by_programs() -> None:
    run(*ADD)
    (user,) = json.loads(run("users", "list", "--format", "json").out)
    assert {**user, "since": ""} == {
        "email": ROBIN,
        "name": "Robin Cole",
        "role": "applicant",
        "codes": "email",
        "since": "",
    }


def test_an_address_has_one_account() -> None:
    run(*ADD)
    again = run(*ADD)
    assert (again.code, again.err) == (1, f"{ROBIN} has an account already\n")


def test_a_role_changes_at_once(place: Path) -> None:
    run(*ADD)
    with core_in(place) as context:
        with context.store.read() as tx:
            account = tx.accounts.every()[0].id
        token, _ = Sessions(context).start(account=account, stage="signed_in")
    assert run("users", "role", ROBIN, "applicant").out == (
        f"{ROBIN} is applicant now and has been signed out.\n"
    )
    with core_in(place) as context:
        assert Sessions(context).find(token) is None


@pytest.mark.parametrize("role", sorted(set(ROLES) - ROLES_WITH_PAGES))
def test_a_role_that_has_no_pages_is_given_to_nobody(role: str) -> None:
    line = f"No page is there for the role {role} yet, so nobody can be given it\n"
    added = run(*ADD, "--role", role)
    assert (added.code, added.out, added.err) == (1, "", line)
    assert run("users", "list").out == ""
    run(*ADD)
    changed = run("users", "role", ROBIN, role)
    assert (changed.code, changed.err) == (1, line)
    assert run("users", "list").out.split("\t")[1] == "applicant"


def test_every_change_by_a_command_names_who_acted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "sam")
    run(*ADD)
    run("users", "role", "--as", "alex.m", ROBIN, "applicant")
    run("users", "without-app", ROBIN)
    run("users", "close", "--yes", "--as", "kim", ROBIN)
    run("keys", "rotate", "--as", "kim")
    os.utime(place / "keys", (0, 0))
    run("keys", "retire")
    monkeypatch.setenv("SUDO_USER", "two words")
    run("users", "list")
    entries = [json.loads(line) for line in run("audit", "show", "--format", "json").out.splitlines()]
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        ("operator:sam", "account.added"),
        ("operator:alex.m", "account.role_changed"),
        ("operator:sam", "account.app_off"),
        ("operator:kim", "account.closed"),
        ("operator:kim", "keys.rotated"),
        ("operator:sam", "keys.retired"),
        ("operator:unnamed", "accounts.listed"),
    ]
    after = run("audit", "show", "--format", "json", "--after", "6").out
    assert [json.loads(line)["seq"] for line in after.splitlines()] == [7]


@pytest.mark.parametrize("name", ["", "two words", "a" * 65, "sam@example.org", "operator:sam"])
def test_a_name_that_cannot_stand_in_the_audit_ends_the_command(name: str) -> None:
    assert run("users", "list", "--as", name).code == 2


def test_sessions_end_at_once_and_the_audit_says_who_did_it(place: Path) -> None:
    run(*ADD)
    with core_in(place) as context:
        with context.store.read() as tx:
            account = tx.accounts.every()[0].id
        token, _ = Sessions(context).start(account=account, stage="signed_in")
    assert (
        run("users", "end-sessions", ROBIN, "--as", "sam").out == f"{ROBIN} has been signed out everywhere.\n"
    )
    with core_in(place) as context:
        assert Sessions(context).find(token) is None
        with context.store.read() as tx:
            last = tx.audit.last()
    assert last is not None
    assert (last.actor, last.action, last.subject) == ("operator:sam", "account.sessions_ended", account)


def test_an_added_account_opens_by_a_forgotten_password_alone(place: Path) -> None:
    run(*ADD)
    with core_in(place) as context:
        accounts = Authentication(context, Sessions(context), RateLimits(context), Passwords(CHEAP))
        begun = accounts.forgotten("", ROBIN)
        assert isinstance(begun, Passed)
        with context.store.read() as tx:
            assert tx.accounts.by_email(context.keys.index("accounts.email", ROBIN)) is not None
        assert accounts.sign_in("", ROBIN, "") == Refused("wrong")


def test_codes_come_by_email_again() -> None:
    run(*ADD)
    assert run("users", "without-app", ROBIN).out == f"Codes for {ROBIN} come by e-mail again.\n"


@pytest.mark.parametrize("verb", [("close", "--yes"), ("without-app",), ("end-sessions",)])
def test_an_address_without_account_is_said(verb: tuple[str, ...]) -> None:
    ended = run("users", *verb, "sam@example.org")
    assert (ended.code, ended.err) == (1, "There is no account with the address sam@example.org\n")
    assert run("users", "role", "sam@example.org", "staff").code == 1


@pytest.mark.parametrize("email", ["robin", "robin@example.org\nBcc: x@example.org extra", ""])
def test_what_is_no_address_gets_no_account(email: str) -> None:
    assert run("users", "add", email, "--first-name", "R", "--last-name", "C").code == 1
    assert run("users", "list").out == ""


def test_whoever_read_the_list_stands_in_the_audit(place: Path) -> None:
    run("users", "list", "--as", "robin")
    with core_in(place) as context, context.store.read() as tx:
        last = tx.audit.last()
    assert last is not None
    assert (last.actor, last.action) == ("operator:robin", "accounts.listed")


def test_the_examples_of_the_help_run() -> None:
    for verb in ("add", "list", "role", "end-sessions", "without-app"):
        example = re.search(r"(?m)^ +formengine (users .*)$", run("users", verb, "--help").out)
        assert example is not None
        assert run(*example[1].split()).code == 0, example[1]
