"""One notion of methods for every address: GET and POST reach pages, HEAD is a GET that leaves no trace.

Mail scanners and link checkers send HEAD to whatever address they find; what they look at stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.web.http.methods import ANSWERED, as_look

# What a browser would act upon: who only looks is given no session, and keeps what there is.
_LEFT_OUT = frozenset({b"set-cookie", b"clear-site-data"})


class HeadAsGet:
    """Answers HEAD with the status and headers of the GET, without its body and without any effect.

    RFC 9110, section 9.3.2.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        ended = False

        async def send_headers(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                message["headers"] = [each for each in message["headers"] if each[0] not in _LEFT_OUT]
                await send(message)
            elif message["type"] == "http.response.body" and not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(as_look(scope), receive, send_headers)


class GetAndPostOnly:
    """Refuses every other method with 405 and what the address answers to, 404 where there is no such address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] == "http" and scope["method"] not in ANSWERED:
            allowed = [method for method in ANSWERED if _is_answered(scope["app"].routes, scope, method)]
            raise HTTPException(
                405 if allowed else 404, headers={"Allow": ", ".join(allowed)} if allowed else None
            )
        await self.app(scope, receive, send)


def _is_answered(routes: Iterable[BaseRoute], scope: Scope, method: str) -> bool:
    asked = {**scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in routes)
