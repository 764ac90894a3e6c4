"""Beginning a form: its start page, and what people read first where it is urgent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.actions import post_page
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.words.moments import day_text
from formengine.output.html.journey import Begun
from formengine.web.browser_session import BrowserSession, browser_session_of, ensure_session, root_of
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.links import continue_path, page_name


class Starts:
    """Answers for the start pages of forms."""

    def __init__(self, shell: AppContext, doors: DraftAccess) -> None:
        self._shell = shell
        self._doors = doors

    async def start(self, request: Request) -> Response:
        """What the form asks before its first page; posted, it begins a draft."""
        form = self._shell.drafts.forms.current(request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        visit = browser_session_of(request)
        if request.method == "GET":
            return self._page(request, form, visit, {})
        texts = (await read_post(request)).texts
        on = self._shell.core.today()
        answers: dict[str, Any] = {}
        if form.start is not None:
            outcome = post_page(form, {}, form.start.id, texts, on=on)
            if not outcome.may_go_on:
                return self._page(request, form, visit, dict(outcome.draft), show_errors=bool(outcome.errors))
            answers = dict(outcome.draft)
        visit = await ensure_session(request)
        draft = await in_thread(
            self._shell.drafts.start, form.id, account=visit.account, holder=visit.holder, answers=answers
        )
        if draft.row.urgent and self._shell.portal.urgent_advice is not None:
            return self._shell.go(request, f"/drafts/{draft.id}/call-first")
        return self._shell.go(request, f"/drafts/{draft.id}/{first_place(form)}")

    async def call_first(self, request: Request) -> Response:
        """Whom to call, for what is urgent. It keeps nobody from going on."""
        stand = await self._doors.open(request, "call-first")
        if isinstance(stand, Response):
            return stand
        advice = self._shell.portal.urgent_advice
        if advice is None:
            return stand.go(first_place(stand.form))
        # As in a draft that was begun before: on from where the person stood.
        on = stand.draft.row.place or first_place(stand.form) or "./"
        return stand.screen("call_first.html", title=advice.title, advice=advice, on=on)

    def _page(
        self,
        request: Request,
        form: Form,
        visit: BrowserSession,
        answers: dict[str, Any],
        *,
        show_errors: bool = False,
    ) -> Response:
        shell = self._shell
        begun = [
            Begun(f"{root_of(request)}/drafts/{draft.id}/", self._moment(draft.saved_at))
            for draft in shell.drafts.mine(visit.account, visit.holder)
            if draft.form == form.id
        ]
        state = evaluate(form, answers, on=shell.core.today())
        path = continue_path(shell)
        text = self._doors.pages.start_of(form, signed_in=visit.account is not None).start(
            state,
            show_errors=show_errors,
            hidden={"csrf": visit.csrf},
            drafts=begun,
            continue_from=f"{root_of(request)}{path}" if path else "",
        )
        return HTMLResponse(text, 422 if show_errors else 200)

    def _moment(self, at: datetime) -> str:
        here, words = at.astimezone(self._shell.core.zone), self._shell.words
        return words.text("journey.at", day=day_text(here, words), time=f"{here:%H:%M}")


def first_place(form: Form) -> str:
    """Where a draft just begun leads: to the first page, or to the list of tasks."""
    return page_name(form.pages[0].id) if form.definition.presentation.menu == "numbered" else ""
