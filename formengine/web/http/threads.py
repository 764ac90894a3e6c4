"""Work beside the event loop: pages are answered in threads, so that nothing they wait for stops the loop.

A handler is written as a coroutine and runs in a thread (`answered_in_threads`): what it calls may read the store, draw
a page or hash a password, and holds up nobody but its own visitor. Where it must wait for the network or for its turn,
it does so in the event loop (`on_loop`) and has no thread meanwhile: a slow visitor takes nobody's place.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

P = ParamSpec("P")
T = TypeVar("T")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# So many pages are worked on at a time: in Python all share one processor, and more leave the event loop less of it.
WORKING: Final = 4
# A page that takes longer than this waits for something, such as a database that is locked: another is begun meanwhile,
AT_REST_AFTER_S: Final = 0.25
# up to so many.
AT_ONCE: Final = 40
# Whoever waits longer than this for a thread is asked to come again.
WAIT_S: Final = 5.0


class NoThreadError(Exception):
    """Every thread was taken for `WAIT_S`, as when all wait for a database that another process keeps locked."""


def in_event_loop() -> bool:
    """Whether the caller runs in an event loop, and not in a thread beside it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a thread and return its result: in a new one, or where the caller is in one already, here."""
    if not in_event_loop():
        return work(*args, **kwargs)
    return await to_thread.run_sync(partial(work, *args, **kwargs))


async def on_loop(wait: Callable[[], Awaitable[T]]) -> T:
    """Await what `wait` returns in the event loop, and return its result. No thread is taken meanwhile."""
    if in_event_loop():
        return await wait()
    return cast(T, await _OnLoop(wait))


async def in_turn_of(limiter: CapacityLimiter, work: Callable[[], T]) -> T:
    """Run `work` in a thread as soon as the limiter has room, and return its result."""
    return await on_loop(partial(to_thread.run_sync, work, limiter=limiter))


class HandlerThreads:
    """The threads in which an app's handlers run."""

    def __init__(self) -> None:
        self._working = CapacityLimiter(WORKING)
        self._all = CapacityLimiter(AT_ONCE)
        # Who has a place gets a thread at once.
        self._unlimited = CapacityLimiter(math.inf)

    def answering(self, handler: Handler) -> Handler:
        """The handler, run in threads. Raises `NoThreadError` where none becomes free in time."""

        async def answer(request: Request) -> Response:
            return await self._run(handler, request)

        return answer

    async def _run(self, handler: Handler, request: Request) -> Response:
        run = _Run(handler(request))
        try:
            waits = await self._in_turn(run.begin)
            while waits is not None:
                try:
                    result = await waits.wait()
                except BaseException as error:  # noqa: BLE001 - it is the handler's, and raised where it waited
                    waits = await self._in_turn(partial(run.raising, error))
                else:
                    waits = await self._in_turn(partial(run.going_on, result))
            return run.response
        finally:
            run.close()

    async def _in_turn(self, work: Callable[[], T]) -> T:
        place = _Place(self._working)
        try:
            async with asyncio.timeout(WAIT_S):
                await self._working.acquire_on_behalf_of(place)
        except TimeoutError:
            raise NoThreadError from None
        resting = asyncio.get_running_loop().call_later(AT_REST_AFTER_S, place.leave)
        try:
            async with asyncio.timeout(WAIT_S):
                await self._all.acquire_on_behalf_of(place)
        except TimeoutError:
            place.leave()
            resting.cancel()
            raise NoThreadError from None
        try:
            return await to_thread.run_sync(work, limiter=self._unlimited)
        finally:
            resting.cancel()
            place.leave()
            self._all.release_on_behalf_of(place)


class _Place:
    """A page's place among those that are worked on; left at its end, or before, where the page takes long."""

    def __init__(self, places: CapacityLimiter) -> None:
        self._places = places
        self._left = False

    def leave(self) -> None:
        """Make room for another; once, however often it is called."""
        if not self._left:
            self._left = True
            self._places.release_on_behalf_of(self)


class _OnLoop:
    """What a handler in a thread gives to the event loop to wait for."""

    def __init__(self, wait: Callable[[], Awaitable[Any]]) -> None:
        self.wait = wait

    def __await__(self) -> Generator[_OnLoop, object, object]:
        """The result, once the loop has it."""
        return (yield self)


class _Run:
    """A handler on its way to a response, which is there once it waits for nothing more.

    Each step runs in a thread, and returns what the handler waits for next, None at its end.
    """

    response: Response

    def __init__(self, coroutine: Coroutine[Any, Any, Response]) -> None:
        self._coroutine = coroutine

    def begin(self) -> _OnLoop | None:
        return self._step(partial(self._coroutine.send, None))

    def going_on(self, result: object) -> _OnLoop | None:
        return self._step(partial(self._coroutine.send, result))

    def raising(self, error: BaseException) -> _OnLoop | None:
        return self._step(partial(self._coroutine.throw, error))

    def close(self) -> None:
        """End a handler that was begun and will not be asked to go on."""
        self._coroutine.close()

    def _step(self, step: Callable[[], _OnLoop]) -> _OnLoop | None:
        try:
            return step()
        except StopIteration as ended:
            self.response = cast(Response, ended.value)
            return None
