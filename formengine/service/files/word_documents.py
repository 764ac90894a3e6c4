"""Word documents, checked by their contents: no macros, nothing fetched from elsewhere, no bombs.

Nothing is unpacked but the two kinds of parts that say what the others are (ECMA-376 part 2: content types and
relationships); those are read by expat with no document type allowed, so that no entity in them can expand.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.parsers import expat

import olefile  # type: ignore[import-untyped]

from formengine.service.files.refusals import Refusal

MOST_ENTRIES = 2_000
MOST_BYTES_UNPACKED = 200_000_000
# How much larger than the file its contents may be.
MOST_RATIO = 100
# How large a part may be that is read.
_PART_BYTES = 5_000_000

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_PART = "word/document.xml"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# A template on the writer's own disk: named in most documents, looked for by nobody else's Word.
_OWN_DISK = re.compile(r"(file:/*)?[a-z]:[\\/]", re.IGNORECASE)
_ENCRYPTED_FLAG = 0x1

DAMAGED = Refusal("damaged_file")
MACROS = Refusal("macros")
PASSWORD = Refusal("password_protected")
FETCHES = Refusal("fetches_elsewhere")
NO_WORD_DOCUMENT = Refusal("wrong_content")

_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
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


class _BreachError(Exception):
    """Something within that is not allowed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.rule)
        self.refusal = refusal


def docx_refusal(content: bytes) -> Refusal | None:
    """Why this is no harmless DOCX, or None."""
    if content.startswith(olefile.MAGIC):
        # What Word makes of a document with a password: a compound file under the same ending.
        return PASSWORD if "encryptedpackage" in _ole_names(content) else NO_WORD_DOCUMENT
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _judge_entries(archive.infolist(), len(content))
            _judge_types(_part(archive, _CONTENT_TYPES))
            for name in archive.namelist():
                if name.lower().endswith(".rels"):
                    _judge_relationships(_part(archive, name))
    except _BreachError as breach:
        return breach.refusal
    except _BROKEN_ZIP:
        return DAMAGED
    return None


def _judge_entries(entries: list[zipfile.ZipInfo], size_bytes: int) -> None:
    """Raise `_BreachError` for an archive that is a bomb, is locked, has macros, or is no document."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    # More packed bytes than the file has: entries that overlap, the trick of the densest bombs.
    too_much = unpacked > MOST_BYTES_UNPACKED or unpacked > MOST_RATIO * size_bytes or packed > size_bytes
    if len(entries) > MOST_ENTRIES or too_much:
        raise _BreachError(DAMAGED)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(map(_leads_out, names)):
        raise _BreachError(DAMAGED)
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise _BreachError(PASSWORD)
    if any(re.search(r"vba(project|data)|(^|/)activex/", name, re.IGNORECASE) for name in names):
        raise _BreachError(MACROS)
    if not {_CONTENT_TYPES, _MAIN_PART} <= set(names):
        raise _BreachError(NO_WORD_DOCUMENT)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or "\0" in name or ".." in re.split(r"[/\\]", name)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(_PART_BYTES + 1)
    if len(content) > _PART_BYTES:
        raise _BreachError(DAMAGED)
    return content


def _judge_types(part: bytes) -> None:
    """Raise `_BreachError` unless the main part is a Word document, and for one that may hold macros."""
    types = [attributes.get("ContentType", "") for _, attributes in _elements(part)]
    if any("macroenabled" in each.lower() or "vbaproject" in each.lower() for each in types):
        raise _BreachError(MACROS)
    if _MAIN_TYPE not in types:
        raise _BreachError(NO_WORD_DOCUMENT)


def _judge_relationships(part: bytes) -> None:
    """Raise `_BreachError` for what Word would fetch on opening: a template, picture or frame from elsewhere.

    Links that a person may follow are allowed.
    """
    for _, attributes in _elements(part):
        if attributes.get("TargetMode", "").strip().lower() != "external":
            continue
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if kind == "hyperlink":
            continue
        if kind == "attachedtemplate" and _OWN_DISK.match(attributes.get("Target", "")):
            continue
        raise _BreachError(FETCHES)


def _elements(part: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The elements of an XML part by local name, with their attributes. Raises `_BreachError` where it is none."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(" ")[2], attributes))

    def doctype(*_: object) -> None:
        raise _BreachError(DAMAGED)

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError):
        raise _BreachError(DAMAGED) from None
    return iter(found)


def doc_refusal(content: bytes) -> Refusal | None:
    """Why this is no harmless DOC, or None."""
    names = _ole_names(content)
    if not names:
        return DAMAGED
    if "encryptedpackage" in names:
        return PASSWORD
    if "worddocument" not in names:
        return NO_WORD_DOCUMENT
    if names & {"macros", "vba", "_vba_project", "_vba_project_cur"}:
        return MACROS
    return PASSWORD if _is_locked(content) else None


def _ole_names(content: bytes) -> set[str]:
    """The names of all streams and storages within a compound file, in small letters; empty for a broken one."""
    try:
        # Always as a file: short bytes would be taken for the path of one.
        with olefile.OleFileIO(io.BytesIO(content)) as compound:
            paths = compound.listdir(streams=True, storages=True)
    except _BROKEN_OLE:
        return set()
    return {str(part).lower() for path in paths for part in path}


def _is_locked(content: bytes) -> bool:
    """Whether the document is marked as encrypted: fEncrypted in [MS-DOC] 2.5.2, FibBase."""
    try:
        with (
            olefile.OleFileIO(io.BytesIO(content)) as compound,
            compound.openstream("WordDocument") as stream,
        ):
            start = stream.read(12)
    except _BROKEN_OLE:
        return True
    return len(start) < 12 or bool(int.from_bytes(start[10:12], "little") & 0x0100)
