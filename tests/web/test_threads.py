"""Handlers run in threads: whatever one waits for, the event loop goes on, and answers `/healthz`."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from formengine.engine import Engine
from formengine.store.sqlite.transaction import SerialConnection
from formengine.web.http import threads
from formengine.web.http.threads import HandlerThreads, NoThreadError, in_event_loop, in_thread, on_loop
from tests.support.begun_world import World, begun_world
from tests.support.journey_people import begun, brought_back, give_token
from tests.support.service_app import Service, make_service, running

pytestmark = pytest.mark.slow

FORMS = Path(__file__).parents[1] / "chaos/definitions"
REQUEST = Request({"type": "http", "method": "GET", "path": "/", "headers": []})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = begun_world(tmp_path)
    yield made
    made.service.store.close()


def test_no_handler_of_any_address_asks_the_store_in_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_at: list[str] = []
    begin = SerialConnection.begin

    def watched(channel: SerialConnection, *, writing: bool) -> bool:
        if in_event_loop():
            asked_at.append(path)
        return begin(channel, writing=writing)

    monkeypatch.setattr(SerialConnection, "begin", watched)
    answered = set()
    first_draft = next(path for path in world.addresses if path.startswith("/drafts/"))[
        : len("/drafts/") + 22
    ]
    addresses = [path for path in world.addresses if path.startswith(first_draft) or "/drafts/" not in path]
    assert len(addresses) > len(world.service.own.routes)
    for who, path in product(("an owner", "a stranger"), addresses):
        browser = world.service.person()
        if world.tokens[who]:
            give_token(browser, world.tokens[who])
        answered |= {browser.get(path).status_code, browser.submit(path).status_code}
    assert asked_at == []
    assert answered >= {200, 303, 404}


# --- the threads themselves ------------------------------------------------------------------------------------------


def answered_by(handler: threads.Handler) -> Response:
    async def answer() -> Response:
        return await HandlerThreads().answering(handler)(REQUEST)

    return asyncio.run(answer())


def test_a_handler_runs_beside_the_loop_and_waits_in_it() -> None:
    where: list[bool] = []

    async def waited() -> str:
        where.append(in_event_loop())
        await asyncio.sleep(0)
        return "from the loop"

    async def handler(_: Request) -> Response:
        where.append(in_event_loop())
        said = await on_loop(waited)
        where.append(await in_thread(in_event_loop))
        return PlainTextResponse(said)

    assert answered_by(handler).body == b"from the loop"
    assert where == [False, True, False]


def test_what_fails_in_the_loop_is_raised_where_the_handler_waits() -> None:
    async def fails() -> str:
        raise LookupError("no such address")

    async def handler(_: Request) -> Response:
        try:
            return PlainTextResponse(await on_loop(fails))
        except LookupError as error:
            return PlainTextResponse(str(error))

    assert answered_by(handler).body == b"no such address"


def test_who_waits_in_the_loop_takes_nobodys_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "AT_ONCE", 1)
    slow_one_came = asyncio.Event()
    other_was_answered = asyncio.Event()

    async def body_that_drips() -> None:
        slow_one_came.set()
        await other_was_answered.wait()

    async def slow(_: Request) -> Response:
        await on_loop(body_that_drips)
        return PlainTextResponse("slow")

    async def quick(_: Request) -> Response:
        return PlainTextResponse("quick")

    async def both() -> list[bytes]:
        one = HandlerThreads()
        first = asyncio.create_task(one.answering(slow)(REQUEST))
        await slow_one_came.wait()
        second = await one.answering(quick)(REQUEST)
        other_was_answered.set()
        return [bytes(second.body), bytes((await first).body)]

    assert asyncio.run(both()) == [b"quick", b"slow"]


def test_where_every_thread_is_taken_for_too_long_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "AT_ONCE", 1)
    monkeypatch.setattr(threads, "AT_REST_AFTER_S", 0.001)
    monkeypatch.setattr(threads, "WAIT_S", 0.05)
    over, came = threading.Event(), threading.Event()

    async def stuck(_: Request) -> Response:
        came.set()
        over.wait()
        return PlainTextResponse("stuck")

    async def both() -> Response:
        one = HandlerThreads()
        first = asyncio.create_task(one.answering(stuck)(REQUEST))
        await in_thread(came.wait)
        with pytest.raises(NoThreadError):
            await one.answering(stuck)(REQUEST)
        over.set()
        return await first

    assert asyncio.run(both()).body == b"stuck"


def test_a_page_that_waits_makes_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WORKING", 1)
    monkeypatch.setattr(threads, "AT_REST_AFTER_S", 0.001)
    locked = threading.Event()

    async def waits(_: Request) -> Response:
        locked.wait()
        return PlainTextResponse("waited")

    async def unlocks(_: Request) -> Response:
        locked.set()
        return PlainTextResponse("unlocked")

    async def both() -> list[bytes]:
        one = HandlerThreads()
        first = asyncio.create_task(one.answering(waits)(REQUEST))
        # Its turn comes although the only place was taken before.
        second = await one.answering(unlocks)(REQUEST)
        return [bytes(second.body), bytes((await first).body)]

    assert asyncio.run(both()) == [b"unlocked", b"waited"]


# --- a database that another process keeps locked --------------------------------------------------------------------


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Service]:
    """A service with a form that anyone may send."""
    made = make_service(tmp_path, engine=Engine(folders=(FORMS,)))
    yield made
    made.store.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, notes: Service) -> Iterator[sqlite3.Connection]:
    """A connection that can lock the database of a service that waits for a moment, not for seconds."""
    monkeypatch.setattr("formengine.store.sqlite.transaction.BUSY_TIMEOUT_S", 0.05)
    notes.store._connection.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(notes.settings.database, isolation_level=None)) as other:
        yield other


def test_a_post_to_a_locked_database_comes_back_and_can_be_sent_again(
    notes: Service, impatient: sqlite3.Connection
) -> None:
    browser = notes.person()
    address = f"{begun(browser, 'note')}about"
    shown = browser.get(address)
    typed = {"-action": "next", **brought_back(shown), "words": "What was seen at the school gate"}
    impatient.execute("BEGIN EXCLUSIVE")

    posted, looked = browser.submit(address, typed), browser.get(address)

    impatient.rollback()
    assert (posted.status_code, looked.status_code) == (503, 503)
    assert "The service is busy. Please send this again in a minute" in posted.text
    assert "What was seen at the school gate" in posted.text
    assert "03000 41 11 11" in posted.text
    assert posted.headers["retry-after"] == "10"
    assert "What you saved before is kept. Wait a minute, then try again." in looked.text
    assert brought_back(posted)["words"] == "What was seen at the school gate"
    again = browser.submit(address, brought_back(posted))
    assert (again.status_code, "What was seen at the school gate" in browser.get(address).text) == (303, True)


def test_healthz_and_styles_are_answered_while_everybody_waits_for_the_database(service: Service) -> None:
    browser = service.person()
    browser.get("/hub")
    token = browser.token
    with (
        running(service.own) as address,
        closing(
            sqlite3.connect(service.settings.database, isolation_level=None, check_same_thread=False)
        ) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        statuses: list[int] = []

        def look() -> None:
            answer = httpx2.get(f"{address}/my-forms", headers={"cookie": f"sid={token}"}, timeout=60)
            statuses.append(answer.status_code)

        people = [threading.Thread(target=look) for _ in range(8)]
        for each in people:
            each.start()
        health = [httpx2.get(f"{address}/healthz", timeout=60).text for _ in range(5)]
        style = httpx2.get(f"{address}{service.context.assets.path}/council.css", timeout=60)
        waited_for_nobody = list(statuses)
        other.rollback()
        for each in people:
            each.join()
    assert (health, style.status_code, waited_for_nobody) == (["ok\n"] * 5, 200, [])
    # The lock was gone within the time that they wait.
    assert statuses == [303] * 8


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_where_no_file_can_be_opened_the_service_is_busy_and_keeps_what_was_typed(
    notes: Service, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(number, "Too many open files")

    browser = notes.person()
    address = f"{begun(browser, 'note')}about"
    typed = {"-action": "next", **brought_back(browser.get(address)), "words": "What was seen"}
    monkeypatch.setattr("formengine.service.drafts.page_posts.PagePosts.save", refuses)
    answer = browser.submit(address, typed)
    assert (answer.status_code, brought_back(answer)["words"]) == (503, "What was seen")
    assert "The service is busy" in answer.text
