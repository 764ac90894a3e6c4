"""Which passwords are good enough, and how they are kept."""

import argon2
import pytest

from formengine.service.accounts.passwords import Passwords, problem_of
from tests.support.service_parts import CHEAP


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "too_short"),
        ("eleven sign", "too_short"),
        ("x" * 1025, "too_long"),
        ("é" * 513, "too_long"),
        ("password1234", "common"),
        ("Password1234!", "common"),
        ("P@ssw0rd2026", "common"),
        ("qwertyuiop123", "repeated"),
        ("1qaz2wsx3edc", "common"),
        ("passwordpassword", "repeated"),
        ("aaaaaaaaaaaaaaa", "repeated"),
        ("abcabcabcabcab", "repeated"),
        ("abcdefghijklm", "repeated"),
        ("9876543210987", "repeated"),
        ("safeguarding2026", "common"),
        ("kentcouncil2026!", "context"),
        ("AlexMorgan1985", "context"),
        ("alex.morgan.99", "context"),
        ("three blue kettles", None),
        ("correct horse battery staple", None),
        ("twelve signs", None),
        ("die Tür ist grün", None),
        ("春眠不覚暁処処聞啼鳥夜来", None),
        ("rT7$kq!0zPw2", None),
    ],
)
def test_a_password_is_judged_by_length_and_by_what_others_would_guess(
    password: str, problem: str | None
) -> None:
    assert problem_of(password, ("Alex Morgan", "alex.morgan@example.org")) == problem


def test_1023_bytes_are_allowed() -> None:
    assert problem_of("".join(chr(0x4E00 + at * 7) for at in range(341))) is None


@pytest.mark.parametrize(
    "password", ["three blue kettles", " leading and trailing ", "e\u0301clair \ud800 \0 end"]
)
def test_what_was_typed_is_what_counts(password: str) -> None:
    passwords = Passwords(CHEAP)
    kept = passwords.hash(password)
    assert passwords.fits(password, kept)
    assert not passwords.fits(password.strip() + "x", kept)


def test_no_normalisation_makes_two_passwords_one() -> None:
    passwords = Passwords(CHEAP)
    assert not passwords.fits("caf\u00e9 on the corner", passwords.hash("cafe\u0301 on the corner"))


def test_nothing_fits_where_there_is_no_account() -> None:
    assert not Passwords(CHEAP).fits("", None)
    assert not Passwords().fits("nobody has this password", None)


def test_hashes_are_argon2id_as_rfc_9106_recommends() -> None:
    kept = Passwords().hash("three blue kettles")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_hash_for_nobody_has_todays_parameters() -> None:
    assert not Passwords().outdated(Passwords()._nobody)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert Passwords(argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)).outdated(
        Passwords(CHEAP).hash("x")
    )
    assert not Passwords(CHEAP).outdated(Passwords(CHEAP).hash("x"))
