"""How mailboxes are told beside by e-mail: what an operator configures of a webhook, read from text."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PREFIX: Final = "whsec_"
# As the specification "Standard Webhooks" asks for.
_SECRET_BYTES: Final = (24, 64)
_MOST_SECRETS: Final = 2


@dataclass(frozen=True, slots=True)
class Webhook:
    """The address of a program that is told of submissions.

    secrets: what each message is signed with, one, or two while one takes over from the other. full: whether the
    message has the answers in it.
    """

    url: str
    secrets: tuple[bytes, ...]
    full: bool = False

    @property
    def encrypted(self) -> bool:
        """Whether messages are sent over TLS."""
        return self.url.startswith("https://")

    def __repr__(self) -> str:
        return f"Webhook({self.url!r}, {len(self.secrets)} secrets, full={self.full})"


def webhook_address(text: str) -> str:
    """The address of a webhook. Raises ValueError with what is wrong."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        # A port that is no number is only found out when it is read.
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole, parts = False, urlsplit("")
    if (
        not whole
        or parts.scheme not in {"http", "https"}
        or parts.username is not None
        or parts.fragment
        or not re.fullmatch(r"[\x21-\x7e]+", address)
    ):
        raise ValueError("must be an address such as https://cases.example.org/hooks/forms")
    return address


def webhook_secrets(text: str) -> tuple[bytes, ...]:
    """The bytes of one secret or of two, as ``whsec_…`` each. Raises ValueError with what is wrong."""
    written = text.split()
    if not 1 <= len(written) <= _MOST_SECRETS:
        raise ValueError("must be one secret, or the new and the old one with a space between")
    return tuple(map(_secret, written))


def _secret(text: str) -> bytes:
    least, most = _SECRET_BYTES
    try:
        found = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not text.startswith(_PREFIX) or not least <= len(found) <= most:
        raise ValueError(f"must be {_PREFIX} and then {least} to {most} random bytes in base64")
    return found
