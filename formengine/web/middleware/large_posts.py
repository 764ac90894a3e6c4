"""How many large posts are in memory at a time: files are never written to disk in clear, so they are held there.

A place among them is for posts of our own pages alone, as the token shows that comes before any file; and nobody has
all of them, whatever comes from one session or one address. A post without a place is read without its files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from hmac import compare_digest
from typing import Final

from anyio import Event, move_on_after
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.service.budgets import (
    LARGE_POST_WAIT_S,
    LARGE_POSTS_AT_ONCE,
    LARGE_POSTS_OF_ONE,
    LARGE_POSTS_OF_STRANGERS,
    POSTS_AT_ONCE,
)
from formengine.service.logging import log
from formengine.service.rate_limits import network
from formengine.service.security_events import record
from formengine.store.protocol import StoreError
from formengine.web.browser_session import CSRF_FIELD, CSRF_HEADER, browser_session_of, client_of, csrf_of
from formengine.web.context import context_of
from formengine.web.http.posts import LARGE, NO_ROOM, TEXT_BYTES, whole_number
from formengine.web.middleware.csrf import from_elsewhere

# A post as large as a page without files may be never waits.
SMALL_BYTES: Final = TEXT_BYTES
WAIT_S = LARGE_POST_WAIT_S
# Within so many bytes our pages have sent their token.
_TOKEN_WITHIN: Final = 65_536
_TOKEN: Final = re.compile(
    rb'name="%b"\r\n\r\n([!-~]{1,200})\r\n|(?:^|&)%b=([\w-]{1,200})&'
    % (CSRF_FIELD.encode(), CSRF_FIELD.encode())
)


class LargePosts:
    """Lets a large post in while there is a place for it; others wait for at most `WAIT_S`.

    One that has waited in vain, or that does not show that it comes from a page of ours, is read without its files,
    which `read_post` answers with `NoRoomError`. It is around everything that may read a post, error pages included.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._places = _Places()
        self._reading: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        address = network(client_of(Request(scope)))
        if self._reading[address] >= POSTS_AT_ONCE:
            log.warning("no_room", limit="posts_at_once")
            response = PlainTextResponse(_busy(scope), 503, {"Retry-After": "30", "Connection": "close"})
            await response(scope, receive, send)
            return
        self._reading[address] += 1
        place = _Place(self._places, scope, address)
        try:
            length = _length(scope)
            small = length is not None and length <= SMALL_BYTES
            await self.app(scope, receive if small else place.reading(receive, length), send)
        finally:
            place.leave()
            self._reading[address] -= 1
            if not self._reading[address]:
                del self._reading[address]


class _Places:
    """The places, and who has one."""

    def __init__(self) -> None:
        self._taken: Counter[Hashable] = Counter()
        self._waiting: list[Event] = []

    def free(self, limits: Sequence[tuple[Hashable, int]]) -> bool:
        """Whether one more would stay within each of these limits."""
        return all(self._taken[name] < most for name, most in limits)

    async def take(self, limits: Sequence[tuple[Hashable, int]]) -> bool:
        """Take a place as soon as there is one; False: there was none in time."""
        with move_on_after(WAIT_S):
            while not self.free(limits):
                changed = Event()
                self._waiting.append(changed)
                await changed.wait()
        if not self.free(limits):
            return False
        self._taken.update(name for name, _ in limits)
        return True

    def leave(self, limits: Sequence[tuple[Hashable, int]]) -> None:
        """Free the place that was taken under these limits."""
        for name, _ in limits:
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]
        waiting, self._waiting = self._waiting, []
        for changed in waiting:
            changed.set()


class _Place:
    """One request's place among the large ones."""

    def __init__(self, places: _Places, scope: Scope, address: str) -> None:
        self._places = places
        self._scope = scope
        self._address = address
        self._begun = bytearray()
        self._read = 0
        self._settled = False
        self._limits: Sequence[tuple[Hashable, int]] = ()

    def reading(self, receive: Receive, length: int | None) -> Receive:
        """A `receive` that takes the place before it hands on what is large: length, None where it is not declared."""

        async def read() -> Message:
            message = await receive()
            self._read += len(message.get("body", b""))
            if not self._settled:
                if len(self._begun) < _TOKEN_WITHIN:
                    self._begun += message.get("body", b"")
                if length is not None or self._read > SMALL_BYTES:
                    await self._settle(more=message.get("more_body", False))
            return message

        return read

    async def _settle(self, *, more: bool) -> None:
        """Take the place, or mark the post to be read without its files; nothing yet while the token may still come."""
        shown = self._shown()
        if shown is None and more and len(self._begun) < _TOKEN_WITHIN:
            return
        self._settled = True
        limits = self._limits_of() if shown else ()
        if limits and await self._places.take(limits):
            self._limits = limits
            self._scope[LARGE] = True
            return
        self._scope[NO_ROOM] = True
        limit = "large_posts" if shown else "large_posts_without_token"
        log.warning("no_room", limit=limit)
        record("limit_reached", limit=limit)

    def _shown(self) -> bool | None:
        """Whether the post comes from a page of ours; None where its token has not come yet."""
        request = Request(self._scope)
        if from_elsewhere(request):
            return False
        given = request.headers.get(CSRF_HEADER, "").encode()
        if not given:
            found = _TOKEN.search(self._begun)
            if found is None:
                return None
            given = found[1] or found[2]
        return compare_digest(given, csrf_of(request).encode())

    def _limits_of(self) -> Sequence[tuple[Hashable, int]]:
        """What the place counts against: all, the address and the session; apart for who has no session yet."""
        request = Request(self._scope)
        try:
            browser_session = browser_session_of(request)
            session = browser_session.session or context_of(request).sessions.ended(browser_session.token)
        except StoreError:
            return ()  # whatever it is, it cannot be stored
        if session is None:
            return (("strangers", LARGE_POSTS_OF_STRANGERS),)
        return (
            ("all", LARGE_POSTS_AT_ONCE),
            (("address", self._address), LARGE_POSTS_OF_ONE),
            (("session", session.token_hash), LARGE_POSTS_OF_ONE),
        )

    def leave(self) -> None:
        """Free the place for another request."""
        limits, self._limits = self._limits, ()
        if limits:
            self._places.leave(limits)


def _length(scope: Scope) -> int | None:
    """The declared length of the body; None without a valid one."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return whole_number(declared.decode("latin-1"))


def _busy(scope: Scope) -> str:
    return context_of(Request(scope)).words.text("screens.errors.503.title")
