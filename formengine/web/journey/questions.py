"""Answering a question about a form that was sent; the question stands on its receipt."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.words.moments import moment_text
from formengine.service.accounts.destinations import PageTarget
from formengine.service.cases.cases import CaseRecord
from formengine.service.cases.questions import MOST_SIGNS
from formengine.web.browser_session import browser_session_of, remember, token_of
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread

ANSWER = "answer"


def routes(context: AppContext) -> list[BaseRoute]:
    """Where an answer is posted."""

    async def answer(request: Request) -> Response:
        draft, browser_session = request.path_params["draft"], browser_session_of(request)
        text = (await read_post(request)).text(ANSWER)
        receipt = context.submissions.receipt(
            draft, account=browser_session.account, holder=browser_session.holder
        )
        if receipt is None:
            if not await in_thread(_kept_late, context, token_of(request), draft, text):
                raise HTTPException(404)
            await remember(request, **PageTarget("sent", draft).facts())
            return context.go(request, "/account/sign-in")
        case = context.cases.of_submission(receipt.submission)
        if case is None:
            raise HTTPException(404)
        here = f"/drafts/{draft}/sent"
        if not text.strip() or len(text.strip()) > MOST_SIGNS:
            if browser_session.account is not None:
                await in_thread(
                    context.questions.keep_begun, case, browser_session.account, text[: 2 * MOST_SIGNS]
                )
            elif text.strip():
                # Nothing is kept for a visitor: the error's page shows what they typed.
                raise HTTPException(413)
            return context.go(request, f"{here}?answer={'none' if not text.strip() else 'long'}#question")
        if not await in_thread(_has_room, context, case):
            raise HTTPException(429)
        actor = browser_session.account or "visitor"
        became = await in_thread(lambda: context.questions.answer(case, text, actor=actor))
        return context.go(request, f"{here}?answer={became}#main-content")

    return [Route("/drafts/{draft}/answer-question", answer, methods=["POST"])]


def _has_room(context: AppContext, case: CaseRecord) -> bool:
    """Whether one more text may be kept in the case: an answer to a question that waits always, others within a budget.

    Staff ask the questions; what comes without one is bounded by nothing else.
    """
    if context.questions.open_in(case) is not None:
        return True
    return context.limits.allow("case_addition", case.row.submission)


def _kept_late(context: AppContext, token: str, draft: str, text: str) -> bool:
    """Keep an answer that came after its session had ended, for its owner; whether it was one."""
    ended = context.sessions.ended(token)
    account = ended.account if ended is not None and ended.stage == "signed_in" else None
    receipt = (
        context.submissions.receipt(draft, account=account, holder=None) if account is not None else None
    )
    case = context.cases.of_submission(receipt.submission) if receipt is not None else None
    if case is None or account is None:
        return False
    context.questions.keep_begun(case, account, text[: 2 * MOST_SIGNS])
    return True


def question_on_receipt(context: AppContext, request: Request, submission: str) -> dict[str, object] | None:
    """The question for the receipt: its text, until when, what was begun, and what is wrong; None without one."""
    case = context.cases.of_submission(submission)
    if case is None:
        return None
    said = request.query_params.get("answer", "")
    found = context.questions.open_in(case, browser_session_of(request).account)
    if found is None:
        return {"text": "", "said": said} if said in {"answered", "added"} else None
    error = (
        context.words.text(f"screens.question.{said}", most=MOST_SIGNS) if said in {"none", "long"} else ""
    )
    return {
        "text": found.text,
        "until": moment_text(found.due_at.astimezone(context.service.zone), context.words),
        "begun": found.begun,
        "error": error,
        "said": "",
    }
