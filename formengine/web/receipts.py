"""The receipt for what was sent, and the answers as a PDF, sent or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.form import Form
from formengine.packs.moments import moment_text
from formengine.paper.attached import Signature
from formengine.service.drafts import Draft
from formengine.service.submissions import Sent
from formengine.state import State
from formengine.web.file_pages import files_sent
from formengine.web.journey_conflicts import apply_held
from formengine.web.journey_doors import Doors
from formengine.web.shell import Shell
from formengine.web.visits import visit_of

# A PDF takes a processor for a good part of a second: so many at once, and pages go on being answered.
_PDFS_AT_ONCE = 2


def routes(shell: Shell) -> list[BaseRoute]:
    """The receipt, and the answers as a PDF."""
    doors, at_once = Doors(shell, apply_held), CapacityLimiter(_PDFS_AT_ONCE)

    async def receipt(request: Request) -> Response:
        sent = _sent(shell, request)
        if sent is not None:
            return _receipt_page(shell, request, sent)
        stand = await doors.open(request, "sent")
        return stand if isinstance(stand, Response) else stand.go("")

    async def create_pdf(request: Request) -> Response:
        stand = await doors.open(request, "create-pdf")
        if isinstance(stand, Response):
            return stand
        return shell.page(
            request,
            "create_pdf.html",
            title=shell.words.text("screens.create_pdf.title"),
            back_to=stand.last_place or "./",
            complete=shell.drafts.state(stand.draft).complete,
            audiences=stand.form.definition.audiences,
        )

    async def answers_pdf(request: Request) -> Response:
        sent = _sent(shell, request)
        if sent is not None:
            paper = _of_sent(shell, sent)
        else:
            stand = await doors.open(request, "answers-pdf")
            if isinstance(stand, Response):
                return stand
            paper = _of_draft(shell, stand.draft)
        audience = request.query_params.get("audience", "")
        if audience and audience not in paper.form.definition.audiences:
            raise HTTPException(404)
        content = await to_thread.run_sync(paper.draw, shell, audience, limiter=at_once)
        name = f"{paper.name}-{audience}.pdf" if audience else f"{paper.name}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/pdf", headers=headers)

    return [
        Route("/drafts/{draft}/sent", receipt),
        Route("/drafts/{draft}/create-pdf", create_pdf),
        Route("/drafts/{draft}/answers-pdf", answers_pdf),
    ]


def _sent(shell: Shell, request: Request) -> Sent | None:
    """What this person's draft became, None while it was not sent."""
    visit = visit_of(request)
    return shell.submissions.sent(request.path_params["draft"], account=visit.account, holder=visit.holder)


def _receipt_page(shell: Shell, request: Request, sent: Sent) -> Response:
    form, receipt = sent.definition, sent.receipt
    confirmation = form.definition.confirmation
    return shell.page(
        request,
        "receipt.html",
        title=confirmation.title or shell.words.text("pages.sent"),
        form_title=form.title,
        receipt=receipt,
        at=moment_text(receipt.submitted_at.astimezone(shell.core.zone), shell.words),
        text=confirmation.text,
        audiences=form.definition.audiences,
        files=files_sent(shell, receipt.draft, sent.envelope["answers"]),
    )


# --- the PDF ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paper:
    """What a PDF is made of. name: of its file, which says nothing about anybody; reference: "" for a draft."""

    name: str
    state: State
    at: datetime
    reference: str

    @property
    def form(self) -> Form:
        return self.state.form

    def draw(self, shell: Shell, audience: str) -> bytes:
        """The PDF's bytes; takes its time."""
        signer = shell.core.keys.signer
        written = shell.engine.pdf(
            self.state,
            author=shell.portal.council,
            at=self.at,
            reference=self.reference,
            audience=audience,
            sign=lambda data: Signature(*signer.sign(data)),
        )
        return written.content


def _of_sent(shell: Shell, sent: Sent) -> _Paper:
    receipt = sent.receipt
    at = receipt.submitted_at.astimezone(shell.core.zone)
    return _Paper(receipt.reference, sent.state, at, receipt.reference)


def _of_draft(shell: Shell, draft: Draft) -> _Paper:
    at = shell.core.clock().astimezone(shell.core.zone)
    return _Paper(f"{draft.form.id}-draft-{at:%Y-%m-%d}", shell.drafts.state(draft), at, "")
