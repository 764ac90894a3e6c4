"""What every page of the studio has: its form, its tabs, its findings and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from formengine.engine import CheckedTexts
from formengine.language.diagnostics import DefinitionError, Diagnostic
from formengine.language.words.moments import moment_text
from formengine.service.studio.publishing import OPERATOR, SYSTEM
from formengine.service.studio.working_copies import FormTexts
from formengine.web.browser_session import root_of
from formengine.web.context import AppContext
from formengine.web.http.threads import in_turn_of

TABS: Final = ("outline", "text", "names", "changes", "review", "history")
# More findings than this nobody reads at once.
_MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding as a page shows it. text: its line. href: where that line is, on this page or another."""

    severity: str
    code: str
    file: str
    line: int
    column: int
    message: str
    help: str
    text: str
    href: str


@dataclass(frozen=True)
class StudioForm:
    """A form in the studio with all that its pages show."""

    context: AppContext
    request: Request
    now: FormTexts
    checked_texts: Mapping[str, str]

    @cached_property
    def checked(self) -> CheckedTexts:
        """What the texts make; takes some milliseconds when it is first asked for."""
        return self.context.engine.check_texts(self.checked_texts)

    @property
    def way(self) -> str:
        """The address of the form's pages."""
        return f"{root_of(self.request)}/studio/forms/{self.now.form}"

    @property
    def title(self) -> str:
        """The form's title; its id while the text has none that can be read."""
        return self.checked.form.title if self.checked.form is not None else self.now.form

    @property
    def errors(self) -> int:
        """How many findings stop the form from being published."""
        return sum(1 for each in self.checked.findings if each.severity == "error")

    def findings(self, shown_file: str = "") -> list[ShownFinding]:
        """The findings, in file order, at most as many as anybody reads. shown_file: the file that the page has."""
        return [self._finding(each, shown_file) for each in self.checked.findings[:_MOST_SHOWN]]

    def _finding(self, found: Diagnostic, shown_file: str) -> ShownFinding:
        file, line = found.span.source.name, found.span.line
        there = f"#line-{line}"
        return ShownFinding(
            found.severity,
            found.code,
            file,
            line,
            found.span.column,
            found.message,
            found.help,
            found.span.source.line(line),
            there if file == shown_file else f"{self.way}/text?file={file}{there}",
        )

    def page(
        self,
        template: str,
        tab: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response:
        """The screen ``screens/studio/<template>`` of this form."""
        words = self.context.words
        answer = self.context.page(
            self.request,
            f"studio/{template}",
            title=words.text(f"screens.studio.{tab}.title", form=self.title),
            status=status,
            form_id=self.now.form,
            form_title=self.title,
            way=self.way,
            tabs=[
                (words.text(f"screens.studio.{each}.tab"), f"{self.way}/{each}", each == tab) for each in TABS
            ],
            state=self.state(),
            error_count=self.errors,
            **values,
        )
        answer.headers.update(headers or {})
        return answer

    def state(self) -> str:
        """One line: what is live, and what is being changed by whom."""
        words, now = self.context.words, self.now
        live = (
            words.text("screens.studio.published_as", number=now.live)
            if now.live
            else words.text("screens.studio.from_file")
        )
        if now.to_come is not None:
            to_come = words.text("screens.studio.to_come", number=now.number, at=self.moment(now.to_come))
            live = f"{live} {to_come}"
        if not now.rev or now.saved_at is None:
            return live
        saved = words.text("screens.studio.saved", who=now.who, at=self.moment(now.saved_at))
        return f"{live} {saved}"

    def moment(self, at: datetime) -> str:
        """``22 November 2026 at 14:05``."""
        return moment_text(at.astimezone(self.context.service.zone), self.context.words)


async def form_of(
    context: AppContext, request: Request, changed: Mapping[str, str] | None = None, *, check: bool = True
) -> StudioForm:
    """The form that the address names, its texts checked. changed: texts to check in place of those saved.

    check: whether they are checked here, one form at a time, or where they are first looked at.

    Raises HTTPException (404) where there is no such form.
    """

    def read() -> StudioForm:
        now = context.working_copies.now(request.path_params["form"])
        if now is None:
            raise HTTPException(404)
        texts = {**now.texts, **(changed or {})}
        opened = StudioForm(context, request, now, texts)
        if check:
            opened.checked  # noqa: B018 - is kept when it is first asked for
        return opened

    return await in_turn_of(context.texts_checked_at_once, read)


def live_version(context: AppContext, form_id: str) -> str:
    """The version that is filled in; "" where the form's file is broken and nothing was published."""
    try:
        form = context.drafts.forms.current(form_id)
    except DefinitionError:
        return ""
    return form.version if form is not None else ""


def shown_name(context: AppContext, account: str, name: str) -> str:
    """Who did something, for a page: the person's name, or what stands for nobody's."""
    if account in {OPERATOR, SYSTEM}:
        return context.words.text(f"screens.studio.{account}")
    return name or context.words.text("screens.studio.gone")
