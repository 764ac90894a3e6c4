"""What people do with their accounts once they are signed in."""

from dataclasses import replace

import pyotp
import pytest

from formengine.service.accounts.authentication import Passed, Refused
from tests.service.test_sessions import draft_of, owner_of
from tests.support.service_parts import ALEX, EMAIL, PASSWORD, Parts, passed

NEW = "alex.morgan@example.com"
OTHER_PASSWORD = "four green windows"


@pytest.fixture
def alex(parts: Parts) -> Passed:
    """Somebody who has just registered."""
    return parts.registered()


def account_of(done: Passed) -> str:
    """The account that is signed in."""
    assert done.session.account is not None
    return done.session.account


def test_forms_take_over_what_is_known_by_these_names(parts: Parts, alex: Passed) -> None:
    details = {"job_title": "Health visitor", "organisation": "A practice", "phone": "020 7946 0123"}
    parts.own.change_details(account_of(alex), {**details, "address": "1 High Street\nAnytown"})
    assert parts.accounts.profile(account_of(alex)) == {
        **details,
        "address": "1 High Street\nAnytown",
        "email": EMAIL,
        "first_name": "Alex",
        "last_name": "Morgan",
        "full_name": "Alex Morgan",
        "name": "Alex Morgan",
    }
    assert parts.accounts.profile(None) == {}


def test_the_audit_names_the_details_that_changed_and_no_value(parts: Parts, alex: Passed) -> None:
    parts.own.change_details(account_of(alex), {"first_name": "Alex", "job_title": "Health visitor"})
    with parts.context.store.read() as tx:
        last = tx.audit.last()
    assert last is not None
    assert (last.action, last.fields) == ("account.details_changed", ("job_title",))
    assert "Health visitor" not in repr(last)


def test_an_email_address_is_no_detail(parts: Parts, alex: Passed) -> None:
    with pytest.raises(ValueError, match="not details"):
        parts.own.change_details(account_of(alex), {"email": NEW})
    assert parts.accounts.person(account_of(alex)).email == EMAIL


def test_what_is_known_is_sealed_in_the_store(parts: Parts, alex: Passed) -> None:
    with parts.context.store.read() as tx:
        row = tx.accounts.get(account_of(alex))
    assert row is not None
    assert b"Morgan" not in row.profile
    assert "example" not in row.email_index


# --- the password -------------------------------------------------------------------------------------------------


def test_a_changed_password_ends_all_other_sessions_and_renews_this_one(parts: Parts, alex: Passed) -> None:
    other, _ = parts.sessions.start(account=account_of(alex), stage="signed_in")
    done = passed(parts.own.change_password(alex.token, account_of(alex), PASSWORD, OTHER_PASSWORD))
    assert parts.sessions.find(done.token) is not None
    assert parts.sessions.find(alex.token) is None
    assert parts.sessions.find(other) is None
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wrong")
    passed(parts.accounts.sign_in("", EMAIL, OTHER_PASSWORD))


def test_a_changed_password_makes_codes_sent_before_worthless(parts: Parts, alex: Passed) -> None:
    halfway = passed(parts.accounts.sign_in("", EMAIL, PASSWORD)).token
    code = parts.code()
    passed(parts.own.change_password(alex.token, account_of(alex), PASSWORD, OTHER_PASSWORD))
    assert parts.accounts.enter_code(halfway, code) == Refused("gone")


def test_changing_the_password_asks_for_the_one_there_is(parts: Parts, alex: Passed) -> None:
    for _ in range(5):
        outcome = parts.own.change_password(alex.token, account_of(alex), "not the password", OTHER_PASSWORD)
        assert outcome == Refused("wrong")
    outcome = parts.own.change_password(alex.token, account_of(alex), PASSWORD, OTHER_PASSWORD)
    assert outcome == Refused("wait", 1)
    passed(parts.accounts.enter_code(*_signing_in_after_a_second(parts)))


def _signing_in_after_a_second(parts: Parts) -> tuple[str, str]:
    parts.clock.move(seconds=1)
    return passed(parts.accounts.sign_in("", EMAIL, PASSWORD)).token, parts.code()


# --- the email address --------------------------------------------------------------------------------------------


def test_a_new_address_counts_once_its_code_was_entered(parts: Parts, alex: Passed) -> None:
    account = account_of(alex)
    assert parts.own.begin_email(alex.session, account, PASSWORD, NEW) is None
    assert parts.accounts.person(account).email == EMAIL
    done = passed(parts.own.confirm_email(alex.token, alex.session, account, parts.code(NEW)))
    assert done.token != alex.token
    assert parts.accounts.person(account).email == NEW
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wrong")
    passed(parts.accounts.sign_in("", NEW, PASSWORD))
    assert parts.mail(EMAIL)[0].email.subject == "Your email address was changed: A Portal"


def test_an_address_that_has_an_account_is_mailed_and_not_taken(parts: Parts, alex: Passed) -> None:
    parts.registered(replace(ALEX, email=NEW))
    assert parts.own.begin_email(alex.session, account_of(alex), PASSWORD, NEW) is None
    assert parts.mail(NEW)[0].email.subject.startswith("Your email address was entered")
    assert parts.own.confirm_email(alex.token, alex.session, account_of(alex), "123456") == Refused("wrong")


def test_an_address_taken_meanwhile_is_not_taken_over(parts: Parts, alex: Passed) -> None:
    assert parts.own.begin_email(alex.session, account_of(alex), PASSWORD, NEW) is None
    code = parts.code(NEW)
    parts.registered(replace(ALEX, email=NEW))
    assert parts.own.confirm_email(alex.token, alex.session, account_of(alex), code) == Refused("taken")
    assert parts.accounts.person(account_of(alex)).email == EMAIL


def test_a_code_for_one_new_address_does_not_confirm_another(parts: Parts, alex: Passed) -> None:
    account, another = account_of(alex), "alex@example.com"
    _, elsewhere = parts.sessions.start(account=account, stage="signed_in")
    assert parts.own.begin_email(alex.session, account, PASSWORD, NEW) is None
    code = parts.code(NEW)
    assert parts.own.begin_email(elsewhere, account, PASSWORD, another) is None
    assert parts.own.confirm_email(alex.token, alex.session, account, code) == Refused("gone")
    assert parts.accounts.person(account).email == EMAIL


def test_a_new_address_asks_for_the_password_and_the_code(parts: Parts, alex: Passed) -> None:
    account = account_of(alex)
    assert parts.own.begin_email(alex.session, account, "not the password", NEW) == Refused("wrong")
    assert parts.mail(NEW) == []
    assert parts.own.confirm_email(alex.token, alex.session, account, "123456") == Refused("gone")
    assert parts.own.new_email_code(alex.session, account) == Refused("gone")


# --- an authenticator app -----------------------------------------------------------------------------------------


def with_app(parts: Parts, alex: Passed) -> tuple[Passed, pyotp.TOTP]:
    """Somebody whose codes come from an app, and the app."""
    account = account_of(alex)
    app = pyotp.TOTP(parts.own.begin_app(alex.token, account))
    assert parts.own.second(account) == "email"
    done = passed(parts.own.confirm_app(alex.token, account, PASSWORD, app.at(parts.clock())))
    assert parts.own.second(account) == "app"
    parts.clock.move(seconds=60)
    return done, app


def test_an_apps_code_takes_the_place_of_a_mailed_one(parts: Parts, alex: Passed) -> None:
    _, app = with_app(parts, alex)
    before = len(parts.mail())
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert begun.step == "app"
    assert len(parts.mail()) == before
    passed(parts.accounts.enter_code(begun.token, app.at(parts.clock())))


@pytest.mark.parametrize(("seconds", "fits"), [(-30, True), (0, True), (30, True), (-90, False), (90, False)])
def test_an_apps_clock_may_be_half_a_minute_off(parts: Parts, alex: Passed, seconds: int, fits: bool) -> None:
    _, app = with_app(parts, alex)
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    typed = app.at(int(parts.clock().timestamp()) + seconds)
    assert isinstance(parts.accounts.enter_code(begun.token, typed), Passed) == fits


def test_an_apps_code_is_good_once(parts: Parts, alex: Passed) -> None:
    _, app = with_app(parts, alex)
    code = app.at(parts.clock())
    passed(parts.accounts.enter_code(passed(parts.accounts.sign_in("", EMAIL, PASSWORD)).token, code))
    again = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    assert parts.accounts.enter_code(again.token, code) == Refused("wrong")


def test_five_wrong_codes_of_an_app_send_back_to_the_password(parts: Parts, alex: Passed) -> None:
    _, app = with_app(parts, alex)
    begun = passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    code = app.at(parts.clock())
    wrong = f"{(int(code) + 1) % 10**6:06}"
    whys = [parts.accounts.enter_code(begun.token, wrong) for _ in range(5)]
    assert whys[-1] == Refused("burnt")
    assert parts.accounts.enter_code(begun.token, code) == Refused("burnt")


def test_tries_at_an_apps_codes_are_bounded_by_the_hour(parts: Parts, alex: Passed) -> None:
    with_app(parts, alex)
    for _ in range(5):
        parts.clock.move(seconds=61)
        passed(parts.accounts.sign_in("", EMAIL, PASSWORD))
    parts.clock.move(seconds=61)
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("too_many")


def test_an_app_is_switched_on_by_its_code_and_the_password(parts: Parts, alex: Passed) -> None:
    account = account_of(alex)
    app = pyotp.TOTP(parts.own.begin_app(alex.token, account))
    code = app.at(parts.clock())
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert parts.own.confirm_app(alex.token, account, "not the password", code) == Refused("wrong")
    assert parts.own.confirm_app(alex.token, account, PASSWORD, wrong) == Refused("wrong_code")
    assert parts.own.second(account) == "email"


def test_an_app_is_switched_off_by_the_password(parts: Parts, alex: Passed) -> None:
    done, _ = with_app(parts, alex)
    account = account_of(done)
    assert parts.own.stop_app(done.token, account, "not the password") == Refused("wrong")
    passed(parts.own.stop_app(done.token, account, PASSWORD))
    assert passed(parts.accounts.sign_in("", EMAIL, PASSWORD)).step == "sign_in"
    subjects = [letter.email.subject for letter in parts.mail()]
    assert "Codes come by email again: A Portal" in subjects
    assert "Codes come from your app now: A Portal" in subjects


# --- the end ------------------------------------------------------------------------------------------------------


def test_signing_out_everywhere_else_renews_this_session(parts: Parts, alex: Passed) -> None:
    other, _ = parts.sessions.start(account=account_of(alex), stage="signed_in")
    assert parts.own.end_others(alex.token, account_of(alex), "not the password") == Refused("wrong")
    assert parts.sessions.find(other) is not None
    done = passed(parts.own.end_others(alex.token, account_of(alex), PASSWORD))
    assert parts.sessions.find(other) is None
    assert parts.sessions.find(alex.token) is None
    assert parts.sessions.find(done.token) is not None


def test_a_closed_account_leaves_nothing_of_its_person(parts: Parts, alex: Passed) -> None:
    account = account_of(alex)
    _, visitor = parts.sessions.start()
    draft_of(parts, "draft", visitor.token_hash)
    with parts.context.store.write() as tx:
        tx.drafts.claim(visitor.token_hash, account)
    assert parts.own.open_drafts(account) == 1
    assert parts.own.close(account, PASSWORD) is None
    with parts.context.store.read() as tx:
        row, draft = tx.accounts.get(account), tx.drafts.get("draft")
    assert row is not None
    assert (row.status, row.data_key, row.profile, row.password_hash) == ("closed", b"", b"", "")
    assert draft is not None
    assert (draft.status, draft.answers) == ("cancelled", b"")
    assert owner_of(parts, "draft")[0] == account
    assert parts.sessions.find(alex.token) is None
    assert parts.accounts.profile(account) == {}
    assert parts.accounts.sign_in("", EMAIL, PASSWORD) == Refused("wrong")


def test_a_closed_accounts_address_is_free(parts: Parts, alex: Passed) -> None:
    assert parts.own.close(account_of(alex), PASSWORD) is None
    parts.clock.move(minutes=1)
    assert account_of(parts.registered()) != account_of(alex)


def test_closing_asks_for_the_password(parts: Parts, alex: Passed) -> None:
    assert parts.own.close(account_of(alex), "not the password") == Refused("wrong")
    assert parts.sessions.find(alex.token) is not None
