"""Two things that happen to one draft at the same moment: sending it, and whatever else its owner or the hour does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx2

from formengine.engine import Engine
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring
from tests.chaos.crowd import DEFINITIONS, FORM, Crowd, Note, Tally, judge
from tests.chaos.health_watch import HealthWatch
from tests.support.journey_people import account_of
from tests.support.outside_browser import OutsideBrowser
from tests.support.service_app import Service, make_service, running
from tests.support.signing_in import PASSWORD

SAVED_LATE: Final = "What was saved at the same moment"


@dataclass(frozen=True)
class Owner:
    """Somebody signed in, in two tabs of one browser, with a draft that can be sent."""

    service: Service
    way: str
    one: OutsideBrowser
    other: OutsideBrowser


Rival = Callable[[Owner], Callable[[], httpx2.Response | None]]


def save(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """Saving a page."""
    path = f"{owner.way}about"
    filled = {**owner.other.hidden(owner.other.get(path)), "-action": "next", "words": SAVED_LATE}
    return lambda: owner.other.post(path, filled)


def cancel(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """Deleting the draft."""
    path = f"{owner.way}cancel"
    filled = {**owner.other.hidden(owner.other.get(path)), "-action": "delete"}
    return lambda: owner.other.post(path, filled)


def sign_out(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """Signing out."""
    filled = owner.other.hidden(owner.other.get("/account/sign-out"))
    return lambda: owner.other.post("/account/sign-out", filled)


def time_out(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """The moment at which the session ends."""
    return lambda: owner.service.clock.move(minutes=25)


def closure(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """Closing the account."""
    filled = {**owner.other.hidden(owner.other.get("/account/close")), "password": PASSWORD}
    return lambda: owner.other.post("/account/close", filled)


def key_rotation(owner: Owner) -> Callable[[], httpx2.Response | None]:
    """A new key, with which the data key of every row is wrapped, by a process of its own."""

    def rotate() -> None:
        path = owner.service.settings.keys_path
        Keyring.of_file(path).with_new_current().replace(path)
        found = Keyring.of_file(path)
        rotation.recognise(owner.service.store, found)
        for _ in rotation.rewrap(owner.service.store, found, batch_rows=2):
            pass

    return rotate


RIVALS: Final[Mapping[str, Rival]] = MappingProxyType(
    {rival.__name__: rival for rival in (save, cancel, sign_out, time_out, closure, key_rotation)}
)


def submit_against(folder: Path, name: str, rounds: int) -> Tally:
    """Each round somebody else's draft is sent while the rival happens; nothing is there by half, whoever was first."""
    crowd = Crowd(f"submit against {name.replace('_', ' ')}", 0)
    Keyring.new().write_new(folder / "data.keys")
    service = make_service(folder, engine=Engine(folders=(DEFINITIONS,)))
    with running(service.own) as address, HealthWatch(address) as health:
        for turn in range(rounds):
            with ExitStack() as browsers:
                owner = _owner(service, address, turn, browsers)
                _meet(owner, RIVALS[name](owner), crowd)
    tally = judge(crowd, service, health)
    service.store.close()
    return tally


def _owner(service: Service, address: str, turn: int, browsers: ExitStack) -> Owner:
    account = account_of(service, f"owner{turn}@example.org")
    with service.store.write() as tx:
        row = tx.accounts.get(account)
        assert row is not None
        tx.accounts.replace(replace(row, password_hash=service.context.passwords.hash(PASSWORD)))
    token, _ = service.context.sessions.start(account=account, stage="signed_in")
    one, other = (browsers.enter_context(OutsideBrowser(address)) for _ in range(2))
    for each in (one, other):
        each.cookies["sid"] = token
    way = one.begin(FORM)
    one.submit(f"{way}about", words="One note")
    one.submit(f"{way}more", further="")
    return Owner(service, way, one, other)


def _meet(owner: Owner, rival: Callable[[], httpx2.Response | None], crowd: Crowd) -> None:
    """Let both happen at once, and say what must not be of what became of it."""
    path = f"{owner.way}check-answers"
    filled = {**owner.one.hidden(owner.one.get(path)), "-action": "submit"}
    at_once = threading.Barrier(2)
    answers: dict[str, httpx2.Response | None] = {}

    def act(who: str, what: Callable[[], httpx2.Response | None]) -> None:
        at_once.wait()
        answers[who] = what()

    both = [
        threading.Thread(target=act, args=("submit", lambda: owner.one.post(path, filled))),
        threading.Thread(target=act, args=("rival", rival)),
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    _look(owner, answers["submit"], answers["rival"], crowd)


def _look(owner: Owner, submit: httpx2.Response | None, rival: httpx2.Response | None, crowd: Crowd) -> None:
    assert submit is not None
    draft = owner.way.split("/")[2]
    crowd.tally.tried += 2
    told_sent = submit.headers.get("location") == f"{owner.way}sent"
    told_saved = rival is not None and rival.headers.get("location") == f"{owner.way}more"
    crowd.tally.acknowledged += told_sent + (rival is None or rival.status_code < 400)
    with owner.service.store.read() as tx:
        row, sent = tx.drafts.get(draft), tx.submissions.by_draft(draft)
    assert row is not None
    status = row.status
    if (status == "submitted") != (sent is not None):
        crowd.tally.broken.append(f"{draft} is {status}, and {'was' if sent else 'was not'} sent")
    if told_sent and sent is None:
        crowd.tally.lost.append(f"{draft}: the receipt was shown, and nothing is there")
    for each in (submit, rival):
        if each is not None and each.status_code >= 500:
            crowd.tally.unwell.append(f"{each.request.url}: {each.status_code}")
    if status == "open" or sent is not None:
        said = SAVED_LATE if told_saved else "One note"
        crowd.notes.append(Note(draft, saved=said, tried=said if told_saved else SAVED_LATE))
