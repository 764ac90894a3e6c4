"""The outermost layer: every request gets an answer and a line in the log, whatever happens inside."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formengine.service.crypto.envelope import SealError
from formengine.service.logging import log, log_failure
from formengine.service.rate_limits import network
from formengine.service.security_events import during_request, record
from formengine.service.settings import split_host
from formengine.store.protocol import StoreError
from formengine.web.browser_session import client_of, has_new_token, known_browser_session, set_cookie
from formengine.web.context import context_of
from formengine.web.http.methods import method_of, only_looks
from formengine.web.http.posts import MOST_BYTES, whole_number
from formengine.web.http.prefix import FOR_MACHINES
from formengine.web.http.threads import in_thread
from formengine.web.middleware.error_pages import ErrorPages

_ID_BYTES = 8
_CLIENT_CHARACTERS = 16
# Programs on this machine request `FOR_MACHINES` at its own address. No response there has a link or a cookie.
_THIS_MACHINE = frozenset({"127.0.0.1", "[::1]", "localhost"})


class ErrorsAndLog:
    """Gives each request an id, its response the session's cookie, and any failure a page that helps.

    hosts: those that a request may name, without ports.
    """

    def __init__(self, app: ASGIApp, error_pages: ErrorPages, hosts: Collection[str]) -> None:
        self.app = app
        self.error_pages = error_pages
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        answered = _Answered(request, send)
        begun = time.perf_counter()
        context = context_of(request)
        context.background.start()
        client = context.service.keys.index("log.client", network(client_of(request)))[:_CLIENT_CHARACTERS]
        try:
            with during_request(answered.id, client):
                await self._answer(request, scope, receive, answered)
        finally:
            await _touch(request)
            method = sent if (sent := method_of(scope)) in _METHODS else "other"
            route, seconds = route_of(scope), time.perf_counter() - begun
            context.metrics.answered(method, route, answered.status, seconds)
            log.info(
                "request",
                request=answered.id,
                method=method,
                route=route,
                status=answered.status,
                ms=round(seconds * 1000, 1),
            )

    async def _answer(self, request: Request, scope: Scope, receive: Receive, answered: _Answered) -> None:
        try:
            self._check_host(request)
            _check_length(request)
            await self.app(scope, receive, answered.send)
        except ClientDisconnect:
            answered.status = 499  # nobody is there to be answered
        except Exception as error:  # noqa: BLE001 - the last place where a failure can become an answer
            response = await self._failed(request, error)
            # Half a response cannot be repaired: the server closes the connection.
            if not answered.status:
                await response(scope, receive, answered.send)

    async def _failed(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            log_failure("request_failed", error, route=route_of(request.scope))
        if isinstance(error, SealError):
            record("seal_broken", route=route_of(request.scope))
        return await self.error_pages.answer(request, error)

    def _check_host(self, request: Request) -> None:
        """Raise HTTPException for a host that is not ours: links and cookies would be for somebody else."""
        hosts = request.headers.getlist("host")
        host = split_host(hosts[0]) if len(hosts) == 1 else ""
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        if host not in self.hosts and not (path in FOR_MACHINES and host in _THIS_MACHINE):
            record("host_refused")
            raise HTTPException(400, "host")


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


class _Answered:
    """Sends what the app answers, with the request's id and the session's cookie."""

    def __init__(self, request: Request, send: Send) -> None:
        self.request = request
        self.id = secrets.token_hex(_ID_BYTES)
        self.status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        """Send a message of the response, with the id and the cookie in its start."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.id.encode())]
            if has_new_token(self.request):
                carrier = Response()
                set_cookie(self.request, carrier)
                headers += [each for each in carrier.raw_headers if each[0] == b"set-cookie"]
            message["headers"] = headers
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The pattern of the address that was asked for, "" where there is none."""
    return getattr(scope.get("route"), "path", "")


def _check_length(request: Request) -> None:
    """Raise HTTPException for a body whose declared length is more than we read at all."""
    length = whole_number(request.headers.get("content-length", "0"))
    if length is None or length > MOST_BYTES:
        raise HTTPException(413)


async def _touch(request: Request) -> None:
    """Record that the session was used. A store that cannot record it has reported so already."""
    if only_looks(request.scope):
        return
    browser_session = known_browser_session(request)
    sessions = context_of(request).sessions
    # Most requests come soon after another: no thread is used where nothing would be written.
    if (
        browser_session is not None
        and browser_session.session is not None
        and sessions.is_due(browser_session.session)
    ):
        try:
            await in_thread(sessions.touch, browser_session.session)
        except StoreError as error:
            log_failure("touch_failed", error)
