"""What goes wrong with the hour and with the mail server, for a service in this process, whose clock can be moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from formengine.engine import Engine
from formengine.service.mail import smtp
from tests.chaos.crowd import DEFINITIONS, FORM, Crowd, Note, Tally, judge
from tests.chaos.health_watch import HealthWatch
from tests.support.outside_browser import OutsideBrowser
from tests.support.service_app import Service, make_service, running
from tests.support.smtp_server import MailServer, mail_server_in_thread, make_certificate

_TASKS: Final = ("clean_up", "drafts", "files", "old_mail")
_DAY_H: Final = 24


def clock_jumps(folder: Path, long: bool) -> Tally:
    """The clock is set ahead and back while drafts and sessions live, and all that deletes runs at each moment."""
    crowd = Crowd("clock jumps", 0)
    service = make_service(folder, engine=Engine(folders=(DEFINITIONS,)))
    jumps_h = (
        (29 * _DAY_H, -29 * _DAY_H, 1, -1, 400 * _DAY_H, -400 * _DAY_H, 9, -9) if long else (29 * _DAY_H, -9)
    )
    with running(service.own) as address, HealthWatch(address) as health:
        for turn, by_h in enumerate(jumps_h):
            with OutsideBrowser(address) as browser:
                way = browser.begin(FORM)
                words = f"Written before jump {turn}"
                _step(crowd, browser, f"{way}about", words=words)
                crowd.notes.append(Note(way.split("/")[2], saved=words, tried=words))
                for jump in (by_h, -by_h):
                    service.clock.jump(hours=jump)
                    _tidied(service)
                    service.clock.move(minutes=10)
                    _tidied(service)
                # Back at the right hour the person goes on where they were.
                _step(crowd, browser, f"{way}more", further="")
                _step(crowd, browser, f"{way}check-answers", "submit")
                crowd.notes[-1].references |= crowd.references(browser.get(f"{way}sent"))
                if not crowd.notes[-1].references:
                    crowd.tally.lost.append(f"{way}: it could not be sent after the clock was right again")
    tally = judge(crowd, service, health)
    service.store.close()
    return tally


def _step(crowd: Crowd, browser: OutsideBrowser, path: str, action: str = "next", **typed: str) -> None:
    crowd.tally.tried += 1
    answer = browser.submit(path, action, **typed)
    if answer.status_code == 303:
        crowd.tally.acknowledged += 1
    else:
        crowd.tally.broken.append(f"{path}: {answer.status_code}")


def _tidied(service: Service) -> None:
    async def all_of_them() -> None:
        for name in _TASKS:
            await service.context.background.once(name)

    service.service.steady.read()
    asyncio.run(all_of_them())


# --- a mail server ---------------------------------------------------------------------------------------------------


def _hangs(server: MailServer) -> None:
    server.hang = True


def _lies(server: MailServer) -> None:
    server.drop = True


def _refuses(server: MailServer) -> None:
    server.data = {"@": "451 Not now"}


def _accepts_twice(server: MailServer) -> None:
    server.take_and_drop = True


_BEHAVIOURS: Final[Mapping[str, Callable[[MailServer], None]]] = MappingProxyType(
    {"hangs": _hangs, "lies": _lies, "refuses": _refuses, "accepts twice": _accepts_twice}
)


@contextmanager
def _patience(answer_s: float) -> Iterator[None]:
    """Meanwhile nobody waits longer than this for an answer of the mail server."""
    kept, smtp._TIMEOUT_S = smtp._TIMEOUT_S, answer_s  # type: ignore[misc,assignment] # a constant, shorter for a test alone
    try:
        yield
    finally:
        smtp._TIMEOUT_S = kept  # type: ignore[misc] # as above


def _mail(folder: Path, long: bool, behaviour: str) -> Tally:
    """People ask for links by e-mail while the server misbehaves; once it is well, each has one, or copies of one."""
    crowd = Crowd(f"mail {behaviour}", 0)
    tally = crowd.tally
    certificate = make_certificate(folder)
    with mail_server_in_thread(certificate) as server:
        service = make_service(
            folder,
            engine=Engine(folders=(DEFINITIONS,)),
            demo=False,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_ca_file=certificate[0],
            mail_from="forms@example.org",
        )
        with running(service.own) as address, HealthWatch(address) as health:
            _BEHAVIOURS[behaviour](server)
            asked = {_asked_for_a_link(address, crowd, number) for number in range(12 if long else 3)}
            with _patience(0.2):
                _delivered(service)
            with service.store.read() as tx:
                waits = len([row for row in tx.outbox.newest("email", 1000) if row.status == "waiting"])
            if not waits:
                tally.broken.append("the mail server did not misbehave")
            server.hang = server.drop = server.take_and_drop = False
            server.data = {}
            for _ in range(6):
                service.clock.move(minutes=2)
                _delivered(service)
        tally = judge(crowd, service, health)
        service.store.close()
    for to in sorted(asked):
        letters = {str(each["Message-ID"]) for each in server.taken if each["To"] == to}
        tally.lost += [] if letters else [f"no e-mail to {to}"]
        # A copy has the same Message-ID, by which mail programs know it; another e-mail would be a second one.
        tally.doubled += [f"{len(letters)} e-mails to {to}"] if len(letters) > 1 else []
    return tally


def _asked_for_a_link(address: str, crowd: Crowd, number: int) -> str:
    to = f"visitor{number}@example.org"
    with OutsideBrowser(address) as browser:
        way = browser.begin(FORM)
        _step(crowd, browser, f"{way}about", words="One note")
        crowd.notes.append(Note(way.split("/")[2], saved="One note", tried="One note"))
        _step(crowd, browser, f"{way}save-by-email", "", email=to, word="lighthouse keeper")
    return to


def _delivered(service: Service) -> None:
    assert service.context.postman is not None
    asyncio.run(service.context.postman.deliver_due())


def mail_hangs(folder: Path, long: bool) -> Tally:
    """The mail server takes the connection and does not answer any more."""
    return _mail(folder, long, "hangs")


def mail_lies(folder: Path, long: bool) -> Tally:
    """The mail server takes the whole e-mail, closes the connection without an answer, and has nothing."""
    return _mail(folder, long, "lies")


def mail_refuses(folder: Path, long: bool) -> Tally:
    """The mail server refuses every e-mail for now."""
    return _mail(folder, long, "refuses")


def mail_accepts_twice(folder: Path, long: bool) -> Tally:
    """The mail server keeps the e-mail and closes the connection without an answer: the next attempt is a copy."""
    return _mail(folder, long, "accepts twice")
