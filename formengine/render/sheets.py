"""Whole pages prepared once: a sheet is a page as it is for everybody, with holes for what people answered.

Which sheet a page needs is told by its shape: what is shown, under which condition, and what must be answered. A sheet
is drawn by the templates with holes in place of answers, so it can hold nobody's. What cannot be said for everybody,
such as a list of people or a label with an answer in it, is one hole, filled with what is drawn afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from formengine.fields.base import Json, Settings
from formengine.fields.single_line import as_typed
from formengine.packs import Wording
from formengine.render.conditions import Level, node_of, shown_when
from formengine.render.fragments import Hole, Holes
from formengine.render.questions import typed_of
from formengine.state import FieldState, GroupState, NodeState, NoteState, RepeatState, SectionState
from formengine.state.views import fields_in

Leaf = FieldState | NoteState | RepeatState
_OPENS = "opens"


def is_plain(state: NodeState, *, show_errors: bool) -> bool:
    """Whether the node itself says the same to everybody, answers and what it holds apart."""
    match state:
        case FieldState():
            spec = state.field.spec
            return (
                state.settings is spec.settings
                and state.hint is spec.hint
                and not (show_errors and (state.error or state.warning))
            )
        case NoteState():
            return state.text is state.note.spec.text
        case RepeatState():
            return False
        case SectionState():
            return "((" not in state.section.spec.label and state.intro is state.section.spec.intro
        case GroupState():
            said = "((" not in state.group.spec.label and state.intro is state.group.spec.intro
            return said and not (show_errors and state.error)


@dataclass(slots=True)
class Shape:
    """What a page is but for its answers, found by `look`.

    key: equal for pages that share a sheet; it holds identities of nodes and folded conditions, no answer. questions:
    the plain ones shown, in order. others: what else may differ between people.
    """

    show_errors: bool
    key: list[Hashable]
    questions: list[FieldState] = field(default_factory=list)
    others: list[Leaf] = field(default_factory=list)

    def look(self, nodes: tuple[NodeState, ...], level: Level, *, inside_open: bool = False) -> bool:
        """Adds `nodes`; false when there can be no sheet for them.

        Each node is one entry of the key: what `_look_closely` finds, or for most questions its identity alone.
        """
        append, questions = self.key.append, self.questions
        asked = level.asked if not self.show_errors else {}
        for state in nodes:
            if type(state) is FieldState:
                # What `shown_when` and `is_plain` come to, without the calls: this runs for each question of each page.
                node, spec = state.field, state.field.spec
                opens = asked.get(id(node))
                if (
                    opens is not None
                    and (opens or inside_open or state.relevance is True)
                    and state.settings is spec.settings
                    and state.hint is spec.hint
                ):
                    append(id(node) if state.required else -id(node))
                    questions.append(state)
                    continue
            if not self._look_closely(state, level, inside_open=inside_open):
                return False
        return True

    def _look_closely(self, state: NodeState, level: Level, *, inside_open: bool) -> bool:
        node = node_of(state)
        shown = shown_when(state, node, level, inside_open=inside_open)
        plain = is_plain(state, show_errors=self.show_errors)
        required = False
        if isinstance(state, FieldState):
            required = state.required
        elif isinstance(state, SectionState | GroupState) and shown is False:
            required = any(each.required for each in fields_in(state.nodes))
        opens = shown is level.settled.get(id(node))
        self.key.append((id(node), _OPENS if opens else shown, plain, required))
        if shown is False:
            return not _is_table(state)
        if isinstance(state, SectionState | GroupState):
            return plain and self.look(state.nodes, level, inside_open=inside_open or shown is not True)
        if isinstance(state, FieldState) and plain:
            self.questions.append(state)
        elif not plain:
            self.others.append(state)
        return not _is_table(state)


def _is_table(state: NodeState) -> bool:
    return isinstance(state, RepeatState) and state.repeat.spec.layout == "table"


class Slot(NamedTuple):
    """Where one question's answer goes: its turn among the questions, and places in a sheet's pieces.

    encode and settings: what makes texts of the answer. blank: an answer not given fills nothing. marks: by code.
    """

    turn: int
    encode: Callable[[Json, Settings], Mapping[str, tuple[str, ...]]]
    settings: Settings
    blank: bool
    texts: tuple[tuple[int, str], ...]
    marks: Mapping[str, tuple[tuple[int, str], ...]]


class SheetHoles:
    """Leaves places open while the templates draw a sheet for pages of `shape`."""

    def __init__(self, shape: Shape) -> None:
        self._holes = Holes()
        self._questions = {id(state): turn for turn, state in enumerate(shape.questions)}
        self._others = {id(state): turn for turn, state in enumerate(shape.others)}

    def question(self, state: FieldState) -> Holes:
        """Holes for the answer to one plain question."""
        return self._holes.of(self._questions[id(state)])

    def afresh(self, state: Leaf) -> str:
        """A hole for the HTML of a whole node."""
        if id(state) in self._questions:
            return self._holes.of(self._questions[id(state)]).body()
        return self._holes.of(-1 - self._others[id(state)]).body()

    def hidden(self) -> str:
        """A hole for what the page brings back unseen."""
        return self._holes.path()

    def split(self, html: str) -> list[str | Hole]:
        """`html` in texts and the holes between them."""
        return self._holes.split(html)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in pieces: text, and "" at the places of `hidden`, of answers, and of what is drawn afresh.

    A turn says which question of the shape is meant. lines: turn and place of a value that is typed as it is.
    choices: the same for one code, with the places by code. slots: all other boxes. shown: turn and place of an answer
    to be read; what stands there without one is in the pieces. afresh: turn and place; a turn below 0 counts among the
    others from -1 on.
    """

    pieces: list[str]
    hidden: int
    lines: tuple[tuple[int, int], ...]
    choices: tuple[tuple[int, Mapping[str, tuple[tuple[int, str], ...]]], ...]
    slots: tuple[Slot, ...]
    shown: tuple[tuple[int, int], ...]
    afresh: tuple[tuple[int, int], ...]

    def fill(self, shape: Shape, hidden: str, draw: Callable[[Leaf], str], words: Wording) -> str:
        """The page with the answers in `shape`, escaped. `draw` makes HTML of a node by itself."""
        pieces = self.pieces.copy()
        pieces[self.hidden] = hidden
        questions = shape.questions
        for turn, place in self.lines:
            value = questions[turn].value
            if value is not None:
                text = value if isinstance(value, str) else str(value)
                # Letters and figures need no escaping, and most answers are nothing else.
                pieces[place] = text if text.isalnum() else escape(text)
        for turn, marks in self.choices:
            value = questions[turn].value
            if value is not None:
                for place, mark in marks.get(value if isinstance(value, str) else str(value), ()):
                    pieces[place] = mark
        self._fill_boxes(pieces, questions)
        for turn, place in self.shown:
            state = questions[turn]
            if state.display is not None:
                pieces[place] = escape(typed_of(state, words).display) or pieces[place]
        for turn, place in self.afresh:
            pieces[place] = draw(questions[turn] if turn >= 0 else shape.others[-1 - turn])
        return "".join(pieces)

    def _fill_boxes(self, pieces: list[str], questions: Sequence[FieldState]) -> None:
        for turn, encode, settings, blank, texts, marks in self.slots:
            value = questions[turn].value
            if blank and value is None:
                continue
            parts = encode(value, settings)
            for place, part in texts:
                if found := parts.get(part):
                    pieces[place] = escape(found[-1])
            if marks:
                for code in parts.get("", ()):
                    for place, mark in marks.get(code, ()):
                        pieces[place] = mark


def prepare_sheet(html: str, holes: SheetHoles, shape: Shape) -> Sheet:
    """The sheet that `html` is, drawn with `holes` for a page of `shape`."""
    split = holes.split(html)
    found = [(place, piece) for place, piece in enumerate(split) if isinstance(piece, Hole)]
    boxes: dict[int, list[tuple[int, Hole]]] = {}
    for place, hole in found:
        if hole.kind in {"text", "mark"}:
            boxes.setdefault(hole.owner, []).append((place, hole))
    slots = [_slot(turn, shape.questions[turn], own) for turn, own in boxes.items()]
    lines = [slot for slot in slots if slot.encode is as_typed and [part for _, part in slot.texts] == [""]]
    choices = [slot for slot in slots if slot.encode is as_typed and not slot.texts]
    return Sheet(
        pieces=[_without_answer(piece) for piece in split],
        hidden=next(place for place, hole in found if hole.kind == "path"),
        lines=tuple((slot.turn, slot.texts[0][0]) for slot in lines if not slot.marks),
        choices=tuple((slot.turn, slot.marks) for slot in choices),
        slots=tuple(slot for slot in slots if slot not in choices and (slot.marks or slot not in lines)),
        shown=tuple((hole.owner, place) for place, hole in found if hole.kind == "shown"),
        afresh=tuple((hole.owner, place) for place, hole in found if hole.kind == "body"),
    )


def _without_answer(piece: str | Hole) -> str:
    if isinstance(piece, str):
        return piece
    return escape(piece.name) if piece.kind == "shown" else ""


def _slot(turn: int, state: FieldState, holes: Sequence[tuple[int, Hole]]) -> Slot:
    spec = state.field.spec
    marks: dict[str, tuple[tuple[int, str], ...]] = {}
    for place, hole in holes:
        if hole.kind == "mark":
            marks[hole.name] = (*marks.get(hole.name, ()), (place, hole.filling))
    return Slot(
        turn=turn,
        encode=spec.type.encode,
        settings=spec.settings,
        blank=not spec.type.encode(None, spec.settings),
        texts=tuple((place, hole.name) for place, hole in holes if hole.kind == "text"),
        marks=marks,
    )
