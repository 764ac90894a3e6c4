"""Why files were not taken, stored with their draft until another file is chosen, so that a page always shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from formengine.language.json_types import expect_object, expect_text
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Draft
from formengine.service.fault_points import point
from formengine.service.files.refusals import Refusal
from formengine.service.ids import new_id
from formengine.store.protocol import Transaction
from formengine.store.rows import FileRow

# More than anybody chooses at once; the newest stay.
MOST_REFUSALS: Final = 20
_TABLE: Final = "files"
_REFUSAL: Final = "refusal"


class RefusedFiles:
    """The refusals of each draft: the path of the question, and sealed the reason with the file's name."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def record(self, draft: Draft, refusals: Sequence[tuple[str, Refusal]], chosen: Collection[str]) -> None:
        """Store refusals, each with its answer's path, and delete older ones of the paths for which files were chosen.

        Of a draft that is not open none are stored; one that is stored already is not stored twice.
        """
        before = self._rows(draft.id)
        over = [row for row in before if row.field in chosen]
        known = [(row.field, self._opened(row)) for row in before if row not in over]
        new = [each for each in refusals if each not in known]
        if not over and not new:
            return
        point("upload.refusals.before")
        with self._context.store.write() as tx:
            row = tx.drafts.get(draft.id)
            if row is None or row.status != "open":
                return
            for path, refusal in new:
                tx.files.add(self._row(draft.id, path, refusal), b"")
            kept = [row for row in _of_draft(tx, draft.id) if row not in over]
            for gone in (*over, *kept[:-MOST_REFUSALS]):
                tx.files.remove(gone.id)
            point("upload.refusals.before_commit")
        point("upload.refusals.committed")

    def of_draft(self, draft_id: str) -> list[tuple[str, Refusal]]:
        """The draft's refusals in the order they came, each with the path of its answer."""
        return [(row.field, self._opened(row)) for row in self._rows(draft_id)]

    def _rows(self, draft_id: str) -> list[FileRow]:
        with self._context.store.read() as tx:
            return _of_draft(tx, draft_id)

    def _row(self, draft_id: str, path: str, refusal: Refusal) -> FileRow:
        row_id = new_id()
        data_key = self._context.keys.new_data_key(_TABLE, row_id)
        key = self._context.keys.open_data_key(data_key, _TABLE, row_id)
        return FileRow(
            id=row_id,
            draft=draft_id,
            field=path,
            media_type="",
            size_bytes=0,
            scan="not_taken",
            data_key=data_key,
            name=key.seal_json(
                _REFUSAL, {"rule": refusal.rule, "facts": dict(refusal.facts)}, bound_to=(draft_id,)
            ),
            uploaded_at=self._context.clock(),
        )

    def _opened(self, row: FileRow) -> Refusal:
        sealed = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        refusal = sealed.open_object(_REFUSAL, row.name, bound_to=(row.draft,))
        return Refusal(expect_text(refusal["rule"]), expect_object(refusal["facts"]))


def _of_draft(tx: Transaction, draft_id: str) -> list[FileRow]:
    return [row for row in tx.files.of_draft(draft_id) if row.scan == "not_taken"]
