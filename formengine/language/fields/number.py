"""A number: whole, or with as many decimal places as the author allows."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
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
    Posted,
    Problem,
    Rule,
    Schema,
    TypedReading,
    shown,
)
from formengine.language.fields.numbers import (
    LARGEST,
    MAX_DECIMAL_PLACES,
    limit_of,
    limit_rules,
    number_reading,
    places_of,
    read_decimal,
    with_thousands,
    written,
)
from formengine.language.fields.single_line import one_line
from formengine.language.json_types import Json

# Where so many figures may stand after the point, a point before three of them is no sign of thousands.
_FIGURES_OF_THOUSANDS = 3


def _places(settings: FieldSettings) -> int:
    return min(int(settings.limit("decimal_places", 0)), MAX_DECIMAL_PLACES)


def _largest(settings: FieldSettings) -> int:
    """The largest size of a number: 15 digits with its decimals, so that a double holds it exactly."""
    return int(LARGEST // 10 ** _places(settings))


def _stored(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _without_unit(typed: str, settings: FieldSettings) -> str:
    unit = settings.limit("unit", "")
    return typed[: -len(unit)].rstrip() if unit and typed.casefold().endswith(unit.casefold()) else typed


def _decode(posted: Posted, settings: FieldSettings) -> Decoded:
    typed = one_line(posted.text())
    if not typed:
        return Decoded()
    figures = _without_unit(typed, settings)
    number, thousands = read_decimal(figures), with_thousands(figures)
    problem = Problem("not_a_number") if number is None else _misfit(number, settings)
    if thousands is not None and _places(settings) < _FIGURES_OF_THOUSANDS:
        problem = Problem("unclear_point", {"typed": figures, "thousands": thousands})
    if number is None or problem:
        return Decoded(typed, problem)
    return Decoded(_stored(number))


def _misfit(number: Decimal, settings: FieldSettings) -> Problem | None:
    """Why a number cannot be stored exactly: too many decimal places, or too many digits."""
    if places_of(number) > _places(settings):
        return _too_fine(settings)
    if abs(number) > _largest(settings):
        return Problem("too_large", {"largest": written(Decimal(_largest(settings)))})
    return None


def _too_fine(settings: FieldSettings) -> Problem:
    places = _places(settings)
    return Problem("decimal_places", {"decimal_places": places}) if places else Problem("whole_number")


def _is_number(value: Json) -> TypeGuard[int | float]:
    # Python reads NaN and Infinity from what calls itself JSON; no number of ours is either.
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _figures(value: float) -> str:
    """A stored number as people read it; programs may hand over 100.0 for 100."""
    return written(Decimal(str(_stored(Decimal(str(value))))))


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    return {"": (_figures(value).replace(",", "") if _is_number(value) else str(value),)}


def _shape(settings: FieldSettings) -> Schema:
    largest = _largest(settings)
    kind = "number" if _places(settings) else "integer"
    return {"type": kind, "minimum": -largest, "maximum": largest}


def _reading(settings: FieldSettings) -> TypedReading:
    places = _places(settings)
    return number_reading(
        settings,
        places=places,
        largest=_largest(settings) * 10**places,
        limit_of_thousands=_FIGURES_OF_THOUSANDS,
    )


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    return limit_rules(settings, stored=_stored, shown=written)


def _unreadable(value: Json, settings: FieldSettings) -> Problem:
    if isinstance(value, str):
        return _decode(Posted({"": (value,)}), settings).problem or Problem("not_a_number")
    if _is_number(value):
        return _misfit(Decimal(str(value)), settings) or Problem("not_a_number")
    return Problem("not_a_number")


def _inspect(value: Json, settings: FieldSettings) -> tuple[Problem, ...]:
    # A schema cannot express this: `multipleOf: 0.01` has different verdicts in different validators.
    if not _is_number(value):
        return (Problem("not_a_number"),)
    if _places(settings) and places_of(Decimal(str(value))) > _places(settings):
        return (_too_fine(settings),)
    return ()


def _checks(settings: FieldSettings) -> tuple[str, ...]:
    return ("decimal_places",) if _places(settings) else ()


def _control(settings: FieldSettings) -> Control:
    # type="number" loses what it cannot read and scrolls away; so a text box with a number pad (GOV.UK, text
    # input).
    return Control(
        "input",
        {
            "input_type": "text",
            "inputmode": "decimal" if _places(settings) else "numeric",
            "suffix": settings.limit("unit", ""),
            "spellcheck": False,
            "width": 10,
        },
    )


def _display(value: Json, settings: FieldSettings) -> Display:
    if not _is_number(value):
        return shown(str(value))
    unit = settings.limit("unit", "")
    return shown(f"{_figures(value)} {unit}".rstrip())


def _sample(settings: FieldSettings, random: Random) -> int | float:
    step = 10 ** _places(settings)
    least, most = limit_of(settings, "minimum"), limit_of(settings, "maximum")
    low = least if least is not None else min(Decimal(0), most if most is not None else Decimal(0))
    high = most if most is not None else max(low + 100, Decimal(100))
    return _stored(Decimal(random.randint(-int(-low * step // 1), int(high * step // 1))) / step)


NUMBER = FieldType(
    name="number",
    doc="A number. `1,000` and `1000` are the same; a whole number unless `decimal_places` is written.",
    keys=(
        Key("minimum", "number", "The smallest number allowed."),
        Key("maximum", "number", "The largest number allowed."),
        Key(
            "decimal_places",
            "whole_number",
            "How many figures may stand after the point, up to 6; 0 when not written.",
        ),
        Key("unit", "text", "What is counted, such as `weeks`; shown after the box."),
    ),
    kind=lambda _: Kind.NUMBER,
    decode=_decode,
    encode=_encode,
    shape=_shape,
    reading=_reading,
    rules=_rules,
    type_error=_unreadable,
    validate=_inspect,
    checks=_checks,
    error_codes=("not_a_number", "unclear_point", "whole_number", "decimal_places", "too_large"),
    control=_control,
    display=_display,
    sample=_sample,
)
