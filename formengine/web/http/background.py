"""Work that goes on beside requests: sending e-mail, scanning uploads, deleting what has expired."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from formengine.service.logging import log_failure

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """A task that runs every `every_s` seconds, and at once when it is woken."""

    name: str
    work: Work
    every_s: float


class Background:
    """Tasks in the event loop of the app.

    A mounted app gets no lifespan events from Starlette, so they begin with the first request, and end with the
    loop. An app of its own begins and ends them with `start` and `stop`.
    """

    def __init__(self) -> None:
        self._tasks: list[BackgroundTask] = []
        self._running: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: dict[str, asyncio.Event] = {}
        self.off = False

    def add(self, name: str, work: Work, *, every_s: float) -> None:
        """Add a task that does `work` every `every_s` seconds from the start on."""
        self._tasks.append(BackgroundTask(name, work, every_s))

    def start(self) -> None:
        """Start the tasks in this event loop; once, however often it is called."""
        loop = asyncio.get_running_loop()
        if self.off or self._loop is loop:
            return
        self._loop = loop
        self._woken = {task.name: asyncio.Event() for task in self._tasks}
        self._running = [loop.create_task(self._run(task), name=task.name) for task in self._tasks]

    async def stop(self) -> None:
        """Cancel the tasks; what one was doing is done again after the next start."""
        running, self._running, self._loop = self._running, [], None
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def wake(self, name: str) -> None:
        """Let the task run now instead of at its time. From any thread, and before the start."""
        loop, event = self._loop, self._woken.get(name)
        if loop is not None and event is not None and not loop.is_closed():
            loop.call_soon_threadsafe(event.set)

    async def once(self, name: str) -> None:
        """Do the task's work once, now. Raises KeyError for an unknown name."""
        await {task.name: task.work for task in self._tasks}[name]()

    async def _run(self, task: BackgroundTask) -> None:
        event = self._woken[task.name]
        while True:
            event.clear()
            try:
                await task.work()
            except Exception as error:  # noqa: BLE001 - one failure must not end mail for good; it is logged, and tried again
                log_failure("background_failed", error, task=task.name)
            try:
                async with asyncio.timeout(task.every_s):
                    await event.wait()
            except TimeoutError:
                continue
