"""What tests of sending share: people with accounts, and answers that can be sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Draft
from formengine.store.rows import AccountRow
from formengine.web.browser_session import PLAIN_COOKIE
from tests.support.service_app import Person, Service

EXAMPLES = Path(__file__).parents[2] / "examples"
ALLOTMENT = {"full_name": "Ada Example", "email": "ada@example.com", "size": "half"}
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)


def add_account(context: ServiceContext, account: str) -> None:
    """An account with the address ``<account>@example.org``."""
    data_key = context.keys.new_data_key("accounts", account)
    profile = {"email": f"{account}@example.org", "first_name": "Sam", "last_name": "Example"}
    row = AccountRow(
        id=account,
        email_index=account,
        role="applicant",
        status="open",
        data_key=data_key,
        profile=context.keys.open_data_key(data_key, "accounts", account).seal_json("profile", profile),
        password_hash="",
        created_at=BEGUN,
    )
    with context.store.write() as tx:
        tx.accounts.add(row)


def signed_in(service: Service, account: str) -> Person:
    """Somebody at a browser of their own, signed in to an account that is there from now on."""
    with service.service.store.read() as tx:
        known = tx.accounts.get(account) is not None
    if not known:
        add_account(service.service, account)
    token, _ = service.context.sessions.start(account=account, stage="signed_in")
    person = service.person()
    person.cookies.set(PLAIN_COOKIE, token, domain="127.0.0.1", path="/")
    return person


def draft_of(service: Service, person: Person, answers: Any, form: str = "allotment-waiting-list") -> Draft:
    """A draft of the person at this browser, who may have no account."""
    session = service.context.sessions.find(person.token)
    if session is None:
        token, session = service.context.sessions.start()
        person.cookies.set(PLAIN_COOKIE, token, domain="127.0.0.1", path="/")
    account = session.account if session.stage == "signed_in" else None
    return service.context.drafts.start(form, account=account, holder=session.token_hash, answers=answers)
