"""Quick checks of what the service depends on, for `/readyz`; `formengine.service.doctor` has more."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiosmtplib

from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring, KeyringError
from formengine.service.files.clamd import Clamd, ScannerError
from formengine.service.mail.outbox import CHANNEL
from formengine.service.settings import Settings
from formengine.service.steady_clock import SAME, newest_reading, steady_moment
from formengine.store.protocol import Store, StoreError

# Below the first share of free disk space somebody should look; below the second the disk is nearly full.
LITTLE_SPACE: Final = 0.10
NO_SPACE: Final = 0.01
_SMTP_TIMEOUT_S: Final = 10
# The service reads the clock every ten minutes; a restart takes some.
_CLOCK_BEHIND: Final = timedelta(hours=1)
# An urgent e-mail that waits for so long shows that none goes out; of older ones than that nothing is concluded.
_MAIL_WAITS: Final = timedelta(minutes=5)
_MAIL_JUDGED_BY: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: subject, whether it is sound, and one plain line. grave: the service must not run so."""

    subject: str
    sound: bool
    line: str
    grave: bool = True


def check_store(store: Store) -> Iterator[Finding]:
    """Findings on the set-up of the database; quick."""
    try:
        report = store.report()
    except StoreError as error:
        yield bad("store", str(error))
        return
    facts = report.facts
    yield Finding(
        "store",
        True,
        f"{facts['store']} {facts.get('sqlite', '')}, journal {facts.get('journal', '?')}, "
        f"synchronous {facts.get('synchronous', '?')}, step {facts.get('step', '?')}",
    )
    yield from (bad("store", problem) for problem in report.problems)


def check_key_file(store: Store, keys: Keyring) -> Iterator[Finding]:
    """Whether the key file is there, and its keys are the store's; quick however much the store holds."""
    try:
        problems = rotation.file_problems(store, keys)
    except (KeyringError, StoreError) as error:
        problems = [str(error)]
    yield from (bad("keys", problem) for problem in problems)
    if not problems:
        yield Finding("keys", True, f"The key file is the database's own; {keys.current} seals what is new")


def check_outbox(store: Store, settings: Settings, now: datetime) -> Finding:
    """Whether e-mails go out, by what became of those of the last half hour; quick."""
    if settings.demo:
        return Finding("mail", True, "E-mails are shown at /demo/mailbox")
    try:
        with store.read() as tx:
            since = tx.outbox.failing_since(CHANNEL, now - _MAIL_JUDGED_BY, now - _MAIL_WAITS)
    except StoreError as error:
        return bad("mail", str(error))
    if since is None:
        return Finding("mail", True, "No urgent e-mail of the last half hour waits for the mail server")
    return bad(
        "mail", f"No e-mail has gone out since {_moment(since)}: nobody gets a code, nobody can sign in"
    )


def check_keys(store: Store, keys: Keyring) -> Iterator[Finding]:
    """Whether the keys are the ones that the store was sealed with, and open every row; counts all rows."""
    try:
        problems: Sequence[str] = rotation.key_problems(store, keys)
    except (KeyringError, StoreError) as error:
        problems = [str(error)]
    yield from (bad("keys", problem) for problem in problems)
    if not problems:
        yield Finding("keys", True, f"The key file is the database's own; {keys.current} seals what is new")


def check_clock(store: Store, now: datetime) -> Finding:
    """Whether the system's clock agrees with how long the service has run; quick."""
    try:
        with store.read() as tx:
            readings = tx.clock.readings()
    except StoreError as error:
        return bad("clock", str(error))
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
        return bad("mail", "FORMENGINE_SMTP_HOST is not set: no codes are sent, so that nobody can sign in")
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
        return bad("mail", f"The mail server {where} cannot be used: {_mail_fault(error)}")


def _mail_fault(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it does not accept the name and password"
    if "certificate" in str(error).lower():
        return "its certificate is not one that can be trusted"
    if "STARTTLS" in str(error):
        return "it does not encrypt"
    return "it does not answer"


def bad(subject: str, line: str) -> Finding:
    """The finding that the service must not run so."""
    return Finding(subject, False, line)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _hours(span: timedelta) -> str:
    hours = max(round(span / timedelta(hours=1)), 1)
    return f"{hours:,} {'hour' if hours == 1 else 'hours'}"


def _where(clamd: str | tuple[str, int]) -> str:
    return clamd if isinstance(clamd, str) else f"{clamd[0]}:{clamd[1]}"
