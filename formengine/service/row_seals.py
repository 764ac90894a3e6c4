"""Row seals: what a draft's or a submission's row says beside its sealed answers, sealed as well.

Whoever can write to the database alone, and has no key, could give a draft to another account, open one that was sent,
or put an older row back. So each row carries a keyed hash over its owner, status, revision, form, link and sealed
answers, and the audit keeps the hash that each change left. A row that was altered is refused when somebody opens it
(`SealError`). An older row put back whole is sound by itself: `altered_rows` finds it by the audit, whose chain shows
when an entry is gone.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from formengine.service.audit import entries, note
from formengine.service.context import ServiceContext
from formengine.service.crypto.envelope import mark_of
from formengine.service.crypto.keyring import Keyring, SealError
from formengine.store.protocol import Store, Transaction
from formengine.store.rows import CaseRow, DraftRow, SubmissionRow

_ROWS_A_LOOK: Final = 200


class _Sealed(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def seal(self) -> str: ...


_Row = TypeVar("_Row", bound=_Sealed)


def draft_seal(keys: Keyring, row: DraftRow) -> str:
    """The seal of a draft's row as it is: 64 hex digits."""
    said = (
        row.id, row.form, row.digest, row.account, row.holder, row.rev, row.status, row.urgent, row.link_hash,
        row.link_word, mark_of(row.answers),
    )  # fmt: skip
    return _seal(keys, "drafts", said)


def submission_seal(keys: Keyring, row: SubmissionRow) -> str:
    """The seal of a submission's row: 64 hex digits."""
    said = (
        row.id, row.draft, row.account, row.holder, row.reference, row.form, row.version, row.digest,
        row.urgency, row.route, mark_of(row.envelope),
    )  # fmt: skip
    return _seal(keys, "submissions", said)


def is_sound(keys: Keyring, row: DraftRow) -> bool:
    """Whether the draft's row is as the service left it."""
    return hmac.compare_digest(row.seal, draft_seal(keys, row))


def check_draft(keys: Keyring, row: DraftRow) -> DraftRow:
    """The row itself; raises `SealError` where it was altered."""
    if not is_sound(keys, row):
        raise SealError(f"The row of draft {row.id} was altered")
    return row


def check_submission(keys: Keyring, row: SubmissionRow) -> SubmissionRow:
    """The row itself; raises `SealError` where it was altered."""
    if not hmac.compare_digest(row.seal, submission_seal(keys, row)):
        raise SealError(f"The row of submission {row.id} was altered")
    return row


def check_case(keys: Keyring, row: CaseRow, submission: SubmissionRow | None) -> CaseRow:
    """The row itself; raises `SealError` where it is not of this submission, or that was altered."""
    if submission is None or not _is_case_of(row, check_submission(keys, submission)):
        raise SealError(f"The row of case {row.submission} was altered")
    return row


def _is_case_of(row: CaseRow, submission: SubmissionRow) -> bool:
    """Whether the case says what its submission says of whose it is: by it staff are let in, or are not."""
    said = (row.submission, row.reference, row.form, row.route, row.urgent)
    sent = (submission.id, submission.reference, submission.form, submission.route)
    return said == (*sent, submission.urgency == "urgent")


@contextmanager
def changing(tx: Transaction, keys: Keyring, *draft_ids: str) -> Iterator[None]:
    """Seal these drafts anew after what the block changes in their rows.

    A row that was altered before is left with the seal that does not fit, so that no change by us makes it sound.
    """
    found = [tx.drafts.get(draft_id) for draft_id in draft_ids]
    sound = [row.id for row in found if row is not None and is_sound(keys, row)]
    yield
    for draft_id in sound:
        row = tx.drafts.get(draft_id)
        if row is not None:
            tx.drafts.set_seal(draft_id, draft_seal(keys, row))


def seal_claimed(tx: Transaction, keys: Keyring, draft_id: str, holder: str) -> None:
    """Seal a draft anew that was just given from the session `holder` to an account; not one altered before."""
    row = tx.drafts.get(draft_id)
    if row is not None and is_sound(keys, replace(row, account=None, holder=holder)):
        tx.drafts.set_seal(draft_id, draft_seal(keys, row))


def seal_older_rows(context: ServiceContext) -> int:
    """Seal the rows that were stored before rows had seals; returns how many.

    Each gets an entry in the audit, so that none that ever had a seal is sealed again: with its seal taken away it
    stays refused. Small transactions; ended half-way, the next start goes on.
    """
    drafts = _seal_older(
        context,
        lambda tx, after: tx.drafts.without_seal(after, _ROWS_A_LOOK),
        lambda tx, row: tx.drafts.set_seal(row.id, draft_seal(context.keys, row)),
        "draft.sealed",
    )
    submissions = _seal_older(
        context,
        lambda tx, after: tx.submissions.without_seal(after, _ROWS_A_LOOK),
        lambda tx, row: tx.submissions.set_seal(row.id, submission_seal(context.keys, row)),
        "submission.sealed",
    )
    return drafts + submissions


def altered_rows(store: Store, keys: Keyring) -> Iterator[str]:
    """A sentence for each row that is not as the service left it: altered, put in, put back, or gone.

    Of drafts, submissions, whose a case is, roles of staff, and publications.

    The audit must be whole for that (`formengine.service.audit.verify`). Reads every row, in short transactions.
    """
    yield from _unlike_audit(
        store, lambda tx, after: tx.drafts.in_order(after, _ROWS_A_LOOK), "Draft", keys, draft_seal
    )
    yield from _unlike_audit(
        store,
        lambda tx, after: tx.submissions.in_order(after, _ROWS_A_LOOK),
        "Submission",
        keys,
        submission_seal,
        besides=_unlike_submission,
    )
    yield from _unlike_entries(store)
    after = ""
    while True:
        with store.read() as tx:
            subjects = tx.audit.sealed_subjects(after, _ROWS_A_LOOK)
            gone = [
                each
                for each in subjects
                if tx.drafts.seal_of(each) is None and tx.submissions.seal_of(each) is None
            ]
        yield from (f"{each}, a draft or a submission that the audit names, is gone" for each in gone)
        if not subjects:
            return
        after = subjects[-1]


def _unlike_audit(
    store: Store,
    look: Callable[[Transaction, str], Sequence[_Row]],
    name: str,
    keys: Keyring,
    seal: Callable[[Keyring, _Row], str],
    *,
    besides: Callable[[Transaction, _Row], str] = lambda _, __: "",
) -> Iterator[str]:
    """besides: a sentence on what belongs to a row, "" where that is as it should be."""
    after = ""
    while True:
        with store.read() as tx:
            rows = look(tx, after)
            newest = [tx.audit.newest_seal(row.id) for row in rows]
            found = [besides(tx, row) for row in rows]
        yield from filter(None, found)
        for row, audited in zip(rows, newest, strict=True):
            if not row.seal and not audited:
                # From before rows had seals: the next start of the service gives it one.
                continue
            if not hmac.compare_digest(row.seal, seal(keys, row)):
                yield f"{name} {row.id} was altered: its owner, status, revision or answers are not what was stored"
            elif not audited:
                yield f"{name} {row.id} is in no entry of the audit: it was put in, or entries were removed"
            elif row.seal != audited:
                yield f"{name} {row.id} is not as its newest entry in the audit left it: an older row was put back"
        if not rows:
            return
        after = rows[-1].id


def _unlike_submission(tx: Transaction, row: SubmissionRow) -> str:
    case = tx.cases.get(row.id)
    if case is None or _is_case_of(case, row):
        return ""
    return f"The case of submission {row.id} was altered: whose it is, or how urgent"


def _unlike_entries(store: Store) -> Iterator[str]:
    """Roles of staff that nobody gave, and publications that nobody published or that are gone, as the audit has it."""
    # Of staff the accounts; their roles, each as the entry's fields; and digests by the form's id and number.
    given: dict[str, set[tuple[str, ...]]] = {}
    published: dict[str, str] = {}
    for entry in entries(store):
        if entry.action == "staff.role_given":
            given.setdefault(entry.subject, set()).add(tuple(entry.fields))
        elif entry.action == "staff.role_taken":
            given.get(entry.subject, set()).discard(tuple(entry.fields))
        elif entry.action.startswith("form.") and " " in entry.subject:
            # Published, alone, for later or again: what a publication's entry is about is its form and number.
            published[entry.subject] = "".join(entry.fields)
    with store.read() as tx:
        roles = tx.staff.every()
        publications = tx.publications.every()
    for role in roles:
        # The first entries of this kind named no route.
        entered = {(role.form, role.role, role.route), (role.form, role.role)}
        if entered.isdisjoint(given.get(role.account, set())):
            where = f" of {role.route}" if role.route else ""
            yield f"Account {role.account} is {role.role}{where} in {role.form}, and nobody gave it that role"
    kept = {f"{row.name} {row.number}": row.digest for row in publications}
    # A form's file is kept as its first publication, with the second: that has no entry of its own.
    beside = {f"{row.name} 1" for row in publications if row.number > 1}
    for name, digest in kept.items():
        if published.get(name, digest if name in beside else "") != digest:
            yield f"Publication {name} is in no entry of the audit: it was put in, or altered"
    yield from (
        f"Publication {name}, which the audit names, is gone" for name in published if name not in kept
    )


def _seal_older(
    context: ServiceContext,
    look: Callable[[Transaction, str], Sequence[_Row]],
    seal: Callable[[Transaction, _Row], object],
    action: str,
) -> int:
    count, after = 0, ""
    while True:
        with context.store.read() as tx:
            if not look(tx, after):
                return count
        with context.store.write() as tx:
            rows = look(tx, after)
            for row in rows:
                if not tx.audit.newest_seal(row.id):
                    seal(tx, row)
                    note(tx, context, actor="system", action=action, subject=row.id)
                    count += 1
        after = rows[-1].id if rows else after


def _seal(keys: Keyring, table: str, said: Sequence[str | int | None]) -> str:
    return keys.index(f"{table}.row", json.dumps(said, ensure_ascii=False, separators=(",", ":")))
