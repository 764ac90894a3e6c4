"""Codes of six digits that are e-mailed, and the attempts at them.

A code lives for 10 minutes and belongs to the session that asked for it: whoever else asks gets a code of their own,
and no request of theirs voids, moves or uses up another's. It is void after five attempts, and stored as a keyed hash.
Attempts are counted in the store before they are compared, so that a hundred at once count as a hundred. In one browser
a new code comes 60 seconds after the last at the earliest, and voids that.

Five codes an hour and ten a day go to an e-mail address, counted from zero again after each that was entered correctly.
Then one more e-mail goes there, with a *lasting code*: of sixteen digits, good for a day, in every session that waits
for a code sent to this address. Nobody guesses it, so that no attempts void it. So a stranger can neither fill
somebody's mailbox nor keep them from getting a code. A browser that is known to an account has its own count.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from formengine.service.accounts.credentials import holds, right_of_code, stamp_of
from formengine.service.context import ServiceContext
from formengine.service.ids import new_id
from formengine.service.rate_limits import RateLimits
from formengine.service.security_events import judged
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, CodeRow

# What a code is for. "app": the attempts at an authenticator app's code; that code is never stored.
Purpose = Literal["sign_in", "register", "reset", "email", "human", "app"]
# The result of an attempt. "gone": there is no live code for this session, or it does not count any more.
CodeVerdict = Literal["right", "wrong", "burnt", "late", "gone"]

LIVES: Final = timedelta(minutes=10)
LASTS: Final = timedelta(hours=24)
TRIES: Final = 5
APART: Final = timedelta(seconds=60)
DIGITS: Final = 6
LASTING_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent. code: "" where nothing is to be sent, since a code was that is still valid.

    lasting: it is the day's last.
    """

    code: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class NotYet:
    """No new code now. wait_s: in how many seconds; 0: too many attempts were begun."""

    wait_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """Whom a code is for, and where it may be entered.

    owner: the id of the account, or another id. session: the hash of the session that waits for the code. address: the
    blind index of where it is sent. account: the account that it gives access to, None for none. browser: the name of
    the known browser that asks, "" for one that is not known.
    """

    owner: str
    purpose: Purpose
    session: str
    address: str
    account: AccountRow | None = None
    browser: str = ""

    @property
    def counted(self) -> str:
        """What the limits count."""
        return f"{self.purpose} {self.browser or self.address}"


class EmailCodes:
    """Makes codes and judges attempts at them, inside the caller's transaction."""

    def __init__(self, context: ServiceContext, limits: RateLimits) -> None:
        self._context = context
        self._limits = limits

    def issue(
        self, tx: Transaction, request: CodeRequest, *, before: str = "", again: bool = False
    ) -> Issued | NotYet:
        """A new code for the session of the request.

        before: the hash of the session that this browser had until now. A code that was sent to it less than a minute
        ago moves to the new session with its attempts; any other of it is void. again: the person asks for another one,
        in the session that has one. Returns `NotYet` where it is too early for that, or, of attempts at an app's code,
        where there were too many.
        """
        now = self._context.clock()
        last = tx.codes.live(request.owner, request.purpose, request.session if again else before)
        if last is not None and not self._holds(request, last):
            tx.codes.remove(last.id)
            last = None
        if last is not None and now < last.created_at + APART:
            if again:
                return NotYet(math.ceil((last.created_at + APART - now).total_seconds()))
            if last.attempts < TRIES:
                self._move(tx, last, request)
                return Issued("")
        if self._limits.allow_in(tx, "code", request.counted):
            code = _digits(DIGITS)
            if last is not None:
                tx.codes.remove(last.id)
            self._put(tx, request, code)
            return Issued(code)
        if request.purpose == "app":
            return NotYet()
        if last is not None and last.attempts < TRIES and now < last.ends_at:
            # Others may have asked so often: what this browser was sent stays good.
            self._move(tx, last, request)
        else:
            # Without a code of its own the session takes the lasting one, and answers to guesses as any other.
            self._put(tx, request, "")
        return self._lasting(tx, request)

    def _move(self, tx: Transaction, row: CodeRow, request: CodeRequest) -> None:
        """Let the code be entered in the session of the request, and nowhere else, with the attempts that it has."""
        tx.codes.remove(row.id)
        tx.codes.put(replace(row, bound_to=request.session))

    def _lasting(self, tx: Transaction, request: CodeRequest) -> Issued:
        """The day's last code for the address; none where it was sent and is still good."""
        now = self._context.clock()
        last = self._lasting_row(tx, request)
        if last is not None and now < last.ends_at:
            return Issued("")
        row_id, code = new_id(), _digits(LASTING_DIGITS)
        row = CodeRow(
            id=row_id,
            owner=request.address,
            purpose=_lasting(request.purpose),
            code_hash=self._hash(row_id, code),
            bound_to="",
            attempts=0,
            created_at=now,
            ends_at=now + LASTS,
            stamp=self._lasting_stamp(request),
        )
        tx.codes.put(row)
        return Issued(code, lasting=True)

    def _put(self, tx: Transaction, request: CodeRequest, code: str) -> None:
        now, row_id = self._context.clock(), new_id()
        row = CodeRow(
            id=row_id,
            owner=request.owner,
            purpose=request.purpose,
            code_hash=self._hash(row_id, code) if code else "",
            bound_to=request.session,
            attempts=0,
            created_at=now,
            ends_at=now + LIVES,
            stamp=self._stamp(request),
        )
        tx.codes.put(row)

    def enter(self, tx: Transaction, request: CodeRequest, typed: str) -> CodeVerdict:
        """The verdict on an attempt at the session's code; a right one is used up. Spaces and hyphens do not matter."""
        return judged(self._entered(tx, request, typed), request.purpose, request.owner)

    def _entered(self, tx: Transaction, request: CodeRequest, typed: str) -> CodeVerdict:
        row = self._own(tx, request)
        if row is None:
            return "gone"
        tried = self._tried(tx, row)
        code = re.sub(r"[\s\u2010-\u2015-]+", "", typed)
        if len(code) == LASTING_DIGITS and self._spend_lasting(tx, request, code):
            tx.codes.remove(row.id)
            return "right"
        if not isinstance(tried, CodeRow):
            return tried
        if row.code_hash and hmac.compare_digest(self._hash(row.id, code), row.code_hash):
            tx.codes.remove(row.id)
            return "right"
        return "burnt" if tried.attempts >= TRIES else "wrong"

    def tried(self, tx: Transaction, request: CodeRequest) -> CodeRow | CodeVerdict:
        """Count an attempt; returns the live row to compare with, or the verdict where no attempt can succeed."""
        row = self._own(tx, request)
        return self._tried(tx, row) if row is not None else "gone"

    def entered_rightly(self, tx: Transaction, request: CodeRequest) -> None:
        """Reset the counts of codes that were sent to this address, and to this browser."""
        self._limits.begin_anew(tx, "code", request.counted)
        self._limits.begin_anew(tx, "code", f"{request.purpose} {request.address}")

    def _tried(self, tx: Transaction, row: CodeRow) -> CodeRow | CodeVerdict:
        attempts = tx.codes.count_attempt(row.id)
        if attempts > TRIES:
            return "burnt"
        if self._context.clock() >= row.ends_at:
            return "late"
        return replace(row, attempts=attempts)

    def _own(self, tx: Transaction, request: CodeRequest) -> CodeRow | None:
        """The row of the session, None where it has none that counts."""
        row = tx.codes.live(request.owner, request.purpose, request.session)
        return row if row is not None and self._holds(request, row) else None

    def _spend_lasting(self, tx: Transaction, request: CodeRequest, code: str) -> bool:
        row = self._lasting_row(tx, request)
        if row is None or self._context.clock() >= row.ends_at:
            return False
        if not hmac.compare_digest(self._hash(row.id, code), row.code_hash):
            return False
        tx.codes.remove(row.id)
        return True

    def _lasting_row(self, tx: Transaction, request: CodeRequest) -> CodeRow | None:
        row = tx.codes.live(request.address, _lasting(request.purpose), "")
        if row is None or not hmac.compare_digest(row.stamp, self._lasting_stamp(request)):
            return None
        return row

    def _holds(self, request: CodeRequest, row: CodeRow) -> bool:
        right = right_of_code(request.purpose)
        return right is None or holds(self._context, request.account, right, row.stamp)

    def _stamp(self, request: CodeRequest) -> str:
        right = right_of_code(request.purpose)
        if right is None or request.account is None:
            return ""
        return stamp_of(self._context, request.account, right)

    def _lasting_stamp(self, request: CodeRequest) -> str:
        # Several accounts may ask for one new address. What it shows is whose mailbox it is; the session's own row is
        # bound to the account.
        return "" if request.purpose == "email" else self._stamp(request)

    def _hash(self, row_id: str, code: str) -> str:
        return self._context.keys.index("code", f"{row_id} {code}")


def _lasting(purpose: Purpose) -> str:
    """What the store calls the purpose of a lasting code."""
    return f"{purpose}.lasting"


def _digits(number: int) -> str:
    return f"{secrets.randbelow(10**number):0{number}}"
