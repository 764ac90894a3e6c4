"""The list of forms: what is live, what is being changed, whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from formengine.language.words.moments import moment_text
from formengine.web.browser_session import root_of
from formengine.web.context import AppContext
from formengine.web.http.threads import in_turn_of
from formengine.web.studio.authors import author_of
from formengine.web.studio.studio_screens import live_version


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form in the list. live: the version that is filled in. errors: findings in its text as it is being changed."""

    title: str
    href: str
    live: str
    since: str
    changed: str
    open_drafts: int
    errors: int
    warnings: int


class FormList:
    """Handles requests for the list of forms."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def show(self, request: Request) -> Response:
        """Every form, in order of their titles."""
        await author_of(self._context, request)
        work = partial(self._lines, root_of(request))
        lines = await in_turn_of(self._context.texts_checked_at_once, work)
        return self._context.page(
            request,
            "studio/forms.html",
            title=self._context.words.text("screens.studio.forms.title"),
            lines=lines,
        )

    def _lines(self, root: str) -> list[FormLine]:
        context = self._context
        published = context.drafts.forms.published()
        with context.service.store.read() as tx:
            drafts = tx.drafts.open_by_form()
        lines = []
        for form_id in context.drafts.forms.ids():
            now = context.working_copies.now(form_id)
            if now is None:
                continue
            checked = context.engine.check_texts(now.texts)
            row = published.get(form_id)
            words = context.words
            changed = words.text("screens.studio.forms.no_change")
            if now.rev and now.saved_at is not None:
                changed = words.text(
                    "screens.studio.forms.changed", who=now.who, at=self._moment(now.saved_at)
                )
            lines.append(
                FormLine(
                    title=checked.form.title if checked.form is not None else form_id,
                    href=f"{root}/studio/forms/{form_id}",
                    live=live_version(context, form_id),
                    since=(
                        words.text(
                            "screens.studio.forms.since", number=row.number, at=self._moment(row.published_at)
                        )
                        if row is not None
                        else words.text("screens.studio.forms.file")
                    ),
                    changed=changed,
                    open_drafts=drafts.get(form_id, 0),
                    errors=sum(each.severity == "error" for each in checked.findings),
                    warnings=sum(each.severity == "warning" for each in checked.findings),
                )
            )
        return sorted(lines, key=lambda line: line.title)

    def _moment(self, at: datetime) -> str:
        return moment_text(at.astimezone(self._context.service.zone), self._context.words)
