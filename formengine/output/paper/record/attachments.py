"""The files that a PDF of answers carries: written here, and described for whoever reads them back.

All are embedded files associated with the whole document (ISO 19005-3, 6.8).

``answers.json``, always there: what "Continue from a PDF" needs, an object with these keys in any order.

    format      "draft/1"
    form        the form's id
    version     the definition's version, as written in it
    digest      the definition's SHA-256 with all it includes, 64 hexadecimal digits
    on          the day relative dates were worked out for, ``2026-11-22``
    at          the moment the PDF was made, RFC 3339 with offset
    reference   the submission's reference, "" for a draft
    audience    whose copy it is, the key in the form's `audiences`; "" for the whole
    answers     nested as stored

Whose answers: a draft's as stored, with those that do not count at present, so that importing a draft loses nothing; a
submission's as sent; an audience's only those that count and that they may see. A reader judges them as if they had
just been typed. A copy with an `audience` lacks answers: continuing from it would pass over them in silence.

``submission.json``, in the whole copy of what was sent: the envelope ``submission/1``
(`formengine.form.state.submission`).

Uploaded files, where they were handed over: ``file-1-name.pdf``, ``file-2-…`` in reading order of the form;
``answers.json`` lists them under one more key:

    files       a list of {path, id, name, type, size, embedded}; `path` is the answer's (``documents.d1.attachment``),
                `embedded` the embedded file's name, or null where the PDF only lists it

``signature.json``, where a key was at hand: a signature over every other file the PDF carries.

    format      "signature/1"
    algorithm   "Ed25519" (RFC 8032, pure)
    key         the id of the key that signed
    files       each other embedded file's name with the SHA-256 of its content in hexadecimal
    signature   base64 (RFC 4648, section 4) of 64 bytes

What is signed is `signed_bytes` of `files`: the line ``formengine signature/1``, a line feed, and `files` as canonical
JSON. Canonical is RFC 8785 as far as this needs it: keys in order, no white space, UTF-8; names and digests, all of
printable ASCII, leave no choice. A reader takes the embedded files, compares their names and digests with `files` both
ways, then verifies; a file that is not in `files` is as untrusted as one whose digest differs. The signature vouches
for the data, not for what the pages show.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from formengine.form.state import FieldState, GroupState, NodeState, RepeatState, SectionState, State
from formengine.form.state.views import relevant
from formengine.language.fields.stored_files import files_in
from formengine.language.json_types import Json
from formengine.language.words import Wording
from formengine.output.front_matter import is_sent

ANSWERS_FILE = "answers.json"
SUBMISSION_FILE = "submission.json"
SIGNATURE_FILE = "signature.json"
DRAFT_FORMAT = "draft/1"
SIGNATURE_FORMAT = "signature/1"
ALGORITHM = "Ed25519"
_SIGNED_HEAD = b"formengine signature/1\n"
# What every file system takes in a name; the rest, such as a path, becomes a hyphen.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._ ()-]+")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,9}")
_LONGEST_NAME = 100
_MEDIA_TYPE = re.compile(
    r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.IGNORECASE | re.ASCII
)
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature: the id of the key, and the 64 bytes."""

    key: str
    value: bytes


Sign = Callable[[bytes], Signature]
"""Signs the bytes given, with whichever key is in use."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that answers a question: the answer's path, and what was stored. None: to be listed, not embedded.

    path: as in `FieldState.path`, with item ids (``documents.d1.attachment``). A question that takes several files has
    several of these at one path.
    """

    path: str
    name: str
    media_type: str
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A file among the answers: where it was asked for, and under which name the PDF carries it, if it does."""

    path: str
    question: str
    file_id: str
    name: str
    media_type: str
    size: int
    embedded: str | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """One embedded file."""

    name: str
    content: bytes
    media_type: str
    description: str
    relationship: str


def signed_bytes(files: Mapping[str, str]) -> bytes:
    """What a signature over `files` is made of: each file's name with the hexadecimal SHA-256 of its content."""
    return (
        _SIGNED_HEAD + json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


def carried_files(
    state: State,
    listed: Sequence[Listed],
    wording: Wording,
    *,
    at: datetime,
    reference: str,
    sign: Sign | None = None,
) -> tuple[EmbeddedFile, ...]:
    """The files that a PDF of `state` carries; `listed` are the files among its answers."""
    sent = is_sent(state, reference)
    envelope = _envelope(state, listed, at=at, reference=reference, sent=sent)
    carried = [EmbeddedFile(ANSWERS_FILE, _json(envelope), JSON_TYPE, wording.text("paper.data"), "Data")]
    if sent and not state.audience:
        submission = state.submission(at=at.isoformat(), reference=reference)
        words = wording.text("paper.submission_data")
        carried.append(EmbeddedFile(SUBMISSION_FILE, _json(submission), JSON_TYPE, words, "Data"))
    carried += [
        EmbeddedFile(file.embedded, file.content, file.media_type, file.question, "Supplement")
        for file in listed
        if file.embedded is not None and file.content is not None
    ]
    if sign is not None:
        digests = {file.name: hashlib.sha256(file.content).hexdigest() for file in carried}
        made = sign(signed_bytes(digests))
        envelope = {
            "format": SIGNATURE_FORMAT,
            "algorithm": ALGORITHM,
            "key": made.key,
            "files": digests,
            "signature": base64.b64encode(made.value).decode("ascii"),
        }
        words = wording.text("paper.signature_data")
        carried.append(EmbeddedFile(SIGNATURE_FILE, _json(envelope), JSON_TYPE, words, "Supplement"))
    return tuple(carried)


def _envelope(
    state: State, listed: Sequence[Listed], *, at: datetime, reference: str, sent: bool
) -> dict[str, Json]:
    stored = state.answers if sent or state.audience else state.draft
    envelope: dict[str, Json] = {
        "format": DRAFT_FORMAT,
        "form": state.form.id,
        "version": state.form.version,
        "digest": state.form.digest,
        "on": state.on.isoformat(),
        "at": at.isoformat(),
        "reference": reference,
        "audience": state.audience,
        "answers": dict(stored) if isinstance(stored, Mapping) else {},
    }
    if listed:
        envelope["files"] = [
            {
                "path": file.path,
                "id": file.file_id,
                "name": file.name,
                "type": file.media_type,
                "size": file.size,
                "embedded": file.embedded,
            }
            for file in listed
        ]
    return envelope


def _json(value: Json) -> bytes:
    # Half of a character has no UTF-8; backslashes make of it the escape that JSON has for it.
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def listed_files(state: State, uploaded: Sequence[AttachedFile] = ()) -> tuple[Listed, ...]:
    """The files among the answers that count, in reading order; `uploaded` that answer no such question are left out.

    So a copy for one audience neither lists nor carries a file of a question hidden from them.
    """
    rest = list(uploaded)
    found: list[Listed] = []
    for title, node in _answers_in_files(state):
        for file in files_in(node.answer):
            name = str(file["name"])
            match = next((one for one in rest if (one.path, one.name) == (node.path, name)), None)
            if match is not None:
                rest.remove(match)
            content = (match.content or None) if match is not None else None
            found.append(
                Listed(
                    path=node.path,
                    question=node.label if node.label == title else f"{title}: {node.label}",
                    file_id=str(file["id"]),
                    name=name,
                    media_type=_media_type(match.media_type if match is not None else str(file["type"])),
                    size=_whole(file["size"]),
                    embedded=_embedded_name(len(found) + 1, name) if content is not None else None,
                    content=content,
                )
            )
    return tuple(found)


def _whole(size: Json) -> int:
    """A stored file's size: a whole number, of which JSON may have made ``5.0``."""
    return int(size) if isinstance(size, int | float) else 0


def _answers_in_files(state: State) -> Iterator[tuple[str, FieldState]]:
    """Each question that counts and is answered with files, behind its page's title."""
    for page in state.pages:
        for node in _among(page.nodes):
            yield page.title, node


def _among(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    for node in relevant(nodes):
        if isinstance(node, FieldState):
            if files_in(node.answer):
                yield node
        elif isinstance(node, SectionState | GroupState):
            yield from _among(node.nodes)
        elif isinstance(node, RepeatState):
            for item in node.items:
                yield from _among(item.nodes)


def _media_type(given: str) -> str:
    """The media type as given, when it is shaped like one (RFC 6838, 4.2); a browser may have sent anything."""
    return given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"


def _embedded_name(number: int, name: str) -> str:
    """A name that no other file in the PDF has, and that leads nowhere when somebody saves the file under it."""
    safe = _NOT_IN_NAMES.sub("-", name).strip(" -")
    if _ENDING.fullmatch(safe):
        return f"file-{number}{safe}"
    safe = safe.strip(" .-")[-_LONGEST_NAME:]
    return f"file-{number}-{safe}" if safe else f"file-{number}"
