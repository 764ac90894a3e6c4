"""The toolbar's pages: save for later, close, cancel, print, and the way out at once. Each works without scripts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from formengine.output.html.answers import answers_to_read
from formengine.web.browser_session import ensure_session, without_session
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess, DraftRequest


class Tools:
    """Answers for the toolbar."""

    def __init__(self, doors: DraftAccess) -> None:
        self._doors = doors

    async def save_for_later(self, request: Request) -> Response:
        """That the answers are kept, how long, and how to come back to them."""
        stand = await self._doors.open(request, "save-for-later")
        if isinstance(stand, Response):
            return stand
        if request.method == "POST":
            return await _sign_in(stand)
        words = stand.shell.words
        by_email = stand.visit.account is None and stand.form.definition.access.anyone
        kept = by_email or stand.visit.account is not None
        return stand.screen(
            "save_for_later.html",
            title=words.text(f"journey.saved_for_later.{'title' if kept else 'title_sign_in'}"),
            by_email=by_email,
        )

    async def close(self, request: Request) -> Response:
        """Leaving the form: keeping it, or not."""
        stand = await self._doors.open(request, "close")
        if isinstance(stand, Response):
            return stand
        return stand.screen("close.html", title=stand.shell.words.text("journey.close_page.title"))

    async def cancel(self, request: Request) -> Response:
        """The question whether to delete the draft, and deleting it."""
        stand = await self._doors.open(request, "cancel")
        if isinstance(stand, Response):
            return stand
        if request.method == "POST" and (await read_post(request)).text("move") == "delete":
            await in_thread(stand.shell.drafts.cancel, stand.draft)
            return stand.go("")
        return stand.screen("cancel.html", title=stand.shell.words.text("journey.cancel_page.title"))

    async def print(self, request: Request) -> Response:
        """All answers on one page, to be printed."""
        stand = await self._doors.open(request, "print")
        if isinstance(stand, Response):
            return stand
        state = stand.shell.drafts.state(stand.draft)
        words = stand.shell.words
        return stand.screen(
            "print.html",
            title=words.text("journey.printing.title", title=stand.form.title),
            answers=answers_to_read(state, words),
        )

    async def exit(self, request: Request) -> Response:
        """Away at once, to a page that says nothing of us: the session ends, and the browser drops our pages."""
        stand = await self._doors.open(request, "exit")
        if isinstance(stand, Response):
            return stand
        exit_page = stand.form.definition.presentation.exit_page
        if not exit_page:
            return stand.go("")
        await in_thread(stand.shell.sessions.time_out, stand.visit.token)
        return without_session(request, RedirectResponse(exit_page, 303))


async def _sign_in(stand: DraftRequest) -> Response:
    """On to signing in, so that the draft is the account's; and back to where the person stood."""
    visit = await ensure_session(stand.request)
    path = f"/drafts/{stand.draft.id}/save-for-later"
    if visit.session is not None:
        await in_thread(stand.shell.sessions.set_facts, visit.session, next=path)
    return stand.shell.go(stand.request, "/account/sign-in")
