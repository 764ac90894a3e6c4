"""People who had an account under an earlier main, or were about to have one, get in under today's."""

from __future__ import annotations

import pytest

from tests.upgrade.acting import enter_password, sign_in
from tests.upgrade.folders import Upgraded

pytestmark = pytest.mark.slow

# --- accounts ---------------------------------------------------------------------------------------------------------


def test_everybody_signs_in_by_password_and_code(data: Upgraded) -> None:
    people = {name: account for name, account in data.told["accounts"].items() if account["password"]}
    assert people
    for account in people.values():
        browser = data.browser("")
        sign_in(data.service, browser, account)
        assert account["email"] in browser.get("/account").text


def test_another_password_opens_no_account(data: Upgraded) -> None:
    for name in ("alex", "robin"):
        texts = {"email": data.account(name)["email"], "password": "none of theirs at all"}
        assert data.browser("").submit("/account/sign-in", texts).status_code == 422


def test_a_recovery_code_opens_an_account_once(data: Upgraded) -> None:
    account = next(each for each in data.told["accounts"].values() if each.get("recovery_codes"))
    answers = []
    for _ in range(2):
        browser = data.browser("")
        enter_password(browser, account)
        texts = {"recovery_code": account["recovery_codes"][0].lower()}
        answers.append(browser.submit("/account/recovery-code", texts).status_code)
    assert answers == [303, 422]


def test_a_browser_that_was_signed_in_still_is(data: Upgraded) -> None:
    for name in ("alex", "robin", "kim"):
        assert data.account(name)["email"] in data.browser(name).get("/account").text


def test_an_invited_person_chooses_a_password(data: Upgraded) -> None:
    account = next(each for each in data.told["accounts"].values() if each.get("invited"))
    browser, chosen = data.browser(""), "a kettle full of pens"
    browser.submit("/account/forgotten", {"email": account["email"]})
    browser.submit("/account/code", {"code": data.service.code(account["email"])})
    browser.submit("/account/reset", {"new_password": chosen, "confirm": chosen})
    assert account["email"] in browser.get("/account").text


def test_a_closed_account_stays_closed(data: Upgraded) -> None:
    closed = data.told["pending"]["closed"]
    texts = {"email": closed["email"], "password": closed["password"]}
    assert data.browser("").submit("/account/sign-in", texts).status_code == 422


# --- what waited for its next step ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sign_in", "human", "human_pdf"])
def test_a_code_that_was_sent_leads_to_where_the_person_was_going(data: Upgraded, kind: str) -> None:
    waits = data.told["pending"][kind]
    path = "/account/code" if kind == "sign_in" else "/human-test/code"
    done = data.browser(waits["browser"]).submit(path, {"code": waits["code"]})
    assert done.headers["location"] == waits["next"]


def test_an_app_code_finishes_a_sign_in_that_was_begun(data: Upgraded) -> None:
    waits = data.told["pending"]["app_code"]
    code = data.service.app_code(data.account(waits["account"])["app_secret"])
    done = data.browser(waits["browser"]).submit("/account/code", {"code": code})
    assert done.headers["location"] == waits["next"]


def test_signing_in_leads_to_the_page_that_was_asked_for(data: Upgraded) -> None:
    waits = data.told["pending"]["next"]
    browser = data.browser(waits["browser"])
    assert sign_in(data.service, browser, data.account(waits["account"])) == waits["next"]


def test_a_registration_is_confirmed(data: Upgraded) -> None:
    waits = data.told["pending"]["register"]
    browser = data.browser(waits["browser"])
    done = browser.submit("/account/register/code", {"code": waits["code"]})
    assert done.headers["location"] == "/account/register/done"
    assert waits["account"]["email"] in browser.get("/account").text


def test_the_human_test_leads_back_to_registering(data: Upgraded) -> None:
    waits = data.told["pending"]["human_first"]
    browser = data.browser(waits["browser"])
    browser.submit("/human-test", {"move": "email", "email": waits["email"]})
    done = browser.submit("/human-test/code", {"code": data.service.code(waits["email"])})
    assert done.headers["location"] == waits["next"]


@pytest.mark.parametrize("kind", ["reset", "choose"])
def test_a_forgotten_password_is_chosen_anew(data: Upgraded, kind: str) -> None:
    waits = data.told["pending"][kind]
    browser, chosen = data.browser(waits["browser"]), "a kettle full of pens"
    if kind == "reset":
        asked = browser.submit("/account/code", {"code": waits["code"]})
        assert asked.headers["location"] == "/account/reset"
    browser.submit("/account/reset", {"new_password": chosen, "confirm": chosen})
    account = data.account(waits["account"])
    assert account["email"] in browser.get("/account").text
    sign_in(data.service, data.browser(""), {**account, "password": chosen})


@pytest.mark.parametrize("kind", ["reset", "choose"])
def test_a_reset_that_was_begun_ends_when_its_owner_changes_the_password(data: Upgraded, kind: str) -> None:
    waits = data.told["pending"][kind]
    account = data.account(waits["account"])
    owner, chosen = data.browser(""), "a kettle full of pens"
    sign_in(data.service, owner, account)
    texts = {"current": account["password"], "new_password": chosen, "confirm": chosen}
    assert owner.submit("/account/password", texts).headers["location"] == "/account?done=password_saved"
    reader = data.browser(waits["browser"])
    reader.submit("/account/code", {"code": waits["code"]})
    reader.submit(
        "/account/reset", {"new_password": "none of theirs at all", "confirm": "none of theirs at all"}
    )
    assert account["email"] not in reader.get("/account").text
    sign_in(data.service, data.browser(""), {**account, "password": chosen})


def test_another_email_address_is_confirmed(data: Upgraded) -> None:
    waits = data.told["pending"]["email"]
    browser = data.browser(waits["browser"])
    done = browser.submit("/account/email/code", {"code": waits["code"]})
    assert done.headers["location"] == "/account?done=email_saved"
    assert waits["email"] in browser.get("/account").text


def test_an_app_that_was_being_switched_on_is_on_after_its_code(data: Upgraded) -> None:
    waits = data.told["pending"]["app"]
    account = data.account(waits["account"])
    browser = data.browser(waits["browser"])
    texts = {"password": account["password"], "code": data.service.app_code(waits["app_secret"])}
    assert browser.submit("/account/two-step", texts).status_code == 200
    # An app's code is good once.
    data.service.move(minutes=1)
    sign_in(data.service, data.browser(""), {**account, "app_secret": waits["app_secret"]})
