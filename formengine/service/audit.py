"""The audit: who did what to what, when, as a chain in which an altered, added or removed entry shows.

An entry holds ids and names of fields, never a value. Its hash is keyed (HMAC-SHA-256 with the key file's index
key) over itself and the hash before it, so that whoever can write to the database alone cannot make a chain that
verifies. What no chain can show by itself is that its end was cut off: for that, keep the head that `verify` gives,
outside the machine, and verify against it later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.store.protocol import Store, Transaction
from formengine.store.rows import AuditRow

# The hash before the first entry's.
BEGINNING = "0" * 64
# How many entries are read at a time.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain; as text ``12:9f86…``, to be noted elsewhere."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The verdict on a chain. `head`: its last sound entry. `problem`: a sentence naming the first bad entry, or ""."""

    head: Head
    problem: str = ""


def note(
    tx: Transaction,
    context: ServiceContext,
    *,
    actor: str,
    action: str,
    subject: str,
    fields: Sequence[str] = (),
) -> None:
    """Add an entry inside the caller's transaction: both are stored, or neither.

    actor: an account's id, "visitor" or "system". action: ``draft.saved``. subject: the id of what it was done to.
    fields: names, never values.
    """
    last = tx.audit.last()
    seq, previous = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    bare = AuditRow(
        seq=seq,
        at=context.clock(),
        actor=actor,
        action=action,
        subject=subject,
        fields=tuple(fields),
        previous=previous,
        hash="",
    )
    tx.audit.add(replace(bare, hash=_hash(context.keys, bare)))


def entries(store: Store) -> Iterator[AuditRow]:
    """All entries in order, read in short transactions so that nobody has to wait."""
    seq = -1
    while True:
        with store.read() as tx:
            found = tx.audit.after(seq, PAGE)
        yield from found
        if not found:
            return
        seq = found[-1].seq


def verify(chain: Iterable[AuditRow], keys: Keyring, *, expected: Head | None = None) -> ChainVerdict:
    """Whether the chain is whole, up to its first bad entry.

    expected: a head that was noted earlier; the chain must still hold that entry with that hash.
    """
    head = Head(0, BEGINNING)
    met = expected is None or expected == head
    for entry in chain:
        problem = _problem(entry, head, keys)
        if problem:
            return ChainVerdict(head, problem)
        if expected is not None and entry.seq == expected.seq:
            if entry.hash != expected.hash:
                return ChainVerdict(
                    head, f"Entry {entry.seq} is not the one that was there when its head was kept"
                )
            met = True
        head = Head(entry.seq, entry.hash)
    if not met and expected is not None:
        return ChainVerdict(
            head, f"The chain ends at entry {head.seq}; entry {expected.seq} and what followed is gone"
        )
    return ChainVerdict(head)


def _problem(entry: AuditRow, before: Head, keys: Keyring) -> str:
    name = f"Entry {entry.seq} ({entry.action} of {entry.subject}, {entry.at:%Y-%m-%d %H:%M:%S} UTC)"
    if entry.seq != before.seq + 1:
        return f"{name} follows entry {before.seq}: what stood between is gone"
    if entry.previous != before.hash:
        return f"{name} does not follow from entry {before.seq}: one of both was altered or put in"
    if entry.hash != _hash(keys, entry):
        return f"{name} was altered"
    return ""


def _hash(keys: Keyring, entry: AuditRow) -> str:
    kept = [
        entry.seq,
        _moment(entry.at),
        entry.actor,
        entry.action,
        entry.subject,
        list(entry.fields),
        entry.previous,
    ]
    return keys.index("audit", json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
