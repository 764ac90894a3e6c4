"""Nobody learns whether an address has an account: answers, headers and the work behind them are the same.

Two services, of which one knows the address that is asked about and the other knows another; both have counted and
mailed as much before. Work is counted, not timed: what Argon2 does, and what is written to the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from formengine.service.accounts.passwords import Passwords
from formengine.store.sqlite.transaction import SerialConnection
from tests.support.journey_forms import engine_of
from tests.support.journey_people import begun
from tests.support.service_app import Person, Service, make_service
from tests.support.signing_in import EMAIL, begin_to_register, enter_password, register

pytestmark = pytest.mark.slow

OTHER = "sam.lee@example.com"
TIMES = 12
_SECRETS = re.compile(r'(?<=name="csrf" value=")[0-9a-f]{64}|(?<=sid=)[\w-]{43}')


@dataclass(frozen=True)
class Seen:
    """What can be seen of an answer, and what was done for it."""

    status: int
    headers: Mapping[str, str]
    text: str
    hashes: int
    writes: tuple[str, ...]


class Work:
    """Counts the work of both services, one request at a time."""

    def __init__(self) -> None:
        self.hashes = 0
        self.writes: list[str] = []

    def see(self, act: Callable[[], httpx2.Response]) -> Seen:
        self.hashes, self.writes = 0, []
        answer = act()
        headers = {
            name: _SECRETS.sub("", text) for name, text in answer.headers.items() if name != "x-request-id"
        }
        return Seen(
            answer.status_code, headers, _SECRETS.sub("", answer.text), self.hashes, tuple(self.writes)
        )


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    counting = Work()
    hash_, fits = Passwords.hash, Passwords.fits
    change, changed = SerialConnection.change, SerialConnection.changed

    def counted_hash(self: Passwords, password: str) -> str:
        counting.hashes += 1
        return hash_(self, password)

    def counted_fits(self: Passwords, password: str, kept: str | None) -> bool:
        counting.hashes += 1
        return fits(self, password, kept)

    def counted_change(self: SerialConnection, statement: str, *values: object) -> int:
        counting.writes.append(_table_of(statement))
        return change(self, statement, *values)

    def counted_changed(self: SerialConnection, statement: str, *values: object) -> object:
        counting.writes.append(_table_of(statement))
        return changed(self, statement, *values)

    monkeypatch.setattr(Passwords, "hash", counted_hash)
    monkeypatch.setattr(Passwords, "fits", counted_fits)
    monkeypatch.setattr(SerialConnection, "change", counted_change)
    monkeypatch.setattr(SerialConnection, "changed", counted_changed)
    return counting


def _table_of(statement: str) -> str:
    """The table that a statement writes to; of accounts, a decoy's first row is one that is added."""
    table = re.search(r"(?:INTO|UPDATE|FROM) (\w+)", statement)
    assert table is not None, statement
    return table[1]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    made = []
    for name, email in (("one", EMAIL), ("two", OTHER)):
        folder = tmp_path / name
        folder.mkdir()
        service = make_service(folder, engine=engine_of(folder / "forms"))
        register(service.person(), email)
        service.clock.move(hours=2)
        made.append(service)
    yield made[0], made[1]
    for service in made:
        service.store.close()


def same(
    twins: tuple[Service, Service], work: Work, *acts: Callable[[Service], httpx2.Response]
) -> list[Seen]:
    """What both services answered to the acts, in turn, which must be the same."""
    seen = [[work.see(lambda act=act, service=service: act(service)) for act in acts] for service in twins]  # type: ignore[misc]
    for known, unknown in zip(*seen, strict=True):
        assert known == unknown
    return seen[0]


def moving(seconds: float, act: Callable[[Service], httpx2.Response]) -> Callable[[Service], httpx2.Response]:
    """The act, some time after the one before."""

    def later(service: Service) -> httpx2.Response:
        service.clock.move(seconds=seconds)
        return act(service)

    return later


def at_one_browser(act: Callable[[Person], httpx2.Response]) -> Callable[[Service], httpx2.Response]:
    """The act, always at the same browser of a service."""
    people: dict[int, Person] = {}
    return lambda service: act(people.setdefault(id(service), service.person()))


def forget(person: Person) -> httpx2.Response:
    return person.submit("/account/forgotten", {"email": EMAIL})


def guess(person: Person) -> httpx2.Response:
    return enter_password(person, password="not the password")


@pytest.mark.parametrize(
    ("act", "apart_s"), [(guess, 0), (guess, 901), (forget, 0), (forget, 61), (begin_to_register, 0)]
)
def test_in_twelve_browsers(
    twins: tuple[Service, Service], work: Work, act: Callable[[Person], httpx2.Response], apart_s: int
) -> None:
    answers = same(twins, work, *[moving(apart_s, lambda service: act(service.person()))] * TIMES)
    assert all(answer.writes for answer in answers)


@pytest.mark.parametrize(("act", "apart_s"), [(guess, 0), (forget, 30), (begin_to_register, 61)])
def test_twelve_times_in_one_browser(
    twins: tuple[Service, Service], work: Work, act: Callable[[Person], httpx2.Response], apart_s: int
) -> None:
    same(twins, work, *[moving(apart_s, at_one_browser(act))] * TIMES)


@pytest.mark.parametrize(
    ("begin", "path"), [(forget, "/account/code"), (begin_to_register, "/account/register/code")]
)
def test_on_the_page_for_the_code(
    twins: tuple[Service, Service],
    work: Work,
    begin: Callable[[Person], httpx2.Response],
    path: str,
) -> None:
    people: dict[int, Person] = {}

    def person(service: Service) -> Person:
        return people.setdefault(id(service), service.person())

    steps: list[Callable[[Service], httpx2.Response]] = [
        lambda service: begin(person(service)),
        lambda service: person(service).get(path),
    ]
    steps += [lambda service: person(service).submit(path, {"code": "no"})]
    steps += [lambda service: person(service).submit(path, {"code": "123456"})] * 7
    steps += [lambda service: person(service).submit(path, {"code": "1234-5678-9012-3456"})]
    steps += [lambda service: person(service).submit(path, {"-action": "new_code"})]
    steps += [
        moving(61, lambda service: person(service).submit(path, {"-action": "new_code"})),
        lambda service: person(service).submit(path, {"code": "123456"}),
    ] * 6
    steps += [moving(601, lambda service: person(service).submit(path, {"code": "123456"}))]
    same(twins, work, *steps)


def test_on_the_page_that_sends_a_link_to_a_form(twins: tuple[Service, Service], work: Work) -> None:
    ways = {id(service): (person := service.person(), begun(person, "ask-for-help", safe="yes", nearby="yes"))
            for service in twins}  # fmt: skip

    def send(service: Service) -> httpx2.Response:
        person, way = ways[id(service)]
        answer = person.submit(f"{way}save-by-email", {"email": EMAIL})
        answer.headers["location"] = answer.headers.get("location", "").replace(way, "/drafts/D/")
        return answer

    seen = [[work.see(lambda service=service: send(service)) for _ in range(TIMES)] for service in twins]  # type: ignore[misc]
    # The pages have the draft's own id in them.
    shown = [[(each.status, each.writes, each.headers) for each in answers] for answers in seen]
    assert shown[0] == shown[1]
