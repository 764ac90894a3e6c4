"""Codes of six digits that are e-mailed, and the attempts at them.

A code lives for 10 minutes, one per owner and purpose; it is void after five attempts, stored as a keyed hash, and
valid in the session alone that asked for it. Attempts are counted in the store before they are compared, so that a
hundred at once count as a hundred. A new code comes 60 seconds after the last at the earliest; 5 an hour and 10 a day
per e-mail address, counted from zero again after each code that was entered correctly.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from formengine.service.context import ServiceContext
from formengine.service.ids import new_id
from formengine.service.rate_limits import RateLimits
from formengine.service.security_events import judged
from formengine.store.protocol import Transaction
from formengine.store.rows import CodeRow

# What a code is for. "app": the attempts at an authenticator app's code; that code is never stored.
Purpose = Literal["sign_in", "register", "reset", "email", "human", "app"]
# The result of an attempt. "gone": there is no live code for this session, or it has expired, or it is void.
CodeVerdict = Literal["right", "wrong", "burnt", "late", "gone"]

LIVES: Final = timedelta(minutes=10)
TRIES: Final = 5
APART: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent. code: "" where the one sent a moment ago is still valid, so that nothing is to be sent."""

    code: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """No new code now. wait_s: in how many seconds; 0: too many were sent to this address."""

    wait_s: int = 0


class EmailCodes:
    """Makes codes and judges attempts at them, inside the caller's transaction."""

    def __init__(self, context: ServiceContext, limits: RateLimits) -> None:
        self._context = context
        self._limits = limits

    def issue(
        self,
        tx: Transaction,
        *,
        owner: str,
        purpose: Purpose,
        session: str,
        address: str,
        again: bool = False,
    ) -> Issued | NotYet:
        """A new code in place of the owner's last one.

        session: the hash of the session in which it may be entered. address: the blind index of where it is sent,
        which the limits count. again: the person asks for another one; otherwise one that was sent less than a minute
        ago moves to the new session with its attempts. Returns `NotYet` where the limits refuse.
        """
        now = self._context.clock()
        last = tx.codes.live(owner, purpose)
        if last is not None and now < last.created_at + APART:
            if again:
                return NotYet(math.ceil((last.created_at + APART - now).total_seconds()))
            if last.attempts < TRIES:
                tx.codes.put(replace(last, bound_to=session))
                return Issued("")
        if not self._limits.allow_in(tx, "code", f"{purpose} {address}"):
            return NotYet()
        row_id, code = new_id(), f"{secrets.randbelow(10**6):06}"
        tx.codes.put(
            CodeRow(
                id=row_id,
                owner=owner,
                purpose=purpose,
                code_hash=self._hash(row_id, code),
                bound_to=session,
                attempts=0,
                created_at=now,
                ends_at=now + LIVES,
            )
        )
        return Issued(code)

    def enter(
        self, tx: Transaction, *, owner: str, purpose: Purpose, session: str, typed: str
    ) -> CodeVerdict:
        """The verdict on an attempt at the owner's code; a right code is used up. Spaces and hyphens do not matter."""
        row = self.tried(tx, owner=owner, purpose=purpose, session=session)
        if not isinstance(row, CodeRow):
            return judged(row, purpose, owner)
        code = re.sub(r"[\s\u2010-\u2015-]+", "", typed)
        if hmac.compare_digest(self._hash(row.id, code), row.code_hash):
            tx.codes.remove(row.id)
            return "right"
        return judged("burnt" if row.attempts >= TRIES else "wrong", purpose, owner)

    def tried(self, tx: Transaction, *, owner: str, purpose: Purpose, session: str) -> CodeRow | CodeVerdict:
        """Count an attempt; returns the live row to compare with, or the verdict where no attempt can succeed."""
        row = tx.codes.live(owner, purpose)
        # Another session can never be right, and must not use up the attempts of the one that asked.
        if row is None or row.bound_to != session:
            return "gone"
        attempts = tx.codes.count_attempt(row.id)
        if attempts > TRIES:
            return "burnt"
        if self._context.clock() >= row.ends_at:
            return "late"
        return replace(row, attempts=attempts)

    def entered_rightly(self, tx: Transaction, *, purpose: Purpose, address: str) -> None:
        """Reset the count of codes sent to this address."""
        self._limits.begin_anew(tx, "code", f"{purpose} {address}")

    def _hash(self, row_id: str, code: str) -> str:
        return self._context.keys.index("code", f"{row_id} {code}")
