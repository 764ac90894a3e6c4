"""The draft request: what every page of a draft works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.plan import Form
from formengine.language.fields.base import NOTHING
from formengine.language.json_types import Json
from formengine.language.words.moments import day_text
from formengine.output.html import HtmlRenderer
from formengine.service.accounts.identity import AccountFacts
from formengine.service.drafts.drafts import Draft, HeldFullError
from formengine.service.drafts.page_posts import PagePosts
from formengine.service.drafts.step import CHECK_ANSWERS, step_of
from formengine.web.addresses import address_of_kept, page_name
from formengine.web.browser_session import BrowserSession
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread

T = TypeVar("T")


async def held(context: AppContext, draft_id: str, body: Json, writer: str) -> str | None:
    """The id of a page that is held for a draft; None where there is no such open draft. Raises as above."""
    try:
        return await in_thread(context.drafts.hold, draft_id, body, writer=writer)
    except HeldFullError:
        raise HTTPException(429) from None


@dataclass(frozen=True)
class DraftRequest:
    """A request by somebody for a draft of their own: the browser session, the draft, and everything to answer with."""

    request: Request
    context: AppContext
    posts: PagePosts
    html: HtmlRenderer
    browser_session: BrowserSession
    draft: Draft

    @property
    def form(self) -> Form:
        """The form that the draft was begun with."""
        return self.draft.form

    @property
    def account(self) -> Mapping[str, str]:
        """The person's details by name, for filling in; empty before they have signed in."""
        return (
            NOTHING
            if self.browser_session.account is None
            else AccountFacts(self.context.service, self.browser_session.account)
        )

    @property
    def kept_until(self) -> str:
        """The day until which the draft is kept, in words."""
        return day_text(self.draft.kept_until.astimezone(self.context.service.zone), self.context.words)

    @property
    def last_step(self) -> str:
        """The name in the address of the step where the person was last; the first one of a draft just begun."""
        kept = self.draft.row.step
        known = kept == CHECK_ANSWERS or step_of(self.form, kept) is not None
        return address_of_kept(kept) if known else page_name(self.form.pages[0].id)

    async def drawn(self, work: Callable[[], T]) -> T:
        """What `work` returns; where the draft is large, from a thread, one draft at a time, so that others go on."""
        return await self.context.beside_large(len(self.draft.row.answers), work)

    async def hold(self, body: Json) -> str | None:
        """Store a posted page of the draft for a day; returns its id, None where the draft was sent meanwhile.

        Raises HTTPException (429) where as many wait for the draft as may, and the page shows what was typed.
        """
        writer = self.draft.row.account or ""
        return await held(self.context, self.draft.id, body, writer)

    def go(self, name: str) -> Response:
        """Redirect to the page called `name` within the draft."""
        return self.context.go(self.request, f"/drafts/{self.draft.id}/{name}")

    def screen(self, template: str, *, title: str, status: int = 200, **values: object) -> HTMLResponse:
        """The screen ``screens/journey/<template>`` about this draft."""
        return self.context.page(
            self.request,
            f"journey/{template}",
            title=title,
            status=status,
            draft=self.draft,
            form_title=self.form.title,
            last_step=self.last_step,
            kept_until=self.kept_until,
            **values,
        )
