"""The templates of themes, read at once: drawing a page must need no file, which may not be had when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

from formengine.output.themes import ThemeError


class TemplateTexts(BaseLoader):
    """The texts of every template in these folders; of two of one name the first folder's counts.

    ending: that of their files, such as ``.html``. Raises `formengine.output.themes.ThemeError` for one that cannot be
    read.
    """

    def __init__(self, folders: Sequence[Path], ending: str) -> None:
        self._texts = {
            path.relative_to(folder).as_posix(): (_text(path), str(path))
            for folder in reversed(folders)
            for path in sorted(folder.rglob(f"*{ending}"))
        }

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002 - as Jinja asks
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """See `jinja2.BaseLoader.get_source`."""
        if template not in self._texts:
            raise TemplateNotFound(template)
        text, path = self._texts[template]
        return text, path, lambda: True

    def list_templates(self) -> list[str]:
        """The names of all."""
        return sorted(self._texts)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ThemeError(f"The template {path} is not in UTF-8") from None
    except OSError as error:
        raise ThemeError(f"The template {path} cannot be read: {error.strerror}") from None
