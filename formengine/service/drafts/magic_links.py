"""Magic links, by which somebody without an account comes back to a draft: one e-mailed link a draft, the newest.

The store has a keyed hash of a link's token. A link lives as long as its draft is kept, and ends when it is sent.
"""

from __future__ import annotations

import secrets
from typing import Final

from formengine.language.words.moments import day_text
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import KEPT_FOR, Draft, Drafts, DraftSummary
from formengine.service.fault_points import point
from formengine.service.mail.outbox import enqueue
from formengine.service.rate_limits import RateLimits
from formengine.service.row_seals import changing, check_draft
from formengine.store.protocol import Transaction
from formengine.store.rows import DraftRow

_TOKEN_BYTES: Final = 32


class MagicLinks:
    """Sends links, and opens drafts by them."""

    def __init__(self, context: ServiceContext, drafts: Drafts, limits: RateLimits) -> None:
        self._context = context
        self._drafts = drafts
        self._limits = limits

    def send(self, draft: Draft, to: str) -> bool:
        """Put a new link into the outbox, which voids the draft's older one; False: too many already.

        to: an e-mail address, which is stored only in the outbox until the e-mail is sent.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        until = (draft.row.saved_at + KEPT_FOR).astimezone(self._context.zone)
        facts = {"form": draft.form.title, "token": token, "until": day_text(until, self._context.words)}
        point("link.before")
        with self._context.store.write() as tx:
            # Both are counted, whatever the first returns.
            few = [self._limits.allow_in(tx, "code", f"link:{each}") for each in (draft.id, to.lower())]
            if not all(few):
                return False
            with changing(tx, self._context.keys, draft.id):
                tx.drafts.set_link(draft.id, self._hash(token))
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

    def open(self, token: str, holder: str) -> str | None:
        """Give the link's draft to the session `holder`; returns the draft's id, None as for `find`."""
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
