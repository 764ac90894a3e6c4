"""Authentication: registering, signing in, forgotten passwords, and the codes that each of them requires.

An outsider learns nothing about addresses: whether or not one has an account, the same pages come with the same work
behind them. Registering an address that has an account sends that address another e-mail in place of a code; so does
a forgotten password for an address that has none.

Each step gives the browser a new session. A session between two steps is at the stage "code_due"; its fact `for` is the
id of the account that the code is for (an id that exists nowhere, where the address has none), its fact `purpose` what
the code opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from formengine.language.words.moments import moment_text
from formengine.service.accounts.email_codes import LIVES, CodeVerdict, EmailCodes, Issued, NotYet, Purpose
from formengine.service.accounts.identity import (
    Person,
    address_index,
    app_secret,
    open_account,
    person_of,
    unconfirmed_account,
)
from formengine.service.accounts.lockout import Lockout
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.recovery_codes import RecoveryCodes
from formengine.service.accounts.sessions import Sessions
from formengine.service.accounts.totp import TotpCodes
from formengine.service.audit import note
from formengine.service.batches import in_batches
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.mail.outbox import enqueue
from formengine.service.rate_limits import RateLimits
from formengine.service.security_events import judged, record
from formengine.service.steady_clock import MOST_A_RUN
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, Role, SessionRow

# What a session between two steps waits for. "choose": the code was right, and the new password is due.
SignInStep = Literal["sign_in", "app", "register", "reset", "choose"]
# wrong: the password, or the only code required. wrong_code: the code beside a password. wait: for `wait_s` seconds.
# too_many: codes were sent. taken: the address has an account. gone: nothing waits for a code in this session.
RefusalReason = Literal["wrong", "wrong_code", "wait", "too_many", "burnt", "late", "gone", "taken"]

_NOTICE_AT_TRIES: Final = 10
UNCONFIRMED_FOR: Final = timedelta(hours=24)
_NO_STEP: Final = {"for": "", "purpose": ""}


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was refused, and why. wait_s: how many seconds to wait, where that is the reason."""

    why: RefusalReason
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that was passed; the browser has a new session. step: the next step, None where the person is signed in.

    codes: recovery codes that were made with it, to be shown this once.
    """

    token: str
    session: SessionRow
    step: SignInStep | None = None
    codes: tuple[str, ...] = ()


class _NoCodeError(Exception):
    """No code can be sent now; raised to roll back the transaction."""


class Authentication:
    """Registers people and signs them in; shared by threads. Its methods are slow (Argon2): call them in a thread."""

    def __init__(
        self, context: ServiceContext, sessions: Sessions, limits: RateLimits, passwords: Passwords
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._passwords = passwords
        self._codes = EmailCodes(context, limits)
        self._tries = Lockout(context)
        self._apps = TotpCodes(context)
        self._recovery = RecoveryCodes(context)

    # --- steps without a code -------------------------------------------------------------------------------------

    def register(self, token: str, person: Person, password: str) -> Passed | Refused:
        """A session that waits for the e-mailed code, whether or not the address has an account.

        `password` has been judged by `passwords.problem_of`.
        """
        kept = self._passwords.hash(password)
        row = unconfirmed_account(self._context, person, kept, at=self._context.clock())
        point("register.before")
        return self._begin(token, row, "register")

    def sign_in(self, token: str, email: str, password: str) -> Passed | Refused:
        """A session that waits for a code, e-mailed or the app's."""
        address = address_index(self._context, email)
        with self._context.store.write() as tx:
            wait_s, tries = self._tries.admit(tx, address)
            row = tx.accounts.by_email(address)
            if not wait_s and tries == _NOTICE_AT_TRIES and row is not None:
                self._send(tx, person_of(self._context, row).email, "sign_in_trouble", {"tries": str(tries)})
                note(tx, self._context, actor="visitor", action="account.passwords_wrong", subject=row.id)
        if wait_s:
            record("sign_in_locked", address=address)
            return Refused("wait", wait_s)
        if not self._passwords.fits(password, row.password_hash if row is not None else None) or row is None:
            record("sign_in_failed", address=address)
            return Refused("wrong")
        anew = (
            self._passwords.hash(password)
            if self._passwords.outdated(row.password_hash)
            else row.password_hash
        )
        point("sign_in.password_right")
        return self._password_was_right(token, row, anew)

    def forgotten(self, token: str, email: str) -> Passed | Refused:
        """A session that waits for an e-mailed code, after which a new password may be chosen."""
        nobody = unconfirmed_account(self._context, Person(email=email.strip()), "", at=self._context.clock())
        with self._context.store.read() as tx:
            row = tx.accounts.by_email(address_index(self._context, email))
        return self._begin(token, row or nobody, "reset")

    def _begin(self, token: str, row: AccountRow, step: Purpose) -> Passed | Refused:
        """A session that waits for the code sent to the account's address; a new account is stored."""
        try:
            with self._context.store.write() as tx:
                if row.status == "unconfirmed":
                    tx.accounts.add(row)
                facts = {"for": row.id, "purpose": step}
                new_token, session = self._sessions.renew_in(tx, token, stage="code_due", facts=facts)
                self._send_code_or_undo(tx, row, step, session)
                note(tx, self._context, actor="visitor", action=f"account.{step}_begun", subject=row.id)
                point("accounts.begin.before_commit")
        except _NoCodeError:
            return Refused("too_many")
        point("accounts.begin.after_commit")
        return Passed(new_token, session, "register" if step == "register" else "reset")

    def _password_was_right(self, token: str, row: AccountRow, anew: str) -> Passed | Refused:
        step: Literal["sign_in", "app"] = "app" if row.totp is not None else "sign_in"
        try:
            with self._context.store.write() as tx:
                newest = tx.accounts.get(row.id)
                # Changed or closed while the password was being checked.
                if newest is None or newest.status != "open" or newest.password_hash != row.password_hash:
                    return Refused("wrong")
                if anew != newest.password_hash:
                    newest = replace(newest, password_hash=anew)
                    tx.accounts.replace(newest)
                self._tries.clear(tx, newest.email_index)
                facts = {"for": row.id, "purpose": step}
                new_token, session = self._sessions.renew_in(
                    tx, token, account=row.id, stage="code_due", facts=facts
                )
                self._send_code_or_undo(tx, newest, step, session)
                note(tx, self._context, actor="visitor", action="account.password_right", subject=row.id)
                point("sign_in.before_commit")
        except _NoCodeError:
            return Refused("too_many")
        point("sign_in.after_commit")
        return Passed(new_token, session, step)

    # --- codes ----------------------------------------------------------------------------------------------------

    def due(self, session: SessionRow | None) -> SignInStep | None:
        """What the session waits for, None where it waits for nothing."""
        if session is None or session.stage != "code_due":
            return None
        steps: Mapping[str, SignInStep] = {
            "sign_in": "sign_in", "app": "app", "register": "register", "reset": "reset", "choose": "choose"
        }  # fmt: skip
        return steps.get(session.facts.get("purpose", ""))

    def enter_code(
        self, token: str, typed: str, *, browser: Mapping[str, str] | None = None, recovery: bool = False
    ) -> Passed | Refused:
        """What comes after the code: signed in, or the new password due.

        browser: the result of `browser_facts`, to be stored in the session. recovery: it is a recovery code, in place
        of an app's.
        """
        session = self._sessions.find(token)
        step = self.due(session)
        if session is None or step is None or step == "choose" or (recovery and step != "app"):
            return Refused("gone")
        with self._context.store.write() as tx:
            row = tx.accounts.get(session.facts["for"])
            verdict = self._verdict(tx, row, step, session, typed, recovery=recovery)
            point("code.tried")
            if row is None or verdict != "right":
                return Refused(verdict if verdict != "right" else "wrong")
            if recovery:
                self._recovery_was_used(tx, row)
            passed = self._code_was_right(tx, token, row, step, browser or {})
            point("code.before_commit")
        point("code.after_commit")
        return passed

    def _verdict(
        self,
        tx: Transaction,
        row: AccountRow | None,
        step: Purpose,
        session: SessionRow,
        typed: str,
        *,
        recovery: bool,
    ) -> CodeVerdict:
        if row is None or row.status == "closed":
            return "gone"
        if step == "app":
            # Attempts at either count together: five, then the person signs in again.
            tried = self._codes.tried(tx, owner=row.id, purpose="app", session=session.token_hash)
            if recovery:
                return judged(self._recovery.verdict(tx, tried, row.id, typed), "recovery", row.id)
            return judged(
                self._apps.verdict(tx, tried, row.id, app_secret(self._context, row), typed), "app", row.id
            )
        return self._codes.enter(tx, owner=row.id, purpose=step, session=session.token_hash, typed=typed)

    def _recovery_was_used(self, tx: Transaction, row: AccountRow) -> None:
        facts = {"at": now_text(self._context), "left": str(self._recovery.left(tx, row.id))}
        self._send(tx, person_of(self._context, row).email, "recovery_used", facts)
        note(tx, self._context, actor=row.id, action="account.recovery_code_used", subject=row.id)

    def _code_was_right(
        self, tx: Transaction, token: str, row: AccountRow, step: Purpose, browser: Mapping[str, str]
    ) -> Passed | Refused:
        self._codes.entered_rightly(tx, purpose=step, address=self._address(row))
        if step == "reset":
            if row.status != "open":
                return Refused("wrong")
            facts = {"for": row.id, "purpose": "choose"}
            return Passed(*self._sessions.renew_in(tx, token, stage="code_due", facts=facts), "choose")
        if step == "register":
            address = self._address(row)
            # The person has shown that the address is theirs, and may learn that it has an account since.
            if tx.accounts.by_email(address) is not None:
                return Refused("taken")
            tx.accounts.replace(replace(row, email_index=address, status="open"))
            note(tx, self._context, actor=row.id, action="account.confirmed", subject=row.id)
        return self._signed_in(tx, token, row.id, browser)

    def _signed_in(self, tx: Transaction, token: str, account: str, browser: Mapping[str, str]) -> Passed:
        facts = {**_NO_STEP, **browser}
        made = self._sessions.renew_in(tx, token, account=account, stage="signed_in", facts=facts)
        note(tx, self._context, actor=account, action="account.signed_in", subject=account)
        return Passed(*made)

    def new_code(self, token: str) -> Refused | None:
        """Send another code; None where it was sent, or looks so to an outsider, else why not."""
        session = self._sessions.find(token)
        step = self.due(session)
        if session is None or step is None or step == "choose" or step == "app":  # noqa: PLR1714 - narrows the type
            return Refused("gone")
        with self._context.store.write() as tx:
            row = tx.accounts.get(session.facts["for"])
            if row is None or row.status == "closed":
                return Refused("gone")
            sent = self._send_code(tx, row, step, session, again=True)
            point("new_code.before_commit")
        if isinstance(sent, NotYet):
            return Refused("wait", sent.wait_s) if sent.wait_s else Refused("too_many")
        return None

    def choose_password(
        self, token: str, password: str, *, browser: Mapping[str, str] | None = None
    ) -> Passed | Refused:
        """Signed in with the new password, or waiting for the app's code; every other session has ended.

        `password` has been judged by `passwords.problem_of`. browser: as for `enter_code`.
        """
        session = self._sessions.find(token)
        if session is None or self.due(session) != "choose":
            return Refused("gone")
        kept = self._passwords.hash(password)
        account = session.facts["for"]
        try:
            with self._context.store.write() as tx:
                row = tx.accounts.get(account)
                if row is None or row.status != "open":
                    return Refused("gone")
                set_password(tx, self._context, row, kept, sessions=self._sessions)
                self._tries.clear(tx, row.email_index)
                passed = self._password_was_chosen(tx, token, row, browser or {})
                point("reset.before_commit")
        except _NoCodeError:
            return Refused("too_many")
        point("reset.after_commit")
        return passed

    def _password_was_chosen(
        self, tx: Transaction, token: str, row: AccountRow, browser: Mapping[str, str]
    ) -> Passed:
        """Signed in; first the app's code, where there is one: access to somebody's e-mail is not their telephone."""
        if row.totp is None:
            return self._signed_in(tx, token, row.id, browser)
        facts = {"for": row.id, "purpose": "app"}
        made = self._sessions.renew_in(tx, token, account=row.id, stage="code_due", facts=facts)
        self._send_code_or_undo(tx, row, "app", made[1])
        return Passed(*made, "app")

    def known_to(self, session: SessionRow) -> Person:
        """The person whose new password is due, for judging it; an empty `Person` where none is."""
        with self._context.store.read() as tx:
            row = tx.accounts.get(session.facts.get("for", "")) if self.due(session) == "choose" else None
        return person_of(self._context, row) if row is not None and row.status == "open" else Person()

    def purge(self) -> int:
        """Delete expired accounts (at most `MOST_A_RUN`), codes and counters; returns how many."""
        now = self._context.steady.read().at
        with self._context.store.write() as tx:
            gone = tx.accounts.remove_unconfirmed(now - UNCONFIRMED_FOR, MOST_A_RUN)

        def remove_codes(limit: int) -> int:
            with self._context.store.write() as tx:
                return tx.codes.remove_ended(now - UNCONFIRMED_FOR, limit)

        def remove_counters(limit: int) -> int:
            with self._context.store.write() as tx:
                return tx.counters.remove_old(now, limit)

        return gone + in_batches(remove_codes) + in_batches(remove_counters)

    # --- who somebody is ------------------------------------------------------------------------------------------

    def person(self, account: str) -> Person:
        """The person of the account; an empty `Person` where the account is closed."""
        with self._context.store.read() as tx:
            row = open_account(tx, account)
        return person_of(self._context, row) if row is not None else Person()

    def profile(self, account: str | None) -> Mapping[str, str]:
        """What ``prefill: account.…`` can name, by name; empty without an open account. See `Person.facts`."""
        person = self.person(account) if account is not None else Person()
        return person.facts() if person.email else {}

    def role(self, account: str | None) -> Role | None:
        """The account's role; None without an open account."""
        with self._context.store.read() as tx:
            row = open_account(tx, account) if account is not None else None
        return row.role if row is not None else None

    # --- mail -----------------------------------------------------------------------------------------------------

    def _address(self, row: AccountRow) -> str:
        return address_index(self._context, person_of(self._context, row).email)

    def _send_code_or_undo(
        self, tx: Transaction, row: AccountRow, step: Purpose, session: SessionRow
    ) -> None:
        if isinstance(self._send_code(tx, row, step, session), NotYet):
            raise _NoCodeError

    def _send_code(
        self, tx: Transaction, row: AccountRow, step: Purpose, session: SessionRow, *, again: bool = False
    ) -> Issued | NotYet:
        """Make and e-mail a code, or e-mail its address something in place of it; `NotYet` where the limits refuse."""
        issued = self._codes.issue(
            tx,
            owner=row.id,
            purpose=step,
            session=session.token_hash,
            address=self._address(row),
            again=again,
        )
        if step == "app" or isinstance(issued, NotYet) or not issued.code:
            return issued
        template = "code" if step == "sign_in" else f"code_{step}"
        if step == "register" and tx.accounts.by_email(self._address(row)) is not None:
            template = "already_registered"
        elif step == "reset" and row.status != "open":
            template = "no_account"
        facts = code_facts(issued.code) if template.startswith("code") else {}
        self._send(tx, person_of(self._context, row).email, template, facts, good_for=LIVES)
        return issued

    def _send(
        self,
        tx: Transaction,
        to: str,
        template: str,
        facts: Mapping[str, str],
        good_for: timedelta | None = None,
    ) -> None:
        enqueue(tx, self._context, to=to, template=template, facts=facts, urgent=True, good_for=good_for)


def code_facts(code: str) -> dict[str, str]:
    """The facts about a code for its e-mail's template."""
    return {"code": code, "minutes": str(LIVES.seconds // 60)}


def set_password(
    tx: Transaction, context: ServiceContext, row: AccountRow, kept: str, *, sessions: Sessions, but: str = ""
) -> None:
    """Replace the account's password, end its sessions except that of the token `but`, and notify the person by e-mail.

    kept: the new password's hash. Codes sent before are void.
    """
    tx.accounts.replace(replace(row, password_hash=kept))
    sessions.end_all_in(tx, row.id, but)
    drop_codes(tx, row.id)
    facts = {"at": now_text(context)}
    enqueue(
        tx, context, to=person_of(context, row).email, template="password_changed", facts=facts, urgent=True
    )
    note(tx, context, actor=row.id, action="account.password_changed", subject=row.id, fields=("password",))


def drop_codes(tx: Transaction, account: str) -> None:
    """Delete all codes that were sent for the account."""
    for purpose in ("sign_in", "app", "reset", "email"):
        row = tx.codes.live(account, purpose)
        if row is not None:
            tx.codes.remove(row.id)


def now_text(context: ServiceContext) -> str:
    """The moment now, as people write it: ``24 November 2026 at 10:05``."""
    return moment_text(context.clock().astimezone(context.zone), context.words)
