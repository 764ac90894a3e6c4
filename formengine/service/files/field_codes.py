"""Field codes of Word documents, judged by what Word does when it works them out (ECMA-376 part 1, 17.16).

A field is written as begin, code, separator, result, end; its code may come in any number of pieces and may hold
fields itself. Most fields print a page number or a date. A few start programs, and a few fetch from elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from formengine.service.files.refusals import FETCHES, STARTS_PROGRAMS, Refusal

_BY_KEYWORD: Final = {
    "DDE": STARTS_PROGRAMS,
    "DDEAUTO": STARTS_PROGRAMS,
    # Sends what it likes to the printer.
    "PRINT": STARTS_PROGRAMS,
    "DATABASE": FETCHES,
    "IMPORT": FETCHES,
    "INCLUDE": FETCHES,
    "INCLUDEPICTURE": FETCHES,
    "INCLUDETEXT": FETCHES,
    "LINK": FETCHES,
    "RD": FETCHES,
}
_KEYWORD: Final = re.compile(r"[\W_]*([^\W_]+)(.*)", re.DOTALL)
_HYPERLINK_TARGET: Final = re.compile(r'\s*(?:"([^"]*)"|(\S+))')
# What a link may lead to; other schemes hand what follows to some program, such as the help viewer.
_LINK_SCHEMES: Final = {"", "file", "ftp", "http", "https", "mailto", "sms", "tel"}
_SCHEME: Final = re.compile(r"\s*([a-z][a-z0-9+-]+):", re.IGNORECASE)
# More levels than any document has.
_DEEPEST: Final = 100


def link_refusal(target: str) -> Refusal | None:
    """Why a link that somebody may follow is not harmless, or None. A drive's letter is no scheme."""
    found = _SCHEME.match(target)
    return None if found is None or found[1].lower() in _LINK_SCHEMES else STARTS_PROGRAMS


@dataclass(slots=True)
class _OpenField:
    """A field whose end has not come: the code so far, without that of fields within, and whether that is over."""

    code: str = ""
    in_result: bool = False


@dataclass(slots=True)
class FieldCodes:
    """The fields of one text, taken piece by piece in reading order. refusal: of the first one that is not harmless."""

    refusal: Refusal | None = None
    _open: list[_OpenField] = field(default_factory=list)

    def begin(self) -> None:
        """A field begins, perhaps in the code of another.

        A keyword that another field would make is nothing that Word writes, and would hide what it is.
        """
        if self._open and not self._open[-1].in_result and re.fullmatch(r"\s*[^\W_]*", self._open[-1].code):
            self._refuse(STARTS_PROGRAMS)
        if len(self._open) >= _DEEPEST:
            self._refuse(STARTS_PROGRAMS)
        else:
            self._open.append(_OpenField())

    def text(self, piece: str) -> None:
        """A piece of a code; what stands outside codes is passed over."""
        if self._open and not self._open[-1].in_result:
            self._open[-1].code += piece

    def separate(self) -> None:
        """The code is over, the result begins."""
        if self._open and not self._open[-1].in_result:
            self._open[-1].in_result = True
            self._refuse(code_refusal(self._open[-1].code))

    def end(self) -> None:
        """The field is over."""
        if self._open:
            over = self._open.pop()
            if not over.in_result:
                self._refuse(code_refusal(over.code))

    def close(self) -> None:
        """The text is over; fields that never ended are judged as they are."""
        while self._open:
            self.end()

    def _refuse(self, refusal: Refusal | None) -> None:
        self.refusal = self.refusal or refusal


def code_refusal(code: str) -> Refusal | None:
    """Why a field with this code is not harmless, or None."""
    found = _KEYWORD.match(code)
    if found is None:
        return None
    keyword = found[1].upper()
    if keyword == "HYPERLINK":
        target = _HYPERLINK_TARGET.match(found[2])
        return link_refusal((target[1] or target[2] or "") if target is not None else "")
    return _BY_KEYWORD.get(keyword)
