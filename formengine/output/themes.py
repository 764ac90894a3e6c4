"""Where the themes are: folders laid out like `renderers/`, one's own before the one bundled with formengine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from formengine.language.bundled import bundled_folder
from formengine.language.extensions import ThemeError, is_named, named_object
from formengine.language.words import Wording

__all__ = ["ThemeError", "theme_folders", "theme_named", "with_themes"]


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


def with_themes(wording: Wording, themes: Iterable[Path]) -> Wording:
    """`wording` by these themes; as it is where there are none.

    Raises `ThemeError` for a theme whose words cannot be used.
    """
    folders = tuple(themes)
    return replace(wording, themes=folders) if folders and folders != wording.themes else wording


def theme_named(text: str) -> Path:
    """The folder of a theme: `text` as a path, or what ``module:object`` stands for, a path in an installed package.

    Raises `formengine.language.extensions.ExtensionError` for a name that stands for nothing or for no path.
    """
    path = Path(text).expanduser()
    if path.exists() or not is_named(text):
        return path
    found = named_object(text)
    if not isinstance(found, str | Path):
        raise ThemeError(f"{text} is {found!r}, which is no path of a theme")
    return Path(found)
