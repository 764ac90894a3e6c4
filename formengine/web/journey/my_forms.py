"""My forms: what somebody has begun and what they have sent, never an answer."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.words.moments import day_text, moment_text
from formengine.service.accounts.destinations import PageTarget
from formengine.service.budgets import LISTED
from formengine.service.drafts.drafts import DraftSummary
from formengine.service.submissions.submissions import Receipt
from formengine.web.addresses import PATHS, address_of_kept
from formengine.web.browser_session import browser_session_of, remember
from formengine.web.context import AppContext
from formengine.web.http.posts import whole_number
from formengine.web.http.threads import in_thread
from formengine.web.journey.links import continue_path
from formengine.web.journey.timeline import progress_of

# The queries that ask for a page of each list; its heading has the same id.
_BEGUN = "begun"
_SENT = "sent"
# Nobody has so many: what comes before a page is passed over one by one.
_LAST_PAGE = 1_000


def routes(context: AppContext) -> list[BaseRoute]:
    """One page."""

    async def my_forms(request: Request) -> Response:
        browser_session = browser_session_of(request)
        account = browser_session.account
        begun_page, sent_page = (_page_of(request, name) for name in (_BEGUN, _SENT))
        begun = await in_thread(
            context.drafts.mine,
            account,
            browser_session.holder,
            limit=LISTED + 1,
            offset=(begun_page - 1) * LISTED,
        )
        if account is None and not begun:
            return await _sign_in_first(context, request)
        sent = (
            await in_thread(
                context.submissions.mine, account, limit=LISTED + 1, offset=(sent_page - 1) * LISTED
            )
            if account is not None
            else []
        )
        return context.page(
            request,
            "my_forms.html",
            title=context.words.text("screens.my_forms.title"),
            begun=[_begun(context, each) for each in begun[:LISTED]],
            sent=[_sent(context, each) for each in sent[:LISTED]],
            begun_pages=_pages(begun_page, len(begun), f"?{_SENT}={sent_page}&{_BEGUN}=", _BEGUN),
            sent_pages=_pages(sent_page, len(sent), f"?{_BEGUN}={begun_page}&{_SENT}=", _SENT),
            continue_from=continue_path(context),
        )

    return [Route(PATHS["my_forms"], my_forms)]


def _page_of(request: Request, name: str) -> int:
    """The page of a list that is asked for, from 1."""
    return min(max(whole_number(request.query_params.get(name, "")) or 1, 1), _LAST_PAGE)


def _pages(page: int, found: int, address: str, spot: str) -> dict[str, object]:
    """The number of a page of a list, and the ways to the one before and the one after; "" for none."""
    return {
        "number": page,
        "before": f"{address}{page - 1}#{spot}" if page > 1 else "",
        "after": f"{address}{page + 1}#{spot}" if found > LISTED else "",
    }


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
        "progress": progress_of(context, receipt.submission),
    }


def _moment(context: AppContext, at: datetime) -> str:
    return moment_text(at.astimezone(context.service.zone), context.words)
