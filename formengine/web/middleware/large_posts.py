"""How many large posts are in memory at a time: files are never written to disk in clear, so they are held there."""

from __future__ import annotations

from typing import Final

from anyio import CapacityLimiter, WouldBlock, move_on_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.service.logging import log
from formengine.web.http.posts import NO_ROOM, TEXT_BYTES, whole_number

# A post as large as a page without files may be never waits.
SMALL_BYTES: Final = TEXT_BYTES
# Each may have 20 MB of files, and takes more than that while they are sealed.
AT_ONCE: Final = 4
# How long one waits for another to be answered; browsers wait meanwhile, and proxies do for a minute.
WAIT_S: Final = 20.0


class LargePosts:
    """Lets a large post in while fewer than `AT_ONCE` are being read and answered; others wait for at most `WAIT_S`.

    One that has waited in vain is read without its files, which `read_post` answers with `NoRoomError`. It is
    around everything that may read a post, error pages included.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._places = CapacityLimiter(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        length = _length(scope)
        if length is not None and length <= SMALL_BYTES:
            await self.app(scope, receive, send)
            return
        place = _Place(self._places, scope)
        try:
            if length is not None:
                await place.take()
                await self.app(scope, receive, send)
            else:
                await self.app(scope, place.counting(receive), send)
        finally:
            place.leave()


class _Place:
    """One request's place among the large ones."""

    def __init__(self, places: CapacityLimiter, scope: Scope) -> None:
        self._places = places
        self._scope = scope
        self._taken = False
        self._asked = False

    async def take(self) -> None:
        """Wait for a place; without one in time, mark the post to be read without its files."""
        self._asked = True
        try:
            self._places.acquire_on_behalf_of_nowait(self)
            self._taken = True
        except WouldBlock:
            with move_on_after(WAIT_S):
                await self._places.acquire_on_behalf_of(self)
                self._taken = True
        if not self._taken:
            self._scope[NO_ROOM] = True
            log.warning("no_room", limit="large_posts")

    def leave(self) -> None:
        """Free the place for another request."""
        if self._taken:
            self._taken = False
            self._places.release_on_behalf_of(self)

    def counting(self, receive: Receive) -> Receive:
        """A `receive` for a body of undeclared length, which takes a place once it is large."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > SMALL_BYTES and not self._asked:
                await self.take()
            return message

        return counted


def _length(scope: Scope) -> int | None:
    """The declared length of the body; None without a valid one."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return whole_number(declared.decode("latin-1"))
