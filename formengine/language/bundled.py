"""Where the folders shipped with the package are.

A wheel carries `renderers` and `definitions` inside the package; a checkout has them beside it.
"""

from pathlib import Path
from typing import Literal

__all__ = ["bundled_folder"]

_PACKAGE = Path(__file__).parents[1]


def bundled_folder(name: Literal["definitions", "renderers"]) -> Path:
    """The folder `name` that came with this copy of formengine.

    Raises `FileNotFoundError` when the installation is incomplete.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"formengine was installed without its folder {name}")
