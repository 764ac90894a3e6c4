"""How a row becomes a table's values, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, get_type_hints

from formengine.store.sqlite.transaction import SqlValues

Row = TypeVar("Row")
# `Any`: a value is of the type of its row's field on one side, and what SQLite keeps of it on the other.
_Way = Callable[[Any], Any]


def moment(at: datetime) -> str:
    """The moment in UTC as text of one length, so that texts sort as moments do: 2026-11-22T09:30:00.000000Z."""
    if at.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be kept")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def moment_of(text: str) -> datetime:
    """The moment that `moment` wrote as text; aware, in UTC."""
    return datetime.fromisoformat(text)


def json_text(value: Mapping[str, str] | Sequence[str]) -> str:
    """A list or a mapping of texts as JSON."""
    return json.dumps(dict(value) if isinstance(value, Mapping) else list(value), ensure_ascii=False)


def _optional(way: _Way) -> _Way:
    return lambda value: None if value is None else way(value)


# By the type of a row's field: to the table, and from it. What is not here is stored unchanged.
WAYS: Mapping[Any, tuple[_Way, _Way]] = {
    datetime: (moment, moment_of),
    datetime | None: (_optional(moment), _optional(moment_of)),
    bool: (int, bool),
    Sequence[str]: (json_text, lambda text: tuple(json.loads(text))),
    Mapping[str, str]: (json_text, json.loads),
}


class RowMapping(Generic[Row]):
    """A table and the dataclass of its rows: a column for each field, with the same name.

    columns: their names, separated by commas. insert: the statement that adds a row. replace: the one that changes
    every column of the row with the same key, which stands first.
    """

    def __init__(self, table: str, row_type: type[Row]) -> None:
        self.table = table
        self._row_type = row_type
        self._names = [field.name for field in fields(row_type)]  # type: ignore[arg-type]
        hints = get_type_hints(row_type)
        ways = [WAYS.get(hints[name]) for name in self._names]
        self._into = [(position, way[0]) for position, way in enumerate(ways) if way]
        self._back = [(name, way[1]) for name, way in zip(self._names, ways, strict=True) if way]
        self.columns = ", ".join(self._names)
        marks = ", ".join("?" for _ in self._names)
        key, *others = self._names
        self.insert = f"INSERT INTO {table} ({self.columns}) VALUES ({marks})"  # noqa: S608 - names of our own
        self.replace = f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in others)} WHERE {key} = ?"  # noqa: S608

    def select(self, rest: str) -> str:
        """The SELECT statement for whole rows; `rest` is what follows the table's name."""
        return f"SELECT {self.columns} FROM {self.table} {rest}"  # noqa: S608 - as above

    def values(self, row: Row) -> SqlValues:
        """The row's values for `insert`."""
        values = [getattr(row, name) for name in self._names]
        for position, way in self._into:
            values[position] = way(values[position])
        return tuple(values)

    def values_to_replace(self, row: Row) -> SqlValues:
        """The row's values for `replace`."""
        key, *others = self.values(row)
        return (*others, key)

    def row(self, values: SqlValues) -> Row:
        """The row that a `select` found."""
        found = dict(zip(self._names, values, strict=True))
        for name, way in self._back:
            found[name] = way(found[name])
        return self._row_type(**found)

    def optional(self, values: SqlValues | None) -> Row | None:
        """The row, where one was found."""
        return None if values is None else self.row(values)

    def rows(self, found: Sequence[SqlValues]) -> list[Row]:
        """The rows that a `select` found."""
        return [self.row(values) for values in found]
