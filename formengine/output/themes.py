"""Where the themes are: folders laid out like `renderers/`, one's own before the one bundled with formengine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from formengine.language.bundled import bundled_folder


class ThemeError(LookupError):
    """A folder given as a theme is not one; `str` is the reason, one sentence."""


def theme_folders(kind: str, themes: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The folders of one kind ("html", "text", "pdf", "email"), in the order in which to look for a file.

    `themes` are folders such as ``council/`` with ``council/html/templates`` in it; the bundled theme comes last.
    Raises `ThemeError` for one that is no folder or holds nothing of any kind.
    """
    found = []
    for theme in themes:
        if not theme.is_dir():
            raise ThemeError(f"There is no folder {theme} to take templates from")
        if not any((theme / each).is_dir() for each in ("html", "text", "pdf", "email", "words")):
            raise ThemeError(
                f"The folder {theme} is no theme: it holds neither html, text, pdf, email nor words"
            )
        if (theme / kind).is_dir():
            found.append(theme / kind)
    return (*found, bundled_folder("renderers") / kind)
