"""A person's whole way through the service, told step by step, and what must be there of it after a crash.

The person behaves as people do whose browser says that the page cannot be reached: they come back, look what is
there, and do again what they were not told had worked. `known` is what they were told, and nothing else.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from formengine.engine import Engine
from formengine.service import audit
from formengine.service.accounts.identity import address_index, person_of
from formengine.service.crypto import rotation
from formengine.store.sqlite import SqliteStore
from tests.chaos.nursery import tell
from tests.support.journey_people import begun, brought_back, post
from tests.support.service_app import BEGUN, MovableClock, Person, Service, make_service
from tests.support.signing_in import EMAIL, NAME, register, sign_in
from tests.support.upload_files import pdf

DEFINITIONS = Path(__file__).parent / "definitions"
DATABASE = "formengine.sqlite3"
FORM = "concern"
DOCUMENT = pdf(b"What the school wrote")
Known = dict[str, Any]


class Way:
    """One person at one browser. known: see above; everything in it was acknowledged. hear: is told it as it grows."""

    def __init__(self, service: Service, known: Known, hear: Callable[[Known], None] = tell) -> None:
        self.service = service
        self.known = known
        self.hear = hear
        self.browser = Person(service)
        if known.get("cookie"):
            self.browser.cookies.set("sid", known["cookie"], domain="127.0.0.1")

    def learn(self, **facts: Any) -> None:
        """Takes in what an answer said."""
        self.known = {**self.known, **facts, "cookie": self.browser.token}
        self.hear(self.known)

    def go(self) -> None:
        """Does everything that is not known to be done, to the receipt and once more."""
        self.go_up_to_sending()
        self.send()
        self.send()

    def go_up_to_sending(self) -> None:
        """Begins without an account, gets one where the form asks for it, and fills in the rest."""
        self.start()
        self.register()
        self.sign_in()
        self.save("child", child_name="Robin Example")
        self.add_person("Kim Example")
        self.save("worry", worry="Robin does not come to school any more.")
        self.upload()

    def register(self) -> None:
        if self.known.get("account"):
            return
        try:
            register(self.browser)
        except (AssertionError, KeyError, LookupError):
            # What a registration before the crash left may be a whole account: then one signs in.
            sign_in(self.browser)
        self.learn(account=EMAIL)

    def sign_in(self) -> None:
        """Signs out, and in again with password and code; or in, where the session did not outlive the crash."""
        if self.known.get("signed_in"):
            return
        if self.browser.get("/account").status_code == 200:
            self.browser.submit("/account/sign-out")
            self.browser.cookies.clear()
        sign_in(self.browser)
        self.learn(signed_in=True)

    def start(self) -> None:
        if self.known.get("way"):
            return
        shown = self.browser.get(f"/forms/{FORM}")
        assert shown.status_code == 200, shown.status_code
        before = re.findall(r"/drafts/[^/\"]+/", shown.text)
        self.learn(way=before[0] if before else begun(self.browser, FORM, urgent="yes"))

    def save(self, page: str, **answers: str) -> None:
        if page in self.known.get("saved", {}):
            return
        answer = post(self.browser, self.known["way"] + page, **answers)
        assert answer.status_code == 303, (page, answer.status_code)
        self.learn(saved={**self.known.get("saved", {}), page: answers})

    def add_person(self, name: str) -> None:
        if "people" in self.known.get("saved", {}):
            return
        way = self.known["way"]
        if name not in self.browser.get(f"{way}people").text:
            shown = self.browser.get(f"{way}people.new")
            box = re.findall(r'name="(people\.[^"]+\.name)"', shown.text)[0]
            texts = {"-action": "save_item", **brought_back(shown), box: name}
            answer = self.browser.submit(f"{way}people.new", texts)
            assert answer.status_code == 303, answer.status_code
        self.learn(saved={**self.known.get("saved", {}), "people": {"name": name}})

    def upload(self) -> None:
        if self.known.get("document"):
            return
        way = self.known["way"]
        shown = self.browser.get(f"{way}worry")
        if "letter.pdf" not in shown.text:
            texts = {"-action": "next", **brought_back(shown), **self.known["saved"]["worry"]}
            files = [("documents", ("letter.pdf", DOCUMENT, "application/pdf"))]
            answer = self.browser.submit(f"{way}worry", texts, files=files)
            assert answer.status_code == 303, answer.status_code
        self.learn(document="letter.pdf")

    def send(self) -> None:
        """Presses the button; pressed again, it must give the same reference."""
        way = self.known["way"]
        shown = self.browser.get(f"{way}check-answers")
        if shown.status_code == 200:
            answer = self.browser.submit(f"{way}check-answers", {"-action": "submit", **brought_back(shown)})
            assert answer.status_code == 303, answer.status_code
            assert answer.headers["location"] == f"{way}sent", answer.headers["location"]
        receipt = self.browser.get(f"{way}sent")
        assert receipt.status_code == 200, receipt.status_code
        references = set(re.findall(r"\bCON-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b", receipt.text))
        assert len(references) == 1, references
        self.learn(references=sorted({*self.known.get("references", []), *references}))


# --- what must be there ----------------------------------------------------------------------------------------------


def unsound(service: Service) -> list[str]:
    """What is wrong with the file, the data keys and the audit, whatever happened."""
    store, keys = service.store, service.keys
    problem = audit.verify(audit.entries(store), keys).problem
    return [
        *store.check(),
        *store.report().problems,
        *rotation.unopened(store, keys),
        *filter(None, [problem]),
    ]


class Findings:
    """What is wrong with what is kept, given what was acknowledged."""

    def __init__(self, service: Service, known: Known) -> None:
        self.service = service
        self.known = known
        self.lost: list[str] = []
        self.twice: list[str] = []
        self.broken = unsound(service)
        for look in (self._account, self._draft, self._submission):
            look()

    def _account(self) -> None:
        context = self.service.service
        with context.store.read() as tx:
            open_ones = [row for row in tx.accounts.every() if row.status == "open"]
            found = tx.accounts.by_email(address_index(context, EMAIL))
        self.twice += ["account"] * (len(open_ones) - 1)
        if found is not None:
            person = person_of(context, found)
            if (person.email, person.first_name, person.last_name) != (EMAIL, *NAME.values()):
                self.broken.append(f"the account is {person}")
        elif self.known.get("account"):
            self.lost.append("account")

    def _draft(self) -> None:
        # One that was begun without an account and not acknowledged is nobody's, and goes when its time is over.
        drafts = self.service.store._connection.execute(
            "SELECT id FROM drafts WHERE account IS NOT NULL"
        ).fetchall()
        self.twice += ["draft"] * (len(drafts) - 1)
        if not self.known.get("way"):
            return
        with self.service.store.read() as tx:
            row = tx.drafts.get(self.known["way"].split("/")[2])
        if row is None:
            self.lost.append("draft")
        elif row.status == "open":
            self._answers(dict(self.service.context.drafts.unsealed(row).answers))
            if self.known.get("references"):
                self.broken.append("a draft whose reference was shown is still open")

    def _submission(self) -> None:
        context = self.service.service
        submissions = self.service.context.submissions
        with context.store.read() as tx:
            sent = tx.submissions.listed(99)
            outbox = [sorted(each.channel for each in tx.outbox.of_submission(row.id)) for row in sent]
        self.twice += ["submission"] * (len(sent) - 1)
        # The form has no process, so that nobody is told but who sent it.
        if any(channels != ["email"] for channels in outbox):
            self.broken.append(f"the outbox of the submission has {outbox}")
        shown = self.known.get("references", [])
        self.twice += ["reference"] * (len(shown) - 1)
        self.lost += [each for each in shown if each not in {row.reference for row in sent}]
        for row in sent:
            opened = submissions.export(row.reference, actor="system")
            assert opened is not None
            self._answers(dict(opened.answers))

    def _answers(self, answers: dict[str, Any]) -> None:
        """Compares what was acknowledged with the answers of the draft, or of what it became."""
        saved = self.known.get("saved", {})
        for page in ("child", "worry"):
            for name, said in saved.get(page, {}).items():
                if answers.get(name) != said:
                    self.lost.append(f"{name}: {answers.get(name)!r}")
        people = [each["name"] for each in answers.get("people", [])]
        if "people" in saved and "Kim Example" not in people:
            self.lost.append(f"people: {people}")
        self.twice += ["person"] * (len(people) - 1)
        named = answers.get("documents") or []
        self.twice += ["document"] * (len(named) - 1)
        if self.known.get("document") and not named:
            self.lost.append("document")
        for file in named:
            if self._content(file["id"]) != DOCUMENT:
                self.lost.append("content of the document")

    def _content(self, file_id: str) -> bytes | None:
        with self.service.store.read() as tx:
            row, sealed = tx.files.get(file_id), tx.files.content(file_id)
        if row is None or sealed is None:
            return None
        key = self.service.keys.open_data_key(row.data_key, "files", file_id)
        return key.open("content", sealed, bound_to=(row.draft,))

    def told(self) -> dict[str, list[str]]:
        return {"lost": self.lost, "twice": self.twice, "broken": self.broken}


# --- what a child of the nursery does --------------------------------------------------------------------------------

_WARM: list[Service] = []
_EMPTY: list[Path] = []


def prepare() -> None:
    """Makes the service once, and goes all the way once, so that templates and pages are made before any fork."""
    folder = Path(tempfile.mkdtemp())
    service = make_service(folder, engine=Engine(folders=(DEFINITIONS,)), clock=MovableClock())
    # Argon2 at its real strength would be most of the time, and is not what is tried here.
    service.context.passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    empty = folder / "empty"
    shutil.copy(service.settings.database, empty)
    Way(service, {}, hear=lambda _: None).go()
    _WARM[:] = [service]
    _EMPTY[:] = [empty]


def warmed() -> tuple[Service, Path]:
    """The service, and a database with its tables alone."""
    return _WARM[0], _EMPTY[0]


def reopened(service: Service, database: Path) -> None:
    """Nothing; the service stands on this file, as after a start. The one before is as a crash would leave it."""
    service.store._use(SqliteStore(database)._connection)


def referral(folder: Path, what: Any) -> None:
    """One life of the service: goes on from what is known; with "look" it says first what is wrong."""
    service, known = _WARM[0], what["known"]
    database = folder / DATABASE
    if not database.exists():
        shutil.copy(_EMPTY[0], database)
    reopened(service, database)
    # Codes are sent once a minute: who comes back after a crash comes a little later.
    service.clock.now = BEGUN + timedelta(minutes=2 * what["life"])
    if what["look"]:
        tell({"found": Findings(service, known).told()})
    way = Way(service, known)
    way.go()
    tell({"found": Findings(service, way.known).told()})
