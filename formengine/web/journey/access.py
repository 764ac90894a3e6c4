"""Access to drafts: whose one is, from which page on people sign in, and who has passed the captcha."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from formengine.form.plan import Form
from formengine.service.accounts.captcha import PASSED, Captcha
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.sessions import HELD
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.page_posts import PagePosts
from formengine.service.security_events import record
from formengine.store.rows import DraftRow, SessionRow
from formengine.web.addresses import destination_in, page_id_of
from formengine.web.browser_session import BrowserSession, browser_session_of, ensure_session, remember
from formengine.web.context import AppContext
from formengine.web.http.immediate import ImmediateResponse
from formengine.web.http.methods import is_post, only_looks
from formengine.web.http.posts import Post, read_post
from formengine.web.journey.draft_request import DraftRequest, held
from formengine.web.journey.links import FormPages
from formengine.web.journey.page_posts import OWN, held_body
from formengine.web.middleware.error_pages import wants_page
from formengine.web.middleware.errors_and_log import route_of

# What everybody may see whose draft it is, before they have signed in or passed the captcha.
_OPEN_TO_ALL = frozenset(
    {"call-first", "cancel", "close", "save-for-later", "exit", "keep-alive", "timed-out"}
)

_CONFLICT = "conflict"
# The fact that names a draft without account whose session has ended: no signing in opens it.
ALONE = "alone"


class DraftAccess:
    """Opens drafts for those to whom they belong."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._posts = PagePosts(context.service, context.drafts)
        self.pages = FormPages(context)

    async def open(self, request: Request, name: str) -> DraftRequest:
        """The person in the draft that the address names, on the page that is called `name` in it.

        Raises `ImmediateResponse` with what they are shown instead: signing in, the captcha, the receipt, the page
        that a post of theirs was saved on. Raises HTTPException (404) where the draft is not theirs.
        """
        context = self._context
        draft_id = request.path_params["draft"]
        with context.service.store.read():  # one look for both
            browser_session = browser_session_of(request)
            row = context.drafts.find(
                draft_id, account=browser_session.account, holder=browser_session.holder
            )
        if row is None:
            raise ImmediateResponse(await self._closed(request, browser_session, name))
        if row.status != "open":
            raise ImmediateResponse(self._over(request, row))
        draft = await context.beside_large(len(row.answers), lambda: context.drafts.unsealed(row))
        draft_request = self.request_for(request, draft)
        if name in _OPEN_TO_ALL:
            return draft_request
        if not _is_human(draft_request):
            raise ImmediateResponse(await self._ask(request, destination_in(draft_id, name), "/human-test"))
        await self._spend(draft_request)
        if browser_session.account is None and needs_account(draft.form, name):
            raise ImmediateResponse(await self._gate(draft_request, name))
        if is_post(request):
            return draft_request
        if name != _CONFLICT and wants_page(request):
            self._offer_waiting(draft_request)
            self._offer_left_behind(draft_request)
        return draft_request

    def request_for(self, request: Request, draft: Draft) -> DraftRequest:
        """The draft request for an open draft, which must be this person's own."""
        browser_session = browser_session_of(request)
        html = self.pages.of(draft.form, signed_in=browser_session.account is not None)
        return DraftRequest(request, self._context, self._posts, html, browser_session, draft)

    async def open_for_script(self, request: Request, name: str) -> DraftRequest:
        """The same for a script, which follows no redirect: in place of one it gets 401, the session is over."""
        try:
            return await self.open(request, name)
        except ImmediateResponse as answer:
            if answer.response.status_code >= 400:
                raise
            raise ImmediateResponse(JSONResponse({"signed_out": True}, 401)) from None

    async def _spend(self, draft_request: DraftRequest) -> None:
        """Use up for this draft that the person has passed the captcha, where its form asks for that."""
        if (
            draft_request.form.definition.start.human_test
            and draft_request.browser_session.account is None
            and not only_looks(draft_request.request.scope)
            and draft_request.browser_session.fact(PASSED)
        ):
            await self._context.passed_once(draft_request.request, draft=draft_request.draft.id)

    def _offer_waiting(self, draft_request: DraftRequest) -> None:
        """Offer a page that came late and could not be saved as the person came back.

        Raises `ImmediateResponse` with the way to the choice.
        """
        for post_id in draft_request.browser_session.fact(HELD).split():
            if self._context.drafts.holds(post_id, draft_request.draft):
                raise ImmediateResponse(draft_request.go(f"{_CONFLICT}?post={post_id}"))

    def _offer_left_behind(self, draft_request: DraftRequest) -> None:
        """Offer a page that was kept before this session began, and that the session does not know of.

        Raises `ImmediateResponse` with the way to the choice. The response to signing in may never have reached the
        browser that posted the page late; what it knew is lost with its cookie. Nothing is applied unasked here: it may
        come from another browser.
        """
        session, row = draft_request.browser_session.session, draft_request.draft.row
        # Asked until something is saved in this session: so most requests need not ask the store.
        if session is None or row.account is None or session.created_at <= row.saved_at:
            return
        post_id = self._context.drafts.held_before(draft_request.draft, session.created_at)
        if post_id is not None:
            raise ImmediateResponse(draft_request.go(f"{_CONFLICT}?post={post_id}"))

    def _over(self, request: Request, row: DraftRow) -> Response:
        """What became of a draft that is not open any more."""
        if not wants_page(request):
            return JSONResponse({"over": row.status}, 410)
        if row.status == "submitted":
            return self._context.go(request, f"/drafts/{row.id}/sent")
        title = self._context.words.text("journey.cancelled.title")
        return self._context.page(request, "journey/cancelled.html", title=title, form_id=row.form)

    async def _gate(self, draft_request: DraftRequest, name: str) -> Response:
        """The page that explains why signing in comes now; its button leads there and back here."""
        request, context = draft_request.request, self._context
        if is_post(request):
            return await self._ask(request, destination_in(draft_request.draft.id, name), "/account/sign-in")
        page = draft_request.form.page(page_id_of(name))
        return draft_request.screen(
            "gate.html",
            title=page.title if page is not None else context.words.text("journey.gate.title"),
            sign_in=context.portal.sign_in,
            back_to="./",
        )

    async def _closed(self, request: Request, browser_session: BrowserSession, name: str) -> Response:
        """The response to somebody whose draft this is not: 404, or the way to show that it is theirs."""
        if browser_session.account is not None:
            raise HTTPException(404)
        if not wants_page(request):
            return JSONResponse({"signed_out": True}, 401)
        draft_id = request.path_params["draft"]
        back, ended = destination_in(draft_id, name), self._context.sessions.ended(browser_session.token)
        alone = self._was_visitors(ended, draft_id)
        if ended is None:
            record("access_refused", route=route_of(request.scope))
        if is_post(request):
            post = await read_post(request)
            row = self._was_theirs(ended, draft_id)
            writer = self._writer(row, draft_id, post)
            if writer is None:
                # Nobody who ever saw a page of the draft: what was typed stands on the error page.
                raise HTTPException(403)
            body = held_body(post, name, with_files=row is not None)
            post_id = await held(self._context, draft_id, body, writer)
            # Another page may wait already: two windows, both posted after the time.
            browser_session = await ensure_session(request)
            facts = {HELD: " ".join(filter(None, (browser_session.fact(HELD), post_id)))}
            if alone:
                facts[ALONE] = draft_id
            return await self._ask(request, back, f"/drafts/{draft_id}/timed-out?held=1&at={name}", **facts)
        if alone:
            return self._context.go(request, f"/drafts/{draft_id}/timed-out")
        return await self._ask(request, back, "/account/sign-in")

    async def _ask(self, request: Request, back: PageTarget, to: str, **facts: str) -> Response:
        """Redirect to `to`, from where the person comes back to `back`."""
        await remember(request, **back.facts(), **facts)
        return self._context.go(request, to)

    def _was_visitors(self, ended: SessionRow | None, draft_id: str) -> bool:
        """Whether the draft has no account and belonged to this browser's session, which has ended."""
        if ended is None:
            return False
        return self._context.drafts.find(draft_id, account=None, holder=ended.token_hash) is not None

    def _was_theirs(self, ended: SessionRow | None, draft_id: str) -> DraftRow | None:
        """The draft where it belonged to this browser's session or to who was signed in there, else None."""
        if ended is None:
            return None
        # Who entered the password alone was not in.
        account = ended.account if ended.stage == "signed_in" else None
        return self._context.drafts.find(draft_id, account=account, holder=ended.token_hash)

    def _writer(self, row: DraftRow | None, draft_id: str, post: Post) -> str | None:
        """For whom the page was drawn that was posted: an account, "" for a visitor; None where that is not shown.

        It is shown by the session that has ended, or, where its cookie is lost, by the page's own key. row: the draft
        of the session that has ended.
        """
        if row is not None:
            return row.account or ""
        return self._context.drafts.writer(draft_id, post.text(OWN))


def needs_account(form: Form, name: str) -> bool:
    """Whether people sign in before they see what is called `name` in the address.

    Rule: docs/language.md, Start and submit pages.
    """
    access = form.definition.access
    if access.anyone or not access.sign_in_from or not name:
        return False
    before = {page.id for page in form.every_page[: _turn(form, access.sign_in_from)]}
    return page_id_of(name) not in before


def _turn(form: Form, page_id: str) -> int:
    return next(turn for turn, page in enumerate(form.every_page) if page.id == page_id)


def may_fill_in(draft_request: DraftRequest, name: str) -> bool:
    """Whether the person may save the page called `name` in the draft now, or signs in or passes the captcha first."""
    signed_in = draft_request.browser_session.account is not None
    return _is_human(draft_request) and (signed_in or not needs_account(draft_request.form, name))


def _is_human(draft_request: DraftRequest) -> bool:
    """Whether the person has passed the captcha for this draft, or need not."""
    session = draft_request.browser_session.session
    if (
        not draft_request.form.definition.start.human_test
        or draft_request.browser_session.account is not None
    ):
        return True
    return session is not None and (
        session.facts.get(PASSED) == "1" or Captcha.spent_on(session, draft_request.draft.id)
    )
