"""References, which people read out on the telephone to ask about a submission.

A reference looks like ``RFS-7K3M-9XQ4-T``: the initials of the form, eight random characters, and a check character.
It opens nothing by itself; it only names.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Final

# No vowel and no Y, so that it spells no word; no character that is taken for another: 0 and O, 1, I and L, 2 and Z,
# 5 and S, 8 and B. There are 23 characters, a prime number, so that the check character detects every swap.
ALPHABET: Final = "2346789CDFGHJKMNPQRTVWX"

DRAWN: Final = 8
GROUP: Final = 4
LONGEST_PREFIX: Final = 4

# What is written where a character of the alphabet was meant: the other of the pair is never drawn.
_MEANT: Final = str.maketrans({"B": "8", "Z": "2"})
_BETWEEN: Final = re.compile(r"[\s./_\u2010-\u2015\u2212-]+")
_SHAPE: Final = re.compile(rf"([A-Z][A-Z0-9]{{0,{LONGEST_PREFIX - 1}}})-?([{ALPHABET}]{{{DRAWN + 1}}})")


def new_reference(form_id: str, choose: Callable[[str], str] = secrets.choice) -> str:
    """A new reference for what is sent with this form.

    There are 23^8 less those that are hard to read out: the caller must check that it is not taken.
    """
    prefix = prefix_of(form_id)
    drawn = _draw(choose)
    while _is_hard_to_read(drawn):
        drawn = _draw(choose)
    return "-".join((prefix, drawn[:GROUP], drawn[GROUP:], _check_sign(prefix, drawn)))


def prefix_of(form_id: str) -> str:
    """The initials of a form's id, at most four: ``request-for-support`` gives ``RFS``; one word gives its start."""
    words = [word for word in form_id.upper().split("-") if word]
    initials = "".join(word[0] for word in words) if len(words) > 1 else form_id[:3].upper()
    letters = initials.lstrip("0123456789") or "F"
    return letters[:LONGEST_PREFIX]


def normal_reference(typed: str) -> str | None:
    """The reference that somebody read out or typed, as it is stored; None where it cannot be one.

    Case, spaces, hyphens and points do not matter. A wrong character, or two that changed places, give None, so
    that nobody is shown what somebody else has sent.
    """
    text = _BETWEEN.sub("", typed).upper()
    body = text[-(DRAWN + 1) :].translate(_MEANT)
    found = _SHAPE.fullmatch(text[: -(DRAWN + 1)] + body)
    if found is None:
        return None
    prefix, drawn, check = found[1], found[2][:-1], found[2][-1]
    if _check_sign(prefix, drawn) != check:
        return None
    return "-".join((prefix, drawn[:GROUP], drawn[GROUP:], check))


def _draw(choose: Callable[[str], str]) -> str:
    return "".join(choose(ALPHABET) for _ in range(DRAWN))


def _is_hard_to_read(drawn: str) -> bool:
    """Whether three letters follow one another, which people read as a word, or one character occurs three times."""
    threes = [drawn[start : start + 3] for start in range(DRAWN - 2)]
    return any(three.isalpha() or len(set(three)) == 1 for three in threes)


def _check_sign(prefix: str, drawn: str) -> str:
    """The character that makes the weighted sum of all characters a multiple of 23.

    Each position has a weight of its own, and 23 is prime: one wrong character changes the sum, and so does any swap of
    two different characters. In the prefix, two letters 23 apart (A and X, B and Y, C and Z) count alike.
    """
    values = [ord(sign) for sign in prefix] + [ALPHABET.index(sign) for sign in drawn]
    # From the right, the check character's own weight being 1.
    total = sum(weight * value for weight, value in enumerate(reversed(values), start=2))
    return ALPHABET[-total % len(ALPHABET)]
