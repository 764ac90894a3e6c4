"""Deliveries into folders: each submission as a folder of its own, which appears whole and once.

It is written under a name that begins with a point, synced, noted, and only then given its reference as its name. The
note tells after a crash whether that has happened, also where somebody has taken the folder away since; it goes once
the store has recorded the delivery.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from formengine.service.cases.cases import FOLDER, Cases
from formengine.service.context import ServiceContext
from formengine.service.delivery.deliveries import Mailboxes, case_of_delivery, record_delivered
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.service.logging import log_failure
from formengine.service.mail.outbox import Attempt, Dispatcher, UndeliveredError
from formengine.service.submissions.exports import DATA, Export, Exports
from formengine.service.submissions.submissions import Submissions
from formengine.store.rows import OutboxRow

# Whoever fetches them is of the folder's group.
_FOLDER_MODE: Final = 0o770
_FILE_MODE: Final = 0o660
_NOTES: Final = ".formengine"
_PART: Final = ".part"
PROBLEMS: Final = "problems.txt"


class Folders(Dispatcher):
    """Writes submissions into the folders of mailboxes."""

    def __init__(
        self,
        context: ServiceContext,
        cases: Cases,
        submissions: Submissions,
        mailboxes: Mailboxes,
        exports: Exports,
    ) -> None:
        super().__init__(context, channel=FOLDER, on_sent=partial(record_delivered, context, cases))
        self._submissions = submissions
        self._mailboxes = mailboxes
        self._exports = exports

    async def deliver_due(self) -> int:
        """Write everything that is due; returns how many were written. Raises `StoreError`."""
        await asyncio.to_thread(self._forget_notes)
        return await super().deliver_due()

    def prepare(self, row: OutboxRow) -> Attempt:
        """Return the files of a delivery.

        Raises `UndeliveredError`: for a mailbox without a folder, for a submission without a case, and while a file
        waits for the virus scanner.
        """
        case = case_of_delivery(self._context, row)
        folder = self._mailboxes.folder(case.mailbox)
        if folder is None:
            raise UndeliveredError("no_address")
        sent = self._submissions.of_case(case.submission)
        if sent is None:
            raise UndeliveredError("no_submission")
        export = self._exports.of(sent)
        if export.waits:
            raise UndeliveredError("file_waits")
        return Attempt(lambda: self._write(folder, row.id, export))

    async def _write(self, folder: Path, row: str, export: Export) -> None:
        try:
            await asyncio.to_thread(write_once, folder, row, export.reference, files_of(export))
        except OSError as error:
            log_failure("folder_not_written", error, outbox=row)
            raise UndeliveredError("not_written") from None

    def _forget_notes(self) -> None:
        """Take away the notes of deliveries that the store has recorded, so that they can be asked for again."""
        for folder in self._mailboxes.folders():
            with suppress(OSError):
                notes = list((folder / _NOTES).iterdir())
                with self._context.store.read() as tx:
                    rows = [tx.outbox.get(note.name) for note in notes]
                for note, row in zip(notes, rows, strict=True):
                    if row is not None and row.status == "sent":
                        note.unlink(missing_ok=True)


def files_of(export: Export) -> dict[str, bytes]:
    """The files of a delivery by name: those of the export, and what is wrong with them, if anything is."""
    wrong = {PROBLEMS: "".join(f"{line}\n" for line in export.problems).encode()} if export.problems else {}
    return {**export.files, **wrong}


def write_once(folder: Path, row: str, reference: str, files: Mapping[str, bytes]) -> None:
    """Let `folder` have these files in one called `reference`, all or none of them; not a second time for this row.

    Raises OSError.
    """
    note, target = folder / _NOTES / row, folder / reference
    part = folder / note.read_text() if note.exists() else None
    if part is None:
        if (target / DATA).is_file():
            # It was asked for again and is still there.
            return
        part = folder / f".{reference}.{new_id()}{_PART}"
        _write_folder(part, files)
        point("delivery.folder.written")
        _write_note(note, part.name)
        point("delivery.folder.noted")
    # Another process, or this one before it ended, may have renamed it already.
    with suppress(FileNotFoundError):
        part.rename(target)
    point("delivery.folder.renamed")
    _sync(folder)


def _write_folder(part: Path, files: Mapping[str, bytes]) -> None:
    _make(part)
    for name, content in files.items():
        _make((part / name).parent)
        _write_file(part / name, content)
    for each in {(part / name).parent for name in files} | {part}:
        _sync(each)


def _write_note(note: Path, text: str) -> None:
    """Write the note whole: a note that is cut off would name another folder."""
    _make(note.parent)
    _sync(note.parent.parent)
    draft = note.parent.parent / f".{note.name}.{new_id()}"
    _write_file(draft, text.encode())
    draft.rename(note)
    _sync(note.parent)


def _make(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(_FOLDER_MODE)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        os.fchmod(file.fileno(), _FILE_MODE)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
