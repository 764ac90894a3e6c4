"""The word that an e-mailed link asks for: chosen by the person, and in no e-mail.

Somebody who reads the mailbox, such as a partner at home, has the link and not the word. A code to the same address
would be no second secret against them. How often a word may be tried is limited (`RateLimits`, "link_word"): for each
network, and for each link in all, so that a word that is not among the thousand most common ones holds for the four
weeks that a draft is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final, Literal

WordProblem = Literal["no_word", "short_word", "long_word", "common_word"]

SHORTEST: Final = 6
LONGEST: Final = 100
_MOST_COMMON: Final = 1000
# A word of so few different characters is guessed at once.
_DIFFERENT: Final = 3


def normal_word(typed: str) -> str:
    """The word as it is compared: small letters and digits alone, whatever stands between them."""
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(each for each in folded if each.isalnum())


def problem_of_word(typed: str, email: str) -> WordProblem | None:
    """Why a word is not good enough, None where it is. email: where the link goes, which its reader knows."""
    word = normal_word(typed)
    checks: dict[WordProblem, Callable[[], bool]] = {
        "no_word": lambda: not word,
        "short_word": lambda: len(word) < SHORTEST,
        "long_word": lambda: len(word) > LONGEST,
        "common_word": lambda: word in _common() or len(set(word)) < _DIFFERENT or word in normal_word(email),
    }
    return next((problem for problem, holds in checks.items() if holds()), None)


@cache
def _common() -> frozenset[str]:
    """The passwords that people choose most."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    return frozenset(normal_word(word) for word in FREQUENCY_LISTS["passwords"][:_MOST_COMMON])
