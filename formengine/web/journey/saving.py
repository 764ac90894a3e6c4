"""Saving beside the pages' own posts: while somebody types, as the time runs out, and after it has."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from formengine.form.actions.input_names import with_action
from formengine.service.accounts.sessions import HELD
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.page_posts import Saved
from formengine.service.drafts.step import step_of
from formengine.store.rows import DraftRow
from formengine.web.addresses import address_of, destination_in, page_id_of
from formengine.web.browser_session import BrowserSession, browser_session_of, client_of, remember
from formengine.web.context import AppContext
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import ALONE, DraftAccess
from formengine.web.journey.draft_request import held
from formengine.web.journey.page_posts import BASE, NEW_ITEM, REV, held_body, page_post
from formengine.web.journey.uploads import take_files

# Inputs of scripts alone: the name of the page, and that its time is over. No question's input begins with a hyphen.
_PAGE_NAME = "-place"
_ENDS = "-ends"
_NAME = re.compile(r"[a-z0-9_.-]{0,200}", re.IGNORECASE)


class Saving:
    """Handles the requests of scripts, and pages whose time is over."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    async def autosave(self, request: Request) -> Response:
        """Save what was typed so far; returns the new revision and digest, for the page to post back.

        401: the session is over. 409: the page was changed elsewhere. 429: saved too often. 404: no such page.
        """
        post = await read_post(request)
        name = post.text(_PAGE_NAME)
        draft_request = await self._access.open_for_script(request, name)
        step = step_of(draft_request.form, page_id_of(name))
        holder = draft_request.browser_session.holder or ""
        if step is None:
            return JSONResponse({"no_page": True}, 404)
        ends = post.text(_ENDS) == "1"
        if not ends and not await in_thread(self._context.limits.allow, "draft_save", holder):
            return JSONResponse({"too_often": True}, 429)
        # As typed so far: no button was pressed, so that an empty list is not answered with "none".
        texts = with_action(post.texts, ("autosave",))
        texts.pop(_PAGE_NAME, None)
        texts.pop(_ENDS, None)
        post = Post(texts)
        got = await take_files(self._context, draft_request.draft, post, client_of(request))
        saved = await in_thread(
            draft_request.posts.save,
            draft_request.draft,
            page_post(post, name, got.files),
            draft_request.account,
        )
        if ends:
            await self._end(
                request, draft_request.draft, saved is None or not isinstance(saved, Saved), post, name
            )
        if saved is None:
            return JSONResponse({"over": True}, 410)
        if not isinstance(saved, Saved):
            return JSONResponse({"changed": True}, 409)
        return JSONResponse(
            {
                REV: str(saved.draft.rev),
                BASE: draft_request.posts.base(saved.draft, saved.step),
                NEW_ITEM: post.text(NEW_ITEM),
                "place": address_of(saved.step),
            }
        )

    async def keep_alive(self, request: Request) -> Response:
        """Extend the session: the person is still there."""
        await self._access.open(request, "keep-alive")
        return JSONResponse({"stays": True})

    async def timed_out(self, request: Request) -> Response:
        """The page that the session is over: what was saved, and the way back to the same page."""
        context, browser_session = self._context, browser_session_of(request)
        draft_id = request.path_params["draft"]
        at = request.query_params.get("at", "")
        at = at if _NAME.fullmatch(at) else ""
        row = context.drafts.find(draft_id, account=browser_session.account, holder=browser_session.holder)
        if row is not None and row.status == "open":
            # Signed in again, in this window or another.
            return context.go(request, f"/drafts/{draft_id}/{at}")
        alone = self._alone(browser_session, draft_id)
        going_to = browser_session.destination()
        lost = browser_session.account is None and alone is None
        if lost and (going_to is None or going_to.draft != draft_id):
            await remember(request, **destination_in(draft_id, at).facts())
        return context.page(
            request,
            "journey/timed_out.html",
            title=context.words.text("journey.timed_out.title"),
            minutes=int(context.sessions.idle.total_seconds() // 60),
            held="held" in request.query_params,
            alone=alone,
        )

    def _alone(self, browser_session: BrowserSession, draft_id: str) -> DraftRow | None:
        """The draft that has no account and was this browser's until its session ended, else None."""
        ended = self._context.sessions.ended(browser_session.token)
        if ended is None and browser_session.fact(ALONE) != draft_id:
            return None
        with self._context.service.store.read() as tx:
            row = tx.drafts.get(draft_id)
        if row is None or row.account is not None or row.status != "open":
            return None
        return row if ended is None or row.holder == ended.token_hash else None

    async def _end(self, request: Request, draft: Draft, unsaved: bool, post: Post, name: str) -> None:
        """End the session, and keep what could not be saved for after signing in."""
        browser_session = browser_session_of(request)
        if unsaved:
            body = held_body(post, name, with_files=False)
            post_id = await held(self._context, draft.id, body, draft.row.account or "")
            if post_id is not None and browser_session.session is not None:
                ids = " ".join(filter(None, (browser_session.fact(HELD), post_id)))
                await remember(request, **{HELD: ids})
        await in_thread(self._context.sessions.time_out, browser_session.token)
