"""Moving to a new key: killed anywhere, nothing is lost; and a key file that is another store's is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring, KeyringError, SealError
from formengine.store.conformance.sample_rows import a_draft, a_file, an_account, with_a_draft
from formengine.store.protocol import Store
from formengine.store.rows import DraftRow
from formengine.store.sqlite import SqliteStore
from tests.chaos.nursery import nursery_of

pytestmark = pytest.mark.slow

ROWS = 23


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[SqliteStore, Keyring]]:
    """A store with drafts sealed by the keys in the file `keys` beside it."""
    keys = Keyring.new()
    keys.write_new(tmp_path / "keys")
    keys = Keyring.of_file(tmp_path / "keys")
    store = SqliteStore(tmp_path / "store.sqlite3")
    with_a_draft(store)
    with store.write() as tx:
        tx.accounts.replace(an_account(data_key=keys.new_data_key("accounts", "ada")))
        tx.drafts.close("draft", "cancelled")
        for number in range(ROWS):
            tx.drafts.add(sealed_draft(keys, f"d{number:02}"))
    rotation.recognise(store, keys)
    yield store, keys
    store.close()


def sealed_draft(keys: Keyring, name: str) -> DraftRow:
    wrapped = keys.new_data_key("drafts", name)
    answers = keys.open_data_key(wrapped, "drafts", name).seal("answers", f"answers of {name}".encode())
    return a_draft(name, data_key=wrapped, answers=answers)


def answers_of(store: Store, keys: Keyring) -> list[str]:
    with store.read() as tx:
        drafts = [draft for number in range(ROWS) if (draft := tx.drafts.get(f"d{number:02}"))]
    return [
        keys.open_data_key(draft.data_key, "drafts", draft.id).open("answers", draft.answers).decode()
        for draft in drafts
    ]


ALL_ANSWERS = [f"answers of d{number:02}" for number in range(ROWS)]


def test_every_row_needs_the_new_key_alone_afterwards(kept: tuple[SqliteStore, Keyring]) -> None:
    store, keys = kept
    newer = keys.with_new_current()
    assert rotation.needs(store) == {keys.current: ROWS + 1}
    batches = list(rotation.rewrap(store, newer, batch_rows=10))
    assert [(batch.table, batch.rows) for batch in batches if batch.rows] == [
        ("accounts", 1),
        ("drafts", 10),
        ("drafts", 10),
        ("drafts", 3),
    ]
    assert rotation.needs(store) == {newer.current: ROWS + 1}
    assert answers_of(store, newer.with_current_alone()) == ALL_ANSWERS


def test_a_data_key_that_does_not_open_is_named_and_does_not_hold_up_the_others(
    kept: tuple[SqliteStore, Keyring],
) -> None:
    store, keys = kept
    with store.write() as tx:
        found = tx.drafts.get("d05")
        assert found is not None
        tx.sealed.rewrap("drafts", "d05", found.data_key, found.data_key[:-1] + b"?")
    newer = keys.with_new_current()
    batches = list(rotation.rewrap(store, newer, batch_rows=4))
    assert [fault for batch in batches for fault in batch.faults] == [
        "The data key of drafts row d05 does not open: it was altered or belongs elsewhere"
    ]
    assert rotation.needs(store) == {keys.current: 1, newer.current: ROWS}
    assert list(rotation.unopened(store, newer)) == [
        "The data key of drafts row d05 does not open: it was altered or belongs elsewhere"
    ]


def test_killed_at_each_point_of_a_rotation_nothing_is_lost_and_the_next_run_goes_on(
    kept: tuple[SqliteStore, Keyring], tmp_path: Path
) -> None:
    kept[0].close()
    points: set[str] = set()
    deaths = 0
    with nursery_of(rotate) as nursery:
        # Each run goes on where the last one died, and gets one point further.
        while (run := nursery.run(tmp_path, "go on", deaths + 1)).killed:
            deaths += 1
            points |= set(run.points)
            store, keys = SqliteStore(tmp_path / "store.sqlite3"), Keyring.of_file(tmp_path / "keys")
            assert answers_of(store, keys) == ALL_ANSWERS
            assert list(rotation.unopened(store, keys)) == []
            assert list(store.check()) == []
            store.close()
    assert deaths >= 20
    assert points == {
        "keys.new_file_written", "rotation.before_batch", "rotation.in_batch", "rotation.after_batch",
    }  # fmt: skip
    store, keys = SqliteStore(tmp_path / "store.sqlite3"), Keyring.of_file(tmp_path / "keys")
    assert set(rotation.needs(store)) == {keys.current}
    assert answers_of(store, keys.with_current_alone()) == ALL_ANSWERS
    store.close()


def rotate(folder: Path, _: object = None) -> None:
    """What `formengine keys rotate` does, in batches of five."""
    store, keys = SqliteStore(folder / "store.sqlite3"), Keyring.of_file(folder / "keys")
    if not set(rotation.needs(store)) - {keys.current}:
        keys.with_new_current().replace(folder / "keys")
        keys = Keyring.of_file(folder / "keys")
    for _batch in rotation.rewrap(store, keys, batch_rows=5):
        pass
    store.close()


def test_a_fresh_store_takes_the_keys_for_its_own_and_no_others_after(tmp_path: Path) -> None:
    store, keys, other = SqliteStore(tmp_path / "store.sqlite3"), Keyring.new(), Keyring.new()
    assert rotation.key_problems(store, keys) == []
    rotation.recognise(store, keys)
    rotation.recognise(store, keys.with_new_current())
    with pytest.raises(
        KeyringError, match="The key index of the key file is not the one this store was sealed with"
    ):
        rotation.recognise(store, other)
    store.close()


def test_rows_that_need_a_key_that_is_not_there_are_counted(kept: tuple[SqliteStore, Keyring]) -> None:
    store, keys = kept
    without = keys.with_new_current().with_current_alone()
    assert rotation.key_problems(store, without) == [
        f"{ROWS + 1} rows need the key {keys.current}, which is not in the key file"
    ]


def test_a_row_copied_over_another_is_found_by_opening_every_row(kept: tuple[SqliteStore, Keyring]) -> None:
    store, keys = kept
    with store.write() as tx:
        one, two = tx.drafts.get("d01"), tx.drafts.get("d02")
        assert one is not None
        assert two is not None
        tx.sealed.rewrap("drafts", "d02", two.data_key, one.data_key)
    assert list(rotation.unopened(store, keys)) == [
        "The data key of drafts row d02 does not open: it was altered or belongs elsewhere"
    ]


def test_answers_copied_with_their_key_into_another_row_do_not_open(
    kept: tuple[SqliteStore, Keyring],
) -> None:
    store, keys = kept
    store._connection.execute(
        "UPDATE drafts SET (data_key, answers) = (SELECT data_key, answers FROM drafts WHERE id = 'd01') "
        "WHERE id = 'd02'"
    )
    with store.read() as tx:
        moved = tx.drafts.get("d02")
    assert moved is not None
    with pytest.raises(SealError, match="drafts row d02"):
        keys.open_data_key(moved.data_key, "drafts", "d02")


def test_a_file_of_the_store_opens_after_two_rotations(
    kept: tuple[SqliteStore, Keyring], tmp_path: Path
) -> None:
    store, keys = kept
    wrapped = keys.new_data_key("files", "photo")
    content = keys.open_data_key(wrapped, "files", "photo").seal("content", b"bytes of a photo")
    with store.write() as tx:
        tx.files.add(a_file("photo", draft="d00", data_key=wrapped), content)
    for _ in range(2):
        rotate(tmp_path)
        Keyring.of_file(tmp_path / "keys").with_current_alone().replace(tmp_path / "keys")
    # The running service has read the file before the first rotation.
    with store.read() as tx:
        row, sealed = tx.files.get("photo"), tx.files.content("photo")
    assert row is not None
    assert sealed is not None
    assert keys.open_data_key(row.data_key, "files", "photo").open("content", sealed) == b"bytes of a photo"
