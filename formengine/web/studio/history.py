"""What was published of a form, by whom and why; an earlier publication is brought back from here."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from formengine.service.studio.approvals import NOBODY
from formengine.service.studio.publishing import PublicationLine, PublicationRefusedError
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.studio.authors import author_of
from formengine.web.studio.changes import AFTER, REASON, REASON_MOST
from formengine.web.studio.studio_screens import StudioForm, form_of, shown_name
from formengine.web.studio.text_editor import number_in

NUMBER = "number"


@dataclass(frozen=True, slots=True)
class PublicationShown:
    """A publication as the page shows it."""

    number: int
    version: str
    at: str
    who: str
    approver: str
    reason: str
    origin: int
    is_current: bool
    from_at: str
    may_come_back: bool


class HistoryPage:
    """Handles requests for the page of publications."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def history(self, request: Request) -> Response:
        """The publications, the newest first; posted, an earlier one is published again."""
        account = await author_of(self._context, request)
        opened = await form_of(self._context, request)
        if not is_post(request):
            return await self._page(opened)
        post, words = await read_post(request), self._context.words
        reason, number = post.text(REASON).strip(), number_in(post, NUMBER)
        if not reason or len(reason) > REASON_MOST:
            say = "no_reason" if not reason else "long_reason"
            problem = {"text": words.text(f"screens.studio.changes.{say}"), "href": f"#reason-{number}"}
            return await self._page(opened, problems=[problem], wanted=number, reason=reason)
        try:
            await in_thread(
                self._context.publishing.roll_back,
                opened.now.form,
                number,
                account=account,
                reason=reason,
                after=number_in(post, AFTER),
            )
        except KeyError:
            raise HTTPException(404) from None
        except PublicationRefusedError as refused:
            problem = {"text": words.text(f"screens.studio.changes.refused.{refused.why}"), "href": ""}
            newest = await form_of(self._context, request)
            return await self._page(newest, problems=[problem], wanted=number, reason=reason)
        return self._context.go(request, f"/studio/forms/{opened.now.form}/history?published=1")

    async def _page(
        self,
        opened: StudioForm,
        *,
        problems: list[dict[str, str]] | None = None,
        wanted: int = 0,
        reason: str = "",
    ) -> Response:
        lines = await in_thread(self._context.publishing.history, opened.now.form)
        return opened.page(
            "history.html",
            "history",
            status=422 if problems else 200,
            lines=[self._shown(opened, line, any(each.is_to_come for each in lines)) for line in lines],
            now=opened.now,
            problems=problems or [],
            wanted=wanted,
            reason=reason,
            published=opened.request.query_params.get("published", ""),
        )

    def _shown(self, opened: StudioForm, line: PublicationLine, something_to_come: bool) -> PublicationShown:
        row = line.row
        return PublicationShown(
            row.number,
            row.version,
            opened.moment(row.published_at),
            shown_name(self._context, row.account, line.who),
            self._approver(line),
            row.reason,
            row.origin,
            line.is_current,
            opened.moment(row.from_at) if line.is_to_come and row.from_at is not None else "",
            not line.is_to_come and (not line.is_current or something_to_come),
        )

    def _approver(self, line: PublicationLine) -> str:
        """Who approved it, for the page; "" where nobody had to."""
        if line.row.approved_by == NOBODY:
            return self._context.words.text("screens.studio.history.nobody")
        return shown_name(self._context, "", line.approver) if line.row.approved_by else ""
