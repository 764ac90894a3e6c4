"""Sending a form, the receipt for it, and its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from formengine.form import Form
from formengine.packs.moments import moment_text
from formengine.paper.attached import Signature
from formengine.service.drafts import Draft
from formengine.service.submissions import Sent
from formengine.state import State
from formengine.web.shell import Shell
from formengine.web.visits import client_of, ensure_session, visit_of
from formengine.web.work import in_thread

# A PDF takes a processor for a good part of a second: so many at once, and pages go on being answered.
_PDFS_AT_ONCE = 2


def routes(shell: Shell) -> list[BaseRoute]:
    """The receipt, and the answers as a PDF."""
    at_once = CapacityLimiter(_PDFS_AT_ONCE)

    async def sent(request: Request) -> Response:
        found = _sent(shell, request)
        if found is None:
            # Not sent yet, or nobody's here: the form's own first page knows what to say.
            return shell.go(request, f"/drafts/{_own_draft(shell, request).id}/")
        return _receipt_page(shell, request, found)

    async def create_pdf(request: Request) -> Response:
        found = _sent(shell, request)
        if found is not None:
            return shell.go(request, f"/drafts/{found.receipt.draft}/sent")
        draft = _own_draft(shell, request)
        state = shell.drafts.state(draft)
        return shell.page(
            request,
            "create_pdf.html",
            title=shell.words.text("screens.create_pdf.title"),
            back=f"./{draft.row.place}",
            draft=draft,
            complete=state.complete,
            audiences=draft.form.definition.audiences,
        )

    async def answers_pdf(request: Request) -> Response:
        found = _sent(shell, request)
        wanted = _of_sent(shell, found) if found is not None else _of_draft(shell, _own_draft(shell, request))
        audience = request.query_params.get("audience", "")
        if audience and audience not in wanted.form.definition.audiences:
            raise HTTPException(404)
        content = await to_thread.run_sync(wanted.draw, shell, audience, limiter=at_once)
        name = f"{wanted.name}-{audience}.pdf" if audience else f"{wanted.name}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/pdf", headers=headers)

    return [
        Route("/drafts/{draft}/sent", sent),
        Route("/drafts/{draft}/create-pdf", create_pdf),
        Route("/drafts/{draft}/answers-pdf", answers_pdf),
    ]


async def submit_draft(shell: Shell, request: Request, draft: Draft, *, rev: int | None = None) -> Response:
    """On to the receipt, once what was sent is kept; a submission is never refused for being one too many.

    rev: the revision of the page on which the person pressed the button, None for the draft's own. Raises what
    `Submissions.submit` does: the journey shows what is to be put right on its own pages.
    """
    visit = await ensure_session(request)
    if not visit.fact("human") and not await in_thread(_is_few, shell, visit.account, client_of(request)):
        assert visit.session is not None  # noqa: S101 - made above
        path = f"/drafts/{draft.id}/check-answers"
        await in_thread(shell.sessions.set_facts, visit.session, next=path)
        return shell.go(request, "/human-test")
    receipt = await in_thread(shell.submissions.submit, draft, rev=draft.rev if rev is None else rev)
    shell.background.wake("mail")
    return to_receipt(shell, request, receipt.draft)


def to_receipt(shell: Shell, request: Request, draft_id: str) -> RedirectResponse:
    """On to the receipt for a draft that was sent."""
    return shell.go(request, f"/drafts/{draft_id}/sent")


def _is_few(shell: Shell, account: str | None, client: str) -> bool:
    """Whether the account and the address have not sent so much that a program may be doing it."""
    by_address = shell.limits.allow("submit_ip", client)
    return (account is None or shell.limits.allow("submit_account", account)) and by_address


def _own_draft(shell: Shell, request: Request) -> Draft:
    """The open draft that was asked for; 404 where there is none of this person's."""
    visit = visit_of(request)
    draft = shell.drafts.open(request.path_params["draft"], account=visit.account, holder=visit.holder)
    if draft is None:
        raise HTTPException(404)
    return draft


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
