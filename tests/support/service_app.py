"""The service for tests: on SQLite in a folder of the test's own, by a clock that the test moves, with nothing sent.

The fixtures `service` (the app, its store and clock), `person` (somebody at a browser, without JavaScript) and `site`
(the same service on a real server, for Playwright) are there in every test (tests/conftest.py).

    def test_the_hub_has_tiles(person: Person) -> None:
        assert "Request for Support" in person.get("/hub").text
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any, cast

import httpx2
import pytest
import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from formengine.engine import Engine
from formengine.service.accounts.passwords import Passwords
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.logging import log_failure
from formengine.service.mail.outbox import DemoMailbox, Letter, Letters, about_service
from formengine.service.settings import Settings
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from formengine.web.browser_session import PLAIN_COOKIE
from formengine.web.context import AppContext

LOOPBACK = "http://127.0.0.1:8000"
# A Tuesday at ten in the morning, British time.
BEGUN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

Files = Sequence[tuple[str, tuple[str, bytes, str]]]


@dataclass
class MovableClock:
    """A clock that stands still until a test moves it: with the time that passes, or by itself."""

    now: datetime = BEGUN
    running_s: float = 0.0

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass while the service runs: ``clock.move(minutes=21)``."""
        self.now += timedelta(**by)
        self.running_s += timedelta(**by).total_seconds()

    def jump(self, **by: float) -> None:
        """Set the clock to another moment: no time has passed while the service ran."""
        self.now += timedelta(**by)

    def monotonic(self) -> float:
        """For how many seconds time has passed."""
        return self.running_s


@dataclass(frozen=True)
class Service:
    """A service with its store and clock. `around` is the app it is mounted in, if any."""

    own: Starlette
    store: SqliteStore
    keys: Keyring
    clock: MovableClock
    settings: Settings
    around: ASGIApp | None = None
    prefix: str = ""

    @property
    def context(self) -> AppContext:
        """The app's context with every part of the service."""
        return cast(AppContext, self.own.state.context)

    @property
    def service(self) -> ServiceContext:
        """The service context of its parts."""
        return self.context.service

    def person(self, base_url: str = LOOPBACK) -> Person:
        """Somebody at a browser of their own."""
        return Person(self, base_url)

    def mail(self, to: str = "") -> list[Letter]:
        """The e-mails in the outbox, the newest first; with `to` those to one address."""
        letters = Letters(self.service, about_service(self.context.portal, self.settings.base_url))
        return [letter for letter in DemoMailbox(self.service, letters).newest(1000) if to in {"", letter.to}]

    def code(self, to: str = "") -> str:
        """The six figures in the newest e-mail that has any."""
        for letter in self.mail(to):
            found = re.search(r"\b([0-9]{6})\b", letter.email.text)
            if found is not None:
                return found[1]
        raise LookupError("no e-mail has a code")

    def mounted(self, app: ASGIApp, prefix: str) -> Service:
        """The same service, reached through another app in which it is mounted."""
        return replace(self, around=app, prefix=prefix)


class Person(TestClient):
    """Somebody at a browser without JavaScript: keeps cookies, follows no redirect by itself, posts with the token."""

    def __init__(self, service: Service, base_url: str = LOOPBACK) -> None:
        super().__init__(
            service.around or service.own,
            base_url=base_url + service.prefix,
            follow_redirects=False,
            headers={"accept": "text/html"},
        )
        self.service = service

    @property
    def token(self) -> str:
        """The token in the cookie, "" without one."""
        return next((c.value or "" for c in self.cookies.jar if c.name in {PLAIN_COOKIE, "__Host-sid"}), "")

    @property
    def csrf(self) -> str:
        """The CSRF token that this browser's posts need."""
        if not self.token:
            self.get("/hub")
        return self.service.keys.index("csrf", self.token)

    def submit(
        self,
        path: str,
        texts: Mapping[str, str | Sequence[str]] | None = None,
        *,
        files: Files = (),
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The answer to a page posted as a browser does it: as multipart with files, with the CSRF token."""
        data: dict[str, Any] = {"csrf": self.csrf, **(texts or {})}
        return self.post(
            path,
            data=data,
            files=list(files) or None,
            headers={"sec-fetch-site": "same-origin", **(headers or {})},
        )


def make_service(
    folder: Path, *, engine: Engine | None = None, clock: MovableClock | None = None, **settings: Any
) -> Service:
    """A service whose files lie in `folder`; `settings` are fields of `Settings`."""
    given = Settings(**{"data": folder / "data", "demo": True, **settings})
    given.data.mkdir(exist_ok=True)
    keys = Keyring.of_file(given.keys_path) if given.keys_path.exists() else Keyring.new()
    store = SqliteStore(given.database)
    clock = clock or MovableClock()
    own = create_app(
        engine or Engine(), store, keys, clock, settings=given, background=False, monotonic=clock.monotonic
    )
    cheapen(own.state.context.passwords)
    # As the work beside requests does first of all.
    own.state.context.service.steady.read()
    return Service(own, store, keys, clock, given)


def cheapen(passwords: Passwords) -> None:
    """Make hashing cheap, where Argon2's tenth of a second is no part of the claim."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody = passwords.hash("")


class _Server(uvicorn.Server):
    """A server that signals when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def running(app: ASGIApp, **options: Any) -> Iterator[str]:
    """The address ("http://127.0.0.1:40123") under which a real server answers for `app` meanwhile."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        **options,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.listens.wait(0.05):
            assert thread.is_alive(), "the server ended before it listened"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service in the test's folder. What fails inside it is printed whole, which the service itself never does."""

    def tell(event: str, error: BaseException, **facts: Any) -> None:
        log_failure(event, error, **facts)
        traceback.print_exception(error)

    monkeypatch.setattr("formengine.web.middleware.errors_and_log.log_failure", tell)
    made = make_service(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def person(service: Service) -> Person:
    """Somebody at a browser without JavaScript."""
    return service.person()


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    """The address of the service on a real server."""
    with running(service.own) as address:
        yield address
