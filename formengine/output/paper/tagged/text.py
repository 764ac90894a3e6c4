"""Text into lines: words measured once, wrapped to a width, with a face for every character.

This module knows of neither pages nor PDF. Widths inside a word are thousandths of the type size (`_em`), placed
pieces are in millimetres.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.fonts import SUBSTITUTES, Face, Fonts, FontStyle, Glyph
from formengine.output.paper.tagged.style import MM_PER_PT

# White space at which a line may break; not the no-break spaces U+00A0, U+2007 and U+202F.
_SPACES = re.compile("[ \t\u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]+")
# After these a word too long for its line is better broken than anywhere else.
_BREAK_AFTER = "/-@.,_?&=:;|\\"
# A longer word is taken apart without being measured whole: it could be a million characters of shaped text.
_LONGEST_WORD = 400
_WIDER_THAN_ANY_LINE_EM = 10**9


PLAIN = FontStyle()


@dataclass(frozen=True, slots=True)
class TextRun:
    """What one face draws: `text` character by character, or `glyphs` when shaped.

    `actual` is the text where the drawn characters differ from it (substitutes, shaped glyphs); None elsewhere.
    """

    face: Face
    text: str
    width_em: int
    actual: str | None = None
    glyphs: tuple[Glyph, ...] | None = None


@dataclass(frozen=True, slots=True)
class MeasuredWord:
    """A measured word. `plain` is the one face that draws it all as it stands, or None."""

    text: str
    width_em: int
    pieces: tuple[TextRun, ...]
    plain: Face | None


@dataclass(frozen=True, slots=True)
class StyledText:
    """A stretch of text in one style; `source` is any value of the caller's, returned with each piece."""

    text: str
    style: FontStyle
    source: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece on its line, `x_mm` from the line's left; `source` as in `StyledText`."""

    piece: TextRun
    x_mm: float
    source: int


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line: pieces in reading order, and the width they take."""

    pieces: tuple[Placed, ...]
    width_mm: float


class _Chunk(NamedTuple):
    """Words without a break between them, each with its text's index; and the index of the space after."""

    parts: list[tuple[int, MeasuredWord]]
    space_index: int


class _Slot:
    """A stretch of one word that one face draws, while the word is taken apart."""

    __slots__ = ("drawn", "face", "original", "shaped")

    def __init__(self, face: Face, *, shaped: bool) -> None:
        self.face = face
        self.shaped = shaped
        self.drawn = ""
        self.original = ""


class Typesetter:
    """Sets text with `fonts`. One a document: its cache of words holds answers, which must not outlive it."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.substituted: set[str] = set()
        """The characters drawn as a substitute so far."""
        self._words: dict[FontStyle, dict[str, MeasuredWord]] = {}
        self._faces: dict[tuple[FontStyle, str], tuple[Face, str]] = {}

    def word(self, text: str, style: FontStyle = PLAIN) -> MeasuredWord:
        """`text`, which `scripts.clean` has seen and which holds no white space that breaks, measured."""
        if len(text) > _LONGEST_WORD:
            return MeasuredWord(text, _WIDER_THAN_ANY_LINE_EM, (), None)
        words = self._words.setdefault(style, {})
        found = words.get(text)
        if found is None:
            found = words[text] = self._measure(text, style)
        return found

    def _measure(self, text: str, style: FontStyle) -> MeasuredWord:
        base = self.fonts.chain(style)[0]
        if text.isascii():
            width = sum(map(base.advances.__getitem__, text))
            return MeasuredWord(text, width, (TextRun(base, text, width),), base)
        pieces = tuple(self._pieces(text, style, right_to_left=scripts.base_is_right_to_left(text)))
        width = sum(piece.width_em for piece in pieces)
        plain = (
            pieces[0].face if len(pieces) == 1 and pieces[0].actual is None and not pieces[0].glyphs else None
        )
        return MeasuredWord(text, width, pieces, plain)

    def _face(self, char: str, style: FontStyle) -> tuple[Face, str]:
        """The face for `char` and what it draws: `char`, or a substitute when no face has it."""
        key = (style, char)
        found = self._faces.get(key)
        if found is None:
            found = self._faces[key] = self._choose(char, style)
        if found[1] != char:
            self.substituted.add(char)
        return found

    def _choose(self, char: str, style: FontStyle) -> tuple[Face, str]:
        chain = self.fonts.chain(style)
        # PDF/A-3A wants ActualText for private use characters (ISO 19005-3, 6.2.11.7.3), and fonts disagree
        # on them.
        wanted = [] if scripts.is_private(char) else [char]
        for drawn in [*wanted, *SUBSTITUTES]:
            for face in chain:
                if drawn in face.advances:
                    return face, drawn
        return chain[0], "?"

    def _slots(self, text: str, style: FontStyle) -> list[_Slot]:
        slots: list[_Slot] = []
        lead = ""
        for char in text:
            if scripts.is_invisible(char):
                if slots:
                    slots[-1].original += char
                else:
                    lead += char
                continue
            face, drawn = self._face(char, style)
            mark = scripts.is_mark(char)
            last = slots[-1] if slots else None
            if mark and last is not None and char in last.face.advances and drawn == char:
                face, last.shaped = last.face, True
            shaped = drawn == char and (mark or scripts.is_complex(char))
            if last is None or last.face is not face or (last.shaped != shaped and not (mark and shaped)):
                last = _Slot(face, shaped=shaped)
                last.original, lead = lead, ""
                slots.append(last)
            last.drawn += drawn
            last.original += char
        return slots

    def _pieces(self, text: str, style: FontStyle, *, right_to_left: bool) -> Iterator[TextRun]:
        """`text` as pieces in reading order; with `right_to_left` each is drawn from its right."""
        for slot in self._slots(text, style):
            if slot.shaped or right_to_left:
                source = slot.original if slot.shaped else slot.drawn
                glyphs, width = slot.face.shape(source, right_to_left=right_to_left)
                says = "".join(glyph.text for glyph in glyphs)
                whole = says == slot.original and all(glyph.text for glyph in glyphs)
                yield TextRun(slot.face, slot.drawn, width, None if whole else slot.original, glyphs)
            else:
                width = sum(map(slot.face.advances.__getitem__, slot.drawn))
                yield TextRun(
                    slot.face, slot.drawn, width, None if slot.drawn == slot.original else slot.original
                )

    def lines(self, texts: Sequence[StyledText], size_pt: float, width_mm: float) -> list[SetLine]:
        """`texts`, one after the other, in lines no wider than `width_mm`.

        Text whose base direction is from right to left stands at the right. Nothing is left out: a word wider
        than the line is broken. A line feed ends a line; empty lines are kept.
        """
        width_em = width_mm / MM_PER_PT / size_pt * 1000
        mm_per_em = size_pt * MM_PER_PT / 1000
        cleaned = [StyledText(scripts.clean(t.text), t.style, t.source) for t in texts]
        whole = "".join(t.text for t in cleaned)
        ordered = scripts.runs_right_to_left(whole)
        lines = []
        hard_lines = list(self._hard_lines(cleaned))
        for number, hard in enumerate(hard_lines):
            right = ordered and scripts.base_is_right_to_left("".join(t.text for t in hard))
            for chunks, apart in self._wrap(hard, width_em, more=number < len(hard_lines) - 1):
                end = " " if apart and chunks else ""
                if ordered:
                    line = self._ordered(hard, chunks, end, mm_per_em, width_mm if right else None)
                else:
                    line = self._straight(hard, chunks, end, mm_per_em)
                lines.append(line)
        return lines

    @staticmethod
    def _hard_lines(texts: Sequence[StyledText]) -> Iterator[list[StyledText]]:
        line: list[StyledText] = []
        for text in texts:
            first, *others = text.text.split("\n")
            line.append(StyledText(first, text.style, text.source))
            for other in others:
                yield line
                line = [StyledText(other, text.style, text.source)]
        yield line

    def _chunks(self, texts: Sequence[StyledText]) -> Iterator[_Chunk]:
        parts: list[tuple[int, MeasuredWord]] = []
        for index, text in enumerate(texts):
            plain = text.text.isascii() and "\t" not in text.text
            for number, word in enumerate(text.text.split(" ") if plain else _SPACES.split(text.text)):
                if number and parts:
                    yield _Chunk(parts, index)
                    parts = []
                if word:
                    parts.append((index, self.word(word, text.style)))
        if parts:
            yield _Chunk(parts, parts[-1][0])

    def _wrap(
        self, texts: Sequence[StyledText], width_em: float, *, more: bool
    ) -> Iterator[tuple[list[_Chunk], bool]]:
        """The chunks of each line, and whether a space keeps its end apart from what follows.

        `more` says that further lines follow the last.
        """
        space = self.fonts.regular[0].advances[" "]
        line: list[_Chunk] = []
        used = 0.0
        for chunk in self._chunks(texts):
            wide = sum(word.width_em for _, word in chunk.parts)
            if line and used + space + wide > width_em:
                yield line, True
                line, used = [], 0.0
            if wide <= width_em:
                used += wide + space if line else wide
                line.append(chunk)
                continue
            *full, rest = self._break(texts, chunk, width_em)
            for part in full:
                yield [part], False
            line, used = [rest], sum(word.width_em for _, word in rest.parts)
        yield line, more

    def _break(self, texts: Sequence[StyledText], chunk: _Chunk, width_em: float) -> Iterator[_Chunk]:
        """`chunk`, too wide for a line, in parts that fit; a mark stays with the character it sits on."""
        line: list[tuple[int, MeasuredWord]] = []
        room = width_em
        for index, word in chunk.parts:
            style = texts[index].style
            if word.width_em <= room:
                line.append((index, word))
                room -= word.width_em
                continue
            for cut in self._cuts(word.text, style, room, width_em):
                # Measured without the cache: parts of one word don't come again.
                part = self._measure(cut, style)
                if line and (not cut or part.width_em > room):
                    yield _Chunk(line, chunk.space_index)
                    line, room = [], width_em
                if cut:
                    line.append((index, part))
                    room -= part.width_em
        yield _Chunk(line, chunk.space_index)

    def _cuts(self, text: str, style: FontStyle, room: float, width_em: float) -> Iterator[str]:
        """`text` in parts of at most `room`, then `width_em`; the first may be empty."""
        start, used, position = 0, 0.0, 0
        for end in _clusters(text):
            wide = 0
            for char in text[position:end]:
                wide += self._advance(char, style)
            if used + wide > room and (position > start or room < width_em):
                stop = _better_break(text, start, position)
                yield text[start:stop]
                used = sum(self._advance(char, style) for char in text[stop:position])
                start, room = stop, width_em
            used += wide
            position = end
        yield text[start:]

    def _advance(self, char: str, style: FontStyle) -> int:
        if scripts.is_invisible(char):
            return 0
        face, drawn = self._face(char, style)
        return face.advances.get(drawn, 0)

    def _straight(
        self, texts: Sequence[StyledText], chunks: list[_Chunk], end: str, mm_per_em: float
    ) -> SetLine:
        """A line that runs from left to right.

        `end` is a space that keeps it apart from the next line, or "".
        """
        placed: list[Placed] = []
        x_em = 0.0
        words: list[str] = []
        face: Face | None = None
        source = 0

        def flush() -> None:
            nonlocal x_em
            if face is not None and words:
                text = "".join(words)
                width = sum(map(face.advances.__getitem__, text))
                placed.append(Placed(TextRun(face, text, width), x_em * mm_per_em, texts[source].source))
                x_em += width
                words.clear()

        for number, chunk in enumerate(chunks):
            for index, word in chunk.parts:
                if word.plain is None or word.plain is not face or index != source:
                    flush()
                    face, source = word.plain, index
                if word.plain is not None:
                    words.append(word.text)
                    continue
                for piece in word.pieces:
                    placed.append(Placed(piece, x_em * mm_per_em, texts[index].source))
                    x_em += piece.width_em
            space = end if number == len(chunks) - 1 else " "
            if space:
                base = self.fonts.chain(texts[chunk.space_index].style)[0]
                if face is not base or source != chunk.space_index:
                    flush()
                    face, source = base, chunk.space_index
                words.append(space)
        flush()
        return SetLine(tuple(placed), x_em * mm_per_em)

    def _ordered(
        self,
        texts: Sequence[StyledText],
        chunks: list[_Chunk],
        end: str,
        mm_per_em: float,
        right_mm: float | None,
    ) -> SetLine:
        """A line with text from right to left: segments placed in visual order, kept in reading order.

        `right_mm` is where a line ends whose base direction is from right to left, None for one from left to
        right.
        """
        text, sources = "", []
        for number, chunk in enumerate(chunks):
            for index, word in chunk.parts:
                text += word.text
                sources += [index] * len(word.text)
            space = end if number == len(chunks) - 1 else " "
            text += space
            sources += [chunk.space_index] * len(space)
        if not text:
            return SetLine((), 0.0)
        levels = scripts.levels(text, right_to_left=right_mm is not None)
        bounds = scripts.segments(
            [level * len(texts) + index for level, index in zip(levels, sources, strict=True)]
        )
        pieces: list[tuple[int, int, TextRun]] = []
        for a, b in bounds:
            text_of = texts[sources[a]]
            backwards = bool(levels[a] % 2)
            found = self._pieces(text[a:b], text_of.style, right_to_left=backwards)
            pieces += [(levels[a], text_of.source, piece) for piece in found]
        width_em = sum(piece.width_em for _, _, piece in pieces)
        x_mm = 0.0 if right_mm is None else right_mm - width_em * mm_per_em
        starts = [0.0] * len(pieces)
        for place in scripts.visual_order([level for level, _, _ in pieces]):
            starts[place] = x_mm
            x_mm += pieces[place][2].width_em * mm_per_em
        placed = tuple(Placed(p, x, source) for (_, source, p), x in zip(pieces, starts, strict=True))
        return SetLine(placed, max(width_em * mm_per_em, right_mm or 0.0))


def _clusters(text: str) -> Iterator[int]:
    """Where each character of `text` ends, with the marks and invisible characters that follow it."""
    for end in range(1, len(text)):
        char = text[end]
        if char.isascii() or not (scripts.is_mark(char) or scripts.is_invisible(char)):
            yield end
    if text:
        yield len(text)


def _better_break(text: str, start: int, end: int) -> int:
    """Where to cut `text[start:end]`: after the last of `_BREAK_AFTER` in its second half, or at `end`."""
    for position in range(end - 1, start + (end - start) // 2, -1):
        if text[position] in _BREAK_AFTER:
            return position + 1
    return end
