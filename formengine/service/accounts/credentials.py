"""Credentials: what each change of them ends, and what stays.

Somebody who is signed in, or has been sent a code, has a right that came from the password, the address and the rest as
they were then. Each right is kept with a stamp, a keyed hash of the parts of the account that it is bound to, and
counts for as long as the account still gives that stamp: it is compared whenever the right is used. So nothing outlives
its reason because somebody forgot to end it. `change` is the only way by which those parts are changed.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, SessionRow

# What a right can be bound to. "account": that it is open. "sessions": that they were not all ended.
CredentialPart = Literal["account", "password", "address", "app", "recovery_codes", "sessions"]
PendingRight = Literal[
    "session_here",
    "session_elsewhere",
    "sign_in_begun",
    "sign_in_code",
    "reset_code",
    "reset_begun",
    "email_code",
    "app_begun",
    "recovery_code",
    "known_browser",
    "register_code",
    "human_code",
    "draft_link",
    "held_post",
]
CredentialChange = Literal[
    "password_changed",
    "password_reset",
    "address_changed",
    "app_on",
    "app_off",
    "recovery_codes_made",
    "sessions_ended",
    "sessions_ended_by_operator",
    "role_changed",
    "account_closed",
]


@dataclass(frozen=True, slots=True)
class RightRule:
    """What a right is, in words, and the parts of an account that it is bound to."""

    what: str
    bound_to: frozenset[CredentialPart]


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """What a change is, in words, and the parts of an account that are others after it.

    spares_here: the browser in which it is made stays signed in.
    """

    what: str
    alters: frozenset[CredentialPart]
    spares_here: bool = True


def _parts(*names: CredentialPart) -> frozenset[CredentialPart]:
    return frozenset(names)


_SIGNED_IN: Final = _parts("account", "password", "address", "sessions")

RIGHTS: Final[Mapping[PendingRight, RightRule]] = {
    "session_here": RightRule("Signed in, in the browser in which the change is made", _SIGNED_IN),
    "session_elsewhere": RightRule("Signed in elsewhere", _SIGNED_IN),
    "sign_in_begun": RightRule("The password was entered, the code is due", _SIGNED_IN | {"app"}),
    "sign_in_code": RightRule("A code to sign in, sent by e-mail", _SIGNED_IN | {"app"}),
    "reset_code": RightRule("A code to choose a new password, sent by e-mail", _SIGNED_IN),
    "reset_begun": RightRule("That code was entered, the new password is due", _SIGNED_IN),
    "email_code": RightRule("A code to confirm a new address, sent to it", _SIGNED_IN | {"app"}),
    "app_begun": RightRule("The key of an authenticator app that is being switched on", _SIGNED_IN | {"app"}),
    "recovery_code": RightRule("A recovery code", _parts("account", "recovery_codes")),
    "known_browser": RightRule("A browser that is known from signing in earlier", _SIGNED_IN),
    "register_code": RightRule("A code to confirm another, new account", _parts()),
    "human_code": RightRule("A code in place of the captcha", _parts()),
    "draft_link": RightRule("An e-mailed link to a form without an account", _parts()),
    "held_post": RightRule("A page that was sent too late and waits for its owner", _parts("account")),
}
CHANGES: Final[Mapping[CredentialChange, ChangeRule]] = {
    "password_changed": ChangeRule("The password is changed", _parts("password")),
    "password_reset": ChangeRule("A forgotten password is replaced", _parts("password")),
    "address_changed": ChangeRule("The address is changed", _parts("address")),
    "app_on": ChangeRule("An authenticator app is switched on", _parts("app", "recovery_codes")),
    "app_off": ChangeRule("The app is switched off", _parts("app", "recovery_codes")),
    "recovery_codes_made": ChangeRule("New recovery codes are made", _parts("recovery_codes")),
    "sessions_ended": ChangeRule("Its owner signs out everywhere else", _parts("sessions")),
    "sessions_ended_by_operator": ChangeRule(
        "An operator ends all sessions", _parts("sessions"), spares_here=False
    ),
    "role_changed": ChangeRule("An operator changes the role", _parts("sessions"), spares_here=False),
    "account_closed": ChangeRule("The account is closed", _parts("account"), spares_here=False),
}


def ends(change: CredentialChange, right: PendingRight) -> bool:
    """Whether the change ends the right; else it stays."""
    rule = CHANGES[change]
    if right == "session_here" and rule.spares_here:
        return False
    return bool(rule.alters & RIGHTS[right].bound_to)


def stamp_of(context: ServiceContext, row: AccountRow, right: PendingRight) -> str:
    """What is kept with a right of the account that begins now, "" for one that is bound to nothing of it."""
    bound_to = RIGHTS[right].bound_to
    if not bound_to:
        return ""
    # What a session counts with is the same, wherever it is.
    name = "session" if right in {"session_here", "session_elsewhere"} else right
    parts = [_VALUES[part](row) for part in sorted(bound_to) if part in _VALUES]
    return context.keys.index("credentials", json.dumps([name, *parts]))[:32]


_VALUES: Final[Mapping[CredentialPart, Callable[[AccountRow], str]]] = {
    "account": lambda row: f"{row.id} {row.status}",
    "password": lambda row: row.password_hash,
    "address": lambda row: row.email_index,
    "app": lambda row: row.totp.hex() if row.totp is not None else "",
    "sessions": lambda row: str(row.sessions_ended),
}


def holds(context: ServiceContext, row: AccountRow | None, right: PendingRight, stamp: str) -> bool:
    """Whether a right that was kept with this stamp still counts. None: there is no such account, so nothing does.

    A right from before there were stamps counts until the account's credentials are changed for the first time since.
    """
    if not RIGHTS[right].bound_to:
        return True
    if row is None or row.status == "closed":
        return False
    if not stamp:
        return row.credentials_changed == 0
    return hmac.compare_digest(stamp, stamp_of(context, row, right))


# What a code is good for, by its purpose; another purpose's is bound to no account.
_RIGHT_OF_CODE: Final[Mapping[str, PendingRight]] = {
    "sign_in": "sign_in_code",
    "app": "sign_in_begun",
    "reset": "reset_code",
    "email": "email_code",
}


def right_of_code(purpose: str) -> PendingRight | None:
    """What a code of this purpose is; None where it is bound to no account."""
    return _RIGHT_OF_CODE.get(purpose)


def right_of_session(row: SessionRow) -> tuple[PendingRight, str] | None:
    """What a session may do with an account, and the account's id; None where it may do nothing with any."""
    if row.stage == "signed_in" and row.account is not None:
        return "session_elsewhere", row.account
    if row.stage == "code_due":
        purpose = row.facts.get("purpose", "")
        if purpose in {"sign_in", "app"}:
            return "sign_in_begun", row.facts.get("for", "")
        if purpose == "choose":
            return "reset_begun", row.facts.get("for", "")
    return None


def session_holds(tx: Transaction, context: ServiceContext, row: SessionRow) -> bool:
    """Whether what the session may do with an account still counts; True where it may do nothing with any."""
    right = right_of_session(row)
    return right is None or holds(context, tx.accounts.get(right[1]), right[0], row.stamp)


def stamped(tx: Transaction, context: ServiceContext, row: SessionRow) -> SessionRow:
    """The session with the stamp that its account gives now."""
    right = right_of_session(row)
    account = tx.accounts.get(right[1]) if right is not None else None
    if right is None or account is None:
        return replace(row, stamp="")
    return replace(row, stamp=stamp_of(context, account, right[0]))


def change(
    tx: Transaction,
    context: ServiceContext,
    row: AccountRow,
    what: CredentialChange,
    after: AccountRow | None = None,
    *,
    here: str = "",
) -> AccountRow:
    """Store the account after a change of its credentials, and end what that ends; returns the account as stored.

    row: the account as it is. after: as it is to be, None where only sessions end. here: the hash of the token of the
    session in which the change is made, which stays where the table spares it; it should be renewed.
    """
    rule = CHANGES[what]
    now = replace(
        after or row,
        credentials_changed=row.credentials_changed + 1,
        sessions_ended=row.sessions_ended + ("sessions" in rule.alters),
    )
    spared = _own_session(tx, context, row, here) if rule.spares_here else None
    tx.accounts.replace(now)
    if spared is not None:
        tx.sessions.replace(stamped(tx, context, spared))
    # What does not count any more is not kept either. Sessions in which nobody is signed in yet may have drafts.
    if ends(what, "session_elsewhere"):
        tx.sessions.remove_of_account(row.id, spared.token_hash if spared is not None else "")
    for code in tx.codes.of_owner(row.id):
        right = right_of_code(code.purpose)
        if right is not None and not holds(context, now, right, code.stamp):
            tx.codes.remove(code.id)
    if now.role != "staff" or now.status == "closed":
        _take_staff_roles(tx, context, now.id)
    return now


def _take_staff_roles(tx: Transaction, context: ServiceContext, account: str) -> None:
    """Take what somebody might do with cases away for good: who becomes staff again later begins without."""
    for row in tx.staff.of_account(account):
        tx.staff.revoke(row)
        fields = (row.form, row.role, row.route)
        note(tx, context, actor="system", action="staff.role_taken", subject=account, fields=fields)


def hash_again(tx: Transaction, context: ServiceContext, row: AccountRow, password_hash: str) -> AccountRow:
    """Store the same password's hash with other parameters, which ends nothing; returns the account as stored.

    Only browsers are no longer known: what they have is kept nowhere here.
    """
    now = replace(row, password_hash=password_hash)
    sessions = [each for each in tx.sessions.of_account(row.id) if session_holds(tx, context, each)]
    codes = [
        (code.id, right)
        for code in tx.codes.of_owner(row.id)
        if (right := right_of_code(code.purpose)) is not None and holds(context, row, right, code.stamp)
    ]
    tx.accounts.replace(now)
    for session in sessions:
        tx.sessions.replace(stamped(tx, context, session))
    for code_id, right in codes:
        tx.codes.stamp(code_id, stamp_of(context, now, right))
    return now


def _own_session(tx: Transaction, context: ServiceContext, row: AccountRow, here: str) -> SessionRow | None:
    """The session in which the account's owner makes the change, None where it is not signed in to the account."""
    session = tx.sessions.get(here) if here else None
    if session is None or session.stage != "signed_in" or session.account != row.id:
        return None
    return session if session_holds(tx, context, session) else None
