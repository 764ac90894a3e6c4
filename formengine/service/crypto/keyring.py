"""The keyring: the keys that everything is sealed with, as one file outside the database.

The file is JSON, readable by its owner alone (mode 600):

    {"format": "formengine-keys/1", "current": "k7m3x0q2",
     "sealing": {"k7m3x0q2": "…32 bytes in base64…"},    several: the old ones stay until nothing needs them
     "index": "…",                                          for blind indexes and keyed hashes; never changes
     "signing": {"s4d9…": "…"}}                             Ed25519, for signing documents; the newest is last

Whoever has the file and the database can read everything; whoever loses the file loses everything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from formengine.language.json_types import Json, JsonObject
from formengine.service.crypto.envelope import KEY_BYTES, DataKey, SealError, place, seal, unseal
from formengine.service.fault_points import point
from formengine.service.ids import ALPHABET
from formengine.store.rows import WRAPPING_ID_BYTES

FORMAT: Final = "formengine-keys/1"
OWNER_ONLY: Final = 0o600

__all__ = ["DataKey", "Keyring", "KeyringError", "SealError", "Signer"]


class KeyringError(Exception):
    """There is no usable key file; `str` is what is wrong and never contains a key."""


@dataclass(frozen=True, repr=False)
class Signer:
    """Signs with the newest Ed25519 key, and checks what any key of the file has signed."""

    private: Mapping[str, Ed25519PrivateKey]

    @property
    def current(self) -> str:
        """The id of the key that signs."""
        return list(self.private)[-1]

    def sign(self, data: bytes) -> tuple[str, bytes]:
        """The id of the key, and its signature of 64 bytes."""
        return self.current, self.private[self.current].sign(data)

    def verify(self, key_id: str, data: bytes, signature: bytes) -> bool:
        """Whether the key with this id, which must be in the file, signed these bytes."""
        return self.check(key_id, data, signature) is True

    def check(self, key_id: str, data: bytes, signature: bytes) -> bool | None:
        """Whether the key with this id signed these bytes; None where it is not in the file."""
        key = self.private.get(key_id)
        if key is None:
            return None
        try:
            key.public_key().verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def public(self) -> Mapping[str, bytes]:
        """The public keys, 32 bytes each, by id, for others to check a signature with."""
        return {key_id: key.public_key().public_bytes_raw() for key_id, key in self.private.items()}


@dataclass(frozen=True, repr=False)
class _Kept:
    """The contents of a key file: 32 bytes each, by id where there may be several, the oldest first."""

    current: str
    sealing: Mapping[str, bytes]
    index: bytes
    signing: Mapping[str, bytes]

    @cached_property
    def ciphers(self) -> Mapping[str, AESGCM]:
        return {key_id: AESGCM(key) for key_id, key in self.sealing.items()}


class Keyring:
    """The keys of a service.

    While the service runs, its operator may rotate keys: `new_data_key` looks whether the file was replaced, and so
    does opening what an unknown key wraps. A file that cannot be used then is ignored, and `trouble` is the
    reason; the service goes on with the keys it has.
    """

    def __init__(self, kept: _Kept, path: Path | None = None) -> None:
        self._kept = kept
        self._path = path
        self._seen = _state_of(path)
        self.trouble = ""

    def __repr__(self) -> str:
        return f"Keys({', '.join(self.ids)}; current {self.current})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyring) and self._kept == other._kept

    def __hash__(self) -> int:
        return hash(self.current)

    # --- where keys come from ------------------------------------------------------------------------------------

    @classmethod
    def new(cls) -> Keyring:
        """New keys, in no file yet."""
        key_id = _new_key_id()
        signing = secrets.token_bytes(KEY_BYTES)
        return cls(
            _Kept(
                current=key_id,
                sealing={key_id: secrets.token_bytes(KEY_BYTES)},
                index=secrets.token_bytes(KEY_BYTES),
                signing={_signing_id(signing): signing},
            )
        )

    @classmethod
    def of_file(cls, path: Path) -> Keyring:
        """The keys in the file; raises `KeyringError` where it is missing, open to others, or altered."""
        return cls(_kept_in_file(path), path)

    @classmethod
    def of_text(cls, text: str) -> Keyring:
        """The keys in a key file's text; raises `KeyringError`."""
        return cls(_kept_in(text))

    def with_new_current(self) -> Keyring:
        """These keys and a new one that wraps from now on."""
        key_id = _new_key_id()
        sealing = {**self._kept.sealing, key_id: secrets.token_bytes(KEY_BYTES)}
        return Keyring(replace(self._kept, current=key_id, sealing=sealing))

    def with_current_alone(self) -> Keyring:
        """These keys without the old ones, which then open nothing any more."""
        return Keyring(replace(self._kept, sealing={self.current: self._kept.sealing[self.current]}))

    def text(self) -> str:
        """The key file's text."""
        kept = {
            "format": FORMAT,
            "current": self._kept.current,
            "sealing": {key_id: _text_of(key) for key_id, key in self._kept.sealing.items()},
            "index": _text_of(self._kept.index),
            "signing": {key_id: _text_of(key) for key_id, key in self._kept.signing.items()},
        }
        return json.dumps(kept, indent=2) + "\n"

    def write_new(self, path: Path) -> None:
        """Write the keys to a new file of mode 600, durably; raises `KeyringError` where there is a file already.

        Where the disk is full, or the power goes, there is no file of this name, and not half of one.
        """
        # Of a name of its own: another first start may be under way.
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            try:
                _write(beside, self.text(), os.O_EXCL)
                point("keys.first_file_written")
                # Unlike a renaming, it fails where the name is taken.
                os.link(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            _sync_folder(path.parent)
        except FileExistsError:
            raise KeyringError(f"{path} exists; a key file is never written over") from None
        except OSError as error:
            raise KeyringError(f"The key file {path} cannot be written: {_reason(error)}") from None

    def replace(self, path: Path) -> None:
        """Replace the file by these keys, atomically: a crash leaves the old file or the new one."""
        beside = path.with_name(path.name + ".new")
        try:
            _write(beside, self.text(), os.O_TRUNC)
            point("keys.new_file_written")
            beside.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise KeyringError(f"The key file {path} cannot be written: {_reason(error)}") from None

    # --- what keys do --------------------------------------------------------------------------------------------

    @property
    def current(self) -> str:
        """The id of the key that wraps new data keys."""
        return self._kept.current

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all wrapping keys, the oldest first."""
        return tuple(self._kept.sealing)

    def new_data_key(self, table: str, row: str) -> bytes:
        """A new data key for the row, wrapped by the current key; open it with `open_data_key`."""
        self.look_again()
        return self._wrap(secrets.token_bytes(KEY_BYTES), table, row)

    def open_data_key(self, wrapped: bytes, table: str, row: str) -> DataKey:
        """The row's data key; raises `SealError` where it was destroyed, altered, or is another row's.

        Raises `KeyringError` where it is wrapped by a key that is not in the file.
        """
        return DataKey(self._unwrap(wrapped, table, row), table, row)

    def rewrap(self, wrapped: bytes, table: str, row: str) -> bytes:
        """The same data key wrapped by the current key; raises as `open_data_key` does."""
        return self._wrap(self._unwrap(wrapped, table, row), table, row)

    def index(self, purpose: str, text: str) -> str:
        """A keyed hash of the text in hex (HMAC-SHA-256): equal texts are found, none is read back.

        purpose: keeps the hashes of one use from matching another's, ``accounts.email``.
        """
        message = place("index", purpose) + b"\0" + text.encode("utf-8", "surrogatepass")
        return hmac.digest(self._kept.index, message, "sha256").hex()

    @cached_property
    def signer(self) -> Signer:
        """The signer for documents."""
        signing = self._kept.signing
        return Signer({name: Ed25519PrivateKey.from_private_bytes(key) for name, key in signing.items()})

    def canaries(self) -> Mapping[str, bytes]:
        """By key id, a known text sealed with it; "index" has a keyed hash. A store recognises the keys by them."""
        ciphers = self._kept.ciphers
        sealed = {name: seal(cipher, b"canary", place("canary", name)) for name, cipher in ciphers.items()}
        return {**sealed, "index": self.index("canary", "canary").encode()}

    def opens_canary(self, key_id: str, canary: bytes) -> bool:
        """Whether the key of this id, or "index", is the one that made the canary; False where it is not here."""
        if key_id == "index":
            return hmac.compare_digest(canary, self.index("canary", "canary").encode())
        cipher = self._kept.ciphers.get(key_id)
        return cipher is not None and unseal(cipher, canary, place("canary", key_id)) == b"canary"

    def look_again(self) -> None:
        """Take over the key file where it was replaced, came back or is gone; `trouble` has what is wrong with it."""
        if self._path is None or (state := _state_of(self._path)) == self._seen:
            return
        self._seen = state
        try:
            kept = _kept_in_file(self._path)
        except KeyringError as error:
            self.trouble = str(error)
            return
        if kept.index != self._kept.index:
            self.trouble = f"The key file {self._path} was replaced by another service's"
            return
        self._kept, self.trouble = kept, ""

    def _wrap(self, data_key: bytes, table: str, row: str) -> bytes:
        kept = self._kept
        bound_to = place("data_key", table, row, kept.current)
        return kept.current.encode() + seal(kept.ciphers[kept.current], data_key, bound_to)

    def _unwrap(self, wrapped: bytes, table: str, row: str) -> bytes:
        if not wrapped:
            raise SealError(f"The data key of {table} row {row} was destroyed")
        key_id = wrapped[:WRAPPING_ID_BYTES].decode("ascii", "replace")
        if key_id not in self._kept.ciphers:
            self.look_again()
        cipher = self._kept.ciphers.get(key_id)
        if cipher is None:
            raise KeyringError(f"{table} row {row} needs the key {key_id!r}, which is not in the key file")
        plain = unseal(cipher, wrapped[WRAPPING_ID_BYTES:], place("data_key", table, row, key_id))
        if plain is None:
            raise SealError(
                f"The data key of {table} row {row} does not open: it was altered or belongs elsewhere"
            )
        return plain


def _kept_in_file(path: Path) -> _Kept:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyringError(f"There is no key file at {path}; `formengine keys new` makes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"The key file {path} cannot be read: {_reason(error)}") from None
    if os.name == "posix" and mode & 0o077:
        raise KeyringError(
            f"The key file {path} is open to other users of this machine (mode {mode:o}); `chmod 600 {path}` closes it"
        )
    try:
        return _kept_in(text)
    except KeyringError as error:
        raise KeyringError(f"The key file {path} cannot be used: {error}") from None


def _kept_in(text: str) -> _Kept:
    try:
        kept: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise KeyringError("it is no JSON; it was cut short or altered") from None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise KeyringError(f'it does not say "format": "{FORMAT}"')
    sealing, signing = _keys_in(kept, "sealing"), _keys_in(kept, "signing")
    if any(
        len(key_id) != WRAPPING_ID_BYTES or not key_id.isalnum() or not key_id.isascii() for key_id in sealing
    ):
        raise KeyringError(f"an id under `sealing` is not {WRAPPING_ID_BYTES} letters and digits")
    # A signing key's id is made from its public half, so that an altered one shows.
    if any(key_id != _signing_id(key) for key_id, key in signing.items()):
        raise KeyringError("a key under `signing` was altered: it does not match its id")
    current = kept.get("current")
    if not isinstance(current, str) or current not in sealing:
        raise KeyringError("`current` names no key under `sealing`")
    return _Kept(current, sealing, _key_of(kept.get("index"), "index"), signing)


def _new_key_id() -> str:
    return "k" + "".join(secrets.choice(ALPHABET) for _ in range(WRAPPING_ID_BYTES - 1))


def _signing_id(key: bytes) -> str:
    public = Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
    return hashlib.sha256(public).hexdigest()[:16]


def _keys_in(kept: JsonObject, name: str) -> dict[str, bytes]:
    keys = kept.get(name)
    if not isinstance(keys, dict) or not keys:
        raise KeyringError(f"it has no keys under `{name}`")
    return {key_id: _key_of(text, name) for key_id, text in keys.items()}


def _key_of(text: object, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyringError(
            f"a key under `{name}` is not {KEY_BYTES} bytes in base64; it was cut short or altered"
        )
    return key


def _text_of(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _write(path: Path, text: str, how: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | how, OWNER_ONLY), "w", encoding="utf-8") as file:  # noqa: PTH123 - the mode must hold from the first moment
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # Without it a power cut can forget the file's name although its bytes are on disk.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _state_of(path: Path | None) -> tuple[int, int, int] | None:
    """Values that differ once a file was replaced; None where there is no file."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else "it is no UTF-8 text"
