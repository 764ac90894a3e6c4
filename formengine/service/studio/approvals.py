"""Approvals: who approved a definition before it is published, and who could.

An approval holds for one digest. Whoever changed the text since the last publication cannot give it, whatever their
role is by then. Where nobody has the role of an approver, nothing has to be approved.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from formengine.service.accounts.identity import person_of
from formengine.service.context import ServiceContext
from formengine.service.mail.outbox import enqueue
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, PublicationKind, ReviewEventKind, ReviewEventRow, Role

APPROVER: Final[Role] = "approver"
# In place of who approved a publication that others would have had to approve.
NOBODY: Final = "nobody"
_ANSWERS: Final[frozenset[ReviewEventKind]] = frozenset({"asked", "approved", "sent_back"})


def approvers(tx: Transaction) -> list[AccountRow]:
    """The open accounts that may approve, the oldest first."""
    return tx.accounts.of_role(APPROVER)


def editors(tx: Transaction, kind: PublicationKind, name: str) -> frozenset[str]:
    """The accounts that have saved the change that is not published yet."""
    noted = {row.account for row in tx.reviews.of(kind, name) if row.event == "edited"}
    # Saves of before there were reviews are not noted. Of earlier changes the newest has another status.
    saves = takewhile(lambda row: row.status == "open", tx.working_copies.of(kind, name))
    return frozenset(noted | {row.account for row in saves})


def review_of(tx: Transaction, kind: PublicationKind, name: str, digest: str) -> ReviewEventRow | None:
    """The newest request or answer about this digest in the change; None where nobody has asked."""
    rows = (row for row in tx.reviews.of(kind, name) if row.event in _ANSWERS and row.digest == digest)
    return next(rows, None)


def approved_by(tx: Transaction, kind: PublicationKind, name: str, digest: str) -> str:
    """The account that approved this digest and did not change the text; "" where it is not approved.

    An approval ends with the right to give it: that of an account which may not approve any more is none.
    """
    found = review_of(tx, kind, name, digest)
    if found is None or found.event != "approved" or found.account in editors(tx, kind, name):
        return ""
    row = tx.accounts.get(found.account)
    return found.account if row is not None and (row.status, row.role) == ("open", APPROVER) else ""


def add_event(
    tx: Transaction,
    context: ServiceContext,
    kind: PublicationKind,
    name: str,
    event: ReviewEventKind,
    *,
    account: str,
    digest: str = "",
    place: str = "",
    note: str = "",
) -> None:
    """Record that this happened to the change, inside the caller's transaction."""
    tx.reviews.add(
        ReviewEventRow(
            kind=kind,
            name=name,
            seq=tx.reviews.last_seq(kind, name) + 1,
            event=event,
            digest=digest,
            place=place,
            account=account,
            at=context.clock(),
            note=note,
        )
    )


def note_editor(
    tx: Transaction, context: ServiceContext, kind: PublicationKind, name: str, account: str
) -> None:
    """Record that the account has changed the text, once a change: its saves do not all stay."""
    noted = {row.account for row in tx.reviews.of(kind, name) if row.event == "edited"}
    if account not in noted:
        add_event(tx, context, kind, name, "edited", account=account)


def tell(
    tx: Transaction,
    context: ServiceContext,
    rows: list[AccountRow],
    template: str,
    *,
    form: str,
    form_id: str,
    who: str,
    written: str,
) -> None:
    """E-mail each of these accounts, inside the caller's transaction. written: what the person gave as a reason."""
    for row in rows:
        enqueue(
            tx,
            context,
            to=person_of(context, row).email,
            template=template,
            facts={"form": form, "form_id": form_id, "who": who},
            paragraphs=(written,),
        )
