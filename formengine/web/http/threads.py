"""Work beside the event loop: in threads, and in the background."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns; it runs in a thread, so that other requests go on meanwhile. For everything that writes."""
    return await to_thread.run_sync(partial(work, *args, **kwargs))
