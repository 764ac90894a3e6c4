"""A disk that loses power: what SQLite asks the disk to do is recorded, then played up to any moment and cut.

At a cut a file holds what was synchronised, and of what was written since an arbitrary part: each write may have
reached the disk or not, whatever came after it, and the sectors of one write may be torn apart. This is the model of
SQLite's own power tests (https://sqlite.org/testing.html, "Crash Testing").
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import apsw

SECTOR_BYTES = 512


@dataclass(frozen=True)
class Step:
    """One thing asked of the disk; or "ack": the program went on because a change was acknowledged."""

    kind: Literal["write", "truncate", "sync", "delete", "ack"]
    name: str = ""
    offset: int = 0
    data: bytes = b""
    what: Any = None


@dataclass
class Recorder:
    """The files as they were before, and every step since."""

    folder: Path
    steps: list[Step] = field(default_factory=list)
    before: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def acknowledge(self, what: Any) -> None:
        self.steps.append(Step("ack", what=what))

    def acknowledged_before(self, cut: int) -> Any:
        """What was acknowledged last when the first `cut` steps were done, None before the first."""
        said = [step.what for step in self.steps[:cut] if step.kind == "ack"]
        return said[-1] if said else None

    def cut(self, number: int, into: Path, chance: random.Random) -> None:
        """Writes the files as the disk may hold them when power goes after `number` steps."""
        disk = {name: bytearray(content) for name, content in self.before.items()}
        waiting: dict[str, list[Step]] = {}
        for step in self.steps[:number]:
            if step.kind in {"write", "truncate"}:
                waiting.setdefault(step.name, []).append(step)
            elif step.kind == "sync":
                content = disk.setdefault(step.name, bytearray())
                for each in waiting.pop(step.name, []):
                    _do(each, content)
            elif step.kind == "delete":
                waiting.pop(step.name, None)
                disk.pop(step.name, None)
        for name, left in waiting.items():
            if name not in disk and chance.random() < 0.5:
                continue
            content = disk.setdefault(name, bytearray())
            for each in left:
                for part in _torn(each, chance):
                    _do(part, content)
        for name, content in disk.items():
            (into / name).write_bytes(content)


def _torn(step: Step, chance: random.Random) -> list[Step]:
    """What of a step reached the disk: all, nothing, or some of its sectors."""
    fate = chance.random()
    if fate < 0.4:
        return []
    if fate < 0.8 or step.kind == "truncate":
        return [step]
    parts = range(0, len(step.data), SECTOR_BYTES)
    return [
        Step("write", step.name, step.offset + start, step.data[start : start + SECTOR_BYTES])
        for start in parts
        if chance.random() < 0.5
    ]


def _do(step: Step, content: bytearray) -> None:
    if step.kind == "truncate":
        del content[step.offset :]
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


class RecordingVfs(apsw.VFS):
    """SQLite's own way to the files, with every step recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self.name = f"recording-{id(recorder)}"
        super().__init__(name=self.name, base="")
        self._recorder = recorder

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: N802 - SQLite's name
        return RecordingFile(self._recorder, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - as above
        self._recorder.steps.append(Step("delete", Path(filename).name))
        super().xDelete(filename, syncdir)


class RecordingFile(apsw.VFSFile):
    """A file of `RecordingVfs`."""

    def __init__(self, recorder: Recorder, name: Any, flags: list[int]) -> None:
        self._recorder = recorder
        self._name = Path(name.filename() if isinstance(name, apsw.URIFilename) else str(name)).name
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._recorder.steps.append(Step("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - as above
        self._recorder.steps.append(Step("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - as above
        self._recorder.steps.append(Step("sync", self._name))
        super().xSync(flags)


class _Answer:
    """What a statement gave, as `sqlite3.Cursor` has it."""

    def __init__(self, rows: list[tuple[object, ...]], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def fetchone(self) -> tuple[object, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[object, ...]]:
        rows, self._rows = self._rows, []
        return rows


class RecordedConnection:
    """A connection through a `RecordingVfs`, as the store wants one (see `formengine.store.sqlite.connection`)."""

    def __init__(self, path: Path, recorder: Recorder) -> None:
        self._vfs = RecordingVfs(recorder)
        self._connection = apsw.Connection(str(path), vfs=self._vfs.name)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> _Answer:
        before = self._connection.total_changes()
        try:
            rows = list(self._connection.execute(sql, parameters))
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error
        return _Answer(rows, self._connection.total_changes() - before)

    def close(self) -> None:
        self._connection.close()
        self._vfs.unregister()
