"""Where the packs are: folders laid out like `renderers/`, a person's own before the one that came with formengine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from formengine.language.bundled import bundled_folder


class ThemeError(LookupError):
    """A folder given as a pack is none; the text says why, in one sentence."""


def theme_folders(kind: str, packs: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The folders of one kind ("html", "text", "pdf", "email"), the first to be asked first.

    `packs` are folders such as ``looks/`` with ``looks/html/templates`` in it; what they lack, the bundled pack has.
    Raises `ThemeError` for one that is no folder or holds nothing of any kind.
    """
    found = []
    for pack in packs:
        if not pack.is_dir():
            raise ThemeError(f"There is no folder {pack} to take templates from")
        if not any((pack / each).is_dir() for each in ("html", "text", "pdf", "email", "words")):
            raise ThemeError(
                f"The folder {pack} is no pack: it holds neither html, text, pdf, email nor words"
            )
        if (pack / kind).is_dir():
            found.append(pack / kind)
    return (*found, bundled_folder("renderers") / kind)
