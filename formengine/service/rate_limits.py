"""Rate limits, counted in the store, so that all processes agree.

A limit slows people down or demands the captcha. None of them refuses a submission: schools and hospitals
share one address.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final, Literal

from formengine.service.context import ServiceContext
from formengine.service.security_events import record
from formengine.store.protocol import Transaction

LimitKind = Literal[
    "sign_in_ip",
    "sign_in_all",
    "sign_up_ip",
    "human_code_ip",
    "forgotten_ip",
    "code",
    "draft_save",
    "upload",
    "submit_account",
    "submit_ip",
    "address_search",
    "read_pdf",
    "link_word",
    "link_word_all",
]

_MINUTE = 60
_HOUR = 3600
_DAY = 86400

# At most so many times within so many seconds; several lines hold at once.
LIMITS: Final[dict[LimitKind, tuple[tuple[int, int], ...]]] = {
    "sign_in_ip": ((30, _MINUTE),),
    "sign_in_all": ((1000, _HOUR),),  # past it the service is under attack: an alarm, never a refusal
    "sign_up_ip": ((10, _HOUR),),  # past it, the captcha
    "human_code_ip": ((20, _HOUR),),
    "forgotten_ip": ((20, _HOUR),),
    "code": ((5, _HOUR), (10, _DAY)),
    "draft_save": ((60, _MINUTE),),
    "upload": ((30, _HOUR),),
    "submit_account": ((20, _HOUR),),  # past it, the captcha
    "submit_ip": ((200, _HOUR),),  # past it, the captcha
    "address_search": ((60, _MINUTE),),
    "read_pdf": ((20, _HOUR),),  # past it, the captcha
    "link_word": ((5, _HOUR), (10, _DAY)),  # words tried at an e-mailed link, from one network
    "link_word_all": ((20, _DAY),),  # and from everywhere
}


def network(address: str) -> str:
    """The part of an IP address that counts: of IPv6 the first 64 bits, which one household or school has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


class RateLimits:
    """The limits of `LIMITS`, counted."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def allow(self, kind: LimitKind, subject: str) -> bool:
        """Count one use; whether it is allowed. subject: an account, a session, an address, a draft."""
        with self._context.store.write() as tx:
            return self.allow_in(tx, kind, subject)

    def allow_in(self, tx: Transaction, kind: LimitKind, subject: str) -> bool:
        """As `allow`, inside the caller's transaction."""
        now = self._context.clock()
        key = self._key(kind, subject)
        fresh_starts = tx.counters.peek(f"{key}:anew", now, _DAY)
        counts = [
            tx.counters.count(f"{key}:{fresh_starts}", now, window_s) <= most
            for most, window_s in LIMITS[kind]
        ]
        if not all(counts):
            record("limit_reached", limit=kind)
        return all(counts)

    def begin_anew(self, tx: Transaction, kind: LimitKind, subject: str) -> None:
        """Reset the count: the person has shown who they are."""
        tx.counters.count(f"{self._key(kind, subject)}:anew", self._context.clock(), _DAY)

    def _key(self, kind: LimitKind, subject: str) -> str:
        """The counter's name; the subject may be an address, so it is a keyed hash."""
        return f"{kind}:{self._context.keys.index('limit', network(subject))}"
