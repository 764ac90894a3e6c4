"""How long to wait after wrong passwords: never for good, and the same whether or not an address has an account.

Five attempts are free, then they are 1, 2, 4 … seconds apart, 15 minutes at most. An attempt is counted before the
password is checked, so that many at once count as many. A right one, or a day without an attempt, resets the count.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from formengine.service.context import ServiceContext
from formengine.service.ids import new_id
from formengine.store.protocol import Transaction
from formengine.store.rows import CodeRow

FREE: Final = 5
LONGEST_WAIT_S: Final = 900
_FORGOTTEN_AFTER: Final = timedelta(days=1)
# Attempts at a password are stored as attempts at a code are: in a row of the same table, without a code.
_PURPOSE: Final = "password"


class Lockout:
    """Counts attempts at an address's password. `address` is the blind index of the e-mail address."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def admit(self, tx: Transaction, address: str) -> tuple[int, int]:
        """In how many seconds a password may be tried, and the attempts so far; 0: now, and this one is counted."""
        now = self._context.clock()
        row = tx.codes.live(address, _PURPOSE)
        if row is not None and now < row.ends_at:
            return math.ceil((row.ends_at - now).total_seconds()), row.attempts
        recent = row is not None and now < row.created_at + _FORGOTTEN_AFTER
        tries = 1 + (row.attempts if row is not None and recent else 0)
        tx.codes.put(
            CodeRow(
                id=new_id(),
                owner=address,
                purpose=_PURPOSE,
                code_hash="",
                bound_to="",
                attempts=tries,
                created_at=now,
                ends_at=now + timedelta(seconds=wait_s(tries)),
            )
        )
        return 0, tries

    def clear(self, tx: Transaction, address: str) -> None:
        """Reset the count: the person has shown that they know the password, or that the address is theirs."""
        row = tx.codes.live(address, _PURPOSE)
        if row is not None:
            tx.codes.remove(row.id)


def wait_s(tries: int) -> int:
    """How many seconds to wait after so many wrong attempts."""
    return min(2 ** min(tries - FREE, 10), LONGEST_WAIT_S) if tries >= FREE else 0
