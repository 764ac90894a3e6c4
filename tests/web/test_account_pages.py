"""The pages around accounts, without a browser: what they say, where they lead, and what they tell nobody."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pyotp
import pytest

from formengine.service.accounts.known_browsers import Asker
from tests.support.html_dom import parse
from tests.support.service_app import Person, Service, make_service
from tests.support.signing_in import (
    EMAIL,
    NAME,
    PASSWORD,
    begin_to_register,
    enter_password,
    register,
    sign_in,
)
from tests.tools.nu import messages

OTHER_PASSWORD = "four green windows"
OWN_PAGES = (
    "/account", "/account/details", "/account/email", "/account/email/code", "/account/password",
    "/account/two-step", "/account/sessions", "/account/close",
)  # fmt: skip
_TOKEN = re.compile(r'(?<=name="csrf" value=")[0-9a-f]{64}')
BREAKS = "Alex\r\nBcc: all@example.org"


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06}"


def errors_in(answer: httpx2.Response) -> list[str]:
    """The lines of the error summary."""
    summary = parse(answer.text).find_all(class_="govuk-error-summary__list")
    return [item.text for each in summary for item in each.walk() if item.tag == "li"]


# --- registering and signing in -----------------------------------------------------------------------------------


def test_registering_asks_for_the_name_then_the_rest_and_comes_back_to_the_form(
    person: Person, service: Service
) -> None:
    _, session = service.context.sessions.start()
    assert "What is your name?" in person.get("/account/register").text
    second = person.submit("/account/register", {**NAME, "step": "name"})
    assert second.status_code == 200
    assert 'name="first_name" value="Alex"' in second.text
    done = register(person)
    text = person.get(done.headers["location"]).text
    assert "Your account is ready" in text
    assert 'href="/hub"' in text
    assert session.account is None


def test_registering_and_signing_in_lead_on_to_where_the_person_was_going(service: Service) -> None:
    person = service.person()
    assert person.get("/account/details").headers["location"] == "/account/sign-in"
    register(person)
    assert 'href="/account/details" role="button"' in person.get("/account/register/done").text
    person.submit("/account/sign-out")
    other = service.person()
    other.get("/account/password")
    assert sign_in(other).headers["location"] == "/account/password"


def test_the_pages_speak_the_portals_words(person: Person) -> None:
    first = person.get("/account/sign-in").text
    for words in (
        "Secure login - step 1",
        "Existing users",
        "New users",
        "Register for new account",
        ">Email<",
    ):
        assert words in first
    register(person)
    person.submit("/account/sign-out")
    enter_password(person)
    second = person.get("/account/code").text
    for words in (
        "Secure login - step 2",
        "We have just sent you an email to confirm your account.",
        "Please enter the verification code that we sent you.",
        "Please send me a new code",
        "Finish",
    ):
        assert words in second


@pytest.mark.parametrize(
    ("texts", "errors"),
    [
        ({}, ["Enter your email address", "Enter your password"]),
        (
            {"email": "nobody", "password": "x"},
            ["Enter your email address in the correct format, like name@example.com"],
        ),
        (
            {"email": EMAIL, "password": "not the password"},
            ["Your email or password is not right. Check both, then try again"],
        ),
    ],
)
def test_signing_in_says_what_to_put_right(
    person: Person, texts: Mapping[str, str], errors: list[str]
) -> None:
    answer = person.submit("/account/sign-in", texts)
    assert answer.status_code == 422
    assert errors_in(answer) == errors
    assert "not the password" not in answer.text


@pytest.mark.parametrize(
    ("texts", "errors"),
    [
        ({"first_name": "", "last_name": " "}, ["Enter your first name", "Enter your last name"]),
        ({"first_name": "x" * 101, "last_name": "y"}, ["Your first name must be 100 characters or less"]),
        (
            {**NAME, "step": "account"},
            ["Enter your email address", "Enter a password"],
        ),
        (
            {**NAME, "step": "account", "email": EMAIL, "new_password": "short", "confirm": "short"},
            ["The password must be 12 characters or more"],
        ),
        (
            {**NAME, "step": "account", "email": EMAIL, "new_password": PASSWORD, "confirm": "another"},
            ["The two passwords are not the same. Enter the same password twice"],
        ),
        (
            {**NAME, "step": "account", "email": EMAIL, "new_password": "alex morgan 99", "confirm": "alex morgan 99"},
            ["This password is made of your name or of words that many people here would think of. Choose another"],
        ),
    ],
)  # fmt: skip
def test_registering_says_what_to_put_right(
    person: Person, service: Service, texts: Mapping[str, str], errors: list[str]
) -> None:
    answer = person.submit("/account/register", texts)
    assert (answer.status_code, errors_in(answer)) == (422, errors)
    assert service.mail() == []
    assert 'value="short"' not in answer.text


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter the code"),
        ("12345", "The code is 6 numbers, like 042137"),
        ("1234567", "The code is 6 numbers, like 042137"),
        ("12345x", "The code is 6 numbers, like 042137"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "The code is 6 numbers, like 042137"),
    ],
)
def test_a_code_that_cannot_be_one_costs_no_try(
    person: Person, service: Service, typed: str, error: str
) -> None:
    begin_to_register(person)
    for _ in range(6):
        answer = person.submit("/account/register/code", {"code": typed})
        assert (answer.status_code, errors_in(answer)) == (422, [error])
    code = service.code(EMAIL)
    done = person.submit("/account/register/code", {"code": f" {code[:3]}-{code[3:]} "})
    assert done.headers["location"] == "/account/register/done"


def test_the_code_box_is_one_for_codes(person: Person) -> None:
    begin_to_register(person)
    box = parse(person.get("/account/register/code").text).find(id="code").attributes
    assert (box["inputmode"], box["autocomplete"], box["type"]) == ("numeric", "one-time-code", "text")


def test_a_new_code_comes_after_a_minute_and_is_said(person: Person, service: Service) -> None:
    begin_to_register(person)
    early = person.submit("/account/register/code", {"-action": "new_code"})
    assert (early.status_code, errors_in(early)) == (429, ["You can ask for another code in 1 minute"])
    service.clock.move(seconds=61)
    again = person.submit("/account/register/code", {"-action": "new_code"})
    assert again.headers["location"] == "/account/register/code?sent=1"
    assert "We have sent you a new code" in person.get(again.headers["location"]).text
    assert len(service.mail(EMAIL)) == 2


def test_a_code_page_that_nothing_waits_for_leads_to_signing_in(person: Person) -> None:
    for path in ("/account/code", "/account/register/code"):
        assert person.get(path).headers["location"] == "/account/sign-in"
    assert person.get("/account/reset").headers["location"] == "/account/forgotten"
    assert person.get("/account/register/done").headers["location"] == "/account/sign-in"


def test_a_forgotten_password_is_chosen_anew(service: Service) -> None:
    register(service.person())
    person = service.person()
    service.clock.move(minutes=1)
    assert person.submit("/account/forgotten", {"email": EMAIL}).headers["location"] == "/account/code"
    assert "Check your email" in person.get("/account/code").text
    chosen = person.submit("/account/code", {"code": service.code(EMAIL)})
    assert chosen.headers["location"] == "/account/reset"
    weak = person.submit("/account/reset", {"new_password": PASSWORD, "confirm": "x"})
    assert weak.status_code == 422
    done = person.submit("/account/reset", {"new_password": OTHER_PASSWORD, "confirm": OTHER_PASSWORD})
    assert done.headers["location"] == "/hub"
    assert person.get("/account").status_code == 200
    assert enter_password(service.person(), password=PASSWORD).status_code == 422


# --- I15: guessing codes ------------------------------------------------------------------------------------------


def test_six_wrong_codes_from_six_addresses_burn_the_code(service: Service) -> None:
    register(service.person())
    person = service.person()
    service.clock.move(minutes=1)
    enter_password(person)
    code = service.code(EMAIL)
    said = []
    for number in range(6):
        person._transport.client = (f"192.0.2.{number}", 50000)  # type: ignore[attr-defined]
        said += errors_in(person.submit("/account/code", {"code": wrong(code)}))
    assert said[:4] == ["This is not the code. Check it in the newest email that we sent you"] * 4
    assert (
        said[4:] == ["Too many wrong codes were entered, so this code no longer works. Ask for a new one"] * 2
    )
    assert person.submit("/account/code", {"code": code}).status_code == 422


# --- I16: who has an account --------------------------------------------------------------------------------------


@pytest.fixture
def twins(tmp_path: Path) -> list[Service]:
    """Two services, of which the first knows somebody; both have counted and mailed as much before."""
    made = []
    for name, email in (("one", EMAIL), ("two", "sam.lee@example.com")):
        folder = tmp_path / name
        folder.mkdir()
        service = make_service(folder)
        register(service.person(), email)
        service.clock.move(hours=2)
        made.append(service)
    return made


def same_for_all(answers: list[httpx2.Response]) -> str:
    """The one page that all of them are, apart from the browser's token."""
    pages = {
        (answer.status_code, answer.headers.get("location"), _TOKEN.sub("", answer.text))
        for answer in answers
    }
    assert len(pages) == 1, pages
    return answers[0].text


def test_a_wrong_password_and_an_unknown_address_are_the_same_page_however_often(
    twins: list[Service],
) -> None:
    people = [service.person() for service in twins]
    said = [
        same_for_all([enter_password(person, password="not the password") for person in people])
        for _ in range(7)
    ]
    assert "Too many wrong passwords were entered. Try again in 1 second" in said[-1]


def test_registering_is_the_same_page_for_an_address_that_has_an_account(twins: list[Service]) -> None:
    people = [service.person() for service in twins]
    same_for_all([begin_to_register(person) for person in people])
    same_for_all([person.get("/account/register/code") for person in people])
    for _ in range(6):
        same_for_all([person.submit("/account/register/code", {"code": "123456"}) for person in people])
    for service in twins:
        service.clock.move(seconds=61)
    same_for_all([person.submit("/account/register/code", {"-action": "new_code"}) for person in people])
    said = []
    for _ in range(6):
        for service in twins:
            service.clock.move(seconds=61)
        said.append(same_for_all([begin_to_register(person) for person in people]))
    assert said == [""] * 6
    assert [len(service.mail(EMAIL)) for service in twins] == [7, 6]


def test_a_forgotten_password_is_the_same_page_for_an_unknown_address(twins: list[Service]) -> None:
    people = [service.person() for service in twins]
    same_for_all([person.submit("/account/forgotten", {"email": EMAIL}) for person in people])
    same_for_all([person.get("/account/code") for person in people])
    for _ in range(6):
        same_for_all([person.submit("/account/code", {"code": "123456"}) for person in people])
    for service in twins:
        service.clock.move(seconds=61)
    same_for_all([person.submit("/account/code", {"-action": "new_code"}) for person in people])
    assert [len(service.mail(EMAIL)) for service in twins] == [3, 2]


# --- I17: sessions ------------------------------------------------------------------------------------------------


def test_each_step_gives_the_browser_a_new_session_and_ends_the_old_one(service: Service) -> None:
    person = service.person()
    tokens = [person.csrf and person.token]
    begin_to_register(person)
    tokens.append(person.token)
    person.submit("/account/register/code", {"code": service.code(EMAIL)})
    tokens.append(person.token)
    changed = {"current": PASSWORD, "new_password": OTHER_PASSWORD, "confirm": OTHER_PASSWORD}
    assert person.submit("/account/password", changed).headers["location"] == "/account?done=password_saved"
    tokens.append(person.token)
    assert len(set(tokens)) == 4
    assert [service.context.sessions.find(token) is not None for token in tokens] == [
        False,
        False,
        False,
        True,
    ]


def test_a_session_that_somebody_planted_is_not_signed_in(service: Service) -> None:
    mallory, victim = service.person(), service.person()
    mallory.get("/account/details")
    planted = mallory.token
    victim.cookies.set("sid", planted, domain="127.0.0.1")
    register(victim)
    assert victim.token != planted
    assert mallory.get("/account").status_code == 303


def test_a_changed_password_signs_everybody_else_out(service: Service) -> None:
    person = service.person()
    register(person)
    service.clock.move(minutes=1)
    other = service.person()
    sign_in(other)
    assert other.get("/account").status_code == 200
    changed = {"current": PASSWORD, "new_password": OTHER_PASSWORD, "confirm": OTHER_PASSWORD}
    person.submit("/account/password", changed)
    assert other.get("/account").status_code == 303
    assert person.get("/account").status_code == 200


def test_signing_out_everywhere_else_spares_this_browser(service: Service) -> None:
    person = service.person()
    register(person)
    service.clock.move(minutes=1)
    other = service.person()
    sign_in(other)
    assert "Another browser" in person.get("/account/sessions").text
    assert errors_in(person.submit("/account/sessions")) == ["Enter your password, so that we know it is you"]
    assert errors_in(person.submit("/account/sessions", {"password": "not this"})) == [
        "This is not your password"
    ]
    assert other.get("/account").status_code == 200
    done = person.submit("/account/sessions", {"password": PASSWORD})
    assert done.headers["location"] == "/account?done=others_ended"
    assert other.get("/account").status_code == 303
    assert "You are signed in nowhere else" in person.get("/account/sessions").text


def test_since_when_somebody_is_signed_in_stays_whatever_they_change(service: Service) -> None:
    person = service.person()
    register(person)
    service.clock.move(minutes=15)
    assert person.submit("/account/sessions", {"password": PASSWORD}).status_code == 303
    assert "24 November 2026 at 10:00" in person.get("/account/sessions").text


def test_a_changed_address_signs_everybody_else_out(service: Service) -> None:
    person = service.person()
    register(person)
    service.clock.move(minutes=1)
    other = service.person()
    sign_in(other)
    new = "alex.morgan@example.com"
    page = person.get("/account/email").text
    assert "Then you are signed out wherever else you are signed in." in page
    person.submit("/account/email", {"new_email": new, "password": PASSWORD})
    assert other.get("/account").status_code == 200
    done = person.submit("/account/email/code", {"code": service.code(new)})
    assert done.headers["location"] == "/account?done=email_saved"
    assert [each.get("/account").status_code for each in (person, other)] == [200, 303]


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("path", ["on", "off", "/account/recovery-codes"])
def test_a_ticked_box_signs_out_everywhere_else(service: Service, path: str, ticked: bool) -> None:
    person = service.person()
    register(person)
    if path != "on":
        switch_on(person)
    session = service.context.sessions.find(person.token)
    assert session is not None
    other, _ = service.context.sessions.start(account=session.account, stage="signed_in")
    texts = {"end_others": "yes"} if ticked else {}
    address = path if path.startswith("/") else "/account/two-step"
    box = parse(person.get(address).text).find(id="end_others")
    assert "checked" in box.attributes
    refused = person.submit(
        address, {**texts, "code": "000000", "password": "not this", "-action": "turn_off"}
    )
    assert ("checked" in parse(refused.text).find(id="end_others").attributes) == ticked
    assert service.context.sessions.find(other) is not None
    if path == "on":
        switch_on(person, **texts)
    else:
        person.submit(address, {**texts, "password": PASSWORD, "-action": "turn_off"})
    assert (service.context.sessions.find(other) is None) == ticked
    assert person.get("/account").status_code == 200


# --- known browsers -----------------------------------------------------------------------------------------------


def test_a_browser_in_which_somebody_has_signed_in_is_known_by_a_cookie(service: Service) -> None:
    person = service.person()
    stages = [begin_to_register(person)]
    stages.append(person.submit("/account/register/code", {"code": service.code(EMAIL)}))
    person.submit("/account/sign-out")
    assert [cookie.name for cookie in person.cookies.jar] == ["known"]
    stages.append(enter_password(person, password="not the password"))
    stages.append(enter_password(person))
    given = [[each for each in answer.headers.get_list("set-cookie") if "known" in each] for answer in stages]
    assert [len(each) for each in given] == [0, 1, 0, 0]
    assert re.fullmatch(r"known=[\w-]+; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax", given[1][0])


def test_what_strangers_try_keeps_nobody_out_of_their_own_browser(service: Service) -> None:
    owner = service.person()
    register(owner)
    owner.submit("/account/sign-out")
    for number in range(101):
        stranger = Asker(network=f"192.0.2.{number}")
        service.context.authentication.sign_in("", EMAIL, "not the password", stranger)
    elsewhere = service.person()
    elsewhere._transport.client = ("198.51.100.7", 50000)  # type: ignore[attr-defined]
    refused = enter_password(elsewhere)
    assert refused.status_code == 429
    assert errors_in(refused)[0].startswith("Too many wrong passwords were entered for this address today")
    assert enter_password(owner).headers["location"] == "/account/code"
    # Elsewhere by a code, which leaves the password as it is.
    elsewhere.submit("/account/forgotten", {"email": EMAIL})
    chosen = elsewhere.submit("/account/code", {"code": service.code(EMAIL)})
    assert 'href="/account/sign-in">I remember my password after all' in elsewhere.get("/account/reset").text
    assert "known=" in chosen.headers["set-cookie"]
    assert enter_password(elsewhere).headers["location"] == "/account/code"


def test_the_code_that_lasts_is_entered_where_any_code_is(service: Service) -> None:
    register(service.person())
    for _ in range(5):
        service.person().submit("/account/forgotten", {"email": EMAIL})
    person = service.person()
    person.submit("/account/forgotten", {"email": EMAIL})
    newest = service.mail(EMAIL)[0].email
    assert newest.subject.startswith("Your code, which works all day: ")
    lasting = re.search(r"(?:[0-9]{4}-){3}[0-9]{4}", newest.text)
    assert lasting is not None
    assert "Look for our email with a code of 16 numbers" in person.get("/account/code").text
    service.clock.move(seconds=61)
    again = person.submit("/account/code", {"-action": "new_code"})
    assert (again.status_code, errors_in(again)[0][:48]) == (
        429,
        "No more codes are sent to this address today. En",
    )
    short = person.submit("/account/code", {"code": lasting[0][:-1]})
    assert errors_in(short) == ["The code that works all day is 16 numbers. Any other is 6"]
    assert person.submit("/account/code", {"code": lasting[0]}).headers["location"] == "/account/reset"


# --- I18: after signing out ---------------------------------------------------------------------------------------


def test_no_page_of_an_account_may_be_kept_by_the_browser(service: Service) -> None:
    person = service.person()
    register(person)
    for path in (*OWN_PAGES, "/account/sign-out", "/account/register/done"):
        answer = person.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert answer.headers["cache-control"] == "no-store"


def test_signing_out_takes_the_cookie_and_what_the_browser_kept(service: Service) -> None:
    person = service.person()
    register(person)
    token = person.token
    answer = person.submit("/account/sign-out")
    assert answer.headers["location"] == "/account/signed-out"
    assert '"cache"' in answer.headers["clear-site-data"]
    assert '"storage"' in answer.headers["clear-site-data"]
    assert person.token == ""
    assert service.context.sessions.find(token) is None
    assert "You are signed out" in person.get("/account/signed-out").text


def test_a_link_alone_signs_nobody_out(service: Service) -> None:
    person = service.person()
    register(person)
    assert person.get("/account/sign-out").status_code == 200
    assert person.get("/account").status_code == 200


@pytest.mark.parametrize("path", OWN_PAGES)
def test_pages_of_an_account_are_for_those_who_are_signed_in(
    person: Person, service: Service, path: str
) -> None:
    assert person.get(path).headers["location"] == "/account/sign-in"
    begin_to_register(person)
    assert person.get(path).headers["location"] == "/account/sign-in"
    assert person.submit(path, {"password": PASSWORD}).headers["location"] == "/account/sign-in"


# --- I20: line ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/account/sign-in", "email"),
        ("/account/forgotten", "email"),
        ("/account/register", "email"),
        ("/account/register", "first_name"),
        ("/account/register", "last_name"),
    ],
)
def test_a_line_end_in_a_field_is_refused_or_harmless(
    person: Person, service: Service, path: str, field: str
) -> None:
    texts = {**NAME, "step": "account", "email": EMAIL, "new_password": PASSWORD, "confirm": PASSWORD}
    texts["password"] = PASSWORD
    texts[field] = "alex@example.org\r\nBcc: all@example.org" if field == "email" else BREAKS
    answer = person.submit(path, texts)
    assert answer.status_code in {303, 422}
    assert "location" not in answer.headers or "\n" not in answer.headers["location"]
    for letter in service.mail():
        assert letter.to == EMAIL
        assert "\n" not in letter.email.subject
        assert "Bcc" not in letter.email.text


@pytest.mark.parametrize(
    "field", ["first_name", "last_name", "job_title", "organisation", "phone", "address"]
)
def test_a_line_end_in_a_detail_is_refused_or_harmless(service: Service, field: str) -> None:
    person = service.person()
    register(person)
    answer = person.submit("/account/details", {**NAME, field: BREAKS})
    assert answer.status_code in {303, 422}
    kept = service.context.authentication.profile(service.context.sessions.find(person.token).account)  # type: ignore[union-attr]
    assert "\n" not in "".join(text for name, text in kept.items() if name != "address")


def test_a_line_end_in_a_new_address_is_refused(service: Service) -> None:
    person = service.person()
    register(person)
    before = len(service.mail())
    answer = person.submit(
        "/account/email", {"new_email": "a@example.org\r\nBcc: b@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 422
    assert len(service.mail()) == before


# --- one's own account --------------------------------------------------------------------------------------------


def test_details_are_kept_and_forms_can_take_them_over(service: Service) -> None:
    person = service.person()
    register(person)
    details = {"job_title": "Health visitor", "organisation": "A practice", "phone": "020 7946 0123"}
    done = person.submit("/account/details", {**NAME, **details, "address": "1 High Street\r\nAnytown"})
    assert done.headers["location"] == "/account?done=saved"
    text = person.get(done.headers["location"]).text
    assert "Your details are saved" in text
    assert "Health visitor" in text
    assert "1 High Street\nAnytown" in person.get("/account/details").text
    odd = person.submit("/account/details", {**NAME, "phone": "12"})
    assert errors_in(odd)[0].startswith("Enter your telephone number in full")


def test_what_was_done_is_said_in_our_words_alone(service: Service) -> None:
    person = service.person()
    register(person)
    assert "Call this number" not in person.get("/account?done=Call%20this%20number").text


def test_an_email_address_is_changed_by_password_and_code(service: Service) -> None:
    person = service.person()
    register(person)
    refused = person.submit(
        "/account/email", {"new_email": "alex@example.com", "password": "not the password"}
    )
    assert errors_in(refused) == ["This is not your password"]
    begun = person.submit("/account/email", {"new_email": "alex@example.com", "password": PASSWORD})
    assert begun.headers["location"] == "/account/email/code"
    done = person.submit("/account/email/code", {"code": service.code("alex@example.com")})
    assert done.headers["location"] == "/account?done=email_saved"
    assert "alex@example.com" in person.get("/account").text


def test_an_app_is_switched_on_with_the_key_on_the_page_and_asked_for_from_then_on(service: Service) -> None:
    person = service.person()
    register(person)
    text = person.get("/account/two-step").text
    key = re.search(r"<strong>((?:[A-Z2-7]{4} ?){8})</strong>", text)
    assert key is not None
    assert 'role="img"' in text
    app = pyotp.TOTP(key[1].replace(" ", ""))
    both = {"password": PASSWORD, "code": app.at(service.clock())}
    assert errors_in(person.submit("/account/two-step", {**both, "code": wrong(both["code"])}))
    codes = recovery_codes_in(person.submit("/account/two-step", both))
    assert len(set(codes)) == 10
    # Loaded again, the page with the codes does not switch the app off.
    assert person.submit("/account/two-step", both).headers["location"] == "/account/recovery-codes"
    person.submit("/account/sign-out")
    service.clock.move(minutes=2)
    enter_password(person)
    assert "Enter the code from your app" in person.get("/account/code").text
    refused = person.submit("/account/code", {"-action": "new_code"})
    assert refused.status_code == 429
    signed_in = person.submit("/account/code", {"code": app.at(service.clock())})
    assert signed_in.status_code == 303
    off = person.submit("/account/two-step", {"password": PASSWORD, "-action": "turn_off"})
    assert off.headers["location"] == "/account?done=app_stopped"


def with_an_app(person: Person, email: str = EMAIL) -> list[str]:
    """The recovery codes of somebody who has registered and then switched an app on."""
    register(person, email)
    return switch_on(person)


def switch_on(person: Person, **texts: str) -> list[str]:
    """The recovery codes of somebody who is signed in and switches an app on."""
    key = re.search(r"<strong>((?:[A-Z2-7]{4} ?){8})</strong>", person.get("/account/two-step").text)
    assert key is not None
    code = pyotp.TOTP(key[1].replace(" ", "")).at(person.service.clock())
    texts = {"password": PASSWORD, "code": code, **texts}
    return recovery_codes_in(person.submit("/account/two-step", texts))


def recovery_codes_in(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200
    return re.findall(r"<strong>((?:[0-9A-Z]{4}-){2}[0-9A-Z]{4})</strong>", answer.text)


def test_who_has_not_the_telephone_signs_in_with_a_recovery_code_and_is_told(service: Service) -> None:
    person = service.person()
    codes = with_an_app(person)
    assert "10 left" in person.get("/account").text
    person.submit("/account/sign-out")
    service.clock.move(minutes=2)
    enter_password(person)
    assert 'href="/account/recovery-code"' in person.get("/account/code").text
    path = "/account/recovery-code"
    assert errors_in(person.submit(path, {"recovery_code": " "})) == ["Enter a recovery code"]
    assert errors_in(person.submit(path, {"recovery_code": "123456"}))[0].startswith("A recovery code is 12")
    refused = person.submit(path, {"recovery_code": "7777-7777-7777"})
    assert errors_in(refused)[0].startswith("This is not one of your recovery codes")
    done = person.submit(path, {"recovery_code": codes[3].lower().replace("-", " ")})
    assert (done.status_code, done.headers["location"]) == (303, "/hub")
    assert "9 left" in person.get("/account").text
    (told,) = (each for each in service.mail(EMAIL) if each.email.subject.startswith("A recovery code was"))
    assert "Recovery codes left: 9." in told.email.text


def test_new_recovery_codes_want_the_password_and_take_the_place_of_all(service: Service) -> None:
    person = service.person()
    before = with_an_app(person)
    page = person.get("/account/recovery-codes").text
    assert "You have 10 codes left." in page
    assert not set(before) & set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page))
    assert errors_in(person.submit("/account/recovery-codes", {"password": "not this"})) == [
        "This is not your password"
    ]
    now = recovery_codes_in(person.submit("/account/recovery-codes", {"password": PASSWORD}))
    assert len(set(now)) == 10
    assert not set(now) & set(before)
    assert service.mail(EMAIL)[0].email.subject.startswith("You have new recovery codes")


def test_recovery_codes_are_for_those_with_an_app(service: Service) -> None:
    person = service.person()
    assert person.get("/account/recovery-code").headers["location"] == "/account/code"
    register(person)
    assert "Recovery codes" not in person.get("/account").text
    assert person.get("/account/recovery-codes").headers["location"] == "/account/two-step"


CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 "
    "Mobile/15E148 Safari/604.1"
)


def test_people_see_which_browser_is_which_and_sign_out_one_of_them(service: Service) -> None:
    person, other, third = service.person(), service.person(), service.person()
    person.headers["user-agent"] = CHROME
    other.headers["user-agent"] = IPHONE
    register(person)
    for each in (other, third):
        service.clock.move(minutes=2)
        sign_in(each)
    page = parse(person.get("/account/sessions").text)
    headings = [each.text.strip() for each in page.find_all(class_="govuk-heading-s") if each.tag == "h2"]
    assert headings[:3] == ["Another browser", "Safari on iPhone", "Chrome on Windows This browser"]
    choices = [each for each in page.walk() if each.tag == "input" and each.attributes.get("name") == "end"]
    assert "checked" in choices[0].attributes
    labels = [each.text.strip() for each in page.find_all(class_="govuk-radios__label")]
    assert labels == [
        "Everywhere else",
        "Another browser, signed in 24 November 2026 at 10:04",
        "Safari on iPhone, signed in 24 November 2026 at 10:02",
    ]
    chosen = {"end": str(choices[2].attributes["value"])}
    assert errors_in(person.submit("/account/sessions", chosen)) == [
        "Enter your password, so that we know it is you"
    ]
    done = person.submit("/account/sessions", {**chosen, "password": PASSWORD})
    assert done.headers["location"] == "/account/sessions?done=1"
    assert "You are signed out in that browser" in person.get(done.headers["location"]).text
    statuses = [each.get("/account").status_code for each in (person, other, third)]
    assert statuses == [200, 303, 200]


def test_nothing_of_the_browsers_own_words_is_kept(service: Service) -> None:
    person = service.person()
    person.headers["user-agent"] = f"{CHROME} canary/1.0"
    register(person)
    session = service.context.sessions.find(person.token)
    assert session is not None
    assert {name: session.facts[name] for name in ("browser", "system")} == {
        "browser": "Chrome",
        "system": "Windows",
    }
    service.store.close()
    assert b"canary" not in service.settings.database.read_bytes()


def test_nobody_ends_a_session_of_somebody_else_or_their_own_by_its_name(service: Service) -> None:
    person, other = service.person(), service.person()
    register(person)
    register(other, "robin@example.org")
    accounts = [service.context.sessions.find(each.token) for each in (person, other)]
    assert accounts[0] is not None
    assert accounts[1] is not None
    own = service.context.profile
    (name, row) = own.sessions(str(accounts[1].account))[0]
    person.submit("/account/sessions", {"end": name, "password": PASSWORD})
    assert other.get("/account").status_code == 200
    assert own.end_session(str(row.account), PASSWORD, name, but=row.token_hash) is None
    assert other.get("/account").status_code == 200


def test_an_account_is_closed_by_its_password(service: Service) -> None:
    person = service.person()
    register(person)
    assert "your details and your password" in person.get("/account/close").text
    assert errors_in(person.submit("/account/close")) == ["Enter your password, so that we know it is you"]
    done = person.submit("/account/close", {"password": PASSWORD})
    assert done.headers["location"] == "/account/closed"
    assert "clear-site-data" in done.headers
    assert "Your account is closed" in person.get("/account/closed").text
    assert enter_password(person).status_code == 422


# --- the markup ---------------------------------------------------------------------------------------------------


@pytest.mark.java
def test_every_page_with_and_without_errors_is_valid_html(service: Service, tmp_path: Path) -> None:
    person, told = service.person(), [NAME, {**NAME, "step": "account"}]
    first = (
        "/account/sign-in",
        "/account/register",
        "/account/forgotten",
        "/human-test",
        "/account/signed-out",
    )
    answers = [person.get(path) for path in first]
    answers += [person.submit(path) for path in ("/account/sign-in", "/account/forgotten", "/human-test")]
    answers += [person.submit("/account/register", texts) for texts in ({}, *told)]
    begin_to_register(person)
    answers += [person.get("/account/register/code"), person.submit("/account/register/code")]
    person.submit("/account/register/code", {"code": service.code(EMAIL)})
    answers += [person.get(path) for path in (*OWN_PAGES, "/account/register/done", "/account/sign-out")]
    answers += [person.submit(path) for path in OWN_PAGES[1:6]]
    other = service.person()
    with_an_app(other, "robin@example.org")
    answers += [other.get(path) for path in ("/account", "/account/recovery-codes", "/account/two-step")]
    answers.append(other.submit("/account/recovery-codes", {"password": PASSWORD}))
    service.clock.move(minutes=2)
    enter_password(elsewhere := service.person(), "robin@example.org")
    answers += [elsewhere.get("/account/code"), elsewhere.get("/account/recovery-code")]
    answers.append(elsewhere.submit("/account/recovery-code", {"recovery_code": "no"}))
    person.submit("/account/close", {"password": PASSWORD})
    answers.append(person.get("/account/closed"))
    pages = []
    for number, answer in enumerate(answers):
        assert answer.status_code in {200, 422}, answer.request.url
        pages.append(tmp_path / f"{number}.html")
        pages[-1].write_text(answer.text, encoding="utf-8")
    assert messages(pages) == []


# --- many at once -------------------------------------------------------------------------------------------------


def test_many_tries_from_one_network_meet_the_captcha_which_lets_a_person_go_on(service: Service) -> None:
    register(owner := service.person())
    owner.submit("/account/sign-out")
    person = service.person()
    answers = [enter_password(person, email=f"p{number}@example.org") for number in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [422] * 30
    assert answers[30].headers["location"] == "/human-test"
    assert person.submit("/account/forgotten", {"email": EMAIL}).headers["location"] == "/account/code"
    session = service.context.sessions.find(person.token)
    assert session is not None
    service.context.captcha.passed(session)
    assert person.get("/human-test").headers["location"] == "/account/sign-in"
    assert enter_password(person, email="p31@example.org").status_code == 422
    # A browser in which somebody has signed in before does not meet it.
    assert enter_password(owner).headers["location"] == "/account/code"


def test_a_puzzle_buys_one_forgotten_password_on_a_busy_network(service: Service) -> None:
    person = service.person()
    for _ in range(20):
        service.person().submit("/account/forgotten", {"email": EMAIL})
    assert person.submit("/account/forgotten", {"email": EMAIL}).headers["location"] == "/human-test"
    session = service.context.sessions.find(person.token)
    assert session is not None
    service.context.captcha.passed(session)
    ways = [person.submit("/account/forgotten", {"email": EMAIL}).headers["location"] for _ in range(2)]
    assert ways == ["/account/code", "/human-test"]
    register(owner := service.person())
    owner.submit("/account/sign-out")
    assert owner.submit("/account/forgotten", {"email": EMAIL}).headers["location"] == "/account/code"


def test_a_whole_school_can_register_after_the_human_test(service: Service) -> None:
    for number in range(10):
        assert begin_to_register(service.person(), f"p{number}@example.org").status_code == 303
    person = service.person()
    assert begin_to_register(person, "p10@example.org").headers["location"] == "/human-test"
    session = service.context.sessions.find(person.token)
    assert session is not None
    service.context.captcha.passed(session)
    assert person.get("/human-test").headers["location"] == "/account/register"
    assert begin_to_register(person, "p10@example.org").headers["location"] == "/account/register/code"
