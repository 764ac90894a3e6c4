"""The edits: a key set or removed, an item added, removed, moved or copied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

from formengine.language.diagnostics import Findings
from formengine.language.editing import EditRefusedError
from formengine.language.editing.pieces import (
    EditedPiece,
    children_of,
    find_piece,
    house_order,
    text_of,
    tree_of,
)
from formengine.language.editing.written_scalars import written
from formengine.language.reader import Mapping, MappingEntry, Scalar, Sequence, YamlNode, read
from formengine.language.source import Source

_RENAMED_FROM: Final = "renamed_from"
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def set_key(text: str, address: str, key: str, value: str) -> str:
    """The text with this value under a key of the piece, written as the value before was.

    key: ``label``, or ``options/deal`` for a key below a key. A new key comes where authors expect it. Raises
    `EditRefusedError`.
    """
    source, root = tree_of(text)
    node, last = _holder_of(find_piece(root, address).node, key)
    entry = next((each for each in node if each.key.text == last), None)
    if entry is not None:
        return _checked(text, _with_value(source, entry, value, flow=_is_flow(source, node)))
    order = house_order(root, node) if "/" not in key else []
    return _checked(text, _with_key(source, node, order, last, value))


def remove_key(text: str, address: str, key: str) -> str:
    """The text without this key of the piece and what stands below it. Raises `EditRefusedError`."""
    source, root = tree_of(text)
    node, last = _holder_of(find_piece(root, address).node, key)
    entry = next((each for each in node if each.key.text == last), None)
    if entry is None:
        raise EditRefusedError("unknown")
    if _is_flow(source, node):
        raise EditRefusedError("flow")
    if len(node.entries) == 1 or _column(source, entry.key.start) != _first_column(source, entry):
        raise EditRefusedError("only")
    lines = _Lines(text)
    first, last_line = lines.of(entry.key.start), lines.of(max(entry.value.end, entry.key.end) - 1)
    return _checked(
        text, lines.without(lines.lead(first, _column(source, entry.key.start)), last_line + 1, blank=False)
    )


def _holder_of(piece: Mapping, key: str) -> tuple[Mapping, str]:
    """The mapping in which the last part of a key such as ``options/deal`` stands, and that part."""
    node = piece
    *heads, last = key.split("/")
    for head in heads:
        inner = node.get(head)
        if not isinstance(inner, Mapping):
            raise EditRefusedError("unknown")
        node = inner
    return node, last


def add_item(text: str, address: str, item: str, *, after: str | None = None) -> str:
    """The text with an item added to the piece's questions, or to the form's pages for "".

    item: its lines, without dash and indentation. after: the id of the item before it, None for the first place.
    Raises `EditRefusedError`.
    """
    lines = _Lines(text)
    body = item.strip("\n").replace("\r\n", "\n").split("\n")
    return _checked(text, _put(text, address, after, lambda dash: _dashed(body, dash, lines.ending)))


def remove_item(text: str, address: str) -> str:
    """The text without the item, the comment directly above it and one blank line. Raises `EditRefusedError`."""
    source, root = tree_of(text)
    piece = find_piece(root, address)
    lines = _Lines(text)
    first, last = _extent(source, piece, lines)
    return _checked(text, lines.without(first, last))


def move_item(text: str, address: str, to: str, *, after: str | None = None) -> str:
    """The text with the item in another place, its comment with it.

    to: the address of the piece that it comes into, "" for the form's pages. after: as in `add_item`. Where its answer
    has another path then, `renamed_from` says where saved answers are. Raises `EditRefusedError`.
    """
    if to == address or to.startswith(f"{address}/"):
        raise EditRefusedError("inside")
    source, root = tree_of(text)
    piece = find_piece(root, address)
    name, before = text_of(piece.node, "id"), piece.path
    if not name or after == name:
        raise EditRefusedError("unknown")
    lines = _Lines(text)
    first, last = _extent(source, piece, lines)
    moved, dash = lines.texts[first:last], _dash_of(source, piece)
    left = lines.without(first, last)
    new = _put(left, to, after, lambda at: [_indented(line, at - dash) for line in moved])
    address_now = f"{to}/{name}" if to else name
    _, tree = tree_of(new)
    now = find_piece(tree, address_now)
    if before and now.path != before and text_of(now.node, _RENAMED_FROM) != before:
        new = set_key(new, address_now, _RENAMED_FROM, before)
    return _checked(text, new)


def shift_item(text: str, address: str, by: Literal[-1, 1]) -> str:
    """The text with the item exchanged with the one before it (-1) or after it (1) in its list, comments with them.

    The neighbour may be anything, such as a note without an id. Raises `EditRefusedError`: "only" where there is none.
    """
    source, root = tree_of(text)
    piece = find_piece(root, address)
    lines = _Lines(text)
    dash, items = _dash_of(source, piece), piece.items
    if items is None or not 0 <= piece.turn + by < len(items.items):
        raise EditRefusedError("only")
    one, two = sorted((piece.turn, piece.turn + by))
    stretches = []
    for turn in (one, two):
        node = items.items[turn]
        first = lines.of(source.text.rfind("-", 0, node.start))
        stretches.append((lines.lead(first, dash), lines.of(node.end - 1) + 1))
    (start, end), (start_2, end_2) = stretches
    ended = [line if line.endswith("\n") else line + lines.ending for line in lines.texts[:end_2]]
    moved = [*ended[start_2:end_2], *ended[end:start_2], *ended[start:end]]
    return _checked(text, "".join([*ended[:start], *moved, *lines.texts[end_2:]]))


def copy_item(text: str, address: str, new_id: str) -> str:
    """The text with the item once more, directly below itself and under another id, without `renamed_from`.

    Raises `EditRefusedError`.
    """
    source, root = tree_of(text)
    piece = find_piece(root, address)
    name = piece.node.get("id")
    if not isinstance(name, Scalar) or piece.items is None or text_of(piece.node, "type") == "":
        raise EditRefusedError("unknown")
    _dash_of(source, piece)  # refuses what stands in brackets
    lines = _Lines(text)
    first, end = lines.of(source.text.rfind("-", 0, piece.node.start)), lines.of(piece.node.end - 1) + 1
    at = len("".join(lines.texts[:first]))
    body = "".join(lines.texts[first:end])
    body = body[: name.start - at] + new_id + body[name.end - at :]
    copied = [line.rstrip("\r\n") for line in _Lines(body).texts]
    if _are_apart(piece.items, lines):
        copied = ["", *copied]
    new = lines.with_lines(end, copied)
    if piece.node.get(_RENAMED_FROM) is not None:
        head = address.rpartition("/")[0]
        new = remove_key(new, f"{head}/{new_id}", _RENAMED_FROM)
    return _checked(text, new, twice=True)


# --- keys ------------------------------------------------------------------------------------------------------------


def _with_value(source: Source, entry: MappingEntry, value: str, *, flow: bool) -> str:
    node = entry.value
    if not isinstance(node, Scalar):
        raise EditRefusedError("unclear")
    indent = " " * (_column(source, entry.key.start) + 2)
    new = written(value, indent=indent, style=node.style, ending=_Lines(source.text).ending, flow=flow)
    start, end = node.start, node.end
    if not node.text and start == end:
        start = end = entry.key.end + 1
        new = f" {new}"
    return source.text[:start] + new + source.text[end:]


def _with_key(source: Source, node: Mapping, order: list[str], key: str, value: str) -> str:
    """The text with a new key, behind the last of those that come before it in the house's order."""
    text = source.text
    places = {name: number for number, name in enumerate(order)}
    turn = places.get(key, len(order))
    before = [each for each in node if places.get(each.key.text, -1) < turn]
    entry = before[-1] if before else node.entries[-1]
    end = max(entry.value.end, entry.key.end + 1)
    if _is_flow(source, node):
        new = written(value, indent="", flow=True)
        return f"{text[:end]}, {key}: {new}{text[end:]}"
    lines = _Lines(text)
    indent = " " * _column(source, node.entries[0].key.start)
    new = written(value, indent=f"{indent}  ", ending=lines.ending)
    number = lines.of(end - 1)
    return lines.with_lines(number + 1, [f"{indent}{key}: {new}"])


def _is_flow(source: Source, node: YamlNode) -> bool:
    return source.text[node.start : node.start + 1] in {"{", "["}


def _column(source: Source, offset: int) -> int:
    return offset - (source.text.rfind("\n", 0, offset) + 1)


def _first_column(source: Source, entry: MappingEntry) -> int:
    """The column of the first sign on the key's line that is no blank: the key's own, unless a dash is before it."""
    start = source.text.rfind("\n", 0, entry.key.start) + 1
    line = source.text[start : entry.key.end]
    return len(line) - len(line.lstrip(" "))


# --- items -----------------------------------------------------------------------------------------------------------


def _dash_of(source: Source, piece: EditedPiece) -> int:
    """The column of the item's dash."""
    if piece.items is None:
        raise EditRefusedError("unknown")
    if _is_flow(source, piece.items):
        raise EditRefusedError("flow")
    return _column(source, piece.items.start)


def _extent(source: Source, piece: EditedPiece, lines: _Lines) -> tuple[int, int]:
    """The lines of an item with the comment directly above it: the first, and the one after its last."""
    dash = _dash_of(source, piece)
    if piece.items is not None and len(piece.items.items) == 1:
        raise EditRefusedError("only")
    first = lines.of(source.text.rfind("-", 0, piece.node.start))
    return lines.lead(first, dash), lines.of(piece.node.end - 1) + 1


def _put(text: str, address: str, after: str | None, item: Callable[[int], list[str]]) -> str:
    """The text with the lines of an item put into the piece's list. item: the lines, for a dash at that column."""
    source, root = tree_of(text)
    piece = find_piece(root, address)
    lines = _Lines(text)
    if after is not None:
        neighbour = next((each for each in children_of(piece) if text_of(each.node, "id") == after), None)
        if neighbour is None or neighbour.items is None:
            raise EditRefusedError("unknown")
        items, at = neighbour.items, lines.of(neighbour.node.end - 1) + 1
        dash = _dash_of(source, neighbour)
    else:
        found = piece.node.get("pages" if not address else "fields")
        found = piece.node.get("pages") if found is None else found
        if not isinstance(found, Sequence) or not found.items:
            raise EditRefusedError("unknown")
        if _is_flow(source, found):
            raise EditRefusedError("flow")
        items, dash = found, _column(source, found.start)
        at = lines.lead(lines.of(found.start), dash)
    added = item(dash)
    if _are_apart(items, lines):
        added = [lines.ending, *added] if after is not None else [*added, lines.ending]
    return lines.with_lines(at, [line.rstrip("\r\n") for line in added])


def _are_apart(items: Sequence, lines: _Lines) -> bool:
    """Whether most neighbours in the list have a blank line between them."""
    gaps = [
        any(
            not lines.texts[number].strip()
            for number in range(lines.of(one.end - 1) + 1, lines.of(two.start))
        )
        for one, two in zip(items.items, items.items[1:], strict=False)
    ]
    return bool(gaps) and sum(gaps) * 2 > len(gaps)


def _dashed(body: list[str], dash: int, ending: str) -> list[str]:
    head = " " * dash
    first, *rest = body
    return [
        f"{head}- {first}{ending}",
        *(f"{head}  {line}{ending}" if line.strip() else ending for line in rest),
    ]


def _indented(line: str, by: int) -> str:
    if not line.strip() or by == 0:
        return line
    return " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip(" "))) :]


class _Lines:
    """The lines of a text, each with its end."""

    def __init__(self, text: str) -> None:
        # Not `splitlines`, to which more signs end a line than to YAML.
        self.texts: list[str] = _LINE.findall(text)
        self.ending = "\r\n" if "\r\n" in text else "\n"
        self._starts = [0]
        for line in self.texts:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, offset: int) -> int:
        """The number, from 0, of the line that holds this offset."""
        low, high = 0, len(self.texts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low

    def lead(self, first: int, column: int) -> int:
        """The first line of the comment directly above line `first`, at this column; `first` where there is none."""
        while first and self.texts[first - 1].startswith(" " * column + "#"):
            first -= 1
        return first

    def without(self, first: int, last: int, *, blank: bool = True) -> str:
        """The text without these lines. blank: and without a blank line before them, or one after them."""
        if blank and first > 0 and not self.texts[first - 1].strip():
            first -= 1
        elif blank and last < len(self.texts) and not self.texts[last].strip():
            last += 1
        return "".join(self.texts[:first] + self.texts[last:])

    def with_lines(self, at: int, added: list[str]) -> str:
        """The text with these lines put before line `at`."""
        before = self.texts[:at]
        if before and not before[-1].endswith("\n"):
            before[-1] += self.ending
        return "".join([*before, *(f"{line}{self.ending}" for line in added), *self.texts[at:]])


def _checked(before: str, after: str, *, twice: bool = False) -> str:
    """The text after the edit. Raises `EditRefusedError` where the reader finds more in it than before.

    twice: whether the edit repeats a part of the text, in which what was found before may be found again.
    """
    found = []
    for text in (before, after):
        findings = Findings()
        read(Source("form.yaml", text), findings)
        found.append([each.message for each in findings.found])
    if set(found[1]) - set(found[0]) if twice else len(found[1]) > len(found[0]):
        raise EditRefusedError("unclear")
    return after
