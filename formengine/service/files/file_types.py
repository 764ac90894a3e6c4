"""Which files are accepted: five types, each by its ending, its first bytes and its contents, all three.

The media type that a browser sends is ignored.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from formengine.service.files.file_names import clean_name, ending_of
from formengine.service.files.images import redrawn
from formengine.service.files.refusals import Refusal
from formengine.service.files.word_documents import doc_refusal, docx_refusal

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A dictionary or a reference: how a trailer says that the rest is encrypted (ISO 32000-2, 7.6.2).
_PDF_LOCK = re.compile(rb"/Encrypt\s*(<<|[0-9]+\s+[0-9]+\s+R\b)")
_PDF_END_BYTES = 4096


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: the endings it has, what people call it, and what its content begins with.

    keep: returns the bytes to store of a sound file, else why it is refused.
    """

    media_type: str
    endings: tuple[str, ...]
    starts: tuple[bytes, ...]
    keep: Callable[[bytes], bytes | Refusal]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored. name: cleaned. content: the bytes to store; pictures are re-encoded."""

    name: str
    media_type: str
    content: bytes


def _pdf(content: bytes) -> bytes | Refusal:
    if _is_archive(content):
        return Refusal("wrong_content")
    if b"%%EOF" not in content[-_PDF_END_BYTES:]:
        return Refusal("damaged_file")
    return Refusal("password_protected") if _PDF_LOCK.search(content) else content


def _is_archive(content: bytes) -> bool:
    """Whether the bytes also open as an archive: a file that is two things is read differently by every program."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _docx(content: bytes) -> bytes | Refusal:
    return docx_refusal(content) or content


def _doc(content: bytes) -> bytes | Refusal:
    if _is_archive(content):
        return Refusal("wrong_content")
    return doc_refusal(content) or content


FILE_TYPES: Final = (
    FileType("application/pdf", ("pdf",), (b"%PDF-",), _pdf),
    FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ("docx",),
        # The second is what Word makes of a document with a password; it is refused for that.
        (_ZIP, _COMPOUND),
        _docx,
    ),
    FileType("application/msword", ("doc",), (_COMPOUND,), _doc),
    FileType("image/jpeg", ("jpg", "jpeg"), (b"\xff\xd8\xff",), lambda content: redrawn(content, "JPEG")),
    FileType("image/png", ("png",), (b"\x89PNG\r\n\x1a\n",), lambda content: redrawn(content, "PNG")),
)
ENDINGS: Final = tuple(ending for each in FILE_TYPES for ending in each.endings)


def check_file(name: str, content: bytes, accept: Sequence[str] = ENDINGS) -> CheckedFile | Refusal:
    """The file to store, or why it is refused. `accept`: the endings that the question accepts.

    It takes as long as decoding a picture does: call it in a thread.
    """
    cleaned = clean_name(name)
    ending = ending_of(cleaned)
    found = next((each for each in FILE_TYPES if ending in each.endings), None)
    if found is None or ending not in accept:
        taken = tuple(each for each in accept if each in ENDINGS)
        return Refusal("wrong_type", {"accept": ", ".join(taken).upper(), "endings": taken})
    if not content:
        return Refusal("empty_file")
    kept = found.keep(content) if content.startswith(found.starts) else Refusal("wrong_content")
    if isinstance(kept, Refusal):
        return Refusal(kept.rule, {"file": cleaned, "ending": ending.upper(), **kept.facts})
    return CheckedFile(cleaned, found.media_type, kept)
