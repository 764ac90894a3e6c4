"""The address of a web page, http or https."""

from __future__ import annotations

import re
from random import Random

from formengine.language.fields.base import BLANK_CHARACTERS, Control, Display, FieldSettings, Rule, Schema
from formengine.language.fields.patterns import escaped, line_of
from formengine.language.fields.single_line import max_length_rule, one_box

MAX_LENGTH = 2000
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP_LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_REST = f'[^{escaped(BLANK_CHARACTERS)}\\u0000-\\u001f\\u007f<>"\\\\]*'
# A host has a dot; names and passwords before an @, and bare numbers, only ever disguise where a link leads.
SCHEMA: Schema = line_of(f"https?://(?:{_LABEL}[.])+{_TOP_LABEL}(?::[0-9]{{1,5}})?(?:[/?#]{_REST})?")
_URL = re.compile(str(SCHEMA["pattern"]))
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
_USUAL_SCHEME = "https://"
_SAMPLES = ("https://www.example.org/", "http://example.com/school?id=7", "https://example.net")


def _read(typed: str) -> str | None:
    """The address with its scheme in small letters; ``www.example.org`` alone is read as https."""
    found = _SCHEME.match(typed)
    address = found[0].lower() + typed[found.end() :] if found else f"{_USUAL_SCHEME}{typed}"
    return address if _URL.fullmatch(address) else None


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    return max_length_rule(settings, MAX_LENGTH)


def _show(value: str) -> Display:
    return Display("link", (value,), href=value) if _URL.fullmatch(value) else Display("text", (value,))


def _sample(random: Random) -> str:
    return random.choice(_SAMPLES)


URL = one_box(
    "url",
    "The address of a web page. `www.example.org` is understood as `https://www.example.org`.",
    read=_read,
    schema=SCHEMA,
    reading={"by": "line", "scheme": _SCHEME.pattern, "usual_scheme": _USUAL_SCHEME, "fits": _URL.pattern},
    fault="not_a_url",
    rules=_rules,
    control=lambda _: Control("input", {"input_type": "url", "spellcheck": False}),
    show=_show,
    sample=_sample,
)
