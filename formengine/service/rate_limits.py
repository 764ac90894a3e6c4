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
    "sign_in_account",
    "wrong_password",
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
    "session_ip",
    "start_session",
    "start_account",
    "start_ip",
    "save_draft",
    "link_session",
    "link_ip",
    "file_bytes_owner",
    "file_bytes_ip",
    "case_addition",
]

_MINUTE = 60
_HOUR = 3600
_DAY = 86400

# At most so many times within so many seconds; several lines hold at once.
LIMITS: Final[dict[LimitKind, tuple[tuple[int, int], ...]]] = {
    "sign_in_ip": ((30, _MINUTE),),  # past it, the captcha, unless the browser is known
    "sign_in_all": ((1000, _HOUR),),  # past it the service is under attack: an alarm, never a refusal
    "sign_in_account": ((100, _DAY),),  # of all browsers that are not known; see accounts.lockout
    "wrong_password": ((100, _DAY),),  # counted, to tell the owner; nothing is refused
    "sign_up_ip": ((10, _HOUR),),  # past it, the captcha
    "human_code_ip": ((20, _HOUR),),
    "forgotten_ip": ((20, _HOUR),),  # past it, the captcha
    "code": ((5, _HOUR), (10, _DAY)),  # past it, one code that lasts a day; see accounts.email_codes
    "draft_save": ((60, _MINUTE),),
    "upload": ((30, _HOUR),),
    "submit_account": ((20, _HOUR),),  # past it, the captcha
    "submit_ip": ((200, _HOUR),),  # past it, the captcha
    "address_search": ((60, _MINUTE),),
    "read_pdf": ((20, _HOUR),),  # past it, the captcha
    "link_word": ((5, _HOUR), (10, _DAY)),  # words tried at an e-mailed link, from one network
    "link_word_all": ((20, _DAY),),  # and from everywhere
    "session_ip": ((600, _HOUR), (5_000, _DAY)),  # past it, a page to look at begins none
    "start_session": ((20, _HOUR),),  # past it, the captcha for each
    "start_account": ((60, _HOUR),),  # past it, the captcha for each
    "start_ip": ((300, _HOUR), (1_000, _DAY)),  # past it, the captcha for each
    "save_draft": ((5_000, _DAY),),
    "link_session": ((10, _HOUR),),  # past it, the captcha for each
    "link_ip": ((60, _HOUR), (300, _DAY)),  # past it, the captcha for each
    "file_bytes_owner": ((500_000_000, _DAY),),  # past it, the form goes on without the file
    "file_bytes_ip": ((5_000_000_000, _DAY),),  # past it, the form goes on without the file
    "case_addition": ((10, _HOUR), (30, _DAY)),
}

# What each limit is on, whom it is counted for, and what happens past it: `docs/budgets.md` prints it.
DESCRIBED: Final[dict[LimitKind, tuple[str, str, str]]] = {
    "sign_in_ip": ("passwords tried", "address", "the captcha, for each, unless the browser is known"),
    "sign_in_all": ("passwords tried", "service", "the log says so; nobody is refused"),
    "sign_in_account": (
        "passwords tried in browsers that the account does not know",
        "account",
        "a known browser, or choosing a new password by a code",
    ),
    "wrong_password": ("wrong passwords", "account", "its owner is told by e-mail; nobody is refused"),
    "sign_up_ip": ("accounts registered", "address", "the captcha, for each"),
    "human_code_ip": ("codes e-mailed in place of the captcha's puzzle", "address", "the page says to wait"),
    "forgotten_ip": (
        "passwords said to be forgotten",
        "address",
        "the captcha, for each, unless the browser is known",
    ),
    "code": ("codes or links of one kind", "e-mail address and browser", "one code that lasts a day"),
    "draft_save": ("saves while typing", "session", "typing is saved a little later"),
    "upload": ("files uploaded", "draft", "the form goes on without the file"),
    "submit_account": ("forms sent", "account", "the captcha, once a form"),
    "submit_ip": ("forms sent", "address", "the captcha, once a form"),
    "address_search": ("addresses looked up", "session", "the page says to wait"),
    "read_pdf": ("PDFs read, to continue from", "address", "the captcha, for each"),
    "session_ip": ("sessions begun", "address", "a page that is only looked at begins none"),
    "start_session": ("forms begun", "session", "the captcha, for each"),
    "start_account": ("forms begun", "account", "the captcha, for each"),
    "start_ip": ("forms begun", "address", "the captcha, for each"),
    "save_draft": (
        "changes saved",
        "draft",
        "the page says to wait, and keeps what was typed; sending goes on",
    ),
    "link_session": ("links e-mailed, to come back by", "session", "the captcha, for each"),
    "link_ip": ("links e-mailed, to come back by", "address", "the captcha, for each"),
    "file_bytes_owner": (
        "bytes of files",
        "account, or session without one",
        "the form goes on without the file",
    ),
    "file_bytes_ip": ("bytes of files", "address", "the form goes on without the file"),
    "case_addition": (
        "texts added to a form that was sent, without a question that waits",
        "form sent",
        "the page says to wait, and keeps what was typed",
    ),
    "link_word": ("words tried at an e-mailed link", "address", "the page says to wait"),
    "link_word_all": ("words tried at an e-mailed link", "link", "the page says to wait"),
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

    def allow_each(self, *uses: tuple[LimitKind, str], amount: int = 1) -> bool:
        """Count one use under each of these limits, or `amount` of them; whether it is allowed under all."""
        with self._context.store.write() as tx:
            allowed = [self.allow_in(tx, kind, subject, amount) for kind, subject in uses]
        return all(allowed)

    def allow_in(self, tx: Transaction, kind: LimitKind, subject: str, amount: int = 1) -> bool:
        """As `allow`, inside the caller's transaction, for `amount` uses at once."""
        allowed = all(count <= most for count, most in self._counted(tx, kind, subject, amount))
        if not allowed:
            record("limit_reached", limit=kind)
        return allowed

    def count_in(self, tx: Transaction, kind: LimitKind, subject: str) -> int:
        """Count one use; returns how often it was counted in the first of its windows."""
        return self._counted(tx, kind, subject, 1)[0][0]

    def _counted(self, tx: Transaction, kind: LimitKind, subject: str, amount: int) -> list[tuple[int, int]]:
        """Count uses in all of the windows; for each the count and the limit."""
        now = self._context.clock()
        key = self._key(kind, subject)
        fresh_starts = tx.counters.peek(f"{key}:anew", now, _DAY)
        return [
            (tx.counters.count(f"{key}:{fresh_starts}", now, window_s, amount), most)
            for most, window_s in LIMITS[kind]
        ]

    def begin_anew(self, tx: Transaction, kind: LimitKind, subject: str) -> None:
        """Reset the count: the person has shown who they are."""
        tx.counters.count(f"{self._key(kind, subject)}:anew", self._context.clock(), _DAY)

    def _key(self, kind: LimitKind, subject: str) -> str:
        """The counter's name; the subject may be an address, so it is a keyed hash."""
        return f"{kind}:{self._context.keys.index('limit', network(subject))}"
