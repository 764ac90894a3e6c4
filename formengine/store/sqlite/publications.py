"""Publications, working copies and reviews in SQLite; `formengine.store.protocol` describes each method."""
# ruff: noqa: D102 - as above

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from formengine.store.rows import (
    PublicationKind,
    PublicationRow,
    ReviewEventRow,
    WorkingCopyRow,
    WorkingCopyStatus,
)
from formengine.store.sqlite.mapping import RowMapping, moment
from formengine.store.sqlite.transaction import SerialConnection

PUBLICATIONS = RowMapping("publications", PublicationRow)
WORKING_COPIES = RowMapping("working_copies", WorkingCopyRow)
REVIEWS = RowMapping("reviews", ReviewEventRow)
_NEWEST = "ORDER BY rev DESC LIMIT 1"


class SqlitePublications:
    """See `formengine.store.protocol.PublicationRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: PublicationRow) -> None:
        self._channel.change(PUBLICATIONS.insert, *PUBLICATIONS.values(row))

    def last_seq(self) -> int:
        return self._number("SELECT max(seq) FROM publications")

    def last_number(self, kind: PublicationKind, name: str) -> int:
        return self._number("SELECT max(number) FROM publications WHERE kind = ? AND name = ?", kind, name)

    def current(self, kind: PublicationKind, at: datetime) -> Mapping[str, PublicationRow]:
        begun = (
            "WHERE kind = ? AND number = (SELECT max(number) FROM publications AS newest WHERE "
            "newest.kind = publications.kind AND newest.name = publications.name "
            "AND (newest.from_at IS NULL OR newest.from_at <= ?)) ORDER BY name"
        )
        found = PUBLICATIONS.rows(self._channel.all(PUBLICATIONS.select(begun), kind, moment(at)))
        return {row.name: row for row in found}

    def get(self, kind: PublicationKind, name: str, number: int) -> PublicationRow | None:
        where = PUBLICATIONS.select("WHERE kind = ? AND name = ? AND number = ?")
        return PUBLICATIONS.optional(self._channel.one(where, kind, name, number))

    def of(self, kind: PublicationKind, name: str) -> list[PublicationRow]:
        where = PUBLICATIONS.select("WHERE kind = ? AND name = ? ORDER BY number DESC")
        return PUBLICATIONS.rows(self._channel.all(where, kind, name))

    def every(self) -> list[PublicationRow]:
        return PUBLICATIONS.rows(self._channel.all(PUBLICATIONS.select("ORDER BY seq")))

    def _number(self, question: str, *values: str) -> int:
        found = self._channel.one(question, *values)
        return int(found[0] or 0) if found is not None else 0


class SqliteWorkingCopies:
    """See `formengine.store.protocol.WorkingCopyRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: WorkingCopyRow) -> None:
        self._channel.change(WORKING_COPIES.insert, *WORKING_COPIES.values(row))

    def newest(self, kind: PublicationKind, name: str) -> WorkingCopyRow | None:
        where = WORKING_COPIES.select(f"WHERE kind = ? AND name = ? {_NEWEST}")
        return WORKING_COPIES.optional(self._channel.one(where, kind, name))

    def get(self, kind: PublicationKind, name: str, rev: int) -> WorkingCopyRow | None:
        where = WORKING_COPIES.select("WHERE kind = ? AND name = ? AND rev = ?")
        return WORKING_COPIES.optional(self._channel.one(where, kind, name, rev))

    def of(self, kind: PublicationKind, name: str) -> list[WorkingCopyRow]:
        where = WORKING_COPIES.select("WHERE kind = ? AND name = ? ORDER BY rev DESC")
        return WORKING_COPIES.rows(self._channel.all(where, kind, name))

    def end(self, kind: PublicationKind, name: str, status: WorkingCopyStatus) -> None:
        self._channel.change(
            "UPDATE working_copies SET status = ? WHERE kind = ? AND name = ? AND rev = "
            "(SELECT max(rev) FROM working_copies WHERE kind = ? AND name = ?)",
            status,
            *(kind, name, kind, name),
        )

    def keep_newest(self, kind: PublicationKind, name: str, number: int) -> int:
        return self._channel.change(
            "DELETE FROM working_copies WHERE kind = ? AND name = ? AND rev NOT IN "
            "(SELECT rev FROM working_copies WHERE kind = ? AND name = ? ORDER BY rev DESC LIMIT ?)",
            *(kind, name, kind, name, number),
        )


class SqliteReviews:
    """See `formengine.store.protocol.ReviewRows`."""

    def __init__(self, channel: SerialConnection) -> None:
        self._channel = channel

    def add(self, row: ReviewEventRow) -> None:
        self._channel.change(REVIEWS.insert, *REVIEWS.values(row))

    def of(self, kind: PublicationKind, name: str) -> list[ReviewEventRow]:
        since = (
            "WHERE kind = ? AND name = ? AND seq > (SELECT coalesce(max(seq), 0) FROM reviews AS ended "
            "WHERE ended.kind = reviews.kind AND ended.name = reviews.name AND ended.event = 'ended') "
            "ORDER BY seq DESC"
        )
        return REVIEWS.rows(self._channel.all(REVIEWS.select(since), kind, name))

    def last_seq(self, kind: PublicationKind, name: str) -> int:
        found = self._channel.one("SELECT max(seq) FROM reviews WHERE kind = ? AND name = ?", kind, name)
        return int(found[0] or 0) if found is not None else 0
