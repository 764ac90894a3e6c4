"""Sending a form from the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from formengine.service.drafts.drafts import Draft
from formengine.web.browser_session import client_of, ensure_session
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread

_COUNTED_S = 3600


async def submit_draft(
    shell: AppContext, request: Request, draft: Draft, *, rev: int | None = None
) -> Response:
    """On to the receipt, once what was sent is kept; a submission is never refused for being one too many.

    rev: the revision of the page on which the person pressed the button, None for the draft's own. Raises what
    `Submissions.submit` does: the journey shows what is to be put right on its own pages.
    """
    visit = await ensure_session(request)
    if not visit.fact("human") and not await in_thread(_is_few, shell, draft, client_of(request)):
        assert visit.session is not None  # noqa: S101 - made above
        path = f"/drafts/{draft.id}/check-answers"
        await in_thread(shell.sessions.set_facts, visit.session, next=path)
        return shell.go(request, "/human-test")
    receipt = await in_thread(shell.submissions.submit, draft, rev=draft.rev if rev is None else rev)
    shell.background.wake("mail")
    return shell.go(request, f"/drafts/{receipt.draft}/sent")


def _is_few(shell: AppContext, draft: Draft, client: str) -> bool:
    """Whether the account and the address have not sent so much that a program may be doing it.

    A draft counts once, however often the button is pressed.
    """
    counted, now = f"submit:{draft.id}", shell.core.clock()
    with shell.core.store.write() as tx:
        if tx.counters.peek(counted, now, _COUNTED_S):
            return True
        few = shell.limits.allow_in(tx, "submit_ip", client)
        if draft.row.account is not None:
            few &= shell.limits.allow_in(tx, "submit_account", draft.row.account)
        if few:
            tx.counters.count(counted, now, _COUNTED_S)
    return few
