"""What people do with the service in a browser, step by step, for writing a folder and for going on with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.upgrade.opening import Opened, Person
from tests.upgrade.steps import Step, take_all

NAMES = {"first_name": "", "last_name": ""}
# The word that every mailed link asks for; those of version 0.1 ask for none.
WORD = "blue kettles"


def register(service: Opened, browser: Person, account: Mapping[str, Any]) -> None:
    """Make an account by an e-mailed code; the browser is signed in to it."""
    begin_to_register(browser, account)
    done = browser.submit("/account/register/code", {"code": service.code(account["email"])})
    assert done.headers["location"] == "/account/register/done"


def begin_to_register(browser: Person, account: Mapping[str, Any]) -> None:
    """Fill in the pages of registering; the browser waits for the code."""
    texts = {name: account[name] for name in NAMES}
    secret = {"new_password": account["password"], "confirm": account["password"]}
    begun = browser.submit(
        "/account/register", {**texts, **secret, "step": "account", "email": account["email"]}
    )
    assert begun.headers.get("location") == "/account/register/code", begun.status_code


def enter_password(browser: Person, account: Mapping[str, Any]) -> None:
    """Take the first step of signing in, which must work; the browser waits for a code."""
    begun = browser.submit("/account/sign-in", {"email": account["email"], "password": account["password"]})
    assert begun.headers.get("location") == "/account/code", begun.status_code


def sign_in(service: Opened, browser: Person, account: Mapping[str, Any]) -> str:
    """Sign in by password and by the app's code, or an e-mailed one without an app; return where that leads."""
    enter_password(browser, account)
    secret = account.get("app_secret", "")
    code = service.app_code(secret) if secret else service.code(account["email"])
    done = browser.submit("/account/code", {"code": code})
    assert done.status_code == 303, done.status_code
    return str(done.headers["location"])


def begin(browser: Person, form: str, **answers: str) -> str:
    """Begin a draft on the form's start page, and return the way into it: ``/drafts/{id}/``."""
    begun = browser.submit(f"/forms/{form}", answers)
    assert begun.status_code == 303, begun.status_code
    return "/".join(begun.headers["location"].split("/")[:3]) + "/"


def show_to_be_human(service: Opened, browser: Person, email: str) -> str:
    """Pass the human test by an e-mailed code, and return where that leads."""
    asked = browser.submit("/human-test", {"move": "email", "email": email})
    assert asked.headers["location"] == "/human-test/code"
    done = browser.submit("/human-test/code", {"code": service.code(email)})
    assert done.status_code == 303, done.status_code
    return str(done.headers["location"])


def app_secret_on(browser: Person) -> str:
    """The secret that the page for switching an authenticator app on shows, without its spaces."""
    shown = browser.get("/account/two-step").text
    found = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", shown)
    assert found is not None
    return found[0].replace(" ", "")


def finish(service: Opened, told: Mapping[str, Any], draft: Mapping[str, Any]) -> tuple[list[Step], str]:
    """Go on with a draft of `expected.json` until it is sent.

    Return its steps with where each led, and the reference.
    """
    browser = service.browser(told["browsers"][draft["browser"]])
    if draft.get("sign_in"):
        assert sign_in(service, browser, told["accounts"][draft["sign_in"]]) == draft["next"]
    steps = take_all(browser, draft["way"], [Step.of_json(step) for step in draft["rest"]])
    return list(steps), service.reference_of(id_in(draft["way"]))


def continue_from(browser: Person, name: str, content: bytes) -> tuple[str, str]:
    """Hand in a PDF that somebody kept; return the way into the draft that it becomes, and the page that says so."""
    answer = browser.submit("/continue", files=[("pdf", (name, content, "application/pdf"))])
    found = re.search(r"/drafts/\w+/", answer.text)
    assert found is not None, answer.status_code
    return found[0], answer.text


def id_in(way: str) -> str:
    """The draft's id in the way into it."""
    return way.split("/")[2]


def without_file_ids(answers: Any) -> Any:
    """The answers without the ids of files: each is drawn by lot when the file is chosen."""
    if isinstance(answers, dict):
        kept = {name: without_file_ids(value) for name, value in answers.items()}
        return {
            name: value
            for name, value in kept.items()
            if not (name == "id" and {"type", "size"} <= kept.keys())
        }
    return [without_file_ids(each) for each in answers] if isinstance(answers, list) else answers
