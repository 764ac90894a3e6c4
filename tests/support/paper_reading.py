"""What a reader that follows the tags gets from a PDF: the structure tree with the text of each element.

Text comes from marked content: its ActualText when it has one, else what the fonts' ToUnicode maps give.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any

import pikepdf

_BF = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


@dataclass(slots=True)
class Node:
    """An element: its type, its own text, its children, and the source of its attributes."""

    tag: str
    parts: list[str | Node] = field(default_factory=list)
    language: str | None = None
    scope: str | None = None
    links: int = 0

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def find(self, tag: str) -> list[Node]:
        """The elements of a type in it, in reading order."""
        out = [self] if self.tag == tag else []
        for part in self.parts:
            if isinstance(part, Node):
                out += part.find(tag)
        return out

    def outline(self) -> object:
        """The tree as nested tuples, for writing out an expected one."""
        return (self.tag, *[part if isinstance(part, str) else part.outline() for part in self.parts])


def unicode_maps(page: pikepdf.Page) -> dict[str, dict[int, str]]:
    """The text of each code of each font on the page."""
    maps = {}
    for name, font in page.Resources.get("/Font", pikepdf.Dictionary()).items():
        pairs = _BF.findall(font.ToUnicode.read_bytes())
        maps[str(name)] = {
            int(code, 16): bytes.fromhex(uni.decode()).decode("utf-16-be") for code, uni in pairs
        }
    return maps


def object_id(thing: pikepdf.Object | pikepdf.Page) -> int:
    """The identity of an object within one file."""
    number: int = (thing.obj if isinstance(thing, pikepdf.Page) else thing).objgen[0]
    return number


def instructions(page: pikepdf.Page) -> list[tuple[list[Any], str]]:
    """The operands and the name of each operator on the page."""
    found = pikepdf.parse_content_stream(page)
    return [
        (list(i.operands), str(i.operator)) for i in found if isinstance(i, pikepdf.ContentStreamInstruction)
    ]


def page_texts(page: pikepdf.Page) -> tuple[dict[int, str], str]:
    """The text of each marked-content identifier of the page, and the text of the page's artifacts."""
    maps = unicode_maps(page)
    said: dict[int, str] = {}
    artifacts = ""
    font: dict[int, str] = {}
    mcid: int | None = None
    actual = False
    for operands, name in instructions(page):
        if name == "BDC":
            properties = operands[1]
            mcid = int(properties.MCID) if "/MCID" in properties else None
            actual = "/ActualText" in properties
            if mcid is not None:
                assert mcid not in said, "an identifier is used once a page"
                said[mcid] = str(properties.ActualText) if actual else ""
        elif name == "EMC":
            mcid, actual = None, False
        elif name == "Tf":
            font = maps[str(operands[0])]
        elif name in ("Tj", "TJ"):
            strings = (
                [operands[0]] if name == "Tj" else [s for s in operands[0] if isinstance(s, pikepdf.String)]
            )
            raw = b"".join(bytes(s) for s in strings)
            shown = "".join(font[int.from_bytes(raw[i : i + 2])] for i in range(0, len(raw), 2))
            if mcid is None:
                artifacts += shown
            elif not actual:
                said[mcid] += shown
    return said, artifacts


def kids_of(element: pikepdf.Object) -> list[Any]:
    """What a structure element holds, in order: an array, or a single kid by itself."""
    kids = element.get("/K", pikepdf.Array())
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def elements_in(element: pikepdf.Object) -> list[pikepdf.Object]:
    """The structure elements that an element holds, in order."""
    return [kid for kid in kids_of(element) if isinstance(kid, pikepdf.Object) and "/S" in kid]


def mark_of(kid: Any, element: pikepdf.Object) -> tuple[int, int] | None:
    """The page's object and the identifier of the marked content that a kid is, None for any other kid."""
    if isinstance(kid, int):
        return object_id(element.Pg), kid
    return (object_id(kid.Pg), int(kid.MCID)) if kid.get("/Type") == "/MCR" else None


def read(content: bytes) -> Node:
    """The document's structure with its text. Fails on content that no element holds, or that two hold."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        texts = {object_id(page): page_texts(page)[0] for page in pdf.pages}
        used: set[tuple[int, int]] = set()

        def node(element: pikepdf.Object) -> Node:
            out = Node(str(element.S)[1:])
            out.language = str(element.Lang) if "/Lang" in element else None
            out.scope = str(element.A.Scope)[1:] if "/A" in element and "/Scope" in element.A else None
            for kid in kids_of(element):
                mark = mark_of(kid, element)
                if mark is not None:
                    assert mark not in used, "content belongs to one element"
                    used.add(mark)
                    out.parts.append(texts[mark[0]][mark[1]])
                elif kid.get("/Type") == "/OBJR":
                    assert kid.Obj.Subtype == "/Link"
                    out.links += 1
                else:
                    out.parts.append(node(kid))
            return out

        root = node(pdf.Root.StructTreeRoot.K[0])
        assert used == {(page, mcid) for page, said in texts.items() for mcid in said}, (
            "all content is in the tree"
        )
        return root


def artifacts(content: bytes) -> list[str]:
    """The text of each page's artifacts."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [page_texts(page)[1] for page in pdf.pages]
