"""Accounts for trying the service out: of somebody who fills in forms, and of those who change and approve them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from formengine.service.accounts.identity import Person, address_index, unconfirmed_account
from formengine.service.accounts.passwords import Passwords
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.store.rows import Role

EMAIL: Final = "sam.carter@example.org"
AUTHOR_EMAIL: Final = "ash.reed@example.org"
APPROVER_EMAIL: Final = "noor.hale@example.org"
STAFF_EMAIL: Final = "robin.cole@example.org"
_PEOPLE: Final[Mapping[Role, Person]] = {
    "applicant": Person(
        email=EMAIL,
        first_name="Sam",
        last_name="Carter",
        job_title="Designated Safeguarding Lead",
        organisation="Example Primary School",
        phone="020 7946 0123",
    ),
    "author": Person(
        email=AUTHOR_EMAIL,
        first_name="Ash",
        last_name="Reed",
        job_title="Forms officer",
        organisation="Example Council",
        phone="020 7946 0124",
    ),
    "approver": Person(
        email=APPROVER_EMAIL,
        first_name="Noor",
        last_name="Hale",
        job_title="Service manager",
        organisation="Example Council",
        phone="020 7946 0125",
    ),
    "staff": Person(
        email=STAFF_EMAIL,
        first_name="Robin",
        last_name="Cole",
        job_title="Team manager",
        organisation="Example Council",
        phone="020 7946 0456",
    ),
}
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
    role: Role
    password: str | None


def demo_accounts(context: ServiceContext, passwords: Passwords) -> tuple[DemoAccount, ...]:
    """The demonstration's accounts, each made when it is not there."""
    return tuple(_account(context, passwords, person, role) for role, person in _PEOPLE.items())


def _account(context: ServiceContext, passwords: Passwords, person: Person, role: Role) -> DemoAccount:
    index = address_index(context, person.email)
    with context.store.read() as tx:
        if tx.accounts.by_email(index) is not None:
            return DemoAccount(person.email, role, None)
    password = "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
    made = unconfirmed_account(context, person, passwords.hash(password), role=role, at=context.clock())
    with context.store.write() as tx:
        tx.accounts.add(replace(made, email_index=index, status="open"))
        note(tx, context, actor="system", action="account.registered", subject=made.id)
    return DemoAccount(person.email, role, password)
