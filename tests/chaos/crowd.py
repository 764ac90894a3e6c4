"""People who fill in and send a form over the network while something is done to the service, and what is left of it.

They behave as people do whose browser says that it did not work: they try again. `acknowledged` is what a page told
them, and nothing else; each of it must be in the database afterwards, once.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from formengine.engine import Engine
from formengine.service import audit
from formengine.service.crypto import rotation
from tests.chaos.health_watch import HealthWatch
from tests.support.outside_browser import OutsideBrowser
from tests.support.service_app import Service, make_service

DEFINITIONS = Path(__file__).parent / "definitions"
FORM = "note"
_REFERENCE = re.compile(r"\bNOT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
# As long as a person rests who was told that the service is busy.
REST_S = 0.05
Browsers = Callable[[], OutsideBrowser]


@dataclass
class Tally:
    """What came of a scenario. stall_ms: the longest that anybody waited for `/healthz`, None where nobody asked."""

    name: str
    tried: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    stall_ms: float | None = None
    busy: int = 0
    unwell: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The figures."""
        stall = "not asked" if self.stall_ms is None else f"{self.stall_ms:.0f} ms"
        return (
            f"chaos, {self.name}: {self.tried} tried, {self.acknowledged} acknowledged, {len(self.lost)} lost, "
            f"{len(self.doubled)} doubled, longest stall of /healthz {stall}"
        )

    def wrong(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.doubled, *self.broken, *self.unwell]


@dataclass
class Note:
    """One draft as its writer knows it. saved: the newest words that were acknowledged; tried: the newest of all."""

    draft: str
    saved: str = ""
    tried: str = ""
    references: set[str] = field(default_factory=set)


class Crowd:
    """People, each in a thread, who write one note after the other until the block ends.

    browsers: opens one's browser, in turn for each of them. again: whether they begin another note after one.
    """

    def __init__(self, name: str, people: int, *browsers: Browsers) -> None:
        self.tally = Tally(name)
        self.notes: list[Note] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._moved = threading.Condition()
        self._threads = [
            threading.Thread(target=self._live, args=(number, browsers[number % len(browsers)]))
            for number in range(people)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def until(self, more: int) -> None:
        """Return when so many more posts were acknowledged."""
        with self._moved:
            wanted = self.tally.acknowledged + more
            assert self._moved.wait_for(lambda: self.tally.acknowledged >= wanted, timeout=120), self.tally

    def until_answered(self, more: int) -> None:
        """Return when so many more were answered, whether what they sent was acknowledged or not."""
        with self._moved:
            wanted = self.tally.acknowledged + self.tally.busy + more
            assert self._moved.wait_for(
                lambda: self.tally.acknowledged + self.tally.busy >= wanted, timeout=120
            ), self.tally

    def until_busy(self, more: int = 1) -> None:
        """Return when so many more were told to come again, or were not answered."""
        with self._moved:
            wanted = self.tally.busy + more
            assert self._moved.wait_for(lambda: self.tally.busy >= wanted, timeout=120), self.tally

    @staticmethod
    def references(receipt: httpx2.Response) -> set[str]:
        """The references on a receipt."""
        return set(_REFERENCE.findall(receipt.text))

    def press(self, note: Note, answer: httpx2.Response, receipt: httpx2.Response) -> None:
        """Count a press of the button that sends `note`, and the receipt that was shown after it."""
        with self._moved:
            self.tally.tried += 1
            if answer.status_code == 303 and answer.headers["location"].endswith("/sent"):
                self.tally.acknowledged += 1
                note.references |= self.references(receipt)
            else:
                self.tally.busy += 1
            self._moved.notify_all()

    # --- one person ----------------------------------------------------------------------------------------------

    def _live(self, person: int, browsers: Browsers) -> None:
        with browsers() as browser, suppress(_OverError):
            for turn in count():
                self._write(browser, f"Note {turn} of person {person}")

    def _write(self, browser: OutsideBrowser, words: str) -> None:
        form = f"/forms/{FORM}"
        begun = self._posted(browser, form, "start")
        way = begun[: begun.index("/", len("/drafts/")) + 1]
        note = Note(way.split("/")[2])
        with self._lock:
            self.notes.append(note)
        for text in (f"{words}, a first draft", words):
            note.tried = text
            self._posted(browser, f"{way}about", "next", words=text)
            note.saved = text
        self._posted(browser, f"{way}more", "next", further="It can wait.")
        # Pressed twice, as people do.
        for _ in range(2):
            landed = self._posted(browser, f"{way}check-answers", "submit")
            if landed == f"{way}sent":
                note.references |= self.references(self._answered(partial(browser.get, landed)))

    def _posted(self, browser: OutsideBrowser, path: str, action: str, **typed: str) -> str:
        """Where a page led, once its post was acknowledged."""

        def post() -> httpx2.Response:
            shown = browser.get(path)
            # What was sent already, though its answer was lost, leads on by itself.
            return (
                browser.post(path, {**browser.hidden(shown), "-action": action, **typed})
                if shown.is_success
                else shown
            )

        answer = self._answered(post)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-3000:])
        with self._moved:
            self.tally.acknowledged += 1
            self._moved.notify_all()
        return answer.headers["location"]

    def _answered(self, act: Callable[[], httpx2.Response]) -> httpx2.Response:
        """The answer; the person tries again while the service is busy or away. Raises `_OverError` at the end."""
        while not self._over.is_set():
            with self._moved:
                self.tally.tried += 1
            try:
                answer = act()
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.status_code != 503:
                return answer
            with self._moved:
                self.tally.busy += 1
                self._moved.notify_all()
            self._over.wait(REST_S)
        raise _OverError


class _OverError(Exception):
    """The scenario is over."""


# --- what must be there ----------------------------------------------------------------------------------------------


def judged(crowd: Crowd, data: Path, keys_file: Path, health: HealthWatch | None = None) -> Tally:
    """The crowd's figures, with what is lost, doubled or broken in the database of a service that was ended."""
    service = make_service(data.parent, engine=Engine(folders=(DEFINITIONS,)), data=data, keys_file=keys_file)
    try:
        return judge(crowd, service, health)
    finally:
        service.store.close()


def judge(crowd: Crowd, service: Service, health: HealthWatch | None = None) -> Tally:
    """The same for a service in this process."""
    tally = crowd.tally
    with closing(sqlite3.connect(service.settings.database)) as database:
        rows = database.execute("SELECT draft, reference FROM submissions").fetchall()
    sent, by_draft = dict(rows), Counter(draft for draft, _ in rows)
    with service.store.read() as tx:
        drafts = {note.draft: tx.drafts.get(note.draft) for note in crowd.notes}
    for note in crowd.notes:
        row = drafts[note.draft]
        if note.draft in sent:
            export = service.context.submissions.export(sent[note.draft], actor="system")
            words = export.answers.get("words") if export is not None else None
        else:
            words = service.context.drafts.unsealed(row).answers.get("words") if row is not None else None
        if note.saved and words not in {note.saved, note.tried}:
            tally.lost.append(f"{note.draft}: {note.saved!r} was saved, {words!r} is there")
        tally.lost += [f"{note.draft}: {each} was shown" for each in note.references - {sent.get(note.draft)}]
        if len(note.references) > 1 or by_draft[note.draft] > 1:
            tally.doubled.append(f"{note.draft}: {sorted(note.references)}")
    tally.broken += [*service.store.check(), *rotation.unopened(service.store, service.keys)]
    problem = audit.verify(audit.entries(service.store), service.keys).problem
    tally.broken += [problem] if problem else []
    if health is not None:
        tally.stall_ms = health.longest_s * 1000
        tally.unwell += health.wrong
        assert health.asked
    return tally
