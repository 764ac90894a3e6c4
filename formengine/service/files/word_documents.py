"""Word documents (DOCX), checked by their contents: nothing that runs, nothing fetched, no other files, no bombs.

Every part is read, whatever it is called: its name says nothing, its relationships, its content type and its first
bytes do (ECMA-376 part 2). XML is read by expat with no document type allowed, so that nothing in it can grow.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from formengine.service.files.field_codes import FieldCodes, code_refusal, link_refusal
from formengine.service.files.old_word_documents import COMPOUND, compound_names, holds_macros
from formengine.service.files.refusals import (
    DAMAGED,
    EMBEDDED_FILES,
    FETCHES,
    MACROS,
    PASSWORD,
    STARTS_PROGRAMS,
    WRONG_CONTENT,
    Refusal,
)

MOST_ENTRIES = 2_000
MOST_BYTES_UNPACKED = 200_000_000
# How much larger than the file its contents may be.
MOST_RATIO = 100
# How large an XML part may be: some thousand pages of text. Whatever else a part holds is only read past.
_XML_BYTES = 40_000_000
_BLOCK = 1_000_000

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# A template on the writer's own disk: named in most documents, looked for by nobody else's Word.
_OWN_DISK = re.compile(r"(file:/*)?[a-z]:[\\/]", re.IGNORECASE)
_ENCRYPTED_FLAG = 0x1
# What makes a part a matter of its own, by the last word of its content type or of a relationship that leads to it.
_BY_KIND: Final = {
    "vbaproject": MACROS,
    "wordvbadata": MACROS,
    "vbadata+xml": MACROS,
    "activex": MACROS,
    "activex+xml": MACROS,
    "control": MACROS,
    "activexcontrolbinary": MACROS,
    # A ribbon with buttons for macros, and add-ins that come from a shop.
    "extensibility": MACROS,
    "webextension": STARTS_PROGRAMS,
    "webextensiontaskpanes": STARTS_PROGRAMS,
    "oleobject": EMBEDDED_FILES,
    "package": EMBEDDED_FILES,
    "afchunk": EMBEDDED_FILES,
    "subdocument": EMBEDDED_FILES,
}
# Elements that bring something in even where the relationship is called something else.
_BY_ELEMENT: Final = {
    "OLEObject": EMBEDDED_FILES,
    "altChunk": EMBEDDED_FILES,
    "subDoc": EMBEDDED_FILES,
    # The document asks a database as soon as it is opened.
    "mailMerge": FETCHES,
}
# What other files begin with. Pictures and fonts are no business of anybody's.
_FILES_INSIDE: Final = (b"PK\x03\x04", COMPOUND, b"MZ\x90\0", b"{\\rt", b"%PDF")
# Whether a part in one of the usual encodings is worth parsing: all that is looked for is made of these.
_WORTH_PARSING: Final = re.compile(rb"[iI]nstr|fldSimple|altChunk|subDoc|OLEObject|mailMerge|:vml|<!DOCTYPE")
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_READABLE_ENCODINGS: Final = {b"utf-8", b"us-ascii", b"iso-8859-1"}
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_VML: Final = "urn:schemas-microsoft-com:vml "
_SVG: Final = "http://www.w3.org/2000/svg svg"
_LEADS_ELSEWHERE: Final = re.compile(r"\s*([a-z][a-z0-9+-]+:|[\\/]{2})", re.IGNORECASE)

_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class _BreachError(Exception):
    """Something within that is not allowed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.rule)
        self.refusal = refusal


class _HarmlessError(Exception):
    """The part is nothing that Word reads as a part of the document."""


def docx_refusal(content: bytes) -> Refusal | None:
    """Why this is no harmless DOCX, or None."""
    if content.startswith(COMPOUND):
        # What Word makes of a document with a password: a compound file under the same ending.
        return PASSWORD if "encryptedpackage" in compound_names(content) else WRONG_CONTENT
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _judge_entries(archive.infolist(), len(content))
            _judge_types(archive)
            for entry in archive.infolist():
                _judge_part(archive, entry)
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
    # Word does not tell capitals from small letters in the names of parts.
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names) or any(map(_leads_out, names)):
        raise _BreachError(DAMAGED)
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise _BreachError(PASSWORD)
    if any(re.search(r"vba(project|data)|(^|/)activex/", name) for name in names):
        raise _BreachError(MACROS)
    if _CONTENT_TYPES.lower() not in names:
        raise _BreachError(WRONG_CONTENT)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or "\0" in name or ".." in re.split(r"[/\\]", name)


def _judge_types(archive: zipfile.ZipFile) -> None:
    """Raise `_BreachError` unless a part is a Word document, and for a type of part that is not allowed."""
    entry = next(entry for entry in archive.infolist() if entry.filename.lower() == _CONTENT_TYPES.lower())
    mains: list[str] = []

    def judge(_: str, attributes: Mapping[str, str]) -> None:
        media_type = attributes.get("ContentType", "").strip().lower()
        if "macroenabled" in media_type:
            raise _BreachError(MACROS)
        kind = re.split(r"[./-]", media_type)[-1]
        if kind in _BY_KIND:
            raise _BreachError(_BY_KIND[kind])
        if media_type == _MAIN_TYPE:
            mains.append(attributes.get("PartName", "").removeprefix("/").lower())

    _parse(_xml(archive, entry), judge)
    if not set(mains) & {name.lower() for name in archive.namelist()}:
        raise _BreachError(WRONG_CONTENT)


def _judge_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Raise `_BreachError` for a part that is another file, or says something that is not allowed.

    It is read to its end in any case: the archive's check sum tells whether it is whole.
    """
    with archive.open(entry) as part:
        start = part.read(_BLOCK)
        if start.startswith(_FILES_INSIDE):
            raise _BreachError(_of_other_file(start, part.read(MOST_BYTES_UNPACKED)))
        if not _is_xml(start):
            while part.read(_BLOCK):
                pass
            return
        content = start + part.read(_XML_BYTES)
    if len(content) > _XML_BYTES:
        raise _BreachError(DAMAGED)
    if entry.filename.lower().endswith(".rels"):
        _parse(content, _judge_relationship)
    elif _is_worth_parsing(content):
        judge = _TextJudge()
        _parse(content, judge.start, judge.end, judge.text)
        judge.close()


def _of_other_file(start: bytes, rest: bytes) -> Refusal:
    return MACROS if start.startswith(COMPOUND) and holds_macros(start + rest) else EMBEDDED_FILES


def _is_xml(start: bytes) -> bool:
    return start.startswith(_BYTE_ORDER_MARKS) or start[:200].replace(b"\0", b"").lstrip().startswith(b"<")


def _is_worth_parsing(content: bytes) -> bool:
    encoding = _ENCODING.search(content[:200])
    readable = encoding is None or encoding[1].lower() in _READABLE_ENCODINGS
    if not readable or b"\0" in content[:8] or content.startswith(_BYTE_ORDER_MARKS[1:]):
        return True
    return _WORTH_PARSING.search(content) is not None


def _xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as part:
        content = part.read(_XML_BYTES + 1)
    if len(content) > _XML_BYTES:
        raise _BreachError(DAMAGED)
    return content


def _judge_relationship(_: str, attributes: Mapping[str, str]) -> None:
    """Raise `_BreachError` for what runs, and for what Word would fetch on opening: a template, picture or frame.

    Links that a person may follow are allowed.
    """
    kind = attributes.get("Type", "").rpartition("/")[2].strip().lower()
    target = attributes.get("Target", "")
    is_external = attributes.get("TargetMode", "").strip().lower() == "external"
    if kind == "hyperlink":
        _breach(link_refusal(target) if is_external else None)
    elif is_external:
        if not (kind == "attachedtemplate" and _OWN_DISK.match(target)):
            raise _BreachError(FETCHES)
    else:
        _breach(_BY_KIND.get(kind))


def _breach(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise _BreachError(refusal)


class _TextJudge:
    """Takes a part of the document element by element; raises `_BreachError` for what starts, fetches or brings in."""

    def __init__(self) -> None:
        self._codes = FieldCodes()
        self._in_code = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(" ")[2]
        _breach(_BY_ELEMENT.get(local))
        if name.startswith(_VML) and _LEADS_ELSEWHERE.match(attributes.get("src", "")):
            raise _BreachError(FETCHES)
        if local == "fldSimple":
            _breach(code_refusal(_local(attributes, "instr")))
        elif local == "fldChar":
            self._sign(_local(attributes, "fldCharType"))
        self._in_code = local in {"instrText", "delInstrText"}

    def _sign(self, kind: str) -> None:
        if kind == "begin":
            self._codes.begin()
        elif kind == "separate":
            self._codes.separate()
        elif kind == "end":
            self._codes.end()
        _breach(self._codes.refusal)

    def end(self, _: str) -> None:
        """An element ends."""
        self._in_code = False

    def text(self, piece: str) -> None:
        """A piece of text, in whatever element."""
        if self._in_code:
            self._codes.text(piece)

    def close(self) -> None:
        """The part is over."""
        self._codes.close()
        _breach(self._codes.refusal)


def _local(attributes: Mapping[str, str], name: str) -> str:
    return next((text for key, text in attributes.items() if key.rpartition(" ")[2] == name), "")


def _parse(
    content: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start` with each element's name, its namespace and a space before it, and its attributes.

    Raises `_BreachError` where the content is no XML or has a document type; a drawing (SVG) may have one, and is not
    read further than its name.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    doctypes: list[str] = []

    def doctype(name: str, *_: object) -> None:
        doctypes.append(name)

    def root(name: str, attributes: dict[str, str]) -> None:
        if name == _SVG:
            raise _HarmlessError
        if doctypes:
            raise _BreachError(DAMAGED)
        parser.StartElementHandler = start
        start(name, attributes)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except _HarmlessError:
        return
    except (expat.ExpatError, ValueError):
        raise _BreachError(DAMAGED) from None
