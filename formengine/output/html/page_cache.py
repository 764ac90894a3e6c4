"""The page cache: a cached page is a page as it is for everybody, with holes for what people answered.

Which cached page a request needs is decided by the page's shape (`formengine.output.html.page_shape`). It is drawn by
the templates with holes in place of answers, so it can hold nobody's answers. What differs between people as a whole,
such as a list of people or a label with an answer in it, is one hole, filled with what is drawn on each request. All
else is filled from the answers alone.

A fast path for `benchmarks.html_page` and for the pages of `benchmarks.service`: without it (`_cached_page` returning
None), a page of Request for Support, from its answers to its HTML, takes 5.7 times the processor's time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from formengine.form.plan import Field, Node, Run
from formengine.form.plan.forward_pass import reach
from formengine.form.state.counted import counted
from formengine.language.fields.base import FieldSettings, as_typed, is_blank
from formengine.language.json_types import Json
from formengine.language.words import Wording
from formengine.output.html.partial_cache import Hole, Holes

Path = tuple[str, ...]


class Slot(NamedTuple):
    """Where one question's answer goes: its path among the answers, and positions in a cached page's pieces.

    encode and settings: what makes texts of the answer. blank: an answer not given fills nothing. texts: pairs of
    position and part. marks: by code, pairs of position and the HTML to put there when the code is chosen.
    """

    path: Path
    encode: Callable[[Json, FieldSettings], Mapping[str, tuple[str, ...]]]
    settings: FieldSettings
    blank: bool
    texts: tuple[tuple[int, str], ...]
    marks: Mapping[str, tuple[tuple[int, str], ...]]


class PageHoles:
    """Makes the holes that the templates put into a cached page while they draw it."""

    def __init__(self) -> None:
        self._holes = Holes()
        self.fields: list[Field] = []  # whose answers go into the holes
        self.nodes: list[Node] = []  # that are drawn on each request

    def question(self, field: Field) -> Holes:
        """Holes for the answer to one question."""
        self.fields.append(field)
        return self._holes.of(len(self.fields) - 1)

    def redrawn(self, node: Node) -> str:
        """A hole for the HTML of a whole node."""
        self.nodes.append(node)
        return self._holes.of(len(self.nodes) - 1).body()

    def hidden(self) -> str:
        """A hole for the hidden values that the page posts back."""
        return self._holes.path()

    def split(self, html: str) -> list[str | Hole]:
        """`html` in texts and the holes between them."""
        return self._holes.split(html)


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A page in pieces: text, and "" at the positions of `hidden`, of answers, and of what is drawn on each request.

    lines: path and position of a value that is shown as it was typed. choices: the same for one code, with the
    positions by code. slots: all other boxes. shown: question and position of an answer to be read; what is shown
    without one is in the pieces. The last: each node to draw on each request, with its position.
    """

    pieces: list[str]
    hidden: int
    lines: tuple[tuple[Path, int], ...]
    choices: tuple[tuple[Path, Mapping[str, tuple[tuple[int, str], ...]]], ...]
    slots: tuple[Slot, ...]
    shown: tuple[tuple[Field, int], ...]
    redrawn: tuple[tuple[Node, int], ...]

    def fill(self, run: Run, hidden: str, draw: Callable[[Node], str], wording: Wording) -> str:
        """The page with the answers of `run`, escaped, and the HTML `hidden`. `draw` makes HTML of a node by itself."""
        pieces, answers = self.pieces.copy(), run.answers
        pieces[self.hidden] = hidden
        for path, place in self.lines:
            value = reach(answers, path)
            if value is not None and not is_blank(value):
                text = value if isinstance(value, str) else str(value)
                # Letters and figures need no escaping, and most answers are nothing else.
                pieces[place] = text if text.isalnum() else escape(text)
        for path, marks in self.choices:
            value = reach(answers, path)
            if value is not None and not is_blank(value):
                for place, mark in marks.get(value if isinstance(value, str) else str(value), ()):
                    pieces[place] = mark
        self._fill_boxes(pieces, answers)
        for field, place in self.shown:
            answer = counted(field, run)
            if answer is not None:
                display = field.spec.type.display(answer, field.spec.settings)
                pieces[place] = escape(wording.display(display)) or pieces[place]
        for node, place in self.redrawn:
            pieces[place] = draw(node)
        return "".join(pieces)

    def _fill_boxes(self, pieces: list[str], answers: Mapping[str, Json]) -> None:
        for path, encode, settings, blank, texts, marks in self.slots:
            value = reach(answers, path)
            if is_blank(value):
                if blank:
                    continue
                value = None
            parts = encode(value, settings)
            for place, part in texts:
                if found := parts.get(part):
                    pieces[place] = escape(found[-1])
            if marks:
                for code in parts.get("", ()):
                    for place, mark in marks.get(code, ()):
                        pieces[place] = mark


def prepare_page(html: str, holes: PageHoles) -> CachedPage:
    """The cached page made of `html`, which was drawn with `holes`."""
    split = holes.split(html)
    found = [(place, piece) for place, piece in enumerate(split) if isinstance(piece, Hole)]
    boxes: dict[int, list[tuple[int, Hole]]] = {}
    for place, hole in found:
        if hole.kind in {"text", "mark"}:
            boxes.setdefault(hole.owner, []).append((place, hole))
    slots = [_slot(holes.fields[turn], own) for turn, own in boxes.items()]
    lines = [slot for slot in slots if slot.encode is as_typed and [part for _, part in slot.texts] == [""]]
    choices = [slot for slot in slots if slot.encode is as_typed and not slot.texts]
    return CachedPage(
        pieces=[_without_answer(piece) for piece in split],
        hidden=next(place for place, hole in found if hole.kind == "path"),
        lines=tuple((slot.path, slot.texts[0][0]) for slot in lines if not slot.marks),
        choices=tuple((slot.path, slot.marks) for slot in choices),
        slots=tuple(slot for slot in slots if slot not in choices and (slot.marks or slot not in lines)),
        shown=tuple((holes.fields[hole.owner], place) for place, hole in found if hole.kind == "shown"),
        redrawn=tuple((holes.nodes[hole.owner], place) for place, hole in found if hole.kind == "body"),
    )


def _without_answer(piece: str | Hole) -> str:
    if isinstance(piece, str):
        return piece
    return escape(piece.name) if piece.kind == "shown" else ""


def _slot(field: Field, holes: list[tuple[int, Hole]]) -> Slot:
    spec = field.spec
    marks: dict[str, tuple[tuple[int, str], ...]] = {}
    for place, hole in holes:
        if hole.kind == "mark":
            marks[hole.name] = (*marks.get(hole.name, ()), (place, hole.filling))
    return Slot(
        path=field.path,
        encode=spec.type.encode,
        settings=spec.settings,
        blank=not spec.type.encode(None, spec.settings),
        texts=tuple((place, hole.name) for place, hole in holes if hole.kind == "text"),
        marks=marks,
    )
