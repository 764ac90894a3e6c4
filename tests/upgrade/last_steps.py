"""What waits for its next step at the end, such as a code that was sent; and addresses that must go on answering."""

from __future__ import annotations

from tests.upgrade.acting import app_secret_on, begin, begin_to_register, enter_password, id_in
from tests.upgrade.opening import Opened, pdf
from tests.upgrade.writing import REQUEST, Writing, person


def leave_things_pending(writing: Writing, service: Opened) -> None:
    """Codes, resets and the like that wait for the next step."""
    pending, accounts = writing.told.pending, writing.told.accounts
    kim = writing.browser(service, "kim")
    pending["app"] = {"browser": "kim", "account": "kim", "app_secret": app_secret_on(kim)}
    new = "kim.newname@example.com"
    texts = {"new_email": new, "password": accounts["kim"]["password"]}
    assert kim.submit("/account/email", texts).headers["location"] == "/account/email/code"
    pending["email"] = {"browser": "kim", "account": "kim", "email": new, "code": service.code(new)}
    wrong = {"email": accounts["max"]["email"], "password": "not this one at all"}
    assert writing.browser(service, "max resets").submit("/account/sign-in", wrong).status_code == 422
    for name, account in (("reset", "lee"), ("choose", "max")):
        browser, email = writing.browser(service, f"{account} resets"), accounts[account]["email"]
        assert browser.submit("/account/forgotten", {"email": email}).headers["location"] == "/account/code"
        pending[name] = {"browser": f"{account} resets", "account": account, "code": service.code(email)}
    chosen = writing.browsers["max resets"].submit("/account/code", {"code": pending["choose"]["code"]})
    assert chosen.headers["location"] == "/account/reset"
    leave_codes_pending(writing, service)
    ask_to_be_human_first(writing, service)


def leave_codes_pending(writing: Writing, service: Opened) -> None:
    """Codes for signing in, registering and being human, each with where the person was going."""
    pending, accounts = writing.told.pending, writing.told.accounts
    library = writing.browser(service, "library")
    assert library.get("/my-forms").headers["location"] == "/account/sign-in"
    enter_password(library, accounts["alex"])
    code = service.code(accounts["alex"]["email"])
    pending["sign_in"] = {"browser": "library", "account": "alex", "code": code, "next": "/my-forms"}
    enter_password(writing.browser(service, "clinic"), accounts["robin"])
    pending["app_code"] = {"browser": "clinic", "account": "robin", "next": "/hub"}
    new_account = person("Pat", "Unconfirmed", "one slow red tractor")
    begin_to_register(writing.browser(service, "pat"), new_account)
    pending["register"] = {
        "browser": "pat",
        "account": new_account,
        "code": service.code(new_account["email"]),
    }
    puzzled = writing.browser(service, "puzzled")
    way = begin(puzzled, REQUEST, urgency="standard")
    assert puzzled.get(f"{way}about").headers["location"] == "/human-test"
    puzzled.submit("/human-test", {"move": "email", "email": "puzzled@example.com"})
    code = service.code("puzzled@example.com")
    pending["human"] = {"browser": "puzzled", "code": code, "next": f"{way}about"}
    asks = writing.browser(service, "asks for the account")
    assert asks.get("/account/email").headers["location"] == "/account/sign-in"
    pending["next"] = {"browser": "asks for the account", "account": "alex", "next": "/account/email"}


def ask_to_be_human_first(writing: Writing, service: Opened) -> None:
    """Somebody who is to show first that they are human: many registered from their network, and many PDFs came."""
    service.use_up("sign_up_ip")
    eleventh, another = writing.browser(service, "eleventh"), person("El", "Eventh", "ten before me came")
    texts = {"first_name": "El", "last_name": "Eventh", "step": "account", "email": another["email"]}
    secret = {"new_password": another["password"], "confirm": another["password"]}
    assert eleventh.submit("/account/register", {**texts, **secret}).headers["location"] == "/human-test"
    writing.told.pending["human_first"] = {
        "browser": "eleventh",
        "email": another["email"],
        "next": "/account/register",
    }

    service.use_up("read_pdf")
    browser = writing.browser(service, "twenty-first")
    part = ("pdf", ("any.pdf", pdf(), "application/pdf"))
    assert browser.submit("/continue", files=[part]).headers["location"] == "/human-test"
    browser.submit("/human-test", {"move": "email", "email": "many.pdfs@example.com"})
    code = service.code("many.pdfs@example.com")
    writing.told.pending["human_pdf"] = {"browser": "twenty-first", "code": code, "next": "/continue"}


def tell_addresses(writing: Writing, service: Opened) -> None:
    """Addresses that are everybody's, and those in e-mails that wait."""
    told = writing.told
    told.address("/my-forms", browser="alex", phrase="Early Help Notification")
    told.address("/my-forms", status=303, location="/account/sign-in")
    told.address("/account", browser="alex", phrase="alex.morgan@example.com")
    told.address("/account/sessions", browser="robin", phrase="Firefox on Windows")
    told.address("/resume/" + "x" * 43, status=404)
    told.address("/forms/request-for-support", phrase="What type of referral is this?")
    told.address("/contacts", phrase="Front Door")
    told.address("/account/forgotten", phrase="email")
    told.address("/account/sign-in", phrase="Register for new account")
    told.address("/account/register", phrase="First name")
    file = service.files(id_in(told.drafts["request with files"]["way"]))[0]
    told.address(f"{told.drafts['request with files']['way']}files/{file['id']}", browser="robin")
    seen = {each["path"] for each in told.addresses}
    for path in {path for each in service.mail() for path in each.paths} - seen:
        # What a mailed address says is looked at on the copy.
        told.address(path, status=0)
    told.browsers.update({name: browser.token for name, browser in writing.browsers.items() if browser.token})
