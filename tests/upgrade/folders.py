"""The folders that earlier mains wrote, each opened by today's a little later than it was closed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.opening import Opened, Person, copied, opened
from tests.upgrade.rehearsing import LATER

Told = Mapping[str, Any]

FOLDERS = sorted(each.parent for each in Path(__file__).parent.glob("*/expected.json"))


@cache
def told_by(folder: Path) -> Told:
    """What the main that wrote the folder told of it."""
    told: Told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return told


def each(part: str) -> list[Any]:
    """A parameter for each thing of this kind in each folder: the folder, and the name or the turn of the thing."""
    found = []
    for folder in FOLDERS:
        things = told_by(folder)[part]
        names = things if isinstance(things, dict) else range(len(things))
        found += [pytest.param(folder, name, id=f"{folder.name}: {name}") for name in names]
    return found


@dataclass(frozen=True)
class Upgraded:
    """A folder, opened by today's main."""

    folder: Path
    service: Opened

    @property
    def told(self) -> Told:
        """What it must hold."""
        return told_by(self.folder)

    def browser(self, name: str) -> Person:
        """The browser with this name, which has the cookie that it was given before; a new one for ""."""
        return self.service.browser(self.told["browsers"][name] if name else "")

    def account(self, name: str) -> dict[str, Any]:
        """What somebody knows who has an account."""
        account: dict[str, Any] = self.told["accounts"][name]
        return account


def upgraded(folder: Path, scratch: Path) -> Iterator[Upgraded]:
    """The folder, copied and opened a little later than it was closed."""
    at = datetime.fromisoformat(told_by(folder)["at"]) + LATER
    with opened(copied(folder, scratch / folder.name), at) as service:
        yield Upgraded(folder, service)


class Shared:
    """The folders, each opened once for all tests that do not meet one another."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open: dict[Path, tuple[Iterator[Upgraded], Upgraded]] = {}

    def __call__(self, folder: Path) -> Upgraded:
        """The folder."""
        if folder not in self._open:
            opening = upgraded(folder, self._scratch)
            self._open[folder] = opening, next(opening)
        return self._open[folder][1]

    def close(self) -> None:
        """End all services."""
        for opening, _ in self._open.values():
            next(opening, None)
