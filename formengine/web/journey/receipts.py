"""The receipt for what was sent, and the answers as a PDF, sent or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from anyio import CapacityLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.form.plan import Form
from formengine.form.state import State
from formengine.language.json_types import Json
from formengine.language.words.file_sizes import size_text
from formengine.language.words.moments import moment_text
from formengine.output.paper.record.attachments import AttachedFile, Signature
from formengine.service.drafts.drafts import Draft
from formengine.service.files.uploads import UploadedFile as KeptFile
from formengine.service.files.uploads import files_at
from formengine.service.submissions.submissions import Sent
from formengine.web.browser_session import browser_session_of
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread, in_turn_of
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.questions import question_on_receipt
from formengine.web.journey.timeline import progress_of
from formengine.web.journey.uploads import files_sent

# A PDF takes a processor for a good part of a second: with so many at once, pages are still answered.
_PDFS_AT_ONCE = 2
# More files than these are not put into a PDF: it could not be sent by e-mail, nor read back, and making it takes
# several times their size of memory.
MOST_EMBEDDED_BYTES = 20_000_000


def routes(context: AppContext) -> list[BaseRoute]:
    """The receipt, and the answers as a PDF."""
    access, at_once = DraftAccess(context), CapacityLimiter(_PDFS_AT_ONCE)

    async def receipt(request: Request) -> Response:
        sent = await in_thread(_sent, context, request)
        if sent is not None:
            return _receipt_page(context, request, sent)
        return (await access.open(request, "sent")).go("")

    async def create_pdf(request: Request) -> Response:
        draft_request = await access.open(request, "create-pdf")
        state = await draft_request.drawn(lambda: context.drafts.state(draft_request.draft))
        return context.page(
            request,
            "create_pdf.html",
            title=context.words.text("screens.create_pdf.title"),
            back_to=draft_request.last_step or "./",
            complete=state.complete,
            audiences=draft_request.form.definition.audiences,
            files_size=_files_size(context, draft_request.draft.id, state.answers),
        )

    async def answers_pdf(request: Request) -> Response:
        sent = await in_thread(_sent, context, request)
        if sent is not None:
            paper = _of_sent(context, sent)
        else:
            draft_request = await access.open(request, "answers-pdf")
            paper = await draft_request.drawn(lambda: _of_draft(context, draft_request.draft))
        audience, files = request.query_params.get("audience", ""), request.query_params.get("files", "")
        # A copy for others goes out of the house: files, which nobody checks, stay out of it.
        if (audience and (files or audience not in paper.form.definition.audiences)) or files not in {
            "",
            "yes",
        }:
            raise HTTPException(404)
        content = await in_turn_of(at_once, partial(paper.draw, context, audience, bool(files)))
        name = (
            "-".join(part for part in (paper.name, audience, "with-files" if files else "") if part) + ".pdf"
        )
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/pdf", headers=headers)

    return [
        Route("/drafts/{draft}/sent", receipt),
        Route("/drafts/{draft}/create-pdf", create_pdf),
        Route("/drafts/{draft}/answers-pdf", answers_pdf),
    ]


def _sent(context: AppContext, request: Request) -> Sent | None:
    """The submission that this person's draft became, None while it was not sent."""
    browser_session = browser_session_of(request)
    return context.submissions.sent(
        request.path_params["draft"], account=browser_session.account, holder=browser_session.holder
    )


def _receipt_page(context: AppContext, request: Request, sent: Sent) -> Response:
    form, receipt = sent.definition, sent.receipt
    confirmation = form.definition.confirmation
    question = question_on_receipt(context, request, receipt.submission)
    return context.page(
        request,
        "receipt.html",
        title=confirmation.title or context.words.text("pages.sent"),
        form_title=form.title,
        receipt=receipt,
        at=moment_text(receipt.submitted_at.astimezone(context.service.zone), context.words),
        text=confirmation.text,
        audiences=form.definition.audiences,
        files=files_sent(context, receipt.draft, sent.envelope["answers"]),
        files_size=_files_size(context, receipt.draft, sent.envelope["answers"]),
        progress=progress_of(context, receipt.submission),
        question=question,
        problems=[{"text": question["error"], "href": "#answer"}]
        if question and question.get("error")
        else (),
    )


# --- the PDF ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paper:
    """The contents of a PDF.

    name: of its file, which identifies nobody. draft: the id of that which the answers are or were of.
    reference: "" for a draft.
    """

    name: str
    draft: str
    state: State
    at: datetime
    reference: str

    @property
    def form(self) -> Form:
        return self.state.form

    def draw(self, context: AppContext, audience: str, with_files: bool) -> bytes:
        """The PDF's bytes; slow, so call it in a thread. with_files: it carries the files that people may have."""
        attachments = list(_attachments(context, self.draft, self.state.answers)) if with_files else []
        signer = context.service.keys.signer
        written = context.engine.pdf(
            self.state,
            author=context.portal.council,
            at=self.at,
            reference=self.reference,
            audience=audience,
            attachments=attachments,
            sign=lambda data: Signature(*signer.sign(data)),
        )
        return written.content


def _of_sent(context: AppContext, sent: Sent) -> _Paper:
    receipt = sent.receipt
    at = receipt.submitted_at.astimezone(context.service.zone)
    return _Paper(receipt.reference, receipt.draft, sent.state, at, receipt.reference)


def _of_draft(context: AppContext, draft: Draft) -> _Paper:
    at = context.service.clock().astimezone(context.service.zone)
    name = f"{draft.form.id}-draft-{at:%Y-%m-%d}"
    return _Paper(name, draft.id, context.drafts.state(draft), at, "")


def _embeddable(context: AppContext, draft_id: str, answers: Json) -> list[tuple[str, KeptFile]]:
    """The files a PDF of these answers may carry, each with its answer's path; none where they are too large together.

    Only what a scanner found clean: the PDF goes on to people who trust it because it comes from here.
    """
    there = {file.id: file for file in context.uploads.of_draft(draft_id)}
    named = [(path, there.get(str(each["id"]))) for path, each in files_at(answers)]
    found = [(path, file) for path, file in named if file is not None and file.check == "clean"]
    return found if sum(file.size_bytes for _, file in found) <= MOST_EMBEDDED_BYTES else []


def _attachments(context: AppContext, draft_id: str, answers: Json) -> Iterator[AttachedFile]:
    for path, file in _embeddable(context, draft_id, answers):
        try:
            content = context.uploads.content(draft_id, file.id)
        except LookupError:
            # Taken out in another window meanwhile: the PDF states that it is not inside.
            continue
        yield AttachedFile(path, file.name, file.media_type, content)


def _files_size(context: AppContext, draft_id: str, answers: Json) -> str:
    """How large the files are that a PDF of these answers may carry, in words; "" where there are none."""
    size_bytes = sum(file.size_bytes for _, file in _embeddable(context, draft_id, answers))
    return size_text(size_bytes, context.words) if size_bytes else ""
