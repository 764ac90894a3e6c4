"""Accounts for operators: who has one, and the few things that people cannot do for themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from formengine.service.accounts.credentials import change
from formengine.service.accounts.identity import Person, address_index, person_of, unconfirmed_account
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.profile import close_account, stop_app_in
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.mail.outbox import enqueue
from formengine.store.rows import Role

_OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class User:
    """An open account."""

    id: str
    email: str
    name: str
    role: Role
    app: bool
    created_at: datetime


def users(context: ServiceContext) -> list[User]:
    """Everybody who has an account, the oldest first. The audit records that the list was read."""
    with context.store.write() as tx:
        note(tx, context, actor=_OPERATOR, action="accounts.listed", subject="accounts")
        rows = [row for row in tx.accounts.every() if row.status == "open"]
    people = [(row, person_of(context, row)) for row in rows]
    return [
        User(row.id, person.email, person.full_name, row.role, row.totp is not None, row.created_at)
        for row, person in people
    ]


def add_user(context: ServiceContext, passwords: Passwords, person: Person, role: Role) -> bool:
    """Add an account whose password its owner chooses by an e-mailed code; False where the address has one."""
    index = address_index(context, person.email)
    # A password that nobody knows: "Forgotten your password?" is the way in, and shows that the address is theirs.
    kept = passwords.hash(secrets.token_urlsafe(32))
    made = unconfirmed_account(context, person, kept, role=role, at=context.clock())
    with context.store.write() as tx:
        if tx.accounts.by_email(index) is not None:
            return False
        tx.accounts.add(replace(made, email_index=index, status="open"))
        enqueue(tx, context, to=person.email, template="invited", facts={})
        note(tx, context, actor=_OPERATOR, action="account.added", subject=made.id, fields=("role",))
    return True


def set_role(context: ServiceContext, email: str, role: Role) -> bool:
    """Give an account this role and sign it out everywhere; whether there is such an account."""
    with context.store.write() as tx:
        row = tx.accounts.by_email(address_index(context, email))
        if row is None:
            return False
        change(tx, context, row, "role_changed", replace(row, role=role))
        note(tx, context, actor=_OPERATOR, action="account.role_changed", subject=row.id, fields=("role",))
    return True


def end_sessions(context: ServiceContext, email: str) -> bool:
    """Sign an account out everywhere, and end what was begun for it; whether there is such an account."""
    with context.store.write() as tx:
        row = tx.accounts.by_email(address_index(context, email))
        if row is None:
            return False
        change(tx, context, row, "sessions_ended_by_operator")
        note(tx, context, actor=_OPERATOR, action="account.sessions_ended", subject=row.id)
    return True


def stop_app(context: ServiceContext, email: str) -> bool:
    """Have an account's codes sent by e-mail, for a lost telephone; whether there is such an account."""
    with context.store.write() as tx:
        row = tx.accounts.by_email(address_index(context, email))
        if row is None:
            return False
        stop_app_in(tx, context, row)
        note(tx, context, actor=_OPERATOR, action="account.app_off", subject=row.id, fields=("totp",))
    return True


def close_user(context: ServiceContext, email: str) -> bool:
    """Close an account with its drafts; whether there was one. What was sent stays."""
    with context.store.write() as tx:
        row = tx.accounts.by_email(address_index(context, email))
        return row is not None and close_account(tx, context, row.id, actor=_OPERATOR)
