"""How long to wait after wrong passwords: never for good, and the same whether or not an address has an account.

Each who tries is counted by themselves: a browser that is known to the account, the networks of all others, and people
who are signed in and enter their password again. Five attempts are free, then they are 1, 2, 4 … seconds apart, 15
minutes at most. An attempt is counted before the password is checked, so that many at once count as many. A right one,
or a day without an attempt, resets the count. So whoever tries another's password makes themselves wait, and nobody
else.

Besides, all browsers that are not known share 100 attempts a day at one account: from as many networks as somebody has,
its password is not to be guessed. Past them the password is not looked at; a known browser and the way by an e-mailed
code (`Authentication.forgotten`) stay as they are, and a right code makes a browser known.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from formengine.service.context import ServiceContext
from formengine.service.ids import new_id
from formengine.service.rate_limits import RateLimits, network
from formengine.store.protocol import Transaction
from formengine.store.rows import CodeRow

FREE: Final = 5
LONGEST_WAIT_S: Final = 900
# The wrong password of a day that its owner is told of.
TOLD_AT: Final = 10
_FORGOTTEN_AFTER: Final = timedelta(days=1)
# Attempts at a password are stored as attempts at a code are: in a row of the same table, without a code.
_PURPOSE: Final = "password"


class Lockout:
    """Counts attempts at an address's password.

    address: the blind index of the e-mail address. asker: who tries, as `browser`, `stranger` or `SIGNED_IN` has it.
    """

    SIGNED_IN: Final = "signed in"

    def __init__(self, context: ServiceContext, limits: RateLimits) -> None:
        self._context = context
        self._limits = limits

    def browser(self, name: str) -> str:
        """A known browser, as one who tries."""
        return f"browser {name}"

    def stranger(self, client: str) -> str:
        """A browser that is not known, as one who tries: by its network. client: an IP address, "" for none."""
        return f"network {self._context.keys.index('limit', network(client))[:32]}"

    def admit(self, tx: Transaction, address: str, asker: str) -> int:
        """In how many seconds this one may try a password; 0: now, and this attempt is counted."""
        now = self._context.clock()
        row = tx.codes.live(address, _PURPOSE, asker)
        if row is not None and now < row.ends_at:
            return math.ceil((row.ends_at - now).total_seconds())
        recent = row is not None and now < row.created_at + _FORGOTTEN_AFTER
        tries = 1 + (row.attempts if row is not None and recent else 0)
        tx.codes.put(
            CodeRow(
                id=new_id(),
                owner=address,
                purpose=_PURPOSE,
                code_hash="",
                bound_to=asker,
                attempts=tries,
                created_at=now,
                ends_at=now + timedelta(seconds=wait_s(tries)),
            )
        )
        return 0

    def strangers_may(self, tx: Transaction, address: str) -> bool:
        """Count an attempt of a browser that is not known; whether there are any left today."""
        return self._limits.allow_in(tx, "sign_in_account", address)

    def was_wrong(self, tx: Transaction, address: str) -> bool:
        """Count a wrong password of anybody's; whether it is the one of today that the owner is told of."""
        return self._limits.count_in(tx, "wrong_password", address) == TOLD_AT

    def clear(self, tx: Transaction, address: str, asker: str) -> None:
        """Reset the count of one who has shown that they know the password."""
        row = tx.codes.live(address, _PURPOSE, asker)
        if row is not None:
            tx.codes.remove(row.id)

    def clear_all(self, tx: Transaction, address: str) -> None:
        """Reset all counts: there is a new password, of which nothing was tried yet."""
        for row in tx.codes.of_owner(address):
            if row.purpose == _PURPOSE:
                tx.codes.remove(row.id)
        self._limits.begin_anew(tx, "sign_in_account", address)
        self._limits.begin_anew(tx, "wrong_password", address)


def wait_s(tries: int) -> int:
    """How many seconds to wait after so many wrong attempts."""
    return min(2 ** min(tries - FREE, 10), LONGEST_WAIT_S) if tries >= FREE else 0
