"""PDFs, judged by what is inside: nothing that runs or is fetched, no other files, whole and readable by everybody."""

from __future__ import annotations

from typing import Final

from formengine.output.paper.reading.contents import UnreadablePdfError, objection_to
from formengine.service.files.refusals import (
    DAMAGED,
    EMBEDDED_FILES,
    EMPTY,
    FETCHES,
    NOT_CHECKABLE,
    PASSWORD,
    STARTS_PROGRAMS,
    Refusal,
)

_END_BYTES: Final = 4096
_BY_REASON: Final = {
    "damaged": DAMAGED,
    "not_a_pdf": DAMAGED,
    "encrypted": PASSWORD,
    "no_pages": EMPTY,
    "program": STARTS_PROGRAMS,
    "fetches": FETCHES,
    "embedded": EMBEDDED_FILES,
    # Made of XML in place of pages: only Adobe's programs show what it says, all others an apology.
    "dynamic_form": Refusal("dynamic_form"),
    "too_much": NOT_CHECKABLE,
    "too_large": NOT_CHECKABLE,
    "repaired": NOT_CHECKABLE,
}


def pdf_refusal(content: bytes) -> Refusal | None:
    """Why this is no harmless PDF, or None. A copy of our own record is one: it carries its data and nothing else.

    A process of its own looks into it, which takes some tenths of a second. A PDF that opens without a password is
    judged by what it holds, whatever its owner's password forbids.
    """
    if b"%%EOF" not in content[-_END_BYTES:]:
        # Cut off: what could still be guessed of it would lack pages without a word.
        return DAMAGED
    try:
        reason = objection_to(content)
    except UnreadablePdfError as error:
        reason = error.reason
    return _BY_REASON[reason] if reason else None
