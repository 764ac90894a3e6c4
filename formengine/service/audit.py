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
from formengine.service.security_events import record_audited
from formengine.store.protocol import Store, Transaction
from formengine.store.rows import AuditRow

# The hash before the first entry's.
BEGINNING = "0" * 64
# Who acts by a command; `ServiceContext.operator` says which of them.
OPERATOR = "operator"
# How many entries are read at a time.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain; as text ``12:9f86…``, to be noted elsewhere."""

    seq: int
    hash: str

    @classmethod
    def of_text(cls, text: str) -> Head:
        """The head that was written as this text. Raises ValueError where it is none."""
        seq, _, kept = text.strip().partition(":")
        # No chain has so many entries that their number needs more digits.
        if not seq.isdecimal() or not seq.isascii() or len(seq) > 18 or len(kept) != len(BEGINNING):
            raise ValueError(f"{text.strip()[:100]!r} is no head of an audit")
        return cls(int(seq), kept)

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

    actor: an account's id, "visitor", "system", or "operator", which is noted with the context's name. action:
    ``draft.saved``. subject: the id of what it was done to.
    fields: names, never values. The entry keeps the seal of the draft or the submission that it is about, as it is now.
    """
    last = tx.audit.last()
    seq, previous = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    bare = AuditRow(
        seq=seq,
        at=context.clock(),
        actor=context.operator if actor == OPERATOR else actor,
        action=action,
        subject=subject,
        fields=tuple(fields),
        previous=previous,
        hash="",
        row_seal=_row_seal(tx, action, subject),
    )
    tx.audit.add(replace(bare, hash=_hash(context.keys, bare)))
    record_audited(action, subject)


def _row_seal(tx: Transaction, action: str, subject: str) -> str:
    kind = action.partition(".")[0]
    rows = tx.drafts if kind == "draft" else tx.submissions if kind == "submission" else None
    return (rows.seal_of(subject) or "") if rows is not None else ""


def entries(store: Store, *, after: int = 0) -> Iterator[AuditRow]:
    """All entries that follow the one with this number, in order, read in short transactions so that nobody waits."""
    seq = after or -1
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
        # Entries of version 0.1 have none.
        *([entry.row_seal] if entry.row_seal else []),
    ]
    return keys.index("audit", json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
