"""Numbers as people write them, read without ever guessing what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from formengine.language.fields.base import FieldSettings, Problem, Rule, TypedReading
from formengine.language.fields.single_line import plain_figures

# Every integer up to here is exact in JSON, JavaScript and IEEE double precision.
LARGEST = 10**15
MAX_DECIMAL_PLACES = 6
# Thousands are in threes behind commas or spaces, or not at all: "1,50" could be one and a half, so it is
# not read.
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:[ \u00a0\u2009\u202f][0-9]{3})+)|[0-9]*)"
    r"(?:\.(?P<fraction>[0-9]*))?"
)

_POINT_OF_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")


def number_reading(
    settings: FieldSettings, *, places: int, largest: int, limit_of_thousands: int
) -> TypedReading:
    """How the browser reads a number of at most `places` decimal places.

    `largest` is its greatest size, in units of the last place. Where it may have fewer places than
    `limit_of_thousands`, a point may be one of thousands.
    """
    unit = settings.limit("unit", "")
    return {
        "by": "number",
        "written": _NUMBER.pattern.replace("(?P<", "(?<"),
        "thousands": _POINT_OF_THOUSANDS.pattern if places < limit_of_thousands else None,
        "places": places,
        "largest": largest,
        # Ends are compared without regard to case, but as many characters are cut off as the author wrote.
        "unit": unit.casefold(),
        "unit_length": len(unit),
    }


def read_decimal(text: str) -> Decimal | None:
    """The number that `text` writes out, such as ``1,000``, ``-3`` or ``2.50``; None when it is no number."""
    found = _NUMBER.fullmatch(plain_figures(text).replace("- ", "-").strip())
    if not found or not (found["whole"] or found["fraction"]):
        return None
    whole = re.sub("[^0-9]", "", found["whole"]) or "0"
    return Decimal(f"{found['sign']}{whole}.{found['fraction'] or '0'}")


def with_thousands(text: str) -> str | None:
    """Return ``1,500`` for ``1.500``, in which the point may stand between thousands; None where it cannot.

    Much of Europe writes thousands so. Who means a thousand times more than we store must be asked.
    """
    plain = plain_figures(text).replace("- ", "-").strip()
    return plain.replace(".", ",") if _POINT_OF_THOUSANDS.fullmatch(plain) else None


def places_of(number: Decimal) -> int:
    """How many decimal places `number` needs; 0 for a whole number."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def written(number: Decimal) -> str:
    """`number` with thousands behind commas, such as ``-1,234.5``."""
    return f"{number:,f}"


def limit_of(settings: FieldSettings, key: str) -> Decimal | None:
    """The author's `minimum` or `maximum` exactly as written; None when there is none."""
    limit = settings.limit(key)
    return None if limit is None else Decimal(str(limit))


def limit_rules(
    settings: FieldSettings, *, stored: Callable[[Decimal], int | float], shown: Callable[[Decimal], str]
) -> tuple[Rule, ...]:
    """The rules of `minimum` and `maximum`: `stored` returns a limit as a value, `shown` as text for messages."""
    rules = []
    for key in ("minimum", "maximum"):
        limit = limit_of(settings, key)
        if limit is not None:
            rules.append(Rule(Problem(key, {key: shown(limit)}), {key: stored(limit)}))
    return tuple(rules)
