"""Patterns over days as text: which are real, and which lie before or after a bound.

JSON Schema has no order of dates, and validators differ over ``format: date`` (by default both of Python's
let 31 February pass). Fixed-width ISO text (``2026-09-01``) sorts like the dates themselves, so a bound is a
pattern too. The patterns are not anchored, hold no look-around and mean the same to Python, Rust and
JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

_YEAR = "(?:[1-9][0-9]{3}|0(?:[1-9][0-9]{2}|0(?:[1-9][0-9]|0[1-9])))"
# Divisible by 4 and not by 100, or by 400; 0000 is no year.
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_MONTH = "(?:0[1-9]|1[0-2])"
_DAY_OF_MONTH = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)

YEAR = _YEAR  # 0001 to 9999
MONTH = f"{_YEAR}-{_MONTH}"  # 2026-10
DAY = f"(?:{_YEAR}-{_DAY_OF_MONTH}|{_LEAP_YEAR}-02-29)"  # every real day of the years 1 to 9999


def on_or_before(day: date) -> str:
    """A pattern for the ISO texts up to and with `day`; use it beside `DAY`: it knows no real days."""
    return up_to(day.isoformat())


def on_or_after(day: date) -> str:
    """A pattern for the ISO texts from `day` on; use it beside `DAY`: it knows no real days."""
    return from_on(day.isoformat())


def up_to(bound: str) -> str:
    """A pattern for the texts as wide as `bound` (``2026-09-01``, ``2026-09``, ``2026``) up to it."""
    return _bounded(bound, lambda digit: ("0", chr(ord(digit) - 1)) if digit > "0" else None)


def from_on(bound: str) -> str:
    """A pattern for the texts as wide as `bound` (``2026-09-01``, ``2026-09``, ``2026``) from it on."""
    return _bounded(bound, lambda digit: (chr(ord(digit) + 1), "9") if digit < "9" else None)


def _bounded(bound: str, past: Callable[[str], tuple[str, str] | None]) -> str:
    """The bound itself, or any text that first leaves it at some digit for one of the digits `past` it."""
    branches = [bound]
    for place, digit in enumerate(bound):
        further = None if digit == "-" else past(digit)
        if further:
            low, high = further
            digits = low if low == high else f"[{low}-{high}]"
            rest = "".join("-" if character == "-" else "[0-9]" for character in bound[place + 1 :])
            branches.append(bound[:place] + digits + rest.replace("[0-9][0-9][0-9]", "[0-9]{3}"))
    return f"(?:{'|'.join(branches)})"
