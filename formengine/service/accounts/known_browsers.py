"""Known browsers: those in which somebody has signed in before, by a cookie of their own (OWASP's device cookies).

Wrong passwords that strangers try slow strangers. A browser that is known has a count of its own, so that nobody else
can keep its owner out. The cookie holds a random name and a keyed hash over it and the account's stamp: nothing is
stored here, and it ends with the credentials as everything else does (`credentials`).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from formengine.service.accounts.credentials import stamp_of
from formengine.service.context import ServiceContext
from formengine.service.ids import new_id
from formengine.store.rows import AccountRow

KNOWN_FOR: Final = timedelta(days=180)
# A browser that several people use, such as a family's.
_MOST_ACCOUNTS: Final = 3
_BETWEEN_ENTRIES: Final = "."
_BETWEEN_PARTS: Final = "-"
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for something without having signed in yet.

    network: the client's IP address, "" where it is not known. cookie: what its cookie for known browsers holds.
    """

    network: str = ""
    cookie: str = ""


NOBODY: Final = Asker()


class KnownBrowsers:
    """Makes the cookie by which a browser is known, and reads it."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def cookie(self, row: AccountRow, before: str) -> str:
        """The cookie of a browser in which this account has signed in. before: the one it has, "" for none."""
        stamp = stamp_of(self._context, row, "known_browser")
        others = [entry for entry in _entries(before) if not self._name(entry, stamp)]
        name, day = new_id(), str(self._today())
        entry = _BETWEEN_PARTS.join((name, day, self._proof(stamp, name, day)))
        return _BETWEEN_ENTRIES.join([entry, *others][:_MOST_ACCOUNTS])

    def name(self, row: AccountRow, cookie: str) -> str:
        """The name of the browser with this cookie, "" where it is not known for the account."""
        stamp = stamp_of(self._context, row, "known_browser")
        return next((name for entry in _entries(cookie) if (name := self._name(entry, stamp))), "")

    def _name(self, entry: str, stamp: str) -> str:
        name, _, rest = entry.partition(_BETWEEN_PARTS)
        day, _, proof = rest.partition(_BETWEEN_PARTS)
        if not hmac.compare_digest(proof.encode(), self._proof(stamp, name, day).encode()):
            return ""
        # Made here, so it is a number.
        return name if self._today() < int(day) + KNOWN_FOR.days else ""

    def _proof(self, stamp: str, name: str, day: str) -> str:
        return self._context.keys.index("known_browser", f"{stamp} {name} {day}")[:32]

    def _today(self) -> int:
        return int(self._context.clock().timestamp()) // 86400


def _entries(cookie: str) -> list[str]:
    if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
        return []
    return cookie.split(_BETWEEN_ENTRIES)[:_MOST_ACCOUNTS]
