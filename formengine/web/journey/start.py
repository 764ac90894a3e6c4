"""Beginning a form: its start page, and what people read first where it is urgent."""

from __future__ import annotations

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.actions import post_page
from formengine.form.actions.drafts import Answers
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.words.moments import day_text
from formengine.output.html.journey import Begun
from formengine.service.accounts.destinations import PageTarget
from formengine.service.rate_limits import LimitKind
from formengine.web.addresses import FORM, address_of_kept, page_name
from formengine.web.browser_session import (
    BrowserSession,
    browser_session_of,
    client_of,
    ensure_session,
    root_of,
)
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.links import continue_path

# A start page lists the drafts of its form among the last so many of all.
_LISTED_AMONG = 50


class Starts:
    """Handles requests for the start pages of forms."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    async def start(self, request: Request) -> Response:
        """What the form asks before its first page; posted, it begins a draft."""
        # In a thread: a publication that was made since is compiled here.
        form = await in_thread(self._context.drafts.forms.current, request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        browser_session = browser_session_of(request)
        if not is_post(request):
            return await self._page(request, form, browser_session, {})
        texts = (await read_post(request)).texts
        on = self._context.service.today()
        answers: Answers = {}
        if form.start is not None:
            outcome = post_page(form, {}, form.start.id, texts, on=on)
            if not outcome.may_go_on:
                return await self._page(
                    request, form, browser_session, outcome.draft, show_errors=bool(outcome.errors)
                )
            answers = outcome.draft
        few = await in_thread(self._context.limits.allow_each, *_counted(request, browser_session))
        passed = not few and await self._context.passed_once(request)
        if not few and not passed:
            return await self._context.challenge(request, PageTarget(FORM, step=form.id))
        browser_session = await ensure_session(request)
        draft = await in_thread(
            self._context.drafts.begin,
            form,
            account=browser_session.account,
            holder=browser_session.holder,
            answers=answers,
        )
        if passed and browser_session.session is not None:
            # What was passed to begin it is good for all of it.
            await in_thread(self._context.captcha.grant, browser_session.session, draft.id)
        if draft.row.urgent and self._context.portal.urgent_advice is not None:
            return self._context.go(request, f"/drafts/{draft.id}/call-first")
        return self._context.go(request, f"/drafts/{draft.id}/{first_step(form)}")

    async def call_first(self, request: Request) -> Response:
        """Whom to call, for what is urgent. Everybody may go on."""
        draft_request = await self._access.open(request, "call-first")
        advice = self._context.portal.urgent_advice
        if advice is None:
            return draft_request.go(first_step(draft_request.form))
        # As in a draft that was begun before: on from the step that the person came to last.
        on = address_of_kept(draft_request.draft.row.step) or first_step(draft_request.form) or "./"
        return draft_request.screen("call_first.html", title=advice.title, advice=advice, on=on)

    async def _page(
        self,
        request: Request,
        form: Form,
        browser_session: BrowserSession,
        answers: Answers,
        *,
        show_errors: bool = False,
    ) -> Response:
        context = self._context
        mine = await in_thread(
            context.drafts.mine, browser_session.account, browser_session.holder, limit=_LISTED_AMONG
        )
        begun = [
            Begun(f"{root_of(request)}/drafts/{draft.id}/", self._moment(draft.saved_at))
            for draft in mine
            if draft.form == form.id
        ]
        state = evaluate(form, answers, on=context.service.today())
        path = continue_path(context)
        text = self._access.pages.start_of(form, signed_in=browser_session.account is not None).start(
            state,
            show_errors=show_errors,
            hidden={"csrf": browser_session.csrf},
            drafts=begun,
            continue_from=f"{root_of(request)}{path}" if path else "",
        )
        return HTMLResponse(text, 422 if show_errors else 200)

    def _moment(self, at: datetime) -> str:
        here, words = at.astimezone(self._context.service.zone), self._context.words
        return words.text("journey.at", day=day_text(here, words), time=f"{here:%H:%M}")


def _counted(request: Request, browser_session: BrowserSession) -> list[tuple[LimitKind, str]]:
    """The limits on beginning a form: of the account or the session, and of the address."""
    uses: list[tuple[LimitKind, str]] = [("start_ip", client_of(request))]
    if browser_session.account is not None:
        return [*uses, ("start_account", browser_session.account)]
    return [*uses, ("start_session", browser_session.holder)] if browser_session.holder is not None else uses


def first_step(form: Form) -> str:
    """Where a draft just begun leads: to the first page, or to the list of tasks."""
    return page_name(form.pages[0].id) if form.definition.presentation.menu == "numbered" else ""
