"""An account for trying the service out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final

from formengine.service.accounts.identity import Person, address_index, unconfirmed_account
from formengine.service.accounts.passwords import Passwords
from formengine.service.audit import note
from formengine.service.context import ServiceContext

EMAIL: Final = "sam.carter@example.org"
_WORDS: Final = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "islet",
    "jetty",
    "kites",
    "larch",
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented person. password: None for one that was made at an earlier start, whose password was shown then."""

    email: str
    password: str | None


def demo_account(context: ServiceContext, passwords: Passwords) -> DemoAccount:
    """The demonstration's account, made when it is not there."""
    index = address_index(context, EMAIL)
    with context.store.read() as tx:
        if tx.accounts.by_email(index) is not None:
            return DemoAccount(EMAIL, None)
    password = "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
    person = Person(
        email=EMAIL,
        first_name="Sam",
        last_name="Carter",
        job_title="Designated Safeguarding Lead",
        organisation="Example Primary School",
        phone="020 7946 0123",
    )
    made = unconfirmed_account(context, person, passwords.hash(password), at=context.clock())
    with context.store.write() as tx:
        tx.accounts.add(replace(made, email_index=index, status="open"))
        note(tx, context, actor="system", action="account.registered", subject=made.id)
    return DemoAccount(EMAIL, password)
