"""AES-256-GCM for stored values: a data key per row, itself sealed ("wrapped") by a named key of the key file.

Every sealed value is bound to its place: the table, the row's id, the field and the version of this format are
authenticated with it (the "additional data" of NIST SP 800-38D), so bytes moved to another row do not open there. A
value can be bound to facts of its row as well, such as the draft that a file belongs to: then it opens only while the
row says the same. What was sealed before values were bound to facts has another format byte and opens without them.
The id of the wrapping key is bound to the wrapped data key, not to the values: rotating keys wraps data keys again and
leaves the values unchanged.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from formengine.language.json_types import Json, JsonObject, expect_object

SCHEMA: Final = "formengine/1"
# One byte before each sealed value: bound to its place alone, or to facts of its row as well.
FORMAT: Final = b"\x01"
BOUND_FORMAT: Final = b"\x02"
# Random nonces of 96 bits: one key may seal 2^32 values (SP 800-38D, 8.3); a data key seals one row's.
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32


class SealError(Exception):
    """Sealed bytes do not open: they were altered, belong elsewhere, or their key was destroyed."""


class DataKey:
    """The key of one row; opens and seals its fields.

    table, row: where the values live. plain: 32 bytes. `Keyring.open_data_key` returns one.
    """

    __slots__ = ("_cipher", "_row", "_table")

    def __init__(self, plain: bytes, table: str, row: str) -> None:
        self._cipher = AESGCM(plain)
        self._table = table
        self._row = row

    def __repr__(self) -> str:
        return f"DataKey({self._table}, {self._row})"

    def seal(self, field: str, plain: bytes, *, bound_to: Sequence[str] = ()) -> bytes:
        """The bytes sealed as this field; only this row's key opens them.

        bound_to: facts of the row that never change, which must be the same when the bytes are opened.
        """
        if not bound_to:
            return seal(self._cipher, plain, self._place(field))
        return seal(self._cipher, plain, self._place(field, *bound_to), BOUND_FORMAT)

    def open(self, field: str, sealed: bytes, *, bound_to: Sequence[str] = ()) -> bytes:
        """The bytes that were sealed; raises `SealError` where altered or of another field, row or table.

        bound_to: as for `seal`; not looked at where the bytes were sealed before they were bound to anything.
        """
        bound = sealed[:1] == BOUND_FORMAT
        plain = unseal(self._cipher, sealed, self._place(field, *(bound_to if bound else ())))
        if plain is None:
            raise SealError(
                f"{self._table}.{field} of row {self._row} does not open: it was altered or belongs elsewhere"
            )
        return plain

    def seal_json(self, field: str, value: Json, *, bound_to: Sequence[str] = ()) -> bytes:
        """A JSON value sealed, bound as by `seal`; floats that are no JSON raise ValueError."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # A lone surrogate is text that a browser can post; it must come back as it came.
        return self.seal(field, text.encode("utf-8", "surrogatepass"), bound_to=bound_to)

    def open_json(self, field: str, sealed: bytes, *, bound_to: Sequence[str] = ()) -> Json:
        """The JSON value that was sealed; raises `SealError` as `open` does."""
        plain = self.open(field, sealed, bound_to=bound_to)
        value: Json = json.loads(plain.decode("utf-8", "surrogatepass"))
        return value

    def open_object(self, field: str, sealed: bytes, *, bound_to: Sequence[str] = ()) -> JsonObject:
        """The JSON object that was sealed; raises `SealError` as `open` does, and TypeError where it is no object."""
        return expect_object(self.open_json(field, sealed, bound_to=bound_to))

    def _place(self, field: str, *facts: str) -> bytes:
        return place("field", self._table, self._row, field, *facts)


def place(*names: str) -> bytes:
    """The additional data that binds a sealed value to its place; raises ValueError where a name holds a bar."""
    joined = "|".join((SCHEMA, *names))
    if joined.count("|") != len(names):
        raise ValueError("A name in a sealed value's place must not hold a bar")
    return joined.encode()


def seal(cipher: AESGCM, plain: bytes, bound_to: bytes, format_: bytes = FORMAT) -> bytes:
    """The sealed value: format byte, nonce, ciphertext with its tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return format_ + nonce + cipher.encrypt(nonce, plain, bound_to)


def mark_of(sealed: bytes) -> str:
    """The nonce and the tag of a sealed value in hex, by which it is known from any other of the same key; "" of none.

    Nobody without the key makes another value with the same two.
    """
    return (sealed[: 1 + NONCE_BYTES] + sealed[-TAG_BYTES:]).hex() if sealed else ""


def unseal(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes | None:
    """The bytes that were sealed; None where they do not open with this key and `bound_to`."""
    if sealed[:1] not in {FORMAT, BOUND_FORMAT}:
        return None
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], bound_to)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None
