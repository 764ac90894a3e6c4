"""Whether what a PDF carries is as a service signed it; `record.attachments` describes how it is signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Literal

from formengine.language.json_types import Json
from formengine.language.reader import AnswersError, read_answers
from formengine.output.paper.record.attachments import (
    ALGORITHM,
    SIGNATURE_FILE,
    SIGNATURE_FORMAT,
    signed_bytes,
)

# signed: by a key that is here, and nothing was changed. unsigned: there is no signature. altered: there is one, and
# what the PDF carries is not what it was made over. unknown_key: nothing speaks against it, and no key here made it.
# unchecked: nothing speaks against it, and no keys were given.
Standing = Literal["signed", "unsigned", "altered", "unknown_key", "unchecked"]

Verify = Callable[[str, bytes, bytes], bool | None]
"""Whether the key with this id made this signature (last) of these bytes; None where there is no such key."""


def standing_of(attachments: Mapping[str, bytes], verify: Verify | None = None) -> Standing:
    """Whether the attached files of a PDF, by name, are those that were signed; only "signed" vouches for them."""
    if SIGNATURE_FILE not in attachments:
        return "unsigned"
    envelope = _said(attachments[SIGNATURE_FILE])
    if envelope is None:
        return "altered"
    key, files, signature = envelope
    carried = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in attachments.items()
        if name != SIGNATURE_FILE
    }
    if files != carried:
        return "altered"
    if verify is None:
        return "unchecked"
    genuine = verify(key, signed_bytes(carried), signature)
    if genuine is None:
        return "unknown_key"
    return "signed" if genuine else "altered"


def _said(content: bytes) -> tuple[str, Json, bytes] | None:
    """The key's id, the files and the signature; None where the envelope is none of ours."""
    try:
        envelope = read_answers(content)
    except AnswersError:
        return None
    if not isinstance(envelope, dict) or envelope.get("format") != SIGNATURE_FORMAT:
        return None
    key, signature = envelope.get("key"), envelope.get("signature")
    if envelope.get("algorithm") != ALGORITHM or not isinstance(key, str) or not isinstance(signature, str):
        return None
    try:
        return key, envelope.get("files"), base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
