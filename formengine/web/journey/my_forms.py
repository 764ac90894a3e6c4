"""My forms: what somebody has begun and what they have sent, never an answer."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.words.moments import day_text, moment_text
from formengine.service.accounts.destinations import PageTarget
from formengine.service.drafts.drafts import DraftSummary
from formengine.service.submissions.submissions import Receipt
from formengine.web.addresses import PATHS, address_of_kept
from formengine.web.browser_session import browser_session_of, remember
from formengine.web.context import AppContext
from formengine.web.journey.links import continue_path


def routes(context: AppContext) -> list[BaseRoute]:
    """One page."""

    async def my_forms(request: Request) -> Response:
        browser_session = browser_session_of(request)
        begun = context.drafts.mine(browser_session.account, browser_session.holder)
        if browser_session.account is None and not begun:
            return await _sign_in_first(context, request)
        sent = (
            context.submissions.mine(browser_session.account) if browser_session.account is not None else []
        )
        return context.page(
            request,
            "my_forms.html",
            title=context.words.text("screens.my_forms.title"),
            begun=[_begun(context, each) for each in begun],
            sent=[_sent(context, each) for each in sent],
            continue_from=continue_path(context),
        )

    return [Route(PATHS["my_forms"], my_forms)]


async def _sign_in_first(context: AppContext, request: Request) -> Response:
    await remember(request, **PageTarget("my_forms").facts())
    return context.go(request, "/account/sign-in")


def _begun(context: AppContext, draft: DraftSummary) -> dict[str, object]:
    return {
        "id": draft.id,
        "title": draft.title,
        "step": address_of_kept(draft.step),
        "urgent": draft.urgent,
        "started": _moment(context, draft.started_at),
        "saved": _moment(context, draft.saved_at),
        "kept_until": day_text(draft.kept_until.astimezone(context.service.zone), context.words),
    }


def _sent(context: AppContext, receipt: Receipt) -> dict[str, object]:
    return {
        "draft": receipt.draft,
        "title": receipt.title,
        "urgent": receipt.urgent,
        "reference": receipt.reference,
        "at": _moment(context, receipt.submitted_at),
    }


def _moment(context: AppContext, at: datetime) -> str:
    return moment_text(at.astimezone(context.service.zone), context.words)
