"""Uploaded files: checked, sealed, and quarantined until the virus scanner has a verdict.

A file belongs to a draft, and later to the submission that the draft became. The answer that it was uploaded for names
it by its id; a file that no answer names is deleted. Nothing is written to disk in clear, and no name that a person
chose is ever used as a path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from formengine.form.plan import Field, Form
from formengine.language.fields.stored_files import KEYS, files_in
from formengine.language.json_types import Json
from formengine.service.audit import note
from formengine.service.batches import BATCH, pause
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import KeyringError, SealError
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.fault_points import point
from formengine.service.files.file_names import clean_name
from formengine.service.files.file_types import ENDINGS, CheckedFile, check_file
from formengine.service.files.refusals import Refusal
from formengine.service.ids import new_id
from formengine.service.logging import log_failure
from formengine.service.rate_limits import LimitKind, RateLimits
from formengine.service.security_events import record
from formengine.service.steady_clock import MOST_A_RUN
from formengine.store.protocol import Transaction
from formengine.store.rows import FileLine, FileRow

MOST_FILES: Final = 10
MOST_FILE_BYTES: Final = 10_000_000
MOST_DRAFT_BYTES: Final = 50_000_000
# A file that no answer names may be on its way into one: the page that it was chosen on has not been posted yet. It is
# kept for this long, and deleted earlier when the form is sent or cancelled.
LINKED_WITHIN: Final = timedelta(hours=24)
# It is deleted after this long when the draft has no room for another.
ROOM_AFTER: Final = timedelta(hours=1)
# So many files a purge looks at in a run.
_LOOKED_AT: Final = 5_000
_BYTES_PER_MB: Final = 1_000_000
_TABLE: Final = "files"
_NAME: Final = "name"
_CONTENT: Final = "content"

# "unchecked": there is no scanner, so there will be no verdict.
ScanState = Literal["waiting", "unchecked", "clean", "refused"]


class NotScannedError(LookupError):
    """The file waits for the scanner; until that has seen it nobody is given its bytes."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as people see it. path: of the answer it is for. name: "" of a refused one, which is destroyed."""

    id: str
    path: str
    name: str
    media_type: str
    size_bytes: int
    check: ScanState
    uploaded_at: datetime

    @property
    def answer(self) -> dict[str, Json]:
        """The value that names the file in the answers."""
        return {"id": self.id, "name": self.name, "type": self.media_type, "size": self.size_bytes}


class Uploads:
    """The files in a store. scans: whether there is a scanner to check them."""

    def __init__(self, context: ServiceContext, limits: RateLimits, *, scans: bool) -> None:
        self._context = context
        self._limits = limits
        self._scans = scans
        # The file that a purge has come to among all of them, None for their beginning.
        self._looked_at: FileLine | None = None
        # The pages of each form that ask for files, by the form's digest.
        self._pages: dict[str, frozenset[str]] = {}

    # --- taking ------------------------------------------------------------------------------------------------------

    def take(
        self, draft: Draft, path: str, name: str, content: bytes, *, client: str = ""
    ) -> UploadedFile | Refusal:
        """Store a file, which then waits for the scanner; returns it, or why it is refused.

        path: of the question it is for. client: the address that it comes from, "" where none is known. Raises KeyError
        where that question takes no files. It takes as long as decoding a picture: call it in a thread.
        """
        field = file_field(draft.form, path)
        if field is None:
            raise KeyError(path)
        if not self._limits.allow("upload", draft.id):
            return Refusal("too_many_uploads", {"file": clean_name(name)})
        if len(content) > _largest(field):
            return self.too_large(draft, path, name)
        checked = check_file(name, content, field.spec.settings.limit("accept", ENDINGS))
        if isinstance(checked, Refusal):
            return checked
        uses: list[tuple[LimitKind, str]] = [("file_bytes_ip", client)] if client else []
        owner = draft.row.account or draft.row.holder or draft.id
        if not self._limits.allow_each(*uses, ("file_bytes_owner", owner), amount=len(checked.content)):
            return Refusal("too_many_uploads", {"file": clean_name(name)})
        return self._keep(draft, path, checked)

    def too_large(self, draft: Draft, path: str, name: str) -> Refusal:
        """Why a file that is larger than the question at `path` allows is not taken; raises KeyError as `take` does."""
        field = file_field(draft.form, path)
        if field is None:
            raise KeyError(path)
        return Refusal(
            "too_large_upload",
            {"file": clean_name(name), "max_size_mb": f"{_largest(field) / _BYTES_PER_MB:g}"},
        )

    def _keep(self, draft: Draft, path: str, checked: CheckedFile) -> UploadedFile | Refusal:
        file_id, now = new_id(), self._context.clock()
        data_key = self._context.keys.new_data_key(_TABLE, file_id)
        key = self._context.keys.open_data_key(data_key, _TABLE, file_id)
        row = FileRow(
            id=file_id,
            draft=draft.id,
            field=path,
            media_type=checked.media_type,
            size_bytes=len(checked.content),
            scan="waiting",
            data_key=data_key,
            name=key.seal(_NAME, checked.name.encode(), bound_to=(draft.id,)),
            uploaded_at=now,
        )
        sealed = key.seal(_CONTENT, checked.content, bound_to=(draft.id,))
        point("upload.before")
        with self._context.store.write() as tx:
            kept = tx.drafts.get(draft.id)
            if kept is None or kept.status != "open":
                return Refusal("no_draft", {"file": checked.name})
            full = self._no_room(tx, draft, row.size_bytes)
            if full is not None:
                return Refusal(full.rule, {"file": checked.name, **full.facts})
            tx.files.add(row, sealed)
            point("upload.added")
            actor = kept.account or "visitor"
            note(
                tx,
                self._context,
                actor=actor,
                action="file.added",
                subject=file_id,
                fields=(field_name(path),),
            )
            point("upload.before_commit")
        point("upload.committed")
        return self._opened(row)

    def _no_room(self, tx: Transaction, draft: Draft, size_bytes: int) -> Refusal | None:
        """Why the draft can hold no file of this size; files that no answer names make room when they are old."""
        kept = [row for row in tx.files.of_draft(draft.id) if row.scan in {"waiting", "clean"}]
        if _full(kept, size_bytes) is None:
            return None
        linked, now = linked_files(draft.answers), self._context.steady.read_in(tx).at
        for row in list(kept):
            wanted = now - row.uploaded_at > ROOM_AFTER and _full(kept, size_bytes) is not None
            if row.id not in linked and wanted:
                self._remove(tx, row, "system")
                kept.remove(row)
        return _full(kept, size_bytes)

    def asked_on(self, form: Form, page: str) -> bool:
        """Whether the page asks for files, in its lists as well: where none does, no answer there names any."""
        pages = self._pages.get(form.digest)
        if pages is None:
            own = [field.page for field in form.fields.values() if takes_files(field)]
            lists = [
                form.repeats[key].page
                for key, fields in form.item_fields.items()
                if any(takes_files(field) for field in fields.values())
            ]
            pages = self._pages[form.digest] = frozenset((*own, *lists))
        return page in pages

    # --- reading -----------------------------------------------------------------------------------------------------

    def of_draft(self, draft_id: str) -> list[UploadedFile]:
        """The draft's files in the order they came, refused ones among them; also of a draft that was sent."""
        with self._context.store.read() as tx:
            rows = tx.files.of_draft(draft_id)
        return [self._opened(row) for row in rows if row.scan != "not_taken"]

    def get(self, draft_id: str, file_id: str) -> UploadedFile | None:
        """The draft's file with this id, refused or not."""
        with self._context.store.read() as tx:
            row = tx.files.get(file_id)
        if row is None or row.draft != draft_id or row.scan == "not_taken":
            return None
        return self._opened(row)

    def content(self, draft_id: str, file_id: str) -> bytes:
        """The file's bytes.

        Raises `LookupError` where the draft has no such file, or it was refused; `NotScannedError` while it waits for
        the scanner, where there is one.
        """
        with self._context.store.read() as tx:
            row = tx.files.get(file_id)
            sealed = tx.files.content(file_id) if row is not None and row.draft == draft_id else None
        if row is None or sealed is None or row.scan in {"refused", "not_taken"}:
            raise LookupError(file_id)
        if row.scan == "waiting" and self._scans:
            raise NotScannedError(file_id)
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        return key.open(_CONTENT, sealed, bound_to=(row.draft,))

    def _opened(self, row: FileRow) -> UploadedFile:
        """The row as people see it; one that was not taken is no file, and is not asked for."""
        refused = row.scan == "refused"
        unseen: ScanState = "waiting" if self._scans else "unchecked"
        key = None if refused else self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        return UploadedFile(
            id=row.id,
            path=row.field,
            name="" if key is None else key.open(_NAME, row.name, bound_to=(row.draft,)).decode(),
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            check="refused" if refused else "clean" if row.scan == "clean" else unseen,
            uploaded_at=row.uploaded_at,
        )

    # --- deleting ---------------------------------------------------------------------------------------------------

    def remove_unlinked(self, draft: Draft, file_id: str) -> bool:
        """Delete a file of the draft that no answer names; whether there was one.

        A file that an answer names is deleted when the page that names it is saved without it: see `forget`.
        """
        with self._context.store.write() as tx:
            row = tx.files.get(file_id)
            if row is None or row.draft != draft.id or file_id in linked_files(draft.answers):
                return False
            self._remove(tx, row, draft.row.account or "visitor")
        return True

    def forget(self, draft: Draft, before: Json) -> int:
        """Delete the files that the answers named `before` this save and name no longer; returns how many."""
        gone = linked_files(before) - linked_files(draft.answers)
        if not gone:
            return 0
        point("upload.forget.before")
        with self._context.store.write() as tx:
            rows = [row for row in tx.files.of_draft(draft.id) if row.id in gone]
            for row in rows:
                self._remove(tx, row, draft.row.account or "visitor")
            point("upload.forget.before_commit")
        point("upload.forget.committed")
        return len(rows)

    def purge(self, drafts: Drafts) -> int:
        """Delete files of open drafts that no answer named within a day; returns how many.

        At most `MOST_A_RUN`, and the rest of one draft's. Of many files a run looks at some; the next one goes on.
        """
        before = self._context.steady.read().at - LINKED_WITHIN
        gone = 0
        for _ in range(_LOOKED_AT // BATCH):
            with self._context.store.read() as tx:
                found = tx.files.uploaded(before, BATCH, self._looked_at)
            for draft_id in dict.fromkeys(line.draft for line in found if line.open):
                gone += self._purge(draft_id, before, drafts)
                pause()
                if gone >= MOST_A_RUN:
                    # What stands before these files is looked at again when the last one has been.
                    return gone
            self._looked_at = found[-1] if len(found) == BATCH else None
            if self._looked_at is None:
                break
            pause()
        return gone

    def _purge(self, draft_id: str, before: datetime, drafts: Drafts) -> int:
        with self._context.store.read() as tx:
            row = tx.drafts.get(draft_id)
            files = [
                file
                for file in tx.files.of_draft(draft_id)
                if file.uploaded_at < before and file.scan != "not_taken"
            ]
        if row is None or row.status != "open":
            return 0
        try:
            linked = linked_files(drafts.unsealed(row).answers)
        except (SealError, KeyringError) as error:
            # One draft that does not open must not keep the files of all others.
            log_failure("unlinked_files_failed", error)
            return 0
        gone = [file for file in files if file.id not in linked]
        if not gone:
            return 0
        point("upload.purge.before")
        with self._context.store.write() as tx:
            # Saved or sent since it was opened: then the next run checks it. A page that waits to be saved may
            # name any of its files.
            if tx.drafts.get(draft_id) != row or tx.drafts.held_size(draft_id)[0]:
                return 0
            for file in gone:
                self._remove(tx, file, "system")
            point("upload.purge.before_commit")
        point("upload.purge.committed")
        return len(gone)

    def _remove(self, tx: Transaction, row: FileRow, actor: str) -> None:
        tx.files.remove(row.id)
        note(
            tx,
            self._context,
            actor=actor,
            action="file.removed",
            subject=row.id,
            fields=(field_name(row.field),),
        )

    # --- the scanner's verdict ---------------------------------------------------------------------------------------

    def waiting(self, limit: int) -> list[FileRow]:
        """The files that no scanner has seen yet, the oldest first."""
        with self._context.store.read() as tx:
            return tx.files.waiting(limit)

    def to_scan(self, file_id: str) -> bytes | None:
        """The bytes of a file that waits for the scanner; None for one that is gone or has been seen."""
        with self._context.store.read() as tx:
            row = tx.files.get(file_id)
            sealed = tx.files.content(file_id) if row is not None and row.scan == "waiting" else None
        if row is None or sealed is None:
            return None
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        return key.open(_CONTENT, sealed, bound_to=(row.draft,))

    def settle(self, file_id: str, *, clean: bool) -> None:
        """Record the scanner's verdict. A file with a virus is destroyed; its row stays as refused."""
        point("upload.settle.before")
        with self._context.store.write() as tx:
            row = tx.files.get(file_id)
            if row is None or row.scan != "waiting":
                return
            tx.files.set_scan(file_id, "clean" if clean else "refused")
            if not clean:
                record("virus_found", subject=file_id)
                note(
                    tx,
                    self._context,
                    actor="system",
                    action="file.refused",
                    subject=file_id,
                    fields=(field_name(row.field),),
                )
            point("upload.settle.before_commit")
        point("upload.settle.committed")


def file_field(form: Form, path: str) -> Field | None:
    """The question at `path`, with an item's id where it is in a list; None where there is none that takes files."""
    field = form.fields.get(path)
    if field is None:
        for repeat in form.repeats:
            if path.startswith(f"{repeat}."):
                field = form.item_fields[repeat].get(path.removeprefix(f"{repeat}.").partition(".")[2])
    return field if field is not None and field.is_asked and takes_files(field) else None


def takes_files(field: Field) -> bool:
    """Whether the answer is made of stored files: authors may set which endings it accepts."""
    return KEYS[0] in field.spec.type.keys


def field_name(path: str) -> str:
    """A path without the ids of items, for the audit: ``documents.attachment``."""
    parts = path.split(".")
    return path if len(parts) < 3 else ".".join(parts[:1] + parts[2:])


def linked_files(answers: Json) -> set[str]:
    """The ids of all files that these answers name."""
    return {str(file["id"]) for _, file in files_at(answers)}


def files_at(answers: Json, path: str = "") -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Every file that these answers name, with the path of the answer: ``documents.i1.attachment``."""
    if isinstance(answers, dict):
        files = files_in(answers)
        if files:
            yield path, files[0]
            return
        for name, inner in answers.items():
            # Most answers are plain; asking each whether it is a file would be most of the work.
            if isinstance(inner, dict | list):
                yield from files_at(inner, f"{path}.{name}" if path else name)
    elif isinstance(answers, list):
        for item in answers:
            if isinstance(item, dict):
                files = files_in(item)
                if files:
                    yield path, files[0]
                elif isinstance(item.get("id"), str):
                    yield from files_at(item, f"{path}.{item['id']}")


def _largest(field: Field) -> float:
    """How many bytes a file for the question may have."""
    allowed: float = field.spec.settings.limit("max_size_mb", MOST_FILE_BYTES / _BYTES_PER_MB)
    return min(allowed * _BYTES_PER_MB, MOST_FILE_BYTES)


def _full(kept: list[FileRow], size_bytes: int) -> Refusal | None:
    if len(kept) >= MOST_FILES:
        return Refusal("too_many_files", {"max_files": MOST_FILES})
    if sum(row.size_bytes for row in kept) + size_bytes > MOST_DRAFT_BYTES:
        return Refusal("files_too_large", {"max_size_mb": MOST_DRAFT_BYTES // _BYTES_PER_MB})
    return None
