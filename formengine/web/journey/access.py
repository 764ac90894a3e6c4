"""Who may stand where in a draft: whose it is, from which page on people sign in, and who is human."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from formengine.form.plan import Form
from formengine.language.fields.base import NOTHING
from formengine.language.words.moments import day_text
from formengine.output.html import HtmlRenderer
from formengine.service.accounts.identity import AccountFacts
from formengine.service.accounts.sessions import HELD
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.page_posts import PagePosts
from formengine.service.drafts.step import step_of
from formengine.store.rows import DraftRow, SessionRow
from formengine.web.browser_session import BrowserSession, browser_session_of, ensure_session
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.links import FormPages, page_id_of
from formengine.web.journey.page_posts import held_body
from formengine.web.middleware.error_pages import wants_page

# What everybody may see whose draft it is, before they have signed in or shown that they are human.
_OPEN_TO_ALL = frozenset(
    {"call-first", "cancel", "close", "save-for-later", "exit", "keep-alive", "timed-out"}
)

_CONFLICT = "conflict"
# The fact that names a draft without account whose session has ended: no signing in opens it.
ALONE = "alone"


@dataclass(frozen=True)
class DraftRequest:
    """Somebody in a draft of their own: who asks, for what, and everything to answer with."""

    request: Request
    shell: AppContext
    posts: PagePosts
    html: HtmlRenderer
    visit: BrowserSession
    draft: Draft

    @property
    def form(self) -> Form:
        """The form that the draft was begun with."""
        return self.draft.form

    @property
    def account(self) -> Mapping[str, str]:
        """What is known of the person for filling in; nothing before they have signed in."""
        return NOTHING if self.visit.account is None else AccountFacts(self.shell.core, self.visit.account)

    @property
    def kept_until(self) -> str:
        """The day until which the draft is kept, in words."""
        return day_text(self.draft.kept_until.astimezone(self.shell.core.zone), self.shell.words)

    @property
    def last_place(self) -> str:
        """The name in the address where the person stood last; the first page for a draft just begun."""
        place = step_of(self.form, page_id_of(self.draft.row.place))
        if self.draft.row.place == "check-answers" or place is not None:
            return self.draft.row.place
        return self.html.links.page(self.form.pages[0].id)

    def go(self, name: str) -> Response:
        """On to what is called `name` within the draft."""
        return self.shell.go(self.request, f"/drafts/{self.draft.id}/{name}")

    def screen(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The screen ``screens/journey/<template>`` about this draft."""
        return self.shell.page(
            self.request,
            f"journey/{template}",
            status=status,
            draft=self.draft,
            form_title=self.form.title,
            last_place=self.last_place,
            kept_until=self.kept_until,
            **context,
        )


# Saves the post with this id, from before the person signed in: where they stand then, None where there is none.
ApplyHeld = Callable[[DraftRequest, str], Awaitable[Response | None]]


class DraftAccess:
    """Opens drafts to whom they belong."""

    def __init__(self, shell: AppContext, apply_held: ApplyHeld) -> None:
        self._shell = shell
        self._apply_held = apply_held
        self._posts = PagePosts(shell.core, shell.drafts)
        self.pages = FormPages(shell)

    async def open(self, request: Request, name: str) -> DraftRequest | Response:
        """Where the person stands, or what they are shown instead: signing in, the human test, the receipt.

        Raises HTTPException (404) where the draft is not theirs.
        """
        shell = self._shell
        draft_id = request.path_params["draft"]
        with shell.core.store.read():  # one look for both
            visit = browser_session_of(request)
            row = shell.drafts.find(draft_id, account=visit.account, holder=visit.holder)
        if row is None:
            return await self._closed(request, visit, name)
        if row.status != "open":
            return self._over(request, row)
        draft = shell.drafts.unsealed(row)
        html = self.pages.of(draft.form, signed_in=visit.account is not None)
        stand = DraftRequest(request, shell, self._posts, html, visit, draft)
        if name in _OPEN_TO_ALL:
            return stand
        if not _is_human(stand):
            return await self._ask(request, f"/drafts/{draft_id}/{name}", "/human-test")
        if visit.account is None and needs_account(draft.form, name):
            return await self._gate(stand, name)
        if request.method != "GET":
            return stand
        # Where two versions are to be chosen from, the next late page waits until that is done.
        held = visit.fact(HELD) if name != _CONFLICT else ""
        landed = await self._apply_held(stand, held) if held else None
        return landed or self._left_behind(stand, name) or stand

    def _left_behind(self, stand: DraftRequest, name: str) -> Response | None:
        """The choice about a page that was kept before this session began, and that the session knows nothing of.

        The answer to signing in may never have reached the browser that posted the page late; what it knew is lost
        with its cookie. Nothing is applied unasked here: it may come from another browser. None where nothing waits.
        """
        session, row = stand.visit.session, stand.draft.row
        # Asked until something is saved in this session: so most requests need not ask the store.
        if session is None or row.account is None or session.created_at <= row.saved_at:
            return None
        if name == _CONFLICT or not wants_page(stand.request):
            return None
        held = self._shell.drafts.held_before(stand.draft, session.created_at)
        return stand.go(f"{_CONFLICT}?post={held}") if held is not None else None

    def _over(self, request: Request, row: DraftRow) -> Response:
        """What became of a draft that is not open any more."""
        if not wants_page(request):
            return JSONResponse({"over": row.status}, 410)
        if row.status == "submitted":
            return self._shell.go(request, f"/drafts/{row.id}/sent")
        title = self._shell.words.text("journey.cancelled.title")
        return self._shell.page(request, "journey/cancelled.html", title=title, form_id=row.form)

    async def _gate(self, stand: DraftRequest, name: str) -> Response:
        """The page that says why signing in comes now; its button leads there and back here."""
        request, shell = stand.request, self._shell
        if request.method == "POST":
            return await self._ask(request, f"/drafts/{stand.draft.id}/{name}", "/account/sign-in")
        page = stand.form.page(page_id_of(name))
        return stand.screen(
            "gate.html",
            title=page.title if page is not None else shell.words.text("journey.gate.title"),
            sign_in=shell.portal.sign_in,
            back_to="./",
        )

    async def _closed(self, request: Request, visit: BrowserSession, name: str) -> Response:
        """What somebody gets whose draft this is not: 404, or the way to show that it is theirs."""
        if visit.account is not None:
            raise HTTPException(404)
        if not wants_page(request):
            return JSONResponse({"signed_out": True}, 401)
        draft_id = request.path_params["draft"]
        path, ended = f"/drafts/{draft_id}/{name}", self._shell.sessions.ended(visit.token)
        alone = self._was_visitors(ended, draft_id)
        if request.method == "POST":
            post = await read_post(request)
            body = held_body(post, name, with_files=self._was_theirs(ended, draft_id))
            held = await in_thread(self._shell.drafts.hold, draft_id, body)
            # Another page may wait already: two windows, both posted after the time.
            visit = await ensure_session(request)
            facts = {HELD: " ".join(filter(None, (visit.fact(HELD), held)))}
            if alone:
                facts[ALONE] = draft_id
            return await self._ask(request, path, f"/drafts/{draft_id}/timed-out?held=1&at={name}", **facts)
        if alone:
            return self._shell.go(request, f"/drafts/{draft_id}/timed-out")
        return await self._ask(request, path, "/account/sign-in")

    async def _ask(self, request: Request, back: str, to: str, **facts: str) -> Response:
        """On to `to`, from where the person comes back to `back`."""
        visit = await ensure_session(request)
        if visit.session is not None:
            await in_thread(self._shell.sessions.set_facts, visit.session, next=back, **facts)
        return self._shell.go(request, to)

    def _was_visitors(self, ended: SessionRow | None, draft_id: str) -> bool:
        """Whether the draft has no account and belonged to this browser's session, which has ended."""
        if ended is None:
            return False
        return self._shell.drafts.find(draft_id, account=None, holder=ended.token_hash) is not None

    def _was_theirs(self, ended: SessionRow | None, draft_id: str) -> bool:
        """Whether the draft belonged to this browser's session or to who was signed in there."""
        if ended is None:
            return False
        found = self._shell.drafts.find(draft_id, account=ended.account, holder=ended.token_hash)
        return found is not None


def needs_account(form: Form, name: str) -> bool:
    """Whether people sign in before they see what is called `name` in the address (language, B3)."""
    access = form.definition.access
    if access.anyone or not access.sign_in_from or not name:
        return False
    before = {page.id for page in form.every_page[: _turn(form, access.sign_in_from)]}
    return page_id_of(name) not in before


def _turn(form: Form, page_id: str) -> int:
    return next(turn for turn, page in enumerate(form.every_page) if page.id == page_id)


def _is_human(stand: DraftRequest) -> bool:
    """Whether the person has shown it, or need not."""
    asked = stand.form.definition.start.human_test
    return not asked or stand.visit.account is not None or stand.visit.fact("human") == "1"
