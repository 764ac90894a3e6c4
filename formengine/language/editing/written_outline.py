"""The outline of a form as its text has it: pages, sections, questions and notes, each with its line and its place.

It stands on the tree of the text alone, so that a form with errors has one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from formengine.language.content import parse, plain_text
from formengine.language.editing.pieces import EditedPiece, text_of, tree_of
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.reader import Mapping, Scalar, Sequence, YamlNode
from formengine.language.source import Located

_INSERT = re.compile(r"\(\(.*?\)\)")

# shared: questions that another file has. unread: something that cannot be read.
OutlineKind = Literal["page", "section", "note", "question", "group", "list", "shared", "unread"]
_HOLDERS: Final[dict[str, OutlineKind]] = {
    "group": "group",
    "repeat": "list",
    "section": "section",
    "note": "note",
}


@dataclass(frozen=True, slots=True)
class OutlinePiece:
    """A piece of the form in the order of the text.

    address: by ids, as edits name it; "" for what has none. path: of its answer, "" for none. page: the id of its page.
    depth: how far in it stands, 0 for a page. show_if: where its condition is written in the text, None for none, and
    the condition. questions: how many are in it. turn and turns: which one it is in its list, from 1, and of how many.
    """

    kind: OutlineKind
    address: str
    path: str
    page: str
    id: str
    label: str
    type: str
    required: bool
    show_if: tuple[int, str] | None
    options: int
    questions: int
    line: int
    depth: int
    turn: int
    turns: int


def written_outline(text: str) -> list[OutlinePiece]:
    """The pieces of the form in order, each page before what is on it. Raises `EditRefusedError` for no form at all."""
    _, root = tree_of(text)
    pages = root.get("pages")
    return list(_pieces(pages, "", "", (), 0)) if isinstance(pages, Sequence) else []


def _pieces(
    items: Sequence, head: str, page: str, around: tuple[Mapping, ...], depth: int
) -> Iterator[OutlinePiece]:
    for turn, node in enumerate(items.items):
        if not isinstance(node, Mapping):
            continue
        kind, name = _kind(node, depth), text_of(node, "id")
        here = name if not depth else page
        inner = [found for key in ("fields", "pages") if isinstance(found := node.get(key), Sequence)]
        address = f"{head}{name}" if name else ""
        # A section is passed through: what is in it has the address that it would have beside it.
        below = head if kind == "section" else f"{address}/"
        within = around if kind == "section" else (*around, node)
        children = [
            each
            for found in (inner if address or kind == "section" else ())
            for each in _pieces(found, below, here, within, depth + 1)
        ]
        shown = node.get("show_if")
        options = node.get("options")
        yield OutlinePiece(
            kind=kind,
            address=address,
            path=EditedPiece(node, around, items, turn).path if kind != "section" else "",
            page=here,
            id=name,
            label=_label(node, kind),
            type=text_of(node, "type"),
            required=text_of(node, "required") == "true",
            show_if=(shown.start, shown.text) if isinstance(shown, Scalar) else None,
            options=len(options.entries) if isinstance(options, Mapping) else 0,
            questions=sum(each.kind == "question" for each in children),
            line=node.span.line,
            depth=depth,
            turn=turn + 1,
            turns=len(items.items),
        )
        yield from children


def _kind(node: Mapping, depth: int) -> OutlineKind:
    written = text_of(node, "type")
    if not depth or (not written and node.get("fields") is not None and node.get("use") is None):
        return "page"
    if node.get("use") is not None:
        return "shared"
    if written in _HOLDERS:
        return _HOLDERS[written]
    return "question" if written in FIELD_TYPES or written in COMPOSITE_TYPES else "unread"


def _label(node: Mapping, kind: OutlineKind) -> str:
    if kind == "shared":
        return _text(node.get("use"))
    keys = ("title",) if kind == "page" else ("label", "title")
    named = next((found for key in keys if (found := text_of(node, key))), "")
    return named or _first_words(node.get("text"))


def _first_words(node: YamlNode | None) -> str:
    """What a note says first, without its marks; an answer that it repeats is left open."""
    if not isinstance(node, Scalar):
        return ""
    blocks = parse(Located(_INSERT.sub("…", node.text), node.span))
    return plain_text(blocks[:1]).partition("\n")[0]


def _text(node: YamlNode | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) else ""
