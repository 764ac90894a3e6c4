"""A service on a folder of data: everything that the upgrade tests use of formengine, in one place.

What is renamed in the package is renamed here, and nowhere else in this folder.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from importlib import metadata
from pathlib import Path
from typing import Any

import pyotp

from formengine.engine import Engine
from formengine.language.bundled import bundled_folder
from formengine.service import audit
from formengine.service.accounts import users
from formengine.service.accounts.identity import Person as Profile
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring
from formengine.service.doctor import check_all
from formengine.service.mail.outbox import Letters, Postman, UndeliveredError, about_service
from formengine.service.rate_limits import LIMITS, LimitKind
from formengine.service.settings import Settings
from formengine.service.submissions.exports import Exports
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from tests.support.journey_people import brought_back, give_token
from tests.support.service_app import LOOPBACK, MovableClock, Person, Service
from tests.support.upload_files import VIRUS, pdf, png

__all__ = [
    "VIRUS",
    "Opened",
    "Person",
    "brought_back",
    "bundled_text",
    "copied",
    "opened",
    "pdf",
    "png",
    "version",
]

DATABASE = "formengine.sqlite3"
KEYS = "test-keys.json"
FORMS = "forms"
_LINK = re.compile(re.escape(LOOPBACK) + r"(/\S+)")


@dataclass(frozen=True)
class Letter:
    """An e-mail that waits in the outbox; `paths` are the addresses of ours in it, without the host."""

    to: str
    subject: str
    text: str
    paths: tuple[str, ...]


class _Transport:
    """Takes every e-mail but those to `refused`, for good, and `busy`, for now."""

    def __init__(self, refused: str, busy: str) -> None:
        self._refused = refused
        self._busy = busy

    async def send(self, message: EmailMessage) -> None:
        """Takes the message, or raises as a mail server's answer makes us do."""
        if message["To"] == self._refused:
            raise UndeliveredError("smtp_550", for_good=True)
        if message["To"] == self._busy:
            raise UndeliveredError("smtp_421")


@dataclass(frozen=True)
class Opened:
    """A service that runs on a folder of data, by a clock that stands still."""

    service: Service
    engine: Engine

    # --- people and time ----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.service.clock()

    def move(self, **by: float) -> None:
        """Let time pass: ``move(minutes=3)``."""
        self.service.clock.move(**by)

    def set_clock(self, moment: datetime) -> None:
        """Let it be this moment."""
        self.service.clock.now = moment

    def browser(self, token: str = "") -> Person:
        """A browser, with the cookie that it was given by an earlier service on this folder."""
        person = self.service.person()
        if token:
            give_token(person, token)
        return person

    def app_code(self, secret: str) -> str:
        """What an authenticator app with this secret shows now."""
        return pyotp.TOTP(secret).at(self.now)

    def facts(self, token: str) -> dict[str, str]:
        """What the session behind a cookie remembers; empty where it has ended."""
        session = self.service.context.sessions.find(token)
        return dict(session.facts) if session is not None else {}

    def account_of(self, token: str) -> str:
        """The id of the account that is signed in behind a cookie, "" for none."""
        session = self.service.context.sessions.find(token)
        return session.account or "" if session is not None and session.stage == "signed_in" else ""

    # --- what is kept -------------------------------------------------------------------------------------------

    def draft(self, draft_id: str) -> dict[str, Any]:
        """What is kept of an open draft: form, version, digest, rev, answers, place, shown, errors by path, urgent."""
        with self.service.store.read() as tx:
            row = tx.drafts.get(draft_id)
        assert row is not None
        assert row.status == "open", row.status
        draft = self.service.context.drafts.unsealed(row)
        state = self.service.context.drafts.state(draft)
        return {
            "account": row.account,
            "form": row.form,
            "version": draft.form.version,
            "digest": row.digest,
            "rev": row.rev,
            "answers": draft.answers,
            "place": row.step,
            "shown": list(row.shown),
            "errors": {path: error.rule for path, error in state.errors.items()},
            "pages": [page.id for page in state.pages],
            "urgent": row.urgent,
        }

    def status(self, draft_id: str) -> str:
        """Whether a draft is open, submitted or cancelled."""
        with self.service.store.read() as tx:
            row = tx.drafts.get(draft_id)
        assert row is not None
        return row.status

    def submission(self, reference: str) -> dict[str, Any]:
        """The envelope of a submission, what it says of its delivery, its export's problems and its text.

        `files` are the bytes of what was uploaded, by the id that the answers name. It is noted that it was read.
        """
        context = self.service.context
        sent = context.submissions.export(reference, actor="operator")
        assert sent is not None, reference
        exports = Exports(context.service, self.engine, context.uploads, author=context.portal.council)
        with self.service.store.read() as tx:
            row = tx.submissions.by_reference(sent.receipt.reference)
            assert row is not None
            sending = {each.channel: each.status for each in tx.outbox.of_submission(row.id)}
        return {
            "draft": row.draft,
            "account": row.account,
            "digest": row.digest,
            "urgency": row.urgency,
            "route": row.route,
            "sending": sending,
            "envelope": dict(sent.envelope),
            "problems": list(exports.of(sent).problems),
            "text": exports.text(sent),
        }

    def envelope(self, reference: str) -> dict[str, Any]:
        """The envelope of a submission; it is noted that it was read."""
        sent = self.service.context.submissions.export(reference, actor="operator")
        assert sent is not None, reference
        return dict(sent.envelope)

    def reference_of(self, draft_id: str) -> str:
        """The reference of what a draft became."""
        with self.service.store.read() as tx:
            row = tx.submissions.by_draft(draft_id)
        assert row is not None
        return row.reference

    def file(self, draft_id: str, file_id: str) -> bytes:
        """The bytes of a draft's file; of a draft that was sent, too. Raises LookupError where it was refused."""
        return self.service.context.uploads.content(draft_id, file_id)

    def files(self, draft_id: str) -> list[dict[str, Any]]:
        """A draft's files in the order in which they came: id, name, field, type, size and what the scanner said."""
        return [
            {
                "id": file.id,
                "name": file.name,
                "field": file.path,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "check": file.check,
            }
            for file in self.service.context.uploads.of_draft(draft_id)
        ]

    def mail(self, to: str = "") -> list[Letter]:
        """The e-mails that wait or were given up, the newest first; with `to` those to one address."""
        return [
            Letter(each.to, each.email.subject, each.email.text, tuple(_LINK.findall(each.email.text)))
            for each in self.service.mail(to)
        ]

    def outbox(self) -> set[tuple[str, str]]:
        """How far e-mails have come: status and fault of each that was ever to be sent."""
        with self.service.store.read() as tx:
            return {(row.status, row.fault) for row in tx.outbox.newest("email", 1000)}

    def code(self, to: str) -> str:
        """The six figures of the newest e-mail to the address that has any."""
        return self.service.code(to)

    def rows(self) -> dict[str, int]:
        """How many rows each table of the store has, sqlite-utils' own table left out."""
        with closing(sqlite3.connect(self.service.settings.database)) as database:
            tables = [
                str(name)
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if not str(name).startswith(("_", "sqlite_"))
            ]
            return {
                table: int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names of our own
                for table in sorted(tables)
            }

    def column(self, table: str, column: str) -> list[Any]:
        """One column of a table as it is kept, in the order of the rows."""
        with closing(sqlite3.connect(self.service.settings.database)) as database:
            return [row[0] for row in database.execute(f"SELECT {column} FROM {table} ORDER BY rowid")]  # noqa: S608

    # --- whether all is well ------------------------------------------------------------------------------------

    def audit_head(self) -> str:
        """The end of the audit's chain, which must be sound: ``12:9f86…``."""
        verdict = audit.verify(audit.entries(self.service.store), self.service.keys)
        assert not verdict.problem, verdict.problem
        return str(verdict.head)

    def audit_problem(self, head: str) -> str:
        """What is wrong with the audit, which must still hold the entry of this head; "" for nothing."""
        seq, _, digest = head.partition(":")
        expected = audit.Head(int(seq), digest)
        return audit.verify(audit.entries(self.service.store), self.service.keys, expected=expected).problem

    def doctor(self) -> list[str]:
        """What `formengine doctor` calls bad."""
        return [
            f"{finding.subject}: {finding.line}"
            for finding in check_all(self.service.settings, self.now)
            if finding.grave and not finding.sound
        ]

    def store_problems(self) -> list[str]:
        """What the store's own look at everything that it keeps finds wrong."""
        return list(self.service.store.check())

    # --- what an operator and the clock do ------------------------------------------------------------------------

    def invite(self, email: str, first_name: str, last_name: str) -> None:
        """Make an account as `formengine users add` does; its owner chooses a password by an e-mailed code."""
        person = Profile(email=email, first_name=first_name, last_name=last_name)
        assert users.add_user(self.service.service, self.service.context.passwords, person, "staff")

    def scanned(self, file_id: str, *, clean: bool) -> None:
        """Keep what the virus scanner said of a file."""
        self.service.context.uploads.settle(file_id, clean=clean)

    def warn_owners(self) -> int:
        """How many owners were told that a draft of theirs will be destroyed."""
        return self.service.context.draft_expiry.warn()

    def run_until(self, at: datetime) -> None:
        """Let time pass up to this moment while the service runs: what ends by time goes by that."""
        self.service.clock.move(seconds=(at - self.service.clock.now).total_seconds())
        self.service.context.service.steady.read()

    def send_mail(self, *, refused: str = "", busy: str = "") -> int:
        """How many e-mails were sent: all that were due, but those to two addresses that the server will not take."""
        context = self.service.context
        letters = Letters(context.service, about_service(context.portal, self.service.settings.base_url))
        postman = Postman(context.service, letters, _Transport(refused, busy), sender="forms@example.com")
        return asyncio.run(postman.deliver_due())

    def use_up(self, kind: LimitKind) -> None:
        """Let the tests' one network address have done this as often as it may without the human test."""
        ((most, _),) = LIMITS[kind]
        for _ in range(most):
            self.service.context.limits.allow(kind, "testclient")

    def unopened(self) -> list[str]:
        """What the key file does not open of all that is sealed."""
        return list(rotation.unopened(self.service.store, self.service.keys))

    def keys_needed(self) -> int:
        """How many keys of the key file something is sealed under."""
        return len(rotation.needs(self.service.store))

    def rewrap(self) -> None:
        """Seal everything under the newest key alone, as `formengine keys rotate` goes on."""
        for batch in rotation.rewrap(self.service.store, self.service.keys):
            assert not batch.faults, batch.faults

    def clean_up(self) -> None:
        """Do what the background does by the clock: forget sessions and posts, end drafts and files left alone."""
        context = self.service.context
        context.sessions.purge()
        context.authentication.purge()
        context.draft_expiry.drop_held_posts()
        context.draft_expiry.warn()
        context.draft_expiry.mark()
        context.draft_expiry.purge()
        context.uploads.purge(context.drafts)


def version() -> str:
    """The version of the formengine that runs."""
    return metadata.version("formengine")


def bundled_text(form: str) -> str:
    """The definition of a form that comes with formengine, as text."""
    return (bundled_folder("definitions") / form / "form.yaml").read_text(encoding="utf-8")


def copied(kept: Path, folder: Path) -> Path:
    """A folder to open, made in `folder` of one that lies in the project: what is secret is its owner's alone again."""
    (folder / "data").mkdir(parents=True)
    shutil.copyfile(kept / DATABASE, folder / "data" / DATABASE)
    shutil.copyfile(kept / KEYS, folder / KEYS)
    for path in (folder / "data" / DATABASE, folder / KEYS):
        path.chmod(0o600)
    shutil.copytree(kept / FORMS, folder / FORMS)
    return folder


def change_key(folder: Path) -> None:
    """Let a new key seal what is new, as `formengine keys rotate` begins; what is there stays under the old one."""
    path = folder / KEYS
    Keyring.of_file(path).with_new_current().replace(path)


@contextmanager
def opened(folder: Path, at: datetime, *, forms: Mapping[str, str] | None = None) -> Iterator[Opened]:
    """A service on the folder at this moment, and by default with the folder's own forms.

    forms: definitions that are sought before these, by the form's id. A folder that is empty gets a database and keys.
    """
    forms_first = folder / "forms-first"
    for form, text in (forms or {}).items():
        (forms_first / form).mkdir(parents=True, exist_ok=True)
        (forms_first / form / "form.yaml").write_text(text, encoding="utf-8")
    folders = (forms_first, folder / FORMS) if forms else (folder / FORMS,)
    settings = Settings(data=folder / "data", keys_file=folder / KEYS, demo=True, definitions=folders)
    settings.data.mkdir(parents=True, exist_ok=True)
    if not settings.keys_path.exists():
        Keyring.new().write_new(settings.keys_path)
    keys = Keyring.of_file(settings.keys_path)
    engine, store, clock = Engine(folders=folders), SqliteStore(settings.database), MovableClock(at)
    rotation.recognise(store, keys)
    app = create_app(
        engine, store, keys, clock, settings=settings, background=False, monotonic=clock.monotonic
    )
    app.state.context.service.steady.read()
    try:
        yield Opened(Service(app, store, keys, clock, settings), engine)
    finally:
        store.close()
        shutil.rmtree(forms_first, ignore_errors=True)
