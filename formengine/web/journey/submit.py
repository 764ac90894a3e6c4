"""Sending a form from the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from formengine.service.accounts.destinations import PageTarget
from formengine.service.drafts.drafts import Draft
from formengine.web.browser_session import client_of, ensure_session
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread

_COUNTED_S = 3600


async def submit_draft(
    context: AppContext, request: Request, draft: Draft, *, rev: int | None = None
) -> Response:
    """Submit the draft and redirect to the receipt; a submission is never refused for being one too many.

    rev: the revision of the page on which the person pressed the button, None for the draft's own. Raises what
    `Submissions.submit` does: the journey shows the errors on its own pages.
    """
    browser_session = await ensure_session(request)
    passed = browser_session.session is not None and context.captcha.spent_on(
        browser_session.session, draft.id
    )
    if (
        not passed
        and not await in_thread(_is_few, context, draft, client_of(request))
        and not await context.passed_once(request, draft=draft.id)
    ):
        return await context.challenge(request, PageTarget("check_answers", draft.id))
    receipt = await in_thread(context.submissions.submit, draft, rev=draft.rev if rev is None else rev)
    context.background.wake("mail")
    context.background.wake("delivery")
    context.background.wake("webhooks")
    context.background.wake("folders")
    return context.go(request, f"/drafts/{receipt.draft}/sent")


def _is_few(context: AppContext, draft: Draft, client: str) -> bool:
    """Whether the account and the address have not sent so much that a program may be doing it.

    A draft counts once, however often the button is pressed.
    """
    counted, now = f"submit:{draft.id}", context.service.clock()
    with context.service.store.write() as tx:
        if tx.counters.peek(counted, now, _COUNTED_S):
            return True
        few = context.limits.allow_in(tx, "submit_ip", client)
        if draft.row.account is not None:
            few &= context.limits.allow_in(tx, "submit_account", draft.row.account)
        if few:
            tx.counters.count(counted, now, _COUNTED_S)
    return few
