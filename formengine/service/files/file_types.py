"""Which files are accepted: five types, each by its ending, its first bytes and its contents, all three.

A document is refused for whatever in it could act by itself; nothing is taken out of one in silence, since that would
change what somebody hands in as evidence. The media type that a browser sends is ignored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from formengine.service.files.file_names import clean_name, ending_of
from formengine.service.files.images import picture_format, redrawn
from formengine.service.files.old_word_documents import COMPOUND, doc_refusal
from formengine.service.files.pdf_documents import pdf_refusal
from formengine.service.files.refusals import EMPTY, WRONG_CONTENT, Refusal
from formengine.service.files.word_documents import docx_refusal

_ZIP = b"PK\x03\x04"
# Under these names a picture is taken as what it is: telephones and programs call JPEGs by many.
_PICTURE_ENDINGS: Final = {
    "", "avif", "bmp", "dib", "gif", "heic", "heics", "heif", "hif", "jfif", "jpe", "jpeg", "jpg", "jxl", "pjpeg",
    "png", "tif", "tiff", "webp",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: the endings it has, what people call it, and what its content begins with.

    keep: returns the bytes to store of a sound file, else why it is refused. picture: the name of its format as
    `picture_format` returns it, "" for other files.
    """

    media_type: str
    endings: tuple[str, ...]
    starts: tuple[bytes, ...]
    keep: Callable[[bytes], bytes | Refusal]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored. name: cleaned. content: the bytes to store; pictures are re-encoded."""

    name: str
    media_type: str
    content: bytes


def _pdf(content: bytes) -> bytes | Refusal:
    return WRONG_CONTENT if _is_archive(content) else pdf_refusal(content) or content


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
        return WRONG_CONTENT
    return doc_refusal(content) or content


FILE_TYPES: Final = (
    FileType("application/pdf", ("pdf",), (b"%PDF-",), _pdf),
    FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ("docx",),
        # The second is what Word makes of a document with a password; it is refused for that.
        (_ZIP, COMPOUND),
        _docx,
    ),
    FileType("application/msword", ("doc",), (COMPOUND,), _doc),
    FileType(
        "image/jpeg", ("jpg", "jpeg"), (b"\xff\xd8\xff",), lambda content: redrawn(content, "JPEG"), "JPEG"
    ),
    FileType("image/png", ("png",), (b"\x89PNG\r\n\x1a\n",), lambda content: redrawn(content, "PNG"), "PNG"),
)
ENDINGS: Final = tuple(ending for each in FILE_TYPES for ending in each.endings)


def check_file(name: str, content: bytes, accept: Sequence[str] = ENDINGS) -> CheckedFile | Refusal:
    """The file to store, or why it is refused. `accept`: the endings that the question accepts.

    A picture under another picture's name is taken as what it is, with the ending that belongs to it. It takes as long
    as decoding a picture or starting a process does: call it in a thread.
    """
    cleaned = clean_name(name)
    ending = ending_of(cleaned)
    taken = tuple(each for each in accept if each in ENDINGS)
    judged = _judged(cleaned, ending, content, taken)
    if isinstance(judged, CheckedFile):
        return judged
    return Refusal(judged.rule, {"file": cleaned, "ending": ending.upper(), **judged.facts})


def _judged(name: str, ending: str, content: bytes, taken: Sequence[str]) -> CheckedFile | Refusal:
    picture = picture_format(content) if ending in _PICTURE_ENDINGS else None
    if picture is not None:
        own = next((each for each in FILE_TYPES if each.picture == picture), None)
        takes_pictures = any(each.picture and set(each.endings) & set(taken) for each in FILE_TYPES)
        if own is None and takes_pictures:
            rule = "phone_picture" if picture == "HEIC" else "other_picture"
            return Refusal(rule, {"format": picture})
        fitting = next((each for each in taken if own is not None and each in own.endings), None)
        if own is not None and fitting is not None and ending not in own.endings:
            name, ending = f"{name.removesuffix(f'.{ending}')}.{fitting}", fitting
    found = next((each for each in FILE_TYPES if ending in each.endings), None)
    if found is None or ending not in taken:
        return Refusal("wrong_file_type", {"accept": ", ".join(taken).upper(), "endings": taken})
    if not content:
        return EMPTY
    kept = found.keep(content) if content.startswith(found.starts) else WRONG_CONTENT
    return kept if isinstance(kept, Refusal) else CheckedFile(name, found.media_type, kept)
