"""One line of text: how what was typed is tidied, and field types that are one box with one reading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import (
    BLANK_CHARACTERS,
    NOTHING,
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
    TypeWords,
    no_rules,
    nothing_to_validate,
    shown,
)
from formengine.language.json_types import Json

_TO_SPACE = re.compile("[\t\n\v\f\r\u0085\u2028\u2029]+")
_UNSEEN_CHARACTERS = "\x00-\x08\x0e-\x1f\x7f"
_UNSEEN = re.compile(f"[{_UNSEEN_CHARACTERS}\ud800-\udfff]")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


def one_line(text: str) -> str:
    """`text` on one line without blank ends.

    A tab or line end becomes a space. Control characters, which nobody sees or means, are left out.
    """
    return _UNSEEN.sub("", _TO_SPACE.sub(" ", text)).strip(BLANK_CHARACTERS)


# What every box of one line has alike, for the browser; half characters never come there.
LINE_TABLES: TypedReading = {
    "blank": BLANK_CHARACTERS,
    "to_space": _TO_SPACE.pattern,
    "unseen": f"[{_UNSEEN_CHARACTERS}]",
}


def plain_figures(text: str) -> str:
    """`text` with decimal digits of any script as 0 to 9 and typographic dashes and minus signs as ``-``."""
    if text.isascii():
        return text
    digits = (str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)
    return "".join(digits).translate(_DASHES)


def code_characters(text: str) -> str:
    """`text` as a code such as a postcode is stored: capitals and figures only, the rest left out.

    Letters outside ASCII stay, so that a code with a wrong letter is refused and not shortened.
    """
    return "".join(c for c in plain_figures(text).upper() if c.isalnum())


_LINE = PaperSpace("line")


def _unspelled_box(_: FieldSettings) -> Control:
    """A box for one line of text whose spelling is not checked."""
    return Control("input", {"input_type": "text", "spellcheck": False})


def max_length_rule(settings: FieldSettings, default: int | None = None) -> tuple[Rule, ...]:
    """The rule of `max_length`, in code points, when there is one."""
    longest = settings.limit("max_length", default)
    if longest is None:
        return ()
    return (Rule(Problem("max_length", {"max_length": longest}), {"maxLength": longest}),)


def one_box(
    name: str,
    doc: str,
    *,
    read: Callable[[str], str | None],
    schema: Schema,
    reading: TypedReading,
    fault: str,
    sample: Callable[[Random], str],
    keys: tuple[Key, ...] = (),
    rules: Callable[[FieldSettings], tuple[Rule, ...]] = no_rules,
    validate: Callable[[Json, FieldSettings], tuple[Problem, ...]] = nothing_to_validate,
    checks: tuple[str, ...] = (),
    advice: tuple[str, ...] = (),
    words: TypeWords = NOTHING,
    control: Callable[[FieldSettings], Control] = _unspelled_box,
    show: Callable[[str], Display] = shown,
    paper_space: PaperSpace = _LINE,
    kind: Kind = Kind.TEXT,
) -> FieldType:
    """A field type of one box whose text has one right form.

    `read` gives the stored form of what was typed, or None where that cannot be read: the problem `fault`.
    `reading` says the same to the browser.
    """

    def decode(posted: Posted, _: FieldSettings) -> Decoded:
        typed = one_line(posted.text())
        if not typed:
            return Decoded()
        stored = read(typed)
        return Decoded(typed, Problem(fault)) if stored is None else Decoded(stored)

    def display(value: Json, _: FieldSettings) -> Display:
        return show(value) if isinstance(value, str) else shown(str(value))

    return FieldType(
        name=name,
        doc=doc,
        keys=keys,
        kind=lambda _: kind,
        decode=decode,
        shape=lambda _: schema,
        reading=lambda _: reading,
        rules=rules,
        validate=validate,
        checks=lambda _: checks,
        error_codes=(fault, *advice),
        words=words,
        control=control,
        display=display,
        paper_space=lambda _: paper_space,
        sample=lambda _, random: sample(random),
    )
