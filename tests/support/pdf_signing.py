"""PDFs that a service signed, and what somebody may have made of them since."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pikepdf

from formengine.output.paper.record.attachments import Sign, Signature, signed_bytes
from formengine.service.crypto.keyring import Keyring


def signing(keys: Keyring) -> Sign:
    """Signs with the newest of these keys."""
    return lambda data: Signature(*keys.signer.sign(data))


def with_attachments(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The PDF with its attached files, by name, changed in place by `change`."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        files = {name: bytes(file.get_file().read_bytes()) for name, file in pdf.attachments.items()}
        before = dict(files)
        change(files)
        for name in before.keys() - files.keys():
            del pdf.attachments[name]
        for name in files.keys() - {name for name, old in before.items() if files.get(name) == old}:
            pdf.attachments[name] = pikepdf.AttachedFileSpec(
                pdf, files[name], description="", filename="", mime_type="", creation_date="", mod_date=""
            )
        made = io.BytesIO()
        pdf.save(made)
    return made.getvalue()


def with_data(content: bytes, **said: Any) -> bytes:
    """The PDF with these values in its ``answers.json``, without a new signature."""

    def change(files: dict[str, bytes]) -> None:
        files["answers.json"] = json.dumps({**json.loads(files["answers.json"]), **said}).encode()

    return with_attachments(content, change)


def unsigned(content: bytes) -> bytes:
    """The PDF without its signature."""

    def change(files: dict[str, bytes]) -> None:
        del files["signature.json"]

    return with_attachments(content, change)


def signed_again(content: bytes, keys: Keyring, **said: Any) -> bytes:
    """The PDF with these values in its ``answers.json``, signed by these keys."""

    def change(files: dict[str, bytes]) -> None:
        files["answers.json"] = json.dumps({**json.loads(files["answers.json"]), **said}).encode()
        files.pop("signature.json", None)
        digests: Mapping[str, str] = {name: hashlib.sha256(each).hexdigest() for name, each in files.items()}
        key, value = keys.signer.sign(signed_bytes(digests))
        files["signature.json"] = json.dumps(
            {
                "format": "signature/1",
                "algorithm": "Ed25519",
                "key": key,
                "files": digests,
                "signature": base64.b64encode(value).decode(),
            }
        ).encode()

    return with_attachments(content, change)
