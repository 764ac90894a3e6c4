"""QR codes as one path of an SVG, which the page's template draws: no image to fetch, no markup to trust."""

from __future__ import annotations

from dataclasses import dataclass

import segno

# Modules of white that ISO/IEC 18004 asks for around the code.
_QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """side: how many modules wide and high it is, the white around it too. path: the dark ones, for a path's `d`."""

    side: int
    path: str


def qr_code(text: str) -> QrCode:
    """The QR code of a text."""
    rows = [list(row) for row in segno.make_qr(text).matrix_iter(border=_QUIET)]
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    return QrCode(len(rows), "".join(dark))
