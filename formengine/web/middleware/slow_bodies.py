"""The least pace at which a body comes: who sends it byte by byte keeps no memory and no place of others."""

from __future__ import annotations

import time

from anyio import fail_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.service.budgets import BODY_BYTES_S, BODY_WINDOW_S, LARGE_BODY_BYTES_S
from formengine.service.logging import log
from formengine.web.http.posts import LARGE, Post, TooSlowError

WINDOW_S = BODY_WINDOW_S


class SlowBodies:
    """Ends a request with 408 (`TooSlowError`) whose body comes more slowly than `BODY_BYTES_S`.

    What counts is the time for which the app waited for it, over `WINDOW_S` each; a post that has a place among the
    large ones must be faster. No server does this for us.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        await self.app(scope, _Paced(scope, receive).receive if scope["type"] == "http" else receive, send)


class _Paced:
    """The body of one request."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._waited_s = 0.0
        self._came = 0
        self._whole = False

    async def receive(self) -> Message:
        """The next message; once the body is whole whenever it comes, since then it tells of a closed connection."""
        if self._whole:
            return await self._receive()
        while True:
            begun = time.monotonic()
            try:
                with fail_after(max(WINDOW_S - self._waited_s, 0.0)):
                    message = await self._receive()
            except TimeoutError:
                self._judge()
                continue
            self._waited_s += time.monotonic() - begun
            self._came += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if not self._whole and self._waited_s >= WINDOW_S:
                self._judge()
            return message

    def _judge(self) -> None:
        """Begin another window. Raises `TooSlowError` where too little came in this one."""
        least = LARGE_BODY_BYTES_S if LARGE in self._scope else BODY_BYTES_S
        came, self._came, self._waited_s = self._came, 0, 0.0
        if came < least * WINDOW_S:
            log.warning("too_slow", limit="large_body" if LARGE in self._scope else "body")
            raise TooSlowError(Post())
