"""A server killed again and again under load: `python -m benchmarks.kills [SECONDS]` (six without).

A real uvicorn process answers a few people who fill in and send forms, one after another, without JavaScript. It is
killed with SIGKILL at moments drawn by chance, and started again on the same file. Whoever gets no answer loads the
page again and goes on, as people do. Then everything that was acknowledged to them is looked up in the store: each save
that was answered is there, or a later one; each reference that was shown names one submission; and no draft became two.

`tests/chaos` kills at named points, each of them once; this kills anywhere.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any, cast

import httpx
import uvicorn
from starlette.applications import Starlette

from formengine.engine import Engine
from formengine.service import audit
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Drafts
from formengine.service.settings import Settings
from formengine.service.submissions.submissions import Sent, Submissions
from formengine.store.protocol import Store
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app

PEOPLE = 4
SECONDS = 6.0
# So long a server lives once it listens.
LIVES_S = (0.1, 0.7)
# No server takes longer to listen, however busy the machine is.
START_S = 60.0
SAVES = 3
FORM_ID = "notes"
FORM = """\
form: notes
title: Notes
version: 1
access: anyone
pages:
  - id: note
    title: Note
    fields:
      - id: turn
        type: text
        label: Turn
        required: true
"""
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_REFERENCE = re.compile(r"\bNOT-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]\b")


BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def _hidden(page: str) -> dict[str, str]:
    """What a page brings back."""
    return {name: value for name, value in _HIDDEN.findall(page) if name in {"csrf", "rev", "base"}}


# --- the server ------------------------------------------------------------------------------------------------------


def prepared(folder: Path) -> Settings:
    """The settings of a service in this folder, whose form and keys are made."""
    (folder / "forms" / FORM_ID).mkdir(parents=True)
    (folder / "forms" / FORM_ID / "form.yaml").write_text(FORM, encoding="utf-8")
    (folder / "data").mkdir()
    settings = Settings(data=folder / "data")
    Keyring.new().write_new(settings.keys_path)
    return settings


class _Reopened:
    """The store that an app is given once, opened again by each process: a connection does not survive a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.open()

    def open(self) -> None:
        """Open the file in this process."""
        self._store = SqliteStore(self._path)

    def close(self) -> None:
        """Close it."""
        self._store.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def walked(app: Starlette, turn: int) -> None:
    """Go through the form once, so that templates are compiled before the first server is killed."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=BROWSER) as client:
        page = await client.get(f"/forms/{FORM_ID}")
        answer = await client.post(f"/forms/{FORM_ID}", data=_hidden(page.text) | {"-action": "next"})
        way = answer.headers["location"].rpartition("/")[0]
        page = await client.get(f"{way}/note")
        await client.post(f"{way}/note", data=_hidden(page.text) | {"-action": "next", "turn": str(turn)})
        page = await client.get(f"{way}/check-answers")
        await client.post(f"{way}/check-answers", data=_hidden(page.text) | {"-action": "submit"})
        (await client.get(f"{way}/sent")).raise_for_status()


def serve(folder: Path, port: int) -> None:
    """Run a server, and another as soon as it was killed; never returns. Prints the process id of each."""
    settings = Settings(data=folder / "data")
    store = _Reopened(settings.database)
    keys = Keyring.of_file(settings.keys_path)
    app = create_app(Engine(folders=(folder / "forms",)), cast(Store, store), keys, settings=settings)
    background = app.state.context.background
    background.off = True
    asyncio.run(walked(app, 0))
    background.off = False
    store.close()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    child = 0

    def end(*_: object) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            store.open()
            uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", access_log=False, ws="none")
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, Iterator[int]]]:
    """The port, and the process ids of the servers, each once it is there."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.kills", "serve", str(folder), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield port, (int(line) for line in process.stdout)
        finally:
            process.terminate()


def listening(port: int) -> None:
    """Wait until a server listens; raises TimeoutError where none does for long."""
    until = time.perf_counter() + START_S
    while time.perf_counter() < until:
        with socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError("no server listens")


# --- the people ------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """What was acknowledged to one person, by draft. saved: the last turn answered. tried: the last turn sent."""

    saved: dict[str, int] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    references: dict[str, set[str]] = field(default_factory=dict)
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)


class Person(threading.Thread):
    """Fills in and sends one form after another until it is time to go home."""

    def __init__(self, port: int, over: threading.Event) -> None:
        super().__init__()
        self.told = Told()
        self._over = over
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=BROWSER, timeout=20)

    def run(self) -> None:
        """Fill in and send forms until time is up; `told` records what was acknowledged."""
        draft, turn = "", 0
        while not self._over.is_set():
            try:
                if not draft:
                    draft, turn = self._begin(), 0
                elif turn < SAVES:
                    self._save(draft, turn + 1)
                    turn += 1
                elif self._send(draft):
                    draft = ""
            except httpx.TransportError:
                # Killed: the person loads the page again.
                self.told.unanswered += 1
                time.sleep(0.02)
        self._client.close()

    def _begin(self) -> str:
        page = self._client.get(f"/forms/{FORM_ID}")
        answer = self._post(f"/forms/{FORM_ID}", page.text, **{"-action": "next"})
        return answer.headers["location"].split("/")[2] if self._expect(answer, 303) else ""

    def _save(self, draft: str, turn: int) -> None:
        page = self._client.get(f"/drafts/{draft}/note")
        if self._expect(page, 200):
            self.told.tried[draft] = turn
            answer = self._post(f"/drafts/{draft}/note", page.text, **{"-action": "next"}, turn=str(turn))
            if self._expect(answer, 303):
                self.told.saved[draft] = turn

    def _send(self, draft: str) -> bool:
        """Whether the receipt was seen; a second press, after an answer that never came, leads to the same one."""
        page = self._client.get(f"/drafts/{draft}/check-answers")
        if page.status_code == 200:
            page = self._post(f"/drafts/{draft}/check-answers", page.text, **{"-action": "submit"})
        if not self._expect(page, 303):
            return False
        receipt = self._client.get(f"/drafts/{draft}/sent")
        self.told.references.setdefault(draft, set()).update(_REFERENCE.findall(receipt.text))
        return self._expect(receipt, 200)

    def _post(self, path: str, page: str, **texts: str) -> httpx.Response:
        return self._client.post(path, data=_hidden(page) | texts)

    def _expect(self, answer: httpx.Response, status: int) -> bool:
        if answer.status_code != status:
            self.told.errors.append(
                f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
            )
        return answer.status_code == status


# --- what is there afterwards ----------------------------------------------------------------------------------------


@dataclass
class Found:
    """What was acknowledged and what is there. faults: sentences on what differs."""

    kills: int = 0
    unanswered: int = 0
    saves: int = 0
    sent: int = 0
    faults: list[str] = field(default_factory=list)


def looked_up(settings: Settings, folder: Path, every: list[Told]) -> Found:
    """What the store has of what was acknowledged."""
    store, keys = SqliteStore(settings.database), Keyring.of_file(settings.keys_path)
    context = ServiceContext(store, keys)
    drafts = Drafts(context, Engine(folders=(folder / "forms",)))
    submissions = Submissions(context, drafts)
    found = Found(faults=[*store.check(), *(error for told in every for error in told.errors)])
    verdict = audit.verify(audit.entries(store), keys)
    if verdict.problem:
        found.faults.append(verdict.problem)
    sent: dict[str, Sent] = {}
    for line, _ in submissions.listed():
        opened = submissions.export(line.reference, actor="system")
        assert opened is not None
        if opened.receipt.draft in sent:
            found.faults.append(f"draft {opened.receipt.draft} was sent twice")
        sent[opened.receipt.draft] = opened
    for told in every:
        found.unanswered += told.unanswered
        found.saves += sum(told.saved.values())
        found.sent += len(told.references)
        for draft in told.tried:
            with store.read() as tx:
                row = tx.drafts.get(draft)
            assert row is not None
            became = sent.get(draft)
            reference = became.receipt.reference if became is not None else ""
            answers = became.answers if became is not None else drafts.unsealed(row).answers
            found.faults += _faults(told, draft, reference, answers)
    store.close()
    return found


def _faults(told: Told, draft: str, reference: str, answers: Mapping[str, Any]) -> Iterator[str]:
    """What of one draft differs from what was acknowledged. reference: of what it became, "" where it was not sent."""
    references = told.references.get(draft, set())
    if references and references != {reference}:
        yield f"draft {draft} was told as {references}, and is {reference or 'not sent'}"
    turn, answered = int(answers.get("turn", 0)), told.saved.get(draft, 0)
    if not answered <= turn <= told.tried[draft]:
        yield f"draft {draft} has turn {turn}; {answered} was answered"


def measure(folder: Path, *, seconds: float = SECONDS) -> Found:
    """What came of it."""
    settings, over, kills = prepared(folder), threading.Event(), 0
    with serving(folder) as (port, servers):
        server = next(servers)
        listening(port)
        people = [Person(port, over) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            time.sleep(random.uniform(*LIVES_S))
            os.kill(server, signal.SIGKILL)
            kills += 1
            server = next(servers)
            listening(port)
        over.set()
        for person in people:
            person.join()
    found = looked_up(settings, folder, [person.told for person in people])
    found.kills = kills
    return found


def main(seconds: float) -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory(prefix="formengine-kills-") as folder:
        found = measure(Path(folder), seconds=seconds)
    print(
        f"{found.kills} kills in {seconds:.0f} s, {found.unanswered} requests without an answer; {found.saves} saves "
        f"and {found.sent} submissions acknowledged; {len(found.faults)} not as they were told   (0)"
    )
    for fault in found.faults:
        print(f"  {fault}")
    return 1 if found.faults else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
