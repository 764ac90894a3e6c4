"""Finding a piece of a definition by ids: ``about/child/first_name``, the page first, sections passed through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from formengine.language.diagnostics import Findings
from formengine.language.editing import EditRefusedError
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import Key
from formengine.language.loader import keys
from formengine.language.reader import Mapping as MappingNode
from formengine.language.reader import Scalar, Sequence, YamlNode, read
from formengine.language.source import Source

# Mappings of the form that hold questions as a page does.
_AS_PAGES: Final = ("start", "submit")


@dataclass(frozen=True, slots=True)
class EditedPiece:
    """A piece in the tree of its file. around: the pieces it stands in, the outermost first, the form left out.

    items and turn: the list that it is an item of, and which one; None and 0 for what is no item.
    """

    node: MappingNode
    around: tuple[MappingNode, ...]
    items: Sequence | None
    turn: int

    @property
    def path(self) -> str:
        """The path of its answer; "" for a page and whatever has no id."""
        chain = (*self.around, self.node)
        ids = [text_of(each, "id") for each in chain if each.get("type") is not None]
        return ".".join(ids) if ids and all(ids) and self.node.get("type") is not None else ""


def tree_of(text: str) -> tuple[Source, MappingNode]:
    """The text as a source, and its tree. Raises `EditRefusedError` where nothing of it can be read."""
    source = Source("form.yaml", text)
    root = read(source, Findings())
    if root is None:
        raise EditRefusedError("unclear")
    return source, root


def find_piece(root: MappingNode, address: str) -> EditedPiece:
    """The piece with this address, "" for the form itself. Raises `EditRefusedError` where there is none."""
    piece = EditedPiece(root, (), None, 0)
    if not address:
        return piece
    for number, name in enumerate(address.split("/")):
        within = (*piece.around, piece.node) if number else ()
        found = next((each for each in _children(piece.node, within) if _name(each, root) == name), None)
        if found is None:
            uses = any(each.node.get("use") is not None for each in _children(piece.node, within))
            raise EditRefusedError("fragment" if uses else "unknown")
        piece = found
    return piece


def addresses(root: MappingNode) -> list[str]:
    """The addresses of all pieces that have an id, in the order of the text."""
    return list(_addresses(root, root, ""))


def _addresses(root: MappingNode, node: MappingNode, head: str) -> Iterator[str]:
    for child in _children(node, ()):
        name = _name(child, root)
        if name:
            yield f"{head}{name}"
            yield from _addresses(root, child.node, f"{head}{name}/")


def children_of(piece: EditedPiece) -> list[EditedPiece]:
    """The pieces directly in it, those in its sections among them."""
    return list(_children(piece.node, (*piece.around, piece.node)))


def _name(piece: EditedPiece, root: MappingNode) -> str:
    for key in _AS_PAGES:
        if root.get(key) is piece.node:
            return key
    return text_of(piece.node, "id")


def _children(node: MappingNode, around: tuple[MappingNode, ...]) -> Iterator[EditedPiece]:
    for key in _AS_PAGES:
        page = node.get(key)
        if isinstance(page, MappingNode) and node.get("form") is not None:
            yield EditedPiece(page, around, None, 0)
    for key in ("pages", "fields"):
        items = node.get(key)
        if isinstance(items, Sequence):
            yield from _items(items, around)


def _items(items: Sequence, around: tuple[MappingNode, ...]) -> Iterator[EditedPiece]:
    for turn, item in enumerate(items.items):
        if not isinstance(item, MappingNode):
            continue
        inner = item.get("fields")
        if text_of(item, "type") == "section" and isinstance(inner, Sequence):
            yield from _items(inner, around)
        else:
            yield EditedPiece(item, around, items, turn)


def text_of(node: YamlNode, key: str) -> str:
    """The text of a key's scalar, "" where it has none."""
    found = node.get(key) if isinstance(node, MappingNode) else None
    return found.text.strip() if isinstance(found, Scalar) else ""


def house_order(root: MappingNode, node: MappingNode) -> list[str]:
    """The keys that may stand in this piece, in the order in which they are written."""
    return list(_keys(root, node))


def _keys(root: MappingNode, node: MappingNode) -> Mapping[str, Key]:
    if node is root:
        return keys.FORM.keys
    if node is root.get("start"):
        return keys.START.keys
    if node is root.get("submit"):
        return keys.SUBMIT.keys
    kind = text_of(node, "type")
    if not kind:
        return keys.PAGE.keys
    if kind in keys.NODE_STRUCTURES:
        return keys.NODE_STRUCTURES[kind].keys
    if kind in COMPOSITE_TYPES:
        return keys.composite_structure(COMPOSITE_TYPES[kind]).keys
    return keys.field_structure(FIELD_TYPES[kind]).keys if kind in FIELD_TYPES else keys.FIELD.keys
