"""What people do with their own accounts once they are signed in.

Whatever could shut them out, or keep somebody else in, requires the password again and is reported to them by e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from formengine.service.accounts.authentication import (
    Passed,
    Refused,
    now_text,
    refused_code,
    send_code,
    set_password,
)
from formengine.service.accounts.credentials import change, stamp_of
from formengine.service.accounts.email_codes import LIVES, CodeRequest, EmailCodes, NotYet
from formengine.service.accounts.identity import (
    address_index,
    closed_account,
    open_account,
    person_of,
    with_app,
    with_person,
)
from formengine.service.accounts.lockout import Lockout
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.recovery_codes import RecoveryCodes
from formengine.service.accounts.sessions import Sessions, token_hash
from formengine.service.accounts.totp import TotpCodes, secret_of
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.mail.outbox import enqueue
from formengine.service.rate_limits import RateLimits
from formengine.service.row_seals import changing
from formengine.service.security_events import record
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, SessionRow

# What a person may change of their details without being asked for anything.
DETAILS: Final = ("first_name", "last_name", "job_title", "organisation", "phone", "address")
# Where the code for signing in comes from.
Second = Literal["email", "app"]


class Profile:
    """Reads and changes the account that is signed in; shared by threads. Call it in a thread where it changes."""

    def __init__(
        self, context: ServiceContext, sessions: Sessions, limits: RateLimits, passwords: Passwords
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._passwords = passwords
        self._codes = EmailCodes(context, limits)
        self._tries = Lockout(context, limits)
        self._apps = TotpCodes(context)
        self._recovery = RecoveryCodes(context)

    def second(self, account: str) -> Second:
        """Where the codes for signing in come from."""
        with self._context.store.read() as tx:
            row = open_account(tx, account)
        return "app" if row is not None and row.totp is not None else "email"

    def change_details(self, account: str, details: Mapping[str, str]) -> None:
        """Store these details, by name; raises ValueError for a name that is not in `DETAILS`."""
        with self._context.store.write() as tx:
            row = open_account(tx, account)
            if row is None:
                return
            person = person_of(self._context, row)
            changed = {name: text for name, text in details.items() if getattr(person, name) != text}
            if set(changed) - set(DETAILS):
                raise ValueError("these are not details")
            tx.accounts.replace(with_person(self._context, row, replace(person, **changed)))
            self._note(tx, account, "account.details_changed", *sorted(changed))
            point("details.before_commit")
        point("details.after_commit")

    def change_password(self, token: str, account: str, current: str, new: str) -> Passed | Refused:
        """Change the password; signed in again, here alone. `new` has been judged by `passwords.problem_of`."""
        checked = self._checked(account, current)
        if isinstance(checked, Refused):
            return checked
        kept = self._passwords.hash(new)
        with self._context.store.write() as tx:
            row = _unchanged(tx, checked)
            if row is None:
                return Refused("gone")
            set_password(tx, self._context, row, kept, "password_changed", here=token_hash(token))
            self._tries.clear_all(tx, row.email_index)
            passed = self._renewed(tx, token, account)
            point("change_password.before_commit")
        point("change_password.after_commit")
        return passed

    # --- another e-mail address -----------------------------------------------------------------------------------

    def begin_email(self, session: SessionRow, account: str, password: str, email: str) -> Refused | None:
        """Send a code to the new address; None where it was sent, or looks so to an outsider, else why not.

        An address that has an account is sent another e-mail in place of a code.
        """
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            row = _unchanged(tx, checked)
            if row is None:
                return Refused("gone")
            person = replace(person_of(self._context, row), new_email=email.strip())
            waits = with_person(self._context, row, person)
            tx.accounts.replace(waits)
            # A code that went to another address shows nothing of this one, whatever session waits for it.
            for last in tx.codes.of_owner(account):
                if last.purpose == "email":
                    tx.codes.remove(last.id)
            return self._send_email_code(tx, waits, session, again=False)

    def new_email_code(self, session: SessionRow, account: str) -> Refused | None:
        """Send another code; None where it was sent, else why not."""
        with self._context.store.write() as tx:
            row = open_account(tx, account)
            if row is None or not person_of(self._context, row).new_email:
                return Refused("gone")
            return self._send_email_code(tx, row, session, again=True)

    def confirm_email(self, token: str, session: SessionRow, account: str, typed: str) -> Passed | Refused:
        """Change the address, where the code is right; signed in again, here alone."""
        with self._context.store.write() as tx:
            row = open_account(tx, account)
            if row is None:
                return Refused("gone")
            request = self._email_request(row, session)
            verdict = self._codes.enter(tx, request, typed)
            if verdict != "right":
                return Refused(verdict)
            person = person_of(self._context, row)
            if tx.accounts.by_email(request.address) is not None:
                return Refused("taken")
            changed = with_person(self._context, row, replace(person, email=person.new_email, new_email=""))
            moved = replace(changed, email_index=request.address)
            change(tx, self._context, row, "address_changed", moved, here=token_hash(token))
            self._codes.entered_rightly(tx, request)
            self._tell(tx, person.email, "email_changed")
            self._note(tx, account, "account.email_changed", "email")
            passed = self._renewed(tx, token, account)
            point("change_email.before_commit")
        point("change_email.after_commit")
        return passed

    def _email_request(self, row: AccountRow, session: SessionRow) -> CodeRequest:
        return CodeRequest(
            owner=row.id,
            purpose="email",
            session=session.token_hash,
            address=address_index(self._context, person_of(self._context, row).new_email),
            account=row,
        )

    def _send_email_code(
        self, tx: Transaction, row: AccountRow, session: SessionRow, *, again: bool
    ) -> Refused | None:
        request = self._email_request(row, session)
        issued = self._codes.issue(tx, request, again=again)
        if isinstance(issued, NotYet) or (again and not issued.code):
            return refused_code(issued)
        email = person_of(self._context, row).new_email
        if issued.code and tx.accounts.by_email(request.address) is not None:
            enqueue(
                tx, self._context, to=email, template="address_taken", facts={}, urgent=True, good_for=LIVES
            )
        elif issued.code:
            send_code(tx, self._context, email, "email", issued)
        return None

    # --- an authenticator app -------------------------------------------------------------------------------------

    def begin_app(self, token: str, account: str) -> str:
        """The secret for the app to read; it counts once a code of the app was entered. "" without an open account.

        token: of the session in which the app is switched on. Nothing is stored before: a session always gets the
        same secret, until the account's credentials are changed.
        """
        with self._context.store.read() as tx:
            row = open_account(tx, account)
            return self._new_app(tx, token, row) if row is not None else ""

    def _new_app(self, tx: Transaction, token: str, row: AccountRow) -> str:
        bound_to, session = f"{row.id} {token_hash(token)}", tx.sessions.get(token_hash(token))
        # The stamp of a session of before there were stamps is empty.
        if session is None or session.stamp:
            bound_to += f" {stamp_of(self._context, row, 'app_begun')}"
        # Earlier versions stored the secret as soon as it was shown.
        kept = person_of(self._context, row).new_app if row.credentials_changed == 0 else ""
        return kept or secret_of(self._context.keys.index("accounts.new_app", bound_to))

    def confirm_app(
        self, token: str, account: str, password: str, typed: str, *, end_others: bool = False
    ) -> Passed | Refused:
        """Signed in again, with recovery codes; from now on the app's code is required in place of an e-mailed one.

        end_others: all other sessions of the account end.
        """
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            row = _unchanged(tx, checked)
            if row is None:
                return Refused("gone")
            person = person_of(self._context, row)
            secret = self._new_app(tx, token, row)
            if not self._apps.fits(tx, account, secret, typed):
                return Refused("wrong_code")
            confirmed = with_app(
                self._context, with_person(self._context, row, replace(person, new_app="")), secret
            )
            change(tx, self._context, row, "app_on", confirmed, here=token_hash(token))
            codes = self._recovery.make(tx, account)
            self._tell(tx, person.email, "app_on")
            self._note(tx, account, "account.app_on", "totp")
            return replace(self._renewed(tx, token, account, end_others=end_others), codes=codes)

    def recovery_codes_left(self, account: str) -> int:
        """How many recovery codes are still valid."""
        with self._context.store.read() as tx:
            return self._recovery.left(tx, account)

    def new_recovery_codes(
        self, token: str, account: str, password: str, *, end_others: bool = False
    ) -> Passed | Refused:
        """Signed in again, with new recovery codes in place of the earlier ones; the person is notified by e-mail.

        end_others: as for `confirm_app`.
        """
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            row = _unchanged(tx, checked)
            if row is None or row.totp is None:
                return Refused("gone")
            change(tx, self._context, row, "recovery_codes_made", here=token_hash(token))
            codes = self._recovery.make(tx, account)
            self._tell(tx, person_of(self._context, row).email, "recovery_new")
            self._note(tx, account, "account.recovery_codes_made", "recovery_codes")
            passed = replace(self._renewed(tx, token, account, end_others=end_others), codes=codes)
            point("recovery.before_commit")
        point("recovery.after_commit")
        return passed

    def stop_app(
        self, token: str, account: str, password: str, *, end_others: bool = False
    ) -> Passed | Refused:
        """Signed in again; from now on codes are e-mailed. end_others: as for `confirm_app`."""
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            row = _unchanged(tx, checked)
            if row is None:
                return Refused("gone")
            stop_app_in(tx, self._context, row, here=token_hash(token))
            self._note(tx, account, "account.app_off", "totp")
            return self._renewed(tx, token, account, end_others=end_others)

    # --- sessions, and the end ------------------------------------------------------------------------------------

    def sessions(self, account: str) -> list[tuple[str, SessionRow]]:
        """Where the account is signed in now, the newest first, each with the name by which `end_session` knows it."""
        return [(self._name(row), row) for row in self._sessions.of_account(account)]

    def end_session(self, account: str, password: str, name: str, *, but: str) -> Refused | None:
        """End the session of this name, where there is one; None, or why the password does not open the account.

        but: the hash of the caller's own, which stays.
        """
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            for row in tx.sessions.of_account(account):
                if self._name(row) == name and row.token_hash != but:
                    tx.sessions.remove(row.token_hash)
                    self._note(tx, account, "account.session_ended")
        return None

    def _name(self, row: SessionRow) -> str:
        # The store's own name for a session appears on no page.
        return self._context.keys.index("session", row.token_hash)[:16]

    def end_others(self, token: str, account: str, password: str) -> Passed | Refused:
        """End all other sessions of the account, and what was begun in them; signed in again, here alone."""
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            if _unchanged(tx, checked) is None:
                return Refused("gone")
            return self._renewed(tx, token, account, end_others=True)

    def _renewed(self, tx: Transaction, token: str, account: str, *, end_others: bool = False) -> Passed:
        """Signed in again, for as long as before."""
        if end_others:
            self._sessions.end_others_in(tx, account, token)
        return Passed(*self._sessions.renew_in(tx, token, account=account, stage="signed_in"), known=account)

    def open_drafts(self, account: str) -> int:
        """How many forms the person has begun and not sent."""
        with self._context.store.read() as tx:
            return len(tx.drafts.of_account(account))

    def close(self, account: str, password: str) -> Refused | None:
        """Close the account; None where it is closed, else why not.

        Its details, its drafts and their files are destroyed, all sessions have ended, and its address is free. What
        was sent stays.
        """
        checked = self._checked(account, password)
        if isinstance(checked, Refused):
            return checked
        with self._context.store.write() as tx:
            if _unchanged(tx, checked) is None:
                return Refused("gone")
            close_account(tx, self._context, account, actor=account)
            point("close.before_commit")
        point("close.after_commit")
        return None

    def _checked(self, account: str, password: str) -> AccountRow | Refused:
        """The open account whose password this is, or why it is not opened again by it.

        Attempts are counted apart from those of people who are not signed in, who cannot keep its owner from this.
        """
        with self._context.store.write() as tx:
            row = open_account(tx, account)
            wait_s = self._tries.admit(tx, row.email_index, Lockout.SIGNED_IN) if row is not None else 0
        if wait_s:
            return Refused("wait", wait_s)
        if not self._passwords.fits(password, row.password_hash if row is not None else None) or row is None:
            record("password_wrong", account=account)
            return Refused("wrong")
        with self._context.store.write() as tx:
            self._tries.clear(tx, row.email_index, Lockout.SIGNED_IN)
        return row

    def _tell(self, tx: Transaction, to: str, template: str) -> None:
        enqueue(
            tx, self._context, to=to, template=template, facts={"at": now_text(self._context)}, urgent=True
        )

    def _note(self, tx: Transaction, account: str, action: str, *fields: str) -> None:
        note(tx, self._context, actor=account, action=action, subject=account, fields=fields)


def _unchanged(tx: Transaction, checked: AccountRow) -> AccountRow | None:
    """The account as it is stored, None where its credentials were changed since its password was checked."""
    row = open_account(tx, checked.id)
    same = row is not None and row.credentials_changed == checked.credentials_changed
    return row if same else None


def close_account(tx: Transaction, context: ServiceContext, account: str, *, actor: str) -> bool:
    """Close an account; whether there was an open one."""
    row = open_account(tx, account)
    if row is None:
        return False
    facts = {"at": now_text(context)}
    enqueue(tx, context, to=person_of(context, row).email, template="account_closed", facts=facts)
    for draft in tx.drafts.of_account(account):
        tx.files.remove_of_draft(draft.id)
        with changing(tx, context.keys, draft.id):
            tx.drafts.close(draft.id, "cancelled")
        note(tx, context, actor=actor, action="draft.cancelled", subject=draft.id)
    tx.accounts.set_recovery_codes(account, ())
    change(tx, context, row, "account_closed", closed_account(row))
    note(tx, context, actor=actor, action="account.closed", subject=account)
    return True


def stop_app_in(tx: Transaction, context: ServiceContext, row: AccountRow, *, here: str = "") -> None:
    """Have the account's codes sent by e-mail, delete its recovery codes and notify its owner.

    here: as for `credentials.change`.
    """
    change(tx, context, row, "app_off", with_app(context, row, ""), here=here)
    tx.accounts.set_recovery_codes(row.id, ())
    facts = {"at": now_text(context)}
    enqueue(tx, context, to=person_of(context, row).email, template="app_off", facts=facts, urgent=True)
