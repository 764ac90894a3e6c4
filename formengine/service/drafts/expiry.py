"""Expiry of drafts that nobody saves: their owners are warned, and then they are destroyed.

An account's draft is never destroyed before its owner was warned and had days to come back. A draft without account has
no owner to warn: an address that a link was sent to is not stored. Its pages and the e-mail with the link name the day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from formengine.language.words.moments import day_text
from formengine.service.accounts.identity import open_account, person_of
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import KeyringError, SealError
from formengine.service.drafts.drafts import KEPT_FOR, WARNED_FOR, Drafts, kept_until, may_end
from formengine.service.fault_points import point
from formengine.service.logging import log_failure
from formengine.service.mail.outbox import enqueue
from formengine.store.protocol import Transaction
from formengine.store.rows import DraftRow

# How long after the last save the owner of a draft is warned.
_RESTED_FOR: Final = KEPT_FOR - WARNED_FOR


class DraftExpiry:
    """Warns the owners of drafts that nobody saves, and destroys such drafts."""

    def __init__(self, context: ServiceContext, drafts: Drafts) -> None:
        self._context = context
        self._drafts = drafts

    def warn(self) -> int:
        """Warn owners, once until they save again, that their draft will be destroyed; returns how many."""
        with self._context.store.read() as tx:
            found = tx.drafts.to_warn_of(self._context.clock() - _RESTED_FOR)
        return sum(self._warn(draft_id) for draft_id in found)

    def purge(self) -> int:
        """Destroy drafts, with their files, that nobody saved for four weeks; returns how many."""
        now = self._context.clock()
        with self._context.store.read() as tx:
            found = tx.drafts.left_alone(now - KEPT_FOR, now - WARNED_FOR)
        return sum(self._expire(draft_id) for draft_id in found)

    def drop_held_posts(self) -> int:
        """Delete held posts whose day is over; returns how many."""
        with self._context.store.write() as tx:
            return tx.drafts.drop_ended_posts(self._context.clock())

    def _warn(self, draft_id: str) -> bool:
        """Put an e-mail to the owner into the outbox and record the warning; whether there was one to send."""
        now = self._context.clock()
        with self._context.store.read() as tx:
            found = tx.drafts.get(draft_id)
        if found is None:
            return False
        title = self._drafts.form_of(found.digest).title
        point("draft.warn.before")
        with self._context.store.write() as tx:
            row = tx.drafts.get(draft_id)
            # Saved, sent or deleted since it was found; or another process was faster.
            if row is None or row.status != "open" or may_end(row) or row.saved_at >= now - _RESTED_FOR:
                return False
            to = self._address(tx, row)
            tx.drafts.warned(draft_id, now)
            if to:
                enqueue(tx, self._context, to=to, template="draft_ends", facts=self._facts(row, title, now))
                note(tx, self._context, actor="system", action="draft.warned", subject=draft_id)
            point("draft.warn.before_commit")
        point("draft.warn.committed")
        return bool(to)

    def _address(self, tx: Transaction, row: DraftRow) -> str:
        """The owner's address; "" where there is no owner to warn."""
        account = open_account(tx, row.account) if row.account is not None else None
        if account is None:
            return ""
        try:
            return person_of(self._context, account).email
        except (SealError, KeyringError) as error:
            # One account that does not open must not stop the owners of other drafts from being warned.
            log_failure("warning_failed", error)
            return ""

    def _facts(self, row: DraftRow, title: str, now: datetime) -> dict[str, str]:
        until = max(kept_until(row), now + WARNED_FOR)
        saved_on, until_day = (
            day_text(moment.astimezone(self._context.zone), self._context.words)
            for moment in (row.saved_at, until)
        )
        return {"form": title, "saved": saved_on, "until": until_day, "draft": row.id}

    def _expire(self, draft_id: str) -> bool:
        """Destroy the draft if it is still due; whether it was."""
        now = self._context.clock()
        point("draft.expire.before")
        with self._context.store.write() as tx:
            row = tx.drafts.get(draft_id)
            if row is None or row.status != "open" or not may_end(row) or kept_until(row) > now:
                return False
            tx.files.remove_of_draft(draft_id)
            tx.drafts.close(draft_id, "cancelled")
            note(tx, self._context, actor="system", action="draft.expired", subject=draft_id)
            point("draft.expire.before_commit")
        point("draft.expire.committed")
        return True
