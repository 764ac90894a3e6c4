"""Old Word documents (DOC), judged by what is inside: no macros, no other files, nothing that runs or is fetched.

A DOC is a compound file, a small file system of storages and streams ([MS-CFB]). What a document of Word 97 and later
says is found by [MS-DOC]: the first bytes of its stream ``WordDocument``, the FIB, tell where everything else stands.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Final

import olefile  # type: ignore[import-untyped]

from formengine.service.files.field_codes import FieldCodes
from formengine.service.files.refusals import (
    DAMAGED,
    EMBEDDED_FILES,
    FETCHES,
    MACROS,
    NOT_CHECKABLE,
    PASSWORD,
    WRONG_CONTENT,
    Refusal,
)

COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACRO_NAMES: Final = {"macros", "vba", "_vba_project", "_vba_project_cur"}
# Storages that hold nothing to open: custom XML data and signatures. Objects stand in ObjectPool, which may be empty.
_PLAIN_STORAGES: Final = {"msodatastore", "_signatures", "_xmlsignatures", "objectpool"}
_ENCRYPTED: Final = 0x0100
_SECOND_TABLE: Final = 0x0200
# wIdent of Word 97 and later; before it, macros stood among the text itself.
_WORD_97: Final = 0xA5EC
_FIRST_NFIB: Final = 0x00C1
# Where in the FIB a place in the table stream and its length stand ([MS-DOC] 2.5.6).
_ASSOCIATED_AT: Final = 0x019A
_PIECES_AT: Final = 0x01A2
_FIELD_SIGNS: Final = {"\x13": FieldCodes.begin, "\x14": FieldCodes.separate, "\x15": FieldCodes.end}
# What olefile raises of compound files that are broken or hostile.
_BROKEN_OLE = (
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def doc_refusal(content: bytes) -> Refusal | None:
    """Why this is no harmless DOC, or None."""
    names = compound_names(content)
    if not names:
        return DAMAGED
    if "encryptedpackage" in names:
        return PASSWORD
    if "worddocument" not in names:
        return WRONG_CONTENT
    if names & _MACRO_NAMES:
        return MACROS
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as compound:
            if any(_is_foreign(path) for path in compound.listdir(streams=True, storages=True)):
                return EMBEDDED_FILES
            streams = {
                path[0].lower(): _whole(compound, path) for path in compound.listdir() if len(path) == 1
            }
        return _text_refusal(streams)
    except (*_BROKEN_OLE, struct.error):
        return DAMAGED


def compound_names(content: bytes) -> set[str]:
    """The names of all streams and storages within a compound file, in small letters; empty for a broken one."""
    try:
        # Always as a file: short bytes would be taken for the path of one.
        with olefile.OleFileIO(io.BytesIO(content)) as compound:
            paths = compound.listdir(streams=True, storages=True)
    except _BROKEN_OLE:
        return set()
    return {str(part).lower() for path in paths for part in path}


def holds_macros(content: bytes) -> bool:
    """Whether a compound file is or holds a project of macros."""
    return bool(compound_names(content) & _MACRO_NAMES)


def _whole(compound: olefile.OleFileIO, path: list[str]) -> bytes:
    """A stream's bytes. Raises ValueError where some are missing, which olefile passes over."""
    content = bytes(compound.openstream(path).read())
    if len(content) < compound.get_size(path):
        raise ValueError("cut off")
    return content


def _is_foreign(path: list[str]) -> bool:
    """Whether a stream or storage is more than the document's own: an object, or what nothing is known of."""
    first = path[0].lower()
    if len(path) == 1:
        return first.removeprefix("\x01") in {"ole10native", "package"}
    return first == "objectpool" or first not in _PLAIN_STORAGES


def _text_refusal(streams: dict[str, bytes]) -> Refusal | None:
    """Why what the document says is not harmless, or None. Raises struct.error where it is shorter than it says."""
    document = streams["worddocument"]
    if len(document) < 12:
        return DAMAGED
    ident, nfib = struct.unpack_from("<HH", document)
    (flags,) = struct.unpack_from("<H", document, 10)
    if flags & _ENCRYPTED:
        return PASSWORD
    if ident != _WORD_97 or nfib < _FIRST_NFIB:
        return NOT_CHECKABLE
    table = streams.get("1table" if flags & _SECOND_TABLE else "0table")
    if table is None:
        return DAMAGED
    if _is_template_elsewhere(_associated(_at(table, document, _ASSOCIATED_AT))):
        return FETCHES
    codes = FieldCodes()
    for piece in _pieces(document, _at(table, document, _PIECES_AT)):
        _take(codes, piece)
    codes.close()
    return codes.refusal


def _at(table: bytes, document: bytes, place: int) -> bytes:
    """What stands in the table stream where the FIB says at `place`."""
    start, length = struct.unpack_from("<II", document, place)
    if start + length > len(table):
        raise ValueError("outside the table")
    return table[start : start + length]


def _pieces(document: bytes, table: bytes) -> Iterator[str]:
    """The text, piece by piece in reading order ([MS-DOC] 2.8.35 and 2.9.73): bytes of Windows-1252 or UTF-16."""
    at = 0
    while table[at : at + 1] == b"\x01":
        # Formats that pieces refer to.
        at += 3 + int.from_bytes(table[at + 1 : at + 3], "little")
    kind, length = struct.unpack_from("<BI", table, at)
    plc = table[at + 5 : at + 5 + length]
    if kind != 2 or len(plc) != length or length % 12 != 4:
        raise ValueError("no table of pieces")
    count = length // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    read = 0
    for number in range(count):
        (packed,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        signs = ends[number + 1] - ends[number]
        one_byte = bool(packed & 0x40000000)
        start = (packed & 0x3FFFFFFF) // (2 if one_byte else 1)
        size = signs * (1 if one_byte else 2)
        read += size
        # Pieces do not overlap, so that all of them together are no longer than the stream.
        if signs < 0 or start + size > len(document) or read > 2 * len(document):
            raise ValueError("a piece outside the document")
        text = document[start : start + size]
        yield text.decode("cp1252" if one_byte else "utf-16-le", "replace")


def _take(codes: FieldCodes, piece: str) -> None:
    """Hands a piece of text to the judge of field codes, cut at the signs that begin, separate and end fields."""
    start = 0
    for at, sign in enumerate(piece):
        act = _FIELD_SIGNS.get(sign)
        if act is not None:
            codes.text(piece[start:at])
            act(codes)
            start = at + 1
    codes.text(piece[start:])


def _associated(table: bytes) -> str:
    """The path of the document's template, the second of the texts that belong to it ([MS-DOC] 2.9.273)."""
    if not table:
        return ""
    extended, count, extra = struct.unpack_from("<HHH", table)
    if extended != 0xFFFF or count < 2:
        return ""
    at = 6
    (first,) = struct.unpack_from("<H", table, at)
    at += 2 + 2 * first + extra
    (second,) = struct.unpack_from("<H", table, at)
    return table[at + 2 : at + 2 + 2 * second].decode("utf-16-le", "replace")


def _is_template_elsewhere(path: str) -> bool:
    """Whether Word would fetch the template: from the web or from a share, not from the writer's own disk."""
    return "//" in path.replace("\\", "/")
