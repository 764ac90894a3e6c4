"""Files to upload, made here and now: right ones of each type, and those that must not be taken as they are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from PIL import Image, PngImagePlugin

# A signature of our own, in a file of our own: what the tests' scanner calls a virus.
VIRUS = b"FORMENGINE-TEST-SIGNATURE-IN-PLACE-OF-A-VIRUS"

MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
# Where the text of an old document begins here, behind all that tells where the rest stands.
_TEXT_AT = 0x0600


def pdf(text: bytes = b"A letter", *, trailer: bytes = b"") -> bytes:
    """A small document of one empty page; `text` stands in a comment."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    body = b"%PDF-1.7\n%" + text + b"\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % each for each in offsets)
    end = b"trailer\n<< /Size 4 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(body))
    return body + table + end


def archive(parts: Mapping[str, bytes | str], *, compress: bool = True) -> bytes:
    """A ZIP file of these parts."""
    target = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return target.getvalue()


def docx_parts(*, main_type: str = MAIN_TYPE, relationships: str = "") -> dict[str, bytes | str]:
    """The parts of a document with one sentence."""
    xml = "application/vnd.openxmlformats-package.relationships+xml"
    types = f'<Default Extension="rels" ContentType="{xml}"/>'
    types += f'<Override PartName="/word/document.xml" ContentType="{main_type}"/>'
    main = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "<w:body><w:p><w:r><w:t>A letter</w:t></w:r></w:p></w:body>"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{main}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}">{text}</w:document>',
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">{relationships}</Relationships>'
        ),
    }


def relationship(kind: str, target: str, *, mode: str = "External") -> str:
    """A relationship of a document to something else."""
    return f'<Relationship Id="r9" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'


def docx(
    *, relationships: str = "", more: Mapping[str, bytes | str] | None = None, main_type: str = MAIN_TYPE
) -> bytes:
    """A Word document with one sentence, and whatever else."""
    return archive({**docx_parts(main_type=main_type, relationships=relationships), **(more or {})})


def compound(streams: Mapping[str, bytes], storages: Sequence[str] = ()) -> bytes:
    """A compound file ([MS-CFB], version 3) of these streams and empty storages; a slash leads into a storage."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries: list[bytes] = []

    def chain(content: bytes) -> int:
        first = len(sectors)
        blocks = [content[at : at + 512].ljust(512, b"\0") for at in range(0, len(content), 512)]
        chains.extend([*range(first + 1, first + len(blocks)), _END])
        sectors.extend(blocks)
        return first

    def directory(prefix: str) -> int:
        """The number of the first entry in the storage at `prefix`; each of them leads to the next."""
        paths = [path for path in (*streams, *storages) if path.startswith(prefix)]
        names = list(dict.fromkeys(path.removeprefix(prefix).partition("/")[0] for path in paths))
        first = len(entries)
        numbers = []
        for name in names:
            numbers.append(len(entries))
            entries.append(b"")
            path = f"{prefix}{name}"
            if path in streams:
                # At least 4096 bytes, so that no short-stream table is needed.
                content = streams[path].ljust(4096, b"\0")
                entries[-1] = _entry(name, 2, start=chain(content), size=len(content))
            else:
                inner = any(each.startswith(f"{path}/") for each in (*streams, *storages))
                number = numbers[-1]
                entries[number] = _entry(name, 1, child=directory(f"{path}/") if inner else _NONE)
        for number, then in zip(numbers, [*numbers[1:], _NONE], strict=True):
            entries[number] = entries[number][:72] + struct.pack("<I", then) + entries[number][76:]
        return first

    entries.append(b"")
    entries[0] = _entry("Root Entry", 5, child=directory("") if streams or storages else _NONE)
    table = b"".join(entries)
    first = chain(table + b"\0" * (-len(table) % 512))
    fat_at = len(sectors)
    chains.append(_FAT)
    assert len(chains) <= 128, "one sector of the table is enough"
    fat = b"".join(struct.pack("<I", each) for each in [*chains, *[_FREE] * (128 - len(chains))])
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, first, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", fat_at) + struct.pack("<I", _FREE) * 108
    return header + b"".join(sectors) + fat


def _entry(name: str, kind: int, *, child: int = _NONE, start: int = _END, size: int = 0) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII36xIQ", encoded, len(encoded), kind, 1, _NONE, _NONE, child, start, size)


def doc(
    *text: str,
    flags: int = 0,
    ident: int = 0xA5EC,
    template: str = "",
    storages: Sequence[str] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """An old Word document; each piece of `text` is stored by itself, the second, fourth … in UTF-16."""
    pieces = text or ("A letter",)
    associated = ["", template]
    table = struct.pack("<HHH", 0xFFFF, len(associated), 0)
    table += b"".join(struct.pack("<H", len(each)) + each.encode("utf-16-le") for each in associated)
    pieces_at, written, signs, places = len(table), b"", [0], b""
    for number, piece in enumerate(pieces):
        start = _TEXT_AT + len(written)
        written += piece.encode("utf-16-le" if number % 2 else "cp1252")
        written += b"\0" * (len(written) % 2)
        signs.append(signs[-1] + len(piece))
        places += struct.pack("<HIH", 0, start if number % 2 else 2 * start | 0x40000000, 0)
    plc = struct.pack(f"<{len(signs)}I", *signs) + places
    table += struct.pack("<BI", 2, len(plc)) + plc
    start_of_file = bytearray(_TEXT_AT)
    struct.pack_into("<HHHHHH", start_of_file, 0, ident, 0x00C1, 0, 0x0409, 0, flags)
    struct.pack_into("<HHIII", start_of_file, 0x0A, flags, 0xBF, 0, _TEXT_AT, _TEXT_AT + len(written))
    struct.pack_into("<H", start_of_file, 0x20, 14)
    struct.pack_into("<H", start_of_file, 0x3E, 22)
    struct.pack_into("<I", start_of_file, 0x4C, signs[-1])
    struct.pack_into("<H", start_of_file, 0x98, 93)
    struct.pack_into("<II", start_of_file, 0x019A, 0, pieces_at)
    struct.pack_into("<II", start_of_file, 0x01A2, pieces_at, len(table) - pieces_at)
    streams = {"WordDocument": bytes(start_of_file) + written, "0Table": table, **(more or {})}
    return compound(streams, storages)


def picture(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue, or dark and light."""
    drawn = Image.new("RGB", size, "red")
    drawn.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return drawn.convert(mode)


def jpeg(
    size: tuple[int, int] = (40, 30), *, orientation: int = 1, mode: str = "RGB", comment: bytes = b""
) -> bytes:
    """A photo as a telephone makes it: with its place, its owner and how it was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "OWNER-OF-THE-CAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 16.0, 0.0), 3: "E", 4: (0.0, 31.0, 0.0)})
    target = io.BytesIO()
    picture(size, mode).save(target, "JPEG", exif=exif, comment=comment or b"COMMENT-OF-THE-CAMERA")
    return target.getvalue()


def png(size: tuple[int, int] = (40, 30), mode: str = "RGBA") -> bytes:
    """A picture with texts of its maker."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "OWNER-OF-THE-COMPUTER")
    told.add_itxt("Comment", "COMMENT-OF-THE-COMPUTER", zip=True)
    target = io.BytesIO()
    picture(size, mode).save(target, "PNG", pnginfo=told)
    return target.getvalue()


def boxed_picture(*brands: bytes) -> bytes:
    """The first bytes of a picture in boxes (ISO/IEC 14496-12) of these brands, as HEIC and AVIF are."""
    body = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands)
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x08mdat"


def png_header(width: int, height: int) -> bytes:
    """The first bytes of a PNG that says it is so large, with no pixels to speak of."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A document of some kilobytes that says it unpacks to 50 MB."""
    return docx(more={"word/media/image1.bin": b"\0" * 50_000_000})


def many_parts() -> bytes:
    """A document of more parts than any has."""
    return docx(more={f"word/part{number}.xml": "" for number in range(2_000)})


def overlapping() -> bytes:
    """A document whose table of contents names the same packed bytes again and again."""
    content = bytearray(docx(more={"word/media/a.bin": zlib.compress(b"x" * 9)}))
    # Every entry of the table of contents claims more packed bytes than there are.
    at = content.find(b"PK\x01\x02")
    while at != -1:
        struct.pack_into("<II", content, at + 20, len(content), 10)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def locked_archive() -> bytes:
    """A document whose parts say that they are encrypted."""
    content = bytearray(docx())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at != -1:
            content[at + flags] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def polyglot() -> bytes:
    """A PDF that opens as an archive as well."""
    return pdf() + archive({"evil.js": "alert(1)"}) + b""


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ENTITIES = (
    '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Types>&b;</Types>'
)


def refused() -> dict[str, tuple[str, bytes, str]]:
    """By what is wrong with it: a file's name, its content and the rule that refuses it."""
    template = relationship("attachedTemplate", "https://example.org/evil.dotm")
    share = relationship("attachedTemplate", "file:///\\\\\\\\evil.example.org\\\\share\\\\x.dotm")
    image = relationship("image", "https://example.org/seen.png")
    hidden = relationship("oleObject", "https://example.org/x", mode="&#69;xternal")
    return {
        "a program": ("setup.exe", b"MZ" + b"\0" * 60, "wrong_file_type"),
        "a script": ("letter.js", b"alert(1)", "wrong_file_type"),
        "a web page": ("letter.html", HTML, "wrong_file_type"),
        "a drawing": ("photo.svg", SVG, "wrong_file_type"),
        "a document with macros": ("letter.docm", docx(main_type=MACRO_TYPE), "wrong_file_type"),
        "an archive": ("letters.zip", archive({"a.txt": "a"}), "wrong_file_type"),
        "no ending": ("letter", pdf(), "wrong_file_type"),
        "an ending after a NUL": ("letter.pdf\0.exe", pdf(), "wrong_file_type"),
        "an ending written backwards": ("letter\u202efdp.exe", pdf(), "wrong_file_type"),
        "an ending after a stream's colon": ("letter.pdf::$DATA", pdf(), "wrong_file_type"),
        "nothing": ("letter.pdf", b"", "empty_upload"),
        "a program called PDF": ("letter.pdf", b"MZ" + b"\0" * 60, "wrong_content"),
        "a web page called PDF": ("letter.pdf", HTML, "wrong_content"),
        "a drawing called PNG": ("photo.png", SVG, "wrong_content"),
        "a web page called JPG": ("photo.jpg", HTML, "wrong_content"),
        "a PDF called DOCX": ("letter.docx", pdf(), "wrong_content"),
        "a DOCX called DOC": ("letter.doc", docx(), "wrong_content"),
        "a DOC called DOCX": ("letter.docx", doc(), "wrong_content"),
        "any archive called DOCX": ("letter.docx", archive({"a.txt": "a"}), "wrong_content"),
        "a spreadsheet called DOC": ("letter.doc", compound({"Workbook": b"1"}), "wrong_content"),
        "an archive behind a PDF": ("letter.pdf", polyglot(), "wrong_content"),
        "an archive behind a DOC": ("letter.doc", doc() + archive({"a": "a"}), "wrong_content"),
        "half a PDF": ("letter.pdf", pdf()[:200], "damaged_file"),
        "half a DOCX": ("letter.docx", docx()[:400], "damaged_file"),
        "half a DOC": ("letter.doc", doc()[:600], "damaged_file"),
        "half a PNG": ("photo.png", png((400, 300))[:120], "damaged_file"),
        "half a JPG": ("photo.jpg", jpeg()[:300], "damaged_file"),
        "a bomb": ("letter.docx", bomb(), "damaged_file"),
        "parts without number": ("letter.docx", many_parts(), "damaged_file"),
        "parts that overlap": ("letter.docx", overlapping(), "damaged_file"),
        "a part that leads out": ("letter.docx", docx(more={"../../evil.txt": "x"}), "damaged_file"),
        "entities that grow": ("letter.docx", docx(more={"[Content_Types].xml": ENTITIES}), "damaged_file"),
        "macros under a harmless name": ("letter.docx", docx(main_type=MACRO_TYPE), "macros"),
        "a part with macros": ("letter.docx", docx(more={"word/vbaProject.bin": b"x"}), "macros"),
        "controls that run": ("letter.docx", docx(more={"word/activeX/activeX1.bin": b"x"}), "macros"),
        "an old document with macros": ("letter.doc", doc(storages=["Macros"]), "macros"),
        "a template from elsewhere": ("letter.docx", docx(relationships=template), "fetches_elsewhere"),
        "a template from a share": ("letter.docx", docx(relationships=share), "fetches_elsewhere"),
        "a picture from elsewhere": ("letter.docx", docx(relationships=image), "fetches_elsewhere"),
        "an object from a veiled elsewhere": ("letter.docx", docx(relationships=hidden), "fetches_elsewhere"),
        "a picture called PDF": ("letter.pdf", png(), "wrong_content"),
        "a DOCX with a password": ("letter.docx", compound({"EncryptedPackage": b"x"}), "password_protected"),
        "a locked archive": ("letter.docx", locked_archive(), "password_protected"),
        "a DOC with a password": ("letter.doc", doc(flags=0x0100), "password_protected"),
        "a picture of 900 megapixels": ("photo.png", png_header(30_000, 30_000), "too_many_pixels"),
        "a picture of 41 megapixels": ("photo.png", png_header(41_000, 1_000), "too_many_pixels"),
    }


def taken() -> dict[str, tuple[str, bytes]]:
    """A file's name and content for each type, as they should be."""
    return {
        "pdf": ("letter.pdf", pdf()),
        "docx": ("letter.docx", docx()),
        "doc": ("letter.doc", doc()),
        "jpg": ("photo.jpg", jpeg()),
        "jpeg": ("photo.JPEG", jpeg()),
        "png": ("photo.png", png()),
    }
