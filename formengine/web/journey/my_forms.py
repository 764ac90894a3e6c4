"""My forms: what somebody has begun and what they have sent, never an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.words.moments import day_text, moment_text
from formengine.service.drafts.drafts import DraftSummary
from formengine.service.submissions.submissions import Receipt
from formengine.web.browser_session import browser_session_of, ensure_session
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread
from formengine.web.journey.links import continue_path


def routes(shell: AppContext) -> list[BaseRoute]:
    """One page."""

    async def my_forms(request: Request) -> Response:
        visit = browser_session_of(request)
        begun = shell.drafts.mine(visit.account, visit.holder)
        if visit.account is None and not begun:
            return await _sign_in_first(shell, request)
        sent = shell.submissions.mine(visit.account) if visit.account is not None else []
        return shell.page(
            request,
            "my_forms.html",
            title=shell.words.text("screens.my_forms.title"),
            begun=[_begun(shell, each) for each in begun],
            sent=[_sent(shell, each) for each in sent],
            continue_from=continue_path(shell),
        )

    return [Route("/my-forms", my_forms)]


async def _sign_in_first(shell: AppContext, request: Request) -> Response:
    visit = await ensure_session(request)
    assert visit.session is not None  # noqa: S101 - made above
    await in_thread(shell.sessions.set_facts, visit.session, next="/my-forms")
    return shell.go(request, "/account/sign-in")


def _begun(shell: AppContext, draft: DraftSummary) -> dict[str, Any]:
    return {
        "id": draft.id,
        "title": draft.title,
        "place": draft.place,
        "urgent": draft.urgent,
        "started": _moment(shell, draft.started_at),
        "saved": _moment(shell, draft.saved_at),
        "kept_until": day_text(draft.kept_until.astimezone(shell.core.zone), shell.words),
    }


def _sent(shell: AppContext, receipt: Receipt) -> dict[str, Any]:
    return {
        "draft": receipt.draft,
        "title": receipt.title,
        "urgent": receipt.urgent,
        "reference": receipt.reference,
        "at": _moment(shell, receipt.submitted_at),
    }


def _moment(shell: AppContext, at: datetime) -> str:
    return moment_text(at.astimezone(shell.core.zone), shell.words)
