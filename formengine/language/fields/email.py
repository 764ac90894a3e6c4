"""An e-mail address.

The pattern is held to agree with the email-validator package by tests; being a pattern, all validators share
it.
"""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import Control, FieldSettings, Key, Rule, Schema
from formengine.language.fields.patterns import LINE_END, any_case, line_of
from formengine.language.fields.single_line import max_length_rule, one_box

# RFC 5321, 4.5.3.1.3: a path has 256 octets with its angle brackets.
MAX_LENGTH = 254
_WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP_LABEL = "(?:[A-Za-z0-9][A-Za-z0-9-]{0,61})?[A-Za-z]"
# RFC 6761 and others: names that no mail can reach.
_UNREACHABLE = ("arpa", "invalid", "local", "localhost", "onion", "test")
_NOT_REACHED = f"[@.](?:{'|'.join(any_case(name) for name in _UNREACHABLE)})$"
# RFC 5891, 4.2.3.1: hyphens in third and fourth place belong to names in other scripts ("xn--…").
_RESERVED = "[@.](?:[A-WYZa-wyz0-9][A-Za-z0-9-]|[Xx][A-MO-Za-mo-z0-9-])--"

SCHEMA: Schema = {
    **line_of(f"{_WORD}(?:[.]{_WORD})*@(?:{_LABEL}[.])+{_TOP_LABEL}"),
    "not": {"pattern": f"{LINE_END}|{_NOT_REACHED}|{_RESERVED}"},
}
_SCHEME = "mailto:"
_ADDRESS = re.compile(str(SCHEMA["pattern"]))
_REFUSED = re.compile(f"{_NOT_REACHED}|{_RESERVED}")
_PEOPLE = ("sam", "alex.example", "office+forms", "o'neil", "j_smith")
_PLACES = ("example.com", "example.org", "school.example.net")


def _read(typed: str) -> str | None:
    address = typed.removeprefix(_SCHEME)
    return address if _ADDRESS.fullmatch(address) and not _REFUSED.search(address) else None


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    return max_length_rule(settings, MAX_LENGTH)


def _sample(random: Random) -> str:
    return f"{random.choice(_PEOPLE)}@{random.choice(_PLACES)}"


EMAIL = one_box(
    "email",
    "An e-mail address, such as name@example.com. Whether it reaches anyone is not tested.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "line", "without": _SCHEME, "fits": _ADDRESS.pattern, "refused": _REFUSED.pattern},
    fault="not_an_email",
    rules=_rules,
    keys=(
        Key(
            "autocomplete",
            "one_of",
            "Write `email` only when the person filling in gives their own address.",
            choices=("email", "off"),
        ),
    ),
    control=lambda settings: Control(
        "input",
        {"input_type": "email", "autocomplete": settings.limit("autocomplete", ""), "spellcheck": False},
    ),
    sample=_sample,
)
