"""Drafts: forms that people are filling in, sealed, each with the definition it was begun with.

Whether a draft is somebody's own is decided here alone, in `Drafts.find`. A draft belongs to its account; before
anybody has signed in, to the session of the browser that began it. Nobody else opens one, whatever their role.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

from formengine.engine import Engine
from formengine.form.actions.drafts import Answers
from formengine.form.plan import Form
from formengine.form.state import State, evaluate
from formengine.language.json_types import Json
from formengine.service.audit import note
from formengine.service.budgets import ANSWERS_BYTES, HELD_BYTES, HELD_POSTS
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.fault_points import point
from formengine.service.forms import Forms
from formengine.service.ids import new_id
from formengine.service.rate_limits import LIMITS
from formengine.service.row_seals import changing, check_draft, draft_seal
from formengine.service.security_events import record
from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import DraftLine, DraftRow, HeldPostRow

# A save that changes nothing restarts the four weeks, and is written where the last one is so long ago.
_RESTED = timedelta(days=1)
# A draft is kept for four weeks after its last save, and its owner is warned this long before they are over; a post
# that came too late is kept for a day.
KEPT_FOR = timedelta(days=28)
WARNED_FOR = timedelta(days=5)
HELD_FOR = timedelta(hours=24)
_TABLE = "drafts"
_HELD_TABLE = "held_posts"
_ANSWERS = "answers"
_BODY = "body"
((_SAVES_A_DAY, _DAY_S),) = LIMITS["save_draft"]
# As many figures in hex of a keyed hash as cannot be guessed.
_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Draft:
    """An open draft: its row, its answers unsealed, and the form it was begun with."""

    row: DraftRow
    answers: Answers
    form: Form

    @property
    def id(self) -> str:
        """The draft's id."""
        return self.row.id

    @property
    def rev(self) -> int:
        """Its revision, raised by each save."""
        return self.row.rev

    @property
    def kept_until(self) -> datetime:
        """When it is deleted unless it is saved again."""
        return kept_until(self.row)


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A draft in a list: nothing of it is unsealed. `step`: as in `DraftRow`."""

    id: str
    form: str
    title: str
    step: str
    urgent: bool
    started_at: datetime
    saved_at: datetime
    kept_until: datetime


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A page that was posted and not saved yet: the session was over, or the page had been changed elsewhere."""

    id: str
    draft: str
    body: Json


class DraftFullError(Exception):
    """The answers would have more bytes than a draft may have together; what was stored before is as it was."""


class DraftBusyError(Exception):
    """The draft was changed more often today than any person does; nothing was stored."""


class HeldFullError(Exception):
    """A draft holds as many posts as it may, or as many bytes of them; nothing was stored."""


class Drafts:
    """The drafts in a store."""

    def __init__(self, context: ServiceContext, engine: Engine) -> None:
        self._context = context
        self.forms = Forms(context, engine)

    # --- opening -----------------------------------------------------------------------------------------------------

    def find(self, draft_id: str, *, account: str | None, holder: str | None) -> DraftRow | None:
        """The row of a draft, whatever its status, where it belongs to this account or session.

        None where there is none, and where it is somebody else's: the caller cannot tell which. Raises `SealError`
        where somebody altered the row in the database.
        """
        with self._context.store.read() as tx:
            row = tx.drafts.get(draft_id)
        found = _own(row, account, holder, self._context.keys)
        if row is not None and found is None and account is not None:
            record("access_refused", account=account, subject=row.id)
        return found

    def open(self, draft_id: str, *, account: str | None, holder: str | None) -> Draft | None:
        """The draft with its answers; None as for `find`, and where it was sent or cancelled."""
        row = self.find(draft_id, account=account, holder=holder)
        return self.unsealed(row) if row is not None and row.status == "open" else None

    def unsealed(self, row: DraftRow) -> Draft:
        """The open draft of `row`, unsealed. Raises `SealError` if it was altered."""
        return Draft(row, unsealed_answers(self._context.keys, row), self.form_of(row.digest))

    def form_of(self, digest: str) -> Form:
        """The form that drafts with this digest were begun with, whatever has become of its file."""
        return self.forms.pinned(digest)

    def state(self, draft: Draft) -> State:
        """The state of the draft today."""
        return evaluate(draft.form, draft.answers, on=self._context.today())

    def mine(
        self, account: str | None, holder: str | None, *, limit: int | None = None, offset: int = 0
    ) -> list[DraftSummary]:
        """The open drafts of the account, or without one of the session, the one saved last first.

        At most `limit` of those that follow the first `offset`; None: all.
        """
        with self._context.store.read() as tx:
            if account is not None:
                rows = tx.drafts.of_account(account, limit=limit, offset=offset)
            else:
                rows = tx.drafts.of_holder(holder, limit=limit, offset=offset) if holder is not None else []
        return [self.summary(row) for row in rows]

    # --- changing ----------------------------------------------------------------------------------------------------

    def start(
        self, form_id: str, *, account: str | None, holder: str | None, answers: Answers | None = None
    ) -> Draft:
        """Begin a draft of the form as it is now, with the answers of its start page.

        Raises KeyError where there is no such form.
        """
        form = self.forms.current(form_id)
        if form is None:
            raise KeyError(form_id)
        return self.begin(form, account=account, holder=holder, answers=answers or {})

    def begin(
        self,
        form: Form,
        *,
        account: str | None,
        holder: str | None,
        answers: Answers,
        action: str = "draft.started",
    ) -> Draft:
        """Begin a draft of this very form, with these answers; `action` is its name in the audit.

        Raises `DraftFullError`.
        """
        draft_id, now = new_id(), self._context.clock()
        data_key = self._context.keys.new_data_key(_TABLE, draft_id)
        sealed = self._context.keys.open_data_key(data_key, _TABLE, draft_id).seal_json(_ANSWERS, answers)
        _check_room(sealed)
        row = DraftRow(
            id=draft_id,
            form=form.id,
            digest=form.digest,
            account=account,
            holder=None if account is not None else holder,
            rev=1,
            status="open",
            urgent=evaluate(form, answers, on=self._context.today()).urgent,
            data_key=data_key,
            answers=sealed,
            step="",
            shown=(),
            started_at=now,
            saved_at=now,
        )
        row = replace(row, seal=draft_seal(self._context.keys, row))
        point("draft.start.before")
        with self._context.store.write() as tx:
            self.forms.keep(tx, form)
            point("draft.start.definition_kept")
            tx.drafts.add(row)
            note(tx, self._context, actor=_actor(row), action=action, subject=row.id)
            point("draft.start.before_commit")
        point("draft.start.committed")
        return Draft(row, answers, form)

    def save(self, draft: Draft, answers: Answers, *, step: str, shown: Sequence[str], urgent: bool) -> Draft:
        """The draft as it is kept now, one revision on; the same revision where no answer has changed.

        step: where the person stands now, as in `DraftRow`. shown: the pages shown once. Raises
        `StaleRevisionError` where the draft was saved, sent or cancelled since it was read, and `DraftFullError` where
        the answers grow beyond `ANSWERS_BYTES`, and `DraftBusyError` after thousands of changes in a day; then nothing
        was changed.
        """
        row = draft.row
        if answers == draft.answers and urgent == row.urgent:
            return self._move(draft, step, shown)
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        sealed, now = key.seal_json(_ANSWERS, answers), self._context.clock()
        _check_room(sealed, row.answers)
        point("draft.save.before")
        with self._context.store.write() as tx:
            with changing(tx, self._context.keys, row.id):
                rev = tx.drafts.save(
                    row.id, row.rev, answers=sealed, step=step, shown=shown, urgent=urgent, at=now
                )
                point("draft.save.saved")
            if tx.counters.count(f"save_draft:{row.id}", now, _DAY_S) > _SAVES_A_DAY:
                raise DraftBusyError(row.id)
            fields = changed_names(draft.answers, answers)
            note(tx, self._context, actor=_actor(row), action="draft.saved", subject=row.id, fields=fields)
            point("draft.save.before_commit")
        point("draft.save.committed")
        kept = replace(
            row,
            rev=rev,
            answers=sealed,
            step=step,
            shown=tuple(shown),
            urgent=urgent,
            saved_at=now,
            warned_at=None,
        )
        kept = replace(kept, seal=draft_seal(self._context.keys, kept))
        return Draft(kept, answers, draft.form)

    def cancel(self, draft: Draft) -> None:
        """Destroy the draft's answers and files, and record it in the audit."""
        point("draft.cancel.before")
        with self._context.store.write() as tx:
            newest = tx.drafts.get(draft.id)
            if newest is None or newest.status != "open":
                return
            tx.files.remove_of_draft(draft.id)
            with changing(tx, self._context.keys, draft.id):
                tx.drafts.close(draft.id, "cancelled")
            note(tx, self._context, actor=_actor(newest), action="draft.cancelled", subject=draft.id)
            point("draft.cancel.before_commit")
        point("draft.cancel.committed")

    def _move(self, draft: Draft, step: str, shown: Sequence[str]) -> Draft:
        """Record the step where the person is and the time of saving, without a new revision."""
        row, now = draft.row, self._context.clock()
        with self._context.store.write() as tx:
            newest = tx.drafts.get(row.id)
            if newest is None or newest.status != "open":
                raise StaleRevisionError(row.id)
            # Also in a clock that was set back: only the time that has passed counts, whichever way.
            rested = abs(now - newest.saved_at) > _RESTED
            saved_at = now if rested else newest.saved_at
            if rested or (newest.step, tuple(newest.shown)) != (step, tuple(shown)):
                tx.drafts.move(row.id, step=step, shown=shown, saved_at=saved_at)
            point("draft.move.before_commit")
        moved = replace(
            row,
            step=step,
            shown=tuple(shown),
            saved_at=saved_at,
            warned_at=None if rested else newest.warned_at,
        )
        return Draft(moved, draft.answers, draft.form)

    # --- posts that wait for a decision ------------------------------------------------------------------------------

    def hold(self, draft_id: str, body: Json, *, writer: str, instead_of: str = "") -> str | None:
        """Store a posted page, sealed, for a day; returns its id, None where there is no such open draft.

        writer: the account for which the page was drawn, "" for none: nobody else is offered the post. instead_of: the
        id of a held post that is deleted. Raises `HeldFullError` beyond `HELD_POSTS` and `HELD_BYTES` a draft.
        """
        post_id = new_id()
        data_key = self._context.keys.new_data_key(_HELD_TABLE, post_id)
        key = self._context.keys.open_data_key(data_key, _HELD_TABLE, post_id)
        sealed = key.seal_json(_BODY, body, bound_to=(draft_id,))
        ends_at = self._context.clock() + HELD_FOR
        point("draft.hold.before")
        with self._context.store.write() as tx:
            tx.drafts.drop_held_post(instead_of)
            row = tx.drafts.get(draft_id)
            if row is None or row.status != "open":
                return None
            posts, held_bytes = tx.drafts.held_size(draft_id)
            if posts >= HELD_POSTS or held_bytes + len(sealed) > HELD_BYTES:
                raise HeldFullError(draft_id)
            held = HeldPostRow(
                id=post_id, draft=draft_id, writer=writer, data_key=data_key, body=sealed, ends_at=ends_at
            )
            tx.drafts.hold_post(held)
            note(tx, self._context, actor="visitor", action="draft.post_held", subject=draft_id)
            point("draft.hold.before_commit")
        point("draft.hold.committed")
        return post_id

    def draft_of_held(self, post_id: str) -> str | None:
        """The id of the draft that the post with this id is held for, None where there is no such post."""
        with self._context.store.read() as tx:
            found = tx.drafts.held_for(post_id)
        return found[0] if found is not None else None

    def holds(self, post_id: str, draft: Draft) -> bool:
        """Whether the post with this id is held for the draft and its day is not over; nothing of it is unsealed."""
        with self._context.store.read() as tx:
            found = tx.drafts.held_for(post_id)
        return found is not None and found[0] == draft.id and found[1] > self._context.clock()

    def held(self, post_id: str, draft: Draft) -> HeldPost | None:
        """The post with this id that is held for the draft; None where there is none or its day is over."""
        with self._context.store.read() as tx:
            row = tx.drafts.held_post(post_id)
        if row is None or row.draft != draft.id or row.ends_at <= self._context.clock():
            return None
        key = self._context.keys.open_data_key(row.data_key, _HELD_TABLE, row.id)
        return HeldPost(row.id, row.draft, key.open_json(_BODY, row.body, bound_to=(row.draft,)))

    def held_before(self, draft: Draft, moment: datetime) -> str | None:
        """The id of the oldest post of its owner's that was held for the account's draft before the moment, else None.

        A post of somebody who had not signed in is known to their session alone.
        """
        if draft.row.account is None:
            return None
        with self._context.store.read() as tx:
            return tx.drafts.held_by(draft.id, draft.row.account, self._context.clock(), moment + HELD_FOR)

    def page_key(self, draft: DraftRow) -> str:
        """What each page of the draft brings back, to show that it was drawn for who owned the draft then."""
        return self._page_key(draft.id, draft.account or "")

    def writer(self, draft_id: str, page_key: str) -> str | None:
        """The account for which a page of the draft was drawn, "" for nobody's; None for no key of a page of it."""
        with self._context.store.read() as tx:
            row = tx.drafts.get(draft_id)
        for writer in (row.account, "") if row is not None else ():
            if writer is not None and compare_digest(
                page_key.encode(), self._page_key(draft_id, writer).encode()
            ):
                return writer
        return None

    def _page_key(self, draft_id: str, account: str) -> str:
        return self._context.keys.index("draft.page", f"{draft_id} {account}")[:_KEY_LENGTH]

    def drop_held(self, post_id: str) -> None:
        """Delete a held post: it was applied, or the person chose the saved version instead."""
        with self._context.store.write() as tx:
            tx.drafts.drop_held_post(post_id)
            point("draft.drop_held.before_commit")
        point("draft.drop_held.committed")

    def summary(self, row: DraftRow | DraftLine) -> DraftSummary:
        """The draft in a list."""
        return DraftSummary(
            id=row.id,
            form=row.form,
            title=self.form_of(row.digest).title,
            step=row.step,
            urgent=row.urgent,
            started_at=row.started_at,
            saved_at=row.saved_at,
            kept_until=kept_until(row),
        )


def _check_room(sealed: bytes, before: bytes = b"") -> None:
    """Raise `DraftFullError` for more answers than a draft may have, unless they are no more than `before`."""
    if len(sealed) > max(ANSWERS_BYTES, len(before)):
        raise DraftFullError


def unsealed_answers(keys: Keyring, row: DraftRow) -> Answers:
    """The answers of an open draft. Raises `SealError` if they were altered, `KeyringError` without their key."""
    return keys.open_data_key(row.data_key, _TABLE, row.id).open_object(_ANSWERS, row.answers)


def kept_until(row: DraftRow | DraftLine) -> datetime:
    """When the open draft is destroyed unless it is saved again.

    An account's owner is warned first. Where that came late, because the service was not running, the draft waits.
    """
    until = row.saved_at + KEPT_FOR
    return until if row.warned_at is None else max(until, row.warned_at + WARNED_FOR)


def may_end(row: DraftRow) -> bool:
    """Whether the draft may be destroyed when its time is over: its owner, if any, was warned since the last save."""
    return row.account is None or (row.warned_at is not None and row.warned_at > row.saved_at)


def changed_names(before: Answers, after: Answers) -> tuple[str, ...]:
    """The names of the form's own answers that differ, for the audit: names alone, in order."""
    return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))


def _own(row: DraftRow | None, account: str | None, holder: str | None, keys: Keyring) -> DraftRow | None:
    """The draft where it belongs to this account or session, else None. The one place where that is decided."""
    if row is None:
        return None
    owner, asks = (row.account, account) if row.account is not None else (row.holder, holder)
    return check_draft(keys, row) if owner is not None and owner == asks else None


def _actor(row: DraftRow) -> str:
    return row.account or "visitor"
