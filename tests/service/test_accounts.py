"""Registering, signing in, and a forgotten password, without the web."""

import re
from dataclasses import replace

import argon2
import pyotp
import pytest

from formengine.service.accounts.authentication import Authentication, Refused
from formengine.service.accounts.identity import Person
from formengine.service.accounts.passwords import Passwords
from tests.support.service_parts import ALEX, CHEAP, EMAIL, PASSWORD, Parts, passed

SAM = Person(email="sam.lee@example.com", first_name="Sam", last_name="Lee")


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06}"


def lasting_code(parts: Parts, to: str = EMAIL) -> str:
    """The code that works all day, in the newest e-mail that has one."""
    codes = (re.search(r"(?:[0-9]{4}-){3}[0-9]{4}", letter.email.text) for letter in parts.mail(to))
    return next(found[0] for found in codes if found is not None)


def accounts_of(parts: Parts, email: str = EMAIL) -> list[str]:
    """The statuses of all accounts whose person has this address."""
    with parts.context.store.read() as tx:
        rows = [row for row in tx.accounts.every() if row.status != "closed"]
    return [row.status for row in rows if parts.accounts.person(row.id).email in {email, ""}]


# --- registering -------------------------------------------------------------------------------------------------


def test_registering_mails_a_code_and_the_code_signs_in(parts: Parts) -> None:
    begun = passed(parts.accounts.register("", ALEX, PASSWORD))
    assert begun.step == "register"
    assert begun.session.account is None
    done = passed(parts.accounts.enter_code(begun.token, parts.code()))
    assert done.step is None
    assert done.session.stage == "signed_in"
    assert done.session.account is not None
    assert parts.accounts.person(done.session.account).full_name == "Alex Morgan"
    assert parts.accounts.role(done.session.account) == "applicant"
    assert parts.actions() == ["account.register_begun", "account.confirmed", "account.signed_in"]


def test_an_account_is_no_account_before_its_code(parts: Parts) -> None:
    passed(parts.accounts.register("", ALEX, PASSWORD))
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wrong")


def test_registering_a_known_address_mails_it_and_changes_nothing(parts: Parts) -> None:
    parts.registered()
    before = len(parts.mail())
    begun = passed(parts.accounts.register("", replace(ALEX, first_name="Mallory"), "another good password"))
    assert begun.step == "register"
    assert len(parts.mail()) == before + 1
    assert parts.mail()[0].email.subject == "You already have an account: A Portal"
    assert parts.accounts.sign_in("", EMAIL, "another good password") == Refused("wrong")
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD))


def test_nobody_can_prepare_an_account_for_somebody_elses_address(parts: Parts) -> None:
    owner = passed(parts.accounts.register("", ALEX, PASSWORD))
    parts.clock.move(minutes=2)
    passed(parts.accounts.register("", replace(ALEX, first_name="Mallory"), "mallory's own password"))
    owners, mallorys = parts.mail(EMAIL)[1], parts.mail(EMAIL)[0]
    assert owners.email.text != mallorys.email.text
    code = owners.email.text.split("Your code is ")[1][:6]
    done = passed(parts.accounts.enter_code(owner.token, code))
    assert done.session.account is not None
    assert parts.accounts.person(done.session.account).first_name == "Alex"
    assert parts.accounts.sign_in("", EMAIL, "mallory's own password") == Refused("wrong")


def test_of_two_registrations_the_first_confirmed_wins_and_the_other_is_told(parts: Parts) -> None:
    first = passed(parts.accounts.register("", ALEX, PASSWORD))
    first_code = parts.code()
    parts.clock.move(minutes=1)
    second = passed(parts.accounts.register("", ALEX, PASSWORD))
    second_code = parts.code()
    passed(parts.accounts.enter_code(second.token, second_code))
    assert parts.accounts.enter_code(first.token, first_code) == Refused("taken")


def test_capital_letters_in_an_address_make_no_difference(parts: Parts) -> None:
    parts.registered()
    passed(parts.accounts.sign_in("", " Alex.Morgan@Example.ORG ", PASSWORD))


def test_unconfirmed_accounts_are_forgotten_after_a_day(parts: Parts) -> None:
    passed(parts.accounts.register("", ALEX, PASSWORD))
    parts.registered(SAM)
    parts.clock.move(hours=25)
    assert parts.accounts.purge() > 0
    assert accounts_of(parts) == []
    assert accounts_of(parts, SAM.email) == ["open"]


# --- signing in ---------------------------------------------------------------------------------------------------


def test_signing_in_takes_the_password_and_then_the_mailed_code(parts: Parts) -> None:
    parts.registered()
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert begun.step == "sign_in"
    assert begun.session.stage == "code_due"
    done = passed(parts.accounts.enter_code(begun.token, parts.code()))
    assert done.session.stage == "signed_in"
    assert done.token != begun.token
    assert parts.sessions.find(begun.token) is None


def test_codes_never_stand_in_subjects_and_answers_in_no_mail(parts: Parts) -> None:
    parts.registered()
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    for letter in parts.mail():
        assert not any(figure in letter.email.subject for figure in "0123456789")


def test_a_wrong_code_leaves_the_person_where_they_are(parts: Parts) -> None:
    parts.registered()
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    code = parts.code()
    assert parts.accounts.enter_code(begun.token, wrong(code)) == Refused("wrong")
    passed(parts.accounts.enter_code(begun.token, code))


def test_a_burnt_code_asks_for_a_new_one(parts: Parts) -> None:
    parts.registered()
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    code = parts.code()
    for _ in range(4):
        parts.accounts.enter_code(begun.token, wrong(code))
    assert parts.accounts.enter_code(begun.token, wrong(code)) == Refused("burnt")
    assert parts.accounts.new_code(begun.token) == Refused("wait", 60)
    parts.clock.move(seconds=61)
    assert parts.accounts.new_code(begun.token) is None
    passed(parts.accounts.enter_code(begun.token, parts.code()))


def test_who_signs_in_again_and_again_and_enters_the_codes_is_never_refused(parts: Parts) -> None:
    parts.registered()
    for _ in range(15):
        parts.clock.move(minutes=25)
        begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
        passed(parts.accounts.enter_code(begun.token, parts.code()))


def test_whoever_knows_the_password_can_neither_fill_the_mailbox_nor_keep_its_owner_out(parts: Parts) -> None:
    parts.registered()
    before = len(parts.mail())
    for _ in range(30):
        parts.clock.move(minutes=1)
        passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert len(parts.mail()) == before + 6
    owner = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert len(parts.mail()) == before + 6
    passed(parts.accounts.enter_code(owner.token, lasting_code(parts)))


def test_wrong_passwords_make_wait_and_the_right_one_waits_too(parts: Parts) -> None:
    parts.registered()
    for _ in range(5):
        assert parts.accounts.sign_in("", EMAIL, "not the password") == Refused("wrong")
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wait", 1)
    parts.clock.move(seconds=1)
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert parts.accounts.sign_in("", EMAIL, "not the password") == Refused("wrong")


def test_waiting_is_the_same_for_an_address_without_account(parts: Parts) -> None:
    parts.registered()
    for _ in range(9):
        known = parts.accounts.sign_in("", EMAIL, "not the password")
        unknown = parts.accounts.sign_in("", SAM.email, "not the password")
        assert known == unknown
        parts.clock.move(seconds=1)


def test_the_tenth_wrong_password_is_told_to_its_owner(parts: Parts) -> None:
    parts.registered()
    for _ in range(11):
        parts.accounts.sign_in("", EMAIL, "not the password")
        parts.clock.move(minutes=15)
    notices = [letter for letter in parts.mail() if letter.email.subject.startswith("Wrong passwords")]
    assert len(notices) == 1
    assert "10 times" in notices[0].email.text


def test_a_hash_of_old_parameters_is_made_anew_at_signing_in(parts: Parts) -> None:
    account = parts.registered().session.account
    stronger = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    accounts = Authentication(parts.context, parts.sessions, parts.limits, Passwords(stronger))
    passed(accounts.sign_in("", EMAIL, PASSWORD))
    assert account is not None
    with parts.context.store.read() as tx:
        row = tx.accounts.get(account)
    assert row is not None
    assert not stronger.check_needs_rehash(row.password_hash)
    passed(parts.accounts.sign_in("", EMAIL, PASSWORD))


def test_a_session_that_waits_for_nothing_takes_no_code(parts: Parts) -> None:
    token, _ = parts.sessions.start()
    assert parts.accounts.enter_code(token, "123456") == Refused("gone")
    assert parts.accounts.new_code(token) == Refused("gone")
    assert parts.accounts.choose_password(token, PASSWORD) == Refused("gone")
    assert parts.accounts.enter_code("", "123456") == Refused("gone")


# --- a forgotten password -----------------------------------------------------------------------------------------


def forget(parts: Parts, email: str = EMAIL) -> str:
    """The token of a session in which the new password is due."""
    begun = passed(parts.accounts.forgotten("", email))
    assert begun.step == "reset"
    done = passed(parts.accounts.enter_code(begun.token, parts.code(email)))
    assert done.step == "choose"
    return done.token


def test_a_forgotten_password_is_replaced_with_a_mailed_code(parts: Parts) -> None:
    parts.registered()
    done = passed(parts.accounts.choose_password(forget(parts), "four green windows"))
    assert done.session.stage == "signed_in"
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wrong")
    passed(parts.accounts.sign_in("", EMAIL, "four green windows"))


def test_a_new_password_ends_every_session_and_every_code_sent_before(parts: Parts) -> None:
    signed_in = parts.registered().token
    halfway = passed(parts.accounts.sign_in("", EMAIL, PASSWORD)).token
    code = parts.code()
    passed(parts.accounts.choose_password(forget(parts), "four green windows"))
    assert parts.sessions.find(signed_in) is None
    assert parts.accounts.enter_code(halfway, code) == Refused("gone")
    assert any(letter.email.subject.startswith("Your password was changed") for letter in parts.mail())


def test_the_way_to_a_new_password_stays_open_while_passwords_wait(parts: Parts) -> None:
    parts.registered()
    for _ in range(20):
        parts.accounts.sign_in("", EMAIL, "not the password")
        parts.clock.move(seconds=1)
    passed(parts.accounts.choose_password(forget(parts), "four green windows"))
    passed(parts.accounts.sign_in("", EMAIL, "four green windows"))


def test_an_address_without_account_is_told_so_by_mail_alone(parts: Parts) -> None:
    begun = passed(parts.accounts.forgotten("", SAM.email))
    assert begun.step == "reset"
    assert [letter.email.subject for letter in parts.mail(SAM.email)] == [
        "There is no account with this address: A Portal"
    ]
    assert parts.accounts.enter_code(begun.token, "123456") == Refused("wrong")


def test_choosing_a_password_once_is_enough(parts: Parts) -> None:
    parts.registered()
    token = forget(parts)
    passed(parts.accounts.choose_password(token, "four green windows"))
    assert parts.accounts.choose_password(token, "mallory's own password") == Refused("gone")


def test_a_reset_does_not_get_around_the_app(parts: Parts) -> None:
    done = parts.registered()
    assert done.session.account is not None
    secret = parts.own.begin_app(done.token, done.session.account)
    app = pyotp.TOTP(secret)
    passed(parts.own.confirm_app(done.token, done.session.account, PASSWORD, app.at(parts.clock())))
    chosen = passed(parts.accounts.choose_password(forget(parts), "four green windows"))
    assert chosen.step == "app"
    assert chosen.session.stage == "code_due"
    parts.clock.move(seconds=30)
    assert passed(parts.accounts.enter_code(chosen.token, app.at(parts.clock()))).step is None


# --- the same work for addresses with and without an account -----------------------------------------------------


class Counting(Passwords):
    """Counts how often Argon2 runs."""

    def __init__(self) -> None:
        self.runs = 0
        super().__init__(CHEAP)
        self.runs = 0

    def hash(self, password: str) -> str:
        self.runs += 1
        return super().hash(password)

    def fits(self, password: str, kept: str | None) -> bool:
        self.runs += 1
        return super().fits(password, kept)


@pytest.mark.parametrize("way", ["sign_in", "register", "forgotten"])
def test_argon2_runs_as_often_and_as_many_mails_go_for_an_address_without_account(
    parts: Parts, way: str
) -> None:
    parts.registered()
    counting = Counting()
    accounts = Authentication(parts.context, parts.sessions, parts.limits, counting)
    seen = []
    for email in (EMAIL, SAM.email):
        counting.runs, before = 0, len(parts.mail())
        if way == "sign_in":
            outcome = accounts.sign_in("", email, "not the password")
        elif way == "register":
            outcome = accounts.register("", replace(ALEX, email=email), PASSWORD)
        else:
            outcome = accounts.forgotten("", email)
        said = outcome if isinstance(outcome, Refused) else (outcome.step, sorted(outcome.session.facts))
        seen.append((said, counting.runs, len(parts.mail()) - before))
    assert seen[0] == seen[1]
