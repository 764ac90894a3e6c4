"""Passwords: which are good enough, and how they are stored.

At least 12 characters, no rules of composition and no forced change (NIST SP 800-63B, OWASP ASVS 5.0 V6.2). What is
typed is what counts: no trimming and no Unicode normalisation. Stored as Argon2id with the parameters that RFC 9106
recommends where memory is dear (64 MiB, 3 passes, 4 lanes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from threading import BoundedSemaphore
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

PasswordProblem = Literal["too_short", "too_long", "common", "repeated", "context"]

SHORTEST: Final = 12
# Argon2 takes any length; a limit keeps a request from being work. In bytes of UTF-8.
LONGEST_BYTES: Final = 1024
# Each hash takes 64 MiB for a tenth of a second.
_AT_ONCE: Final = 4

# Words that everybody who works here thinks of first.
_CONTEXT: Final = (
    "formengine",
    "council",
    "kent",
    "safeguarding",
    "safeguard",
    "children",
    "childrens",
    "child",
    "portal",
    "referral",
    "support",
    "social",
    "worker",
    "school",
    "password",
    "welcome",
    "admin",
)
# What must be left of a password without those words, the person's own name and address.
_LEFT: Final = 6
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)


# A hash of a password that nobody has, with the parameters of today, which a test holds it to.
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$ui34iG0u3xyxWeFIIsNfoQ$oBFn8I98244h7dIoO0hLdM66zbWre1TdllXW/zs3A0M"
)


class Passwords:
    """Judges passwords, makes hashes of them and checks them; shared by threads, four at work at a time.

    hasher: Argon2id's parameters; tests take cheap ones.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = BoundedSemaphore(_AT_ONCE)
        # What a password is compared with where there is no account, so that the work is the same.
        self._nobody = _NOBODYS if hasher is None else self.hash("")

    def hash(self, password: str) -> str:
        """The Argon2id hash to store for a password, in PHC format."""
        with self._slots:
            return self._hasher.hash(_bytes(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is the password of the hash `kept`; False for None, after the same work."""
        with self._slots:
            try:
                self._hasher.verify(kept if kept is not None else self._nobody, _bytes(password))
            except VerifyMismatchError:
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's, so that it should be replaced."""
        return self._hasher.check_needs_rehash(kept)


def problem_of(password: str, about: Iterable[str] = ()) -> PasswordProblem | None:
    """Why a password is not good enough, None where it is.

    about: texts the person is known by, such as the name and the e-mail address.
    """
    if len(password) < SHORTEST:
        return "too_short"
    if len(_bytes(password)) > LONGEST_BYTES:
        return "too_long"
    folded = password.casefold()
    if _repeats(folded) or _runs(folded):
        return "repeated"
    if _is_common(folded):
        return "common"
    return "context" if _is_context(folded, about) else None


def _repeats(folded: str) -> bool:
    """Whether it is one short piece repeated, or has four different characters at most."""
    signs = len(set(folded))
    return signs <= 4 or any(
        folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, len(folded) // 2 + 1)
    )


def _runs(folded: str) -> bool:
    """Whether it walks along the alphabet or the keyboard for most of its length."""
    rows = [walk for row in _ROWS for walk in (row, row[::-1])]
    covered = 0
    at = 0
    while at < len(folded):
        size = max(_walk(folded, at, row) for row in rows)
        covered += size if size >= 4 else 0
        at += max(size, 1) if size >= 4 else 1
    return len(folded) - covered < _LEFT


def _walk(text: str, at: int, row: str) -> int:
    """How many characters from `at` on are neighbours in `row`."""
    size = 1
    while at + size < len(text) and text[at : at + size + 1] in row:
        size += 1
    return size


def _is_common(folded: str) -> bool:
    """Whether it, or what is left without digits and symbols at its ends, is on the lists of common passwords."""
    stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    plain = stem.translate(str.maketrans("013457@$!", "oleastasi"))
    return any(each in _common() for each in (folded, stem, plain))


def _is_context(folded: str, about: Iterable[str]) -> bool:
    """Whether hardly anything is left of it without the service's words and the person's own."""
    own = [word for text in about for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 3]
    left = folded
    for word in sorted({*_CONTEXT, *own}, key=len, reverse=True):
        left = left.replace(word, "")
    left = re.sub(r"[\W\d_]+", "", left)
    return len(left) < _LEFT and left != re.sub(r"[\W\d_]+", "", folded)


@cache
def _common() -> frozenset[str]:
    """The passwords and words people choose most, from zxcvbn's lists."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words)


def _bytes(password: str) -> bytes:
    # A browser can post half of a surrogate pair; it is part of the password like any other character.
    return password.encode("utf-8", "surrogatepass")
