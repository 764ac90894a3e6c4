"""Long work on the store in small pieces, so that nobody waits for the whole of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

# How many rows one transaction of the work beside requests looks at or removes.
BATCH: Final = 20
# A lock that is released and taken again at once is not given to who waits for it; and a page takes it several times.
_PAUSE_S: Final = 0.01


def pause() -> None:
    """Let whoever waits for the store go first."""
    time.sleep(_PAUSE_S)


def in_batches(remove: Callable[[int], int]) -> int:
    """How many rows `remove` removed: called with `BATCH`, in a transaction of its own, until it removes fewer."""
    gone = 0
    while True:
        removed = remove(BATCH)
        gone += removed
        if removed < BATCH:
            return gone
        pause()
