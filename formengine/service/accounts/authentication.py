"""Authentication: registering, signing in, forgotten passwords, and the codes that each of them requires.

An outsider learns nothing about addresses: whether or not one has an account, the same pages come with the same work
behind them. Registering an address that has an account sends that address another e-mail in place of a code; so does
a forgotten password for an address that has none: a decoy keeps the state that an account would have.

Each step gives the browser a new session. A session between two steps is at the stage "code_due"; its fact `for` is the
id of the account that the code is for, its fact `purpose` what the code opens. What a step has shown so far counts as
long as the account's credentials are what they were (`credentials`), and for half an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from formengine.language.words.moments import moment_text
from formengine.service.accounts.credentials import CredentialChange, change, hash_again, session_holds
from formengine.service.accounts.email_codes import (
    LASTS,
    LIVES,
    CodeRequest,
    CodeVerdict,
    EmailCodes,
    Issued,
    NotYet,
    Purpose,
)
from formengine.service.accounts.identity import (
    Person,
    address_index,
    app_secret,
    decoy_account,
    open_account,
    person_of,
    unconfirmed_account,
)
from formengine.service.accounts.known_browsers import NOBODY, Asker, KnownBrowsers
from formengine.service.accounts.lockout import TOLD_AT, Lockout
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.recovery_codes import RecoveryCodes
from formengine.service.accounts.sessions import ROLE, Sessions
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
# not_known: strangers have tried so often today that only known browsers may. too_many: attempts at an app's codes.
# used_up: no more codes are e-mailed today. taken: the address has an account. gone: nothing waits for a code in this
# session.
RefusalReason = Literal[
    "wrong", "wrong_code", "wait", "not_known", "too_many", "used_up", "burnt", "late", "gone", "taken"
]

UNCONFIRMED_FOR: Final = timedelta(hours=24)
# How long the password that was right, or the code for a new one, lets somebody go on.
STEP_WITHIN: Final = timedelta(minutes=30)
_NO_STEP: Final = {"for": "", "purpose": ""}
_STEPS: Final[Mapping[str, SignInStep]] = {
    "sign_in": "sign_in", "app": "app", "register": "register", "reset": "reset", "choose": "choose"
}  # fmt: skip
# Those to which somebody comes only after they have shown something.
_SHOWN_BEFORE: Final[frozenset[SignInStep | None]] = frozenset({"sign_in", "app", "choose"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was refused, and why. wait_s: how many seconds to wait, where that is the reason."""

    why: RefusalReason
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that was passed; the browser has a new session. step: the next step, None where the person is signed in.

    codes: recovery codes that were made with it, to be shown this once. known: the id of the account to which the
    browser is known from now on (`known_cookie`), "" for none.
    """

    token: str
    session: SessionRow
    step: SignInStep | None = None
    codes: tuple[str, ...] = ()
    known: str = ""


class _NoCodeError(Exception):
    """No attempts at a code can be begun now; raised to roll back the transaction."""


class Authentication:
    """Registers people and signs them in; shared by threads. Its methods are slow (Argon2): call them in a thread."""

    def __init__(
        self, context: ServiceContext, sessions: Sessions, limits: RateLimits, passwords: Passwords
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._passwords = passwords
        self._codes = EmailCodes(context, limits)
        self._tries = Lockout(context, limits)
        self._known = KnownBrowsers(context)
        self._apps = TotpCodes(context)
        self._recovery = RecoveryCodes(context)

    # --- steps without a code -------------------------------------------------------------------------------------

    def register(self, token: str, person: Person, password: str) -> Passed:
        """A session that waits for the e-mailed code, whether or not the address has an account.

        `password` has been judged by `passwords.problem_of`.
        """
        kept = self._passwords.hash(password)
        row = unconfirmed_account(self._context, person, kept, at=self._context.clock())
        point("register.before")
        with self._context.store.write() as tx:
            tx.accounts.add(row)
            passed = self._begin(tx, token, row, "register")
            point("accounts.begin.before_commit")
        point("accounts.begin.after_commit")
        return passed

    def sign_in(self, token: str, email: str, password: str, asker: Asker = NOBODY) -> Passed | Refused:
        """A session that waits for a code, e-mailed or the app's."""
        address = address_index(self._context, email)
        decoy = decoy_account(self._context, email, at=self._context.clock())
        with self._context.store.write() as tx:
            row = tx.accounts.by_email(address)
            browser = self._known.name(row or decoy, asker.cookie)
            tries_as = self._tries.browser(browser) if browser else self._tries.stranger(asker.network)
            wait_s = self._tries.admit(tx, address, tries_as)
            refused = not wait_s and not browser and not self._tries.strangers_may(tx, address)
        if wait_s:
            record("sign_in_locked", address=address)
            return Refused("wait", wait_s)
        if refused:
            return Refused("not_known")
        if not self._passwords.fits(password, row.password_hash if row is not None else None) or row is None:
            record("sign_in_failed", address=address)
            self._password_was_wrong(row or decoy, address)
            return Refused("wrong")
        anew = (
            self._passwords.hash(password)
            if self._passwords.outdated(row.password_hash)
            else row.password_hash
        )
        point("sign_in.password_right")
        return self._password_was_right(token, row, anew, browser, tries_as)

    def knows(self, email: str, asker: Asker) -> bool:
        """Whether the browser is known to the account of this address."""
        decoy = decoy_account(self._context, email, at=self._context.clock())
        with self._context.store.read() as tx:
            row = tx.accounts.by_email(address_index(self._context, email))
        return bool(self._known.name(row or decoy, asker.cookie))

    def known_cookie(self, account: str, asker: Asker) -> str | None:
        """The cookie by which a browser is known to the account; None without an open account."""
        with self._context.store.read() as tx:
            row = open_account(tx, account)
        return self._known.cookie(row, asker.cookie) if row is not None else None

    def forgotten(self, token: str, email: str, asker: Asker = NOBODY) -> Passed:
        """A session that waits for an e-mailed code, after which a new password may be chosen."""
        decoy = decoy_account(self._context, email, at=self._context.clock())
        with self._context.store.write() as tx:
            row = tx.accounts.by_email(address_index(self._context, email))
            if row is None and tx.accounts.get(decoy.id) is None:
                tx.accounts.add(decoy)
            else:
                # As much is written for an account.
                tx.accounts.replace(row or decoy)
            passed = self._begin(tx, token, row or decoy, "reset", asker)
            point("accounts.begin.before_commit")
        point("accounts.begin.after_commit")
        return passed

    def _begin(
        self,
        tx: Transaction,
        token: str,
        row: AccountRow,
        step: Literal["register", "reset"],
        asker: Asker = NOBODY,
    ) -> Passed:
        """A session that waits for the code sent to the account's address."""
        before = self._sessions.standing_for(tx, token)
        facts = {"for": row.id, "purpose": step}
        new_token, session = self._sessions.renew_in(tx, token, stage="code_due", facts=facts)
        request = self._request(row, step, session, self._known.name(row, asker.cookie))
        self._send_code(tx, row, request, before=before)
        note(tx, self._context, actor="visitor", action=f"account.{step}_begun", subject=row.id)
        return Passed(new_token, session, step)

    def _password_was_wrong(self, row: AccountRow, address: str) -> None:
        """Count it, and tell the owner of the address at the tenth of a day, whether or not there is an account."""
        with self._context.store.write() as tx:
            if not self._tries.was_wrong(tx, address):
                return
            template = "sign_in_trouble" if row.status == "open" else "no_account"
            self._send(tx, person_of(self._context, row).email, template, {"tries": str(TOLD_AT)})
            note(tx, self._context, actor="visitor", action="account.passwords_wrong", subject=row.id)

    def _password_was_right(
        self, token: str, row: AccountRow, anew: str, browser: str, tries_as: str
    ) -> Passed | Refused:
        step: Literal["sign_in", "app"] = "app" if row.totp is not None else "sign_in"
        try:
            with self._context.store.write() as tx:
                newest = tx.accounts.get(row.id)
                # Changed or closed while the password was being checked.
                if newest is None or newest.status != "open" or newest.password_hash != row.password_hash:
                    return Refused("wrong")
                if anew != newest.password_hash:
                    newest = hash_again(tx, self._context, newest, anew)
                self._tries.clear(tx, newest.email_index, tries_as)
                facts = {"for": row.id, "purpose": step}
                before = self._sessions.standing_for(tx, token)
                new_token, session = self._sessions.renew_in(
                    tx, token, account=row.id, stage="code_due", facts=facts
                )
                self._send_code_or_undo(
                    tx, newest, self._request(newest, step, session, browser), before=before
                )
                note(tx, self._context, actor="visitor", action="account.password_right", subject=row.id)
                point("sign_in.before_commit")
        except _NoCodeError:
            return Refused("too_many")
        point("sign_in.after_commit")
        return Passed(new_token, session, step)

    # --- codes ----------------------------------------------------------------------------------------------------

    def due(self, session: SessionRow | None) -> SignInStep | None:
        """What the session waits for, None where it waits for nothing, or for nothing that still counts."""
        if session is None or session.stage != "code_due":
            return None
        with self._context.store.read() as tx:
            return self._due_in(tx, session)

    def _due_in(self, tx: Transaction, session: SessionRow) -> SignInStep | None:
        step = _STEPS.get(session.facts.get("purpose", "")) if session.stage == "code_due" else None
        if step in _SHOWN_BEFORE and (
            self._context.clock() >= self._sessions.began_at(session) + STEP_WITHIN
            or not session_holds(tx, self._context, session)
        ):
            return None
        return step

    def enter_code(
        self,
        token: str,
        typed: str,
        *,
        browser: Mapping[str, str] | None = None,
        recovery: bool = False,
        asker: Asker = NOBODY,
    ) -> Passed | Refused:
        """What comes after the code: signed in, or the new password due.

        browser: the result of `browser_facts`, to be stored in the session. recovery: it is a recovery code, in place
        of an app's.
        """
        session = self._sessions.find(token)
        if session is None:
            return Refused("gone")
        with self._context.store.write() as tx:
            step = self._due_in(tx, session)
            if step is None or step == "choose" or (recovery and step != "app"):
                return Refused("gone")
            row = tx.accounts.get(session.facts["for"])
            if row is None or row.status == "closed":
                return Refused("gone")
            request = self._request(row, step, session, self._known.name(row, asker.cookie))
            verdict = self._verdict(tx, row, request, typed, recovery=recovery)
            point("code.tried")
            if verdict != "right":
                return Refused(verdict)
            if recovery:
                self._recovery_was_used(tx, row)
            passed = self._code_was_right(tx, token, row, request, browser or {})
            point("code.before_commit")
        point("code.after_commit")
        return passed

    def _verdict(
        self, tx: Transaction, row: AccountRow, request: CodeRequest, typed: str, *, recovery: bool
    ) -> CodeVerdict:
        if request.purpose != "app":
            return self._codes.enter(tx, request, typed)
        # Attempts at either count together: five, then the person signs in again.
        tried = self._codes.tried(tx, request)
        if recovery:
            return judged(self._recovery.verdict(tx, tried, row.id, typed), "recovery", row.id)
        return judged(
            self._apps.verdict(tx, tried, row.id, app_secret(self._context, row), typed), "app", row.id
        )

    def _recovery_was_used(self, tx: Transaction, row: AccountRow) -> None:
        facts = {"at": now_text(self._context), "left": str(self._recovery.left(tx, row.id))}
        self._send(tx, person_of(self._context, row).email, "recovery_used", facts)
        note(tx, self._context, actor=row.id, action="account.recovery_code_used", subject=row.id)

    def _code_was_right(
        self,
        tx: Transaction,
        token: str,
        row: AccountRow,
        request: CodeRequest,
        browser: Mapping[str, str],
    ) -> Passed | Refused:
        self._codes.entered_rightly(tx, request)
        if request.purpose == "reset":
            if row.status != "open":
                return Refused("wrong")
            facts = {"for": row.id, "purpose": "choose"}
            made = self._sessions.renew_in(tx, token, account=row.id, stage="code_due", facts=facts)
            # Who reads the owner's mail may also try the password, whatever strangers have tried.
            return Passed(*made, "choose", known=row.id)
        if request.purpose == "register":
            address = self._address(row)
            # The person has shown that the address is theirs, and may learn that it has an account since.
            if tx.accounts.by_email(address) is not None:
                return Refused("taken")
            tx.accounts.replace(replace(row, email_index=address, status="open"))
            note(tx, self._context, actor=row.id, action="account.confirmed", subject=row.id)
        return self._signed_in(tx, token, row, browser)

    def _signed_in(self, tx: Transaction, token: str, row: AccountRow, browser: Mapping[str, str]) -> Passed:
        # The role shows which pages are linked, and gives no right: those are looked up each time.
        facts = {**_NO_STEP, **browser, ROLE: row.role}
        made = self._sessions.renew_in(tx, token, account=row.id, stage="signed_in", facts=facts)
        note(tx, self._context, actor=row.id, action="account.signed_in", subject=row.id)
        return Passed(*made, known=row.id)

    def new_code(self, token: str, asker: Asker = NOBODY) -> Refused | None:
        """Send another code; None where it was sent, or looks so to an outsider, else why not."""
        session = self._sessions.find(token)
        if session is None:
            return Refused("gone")
        with self._context.store.write() as tx:
            step = self._due_in(tx, session)
            row = tx.accounts.get(session.facts.get("for", "")) if step is not None else None
            if row is None or row.status == "closed" or step is None or step == "choose" or step == "app":  # noqa: PLR1714 - narrows the type
                return Refused("gone")
            request = self._request(row, step, session, self._known.name(row, asker.cookie))
            sent = self._send_code(tx, row, request, again=True)
            point("new_code.before_commit")
        return refused_code(sent)

    def choose_password(
        self,
        token: str,
        password: str,
        *,
        browser: Mapping[str, str] | None = None,
        asker: Asker = NOBODY,
    ) -> Passed | Refused:
        """Signed in with the new password, or waiting for the app's code; every other session has ended.

        `password` has been judged by `passwords.problem_of`. browser: as for `enter_code`.
        """
        session = self._sessions.find(token)
        if session is None or self.due(session) != "choose":
            return Refused("gone")
        kept = self._passwords.hash(password)
        try:
            with self._context.store.write() as tx:
                row = tx.accounts.get(session.facts["for"])
                # Something else may have changed while the password was being hashed.
                if row is None or row.status != "open" or self._due_in(tx, session) != "choose":
                    return Refused("gone")
                known = self._known.name(row, asker.cookie)
                now = set_password(tx, self._context, row, kept, "password_reset")
                self._tries.clear_all(tx, row.email_index)
                passed = self._password_was_chosen(tx, token, now, browser or {}, known)
                point("reset.before_commit")
        except _NoCodeError:
            return Refused("too_many")
        point("reset.after_commit")
        return passed

    def _password_was_chosen(
        self, tx: Transaction, token: str, row: AccountRow, browser: Mapping[str, str], known: str
    ) -> Passed:
        """Signed in; first the app's code, where there is one: access to somebody's e-mail is not their telephone."""
        if row.totp is None:
            return self._signed_in(tx, token, row, browser)
        facts = {"for": row.id, "purpose": "app"}
        made = self._sessions.renew_in(tx, token, account=row.id, stage="code_due", facts=facts)
        self._send_code_or_undo(tx, row, self._request(row, "app", made[1], known), before="")
        return Passed(*made, "app", known=row.id)

    def known_to(self, session: SessionRow) -> Person:
        """The person whose new password is due, for judging it; an empty `Person` where none is."""
        with self._context.store.read() as tx:
            due = self._due_in(tx, session) == "choose"
            row = tx.accounts.get(session.facts["for"]) if due else None
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

    def _request(self, row: AccountRow, purpose: Purpose, session: SessionRow, browser: str) -> CodeRequest:
        return CodeRequest(
            owner=row.id,
            purpose=purpose,
            session=session.token_hash,
            address=self._address(row),
            account=row,
            browser=browser,
        )

    def _send_code_or_undo(
        self, tx: Transaction, row: AccountRow, request: CodeRequest, *, before: str
    ) -> None:
        if isinstance(self._send_code(tx, row, request, before=before), NotYet):
            raise _NoCodeError

    def _send_code(
        self,
        tx: Transaction,
        row: AccountRow,
        request: CodeRequest,
        *,
        before: str = "",
        again: bool = False,
    ) -> Issued | NotYet:
        """Make and e-mail a code, or e-mail its address something in place of it; `NotYet` where it is too early."""
        issued = self._codes.issue(tx, request, before=before, again=again)
        step = request.purpose
        if step == "app" or isinstance(issued, NotYet) or not issued.code:
            return issued
        if step == "register" and tx.accounts.by_email(request.address) is not None:
            self._send(tx, person_of(self._context, row).email, "already_registered", {})
        elif step == "reset" and row.status != "open":
            self._send(tx, person_of(self._context, row).email, "no_account", {})
        else:
            send_code(tx, self._context, person_of(self._context, row).email, step, issued)
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


def send_code(tx: Transaction, context: ServiceContext, to: str, purpose: Purpose, issued: Issued) -> None:
    """Put a code that was made into the outbox."""
    template = "code" if purpose == "sign_in" else f"code_{purpose}"
    facts = {"code": issued.code, "minutes": str(LIVES.seconds // 60)}
    if issued.lasting:
        until = (context.clock() + LASTS).astimezone(context.zone)
        groups = [issued.code[at : at + 4] for at in range(0, len(issued.code), 4)]
        template = "code_lasting"
        facts = {"code": "-".join(groups), "until": moment_text(until, context.words), "purpose": purpose}
    good_for = LASTS if issued.lasting else LIVES
    enqueue(tx, context, to=to, template=template, facts=facts, urgent=True, good_for=good_for)


def refused_code(sent: Issued | NotYet) -> Refused | None:
    """Why somebody who asked for another code was not sent one; None where they were."""
    if isinstance(sent, NotYet):
        return Refused("wait", sent.wait_s)
    return None if sent.code else Refused("used_up")


def set_password(
    tx: Transaction,
    context: ServiceContext,
    row: AccountRow,
    kept: str,
    what: CredentialChange,
    *,
    here: str = "",
) -> AccountRow:
    """Replace the account's password and notify the person by e-mail; returns the account as stored.

    kept: the new password's hash. here: as for `credentials.change`.
    """
    now = change(tx, context, row, what, replace(row, password_hash=kept), here=here)
    facts = {"at": now_text(context)}
    enqueue(
        tx, context, to=person_of(context, row).email, template="password_changed", facts=facts, urgent=True
    )
    note(tx, context, actor=row.id, action="account.password_changed", subject=row.id, fields=("password",))
    return now


def now_text(context: ServiceContext) -> str:
    """The moment now, as people write it: ``24 November 2026 at 10:05``."""
    return moment_text(context.clock().astimezone(context.zone), context.words)
