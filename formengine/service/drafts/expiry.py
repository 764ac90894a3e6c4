"""Drafts that nobody saves: their owners are told, and then they are destroyed.

An account's draft is never destroyed before its owner was told, and had days to come back. One without account has
nobody who could be told: an address that a link was sent to is not kept. Its pages and the e-mail with the link name
the day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from formengine.language.words import Wording
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

# So long has a draft not been saved when its owner is told.
_RESTED_FOR: Final = KEPT_FOR - WARNED_FOR


class DraftExpiry:
    """Looks for drafts that nobody saves."""

    def __init__(self, context: ServiceContext, drafts: Drafts) -> None:
        self._context = context
        self._drafts = drafts

    def warn(self) -> int:
        """How many owners were told that a draft of theirs will be destroyed: once, until they save it again."""
        with self._context.store.read() as tx:
            found = tx.drafts.to_warn_of(self._context.clock() - _RESTED_FOR)
        return sum(self._warn(draft_id) for draft_id in found)

    def purge(self) -> int:
        """How many drafts were destroyed with their files, since nobody saved them for four weeks."""
        now = self._context.clock()
        with self._context.store.read() as tx:
            found = tx.drafts.left_alone(now - KEPT_FOR, now - WARNED_FOR)
        return sum(self._expire(draft_id) for draft_id in found)

    def drop_held_posts(self) -> int:
        """How many held posts were destroyed, whose day is over."""
        with self._context.store.write() as tx:
            return tx.drafts.drop_ended_posts(self._context.clock())

    def _warn(self, draft_id: str) -> bool:
        """Whether an e-mail to the owner was put in the outbox; that they were told is kept with it."""
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
        """The owner's address; "" where there is nobody to tell."""
        account = open_account(tx, row.account) if row.account is not None else None
        if account is None:
            return ""
        try:
            return person_of(self._context, account).email
        except (SealError, KeyringError) as error:
            # One account that does not open must not keep the owners of other drafts from being told.
            log_failure("warning_failed", error)
            return ""

    def _facts(self, row: DraftRow, title: str, now: datetime) -> dict[str, str]:
        until = max(kept_until(row), now + WARNED_FOR)
        saved_on, until_day = (
            day_text(moment.astimezone(self._context.zone), Wording()) for moment in (row.saved_at, until)
        )
        return {"form": title, "saved": saved_on, "until": until_day, "draft": row.id}

    def _expire(self, draft_id: str) -> bool:
        """Whether the draft was still left alone, and was destroyed."""
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
