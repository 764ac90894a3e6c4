"""Sessions: what a browser's cookie stands for. The store has only a hash of it.

A session ends after 20 minutes without use, at the latest after 8 hours; a minute of grace, so that a page posted as
the time runs out still counts. The 8 hours are counted from signing in: no later step of the same person begins them
again. An account is signed in on at most three browsers. Whether somebody is signed in is decided at each use by the
stamp of their session (`credentials`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from formengine.service.accounts.credentials import change, session_holds, stamped
from formengine.service.audit import note
from formengine.service.batches import in_batches
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.row_seals import changing, seal_claimed
from formengine.store.protocol import Transaction
from formengine.store.rows import SessionRow, SessionStage

_TOKEN_BYTES = 32
LONGEST = timedelta(hours=8)
_GRACE = timedelta(seconds=60)
# The time of last use is written at most this often: reading a page should not cost a write.
_TOUCHED_EVERY = timedelta(seconds=60)
# An ended session is kept as long as this, so that what it still posts is held until after signing in.
REMEMBERED = timedelta(hours=24)
_MOST_PER_ACCOUNT = 3
# The fact with the role of the account that signed in.
ROLE = "role"
# The fact that names the posts kept for after signing in, with spaces between, the first first.
HELD = "held"
# The fact of a session that was given up: the one that took its place.
_RENEWED = "renewed"


def token_hash(token: str) -> str:
    """The store's name for a session: SHA-256 of its token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """The sessions in a store. A token is what the cookie holds: 256 random bits, known to the browser alone."""

    def __init__(self, context: ServiceContext, idle_minutes: int = 20) -> None:
        self._context = context
        self._idle = timedelta(minutes=idle_minutes)

    @property
    def idle(self) -> timedelta:
        """How long a session lives without being used."""
        return self._idle

    def start(
        self,
        *,
        account: str | None = None,
        stage: SessionStage = "visitor",
        facts: Mapping[str, str] | None = None,
    ) -> tuple[str, SessionRow]:
        """A new session and its token.

        One signed in beyond three of its account ends the oldest of them.
        """
        token, bare = self._made(account, stage, facts or {})
        with self._context.store.write() as tx:
            row = stamped(tx, self._context, bare)
            self._add(tx, row)
        return token, row

    def find(self, token: str) -> SessionRow | None:
        """The session; None where there is none or it has ended."""
        row = self._kept(token)
        return row if row is not None and self._lives(row) else None

    def ended(self, token: str) -> SessionRow | None:
        """The session where it has ended less than a day ago: by its time, not by signing out or being renewed."""
        row = self._kept(token)
        return row if row is not None and not self._lives(row) and _RENEWED not in row.facts else None

    def began_at(self, row: SessionRow) -> datetime:
        """When somebody signed in, or came to the step, of a session that lives: it may have had another token then."""
        return row.ends_at - LONGEST

    def is_due(self, row: SessionRow) -> bool:
        """Whether the stored time of last use is so old that it should be written again."""
        return self._context.clock() - row.seen_at > _TOUCHED_EVERY

    def touch(self, row: SessionRow) -> None:
        """Record that the session was used now, where the stored time is a minute old."""
        if self.is_due(row):
            with self._context.store.write() as tx:
                tx.sessions.seen(row.token_hash, self._context.clock())

    def renew(
        self,
        token: str,
        *,
        account: str | None = None,
        stage: SessionStage = "visitor",
        facts: Mapping[str, str] | None = None,
    ) -> tuple[str, SessionRow]:
        """A new session in place of the old one, with a new token, so that nobody can plant one.

        It keeps the old one's facts under `facts`; a fact given as "" is dropped. The old one's drafts without account
        become the account's when it is signed in, and the new session's otherwise. Until then the old token may be
        renewed once more, in place of the new one. From a session that has ended only pages that came too late are
        taken over, from an unknown one nothing. Where the same person stays signed in, the new one ends when the old
        one would have.
        """
        with self._context.store.write() as tx:
            made = self.renew_in(tx, token, account=account, stage=stage, facts=facts)
            point("session.renew.before_commit")
        point("session.renew.after_commit")
        return made

    def renew_in(
        self,
        tx: Transaction,
        token: str,
        *,
        account: str | None = None,
        stage: SessionStage = "visitor",
        facts: Mapping[str, str] | None = None,
        lives: timedelta = LONGEST,
    ) -> tuple[str, SessionRow]:
        """As `renew`, inside the caller's transaction. lives: how long the session lives at most."""
        old, before = self._going_on(tx, token)
        kept = {**before, **(facts or {})}
        new_token, bare = self._made(
            account, stage, {name: text for name, text in kept.items() if text}, lives
        )
        if old is not None and "signed_in" == old.stage == stage and old.account == account:
            bare = replace(bare, ends_at=min(bare.ends_at, old.ends_at))
        return new_token, self._in_place_of(tx, old, stamped(tx, self._context, bare))

    def change_token(self, token: str) -> tuple[str, SessionRow]:
        """The same session under another token, so that nobody has planted it: no step in it begins again.

        A visitor's session where there is none of this token, or it has ended; see `renew` for what is taken over.
        """
        with self._context.store.write() as tx:
            old, before = self._going_on(tx, token)
            new_token, bare = self._made(None, "visitor", before)
            if old is not None:
                bare = replace(
                    old, token_hash=bare.token_hash, created_at=bare.created_at, seen_at=bare.seen_at
                )
            row = self._in_place_of(tx, old, bare)
            point("session.renew.before_commit")
        point("session.renew.after_commit")
        return new_token, row

    def _in_place_of(self, tx: Transaction, old: SessionRow | None, row: SessionRow) -> SessionRow:
        """Store the session, which takes over what the old one had; returns it."""
        if old is not None and "signed_in" in {old.stage, row.stage}:
            tx.sessions.remove(old.token_hash)
        self._add(tx, row)
        if old is not None:
            self._take_over(tx, old, row)
            if "signed_in" not in {old.stage, row.stage}:
                self._point_on(tx, old, row)
        return row

    def standing_for(self, tx: Transaction, token: str) -> str:
        """The hash of the session that the token stands for, "" where it has ended; see `renew`."""
        row = self._newest(tx, token)
        return row.token_hash if row is not None and self._lives(row) else ""

    def _newest(self, tx: Transaction, token: str) -> SessionRow | None:
        row = tx.sessions.get(token_hash(token)) if token else None
        while row is not None and _RENEWED in row.facts:
            row = tx.sessions.get(row.facts[_RENEWED])
        return row if row is not None and self._counts(tx, row) else None

    def _going_on(self, tx: Transaction, token: str) -> tuple[SessionRow | None, Mapping[str, str]]:
        """The session that the token stands for, None where it has ended; and what is taken over of its facts.

        A token that was given up stands for the session that took its place, until somebody has signed in there: the
        answer with the new token may never have arrived, or the button was pressed twice.
        """
        row = self._newest(tx, token)
        if row is None:
            return None, {}
        if self._lives(row):
            return row, row.facts
        tx.sessions.remove(row.token_hash)
        return None, _left_over(row)

    def _point_on(self, tx: Transaction, old: SessionRow, new: SessionRow) -> None:
        """End the old session and record in it which one took its place."""
        facts = {_RENEWED: new.token_hash}
        ended = replace(
            old, account=None, stage="visitor", facts=facts, ends_at=self._context.clock(), stamp=""
        )
        tx.sessions.replace(ended)

    def set_facts(self, row: SessionRow, **facts: str) -> SessionRow:
        """The session with these facts too; one given as "" is dropped. A session that is gone stays gone."""
        with self._context.store.write() as tx:
            newest = tx.sessions.get(row.token_hash)
            kept = {**(newest or row).facts, **facts}
            changed = replace(newest or row, facts={name: text for name, text in kept.items() if text})
            if newest is not None:
                tx.sessions.replace(changed)
            point("session.facts.before_commit")
        point("session.facts.after_commit")
        return changed

    def end(self, token: str) -> None:
        """Delete the session: signed out."""
        with self._context.store.write() as tx:
            row = tx.sessions.get(token_hash(token))
            if row is None:
                return
            tx.sessions.remove(row.token_hash)
            if row.account is not None and row.stage == "signed_in" and self._counts(tx, row):
                note(tx, self._context, actor=row.account, action="account.signed_out", subject=row.account)
            point("session.end.before_commit")
        point("session.end.after_commit")

    def time_out(self, token: str) -> None:
        """End the session as if its time had run out: what its browser still posts is held."""
        with self._context.store.write() as tx:
            row = tx.sessions.get(token_hash(token)) if token else None
            if row is not None and self._lives(row):
                tx.sessions.replace(replace(row, ends_at=self._context.clock()))

    def end_others_in(self, tx: Transaction, account: str, here: str) -> None:
        """End all that gives access to the open account but the session with the token `here`, which is to be renewed.

        Inside the caller's transaction.
        """
        row = tx.accounts.get(account)
        if row is not None and row.status == "open":
            change(tx, self._context, row, "sessions_ended", here=token_hash(here))
            note(tx, self._context, actor=account, action="account.sessions_ended", subject=account)

    def of_account(self, account: str) -> list[SessionRow]:
        """The sessions in which the account is signed in now, the newest first."""
        with self._context.store.read() as tx:
            return [row for row in tx.sessions.of_account(account) if self._signed_in(tx, row)]

    def purge(self) -> int:
        """Delete sessions that ended more than a day ago; returns how many."""
        before = self._context.steady.read().at - REMEMBERED

        def remove(limit: int) -> int:
            with self._context.store.write() as tx:
                return tx.sessions.remove_ended(before, before, limit)

        return in_batches(remove)

    def _made(
        self,
        account: str | None,
        stage: SessionStage,
        facts: Mapping[str, str],
        lives: timedelta = LONGEST,
    ) -> tuple[str, SessionRow]:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._context.clock()
        return token, SessionRow(
            token_hash=token_hash(token),
            account=account,
            stage=stage,
            facts=facts,
            created_at=now,
            seen_at=now,
            ends_at=now + lives,
        )

    def _add(self, tx: Transaction, row: SessionRow) -> None:
        """Store the session and delete the oldest ones of its account beyond the limit."""
        if row.account is not None and row.stage == "signed_in":
            others = [each for each in tx.sessions.of_account(row.account) if self._signed_in(tx, each)]
            for oldest in others[_MOST_PER_ACCOUNT - 1 :]:
                tx.sessions.remove(oldest.token_hash)
        tx.sessions.add(row)

    def _take_over(self, tx: Transaction, old: SessionRow, new: SessionRow) -> None:
        """Give the drafts of the old session to the account, or to the new session where nobody is signed in."""
        if new.account is not None and new.stage == "signed_in":
            for draft in tx.drafts.claim(old.token_hash, new.account):
                seal_claimed(tx, self._context.keys, draft, old.token_hash)
                note(tx, self._context, actor=new.account, action="draft.claimed", subject=draft)
        else:
            for row in tx.drafts.of_holder(old.token_hash):
                with changing(tx, self._context.keys, row.id):
                    tx.drafts.hand_over(row.id, new.token_hash)
                note(tx, self._context, actor="visitor", action="draft.session_renewed", subject=row.id)

    def _kept(self, token: str) -> SessionRow | None:
        if not token:
            return None
        with self._context.store.read() as tx:
            row = tx.sessions.get(token_hash(token))
            return row if row is not None and self._counts(tx, row) else None

    def _counts(self, tx: Transaction, row: SessionRow) -> bool:
        """Whether the session is still one: where nobody is signed in it always is, whatever it waits for."""
        return row.stage != "signed_in" or session_holds(tx, self._context, row)

    def _lives(self, row: SessionRow) -> bool:
        now: datetime = self._context.clock()
        return now <= row.seen_at + self._idle + _GRACE and now < row.ends_at

    def _signed_in(self, tx: Transaction, row: SessionRow) -> bool:
        return row.stage == "signed_in" and self._lives(row) and self._counts(tx, row)


def _left_over(row: SessionRow) -> dict[str, str]:
    """The fact with the ids of pages posted too late: whoever comes next at this browser must still own the draft."""
    return {name: text for name, text in row.facts.items() if name == HELD}
