"""How large a file is, in words."""

from __future__ import annotations

from formengine.language.words.wording import Wording

_KB = 1_000
_MB = 1_000_000


def size_text(size_bytes: object, words: Wording) -> str:
    """``less than 1 KB``, ``340 KB``, ``1.2 MB``, of 1,000 and 1,000,000 bytes; what is no number counts as 0."""
    size = size_bytes if isinstance(size_bytes, int) else 0
    if size < _KB:
        return words.text("files.size_small")
    if size < _MB - _KB // 2:
        return words.text("files.size_kb", size=round(size / _KB))
    return words.text("files.size_mb", size=f"{size / _MB:.1f}")
