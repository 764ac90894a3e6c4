"""Whether a key file is the store's own, and moving a store to a new key while the service runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from formengine.service.crypto.keyring import Keyring, KeyringError, SealError
from formengine.service.fault_points import point
from formengine.store.protocol import Store

BATCH_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one table whose data keys were wrapped again and committed; in sentences, those that do not open."""

    table: str
    rows: int
    faults: Sequence[str]


def needs(store: Store) -> Mapping[str, int]:
    """How many rows need each key, by its id."""
    rows: dict[str, int] = {}
    with store.read() as tx:
        for table in tx.sealed.tables():
            for key_id, count in tx.sealed.count(table).items():
                rows[key_id] = rows.get(key_id, 0) + count
    return rows


def key_problems(store: Store, keys: Keyring) -> list[str]:
    """Why these keys are not, or not all, the ones the store was sealed with; in sentences, empty when they are.

    It counts the rows of every key. `unopened` opens each.
    """
    known = {*keys.ids, "index"}
    return file_problems(store, keys) + [
        f"{count} rows need the key {key_id}, which is not in the key file"
        for key_id, count in sorted(needs(store).items())
        if key_id not in known
    ]


def file_problems(store: Store, keys: Keyring) -> list[str]:
    """What is wrong with the key file, and which of its keys are not the store's; in sentences.

    Quick however much the store holds: it checks canaries, not rows.
    """
    keys.look_again()
    problems = [keys.trouble] if keys.trouble else []
    with store.read() as tx:
        canaries = tx.sealed.canaries()
    known = {*keys.ids, "index"}
    return problems + [
        f"The key {key_id} of the key file is not the one this store was sealed with"
        for key_id, canary in canaries.items()
        if key_id in known and not keys.opens_canary(key_id, canary)
    ]


def recognise(store: Store, keys: Keyring) -> None:
    """Check at the start that the keys are the store's; a new store records their canaries.

    Raises `KeyringError` where they are not.
    """
    problems = key_problems(store, keys)
    if problems:
        raise KeyringError("; ".join(problems))
    with store.write() as tx:
        known = tx.sealed.canaries()
        for key_id, canary in keys.canaries().items():
            if key_id not in known:
                tx.sealed.set_canary(key_id, canary)


def unopened(store: Store, keys: Keyring) -> Iterator[str]:
    """A sentence for each row whose data key does not open. Reads every row."""
    for table, row, wrapped in _data_keys(store, all_but=""):
        try:
            keys.open_data_key(wrapped, table, row)
        except (SealError, KeyringError) as error:
            yield str(error)


def rewrap(store: Store, keys: Keyring, *, batch_rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Wrap again, in batches, every data key that another key than the current one wraps.

    Each batch is a transaction of its own: killed at any moment nothing is lost, and the next call goes on. The old
    keys must stay in the file until `needs` no longer names them. A data key that does not open is left unchanged and
    reported.
    """
    with store.read() as tx:
        tables = tx.sealed.tables()
    for table in tables:
        after: str | None = ""
        while after is not None:
            batch, after = _rewrap_some(store, keys, table, after, batch_rows)
            yield batch


def _rewrap_some(
    store: Store, keys: Keyring, table: str, after: str, batch_rows: int
) -> tuple[Batch, str | None]:
    """What was done, and the row to go on after; None at the table's end."""
    rows, faults = 0, []
    point("rotation.before_batch")
    with store.write() as tx:
        found = tx.sealed.wrapped_by_others(table, keys.current, batch_rows, after)
        for row, old in found:
            try:
                rows += tx.sealed.rewrap(table, row, old, keys.rewrap(old, table, row))
            except (SealError, KeyringError) as error:
                faults.append(str(error))
        point("rotation.in_batch")
    point("rotation.after_batch")
    return Batch(table, rows, tuple(faults)), found[-1][0] if found else None


def _data_keys(store: Store, *, all_but: str) -> Iterator[tuple[str, str, bytes]]:
    """Table, row and data key of every row, read in short transactions so that nobody waits."""
    with store.read() as tx:
        tables = tx.sealed.tables()
    for table in tables:
        after = ""
        while True:
            with store.read() as tx:
                found = tx.sealed.wrapped_by_others(table, all_but, BATCH_ROWS, after)
            for row, wrapped in found:
                yield table, row, wrapped
            if not found:
                break
            after = found[-1][0]
