"""The pace of bodies and headers, and the connections of one address: what uvicorn has no limits for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from formengine.service.budgets import BODY_BYTES_S, LARGE_BODY_BYTES_S
from formengine.web.http.posts import LARGE, TooSlowError
from formengine.web.http.server import guarded
from formengine.web.middleware import slow_bodies
from formengine.web.middleware.slow_bodies import SlowBodies
from tests.support.service_app import running

pytestmark = pytest.mark.slow

MB = 1_000_000


class Clock:
    """A monotonic clock that the pieces of a body move."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


def read(monkeypatch: pytest.MonkeyPatch, piece: int, every_s: float, *, large: bool = False) -> int:
    """How many bytes arrive of a megabyte that comes in such pieces."""
    clock, got = Clock(), 0
    monkeypatch.setattr(slow_bodies, "time", clock)
    left = MB

    async def receive() -> Message:
        nonlocal left
        clock.now_s += every_s
        left -= piece
        return {"type": "http.request", "body": b"x" * piece, "more_body": left > 0}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal got
        while True:
            message = await receive()
            got += len(message["body"])
            if not message["more_body"]:
                return

    async def send(message: Message) -> None: ...

    scope = {"type": "http", "method": "POST", **({LARGE: True} if large else {})}
    asyncio.run(SlowBodies(app)(scope, receive, send))
    return got


@pytest.mark.parametrize(
    ("bytes_s", "large"), [(BODY_BYTES_S + 10, False), (LARGE_BODY_BYTES_S + 100, True), (MB, True)]
)
def test_a_body_that_comes_fast_enough_is_read(
    monkeypatch: pytest.MonkeyPatch, bytes_s: int, large: bool
) -> None:
    assert read(monkeypatch, bytes_s, 1.0, large=large) >= MB


@pytest.mark.parametrize(
    ("bytes_s", "large"), [(1, False), (BODY_BYTES_S - 10, False), (LARGE_BODY_BYTES_S - 100, True)]
)
def test_a_body_that_comes_too_slowly_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, bytes_s: int, large: bool
) -> None:
    with pytest.raises(TooSlowError):
        read(monkeypatch, bytes_s, 1.0, large=large)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers whatever it is asked, once it has read it."""
    if scope["type"] == "http":
        await Request(scope, receive).body()
        await PlainTextResponse("here")(scope, receive, send)


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """Where a server listens that waits a moment for headers, and has two connections for one address."""
    with running(answer, http=guarded(headers_s=0.2, connections=2)) as at:
        parts = urlsplit(at)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=20)


def closed(connection: socket.socket) -> bool:
    """Whether the server ends the connection without an answer; waits for that."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "])
def test_a_connection_whose_headers_do_not_come_is_closed(address: tuple[str, int], sent: bytes) -> None:
    with closing(connect(address)) as connection:
        connection.sendall(sent)
        assert closed(connection)


def test_headers_without_end_are_not_kept(address: tuple[str, int]) -> None:
    with closing(connect(address)) as connection:
        connection.sendall(b"GET /" + b"a" * 70_000)
        assert closed(connection)


def test_a_second_request_on_a_connection_waits_no_longer_for_its_headers(address: tuple[str, int]) -> None:
    with closing(connect(address)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b"200 OK" in connection.recv(1000)
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert closed(connection)


def test_a_body_may_take_longer_than_headers(address: tuple[str, int]) -> None:
    with closing(connect(address)) as connection, closing(connect(address)) as drip:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        # Headers that never come are given up meanwhile: so the time for them is over.
        drip.sendall(b"G")
        assert closed(drip)
        connection.sendall(b"cd")
        assert b"200 OK" in connection.recv(1000)


def test_an_address_has_so_many_connections_and_more_once_one_is_closed(address: tuple[str, int]) -> None:
    with closing(connect(address)) as first, closing(connect(address)) as second:
        for each in (first, second):
            each.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
        with closing(connect(address)) as third:
            third.settimeout(20)
            assert closed(third)
        first.sendall(b"x")
        assert b"200 OK" in first.recv(1000)
    with closing(connect(address)) as later:
        later.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b"200 OK" in later.recv(1000)


def test_a_trusted_proxy_has_as_many_connections_as_it_wants() -> None:
    with running(answer, http=guarded(["127.0.0.0/8"], connections=1)) as at:
        host, port = urlsplit(at).netloc.split(":")
        with closing(connect((host, int(port)))) as first, closing(connect((host, int(port)))) as second:
            for each in (first, second):
                each.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                assert b"200 OK" in each.recv(1000)
