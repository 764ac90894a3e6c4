"""Loading at the start what requests need: with too little memory left, an import in a request would fail it.

Much of what the libraries are made of is imported when it is first used. So it is used once, on a form of its own.
"""

from __future__ import annotations

import codecs
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from typing import Final

import phonenumbers
import pyotp
from PIL import Image

from formengine.engine import Engine
from formengine.form.schema.validators import judge
from formengine.service.accounts.passwords import problem_of

_FORM: Final = b"""
form: loading
title: Loading
version: 1
pages:
  - id: page
    title: Page
    fields:
      - id: text
        type: text
        label: Text
        pattern: "[A-Z]+"
      - id: phone
        type: phone
        label: Phone
"""
# A letter of each script that a document has fonts for, two of them with shaping.
_ANSWERS: Final = {"text": "Åé \u0628\u0627 \u0915\u094d\u0937", "phone": "+33 1 23 45 67 89"}
# Codecs that are looked up by name: of fonts, of names in archives, and of what is posted.
_CODECS: Final = (
    "unicode_escape",
    "mac_roman",
    "utf_16_be",
    "utf_16_le",
    "utf_32_be",
    "latin_1",
    "cp1252",
    "cp437",
    "idna",
)


@cache
def load_modules() -> None:
    """Load every module that requests need, once a process; takes about a second."""
    for name in _CODECS:
        codecs.lookup(name)
    problem_of("correct horse battery staple")
    pyotp.TOTP(pyotp.random_base32()).now()
    phonenumbers.PhoneMetadata.load_all()
    Image.preinit()
    engine = Engine()
    form = engine.form_of_text(_FORM)
    state = engine.evaluate(form, dict(_ANSWERS), on=date(2026, 1, 1))
    judge(engine.schema(form))
    if find_spec("fpdf") is not None:
        engine.pdf(state, author="Loading", at=datetime(2026, 1, 1, tzinfo=UTC))
