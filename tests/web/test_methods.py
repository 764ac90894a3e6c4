"""One notion of methods, on every address for everybody: only a POST with its token changes what is stored."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Self

import pytest

from formengine.store.sqlite.mapping import moment
from formengine.web.browser_session import PLAIN_COOKIE
from tests.support.begun_world import World, begun_world, paths
from tests.support.journey_forms import engine_of
from tests.support.journey_people import begun, post, signed_in
from tests.support.service_app import Person, Service, make_service

pytestmark = pytest.mark.slow

# Every row of every table, by the table's name.
Rows = Mapping[str, frozenset[tuple[object, ...]]]

# What a GET may write: what limits count, and when a session was last used.
COUNTED = frozenset({"counters"})
# A page with a form may begin a visitor's session, or note in it where the visitor was going: one row a request.
VISITORS_SESSIONS = "sessions"


def rows(service: Service) -> Rows:
    """Everything that is stored; of sessions all but when they were last used."""
    with closing(sqlite3.connect(service.settings.database)) as database:
        names = [
            str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        kept = {}
        for name in names:
            columns = [
                str(column[1])
                for column in database.execute(f"PRAGMA table_info({name})")
                if (name, column[1]) != ("sessions", "seen_at")
            ]
            kept[name] = frozenset(database.execute(f"SELECT {', '.join(columns)} FROM {name}"))  # noqa: S608
    return kept


def changed(before: Rows, after: Rows) -> dict[str, int]:
    """How many rows of each table are no longer or not yet there; empty where nothing has changed."""
    found = {name: len(before[name] ^ after[name]) for name in before}
    return {name: number for name, number in found.items() if number}


class Watch:
    """Notices changes of what is stored; reads it only where SQLite knows of a write."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._database = sqlite3.connect(service.settings.database)
        self._version, self._rows = self._newest(), rows(service)

    def changes(self) -> dict[str, int]:
        """How many rows of each table are no longer or not yet there since the last call, as `changed`."""
        version = self._newest()
        if version == self._version:
            return {}
        before, self._version, self._rows = self._rows, version, rows(self._service)
        return changed(before, self._rows)

    def _newest(self) -> int:
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()


def account_sessions(service: Service) -> list[tuple[object, ...]]:
    """The sessions, not over yet, of people who have signed in or begun to: all that no GET may change.

    Who has not signed in yet may be on the way to another page: of theirs, the facts are left out.
    """
    with closing(sqlite3.connect(service.settings.database)) as database:
        asked = (
            "SELECT token_hash, account, stage, ends_at, CASE stage WHEN 'signed_in' THEN facts END"
            " FROM sessions WHERE account IS NOT NULL AND seen_at > ? ORDER BY token_hash"
        )
        return list(database.execute(asked, [moment(service.clock() - timedelta(minutes=21))]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = begun_world(tmp_path_factory.mktemp("world"))
    yield made
    made.service.store.close()


def test_the_world_has_an_address_of_every_route(world: World) -> None:
    patterns = list(paths(world.service.own.routes))
    assert "/demo/mailbox" in patterns
    assert len(world.addresses) > len(patterns)


def test_head_changes_nothing_for_anybody(world: World) -> None:
    with Watch(world.service) as watch:
        for who, path in world.everything():
            _, headers = world.ask("HEAD", path, who)
            assert watch.changes() == {}, (who, path)
            assert {"set-cookie", "clear-site-data"}.isdisjoint(headers), (who, path)


def test_head_answers_as_get_does(world: World) -> None:
    for path in world.addresses:
        status, headers = world.ask("HEAD", path, "a stranger")
        as_get, shown = world.ask("GET", path, "a stranger")
        same = ("content-type", "location", "allow")
        assert (status, [headers.get(name) for name in same]) == (
            as_get,
            [shown.get(name) for name in same],
        ), path


def test_get_changes_nothing_but_what_limits_count_and_a_visitors_session(world: World) -> None:
    before = account_sessions(world.service)
    with Watch(world.service) as watch:
        for who, path in world.everything():
            world.ask("GET", path, who)
            found = watch.changes()
            # A row that was changed counts twice: as it was, and as it is.
            assert found.pop(VISITORS_SESSIONS, 0) <= 2, (who, path)
            assert set(found) <= COUNTED, (who, path, found)
    assert account_sessions(world.service) == before


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused_everywhere_and_changes_nothing(world: World, method: str) -> None:
    with Watch(world.service) as watch:
        for who, path in product(("a stranger", "an owner"), world.addresses):
            status, headers = world.ask(method, path, who)
            assert (status, bool(headers.get("allow"))) == (405, True), (who, path)
            assert method not in headers["allow"]
            assert watch.changes() == {}, (who, path)


def test_a_post_without_its_token_is_refused_everywhere_and_changes_nothing(world: World) -> None:
    with Watch(world.service) as watch:
        for who, path in product(("a stranger", "an owner", "a visitor"), world.addresses):
            status, _ = world.ask("POST", path, who)
            # Reports of browsers are counted in memory; they have no token.
            assert status == (204 if path == "/csp-reports" else 403), (who, path)
            assert watch.changes() == {}, (who, path)


def test_a_post_with_its_token_is_seen_to_change_something(service: Service) -> None:
    before = rows(service)
    browser = service.person()
    assert browser.submit("/human-test", {"-action": "email", "email": "pat@example.org"}).status_code == 303
    assert {"sessions", "codes", "outbox"} <= set(changed(before, rows(service)))


# --- a mailed link ---------------------------------------------------------------------------------------------------


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[tuple[Service, Person, str, str]]:
    """A service, a visitor who asked for a link to their draft, the way into that, and the link."""
    service = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    visitor = service.person()
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    post(visitor, f"{way}you", name="Ophelia")
    visitor.submit(f"{way}save-by-email", {"email": "pat@example.org", "word": "blue kettles"})
    link = re.search(r"/resume/[\w-]+", service.mail("pat@example.org")[0].email.text)
    assert link is not None
    yield service, visitor, way, link[0]
    service.store.close()


def test_a_scanner_that_opens_a_mailed_link_gets_no_answer_and_leaves_the_draft_to_its_owner(
    mailed: tuple[Service, Person, str, str],
) -> None:
    service, visitor, way, link = mailed
    scanner = service.person()
    for method in ("HEAD", "GET", "HEAD", "GET"):
        opened = scanner.request(method, link)
        assert opened.status_code == 200
        assert "Ophelia" not in opened.text
    assert "Ophelia" not in scanner.get(f"{way}you").text
    assert "Ophelia" in visitor.get(f"{way}you").text


def test_a_mailed_link_shows_one_button_and_the_press_takes_the_draft_up(
    mailed: tuple[Service, Person, str, str],
) -> None:
    service, _, way, link = mailed
    browser = service.person()
    shown = browser.get(link).text
    main = shown.partition("<main")[2].partition("</main>")[0]
    assert len(re.findall(r"<button", main)) == 1
    assert browser.submit(link, {"word": "blue kettles"}).headers["location"] == way
    assert "Ophelia" in browser.get(f"{way}you").text


def test_head_on_signing_out_leaves_somebody_signed_in(service: Service) -> None:
    somebody = signed_in(service)
    assert somebody.browser.head("/account/sign-out").status_code == 200
    assert somebody.browser.cookies.get(PLAIN_COOKIE) == somebody.token
    assert somebody.browser.get("/account").status_code == 200
