"""The audit's head, kept outside the database once a day: by it shows whether the end of the audit was cut off.

Whoever can write to the database can remove the newest entries, and what is left is a chain without a fault. So the
service remembers the head while it runs, and sends it away: to a file, best one on another machine, and by e-mail.
"""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import Final

from formengine.service.audit import BEGINNING, Head
from formengine.service.context import ServiceContext
from formengine.service.logging import log_failure
from formengine.service.mail.outbox import enqueue
from formengine.service.security_events import record
from formengine.service.settings import Settings

_DAY_S: Final = 86_400
_LAST_BYTES: Final = 4096


class HeadFileError(Exception):
    """A file of heads that cannot be used; the text is one line that names it."""


class AuditHeads:
    """Watches the audit's head, and sends it away once a day."""

    def __init__(self, context: ServiceContext, settings: Settings) -> None:
        self._context = context
        self._settings = settings
        self._seen: Head | None = None

    def watch(self) -> bool:
        """Whether the head that was seen last still stands in the audit; the log has `audit_cut` where it does not.

        After a start that is the last head in the file of heads, if there is one. Every reading is of the newest head,
        so each cut-off end is logged once.
        """
        if self._seen is None:
            self._seen = self._kept()
        with self._context.store.read() as tx:
            last = tx.audit.last()
            found = tx.audit.get(self._seen.seq)
        stands = not self._seen.seq or (found is not None and found.hash == self._seen.hash)
        if not stands:
            record("audit_cut", count=self._seen.seq)
        self._seen = Head(last.seq, last.hash) if last is not None else Head(0, BEGINNING)
        return stands

    def _kept(self) -> Head:
        """The last head that was written to the file; the beginning where there is none."""
        path = self._settings.audit_head_file
        try:
            return last_head(path) if path is not None and path.exists() else Head(0, BEGINNING)
        except HeadFileError as error:
            log_failure("head_file_unreadable", error)
            return Head(0, BEGINNING)

    def send(self) -> bool:
        """Send the head to where the settings say; False where they say nowhere, or it was sent today already.

        Raises OSError where the file cannot be written; then nothing counts as sent, and the next call tries again.
        """
        to, path = self._settings.audit_head_mail, self._settings.audit_head_file
        if not to and path is None:
            return False
        now = self._context.clock()
        with self._context.store.write() as tx:
            last = tx.audit.last()
            if last is None or tx.counters.peek("audit_head", now, _DAY_S):
                return False
            head = Head(last.seq, last.hash)
            if path is not None:
                _add_line(path, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {head}\n")
            if to:
                facts = {"head": str(head), "entries": f"{head.seq:,}"}
                enqueue(tx, self._context, to=to, template="audit_head", facts=facts)
            tx.counters.count("audit_head", now, _DAY_S)
        return True


def last_head(path: Path) -> Head:
    """The last head in a file that `AuditHeads` wrote. Raises `HeadFileError`."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LAST_BYTES))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError as error:
        raise HeadFileError(f"The file of heads {path} cannot be read: {error.strerror}") from None
    # What follows the last line's end was cut off while it was written.
    whole = [line for line in lines[:-1] if line.strip()]
    try:
        return Head.of_text(whole[-1].split()[-1])
    except (IndexError, ValueError):
        raise HeadFileError(f"The file of heads {path} does not end in a head") from None


def _add_line(path: Path, line: str) -> None:
    """Add a line to the file, durably."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
