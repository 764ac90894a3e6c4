"""An amount in pounds and pence; stored as whole pence, so that nothing is ever rounded."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TypeGuard

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Posted,
    Problem,
    Rule,
    Schema,
    TypedReading,
    shown,
)
from formengine.language.fields.numbers import (
    LARGEST,
    limit_of,
    limit_rules,
    number_reading,
    places_of,
    read_decimal,
    with_thousands,
)
from formengine.language.fields.single_line import one_line
from formengine.language.json_types import Json

PENCE = 100
SCHEMA: Schema = {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST}


_SIGNS = ("£", "GBP")  # each is left out once, wherever it stands


def _in_pounds(pence: int) -> str:
    """``£1,234.50``; whole pounds without pence."""
    pounds, rest = divmod(int(abs(pence)), PENCE)
    sign = "-" if pence < 0 else ""
    return f"{sign}£{pounds:,}" + (f".{rest:02}" if rest else "")


def _pence(pounds: Decimal) -> int:
    return int(pounds * PENCE)


def _read(typed: str) -> int | Problem:
    amount = typed
    for sign in _SIGNS:
        amount = amount.replace(sign, "", 1)
    amount = amount.strip()
    number = read_decimal(amount)
    if number is None:
        return Problem("not_an_amount")
    thousands = with_thousands(amount)
    if thousands is not None:
        return Problem("unclear_point", {"typed": amount, "thousands": thousands})
    if places_of(number) > 2:
        return Problem("part_of_a_penny")
    if abs(number * PENCE) > LARGEST:
        return Problem("too_large", {"largest": _in_pounds(LARGEST)})
    return _pence(number)


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    typed = one_line(posted.text())
    if not typed:
        return Decoded()
    read = _read(typed)
    return Decoded(typed, read) if isinstance(read, Problem) else Decoded(read)


def _is_pence(value: Json) -> TypeGuard[int]:
    # JSON has one kind of number: 100.0 is the same as 100, and valid.
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool)


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    # The pound sign stands before the box.
    return {"": (_in_pounds(value).replace("£", "") if _is_pence(value) else str(value),)}


def _reading(settings: FieldSettings) -> TypedReading:
    number = number_reading(settings, places=2, largest=LARGEST, limit_of_thousands=3)
    return {**number, "signs": list(_SIGNS), "in_last_place": True}


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    return limit_rules(settings, stored=_pence, shown=lambda pounds: _in_pounds(_pence(pounds)))


def _unreadable(value: Json, _: FieldSettings) -> Problem:
    if isinstance(value, str):
        read = _read(one_line(value))
        if isinstance(read, Problem):
            return read
    return Problem("not_an_amount")


def _control(_: FieldSettings) -> Control:
    return Control(
        "input",
        {"input_type": "text", "inputmode": "decimal", "prefix": "£", "spellcheck": False, "width": 10},
    )


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(_in_pounds(value) if _is_pence(value) else str(value))


def _sample(settings: FieldSettings, random: Random) -> int:
    least, most = limit_of(settings, "minimum"), limit_of(settings, "maximum")
    low = _pence(least) if least is not None else min(0, _pence(most) if most is not None else 0)
    high = _pence(most) if most is not None else low + 100_000
    return random.randint(low, high)


MONEY = FieldType(
    name="money",
    doc="An amount in pounds, such as £1,234.50. Stored in pence; limits and conditions are in pounds.",
    keys=(
        Key("minimum", "number", "The smallest amount allowed, in pounds."),
        Key("maximum", "number", "The largest amount allowed, in pounds."),
    ),
    kind=lambda _: Kind.NUMBER,
    decode=_decode,
    encode=_encode,
    shape=lambda _: SCHEMA,
    reading=_reading,
    rules=_rules,
    type_error=_unreadable,
    error_codes=("not_an_amount", "unclear_point", "part_of_a_penny", "too_large"),
    scale=PENCE,
    control=_control,
    display=_display,
    paper_space=lambda _: PaperSpace("line", {"prefix": "£"}),
    sample=_sample,
)
