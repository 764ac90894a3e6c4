"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upgrade.folders import FOLDERS, Shared, Upgraded, upgraded


@pytest.fixture(params=FOLDERS, ids=lambda folder: str(folder.name))
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Upgraded]:
    """Each folder, opened for one test alone."""
    yield from upgraded(request.param, tmp_path)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The folders for tests that only look."""
    made = Shared(tmp_path_factory.mktemp("looked-at"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def going_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The folders for tests that each send a draft of their own."""
    made = Shared(tmp_path_factory.mktemp("going-on"))
    yield made
    made.close()
