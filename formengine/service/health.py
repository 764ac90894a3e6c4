"""Health checks of everything that the service depends on, for `formengine doctor` and for `/readyz`."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib

from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError
from formengine.language.extensions import ExtensionError
from formengine.output.html.environment import check_templates
from formengine.portal import Portal, load_portal
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring, KeyringError
from formengine.service.files.clamd import Clamd, ScannerError
from formengine.service.forms import engine_of
from formengine.service.settings import LOOPBACK_HOSTS, Settings, split_host
from formengine.service.steady_clock import SAME, newest_reading, steady_moment
from formengine.store.protocol import Store, StoreError

# Below the first share of free disk space somebody should look; below the second the disk is nearly full.
LITTLE_SPACE: Final = 0.10
NO_SPACE: Final = 0.01
_SMTP_TIMEOUT_S: Final = 10
# The service reads the clock every ten minutes; a restart takes some.
_CLOCK_BEHIND: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: subject, whether it is sound, and one plain line. grave: the service must not run so."""

    subject: str
    sound: bool
    line: str
    grave: bool = True


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Findings on settings that contradict one another, or that are not safe for real people."""
    own = split_host(urlsplit(settings.base_url).netloc)
    if own not in LOOPBACK_HOSTS and not settings.base_url.startswith("https://"):
        yield _bad(
            "address", f"FORMENGINE_BASE_URL is {settings.base_url}: beyond this machine it must be https://"
        )
    else:
        yield Finding("address", True, f"People reach it at {settings.base_url}")
    if settings.keys_path.resolve().is_relative_to(settings.data.resolve()):
        yield _bad(
            "keys",
            f"FORMENGINE_KEYS_FILE is {settings.keys_path}, in the folder of the database: who copies one has both. "
            "Put it elsewhere",
        )
    if settings.smtp_host and not settings.mail_from:
        yield _bad("mail", "FORMENGINE_MAIL_FROM is not set, so that no e-mail can be sent")
    for variable, path in (
        ("FORMENGINE_SMTP_CA_FILE", settings.smtp_ca_file),
        ("FORMENGINE_PORTAL", settings.portal),
        *(("FORMENGINE_DEFINITIONS", folder) for folder in settings.definitions),
        *(("FORMENGINE_THEMES", folder) for folder in settings.themes),
    ):
        if path is not None and not path.exists():
            yield _bad("settings", f"{variable} names {path}, which is not there")
    if settings.demo:
        yield Finding(
            "demo", False, "FORMENGINE_DEMO is set: e-mails are shown, not sent. Never for real people", False
        )


def check_definitions(settings: Settings) -> Iterator[Finding]:
    """Findings on the portal and every form that can be opened."""
    try:
        engine = engine_of(settings)
        check_templates(engine.words)
    except ExtensionError as error:
        # `check_settings` says which folder is not there.
        if all(folder.exists() for folder in settings.themes):
            yield _bad("settings", str(error))
        return
    try:
        portal = load_portal(settings.portal, roots=settings.definitions)
    except DefinitionError as error:
        yield _bad("portal", f"The portal has {_findings(error)}; run `formengine check` on it")
        return
    for form_id in engine.form_ids():
        try:
            form = engine.form(form_id)
        except DefinitionError as error:
            yield _bad("forms", f"{form_id} has {_findings(error)}; run `formengine check` on it")

        else:
            yield Finding("forms", True, f"{form_id}, version {form.version}, compiles")
    yield from _check_mailboxes(portal, settings)


def _check_mailboxes(portal: Portal, settings: Settings) -> Iterator[Finding]:
    for name in sorted({each.mailbox for each in portal.contacts if each.mailbox}):
        variable = f"FORMENGINE_MAILBOX_{name.upper()}"
        found = name in settings.mailboxes
        yield Finding(
            "mail",
            found,
            f"The mailbox {name} is {settings.mailboxes[name]}" if found else f"{variable} is not set",
            False,
        )


def check_store(store: Store) -> Iterator[Finding]:
    """Findings on the set-up of the database; quick."""
    try:
        report = store.report()
    except StoreError as error:
        yield _bad("store", str(error))
        return
    facts = report.facts
    yield Finding(
        "store",
        True,
        f"{facts['store']} {facts.get('sqlite', '')}, journal {facts.get('journal', '?')}, "
        f"synchronous {facts.get('synchronous', '?')}, step {facts.get('step', '?')}",
    )
    yield from (_bad("store", problem) for problem in report.problems)


def check_keys(store: Store, keys: Keyring) -> Iterator[Finding]:
    """Whether the keys are the ones that the store was sealed with; quick."""
    try:
        problems: Sequence[str] = rotation.key_problems(store, keys)
    except (KeyringError, StoreError) as error:
        problems = [str(error)]
    yield from (_bad("keys", problem) for problem in problems)
    if not problems:
        yield Finding("keys", True, f"The key file is the database's own; {keys.current} seals what is new")


def check_clock(store: Store, now: datetime) -> Finding:
    """Whether the system's clock agrees with how long the service has run; quick."""
    try:
        with store.read() as tx:
            readings = tx.clock.readings()
    except StoreError as error:
        return _bad("clock", str(error))
    if not readings:
        return Finding("clock", True, "The service has not read the clock yet")
    last = newest_reading(readings)
    last_at, steady = last.zero_at + timedelta(seconds=last.seen_s), steady_moment(readings, now, last.seen_s)
    line = f"The clock shows {_moment(now)}"
    if now < last_at - SAME:
        return Finding(
            "clock", False, f"{line}; {_moment(last_at)} when it was last read: it was set back", False
        )
    if steady.behind < _CLOCK_BEHIND:
        return Finding("clock", True, f"{line}, as it must after so much running")
    late, waits = _hours(steady.behind), _hours(steady.waits)
    line += f", {late} more than the service ran: it was set ahead, or the service stood still. By it nothing ends "
    return Finding(
        "clock", False, f"{line}before {waits} more of running; set it right if it is wrong", False
    )


def check_disk(folder: Path) -> Finding:
    """The free space on the disk of the database."""
    there = next(each for each in (folder, *folder.resolve().parents) if each.exists())
    usage = shutil.disk_usage(there)
    share = usage.free / usage.total
    line = f"{share:.0%} of the disk is free ({usage.free // 1_000_000:,} MB)"
    return Finding("disk", share >= LITTLE_SPACE, line, grave=share < NO_SPACE)


async def check_clamd(settings: Settings) -> Finding:
    """Whether the virus scanner answers."""
    where = settings.clamd
    if where is None:
        return Finding("scanner", False, "No virus scanner is set: uploads are kept as not scanned", False)
    try:
        version = await Clamd(Path(where) if isinstance(where, str) else where).version()
    except ScannerError:
        return Finding("scanner", False, f"clamd at {_where(where)} does not answer: uploads wait", False)
    return Finding("scanner", True, version)


async def check_mail(settings: Settings) -> Finding:
    """Whether the mail server answers, encrypts, shows a right certificate and lets us in."""
    if settings.demo:
        return Finding("mail", True, "E-mails are shown at /demo/mailbox")
    if not settings.smtp_host:
        return _bad("mail", "FORMENGINE_SMTP_HOST is not set: no codes are sent, so that nobody can sign in")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    at_once = settings.smtp_security == "tls"
    try:
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=at_once,
            start_tls=not at_once,
            tls_context=ssl.create_default_context(cafile=settings.smtp_ca_file),
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
            timeout=_SMTP_TIMEOUT_S,
        )
        async with client:
            return Finding("mail", True, f"The mail server {where} answers, encrypted")
    except (aiosmtplib.SMTPException, OSError) as error:
        return _bad("mail", f"The mail server {where} cannot be used: {_mail_fault(error)}")


def _mail_fault(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it does not accept the name and password"
    if "certificate" in str(error).lower():
        return "its certificate is not one that can be trusted"
    if "STARTTLS" in str(error):
        return "it does not encrypt"
    return "it does not answer"


def check_program() -> Iterator[Finding]:
    """Findings on the installed program and its extras."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("program", sys.version_info >= (3, 11), f"Python {version}")
    if find_spec("fpdf") is None:
        yield Finding("program", False, "PDFs need the pdf extra: pip install 'formengine[pdf]'", False)
    frontend = bundled_folder("renderers") / "html/static/vendor/govuk-frontend.min.css"
    if not frontend.is_file():
        yield Finding(
            "program", False, "govuk-frontend is not there: pages use a plain style of their own", False
        )


def check_all(settings: Settings, now: datetime) -> list[Finding]:
    """All findings at the moment `now`, in the order to print them. Takes seconds; creates and changes nothing."""
    # SQLite is imported where a database is checked.
    from formengine.store.sqlite import SqliteStore

    findings = [
        *check_program(),
        *check_settings(settings),
        *check_definitions(settings),
        check_disk(settings.data),
    ]
    if settings.database.exists():
        try:
            store = SqliteStore(settings.database)
        except StoreError as error:
            findings.append(_bad("store", str(error)))
        else:
            findings += check_store(store)
            findings.append(check_clock(store, now))
            findings += (_bad("store", line) for line in store.check())
            findings += _with_keys(settings, store)
            store.close()
    else:
        findings.append(Finding("store", True, f"There is no database at {settings.database} yet"))
    return [*findings, *asyncio.run(_away(settings))]


def _with_keys(settings: Settings, store: Store) -> Iterator[Finding]:
    try:
        keys = Keyring.of_file(settings.keys_path)
    except KeyringError as error:
        yield _bad("keys", str(error))
    else:
        yield from check_keys(store, keys)


async def _away(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(check_mail(settings), check_clamd(settings)))


def _findings(error: DefinitionError) -> str:
    count = len(error.diagnostics)
    return f"{count} {'finding' if count == 1 else 'findings'}"


def _bad(subject: str, line: str) -> Finding:
    return Finding(subject, False, line)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _hours(span: timedelta) -> str:
    hours = max(round(span / timedelta(hours=1)), 1)
    return f"{hours:,} {'hour' if hours == 1 else 'hours'}"


def _where(clamd: str | tuple[str, int]) -> str:
    return clamd if isinstance(clamd, str) else f"{clamd[0]}:{clamd[1]}"
