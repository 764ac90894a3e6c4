"""Magic links, by which somebody without an account comes back to a draft: one e-mailed link a draft, the newest.

The store has a keyed hash of a link's token, and of the word that the person chose with it. A link lives as long as its
draft is kept, and ends when it is sent. The session that has the draft opens it without the word, every other with it.
Links of version 0.1 have no word.
"""

from __future__ import annotations

import secrets
from typing import Final, Literal

from formengine.language.words.moments import day_text
from formengine.service.accounts.passwords import Passwords
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import KEPT_FOR, Draft, Drafts, DraftSummary
from formengine.service.drafts.link_words import LONGEST, normal_word
from formengine.service.fault_points import point
from formengine.service.mail.outbox import enqueue
from formengine.service.rate_limits import RateLimits, network
from formengine.service.row_seals import changing, check_draft
from formengine.service.security_events import record
from formengine.store.protocol import Transaction
from formengine.store.rows import DraftRow

_TOKEN_BYTES: Final = 32

# gone: the link is void or unknown. wait: too many words were tried.
WordVerdict = Literal["right", "wrong", "wait", "gone"]


class MagicLinks:
    """Sends links, and opens drafts by them. `send` and `try_word` are slow (Argon2): call them in a thread."""

    def __init__(
        self, context: ServiceContext, drafts: Drafts, limits: RateLimits, passwords: Passwords
    ) -> None:
        self._context = context
        self._drafts = drafts
        self._limits = limits
        self._passwords = passwords

    def send(self, draft: Draft, to: str, word: str) -> bool:
        """Put a new link into the outbox, which voids the draft's older one; False: too many already.

        to: an e-mail address, which is stored only in the outbox until the e-mail is sent. word: what the link asks
        for, judged by `problem_of_word`.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        until = (draft.row.saved_at + KEPT_FOR).astimezone(self._context.zone)
        facts = {
            "form": draft.form.title,
            "token": token,
            "until": day_text(until, self._context.words),
            "word": "yes",
        }
        word_hash = self._passwords.hash(self._peppered(draft.id, word))
        point("link.before")
        with self._context.store.write() as tx:
            # Both are counted, whatever the first returns.
            few = [self._limits.allow_in(tx, "code", f"link:{each}") for each in (draft.id, to.lower())]
            if not all(few):
                return False
            with changing(tx, self._context.keys, draft.id):
                tx.drafts.set_link(draft.id, self._hash(token), word_hash)
            enqueue(tx, self._context, to=to, template="resume", facts=facts)
            note(tx, self._context, actor="visitor", action="draft.link_sent", subject=draft.id)
            point("link.before_commit")
        point("link.committed")
        return True

    def find(self, token: str) -> DraftSummary | None:
        """The draft that the link leads to, nothing of it unsealed; None where the link is void or unknown."""
        with self._context.store.read() as tx:
            row = self._live(tx, token)
        return self._drafts.summary(row) if row is not None else None

    def asks_word(self, token: str, holder: str | None) -> bool:
        """Whether the link asks the session `holder` for its word."""
        with self._context.store.read() as tx:
            row = self._live(tx, token)
        return row is not None and _asks(row, holder)

    def try_word(self, token: str, typed: str, *, holder: str | None, client: str) -> WordVerdict:
        """Whether the session `holder` may open the link with what was typed. client: its IP address."""
        with self._context.store.write() as tx:
            row = self._live(tx, token)
            if row is None:
                return "gone"
            if not _asks(row, holder):
                return "right"
            # Both are counted, before the word is looked at: many at once count as many.
            few = [
                self._limits.allow_in(tx, "link_word", f"{row.id} {network(client)}"),
                self._limits.allow_in(tx, "link_word_all", row.id),
            ]
        if not all(few):
            return "wait"
        fits = len(typed) <= 2 * LONGEST and self._passwords.fits(
            self._peppered(row.id, typed), row.link_word
        )
        if not fits:
            record("link_word_wrong", subject=row.id)
            return "wrong"
        return "right"

    def open(self, token: str, holder: str) -> str | None:
        """Give the link's draft to the session `holder`, which `try_word` let in.

        Returns the draft's id, None as for `find`.
        """
        with self._context.store.write() as tx:
            row = self._live(tx, token)
            if row is None:
                return None
            with changing(tx, self._context.keys, row.id):
                tx.drafts.hand_over(row.id, holder)
            note(tx, self._context, actor="visitor", action="draft.resumed", subject=row.id)
        return row.id

    def _live(self, tx: Transaction, token: str) -> DraftRow | None:
        """The open draft without account that the token is for."""
        row = tx.drafts.by_link(self._hash(token)) if token else None
        if row is None or row.account is not None or row.saved_at + KEPT_FOR <= self._context.clock():
            return None
        return check_draft(self._context.keys, row)

    def _hash(self, token: str) -> str:
        return self._context.keys.index("drafts.link", token)

    def _peppered(self, draft_id: str, word: str) -> str:
        """What of the word is hashed: without the key file nobody can try words at a copy of the database."""
        return self._context.keys.index("drafts.link_word", f"{draft_id} {normal_word(word)}")


def _asks(row: DraftRow, holder: str | None) -> bool:
    return bool(row.link_word) and (holder is None or row.holder != holder)
