"""The service's parts without the web, on a store in memory, with cheap hashes and a clock that the test moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher

from formengine.service.accounts.authentication import Authentication, Passed
from formengine.service.accounts.captcha import Captcha
from formengine.service.accounts.identity import Person
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.profile import Profile
from formengine.service.accounts.sessions import Sessions
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.mail.outbox import DemoMailbox, Letter, Letters
from formengine.service.rate_limits import RateLimits
from formengine.store.sqlite import SqliteStore
from tests.support.service_app import MovableClock

EMAIL = "alex.morgan@example.org"
PASSWORD = "three blue kettles"
ALEX = Person(email=EMAIL, first_name="Alex", last_name="Morgan")
ABOUT = {"portal": "A Portal", "base_url": "https://forms.example.org", "calls": "In danger: 999."}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Parts:
    """Each part, on one store."""

    context: ServiceContext
    clock: MovableClock
    sessions: Sessions
    limits: RateLimits
    passwords: Passwords
    accounts: Authentication
    own: Profile
    captcha: Captcha

    def mail(self, to: str = "") -> list[Letter]:
        """The e-mails in the outbox, the newest first; with `to` those to one address."""
        newest = DemoMailbox(self.context, Letters(self.context, ABOUT)).newest(1000)
        return [letter for letter in newest if to in {"", letter.to}]

    def code(self, to: str = EMAIL) -> str:
        """The code in the newest e-mail that has one."""
        codes = (re.search(r"\b[0-9]{6}\b", letter.email.text) for letter in self.mail(to))
        return next(found[0] for found in codes if found is not None)

    def registered(self, person: Person = ALEX, password: str = PASSWORD) -> Passed:
        """Somebody with an account, signed in."""
        begun = passed(self.accounts.register("", person, password))
        return passed(self.accounts.enter_code(begun.token, self.code(person.email)))

    def actions(self) -> list[str]:
        """The actions in the audit, in order."""
        with self.context.store.read() as tx:
            return [entry.action for entry in tx.audit.every()]


def passed(outcome: object) -> Passed:
    """The outcome, which must be that it worked."""
    assert isinstance(outcome, Passed), outcome
    return outcome


@contextmanager
def parts_on(store: SqliteStore) -> Iterator[Parts]:
    """Parts on this store, which is closed at the end."""
    clock = MovableClock()
    context = ServiceContext(store, Keyring.new(), clock, monotonic=clock.monotonic)
    context.steady.read()
    sessions, limits, passwords = Sessions(context), RateLimits(context), Passwords(CHEAP)
    yield Parts(
        context=context,
        clock=clock,
        sessions=sessions,
        limits=limits,
        passwords=passwords,
        accounts=Authentication(context, sessions, limits, passwords),
        own=Profile(context, sessions, limits, passwords),
        captcha=Captcha(context, sessions, limits),
    )
    store.close()


@pytest.fixture
def parts() -> Iterator[Parts]:
    """The service's parts."""
    with parts_on(SqliteStore(None)) as made:
        yield made
