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
from formengine.service.accounts.sessions import Sessions
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.rate_limits import RateLimits
from formengine.store.sqlite import SqliteStore
from tests.support.command_line import run
from tests.support.service_parts import CHEAP

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
    assert run(*ADD, "--role", "staff").out == (
        f"{ROBIN} has an account. The service e-mails how to choose a password.\n"
    )
    listed = run("users", "list")
    assert listed.out.split("\t")[:3] == [ROBIN, "staff", "e-mail"]
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
    assert run("users", "role", ROBIN, "administrator").out == (
        f"{ROBIN} is administrator now and has been signed out.\n"
    )
    with core_in(place) as context:
        assert Sessions(context).find(token) is None
    assert "\tadministrator\t" in run("users", "list").out


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


@pytest.mark.parametrize("verb", [("close", "--yes"), ("without-app",)])
def test_an_address_without_account_is_said(verb: tuple[str, ...]) -> None:
    ended = run("users", *verb, "sam@example.org")
    assert (ended.code, ended.err) == (1, "There is no account with the address sam@example.org\n")
    assert run("users", "role", "sam@example.org", "staff").code == 1


@pytest.mark.parametrize("email", ["robin", "robin@example.org\nBcc: x@example.org extra", ""])
def test_what_is_no_address_gets_no_account(email: str) -> None:
    assert run("users", "add", email, "--first-name", "R", "--last-name", "C").code == 1
    assert run("users", "list").out == ""


def test_whoever_read_the_list_stands_in_the_audit(place: Path) -> None:
    run("users", "list")
    with core_in(place) as context, context.store.read() as tx:
        last = tx.audit.last()
    assert last is not None
    assert (last.actor, last.action) == ("operator", "accounts.listed")


def test_the_examples_of_the_help_run() -> None:
    for verb in ("add", "list", "role", "without-app"):
        example = re.search(r"(?m)^ +formengine (users .*)$", run("users", verb, "--help").out)
        assert example is not None
        assert run(*example[1].split()).code == 0, example[1]
