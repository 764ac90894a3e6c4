"""Codes of an authenticator app (TOTP, RFC 6238), each valid once."""

from __future__ import annotations

import base64
import hmac
import re
from datetime import timedelta
from typing import Final

import pyotp

from formengine.service.accounts.email_codes import TRIES, CodeVerdict
from formengine.service.context import ServiceContext
from formengine.store.protocol import Transaction
from formengine.store.rows import CodeRow

_STEP_S: Final = 30
_SECRET_BYTES: Final = 20
# One step before and one after: telephones' clocks differ, and people take a while to type.
_STEPS: Final = (0, -1, 1)


class TotpCodes:
    """Judges what an authenticator app shows."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def verdict(
        self, tx: Transaction, tried: CodeRow | CodeVerdict, account: str, secret: str, typed: str
    ) -> CodeVerdict:
        """The verdict on an attempt that was counted (`EmailCodes.tried`)."""
        if not isinstance(tried, CodeRow):
            return tried
        if secret and self.fits(tx, account, secret, typed):
            tx.codes.remove(tried.id)
            return "right"
        return "burnt" if tried.attempts >= TRIES else "wrong"

    def fits(self, tx: Transaction, account: str, secret: str, typed: str) -> bool:
        """Whether the app shows this code now and it was not used before; a right code is used up."""
        code = re.sub(r"[\s\u2010-\u2015-]+", "", typed)
        now = self._context.clock()
        app = pyotp.TOTP(secret, interval=_STEP_S)
        for step in _STEPS:
            if hmac.compare_digest(app.at(now, counter_offset=step).encode(), code.encode()):
                at = app.timecode(now) + step
                return tx.counters.spend(f"app:{account}:{at}", now + timedelta(minutes=5))
        return False


def secret_of(hashed: str) -> str:
    """A secret for an app, 160 bits in base 32, of the beginning of a keyed hash in hex."""
    return base64.b32encode(bytes.fromhex(hashed)[:_SECRET_BYTES]).decode()


def app_address(secret: str, email: str, issuer: str) -> str:
    """What the app reads from a QR code: ``otpauth://…``."""
    return pyotp.TOTP(secret, interval=_STEP_S).provisioning_uri(name=email, issuer_name=issuer)
