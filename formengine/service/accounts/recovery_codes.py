"""Recovery codes: ten in place of an authenticator app's, for people without the telephone at hand. Each is valid once.

They are shown when they are made and never again. The store has keyed hashes, as of codes that are e-mailed: a code has
54 bits, and whoever has the key to try them can read the app's secret as well.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from formengine.service.accounts.email_codes import TRIES, CodeVerdict
from formengine.service.context import ServiceContext
from formengine.service.references import ALPHABET
from formengine.store.protocol import Transaction
from formengine.store.rows import CodeRow

CODES: Final = 10
_GROUPS: Final = 3
_GROUP: Final = 4
_SHAPE: Final = re.compile(rf"[{ALPHABET}]{{{_GROUPS * _GROUP}}}")


class RecoveryCodes:
    """Makes recovery codes and judges them, inside the caller's transaction."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def make(self, tx: Transaction, account: str) -> tuple[str, ...]:
        """New codes such as ``7K3M-9XQ4-TPWD``; earlier ones are void."""
        codes = tuple(_drawn() for _ in range(CODES))
        tx.accounts.set_recovery_codes(account, [self._hash(account, code) for code in codes])
        return codes

    def verdict(self, tx: Transaction, tried: CodeRow | CodeVerdict, account: str, typed: str) -> CodeVerdict:
        """The verdict on an attempt that was counted (`EmailCodes.tried`)."""
        if not isinstance(tried, CodeRow):
            return tried
        if self.spend(tx, account, typed):
            tx.codes.remove(tried.id)
            return "right"
        return "burnt" if tried.attempts >= TRIES else "wrong"

    def spend(self, tx: Transaction, account: str, typed: str) -> bool:
        """Whether this is one of the account's codes, which is used up. Case, spaces and hyphens do not matter."""
        code = normal_code(typed)
        return code is not None and tx.accounts.spend_recovery_code(account, self._hash(account, code))

    def left(self, tx: Transaction, account: str) -> int:
        """How many codes are still valid."""
        return tx.accounts.recovery_codes_left(account)

    def _hash(self, account: str, code: str) -> str:
        return self._context.keys.index("recovery", f"{account} {normal_code(code)}")


def normal_code(typed: str) -> str | None:
    """The code without spaces and hyphens, in capitals; None where it cannot be one."""
    code = re.sub(r"[\s\u2010-\u2015-]+", "", typed).upper()
    return code if _SHAPE.fullmatch(code) else None


def _drawn() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
