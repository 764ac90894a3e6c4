"""What strangers do with somebody's address: it slows them, and takes nothing away from its owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest

from formengine.service.accounts.authentication import Authentication, Passed, Refused
from formengine.service.accounts.known_browsers import KNOWN_FOR, NOBODY, Asker
from formengine.service.accounts.passwords import Passwords
from tests.support.service_parts import ALEX, CHEAP, EMAIL, PASSWORD, Parts, passed

STRANGER = Asker(network="203.0.113.5")
OWNER = Asker(network="198.51.100.7")


def account_of(done: Passed) -> str:
    assert done.session.account is not None
    return done.session.account


def known(parts: Parts, account: str) -> Asker:
    """The owner at a browser in which they have signed in before, on the stranger's network."""
    cookie = parts.accounts.known_cookie(account, NOBODY)
    assert cookie is not None
    return Asker(STRANGER.network, cookie)


def lasting_code(parts: Parts) -> str:
    codes = (re.search(r"(?:[0-9]{4}-){3}[0-9]{4}", letter.email.text) for letter in parts.mail(EMAIL))
    return next(found[0] for found in codes if found is not None)


# --- codes ------------------------------------------------------------------------------------------------------------


def test_a_strangers_request_leaves_the_owners_code_where_it_is(parts: Parts) -> None:
    parts.registered()
    owners = parts.accounts.forgotten("", EMAIL, OWNER)
    code = parts.code()
    for _ in range(12):
        strangers = parts.accounts.forgotten("", EMAIL, STRANGER)
        for typed in ("000000", "111111", "222222"):
            parts.accounts.enter_code(strangers.token, typed)
        assert parts.accounts.enter_code(strangers.token, code) == Refused("wrong")
    assert passed(parts.accounts.enter_code(owners.token, code)).step == "choose"


@pytest.mark.parametrize("apart_s", [0, 61, 780])
def test_after_a_strangers_twelve_requests_the_owner_resets_and_few_emails_came(
    parts: Parts, apart_s: int
) -> None:
    parts.registered()
    before = len(parts.mail())
    for _ in range(12):
        parts.accounts.forgotten("", EMAIL, STRANGER)
        parts.clock.move(seconds=apart_s)
    assert len(parts.mail()) - before <= 11
    owners = parts.accounts.forgotten("", EMAIL, OWNER)
    assert passed(parts.accounts.enter_code(owners.token, lasting_code(parts))).step == "choose"


def test_a_known_browser_gets_a_code_of_its_own_whatever_strangers_asked_for(parts: Parts) -> None:
    owner = known(parts, account_of(parts.registered()))
    for _ in range(12):
        parts.accounts.forgotten("", EMAIL, STRANGER)
    before = len(parts.mail())
    owners = parts.accounts.forgotten("", EMAIL, owner)
    assert len(parts.mail()) == before + 1
    assert passed(parts.accounts.enter_code(owners.token, parts.code(), asker=owner)).step == "choose"


def test_a_stranger_cannot_keep_somebody_from_registering(parts: Parts) -> None:
    for _ in range(12):
        parts.accounts.register("", ALEX, "mallory's own password")
    owners = parts.accounts.register("", ALEX, PASSWORD)
    done = passed(parts.accounts.enter_code(owners.token, lasting_code(parts)))
    assert parts.accounts.person(account_of(done)).first_name == "Alex"
    assert parts.accounts.sign_in("", EMAIL, "mallory's own password") == Refused("wrong")


# --- passwords --------------------------------------------------------------------------------------------------------


def test_sixteen_wrong_passwords_of_a_stranger_keep_the_owner_out_nowhere(parts: Parts) -> None:
    account = account_of(parts.registered())
    for _ in range(16):
        parts.accounts.sign_in("", EMAIL, "not the password", STRANGER)
    assert parts.accounts.sign_in("", EMAIL, PASSWORD, STRANGER) == Refused("wait", 1)
    assert passed(parts.accounts.sign_in("", EMAIL, PASSWORD, known(parts, account))).step == "sign_in"
    assert passed(parts.accounts.sign_in("", EMAIL, PASSWORD, OWNER)).step == "sign_in"


def test_wrong_passwords_of_a_known_browser_are_counted_by_themselves(parts: Parts) -> None:
    owner = known(parts, account_of(parts.registered()))
    for _ in range(5):
        assert parts.accounts.sign_in("", EMAIL, "not the password", owner) == Refused("wrong")
    assert parts.accounts.sign_in("", EMAIL, PASSWORD, owner) == Refused("wait", 1)
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD, OWNER))
    parts.clock.move(seconds=1)
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD, owner))


class Checks(Passwords):
    """Counts the passwords that were looked at."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.checked = 0

    def fits(self, password: str, kept: str | None) -> bool:
        self.checked += 1
        return super().fits(password, kept)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_from_however_many_networks_a_hundred_passwords_are_looked_at_in_a_day(
    parts: Parts, email: str
) -> None:
    parts.registered()
    checks = Checks()
    accounts = Authentication(parts.context, parts.sessions, parts.limits, checks)
    said = [
        accounts.sign_in("", email, "not the password", Asker(network=f"203.0.113.{number}"))
        for number in range(120)
    ]
    assert checks.checked == 100
    assert said == [Refused("wrong")] * 100 + [Refused("not_known")] * 20


def test_past_the_hundred_the_owner_gets_in_at_once_by_a_known_browser_or_a_code_and_keeps_the_password(
    parts: Parts,
) -> None:
    account = account_of(parts.registered())
    for number in range(101):
        parts.accounts.sign_in("", EMAIL, "not the password", Asker(network=f"203.0.113.{number}"))
    assert parts.accounts.sign_in("", EMAIL, PASSWORD, OWNER) == Refused("not_known")
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD, known(parts, account)))
    begun = parts.accounts.forgotten("", EMAIL, OWNER)
    right = passed(parts.accounts.enter_code(begun.token, parts.code()))
    assert right.known == account
    passed(parts.accounts.sign_in(right.token, EMAIL, PASSWORD, known(parts, right.known)))
    # A new password begins a new count: none of those tried was this one.
    begun = parts.accounts.forgotten("", EMAIL, OWNER)
    right = passed(parts.accounts.enter_code(begun.token, parts.code()))
    passed(parts.accounts.choose_password(right.token, "four green windows"))
    passed(parts.accounts.sign_in("", EMAIL, "four green windows", OWNER))


def test_wrong_passwords_of_strangers_do_not_hinder_who_is_signed_in(parts: Parts) -> None:
    done = parts.registered()
    for _ in range(16):
        parts.accounts.sign_in("", EMAIL, "not the password", STRANGER)
    passed(parts.own.change_password(done.token, account_of(done), PASSWORD, "four green windows"))


def test_whoever_knows_the_password_cannot_keep_the_owner_from_their_app(parts: Parts) -> None:
    done = parts.registered()
    account = account_of(done)
    app = pyotp.TOTP(parts.own.begin_app(done.token, account))
    passed(parts.own.confirm_app(done.token, account, PASSWORD, app.at(parts.clock())))
    said: list[str | None] = []
    for _ in range(12):
        outcome = parts.accounts.sign_in("", EMAIL, PASSWORD, STRANGER)
        said.append(outcome.step if isinstance(outcome, Passed) else outcome.why)
    assert "too_many" in said
    owner = known(parts, account)
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD, owner))
    parts.clock.move(seconds=31)
    code = app.at(parts.clock())
    assert passed(parts.accounts.enter_code(begun.token, code, asker=owner)).step is None
    # In a browser that was not known before, by a new password.
    reset = parts.accounts.forgotten("", EMAIL, OWNER)
    right = passed(parts.accounts.enter_code(reset.token, parts.code(), asker=OWNER))
    chosen = parts.accounts.choose_password(
        right.token, "four green windows", asker=known(parts, right.known)
    )
    assert passed(chosen).step == "app"


# --- known browsers ---------------------------------------------------------------------------------------------------


def test_a_browser_is_known_for_half_a_year_to_the_account_alone_that_signed_in_there(parts: Parts) -> None:
    account = account_of(parts.registered())
    other = account_of(parts.registered(replace(ALEX, email="robin@example.org")))
    cookie = parts.accounts.known_cookie(account, NOBODY)
    assert cookie is not None
    assert parts.accounts.knows(EMAIL, Asker(cookie=cookie))
    assert not parts.accounts.knows("robin@example.org", Asker(cookie=cookie))
    both = parts.accounts.known_cookie(other, Asker(cookie=cookie))
    assert both is not None
    assert parts.accounts.knows(EMAIL, Asker(cookie=both))
    assert parts.accounts.knows("robin@example.org", Asker(cookie=both))
    parts.clock.move(days=KNOWN_FOR.days)
    assert not parts.accounts.knows(EMAIL, Asker(cookie=both))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cookie: cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        lambda cookie: "x" + cookie,
        lambda cookie: cookie.replace("-", "-9", 1),
        lambda cookie: cookie * 20,
        lambda _: "--",
        lambda _: "a.b.c-d",
        lambda _: "\u2028-1-2",
    ],
)
def test_a_cookie_that_was_altered_makes_nobody_known(parts: Parts, spoil: Callable[[str], str]) -> None:
    cookie = parts.accounts.known_cookie(account_of(parts.registered()), NOBODY)
    assert cookie is not None
    assert not parts.accounts.knows(EMAIL, Asker(cookie=spoil(cookie)))


def test_the_cookie_tells_nothing_of_the_account(parts: Parts) -> None:
    account = account_of(parts.registered())
    first, second = (parts.accounts.known_cookie(account, NOBODY) for _ in range(2))
    assert first is not None
    assert second is not None
    assert account not in first
    assert not {part for part in first.split("-") if len(part) > 8} & set(second.split("-"))
