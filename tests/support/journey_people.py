"""People in a form for tests: signed in without the ceremony, and what a page gives them to send back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape

import httpx2
from playwright.sync_api import Page

from formengine.service.accounts.identity import Person as Profile
from formengine.service.accounts.identity import address_index, person_of, unconfirmed_account
from formengine.service.drafts.drafts import Draft
from formengine.store.rows import Role
from tests.support.service_app import Person, Service
from tests.support.signing_in import PASSWORD
from tests.support.signing_in import sign_in as sign_in_by_post

EMAIL = "sam.example@example.org"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Somebody:
    """A person at a browser, and their account's id, None without one."""

    browser: Person
    account: str | None

    @property
    def token(self) -> str:
        """The token in their cookie."""
        return self.browser.token


def account_of(service: Service, email: str = EMAIL, role: Role = "applicant") -> str:
    """The id of an open account of an invented person."""
    profile = Profile(
        email=email,
        first_name="Sam",
        last_name="Example",
        phone="020 7946 0123",
        organisation="Example School",
        job_title="Teacher",
    )
    row = unconfirmed_account(service.service, profile, "no password", role=role, at=service.clock())
    row = replace(row, email_index=address_index(service.service, email), status="open")
    with service.store.write() as tx:
        tx.accounts.add(row)
    return row.id


def sign_in(service: Service, browser: Person, account: str) -> None:
    """Give the browser a session of the account, in place of the one it had."""
    sessions = service.context.sessions
    token, _ = sessions.renew(browser.token, account=account, stage="signed_in")
    give_token(browser, token)


def come_back(service: Service, browser: Person, account: str) -> httpx2.Response:
    """The answer to the code with which the account's owner signs in on the pages, as after a session that ended."""
    with service.store.write() as tx:
        row = tx.accounts.get(account)
        assert row is not None
        tx.accounts.replace(replace(row, password_hash=service.context.passwords.hash(PASSWORD)))
    return sign_in_by_post(browser, person_of(service.service, row).email)


def give_token(browser: Person, token: str) -> None:
    """Put this token into the browser's cookie, in place of any other."""
    browser.cookies.clear()
    browser.cookies.set("sid", token, domain="127.0.0.1", path="/")


def signed_in(service: Service, email: str = EMAIL, role: Role = "applicant") -> Somebody:
    """Somebody signed in to an account of their own."""
    account, browser = account_of(service, email, role), service.person()
    sign_in(service, browser, account)
    return Somebody(browser, account)


def sign_in_page(service: Service, page: Page, address: str, account: str) -> None:
    """Give the real browser's page a session of the account."""
    token, _ = service.context.sessions.start(account=account, stage="signed_in")
    page.context.add_cookies(
        [{"name": "sid", "value": token, "url": address, "httpOnly": True, "sameSite": "Lax"}]
    )


def begun(browser: Person, form: str, **answers: str) -> str:
    """The way into a new draft: ``/drafts/{id}/``."""
    answer = browser.submit(f"/forms/{form}", answers)
    assert answer.status_code == 303, answer.status_code
    return re.match("/drafts/[^/]+/", answer.headers["location"])[0]  # type: ignore[index]


def brought_back(answer: httpx2.Response) -> dict[str, str]:
    """The names and values that the page sends back unseen."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(answer.text) if name != "csrf"}


def post(browser: Person, path: str, *, action: str = "next", **answers: str | list[str]) -> httpx2.Response:
    """The answer to the page at `path`, opened and then posted with these answers by the button `action`.

    An answer's name has ``__`` for each dot.
    """
    shown = browser.get(path)
    assert shown.status_code == 200, (path, shown.status_code, shown.headers.get("location"))
    typed = {name.replace("__", "."): value for name, value in answers.items()}
    return browser.submit(path, {"-action": action, **brought_back(shown), **typed})


def draft_at(service: Service, way: str, account: str | None) -> Draft:
    """The account's draft with this way into it."""
    draft = service.context.drafts.open(way.split("/")[2], account=account, holder=None)
    assert draft is not None
    return draft
