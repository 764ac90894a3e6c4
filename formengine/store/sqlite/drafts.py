"""Definitions, drafts and files in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102 - as above

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import (
    DefinitionRow,
    DraftLine,
    DraftRow,
    DraftStatus,
    FileLine,
    FileRow,
    HeldPostRow,
    MarkedDraftRow,
    Scan,
)
from formengine.store.sqlite.mapping import RowMapping, json_text, moment, moment_of
from formengine.store.sqlite.transaction import SerialConnection

DEFINITIONS = RowMapping("definitions", DefinitionRow)
DRAFTS = RowMapping("drafts", DraftRow)
DRAFT_LINES = RowMapping("drafts", DraftLine)
MARKED = RowMapping("marked_drafts", MarkedDraftRow)
HELD_POSTS = RowMapping("held_posts", HeldPostRow)
FILES = RowMapping("files", FileRow)
FILE_LINES = RowMapping("files", FileLine)
# A draft that is marked is not looked for any more: later than every moment as text.
_MARKED = "~"
# Among so many times the drafts that are wanted they are looked for, so that no look takes long.
_LOOKED_AT = 5


class SqliteDefinitions:
    """See `formengine.store.protocol.DefinitionRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def keep(self, row: DefinitionRow) -> None:
        self._channel.change(f"{DEFINITIONS.insert} ON CONFLICT DO NOTHING", *DEFINITIONS.values(row))

    def get(self, digest: str) -> DefinitionRow | None:
        return DEFINITIONS.optional(self._channel.one(DEFINITIONS.select("WHERE digest = ?"), digest))


class SqliteDrafts:
    """See `formengine.store.protocol.DraftRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: DraftRow) -> None:
        self._channel.change(DRAFTS.insert, *DRAFTS.values(row))
        self._channel.change("UPDATE drafts SET quiet_since = saved_at WHERE id = ?", row.id)

    def get(self, draft: str) -> DraftRow | None:
        return DRAFTS.optional(self._channel.one(DRAFTS.select("WHERE id = ?"), draft))

    def save(
        self,
        draft: str,
        rev: int,
        *,
        answers: bytes,
        step: str,
        shown: Sequence[str],
        urgent: bool,
        at: datetime,
    ) -> int:
        saved = self._channel.change(
            "UPDATE drafts SET rev = rev + 1, answers = ?, step = ?, shown = ?, urgent = ?, saved_at = ?, "
            "warned_at = NULL WHERE id = ? AND rev = ? AND status = 'open'",
            answers,
            step,
            json_text(shown),
            int(urgent),
            moment(at),
            draft,
            rev,
        )
        if not saved:
            raise StaleRevisionError(f"Draft {draft} is not open at revision {rev}")
        self.unmark(draft)
        return rev + 1

    def move(self, draft: str, *, step: str, shown: Sequence[str], saved_at: datetime) -> None:
        self._channel.change(
            "UPDATE drafts SET step = ?, shown = ?, warned_at = CASE WHEN saved_at = ? THEN warned_at END, "
            "saved_at = ? WHERE id = ? AND status = 'open'",
            step,
            json_text(shown),
            moment(saved_at),
            moment(saved_at),
            draft,
        )
        self.unmark(draft)

    def claim(self, holder: str, account: str) -> list[str]:
        claimed = self._channel.changed(
            "UPDATE drafts SET account = ?, holder = NULL WHERE holder = ? AND account IS NULL RETURNING id",
            account,
            holder,
        )
        for (draft,) in claimed:
            self.unmark(draft)
        return [draft for (draft,) in claimed]

    def hand_over(self, draft: str, holder: str) -> None:
        self._channel.change("UPDATE drafts SET holder = ? WHERE id = ? AND account IS NULL", holder, draft)
        self.unmark(draft)

    def set_link(self, draft: str, link_hash: str, link_word: str = "") -> None:
        self._channel.change(
            "UPDATE drafts SET link_hash = ?, link_word = ? WHERE id = ?", link_hash, link_word, draft
        )
        self.unmark(draft)

    def set_seal(self, draft: str, seal: str) -> None:
        self._channel.change("UPDATE drafts SET seal = ? WHERE id = ?", seal, draft)

    def seal_of(self, draft: str) -> str | None:
        found = self._channel.one("SELECT seal FROM drafts WHERE id = ?", draft)
        return str(found[0]) if found else None

    def without_seal(self, after: str, limit: int) -> list[DraftRow]:
        where = DRAFTS.select("WHERE seal = '' AND id > ? ORDER BY id LIMIT ?")
        return DRAFTS.rows(self._channel.all(where, after, limit))

    def in_order(self, after: str, limit: int) -> list[DraftRow]:
        return DRAFTS.rows(self._channel.all(DRAFTS.select("WHERE id > ? ORDER BY id LIMIT ?"), after, limit))

    def by_link(self, link_hash: str) -> DraftRow | None:
        where = "WHERE link_hash = ? AND link_hash <> '' AND status = 'open'"
        return DRAFTS.optional(self._channel.one(DRAFTS.select(where), link_hash))

    def of_account(self, account: str, *, limit: int | None = None, offset: int = 0) -> list[DraftLine]:
        return self._last_first("account = ?", account, limit, offset)

    def of_holder(self, holder: str, *, limit: int | None = None, offset: int = 0) -> list[DraftLine]:
        return self._last_first("holder = ? AND account IS NULL", holder, limit, offset)

    def _last_first(self, whose: str, owner: str, limit: int | None, offset: int) -> list[DraftLine]:
        rest = f"WHERE {whose} AND status = 'open' ORDER BY saved_at DESC, rowid DESC LIMIT ? OFFSET ?"
        # Below zero there is no limit.
        found = self._channel.all(DRAFT_LINES.select(rest), owner, -1 if limit is None else limit, offset)
        return DRAFT_LINES.rows(found)

    def note_saves(self, saved_before: datetime, limit: int) -> int:
        before = moment(saved_before)
        saved = self._channel.all(
            "SELECT id FROM (SELECT id, saved_at FROM drafts WHERE status = 'open' AND quiet_since < ? "
            "ORDER BY quiet_since LIMIT ?) WHERE saved_at >= ?",
            before,
            limit,
            before,
        )
        for (draft,) in saved:
            self._channel.change("UPDATE drafts SET quiet_since = saved_at WHERE id = ?", draft)
        return len(saved)

    def open_by_form(self) -> Mapping[str, int]:
        found = self._channel.all(
            "SELECT form, count(*) FROM drafts WHERE status = 'open' GROUP BY form ORDER BY form"
        )
        return {str(form): int(count) for form, count in found}

    def to_warn_of(self, saved_before: datetime, limit: int) -> list[str]:
        where = "account IS NOT NULL AND (warned_at IS NULL OR warned_at <= saved_at)"
        return self._quiet(where, saved_before, limit)

    def _quiet(self, where: str, saved_before: datetime, limit: int) -> list[str]:
        """The ids of drafts that nobody has saved since then and of which this is true, the quietest first."""
        before = moment(saved_before)
        found = self._channel.all(
            "SELECT id FROM (SELECT id, account, saved_at, warned_at FROM drafts "  # noqa: S608 - our own texts
            "WHERE status = 'open' AND quiet_since < ? ORDER BY quiet_since LIMIT ?) "
            f"WHERE saved_at < ? AND {where} LIMIT ?",
            before,
            limit * _LOOKED_AT,
            before,
            limit,
        )
        return [str(row[0]) for row in found]

    def warned(self, draft: str, at: datetime) -> None:
        self._channel.change("UPDATE drafts SET warned_at = ? WHERE id = ?", moment(at), draft)

    def to_mark(self, saved_before: datetime, limit: int) -> list[str]:
        return self._quiet("(account IS NULL OR warned_at > saved_at)", saved_before, limit)

    def mark(self, row: MarkedDraftRow) -> None:
        self._channel.change(f"{MARKED.insert} ON CONFLICT DO NOTHING", *MARKED.values(row))
        self._channel.change("UPDATE drafts SET quiet_since = ? WHERE id = ?", _MARKED, row.draft)

    def unmark(self, draft: str) -> bool:
        if not self._channel.change("DELETE FROM marked_drafts WHERE draft = ?", draft):
            return False
        self._channel.change("UPDATE drafts SET quiet_since = saved_at WHERE id = ?", draft)
        return True

    def unmark_saved_since(self, saved_since: datetime, *, after: str, limit: int) -> str:
        looked_at = self._channel.all(
            "SELECT draft, saved_at >= ? FROM (SELECT draft FROM marked_drafts WHERE draft > ? ORDER BY draft LIMIT ?) "
            "JOIN drafts ON drafts.id = draft ORDER BY draft",
            moment(saved_since),
            after,
            limit,
        )
        for draft, saved in looked_at:
            if saved:
                self.unmark(draft)
        return str(looked_at[-1][0]) if len(looked_at) == limit else ""

    def marked(self) -> list[MarkedDraftRow]:
        return MARKED.rows(self._channel.all(MARKED.select("ORDER BY running_s, rowid")))

    def marked_count(self) -> int:
        found = self._channel.one("SELECT count(*) FROM marked_drafts")
        return int(found[0]) if found else 0

    def left_alone(
        self, saved_before: datetime, warned_before: datetime, marked_until_s: float, limit: int
    ) -> list[str]:
        found = self._channel.all(
            "SELECT draft FROM marked_drafts JOIN drafts ON drafts.id = draft "
            "WHERE running_s <= ? AND status = 'open' AND saved_at < ? "
            "AND (account IS NULL OR (warned_at > saved_at AND warned_at < ?)) "
            "ORDER BY running_s, marked_drafts.rowid LIMIT ?",
            marked_until_s,
            moment(saved_before),
            moment(warned_before),
            limit,
        )
        return [str(row[0]) for row in found]

    def close(self, draft: str, status: DraftStatus) -> None:
        self._channel.change(
            "UPDATE drafts SET status = ?, answers = x'', data_key = x'', link_hash = '', link_word = '' WHERE id = ?",
            status,
            draft,
        )
        self._channel.change("DELETE FROM held_posts WHERE draft = ?", draft)
        self.unmark(draft)

    def hold_post(self, row: HeldPostRow) -> None:
        self._channel.change(HELD_POSTS.insert, *HELD_POSTS.values(row))

    def held_post(self, post: str) -> HeldPostRow | None:
        return HELD_POSTS.optional(self._channel.one(HELD_POSTS.select("WHERE id = ?"), post))

    def held_for(self, post: str) -> tuple[str, datetime] | None:
        found = self._channel.one("SELECT draft, ends_at FROM held_posts WHERE id = ?", post)
        return (str(found[0]), moment_of(found[1])) if found else None

    def held_size(self, draft: str) -> tuple[int, int]:
        # SQLite knows a length without reading what has it.
        found = self._channel.one(
            "SELECT count(*), total(length(body)) FROM held_posts WHERE draft = ?", draft
        )
        return (int(found[0]), int(found[1])) if found else (0, 0)

    def held_by(self, draft: str, writer: str, ends_after: datetime, ends_before: datetime) -> str | None:
        found = self._channel.one(
            "SELECT id FROM held_posts WHERE draft = ? AND writer = ? AND ends_at > ? AND ends_at < ? "
            "ORDER BY ends_at, rowid LIMIT 1",
            draft,
            writer,
            moment(ends_after),
            moment(ends_before),
        )
        return str(found[0]) if found else None

    def drop_held_post(self, post: str) -> None:
        self._channel.change("DELETE FROM held_posts WHERE id = ?", post)

    def drop_ended_posts(self, at: datetime, limit: int) -> int:
        return self._channel.change(
            "DELETE FROM held_posts WHERE rowid IN "
            "(SELECT rowid FROM held_posts WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)",
            moment(at),
            limit,
        )


class SqliteFiles:
    """See `formengine.store.protocol.FileRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: FileRow, content: bytes) -> None:
        self._channel.change(FILES.insert, *FILES.values(row))
        self._channel.change("INSERT INTO file_contents (file, content) VALUES (?, ?)", row.id, content)

    def get(self, file: str) -> FileRow | None:
        return FILES.optional(self._channel.one(FILES.select("WHERE id = ?"), file))

    def content(self, file: str) -> bytes | None:
        found = self._channel.one("SELECT content FROM file_contents WHERE file = ?", file)
        return found[0] if found else None

    def of_draft(self, draft: str) -> list[FileRow]:
        as_they_came = FILES.select("WHERE draft = ? ORDER BY uploaded_at, rowid")
        return FILES.rows(self._channel.all(as_they_came, draft))

    def uploaded(self, before: datetime, limit: int, after: FileLine | None = None) -> list[FileLine]:
        found = self._channel.all(
            "SELECT id, draft, uploaded_at, (SELECT status = 'open' FROM drafts WHERE drafts.id = draft) FROM files "
            "WHERE scan <> 'not_taken' AND uploaded_at < ? AND (uploaded_at, id) > (?, ?) "
            "ORDER BY uploaded_at, id LIMIT ?",
            moment(before),
            moment(after.uploaded_at) if after is not None else "",
            after.id if after is not None else "",
            limit,
        )
        return [FILE_LINES.row(values) for values in found]

    def set_scan(self, file: str, scan: Scan) -> None:
        self._channel.change("UPDATE files SET scan = ? WHERE id = ?", scan, file)
        if scan == "refused":
            self._channel.change("UPDATE files SET data_key = x'' WHERE id = ?", file)
            self._channel.change("DELETE FROM file_contents WHERE file = ?", file)

    def waiting(self, limit: int) -> list[FileRow]:
        oldest_first = FILES.select("WHERE scan = 'waiting' ORDER BY uploaded_at, rowid LIMIT ?")
        return FILES.rows(self._channel.all(oldest_first, limit))

    def remove(self, file: str) -> None:
        self._channel.change("DELETE FROM file_contents WHERE file = ?", file)
        self._channel.change("DELETE FROM files WHERE id = ?", file)

    def remove_of_draft(self, draft: str) -> int:
        contents = "DELETE FROM file_contents WHERE file IN (SELECT id FROM files WHERE draft = ?)"
        self._channel.change(contents, draft)
        return self._channel.change("DELETE FROM files WHERE draft = ?", draft)
