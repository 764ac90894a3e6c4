"""Reads the raw values on the right of a test as the kind on its left wants them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from formengine.language.diagnostics import Findings, near
from formengine.language.expressions.ast import Operand, RelativeDay, Unit
from formengine.language.expressions.syntax import Distance, RawValue, Syntax

TODAY = RelativeDay(0, "days", "ago")

# What would overflow the calendar, or be a slip of the keyboard.
MAX_AMOUNTS: dict[Unit, int] = {"days": 400_000, "weeks": 52_000, "months": 12_000, "years": 1_000}
# Sixteen digits are not exact in every JSON reader (RFC 8259 section 6).
MAX_DIGITS = 15

_UNITS: dict[str, Unit] = {
    "day": "days",
    "days": "days",
    "week": "weeks",
    "weeks": "weeks",
    "month": "months",
    "months": "months",
    "year": "years",
    "years": "years",
}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def read_code(value: RawValue, operand: Operand, syntax: Syntax, findings: Findings) -> str | None:
    """The option code `value` means, or None when `operand` has no such option."""
    if value.form == "today":
        needs_quotes(value, syntax, findings)
        return None
    if value.raw in operand.codes:
        return value.raw
    close = _near_code(value.raw, operand.codes)
    listed = ", ".join(f"`{_quoted(code)}`" for code in operand.codes[:8])
    more = ", …" if len(operand.codes) > 8 else ""
    findings.add(
        "unknown-option",
        f"`{operand.key}` has no option with the code `{value.raw}`",
        syntax.span(value),
        label="no such option",
        help=f"there is an option with a similar code: `{_quoted(close)}`"
        if close
        else f"its options have the codes {listed}{more}",
    )
    return None


def _near_code(raw: str, codes: tuple[str, ...]) -> str | None:
    """The code that was probably meant; ``is not sought`` for ``not_sought`` is a case of its own."""
    for joined in (f"not_{raw}", f"not-{raw}", f"not {raw}"):
        if joined in codes:
            return joined
    return near(raw, codes)


def _quoted(code: str) -> str:
    from formengine.language.expressions.unparse import written_value

    return written_value(code)


def needs_quotes(value: RawValue, syntax: Syntax, findings: Findings) -> None:
    """Report that a word of the language is written where a value belongs."""
    findings.add(
        "needs-quotes",
        f"`{value.raw}` is a word of the expression language, so as a value it needs quotes",
        syntax.span(value),
        help=f'write `"{value.raw}"`',
    )


def read_number(value: RawValue, operand: Operand, syntax: Syntax, findings: Findings) -> int | float | None:
    """The number `value` means, as it is stored (money in pence), or None when it is none."""
    if not _NUMBER.fullmatch(value.raw):
        if value.form == "word":
            help_ = "write a number in digits, without a unit, a comma or a currency sign"
        else:
            help_ = "write a number such as `3` or `2.5`"
        findings.add(
            "value-does-not-fit",
            f"`{operand.key}` is a number, and `{value.raw}` is not",
            syntax.span(value),
            label="not a number",
            help=help_,
        )
        return None
    if sum(character.isdigit() for character in value.raw) > MAX_DIGITS:
        findings.add(
            "value-does-not-fit",
            f"A number may have at most {MAX_DIGITS} digits",
            syntax.span(value),
            label="too many digits",
        )
        return None
    number = Decimal(value.raw) * operand.scale
    if number == number.to_integral_value():
        return int(number)
    if operand.scale == 1:
        return float(number)
    findings.add(
        "value-does-not-fit",
        f"`{operand.key}` is an amount of money, and `{value.raw}` has parts of a penny",
        syntax.span(value),
        help="write at most two decimal places",
    )
    return None


def read_day(
    value: RawValue, operand: Operand, syntax: Syntax, findings: Findings
) -> date | RelativeDay | None:
    """The day `value` means, or None when it is no day of the calendar."""
    if value.form == "today":
        return TODAY
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.raw):
        try:
            return date.fromisoformat(value.raw)
        except ValueError:
            findings.add(
                "impossible-date",
                f"There is no day {value.raw}",
                syntax.span(value),
                label="not in the calendar",
                help="write year, month and day, such as `2026-09-01`",
            )
            return None
    findings.add(
        "value-does-not-fit",
        f"`{operand.key}` is a date, and `{value.raw}` is not",
        syntax.span(value),
        label="not a date",
        help="write a date as year, month and day, such as `2026-09-01`, or `today`",
    )
    return None


def read_time(value: RawValue, operand: Operand, syntax: Syntax, findings: Findings) -> str | None:
    """The time of day `value` means as ``14:30``, or None when it is none."""
    found = _TIME.fullmatch(value.raw)
    if found and int(found[1]) < 24 and int(found[2]) < 60 and len(found[1]) == 2:
        return value.raw
    help_ = "write hours and minutes, such as `09:30` or `14:30`"
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        help_ = f"write `0{value.raw}`"
    findings.add(
        "value-does-not-fit",
        f"`{operand.key}` is a time, and `{value.raw}` is not one on the 24-hour clock",
        syntax.span(value),
        label="not a time",
        help=help_,
    )
    return None


def read_distance(distance: Distance, syntax: Syntax, findings: Findings) -> tuple[int, Unit] | None:
    """How far and in which unit, or None when the amount or the unit cannot be read."""
    unit = _UNITS.get(distance.unit.raw)
    if unit is None:
        close = near(distance.unit.raw, _UNITS)
        findings.add(
            "unknown-unit",
            f"`{distance.unit.raw}` is no unit of time that expressions know",
            syntax.span(distance.unit),
            help=f"write `{close}`" if close else "write days, weeks, months or years",
        )
        return None
    raw = distance.amount.raw
    if not raw.isdigit() or len(raw) > 6 or int(raw) > MAX_AMOUNTS[unit]:
        whole = raw.isdigit()
        findings.add(
            "value-does-not-fit",
            f"{raw} {unit} is too far"
            if whole
            else f"`{raw}` {unit} cannot be counted: only whole numbers from 0 on can",
            syntax.span(distance.amount),
            help="" if whole else "write a whole number, in a smaller unit if need be (`18 months`)",
        )
        return None
    return int(raw), unit
