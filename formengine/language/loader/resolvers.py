"""Where included files come from: folders, or texts kept with a draft."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from formengine.language.diagnostics import Findings
from formengine.language.reader import decode, read_file
from formengine.language.source import Source

# Plain names joined by slashes. No dots, so a name never leads upwards or to a file of another kind.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_][A-Za-z0-9_-]*){0,4}\Z")


class Resolver(Protocol):
    """Finds an included file by its name without ending, such as ``lists/gender``."""

    def find(self, name: str, findings: Findings) -> Source | None:
        """The file; None where there is none, or with findings where it cannot be read as text."""

    def names(self) -> Iterable[str]:
        """The names of all files that could be meant."""


def is_name(name: str) -> bool:
    """Whether `name` may name an included file at all: plain names and slashes, no dots, no way upwards."""
    return _NAME.match(name) is not None


@dataclass(frozen=True)
class FolderResolver:
    """Seeks in folders; the first that has the file wins. A link out of its folder finds nothing."""

    folders: Sequence[Path]
    max_bytes: int = 1_000_000

    @cached_property
    def _real_folders(self) -> tuple[str, ...]:
        """The folders with links followed, each ending in a slash; texts, as a form seeks dozens of files."""
        return tuple(os.path.realpath(folder).rstrip(os.sep) + os.sep for folder in self.folders)

    def find(self, name: str, findings: Findings) -> Source | None:
        """The file ``name.yaml`` of the first folder that has it."""
        if not is_name(name):
            return None
        for folder in self._real_folders:
            path = f"{folder}{name}.yaml"
            if os.path.isfile(path) and os.path.realpath(path).startswith(folder):  # noqa: PTH113 - as above
                return read_file(Path(path), findings, name=f"{name}.yaml", max_bytes=self.max_bytes)
        return None

    def names(self) -> Iterable[str]:
        """The files of the folders and of the folders directly inside them."""
        found = set()
        for folder in self.folders:
            for path in (*folder.glob("*.yaml"), *folder.glob("*/*.yaml")):
                found.add(path.relative_to(folder).with_suffix("").as_posix())
        return sorted(name for name in found if is_name(name))


@dataclass(frozen=True, slots=True)
class TextResolver:
    """Finds files among texts by name, such as those `pack` returned."""

    texts: Mapping[str, str]

    def find(self, name: str, findings: Findings) -> Source | None:  # noqa: ARG002 - a text is always readable
        """The text called ``name.yaml``."""
        text = self.texts.get(f"{name}.yaml")
        return None if text is None else Source(f"{name}.yaml", text)

    def names(self) -> Iterable[str]:
        """The names of all texts."""
        return [name.removesuffix(".yaml") for name in self.texts]


@dataclass(frozen=True, slots=True)
class OverlayResolver:
    """Finds files among texts that somebody is editing, each as long and as hostile as a file, and else in folders."""

    texts: Mapping[str, str]
    folders: FolderResolver

    def find(self, name: str, findings: Findings) -> Source | None:
        """The text called ``name.yaml``, or the file of that name; None with findings where it is no sound text."""
        text = self.texts.get(f"{name}.yaml")
        if text is None:
            return self.folders.find(name, findings)
        raw = text.encode("utf-8", "surrogatepass")
        return decode(raw, f"{name}.yaml", findings, max_bytes=self.folders.max_bytes)

    def names(self) -> Iterable[str]:
        """The names of all texts and files."""
        return sorted({*TextResolver(self.texts).names(), *self.folders.names()})


def forms_in(folders: Iterable[Path]) -> frozenset[str]:
    """The ids of the forms in these folders, each in a folder of its own."""
    return frozenset(path.parent.name for folder in folders for path in folder.glob("*/form.yaml"))
