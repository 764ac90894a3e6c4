"""What is done to the service while people fill in and send: a function for each, by its name in `SCENARIOS`.

A scenario is given a folder of its own and whether there is time for all of it, and returns its figures. It is driven
by what happens: so many pages were saved, somebody was told to come again, a connection was closed.
"""

from __future__ import annotations

import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.chaos.crowd import DEFINITIONS, FORM, Crowd, Note, Tally, judged
from tests.chaos.health_watch import HealthWatch
from tests.chaos.hours import clock_jumps, mail_accepts_twice, mail_hangs, mail_lies, mail_refuses
from tests.chaos.rivals import RIVALS, submit_against
from tests.support.served_process import PROGRAM, Said, ServedProcess, free_port

PEOPLE: Final = 4
Scenario = Callable[[Path, bool], Tally]


def served(folder: Path, *, prepare: Callable[[], None] | None = None) -> ServedProcess:
    """A service at a free port, whose data are in this folder."""
    port = free_port()
    command = (*PROGRAM, "serve", "--port", str(port), "--definitions", str(DEFINITIONS))
    environment = {"FORMENGINE_DATA": str(folder / "data"), "FORMENGINE_KEYS_FILE": str(folder / "data.keys")}
    return ServedProcess(command, port, folder, environment=environment, prepare=prepare)


def over(crowd: Crowd, folder: Path, health: HealthWatch | None = None) -> Tally:
    """The figures, once the service has ended."""
    return judged(crowd, folder / "data", folder / "data.keys", health)


# --- the database ----------------------------------------------------------------------------------------------------

_LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
held.execute(sys.argv[2])
print("locked", flush=True)
sys.stdin.read()
held.rollback()
"""


@contextmanager
def locked(database: Path, statement: str) -> Iterator[None]:
    """Meanwhile another process keeps the database locked."""
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(database), statement],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield
        process.stdin.close()
        process.wait()


def database_locked(folder: Path, long: bool) -> Tally:
    """Another process locks the database, for reading too, for 3 seconds; in a long run for 40 as well."""
    with served(folder) as service:
        with (
            HealthWatch(service.address) as health,
            Crowd("database locked", PEOPLE, service.browser) as crowd,
        ):
            for held_s in (3, 40) if long else (3,):
                crowd.until(8)
                with locked(folder / "data/formengine.sqlite3", "BEGIN EXCLUSIVE"):
                    # The length of the lock is what is tried here: nothing else tells when it is over.
                    threading.Event().wait(held_s)
            crowd.until(8)
        service.end()
        return over(crowd, folder, health)


def writers_locked_out(folder: Path, long: bool) -> Tally:
    """Another process begins to write and does not go on: people can read, and nothing can be saved until it ends."""
    with served(folder) as service:
        with (
            HealthWatch(service.address) as health,
            Crowd("writers locked out", PEOPLE, service.browser) as crowd,
        ):
            for _ in range(3 if long else 1):
                crowd.until(8)
                with locked(folder / "data/formengine.sqlite3", "BEGIN IMMEDIATE"):
                    crowd.until_busy()
            crowd.until(8)
        service.end()
        return over(crowd, folder, health)


def backup_under_load(folder: Path, long: bool) -> Tally:
    """sqlite3 makes backups as the operator's guide says; each is whole, and has what was saved before it began."""
    database = folder / "data/formengine.sqlite3"
    with served(folder) as service:
        with (
            HealthWatch(service.address) as health,
            Crowd("backup under load", PEOPLE, service.browser) as crowd,
        ):
            for number in range(10 if long else 3):
                crowd.until(4)
                before = sum(bool(note.references) for note in crowd.notes)
                copy = folder / f"{number}.sqlite3"
                subprocess.run(
                    ["sqlite3", str(database), ".timeout 20000", f".backup '{copy}'"],
                    check=True,
                    capture_output=True,
                )
                with closing(sqlite3.connect(copy)) as made:
                    (sound,) = made.execute("PRAGMA integrity_check").fetchone()
                    (sent,) = made.execute("SELECT count(*) FROM submissions").fetchone()
                if (sound, sent >= before) != ("ok", True):
                    crowd.tally.broken.append(f"backup {number}: {sound}, {sent} of {before} submissions")
        service.end()
        return over(crowd, folder, health)


def two_processes(folder: Path, long: bool) -> Tally:
    """Two services on one database, with people at both of them."""
    with served(folder) as one, served(folder) as other:
        with (
            HealthWatch(other.address) as health,
            Crowd("two processes on one database", PEOPLE, one.browser, other.browser) as crowd,
        ):
            crowd.until(120 if long else 40)
        one.end()
        other.end()
        return over(crowd, folder, health)


# --- the process -----------------------------------------------------------------------------------------------------


def process_stopped(folder: Path, long: bool) -> Tally:
    """The process is stopped (SIGSTOP) in the midst of it, and goes on (SIGCONT) when posts have piled up."""
    with served(folder) as service:
        with (
            HealthWatch(service.address) as health,
            Crowd("process stopped", PEOPLE, service.browser) as crowd,
        ):
            for _ in range(10 if long else 2):
                crowd.until(8)
                with health.paused():
                    service.send(signal.SIGSTOP)
                    # Nobody is answered now: what is sent waits in the kernel until the process goes on.
                    with socket.create_connection(("127.0.0.1", service.port)) as waiting:
                        waiting.sendall(
                            b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                        )
                        service.send(signal.SIGCONT)
                        assert waiting.recv(12) == b"HTTP/1.1 200"
            crowd.until(8)
        service.end()
        return over(crowd, folder, health)


def process_killed(folder: Path, long: bool) -> Tally:
    """The process is killed (SIGKILL) under load, and started again on the same database."""
    service = served(folder)
    with service, Crowd("process killed", PEOPLE, service.browser) as crowd:
        for _ in range(10 if long else 2):
            crowd.until(6)
            service.end(signal.SIGKILL)
            assert service.start().up
        crowd.until(6)
        with HealthWatch(service.address) as health:
            crowd.until(6)
    return over(crowd, folder, health)


def no_descriptors(folder: Path, long: bool) -> Tally:
    """So many connections are open that the process has no file descriptor left; then they are closed."""
    limit = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (96, 96))
    with served(folder, prepare=limit) as service:
        with (
            HealthWatch(service.address) as health,
            Crowd("no descriptors left", PEOPLE, service.browser) as crowd,
        ):
            for _ in range(3 if long else 1):
                crowd.until(8)
                with ExitStack() as held:
                    for _ in range(120):
                        held.enter_context(socket.create_connection(("127.0.0.1", service.port)))
                    # Whoever is connected is still answered: that it is saved, or that the service is busy.
                    crowd.until_answered(20)
                crowd.until(8)
        service.end()
        return over(crowd, folder, health)


def disk_full_at_start(folder: Path, long: bool) -> Tally:
    """No file may grow beyond so many bytes as the service starts for the first time; then there is room.

    It ends with a plain sentence, and what it left half-written does not stand in the way of the next start.
    """
    tally = Tally("disk full at start")
    for room in range(0, 300_000, 24_100) if long else (100, 50_000):
        place = folder / str(room)
        place.mkdir()
        tally.tried += 1
        full = served(place, prepare=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room)))
        said = full.start(aloud=True)
        if said.up:
            full.end()
        elif "Traceback" in said.text or not said.text.strip():
            tally.broken.append(f"{room} bytes: {said.text[-300:]}")
        again = _started(place)
        if again.up:
            tally.acknowledged += 1
        else:
            tally.broken.append(f"after {room} bytes it does not start: {again.text[-300:]}")
    return tally


def _started(folder: Path) -> Said:
    service = served(folder)
    said = service.start()
    if said.up:
        service.end()
    return said


# --- the network -----------------------------------------------------------------------------------------------------


def slow_clients(folder: Path, long: bool) -> Tally:
    """Forty connections send a post a byte at a time while people work, and are given up half-way."""
    head = (
        b"POST /forms/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=slow\r\n"
        b"Content-Length: 900000\r\n\r\n--slow\r\n"
    )
    with served(folder) as service:
        with HealthWatch(service.address) as health, Crowd("slow clients", PEOPLE, service.browser) as crowd:
            with ExitStack() as held:
                slow = [
                    held.enter_context(socket.create_connection(("127.0.0.1", service.port)))
                    for _ in range(200 if long else 40)
                ]
                for byte in range(60 if long else 20):
                    for each in slow:
                        each.sendall(head[byte : byte + 1])
                    crowd.until(1)
                for each in slow:
                    each.sendall(head[byte + 1 :])
                crowd.until(8)
            crowd.until(8)
        service.end()
        return over(crowd, folder, health)


def fifty_submits(folder: Path, long: bool) -> Tally:
    """Fifty presses of one button at the same moment: one submission, and one reference for all."""
    crowd = Crowd("fifty submits at once", 0)
    with served(folder) as service:
        with HealthWatch(service.address) as health:
            for _ in range(8 if long else 1):
                _pressed_by_fifty(service, crowd)
        service.end()
        return over(crowd, folder, health)


def _pressed_by_fifty(service: ServedProcess, crowd: Crowd) -> None:
    with service.browser() as browser:
        way = browser.begin(FORM)
        browser.submit(f"{way}about", words="One note")
        browser.submit(f"{way}more", further="")
        filled = {**browser.hidden(browser.get(f"{way}check-answers")), "-action": "submit"}
        cookies = dict(browser.cookies)
    note = Note(way.split("/")[2], saved="One note", tried="One note")
    crowd.notes.append(note)
    at_once = threading.Barrier(50)

    def press() -> None:
        with service.browser() as browser:
            browser.cookies.update(cookies)
            at_once.wait()
            answer = browser.post(f"{way}check-answers", filled)
            receipt = browser.get(f"{way}sent")
        crowd.press(note, answer, receipt)

    presses = [threading.Thread(target=press) for _ in range(50)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()


def _against(name: str, folder: Path, long: bool) -> Tally:
    return submit_against(folder, name, 20 if long else 2)


SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        scenario.__name__: scenario
        for scenario in (
            database_locked,
            writers_locked_out,
            backup_under_load,
            two_processes,
            process_stopped,
            process_killed,
            no_descriptors,
            disk_full_at_start,
            slow_clients,
            fifty_submits,
            clock_jumps,
            mail_hangs,
            mail_lies,
            mail_refuses,
            mail_accepts_twice,
        )
    }
    | {f"submit_against_{name}": partial(_against, name) for name in RIVALS}
)
