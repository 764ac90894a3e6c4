"""Expiry of drafts that nobody saves: their owners are warned, they are marked, and a later run destroys them.

An account's draft is never destroyed before its owner was warned and had days to come back. A draft without account has
no owner to warn: an address that a link was sent to is not stored. Its pages and the e-mail with the link name the day.

Each step goes by the steady moment (`formengine.service.steady_clock`), never by the system's clock alone. A marked
draft is destroyed only after the service has run for `MARKED_FOR` since, so that there is time to notice a clock that
was wrong all the same. Until then the owner's next change removes the mark, and so does `formengine drafts restore`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from formengine.language.words.moments import day_text
from formengine.service.accounts.identity import open_account, person_of
from formengine.service.audit import note
from formengine.service.batches import BATCH, pause
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import KeyringError, SealError
from formengine.service.drafts.drafts import KEPT_FOR, WARNED_FOR, Drafts, kept_until, may_end
from formengine.service.fault_points import point
from formengine.service.logging import log_failure
from formengine.service.mail.outbox import enqueue
from formengine.service.row_seals import changing
from formengine.service.steady_clock import MOST_A_RUN, SteadyMoment
from formengine.store.protocol import Transaction
from formengine.store.rows import DraftRow, MarkedDraftRow

# How long after the last save the owner of a draft is warned.
_RESTED_FOR: Final = KEPT_FOR - WARNED_FOR
# So many drafts are looked at in a run to find out whether they were saved since the last look.
_LOOKED_AT: Final = 1_000
# So long must the service have run between marking a draft and destroying it.
MARKED_FOR: Final = WARNED_FOR


@dataclass(frozen=True, slots=True)
class MarkedDraft:
    """A draft that is to be destroyed, for operators; account: whether it is an account's.

    ends_in: how long the service must run on before that, at least.
    """

    id: str
    form: str
    account: bool
    saved_at: datetime
    marked_at: datetime
    ends_in: timedelta


class DraftExpiry:
    """Warns the owners of drafts that nobody saves, and destroys such drafts."""

    def __init__(self, context: ServiceContext, drafts: Drafts) -> None:
        self._context = context
        self._drafts = drafts

    def warn(self) -> int:
        """Warn owners, once until they save again, that their draft will be destroyed; returns how many.

        At most `MOST_A_RUN`.
        """
        now = self._context.steady.read().at
        self._note_saves(now - _RESTED_FOR)
        with self._context.store.read() as tx:
            found = tx.drafts.to_warn_of(now - _RESTED_FOR, MOST_A_RUN)
        return self._each(found, lambda draft_id: self._warn(draft_id, now))

    def _note_saves(self, saved_before: datetime) -> None:
        """Find out which of the drafts that nobody may have saved since then were saved all the same."""
        for _ in range(_LOOKED_AT // BATCH):
            with self._context.store.write() as tx:
                saved = tx.drafts.note_saves(saved_before, BATCH)
            if not saved:
                return
            pause()

    def _each(self, draft_ids: Sequence[str], work: Callable[[str], bool]) -> int:
        """How many of the drafts the work was done for; each in a transaction of its own, and others in between."""
        done = 0
        for draft_id in draft_ids:
            done += work(draft_id)
            pause()
        return done

    def mark(self) -> int:
        """How many drafts were marked, `MOST_A_RUN` at most, whose time will be over in days.

        Marks that a clock has made which was wrong, or that a save has overtaken, are taken away first.
        """
        steady = self._context.steady.read()
        rested = steady.at - _RESTED_FOR
        after = self._unmark(rested, "")
        while after:
            after = self._unmark(rested, after)
        self._note_saves(rested)
        marked = 0
        while marked < MOST_A_RUN:
            found = self._mark(steady, rested)
            marked += found
            if found < BATCH:
                break
            pause()
        return marked

    def _unmark(self, rested: datetime, after: str) -> str:
        """Take away the next few marks that should not be there; returns the draft after which to go on."""
        with self._context.store.write() as tx:
            last = tx.drafts.unmark_saved_since(rested, after=after, limit=BATCH)
        if last:
            pause()
        return last

    def _mark(self, steady: SteadyMoment, rested: datetime) -> int:
        """How many drafts were marked, `BATCH` at most."""
        with self._context.store.write() as tx:
            found = tx.drafts.to_mark(rested, BATCH)
            for draft_id in found:
                tx.drafts.mark(
                    MarkedDraftRow(draft=draft_id, marked_at=steady.shown, running_s=steady.running_s)
                )
            point("draft.mark.before_commit")
        point("draft.mark.committed")
        return len(found)

    def purge(self) -> int:
        """Destroy marked drafts, with their files, that nobody saved for four weeks; returns how many.

        At most `MOST_A_RUN`.
        """
        steady = self._context.steady.read()
        with self._context.store.read() as tx:
            found = tx.drafts.left_alone(
                steady.at - KEPT_FOR, steady.at - WARNED_FOR, _marked_until_s(steady), MOST_A_RUN
            )
        return self._each(found, lambda draft_id: self._expire(draft_id, steady.at))

    def marked(self) -> list[MarkedDraft]:
        """The drafts that are to be destroyed, the one marked first first."""
        steady = self._context.steady.look()
        with self._context.store.read() as tx:
            rows = [(mark, tx.drafts.get(mark.draft)) for mark in tx.drafts.marked()]
        ran_s = steady.running_s if steady is not None else 0.0
        return [
            MarkedDraft(
                id=row.id,
                form=row.form,
                account=row.account is not None,
                saved_at=row.saved_at,
                marked_at=mark.marked_at,
                ends_in=max(MARKED_FOR - timedelta(seconds=ran_s - mark.running_s), timedelta(0)),
            )
            for mark, row in rows
            if row is not None
        ]

    def restore(self, draft_ids: Sequence[str], *, actor: str) -> list[str]:
        """The drafts among these that were marked: they are kept for another four weeks, as if saved now."""
        with self._context.store.write() as tx:
            restored = []
            for draft_id in draft_ids:
                row = tx.drafts.get(draft_id)
                if row is None or row.status != "open" or not tx.drafts.unmark(draft_id):
                    continue
                now = self._context.clock()
                tx.drafts.move(draft_id, step=row.step, shown=row.shown, saved_at=now)
                note(tx, self._context, actor=actor, action="draft.restored", subject=draft_id)
                restored.append(draft_id)
        return restored

    def drop_held_posts(self) -> int:
        """Delete held posts whose day is over, at most `MOST_A_RUN`; returns how many."""
        with self._context.store.write() as tx:
            return tx.drafts.drop_ended_posts(self._context.steady.read_in(tx).at, MOST_A_RUN)

    def _warn(self, draft_id: str, now: datetime) -> bool:
        """Put an e-mail to the owner into the outbox and record the warning; whether there was one to send."""
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

    def _expire(self, draft_id: str, now: datetime) -> bool:
        """Destroy the draft if it is still due at the moment `now`; whether it was."""
        point("draft.expire.before")
        with self._context.store.write() as tx:
            row = tx.drafts.get(draft_id)
            if row is None or row.status != "open" or not may_end(row) or kept_until(row) > now:
                return False
            tx.files.remove_of_draft(draft_id)
            with changing(tx, self._context.keys, draft_id):
                tx.drafts.close(draft_id, "cancelled")
            note(tx, self._context, actor="system", action="draft.expired", subject=draft_id)
            point("draft.expire.before_commit")
        point("draft.expire.committed")
        return True


def _marked_until_s(steady: SteadyMoment) -> float:
    """How long the service had run, at most, when a draft was marked that may be destroyed now."""
    return steady.running_s - MARKED_FOR.total_seconds()
