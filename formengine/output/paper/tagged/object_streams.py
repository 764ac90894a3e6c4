"""A finished PDF rewritten compactly: what need not stand alone goes into object streams (ISO 32000-1, 7.5.7).

A tagged document is mostly structure elements, hundreds of small dictionaries that are much alike. One by one they take
more room than all text and fonts; compressed together they take little. PDF/A-3 and PDF/UA-1 allow it. fpdf2 writes
neither object streams nor the cross-reference stream they need; pikepdf writes smaller ones, which compress less.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from itertools import pairwise, starmap

# A reader takes a stream apart as a whole for any one of its objects, and deflate looks back no further than 32 kB.
OBJECTS_A_STREAM = 400
# A row of the cross-reference stream: its kind, where it is, which of the stream's objects it is (7.5.8.3).
_FREE, _OFFSET, _IN_STREAM = 0, 1, 2
_WIDTHS = (1, 4, 2)
# A row of a cross-reference table (7.5.4).
_ROW_BYTES = 20
_ROOT = re.compile(rb"/Root ([0-9]+ 0 R)")


def compacted(content: bytes) -> bytes:
    """The same document with its small objects together; the same content gives the same bytes.

    content: a whole PDF as fpdf2 and pikepdf write it, with one cross-reference table from object 0 on and nothing
    encrypted; for anything else raises ValueError. Of the trailer only the catalog is kept: our
    documents have no information dictionary.
    """
    table = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    head, *_ = re.findall(rb"\Axref\n0 ([0-9]+)\n", content[table : table + 40]) or [None]
    root = _ROOT.search(content, table)
    if head is None or root is None:
        raise ValueError("there is no plain cross-reference table to write again")
    count, first = int(head), content.index(b"\n", table + 5) + 1
    rows = [content[at : at + _ROW_BYTES] for at in range(first, first + count * _ROW_BYTES, _ROW_BYTES)]
    places = sorted((int(row[:10]), number) for number, row in enumerate(rows) if row[17:18] == b"n")
    file, together = _File(content[: places[0][0]]), []
    for (start, number), (end, _) in pairwise([*places, (table, 0)]):
        one = content[start:end].rstrip()
        # Streams stand alone.
        if one.endswith(b"endstream\nendobj"):
            file.put(number, one + b"\n")
        else:
            together.append((number, one[one.index(b"obj") + 3 : -6].strip()))
    for at in range(0, len(together), OBJECTS_A_STREAM):
        file.put_together(count, together[at : at + OBJECTS_A_STREAM])
        count += 1
    return file.end(count, root[1].decode())


class _File:
    """The bytes of a file so far, and where each of its objects is."""

    def __init__(self, header: bytes) -> None:
        self.content = bytearray(header)
        self.rows: dict[int, tuple[int, int, int]] = {}

    def put(self, number: int, content: bytes) -> None:
        """Append an object as it is."""
        self.rows[number] = (_OFFSET, len(self.content), 0)
        self.content += content

    def put_together(self, number: int, objects: Sequence[tuple[int, bytes]]) -> None:
        """Append an object stream of `objects`, each with its number."""
        heads, at = [], 0
        for place, (inner, content) in enumerate(objects):
            self.rows[inner] = (_IN_STREAM, number, place)
            heads.append(f"{inner} {at}")
            at += len(content) + 1
        head = " ".join(heads).encode() + b"\n"
        body = head + b"\n".join(content for _, content in objects)
        self.put(number, _stream(number, f"/Type /ObjStm /N {len(objects)} /First {len(head)}", body))

    def end(self, number: int, root: str) -> bytes:
        """The whole file, ended with its cross-reference stream, which is object `number`."""
        start = len(self.content)
        self.rows[number] = (_OFFSET, start, 0)
        # The identifier is made of the file's content, so that the same content has the same identifier.
        identifier = hashlib.sha256(self.content).hexdigest()[:32].upper()
        rows = [_row(self.rows.get(at, (_FREE, 0, 0xFFFF))) for at in range(number + 1)]
        # Each row but for what it has in common with the one before (PNG's "up", 7.4.4.4): most are the next place.
        ups = b"".join(starmap(_up, pairwise([bytes(sum(_WIDTHS)), *rows])))
        entries = (
            f"/Type /XRef /Size {number + 1} /Root {root} /ID [<{identifier}> <{identifier}>] "
            f"/W [{' '.join(map(str, _WIDTHS))}] /DecodeParms <</Predictor 12 /Columns {sum(_WIDTHS)}>>"
        )
        self.content += _stream(number, entries, ups)
        self.content += f"startxref\n{start}\n%%EOF\n".encode()
        return bytes(self.content)


def _row(places: tuple[int, int, int]) -> bytes:
    return b"".join(place.to_bytes(width, "big") for place, width in zip(places, _WIDTHS, strict=True))


def _up(before: bytes, row: bytes) -> bytes:
    return b"\2" + bytes((now - then) & 0xFF for then, now in zip(before, row, strict=True))


def _stream(number: int, entries: str, content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = f"{number} 0 obj\n<<{entries} /Filter /FlateDecode /Length {len(packed)}>>\nstream\n"
    return head.encode() + packed + b"\nendstream\nendobj\n"
