"""Importing a PDF: a copy that somebody kept of their answers becomes a draft again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.fields.base import NOTHING
from formengine.output.paper.reading.contents import UnreadablePdfError
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.identity import person_of
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.import_pdf import MAX_BYTES, ImportedPdf, PartialCopyError, PdfImport
from formengine.web.addresses import PATHS, page_name
from formengine.web.browser_session import (
    BrowserSession,
    browser_session_of,
    client_of,
    ensure_session,
    remember,
)
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread, in_turn_of
from formengine.web.journey.start import first_step

_FILE = "pdf"
# Each is read by a process of its own that may take a gigabyte.
_PDFS_AT_ONCE = 1
# Of each kind of leftovers, how many are named, and how much of each is shown; the PDF has them all.
_NAMED = 100
_CHARACTERS = 1_000
# The fact that records which file this session has begun which draft from.
_CONTINUED = "continued"


def routes(context: AppContext) -> list[BaseRoute]:
    """The page that asks for the file and reports after a post what was imported."""
    if context.pdf_import is None:
        return []
    pages = _Pages(context, context.pdf_import)
    return [Route(PATHS["import_pdf"], pages.answer, methods=["GET", "POST"])]


class _Pages:
    def __init__(self, context: AppContext, pdf_import: PdfImport) -> None:
        self._context = context
        self._continuing = pdf_import
        self._at_once = CapacityLimiter(_PDFS_AT_ONCE)

    async def answer(self, request: Request) -> Response:
        """The page that asks for the file; posted, the result."""
        context, browser_session = self._context, browser_session_of(request)
        if not is_post(request):
            return self._ask(request)
        parts = [part for part in (await read_post(request)).files if part.field == _FILE and part.content]
        if not parts:
            return self._ask(request, context.words.text("screens.continue.no_file"))
        if len(parts[0].content) > MAX_BYTES:
            return self._ask(request, self._refusal(UnreadablePdfError("too_large")))
        few = await in_thread(context.limits.allow, "read_pdf", client_of(request))
        if not few and browser_session.account is None and not await context.passed_once(request):
            return await context.challenge(request, PageTarget("import_pdf"))
        read = partial(self._continuing.read, parts[0].content, self._facts(browser_session))
        try:
            found = await in_turn_of(self._at_once, read)
        except UnreadablePdfError as error:
            return self._ask(request, self._refusal(error))
        except PartialCopyError as error:
            return self._ask(request, context.words.text("screens.continue.audience", audience=error.title))
        return self._report(request, found, await self._draft(request, found))

    def _facts(self, browser_session: BrowserSession) -> Mapping[str, str]:
        """The person's details by name; empty before they have signed in."""
        if browser_session.account is None:
            return NOTHING
        with self._context.service.store.read() as tx:
            row = tx.accounts.get(browser_session.account)
        return person_of(self._context.service, row).facts() if row is not None else NOTHING

    async def _draft(self, request: Request, found: ImportedPdf) -> Draft:
        """The draft, the same one where the page with the same file is only posted again."""
        browser_session = await ensure_session(request)
        assert browser_session.session is not None  # noqa: S101 - made above
        mark, _, draft_id = browser_session.fact(_CONTINUED).partition(" ")
        if mark == found.mark:
            kept = self._context.drafts.open(
                draft_id, account=browser_session.account, holder=browser_session.holder
            )
            if kept is not None and kept.rev == 1 and kept.form == found.form:
                return kept
        draft = await in_thread(
            self._continuing.begin, found, account=browser_session.account, holder=browser_session.holder
        )
        await remember(request, **{_CONTINUED: f"{found.mark} {draft.id}"})
        return draft

    def _refusal(self, error: UnreadablePdfError) -> str:
        """Why a file is not read, as a sentence."""
        if error.reason == "too_large":
            return self._context.words.text("screens.continue.too_large", max_size_mb=MAX_BYTES // 1_000_000)
        if error.reason in {"no_form", "unknown_form", "nothing", "wrong_data"}:
            return self._context.words.text("screens.continue.not_ours")
        return error.words()

    def _ask(self, request: Request, error: str = "") -> Response:
        return self._context.page(
            request,
            "continue.html",
            status=422 if error else 200,
            title=self._context.words.text("screens.continue.title"),
            errors={_FILE: error},
            problems=[{"text": error, "href": f"#{_FILE}"}] if error else [],
            max_size_mb=MAX_BYTES // 1_000_000,
        )

    def _report(self, request: Request, found: ImportedPdf, draft: Draft) -> Response:
        """The report on what was imported and what was not; never a redirect, since the list is not stored."""
        context = self._context
        leftovers: dict[str, list[dict[str, str]]] = {}
        for each in found.leftovers:
            text = each.text if len(each.text) <= _CHARACTERS else f"{each.text[:_CHARACTERS]}…"
            question = each.question[:_CHARACTERS]
            leftovers.setdefault(each.why, []).append({"page": each.page, "question": question, "text": text})
        urgent = draft.row.urgent and context.portal.urgent_advice is not None
        first = first_step(found.form) or page_name(found.form.pages[0].id)
        return context.page(
            request,
            "continued.html",
            title=context.words.text("screens.continue.done"),
            form_title=found.form.title,
            draft=draft.id,
            go_on="call-first" if urgent else first,
            standing=found.standing,
            reference=found.reference,
            other_version=found.other_version,
            leftovers={why: each[:_NAMED] for why, each in leftovers.items()},
            more={why: len(each) - _NAMED for why, each in leftovers.items() if len(each) > _NAMED},
        )
