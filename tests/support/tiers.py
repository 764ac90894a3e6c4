"""Which tests belong to which tier, in what order files are run, and how many generated cases a test tries.

What a test needs is a marker: ``browser``, ``java`` or ``packaging``. Tests with a browser's fixture or in the folder
of the packaging tests get theirs here; a test that starts Java or a browser by itself carries its own, and fails
without it (`needed`). Each of these is also ``slow``, which others say of themselves; the quick tier is the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

# TEST_TIER: "quick" tries few generated cases, "long" as many as a night has time for.
TIER = os.environ.get("TEST_TIER", "usual")
QUICK_SHARE = 4
NEEDS = ("browser", "java", "packaging")
BROWSER_FIXTURES = frozenset({"browser", "page", "page_without_javascript"})
# The dearest files are begun first, so that none is left to one worker at the end.
RANKS = ("packaging", "java", "browser", "slow")

_running: list[pytest.Item] = []  # the test whose set-up, call or teardown this process is in


def cases(usual: int, long: int) -> int:
    """How many generated cases a test tries in this run: `usual`, a quarter of it in the quick tier, or `long`.

    Raises `ValueError` where TEST_TIER names no tier.
    """
    return {"quick": max(usual // QUICK_SHARE, 1), "usual": usual, "long": long}[_known(TIER)]


def _known(tier: str) -> str:
    if tier not in {"quick", "usual", "long"}:
        raise ValueError(f"TEST_TIER is {tier!r}; it may be quick, usual or long")
    return tier


def needed(marker: str) -> None:
    """Fail the running test, which is about to start what `marker` stands for, unless it carries the marker.

    Outside a test run anything may be started.
    """
    if _running and _running[-1].get_closest_marker(marker) is None:
        pytest.fail(f"{_running[-1].nodeid} needs a marker: pytest.mark.{marker}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Remember which test is running, for `needed`."""
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.pop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and put the dearest files first."""
    ranks: dict[str, int] = {}
    for item in items:
        for marker in _needs(item):
            item.add_marker(marker)
        if any(item.get_closest_marker(marker) for marker in NEEDS):
            item.add_marker("slow")
        rank = next((at for at, name in enumerate(RANKS) if item.get_closest_marker(name)), len(RANKS))
        ranks[_file(item)] = min(rank, ranks.get(_file(item), rank))
    items.sort(key=lambda item: ranks[_file(item)])


def uses_a_browser(item: pytest.Item) -> bool:
    """Whether a test has a browser's fixture; a column of its table that is called like one is none."""
    table = getattr(item, "callspec", None)
    columns = set(table.params) if table is not None else set()
    return not BROWSER_FIXTURES.isdisjoint(set(getattr(item, "fixturenames", ())) - columns)


def _needs(item: pytest.Item) -> Sequence[str]:
    """The markers that follow from where the test stands and which fixtures it uses."""
    found = []
    if uses_a_browser(item):
        found.append("browser")
    if "packaging" in item.path.parent.parts:
        found.append("packaging")
    return found


def _file(item: pytest.Item) -> str:
    """The test's file, as in its id."""
    return item.nodeid.partition("::")[0]
