"""What is changed since the published version; published from here, with a reason, or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from formengine.form.analysis.form_diff import CONSEQUENCES, HEADINGS, form_diff
from formengine.form.analysis.line_diff import DiffLine, changed_lines
from formengine.form.analysis.verdict import Verdict
from formengine.language.diagnostics import DefinitionError
from formengine.service.studio.draft_verdicts import JUDGED_AT_ONCE, judge_open_drafts
from formengine.service.studio.publishing import PublicationRefusedError
from formengine.service.studio.working_copies import ChangedMeanwhileError
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread, in_turn_of
from formengine.web.studio.authors import MAY_CHANGE, author_of, role_of
from formengine.web.studio.reviews import review_of_form
from formengine.web.studio.studio_screens import StudioForm, form_of, live_version
from formengine.web.studio.text_editor import REV, number_in

REASON, AFTER, DO = "reason", "after", "do"
ALONE, FROM = "alone", "from"
REASON_MOST = 2000


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs from the one that is published."""

    name: str
    lines: list[DiffLine]


class ChangesPage:
    """Handles requests for the page of changes."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def changes(self, request: Request) -> Response:
        """The changes; posted, they are published or discarded."""
        account = await author_of(self._context, request)
        opened = await form_of(self._context, request)
        if not is_post(request):
            return await self._page(opened, account)
        post = await read_post(request)
        if post.text(DO) == "discard":
            return await self._discard(opened, post, account)
        return await self._publish(opened, post, account)

    async def _publish(self, opened: StudioForm, post: Post, account: str) -> Response:
        reason, words, alone = post.text(REASON).strip(), self._context.words, post.text(DO) == ALONE
        errors, from_at = {}, None
        if not reason or len(reason) > REASON_MOST:
            say = "no_reason" if not reason else "long_reason"
            errors[REASON] = words.text(f"screens.studio.changes.{say}")
        try:
            from_at = self._moment(post.text(FROM))
        except ValueError:
            errors[FROM] = words.text("screens.studio.changes.no_moment")
        if errors:
            return await self._page(opened, account, errors=errors, post=post)
        try:
            await in_turn_of(
                self._context.texts_checked_at_once,
                partial(
                    self._context.publishing.publish,
                    opened.now.form,
                    opened.now.texts,
                    account=account,
                    reason=reason,
                    after=number_in(post, AFTER),
                    rev=number_in(post, REV),
                    alone=alone,
                    from_at=from_at,
                ),
            )
        except PublicationRefusedError as refused:
            newest = await form_of(self._context, opened.request)
            problem = words.text(f"screens.studio.changes.refused.{refused.why}")
            return await self._page(newest, account, errors={"": problem}, post=post)
        said = "later" if from_at is not None else "1"
        return self._context.go(opened.request, f"/studio/forms/{opened.now.form}/history?published={said}")

    async def _discard(self, opened: StudioForm, post: Post, account: str) -> Response:
        try:
            await in_thread(
                self._context.working_copies.discard,
                opened.now.form,
                rev=number_in(post, REV),
                account=account,
            )
        except ChangedMeanwhileError:
            problem = self._context.words.text("screens.studio.changes.refused.changed")
            newest = await form_of(self._context, opened.request)
            return await self._page(newest, account, errors={"": problem})
        return self._context.go(opened.request, f"/studio/forms/{opened.now.form}/text")

    async def _page(
        self,
        opened: StudioForm,
        account: str,
        *,
        errors: dict[str, str] | None = None,
        post: Post | None = None,
    ) -> Response:
        live = await in_thread(self._context.working_copies.live, opened.now.form)
        wrong = errors or {}
        names = dict.fromkeys((*live, *opened.now.texts))
        files = [
            ChangedFile(name, changed_lines(live.get(name, ""), opened.now.texts.get(name, "")))
            for name in names
        ]
        at_once = self._context.texts_checked_at_once
        differences = await in_turn_of(at_once, partial(self._differences, opened))
        verdict = await in_turn_of(at_once, partial(self._verdict, opened))
        review = await in_thread(review_of_form, self._context, opened, account)
        role = await in_thread(role_of, self._context, account)
        return opened.page(
            "changes.html",
            "changes",
            status=422 if wrong else 200,
            files=[file for file in files if file.lines],
            differences=differences,
            verdict=verdict,
            judged_at_once=JUDGED_AT_ONCE,
            now=opened.now,
            findings=opened.findings(),
            same_version=self._same_version(opened),
            errors={name: wrong.get(name, "") for name in (REASON, FROM)},
            typed={name: post.text(name) if post is not None else "" for name in (REASON, FROM)},
            problems=[{"text": text, "href": f"#{name}" if name else ""} for name, text in wrong.items()],
            review=review,
            may_change=role in MAY_CHANGE,
            alone=post is not None and post.text(DO) == ALONE,
        )

    def _moment(self, text: str) -> datetime | None:
        """The moment that was entered, in the service's own zone; None for at once. Raises ValueError."""
        if not text.strip():
            return None
        entered = datetime.fromisoformat(text.strip())
        if entered.tzinfo is not None or abs(entered.year - self._context.service.today().year) > 5:
            raise ValueError(text)
        return entered.replace(tzinfo=self._context.service.zone)

    def _differences(self, opened: StudioForm) -> list[tuple[str, list[str]]] | None:
        """The sentences by what they are about; None where one of the two texts is broken."""
        try:
            live = self._context.drafts.forms.current(opened.now.form)
        except DefinitionError:
            return None
        changed = opened.checked.form
        if live is None or changed is None:
            return None
        found = form_diff(live, changed)
        by = {each: [one.sentence for one in found if one.consequence == each] for each in CONSEQUENCES}
        return [(HEADINGS[each], sentences) for each, sentences in by.items() if sentences]

    def _verdict(self, opened: StudioForm) -> Verdict | None:
        """What the change would do to open drafts if they moved to it; None where it is broken, or there is none."""
        form = opened.checked.form
        if form is None or not opened.now.rev:
            return None
        context = self._context
        return judge_open_drafts(context.service, context.drafts, form, most=JUDGED_AT_ONCE)

    def _same_version(self, opened: StudioForm) -> str:
        """The version, where the change has the one that is published already; "" otherwise."""
        form = opened.checked.form
        if form is None or not opened.now.rev or form.digest == opened.now.base:
            return ""
        return form.version if form.version == live_version(self._context, opened.now.form) else ""
