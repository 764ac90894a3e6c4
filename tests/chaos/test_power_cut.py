"""Power goes at any moment: what was acknowledged is there afterwards, whole, and nothing is there by half."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from formengine.store.conformance.sample_rows import NOW, a_file, with_a_draft
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.connection import settle
from tests.chaos.power import RecordedConnection, Recorder

pytestmark = pytest.mark.slow

CHANGES = 24
# Cuts tried: after every synchronisation and every acknowledgement, and at moments between.
BETWEEN = 120


@dataclass
class Tally:
    """How many cuts were tried, and at how many an acknowledged change was gone."""

    cuts: int = 0
    lost: int = 0


def worked(folder: Path, journal: str, synchronous: str) -> Recorder:
    """What the disk was asked for while a store saved a draft, took files and removed some."""
    path = folder / "store.sqlite3"
    store = SqliteStore(path)
    with_a_draft(store)
    store.close()
    recorder = Recorder(folder)
    connection = RecordedConnection(path, recorder)
    # A write-ahead log is shared through memory that this recorder has no part in; alone, it needs none.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    settle(connection, wal=journal == "wal")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    store._use(connection)
    files: list[str] = []
    for number in range(1, CHANGES + 1):
        with store.write() as tx:
            tx.drafts.save(
                "draft", number, answers=bytes([number]) * 3000, step="", shown=(), urgent=False, at=NOW
            )
            if number % 5 == 0:
                tx.files.remove(files.pop(0))
            else:
                files.append(f"f{number}")
                tx.files.add(a_file(f"f{number}"), bytes([number]) * 9000)
        recorder.acknowledge([number + 1, list(files)])
    store.close()
    return recorder


def tally(recorder: Recorder, into: Path) -> Tally:
    chance = random.Random(4711)
    moments = {
        number for number, step in enumerate(recorder.steps, 1) if step.kind in {"sync", "ack", "delete"}
    }
    moments |= set(chance.sample(range(len(recorder.steps) + 1), BETWEEN))
    found = Tally()
    for number in sorted(moments):
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        recorder.cut(number, into, chance)
        rev, files = recorder.acknowledged_before(number) or (1, [])
        store = SqliteStore(into / "store.sqlite3")
        assert list(store.check()) == [], f"cut after step {number}"
        with store.read() as tx:
            draft, kept = tx.drafts.get("draft"), tx.files.of_draft("draft")
            contents = [tx.files.content(row.id) for row in kept]
        store.close()
        assert draft is not None
        # Whole: the files are those of that very revision, whichever it is.
        assert [row.id for row in kept] == files_at(draft.rev), f"cut after step {number}"
        assert contents == [bytes([int(row.id[1:])]) * 9000 for row in kept]
        found.cuts += 1
        if draft.rev < rev:
            found.lost += 1
        else:
            assert draft.rev <= rev + 1
            assert draft.rev > rev or [row.id for row in kept] == files
    return found


def files_at(rev: int) -> list[str]:
    """The files there are at a revision of the draft, the oldest first."""
    files: list[str] = []
    for number in range(1, rev):
        files = files[1:] if number % 5 == 0 else [*files, f"f{number}"]
    return files


@pytest.mark.parametrize("journal", ["truncate", "wal"])
def test_no_acknowledged_change_is_lost_when_power_goes(
    tmp_path: Path, journal: str, figures: Callable[[str], None]
) -> None:
    (tmp_path / "work").mkdir()
    found = tally(worked(tmp_path / "work", journal, "FULL"), tmp_path / "after")
    figures(f"power cuts, journal {journal}: {found.cuts} cuts, {CHANGES} acknowledged, {found.lost} lost")
    assert found.cuts > 150
    assert found.lost == 0


def test_these_cuts_can_tell_a_setting_that_loses_changes(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    # In a write-ahead log NORMAL leaves the log unsynchronised at COMMIT: whole, but behind what was acknowledged.
    found = tally(worked(tmp_path / "work", "wal", "NORMAL"), tmp_path / "after")
    assert found.lost > 10
