"""Bytes to text an author can be shown, and the characters that no definition may hold."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from formengine.language.diagnostics import Findings, Related
from formengine.language.source import Source, Span

MAX_BYTES = 1_000_000
MOST_PLACES_TOLD = 3
MOST_CHARACTERS_TOLD = 10

# YAML 1.2 section 5.1 (printable characters), less those that hide what a line contains: line ends that no editor
# shows as such (U+0085, U+2028, U+2029), controls of reading direction (CVE-2021-42574), a byte order mark
# inside a text.
REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
# Characters without a width, which come along with pasted text. Between letters of ASCII none of them means anything;
# elsewhere some join letters and emoji or say the direction, and those that never do stand in the second line.
_NO_WIDTH = "\u180e\u200b-\u200f\u2060-\u2064"
_NEVER_MEANT = "\u180e\u200b\u2060-\u2064"
_ZERO_WIDTH = re.compile(f"[{_NO_WIDTH}]")
_ASCII_WORD = re.compile(f"(?<!\\S)[!-~{_NO_WIDTH}]*[{_NO_WIDTH}][!-~{_NO_WIDTH}]*(?!\\S)")
_STRAY = re.compile(f"[{_NEVER_MEANT}]")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE_ENDS = {"\x85", "\u2028", "\u2029"}
_WRONG_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_file(
    path: Path, findings: Findings, *, name: str | None = None, max_bytes: int = MAX_BYTES
) -> Source | None:
    """The text of the file at `path`, known as `name` (default: the path).

    None when there is none to show.
    """
    shown = name if name is not None else str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except FileNotFoundError:
        reason = "There is no such file"
    except IsADirectoryError:
        reason = "This is a folder, not a file"
    except PermissionError:
        reason = "This file may not be opened by you"
    except OSError as error:
        reason = f"This file can't be opened ({error.strerror})"
    except ValueError:
        reason = "This can't be the name of a file"
    else:
        return decode(raw, shown, findings, max_bytes=max_bytes)
    findings.add("file-unreadable", f"{reason}: {shown}", Span(Source(shown, ""), 0, 0))
    return None


def decode(raw: bytes, name: str, findings: Findings, *, max_bytes: int = MAX_BYTES) -> Source | None:
    """The text of `raw`, without byte order mark; None, and a finding, when it is too long or no text."""
    if len(raw) > max_bytes:
        tell_too_large(Source(name, ""), findings, max_bytes)
        return None
    mark = _WRONG_MARKS.get(raw[:2])
    if mark is not None or b"\0" in raw[:4]:
        what = f"{mark} text" if mark else "not text"
        findings.add(
            "not-utf-8",
            f"This file is {what}; a definition is UTF-8 text",
            Span(Source(name, ""), 0, 0),
            help="in the editor choose “Save as” and the encoding UTF-8",
        )
        return None
    try:
        return Source(name, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _decode_what_can_be(raw.removeprefix(b"\xef\xbb\xbf"), error, name, findings)


def _decode_what_can_be(raw: bytes, error: UnicodeDecodeError, name: str, findings: Findings) -> Source:
    bad = error.object[error.start]
    raw_before = error.object[: error.start].removeprefix(b"\xef\xbb\xbf")
    source = Source(name, raw.decode("utf-8", "replace"))
    at = len(raw_before.decode("utf-8"))
    likely = bytes([bad]).decode("cp1252", "replace")
    meant = (
        f"; in a Windows file it would be “{likely}”" if likely.isprintable() and likely != "\ufffd" else ""
    )
    findings.add(
        "not-utf-8",
        f"This file holds a byte, {bad:02X}, that is not UTF-8 text{meant}",
        Span(source, at, at + 1),
        label="this character can't be read",
        help="in the editor choose “Save as” and the encoding UTF-8, then look at this character again",
    )
    return source


def tell_too_large(source: Source, findings: Findings, max_bytes: int) -> None:
    """Report that the file is too long, with how long it may be."""
    findings.add(
        "file-too-large",
        f"This file is longer than {max_bytes:,} bytes, the most that is read",
        Span(source, 0, 0),
        help="move lists and repeated fields into files of their own",
    )


def clean(source: Source, findings: Findings) -> tuple[Source, str]:
    """The source without byte order mark, and a text of the same length without refused characters.

    Characters of no width in a word of ASCII are left out of that text, too.

    A lone carriage return becomes a line end, as YAML 1.2 section 5.4 reads it, in the source, too, so that
    lines count alike everywhere.
    """
    text = source.text.removeprefix("\ufeff")
    if "\r" in text:
        text = _LONE_RETURN.sub("\n", text)
    if text is not source.text:
        source = Source(source.name, text)
    if REFUSED.search(text):
        _tell_refused(source, findings)
        text = REFUSED.sub(" ", text)
    if _ZERO_WIDTH.search(text):
        _tell_zero_width(source, text, findings)
        text = _ASCII_WORD.sub(_with_spaces_behind, text)
    return source, text


def _with_spaces_behind(word: re.Match[str]) -> str:
    """The word without characters of no width, and as many spaces behind it, so that what follows keeps its place."""
    letters = _ZERO_WIDTH.sub("", word[0])
    return letters.ljust(len(word[0]))


def _tell_zero_width(source: Source, text: str, findings: Findings) -> None:
    """Report characters of no width, each kind once; those that a script or an emoji needs are none of them."""
    places = {at for word in _ASCII_WORD.finditer(text) for at in _offsets(_ZERO_WIDTH, text, *word.span())}
    places.update(_offsets(_STRAY, text, 0, len(text)))
    by_char: dict[str, list[int]] = {}
    for at in sorted(places):
        by_char.setdefault(text[at], []).append(at)
    for char, found in list(by_char.items())[:MOST_CHARACTERS_TOLD]:
        first, *others = (Span(source, at, at + 1) for at in found[: MOST_PLACES_TOLD + 1])
        times = f", {len(found):,} times" if len(found) > 1 else ""
        findings.add(
            "zero-width-character",
            f"A character without a width, {character_name(char)}, stands here{times}",
            first,
            label="here, though it can't be seen",
            help="delete it: put the cursor behind it and press Backspace once; or type the word anew",
            severity="warning",
            related=tuple(Related(span, "and here") for span in others),
        )


def _offsets(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[int]:
    return [found.start() for found in pattern.finditer(text, start, end)]


def _tell_refused(source: Source, findings: Findings) -> None:
    text = source.text
    for char in sorted(set(REFUSED.findall(text)), key=text.index)[:MOST_CHARACTERS_TOLD]:
        first, *others = (Span(source, at, at + 1) for at in _first_places(text, char))
        what = "line end" if char in _LINE_ENDS else "character"
        count = text.count(char)
        times = f", {count:,} times" if count > 1 else ""
        findings.add(
            "hidden-character",
            f"A hidden {what}, {character_name(char)}, stands here{times}",
            first,
            label="here, though it can't be seen",
            help="delete it and type the space or new line that is meant",
            related=tuple(Related(span, "and here") for span in others),
        )


def _first_places(text: str, char: str) -> list[int]:
    places: list[int] = []
    at = text.find(char)
    while at >= 0 and len(places) <= MOST_PLACES_TOLD:
        places.append(at)
        at = text.find(char, at + 1)
    return places


def character_name(char: str) -> str:
    """What a finding calls a character that cannot be shown: ``U+2028 (line separator)``."""
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X}{f' ({name})' if name else ''}"
