"""How many large posts are in memory at a time, and what becomes of one too many."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message

from formengine.web.middleware import large_posts
from formengine.web.middleware.large_posts import AT_ONCE
from tests.support.service_app import Service

BOUNDARY = "in-between"
TYPED = "What was typed, with an accent: é"
MB = 1_000_000


def multipart(csrf: str, file_bytes: int) -> bytes:
    """A page as a browser posts it: the token, a text, a file of this size, and a text after it."""
    before = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in (("csrf", csrf), ("notes", TYPED))
    )
    file = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="letter"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    after = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="last"\r\n\r\nThe end\r\n--{BOUNDARY}--\r\n'
    return (before + file).encode() + b"x" * file_bytes + after.encode()


@dataclass
class Post:
    """A post to the service, sent in pieces; `go` lets the second half follow."""

    service: Service
    file_bytes: int
    length: bool = True
    go: asyncio.Event = field(default_factory=asyncio.Event)
    half_way: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Message] = field(default_factory=list)

    async def answer(self) -> Post:
        token = "t" * 43
        body = multipart(self.service.keys.index("csrf", token), self.file_bytes)
        headers = [
            (b"host", b"127.0.0.1:8000"),
            (b"accept", b"text/html"),
            (b"cookie", f"sid={token}".encode()),
            (b"sec-fetch-site", b"same-origin"),
            (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode()),
        ]
        if self.length:
            headers.append((b"content-length", str(len(body)).encode()))
        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/hub", "raw_path": b"/hub",
            "root_path": "", "query_string": b"", "scheme": "http", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
        }  # fmt: skip
        pieces = self._pieces(body)

        async def receive() -> Message:
            return await anext(pieces)

        async def send(message: Message) -> None:
            self.messages.append(message)

        await self.service.own(scope, receive, send)
        return self

    async def _pieces(self, body: bytes) -> AsyncIterator[Message]:
        half = len(body) // 2
        for at in range(0, half, 65536):
            yield {"type": "http.request", "body": body[at : min(at + 65536, half)], "more_body": True}
        self.half_way.set()
        await self.go.wait()
        yield {"type": "http.request", "body": body[half:], "more_body": False}

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def page(self) -> str:
        return b"".join(each.get("body", b"") for each in self.messages).decode()


async def busy(service: Service, *later: Post) -> list[Post]:
    """These posts, answered while as many large ones as may be are half-way; and those, answered after them."""
    first = [Post(service, 2 * MB) for _ in range(AT_ONCE)]
    running = [asyncio.create_task(each.answer()) for each in first]
    await asyncio.gather(*(each.half_way.wait() for each in first))
    for each in later:
        each.go.set()
    await asyncio.gather(*(each.answer() for each in later))
    assert not any(each.messages for each in first)
    for each in first:
        each.go.set()
    return list(await asyncio.gather(*running))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many does not wait."""
    monkeypatch.setattr(large_posts, "WAIT_S", 0.0)


@pytest.mark.usefixtures("at_once")
def test_a_large_post_too_many_is_told_when_to_come_back_and_keeps_what_was_typed(service: Service) -> None:
    one_more = Post(service, 2 * MB)
    first = asyncio.run(busy(service, one_more))
    assert (one_more.status, one_more.headers["retry-after"]) == (503, "30")
    assert "Please send this again in a minute" in one_more.page
    assert TYPED in one_more.page
    assert "The end" in one_more.page
    assert one_more.page.count('name="notes"') == 1
    # The hub takes no posts; that it says so shows that these were read.
    assert [each.status for each in first] == [405] * AT_ONCE


@pytest.mark.usefixtures("at_once")
def test_small_posts_are_never_held_up(service: Service) -> None:
    small = Post(service, 900_000)
    asyncio.run(busy(service, small, without_length := Post(service, 900_000, length=False)))
    assert (small.status, without_length.status) == (405, 405)


@pytest.mark.usefixtures("at_once")
def test_a_large_post_that_does_not_say_how_long_it_is_counts_as_large(service: Service) -> None:
    unknown = Post(service, 3 * MB, length=False)
    asyncio.run(busy(service, unknown))
    assert unknown.status == 503
    assert TYPED in unknown.page


def test_a_large_post_waits_for_one_that_is_answered(service: Service) -> None:
    async def in_turn() -> Post:
        first = [Post(service, 2 * MB) for _ in range(AT_ONCE)]
        running = [asyncio.create_task(each.answer()) for each in first]
        await asyncio.gather(*(each.half_way.wait() for each in first))
        waiting = Post(service, 2 * MB)
        waiting.go.set()
        answered = asyncio.create_task(waiting.answer())
        for _ in range(50):
            await asyncio.sleep(0)
        assert not waiting.messages
        first[0].go.set()
        await answered
        for each in first:
            each.go.set()
        await asyncio.gather(*running)
        return waiting

    assert asyncio.run(in_turn()).status == 405


@pytest.mark.usefixtures("at_once")
def test_places_are_free_again_once_the_posts_are_answered(service: Service) -> None:
    async def twice() -> list[Post]:
        await busy(service, Post(service, 2 * MB))
        return await busy(service)

    assert [each.status for each in asyncio.run(twice())] == [405] * AT_ONCE


@pytest.mark.usefixtures("at_once")
def test_what_comes_too_many_takes_no_memory_for_its_files(service: Service) -> None:
    bodies = [Post(service, 10 * MB) for _ in range(3)]

    async def measured() -> int:
        first = [Post(service, 2 * MB) for _ in range(AT_ONCE)]
        running = [asyncio.create_task(each.answer()) for each in first]
        await asyncio.gather(*(each.half_way.wait() for each in first))
        most = 0
        for each in bodies:
            each.go.set()
            tracemalloc.start()
            await each.answer()
            # The test itself holds the body, and its second half once more.
            most = max(most, tracemalloc.get_traced_memory()[1] - 15 * MB)
            tracemalloc.stop()
        for each in first:
            each.go.set()
        await asyncio.gather(*running)
        return most

    assert asyncio.run(measured()) < 8 * MB
    assert [each.status for each in bodies] == [503] * 3
