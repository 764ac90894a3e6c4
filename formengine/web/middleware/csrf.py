"""CSRF protection: posts are accepted only from our own pages. Whatever is not a GET counts as a post.

A post brings the token of the browser's cookie, as the input `csrf` or the header `X-CSRF-Token`. Besides, where a
browser sends Sec-Fetch-Site, that must name our own origin. `Origin` cannot be used: with
``Referrer-Policy: no-referrer`` a browser sends ``null``.
"""

from __future__ import annotations

from hmac import compare_digest

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.service.security_events import record
from formengine.web.browser_session import CSRF_FIELD, CSRF_HEADER, csrf_of
from formengine.web.http.headers import CSP_REPORTS
from formengine.web.http.posts import NoRoomError, Post, read_post

# "none": the person did it without a page, such as by loading a posted page again.
_FROM_HERE = frozenset({"same-origin", "none"})


class ForeignPostError(HTTPException):
    """A post that does not come from a page we gave this browser, or from one of before it signed in or out."""

    def __init__(self) -> None:
        super().__init__(403)


def from_elsewhere(request: Request) -> bool:
    """Whether Sec-Fetch-Site names another site as the origin of the request."""
    return request.headers.get("sec-fetch-site", "none") not in _FROM_HERE


def _is_report(scope: Scope) -> bool:
    """Whether it is a browser's report of a breach of the policy, which has no token and is only counted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) == CSP_REPORTS


async def _post_of(request: Request) -> Post:
    """What was posted. A post without its token is that, whether or not there was room for its files."""
    try:
        return await read_post(request)
    except NoRoomError as error:
        if not compare_digest(error.post.text(CSRF_FIELD).encode(), csrf_of(request).encode()):
            raise ForeignPostError from None
        raise


def _after_body(receive: Receive) -> Receive:
    """A `receive` for a page whose body was read here: an empty body, so that reading it again does not block."""
    received = False

    async def receive_nothing_more() -> Message:
        nonlocal received
        if received:
            return await receive()
        received = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive_nothing_more


class CsrfCheck:
    """Lets posts through that come from our own pages; raises `ForeignPostError` for others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] == "http" and scope["method"] != "GET" and not _is_report(scope):
            request = Request(scope, receive)
            if from_elsewhere(request):
                record("post_refused")
                raise ForeignPostError
            given = request.headers.get(CSRF_HEADER)
            if given is None:
                given = (await _post_of(request)).text(CSRF_FIELD)
                receive = _after_body(receive)
            if not compare_digest(given.encode(), csrf_of(request).encode()):
                record("post_refused")
                raise ForeignPostError
        await self.app(scope, receive, send)
