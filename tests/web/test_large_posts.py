"""How many large posts are in memory at a time, and what becomes of one too many."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message

from formengine.service.budgets import LARGE_POSTS_AT_ONCE as AT_ONCE
from formengine.service.budgets import LARGE_POSTS_OF_ONE, LARGE_POSTS_OF_STRANGERS, POSTS_AT_ONCE
from formengine.web.middleware import large_posts, slow_bodies
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
    """A post to the service, sent in pieces; `go` lets the second half follow. csrf: None for its session's own."""

    service: Service
    file_bytes: int
    length: bool = True
    address: str = "127.0.0.1"
    token: str = ""
    csrf: str | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)
    half_way: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.token:
            self.token, _ = self.service.context.sessions.start()
        if self.csrf is None:
            self.csrf = self.service.keys.index("csrf", self.token)

    async def answer(self) -> Post:
        token, body = self.token, multipart(self.csrf or "", self.file_bytes)
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
            "client": (self.address, 1), "server": ("127.0.0.1", 8000),
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


def as_many_as_may_be(service: Service) -> list[Post]:
    """Large posts that take all places: each of a session and an address of its own."""
    return [Post(service, 2 * MB, address=f"192.0.2.{number}") for number in range(AT_ONCE)]


async def half_way(*posts: Post) -> list[asyncio.Task[Post]]:
    """The posts as they are being read, each up to its half, or answered already."""
    running = [asyncio.create_task(each.answer()) for each in posts]
    waiting = [asyncio.create_task(each.half_way.wait()) for each in posts]
    for task, reached in zip(running, waiting, strict=True):
        await asyncio.wait([task, reached], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
    return running


async def busy(service: Service, *later: Post) -> list[Post]:
    """These posts, answered while as many large ones as may be are half-way; and those, answered after them."""
    first = as_many_as_may_be(service)
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
        first = as_many_as_may_be(service)
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
        first = as_many_as_may_be(service)
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


# --- one visitor stops nobody ----------------------------------------------------------------------------------------


async def beside(service: Service, drips: list[Post], other: Post) -> list[int]:
    """The statuses of a post and of those that were half-way when it came."""
    running = await half_way(*drips)
    other.go.set()
    await other.answer()
    for each in drips:
        each.go.set()
    return [other.status, *(each.status for each in await asyncio.gather(*running))]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("token", ["", "wrong", "t" * 43])
def test_posts_without_their_token_take_no_place(service: Service, token: str) -> None:
    drips = [Post(service, 2 * MB, token="t" * 43, csrf=token, address="192.0.2.9") for _ in range(AT_ONCE)]
    other, *answered = asyncio.run(beside(service, drips, Post(service, 2 * MB)))
    assert (other, answered) == (405, [403] * AT_ONCE)
    assert "Please send this again" in drips[0].page
    assert TYPED in drips[0].page


@pytest.mark.usefixtures("at_once")
def test_one_session_leaves_places_for_others(service: Service) -> None:
    token, _ = service.context.sessions.start()
    drips = [Post(service, 2 * MB, token=token, address=f"192.0.2.{number}") for number in range(AT_ONCE)]
    other, *answered = asyncio.run(beside(service, drips, Post(service, 2 * MB)))
    assert other == 405
    assert sorted(answered) == [405] * LARGE_POSTS_OF_ONE + [503] * (AT_ONCE - LARGE_POSTS_OF_ONE)


@pytest.mark.usefixtures("at_once")
def test_one_address_leaves_places_for_others(service: Service) -> None:
    drips = [Post(service, 2 * MB, address=f"2001:db8::{number}") for number in range(AT_ONCE)]
    other, *answered = asyncio.run(beside(service, drips, Post(service, 2 * MB)))
    assert other == 405
    assert sorted(answered) == [405] * LARGE_POSTS_OF_ONE + [503] * (AT_ONCE - LARGE_POSTS_OF_ONE)


@pytest.mark.usefixtures("at_once")
def test_browsers_that_have_done_nothing_yet_have_places_of_their_own(service: Service) -> None:
    drips = [
        Post(service, 2 * MB, token=sign * 43, address=f"192.0.2.{at}") for at, sign in enumerate("abcd")
    ]
    other, *answered = asyncio.run(beside(service, drips, Post(service, 2 * MB)))
    assert other == 405
    assert sorted(answered) == [405] * LARGE_POSTS_OF_STRANGERS + [503] * (4 - LARGE_POSTS_OF_STRANGERS)


def test_one_address_has_so_many_posts_read_at_once_and_no_other_waits_for_that(service: Service) -> None:
    drips = [Post(service, 1_000, address="192.0.2.1") for _ in range(POSTS_AT_ONCE)]
    one_more = Post(service, 1_000, address="192.0.2.1")
    one_more.go.set()

    async def tried() -> list[int]:
        running = await half_way(*drips)
        await one_more.answer()
        other = Post(service, 1_000)
        other.go.set()
        await other.answer()
        for each in drips:
            each.go.set()
        await asyncio.gather(*running)
        return [one_more.status, other.status, *{each.status for each in drips}]

    assert asyncio.run(tried()) == [503, 405, 405]
    assert one_more.headers["retry-after"] == "30"


def test_a_body_that_does_not_come_is_ended_and_its_place_is_free(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_bodies, "WINDOW_S", 0.01)
    for name in ("BODY_BYTES_S", "LARGE_BODY_BYTES_S"):
        monkeypatch.setattr(slow_bodies, name, 1e12)
    slow, other = Post(service, 2 * MB), Post(service, 900_000, length=False)
    asyncio.run(slow.answer())
    asyncio.run(other.answer())
    assert [(each.status, each.headers["connection"]) for each in (slow, other)] == [(408, "close")] * 2
    assert "Sorry, that took too long" in slow.page
    assert TYPED in slow.page
    monkeypatch.undo()
    assert [each.status for each in asyncio.run(busy(service))] == [405] * AT_ONCE
