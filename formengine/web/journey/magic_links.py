"""Magic links, for saving without an account: an e-mailed link leads back to the draft, in any browser."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.fields.base import FieldSettings, Posted
from formengine.language.fields.email import EMAIL
from formengine.language.words.moments import day_text
from formengine.service.accounts.destinations import PageTarget
from formengine.service.drafts.drafts import KEPT_FOR, Draft, DraftSummary
from formengine.service.drafts.link_words import problem_of_word
from formengine.web.addresses import address_of_kept
from formengine.web.browser_session import browser_session_of, client_of, ensure_session, hold_session
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread

_NO_ERRORS: Mapping[str, str] = MappingProxyType({})
_SETTINGS = FieldSettings(id="email", label="")


def routes(context: AppContext) -> list[BaseRoute]:
    """The pages to request the link and to open it."""

    async def ask(request: Request) -> Response:
        draft = _visitors_draft(context, request)
        if not is_post(request):
            return _ask_page(context, request, draft)
        post = await read_post(request)
        typed, word = post.text("email").strip(), post.text("word")
        to, errors = _judged(typed, word)
        if errors:
            return _ask_page(context, request, draft, typed=typed, word=word, errors=errors, status=422)
        few = await in_thread(
            context.limits.allow_each,
            ("link_ip", client_of(request)),
            ("link_session", draft.row.holder or ""),
        )
        if not few and not await context.passed_once(request):
            return await context.challenge(request, PageTarget("save_for_later", draft.id))
        if not await in_thread(context.magic_links.send, draft, to, word):
            errors = {"email": "too_many"}
            return _ask_page(context, request, draft, typed=typed, word=word, errors=errors, status=429)
        context.background.wake("mail")
        return context.go(request, f"/drafts/{draft.id}/link-sent")

    async def sent(request: Request) -> Response:
        draft = _visitors_draft(context, request)
        until = (draft.row.saved_at + KEPT_FOR).astimezone(context.service.zone)
        return context.page(
            request,
            "link_sent.html",
            title=context.words.text("screens.link.sent_title"),
            until=day_text(until, context.words),
            return_to=address_of_kept(draft.row.step) or "./",
        )

    async def resume(request: Request) -> Response:
        token = request.path_params["token"]
        found = context.magic_links.find(token)
        if found is None:
            title = context.words.text("screens.link.over_title")
            return context.page(request, "link_over.html", title=title, status=404)
        if not is_post(request):
            return _resume_page(context, request, found)
        verdict = await in_thread(
            context.magic_links.try_word,
            token,
            (await read_post(request)).text("word"),
            holder=_holder(context, request),
            client=client_of(request),
        )
        if verdict == "wrong":
            return _resume_page(context, request, found, error="wrong_word", status=422)
        if verdict == "wait":
            return _resume_page(context, request, found, error="wait_word", status=429)
        return await _open(context, request, token)

    return [
        Route("/drafts/{draft}/save-by-email", ask, methods=["GET", "POST"]),
        Route("/drafts/{draft}/link-sent", sent),
        Route("/resume/{token}", resume, methods=["GET", "POST"]),
    ]


def _judged(typed: str, word: str) -> tuple[str, dict[str, str]]:
    """The e-mail address that was typed, and what is wrong with it and with the word, by the input's name."""
    found, errors = EMAIL.decode(Posted({"": (typed,)}), _SETTINGS), {}
    if found.value is None or found.problem is not None:
        errors["email"] = "bad_email" if typed else "no_email"
    problem = problem_of_word(word, typed)
    if problem is not None:
        errors["word"] = str(problem)
    return str(found.value), errors


async def _open(context: AppContext, request: Request, token: str) -> Response:
    """Redirect to the draft, in a session with a new token: a planted one would open the draft to somebody else."""
    browser_session = await ensure_session(request)
    new_token, session = await in_thread(context.sessions.change_token, browser_session.token)
    draft_id = await in_thread(context.magic_links.open, token, session.token_hash)
    hold_session(request, new_token)
    if draft_id is None:
        return context.go(request, "/hub")
    landed = await context.arrived(request)
    return context.go(request, landed.get(draft_id) or f"/drafts/{draft_id}/")


def _visitors_draft(context: AppContext, request: Request) -> Draft:
    """The visitor's open draft of a form that anyone may fill in; 404 where there is none."""
    browser_session = browser_session_of(request)
    draft = context.drafts.open(
        request.path_params["draft"], account=browser_session.account, holder=browser_session.holder
    )
    if draft is None or draft.row.account is not None or not draft.form.definition.access.anyone:
        raise HTTPException(404)
    return draft


def _holder(context: AppContext, request: Request) -> str | None:
    """The session that this browser's drafts belong to, for a day after it has ended as well."""
    browser_session = browser_session_of(request)
    ended = context.sessions.ended(browser_session.token) if browser_session.session is None else None
    return ended.token_hash if ended is not None else browser_session.holder


def _resume_page(
    context: AppContext, request: Request, found: DraftSummary, *, error: str = "", status: int = 200
) -> Response:
    holder = _holder(context, request)
    problem = context.words.text(f"screens.link.{error}") if error else ""
    return context.page(
        request,
        "resume.html",
        status=status,
        title=context.words.text("screens.link.resume_title"),
        form_title=found.title,
        saved=day_text(found.saved_at.astimezone(context.service.zone), context.words),
        asks_word=context.magic_links.asks_word(request.path_params["token"], holder),
        errors={"word": problem},
        problems=[{"text": problem, "href": "#word"}] if problem else [],
    )


def _ask_page(
    context: AppContext,
    request: Request,
    draft: Draft,
    *,
    typed: str = "",
    word: str = "",
    errors: Mapping[str, str] = _NO_ERRORS,
    status: int = 200,
) -> Response:
    said = {name: context.words.text(f"screens.link.{error}") for name, error in errors.items()}
    return context.page(
        request,
        "link_ask.html",
        status=status,
        title=context.words.text("screens.link.title"),
        values={"email": typed, "word": word},
        errors={"email": "", "word": "", **said},
        problems=[{"text": text, "href": f"#{name}"} for name, text in said.items()],
        return_to=address_of_kept(draft.row.step) or "./",
    )
