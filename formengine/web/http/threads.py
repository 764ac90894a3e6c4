"""Work beside the event loop: in threads, and in the background."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a thread and return its result, so that other requests go on. For everything that writes."""
    return await to_thread.run_sync(partial(work, *args, **kwargs))
