"""Checks the tests against constants: ``is``, ``is one of``, ``includes``, ``starts with``."""

from __future__ import annotations

from formengine.language.diagnostics import Findings
from formengine.language.expressions.ast import (
    CompareDate,
    Expr,
    Includes,
    Is,
    Kind,
    Not,
    Operand,
    Or,
    StartsWith,
)
from formengine.language.expressions.constants import (
    needs_quotes,
    read_code,
    read_day,
    read_number,
    read_time,
)
from formengine.language.expressions.syntax import RawValue, Syntax, ValueTest
from formengine.language.expressions.unparse import written_value

_KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.PARTIAL_DATE: "a date of which the day may be unknown",
    Kind.TIME: "a time",
    Kind.TICK: "a single tick box",
    Kind.CHOICE: "a choice of one option",
    Kind.CHOICES: "a choice of several options",
    Kind.OPAQUE: "an answer of which only `is answered` can be asked",
}
_YES = {"yes", "true", "y", "1", "on", "checked", "selected", "ticked"}
_NO = {"no", "false", "n", "0", "off", "unchecked", "unselected", "unticked"}
_EMPTY = {"blank", "empty", "missing", "unanswered", "null", "unset", "nothing", "unknown", "undefined"}
_FILLED = {"filled", "set", "given", "present", "complete", "completed", "entered", "provided"}


def described(kind: Kind) -> str:
    """What an answer of this kind is, in an author's words."""
    return _KINDS[kind]


def check_value(test: ValueTest, operand: Operand, syntax: Syntax, findings: Findings) -> Expr | None:
    """The typed test, or None after a finding."""
    if _is_slip_of_state(test, operand, syntax, findings) or _does_not_fit(test, operand, syntax, findings):
        return None
    span = syntax.span(test)
    atom: Expr
    match operand.kind:
        case Kind.CHOICE | Kind.CHOICES:
            codes = [read_code(value, operand, syntax, findings) for value in test.values]
            known = tuple(dict.fromkeys(code for code in codes if code is not None))
            if None in codes:
                return None
            atom = Is(operand, known, span) if test.verb == "is" else Includes(operand, known, span)
        case Kind.DATE | Kind.PARTIAL_DATE:
            days = [read_day(value, operand, syntax, findings) for value in test.values]
            if any(day is None for day in days):
                return None
            equal = tuple(CompareDate(operand, "eq", day, span) for day in dict.fromkeys(days) if day)
            atom = equal[0] if len(equal) == 1 else Or(equal, span)
        case _:
            constants = _read_constants(test, operand, syntax, findings)
            if constants is None:
                return None
            if test.verb == "starts with":
                atom = StartsWith(operand, str(constants[0]), span)
            else:
                atom = Is(operand, constants, span)
    return Not(atom, span) if test.negated else atom


def _read_constants(
    test: ValueTest, operand: Operand, syntax: Syntax, findings: Findings
) -> tuple[str | int | float, ...] | None:
    read: list[str | int | float | None] = []
    if operand.kind is Kind.NUMBER and _has_thousands_comma(test, syntax, findings):
        return None
    for value in test.values:
        if operand.kind is Kind.NUMBER:
            read.append(read_number(value, operand, syntax, findings))
        elif operand.kind is Kind.TIME:
            read.append(read_time(value, operand, syntax, findings))
        else:
            read.append(_read_text(value, test, syntax, findings))
    known = tuple(dict.fromkeys(value for value in read if value is not None))
    return known if len(read) == sum(value is not None for value in read) else None


def _read_text(value: RawValue, test: ValueTest, syntax: Syntax, findings: Findings) -> str | None:
    if value.form == "today":
        needs_quotes(value, syntax, findings)
        return None
    if not value.raw.strip():
        not_ = "" if test.negated else "not "
        findings.add(
            "state-as-value",
            "A blank answer counts as no answer, so it can never be equal to blank text",
            syntax.span(value),
            help=f"write `{test.name.dotted} is {not_}answered`",
        )
        return None
    return value.raw


def _has_thousands_comma(test: ValueTest, syntax: Syntax, findings: Findings) -> bool:
    for first, second in zip(test.values, test.values[1:], strict=False):
        together = first.end + 1 == second.start
        if together and len(second.raw) == 3 and second.raw.isdigit() and len(first.raw.lstrip("-")) <= 3:
            findings.add(
                "thousands-comma",
                f"The comma in `{first.raw},{second.raw}` makes two values of it",
                syntax.text.part(first.start, second.end),
                help=f"write `{first.raw}{second.raw}`; for two values, a blank after the comma",
            )
            return True
    return False


def _is_slip_of_state(test: ValueTest, operand: Operand, syntax: Syntax, findings: Findings) -> bool:
    """Whether ``is blank``, ``is filled``, ``is true``, ``is yes`` asks for a state, not for a value."""
    value = test.values[0]
    word = value.raw.casefold()
    if test.verb != "is" or test.listed or value.form != "word" or value.raw in operand.codes:
        return False
    name = test.name.dotted
    if operand.kind is Kind.TICK and word in _YES | _NO:
        state = "ticked" if (word in _YES) != test.negated else "not ticked"
    elif operand.kind is Kind.TICK:
        return False
    elif word in _EMPTY | _FILLED:
        state = "answered" if (word in _FILLED) != test.negated else "not answered"
    elif word in {"true", "false"}:
        code = "yes" if word == "true" else "no"
        not_ = "not " if test.negated else ""
        state = f"{not_}{code}" if code in operand.codes else f"{not_}answered"
    else:
        return False
    findings.add(
        "state-as-value",
        f"`{value.raw}` is not a value `{name}` can have",
        syntax.span(test),
        label="",
        help=f"write `{name} is {state}`",
    )
    return True


def _does_not_fit(test: ValueTest, operand: Operand, syntax: Syntax, findings: Findings) -> bool:
    """Whether the verb is one that answers of this kind do not have; reports a finding where so."""
    fits = {
        "is": operand.kind not in {Kind.CHOICES, Kind.TICK, Kind.OPAQUE},
        "includes": operand.kind is Kind.CHOICES,
        "starts with": operand.kind is Kind.TEXT,
    }
    if fits[test.verb]:
        return False
    name = test.name.dotted
    written = ", ".join(written_value(value.raw) for value in test.values)
    not_ = "not " if test.negated else ""
    if operand.kind is Kind.CHOICES:
        verb = "does not include" if test.negated else "includes"
        fix = f"write `{name} {verb} {written}`"
        if test.listed:
            fix = f"write `{'not ' if test.negated else ''}{name} includes any of {written}`"
    elif operand.kind is Kind.CHOICE and test.verb == "includes":
        fix = f"write `{name} is {not_}{'one of ' if test.listed else ''}{written}`"
    elif operand.kind is Kind.TICK:
        fix = f"write `{name} is ticked` or `{name} is not ticked`"
    elif operand.kind is Kind.TEXT and test.verb == "includes":
        fix = f"text can be asked for its beginning (`{name} starts with …`) or as a whole (`{name} is …`)"
    elif operand.kind is Kind.OPAQUE:
        fix = f"write `{name} is answered` or `{name} is not answered`"
    else:
        fix = f"write `{name} is {not_}{written}`"
    verb = "does not include" if test.verb == "includes" and test.negated else test.verb
    findings.add(
        "operator-does-not-fit",
        f"`{name}` is {described(operand.kind)}, and `{verb}` does not go with it",
        syntax.span(test),
        help=fix,
    )
    return True


def listed_fix(test: ValueTest, raw: str, word: str, syntax: Syntax) -> str:
    """How to write one more value of `test` after ``or`` or ``and``."""
    values = ", ".join([syntax.written(value) for value in test.values] + [raw])
    name = test.name.dotted
    if test.verb == "includes":
        if word == "or":
            return f"write `{'not ' if test.negated else ''}{name} includes any of {values}`"
        verb = "does not include" if test.negated else "includes"
        return f"write `{syntax.written(test)} and {name} {verb} {raw}`"
    not_ = "not " if test.negated else ""
    return f"write `{name} is {not_}one of {values}`"
