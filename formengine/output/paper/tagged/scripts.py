"""What writing systems ask of a line: what is invisible, what needs shaping, which way text runs."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

# C0 and C1 controls, the byte order mark and Unicode's noncharacters (The Unicode Standard, section 23.7)
# mean nothing in a document; PDF/A (ISO 19005-3, 6.2.11.7.2) refuses U+FEFF and U+FFFE outright.
_MEANINGLESS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
# Format characters that are drawn: Arabic and Syriac number signs (property Prepended_Concatenation_Mark).
_DRAWN_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")

# Blocks whose letters join, stack or reorder: Arabic to Samaritan, the Indic scripts to Khmer and Mongolian,
# Balinese to Batak, Arabic presentation forms are whole already. HarfBuzz draws them; letters of other
# scripts stand alone.
_COMPLEX = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uaaff\uabc0-\uabff"
    "\U00010800-\U00010fff\U00011000-\U000114ff\U0001e800-\U0001efff]"
)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
    "\u061c\u200f\u202b\u202d\u202e\u2067\u2068]"
)

# A line of these classes alone is of one level (UAX #9, W4 to W7, N1 to N2 and I1): the usual line, found in
# a tenth of the time.
_NEUTRAL = frozenset({"NSM", "ES", "ET", "CS", "ON", "WS"})
_ALL_RIGHT = _NEUTRAL | {"R", "AL"}
_ALL_LEFT = _NEUTRAL | {"L", "EN"}


def clean(text: str) -> str:
    """`text` as it can be drawn: composed (NFC), with line feeds for every kind of line end.

    Characters that mean nothing (controls, noncharacters) are dropped; a lone surrogate, half of a character,
    becomes U+FFFD, so that a reader sees that something stood there.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", text)
    return unicodedata.normalize("NFC", _MEANINGLESS.sub("", text))


def is_invisible(char: str) -> bool:
    """Whether `char` only steers its neighbours, as joiners, direction marks and soft hyphens do."""
    if _VARIATION.match(char):
        return True
    return unicodedata.category(char) == "Cf" and not _DRAWN_FORMAT.match(char)


def is_mark(char: str) -> bool:
    """Whether `char` sits on the character before it."""
    return unicodedata.category(char) in ("Mn", "Me", "Mc")


def is_complex(char: str) -> bool:
    """Whether `char` belongs to a script whose letters join, stack or reorder."""
    return bool(_COMPLEX.match(char))


def is_private(char: str) -> bool:
    """Whether `char` is of a private use area, where no two fonts agree."""
    return unicodedata.category(char) == "Co"


def runs_right_to_left(text: str) -> bool:
    """Whether a letter or mark in `text` may run from right to left, so that the line has to be ordered."""
    return not text.isascii() and bool(_RIGHT_TO_LEFT.search(text))


def base_is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left (UAX #9, rules P2 and P3)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def levels(line: str, *, right_to_left: bool) -> list[int]:
    """The embedding level of each character of `line` (UAX #9); odd levels run from right to left.

    Levels are worked out line by line, so the time stays in proportion to the text; an embedding that an
    explicit control opens ends with its line.
    """
    classes = set(map(unicodedata.bidirectional, line))
    if classes <= (_ALL_RIGHT if right_to_left else _ALL_LEFT):
        return [int(right_to_left)] * len(line)
    return _worked_out_levels(line, right_to_left=right_to_left)


def _worked_out_levels(line: str, *, right_to_left: bool) -> list[int]:
    direction = TextDirection.RTL if right_to_left else TextDirection.LTR
    paragraph = BidiParagraph(line, direction, preserve_bn_chars=True)
    found = {c.character_index: c.embedding_level for c in paragraph.get_characters_with_embedding_level()}
    level = int(right_to_left)
    out = []
    for index in range(len(line)):
        level = found.get(index, level)
        out.append(level)
    return out


def visual_order(segment_levels: list[int]) -> list[int]:
    """The indices of segments from left to right (UAX #9, rule L2)."""
    order = list(range(len(segment_levels)))
    if not order:
        return order
    odd = [level for level in segment_levels if level % 2]
    for level in range(max(segment_levels), min(odd, default=max(segment_levels) + 1) - 1, -1):
        start = None
        for position in range(len(order) + 1):
            inside = position < len(order) and segment_levels[order[position]] >= level
            if inside and start is None:
                start = position
            elif not inside and start is not None:
                order[start:position] = reversed(order[start:position])
                start = None
    return order


def segments(values: list[int]) -> list[tuple[int, int]]:
    """The bounds of the stretches of equal neighbours in `values`."""
    edges = [0, *(i for i in range(1, len(values)) if values[i] != values[i - 1]), len(values)]
    return [(a, b) for a, b in pairwise(edges) if a < b]
