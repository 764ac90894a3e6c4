"""Names for what is kept: nobody can guess one, and a double click selects it whole."""

from __future__ import annotations

import secrets
from base64 import b32encode
from typing import Final

# Crockford's base 32: no letter that is read as a digit or as another letter. Lower case, as addresses are.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 22

# A sign is five bits. Drawing each by itself would cost more than all else that a page needs an id for.
_BYTES: Final = 14
_OURS: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


def new_id() -> str:
    """A new id of 22 characters, 110 bits of chance: letters and digits, safe in an address and in a file's name."""
    return b32encode(secrets.token_bytes(_BYTES)).translate(_OURS)[:LENGTH].decode()
