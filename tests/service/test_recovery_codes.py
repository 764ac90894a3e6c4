"""Recovery codes: ten, each good once, kept as hashes, counted with the app's own tries."""

from __future__ import annotations

import pyotp
import pytest

from formengine.service.accounts.authentication import Passed, Refused
from formengine.service.accounts.profile import close_account
from formengine.service.accounts.recovery_codes import RecoveryCodes, normal_code
from formengine.service.accounts.users import stop_app
from tests.support.service_parts import EMAIL, PASSWORD, Parts, parts, passed

__all__ = ["parts"]

WRONG = "7777-7777-7777"


def with_app(parts: Parts) -> Passed:
    """Somebody who has just switched an app on; `codes` are their recovery codes."""
    alex = parts.registered()
    account = str(alex.session.account)
    app = pyotp.TOTP(parts.own.begin_app(alex.token, account))
    done = passed(parts.own.confirm_app(alex.token, account, PASSWORD, app.at(parts.clock())))
    parts.clock.move(seconds=61)
    return done


def recover(parts: Parts, typed: str) -> Passed | Refused:
    """What comes of a recovery code after the password."""
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    return parts.accounts.enter_code(begun.token, typed, recovery=True)


def test_ten_codes_come_with_the_app_and_none_stands_in_the_store(parts: Parts) -> None:
    done = with_app(parts)
    assert len(set(done.codes)) == 10
    assert all(normal_code(code) == code.replace("-", "") for code in done.codes)
    kept = parts.context.store._connection.execute("SELECT code_hash FROM recovery_codes").fetchall()  # type: ignore[attr-defined]
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in done.codes} & {str(row[0]) for row in kept}


def test_each_code_signs_in_once(parts: Parts) -> None:
    done = with_app(parts)
    first = passed(recover(parts, done.codes[0]))
    assert first.session.stage == "signed_in"
    parts.clock.move(seconds=61)
    assert recover(parts, done.codes[0]) == Refused("wrong")
    assert parts.own.recovery_codes_left(str(done.session.account)) == 9
    assert parts.actions().count("account.recovery_code_used") == 1


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "spaced"])
def test_case_and_spaces_do_not_matter(parts: Parts, typed: str) -> None:
    code = with_app(parts).codes[5]
    ways = {"lower": code.lower(), "spaced": code.replace("-", " ")}
    passed(recover(parts, ways.get(typed, typed.format(code))))


def test_five_wrong_tries_at_either_code_send_back_to_the_password(parts: Parts) -> None:
    done = with_app(parts)
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    whys = [parts.accounts.enter_code(begun.token, WRONG, recovery=True) for _ in range(3)]
    whys += [parts.accounts.enter_code(begun.token, "000000") for _ in range(2)]
    assert whys[-1] == Refused("burnt")
    assert parts.accounts.enter_code(begun.token, done.codes[0], recovery=True) == Refused("burnt")
    assert parts.own.recovery_codes_left(str(done.session.account)) == 10


def test_a_recovery_code_opens_nothing_but_the_apps_step(parts: Parts) -> None:
    parts.registered()
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert begun.step == "sign_in"
    assert parts.accounts.enter_code(begun.token, parts.code(), recovery=True) == Refused("gone")


def test_another_accounts_code_is_wrong(parts: Parts) -> None:
    done = with_app(parts)
    codes = RecoveryCodes(parts.context)
    with parts.context.store.write() as tx:
        assert codes.spend(tx, "somebody else", done.codes[0]) is False
        assert codes.left(tx, str(done.session.account)) == 10


def test_new_codes_end_the_old_ones_and_the_audit_and_an_email_say_so(parts: Parts) -> None:
    done = with_app(parts)
    account = str(done.session.account)
    assert parts.own.new_recovery_codes(done.token, account, "not the password") == Refused("wrong")
    made = passed(parts.own.new_recovery_codes(done.token, account, PASSWORD)).codes
    assert len(made) == 10
    assert recover(parts, done.codes[0]) == Refused("wrong")
    parts.clock.move(seconds=61)
    passed(recover(parts, made[0]))
    assert "account.recovery_codes_made" in parts.actions()
    assert any(each.email.subject.startswith("You have new recovery codes") for each in parts.mail(EMAIL))


def test_without_an_app_there_are_no_codes_to_make(parts: Parts) -> None:
    done = parts.registered()
    account = str(done.session.account)
    assert parts.own.new_recovery_codes(done.token, account, PASSWORD) == Refused("gone")
    assert parts.own.recovery_codes_left(account) == 0


@pytest.mark.parametrize("way", ["own", "operator", "closed"])
def test_codes_go_with_the_app_and_with_the_account(parts: Parts, way: str) -> None:
    done = with_app(parts)
    account = str(done.session.account)
    if way == "own":
        passed(parts.own.stop_app(done.token, account, PASSWORD))
    elif way == "operator":
        assert stop_app(parts.context, EMAIL) is True
    else:
        with parts.context.store.write() as tx:
            assert close_account(tx, parts.context, account, actor="operator") is True
    assert parts.own.recovery_codes_left(account) == 0


def test_the_email_about_a_used_code_says_how_many_are_left_and_no_code(parts: Parts) -> None:
    done = with_app(parts)
    passed(recover(parts, done.codes[0]))
    (letter,) = (
        each for each in parts.mail(EMAIL) if each.email.subject.startswith("A recovery code was used")
    )
    assert "Recovery codes left: 9." in letter.email.text
    assert not any(code in letter.email.text for code in done.codes)
