"""The toolbar's pages: save for later, close, cancel, print, and the way out at once. Each works without scripts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from formengine.output.html.answers import answers_to_read
from formengine.service.accounts.destinations import PageTarget
from formengine.web.browser_session import remember, without_session
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.draft_request import DraftRequest


class Tools:
    """Handles requests of the toolbar."""

    def __init__(self, access: DraftAccess) -> None:
        self._access = access

    async def save_for_later(self, request: Request) -> Response:
        """The page that the answers are saved, for how long, and how to come back to them."""
        draft_request = await self._access.open(request, "save-for-later")
        if is_post(request):
            return await _sign_in(draft_request)
        words = draft_request.context.words
        by_email = (
            draft_request.browser_session.account is None and draft_request.form.definition.access.anyone
        )
        kept = by_email or draft_request.browser_session.account is not None
        return draft_request.screen(
            "save_for_later.html",
            title=words.text(f"journey.saved_for_later.{'title' if kept else 'title_sign_in'}"),
            by_email=by_email,
        )

    async def close(self, request: Request) -> Response:
        """The page to leave the form: keeping the draft, or deleting it."""
        draft_request = await self._access.open(request, "close")
        return draft_request.screen(
            "close.html", title=draft_request.context.words.text("journey.close_page.title")
        )

    async def cancel(self, request: Request) -> Response:
        """The question whether to delete the draft, and deleting it."""
        draft_request = await self._access.open(request, "cancel")
        if is_post(request) and (await read_post(request)).action == "delete":
            await in_thread(draft_request.context.drafts.cancel, draft_request.draft)
            return draft_request.go("")
        return draft_request.screen(
            "cancel.html", title=draft_request.context.words.text("journey.cancel_page.title")
        )

    async def print(self, request: Request) -> Response:
        """All answers on one page, to be printed."""
        draft_request = await self._access.open(request, "print")

        def drawn() -> Response:
            state = draft_request.context.drafts.state(draft_request.draft)
            words = draft_request.context.words
            return draft_request.screen(
                "print.html",
                title=words.text("journey.printing.title", title=draft_request.form.title),
                answers=answers_to_read(state, words),
            )

        return await draft_request.drawn(drawn)

    async def exit(self, request: Request) -> Response:
        """Clear what the browser has of us, and redirect to a page that has nothing to do with us.

        It is a link, so that it works at once and without scripts; a GET changes nothing that is stored. The session
        is lost with its cookie and ends by its time.
        """
        draft_request = await self._access.open(request, "exit")
        exit_page = draft_request.form.definition.presentation.exit_page
        if not exit_page:
            return draft_request.go("")
        return without_session(request, RedirectResponse(exit_page, 303))


async def _sign_in(draft_request: DraftRequest) -> Response:
    """On to signing in, so that the draft is the account's; and back to this page."""
    back = PageTarget("save_for_later", draft_request.draft.id)
    await remember(draft_request.request, **back.facts())
    return draft_request.context.go(draft_request.request, "/account/sign-in")
