"""What the pages around accounts share: their errors in words, their responses, and where to go on."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from formengine.language.fields.email import EMAIL
from formengine.language.words import Wording
from formengine.service.accounts.authentication import Passed, Refused, SignInStep
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.email_codes import DIGITS, LASTING_DIGITS
from formengine.service.accounts.passwords import problem_of
from formengine.web.accounts.entries import EntryField
from formengine.web.addresses import path_of
from formengine.web.browser_session import (
    asker_of,
    browser_session_of,
    hold_session,
    know_browser,
    remember,
)
from formengine.web.context import AppContext
from formengine.web.http.posts import Post
from formengine.web.http.threads import in_thread

EMAIL_ENTRY: Final = EntryField("email", EMAIL, "screens.account.names.email")
# Where a session that waits for something goes on, by its step.
PAGE_OF: Final[Mapping[SignInStep, str]] = {
    "sign_in": "/account/code",
    "app": "/account/code",
    "register": "/account/register/code",
    "reset": "/account/code",
    "choose": "/account/reset",
}
_FIRST: Final = ("first_name", "email", "new_email", "password", "current", "new_password", "confirm", "code")


def problems_of(errors: Mapping[str, str], order: Sequence[str] = ()) -> list[dict[str, str]]:
    """The lines of the error summary for errors by the box's name, in the order of the page."""
    known = {name: turn for turn, name in enumerate(order or _FIRST)}
    names = sorted(errors, key=lambda name: known.get(name, len(known)))
    return [{"text": errors[name], "href": f"#{name}"} for name in names]


def page(
    context: AppContext,
    request: Request,
    template: str,
    title: str,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    values: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    **more: object,
) -> Response:
    """The screen ``screens/<template>``; with errors its status is 422 unless `status` is given.

    order: the names of the boxes in the order of the page, for the error summary.
    """
    wrong = errors or {}
    return context.page(
        request,
        template,
        status=422 if wrong and status == 200 else status,
        title=title,
        # A box that was not filled in is empty, one without an error has none.
        errors=defaultdict(str, wrong),
        values=defaultdict(str, values or {}),
        problems=problems_of(wrong, order),
        **more,
    )


def wait_text(words: Wording, wait_s: int) -> str:
    """``45 seconds``, ``8 minutes``."""
    if wait_s < 60:
        return words.text("screens.account.seconds", number=wait_s)
    return words.text("screens.account.minutes", number=math.ceil(wait_s / 60))


def code_error(words: Wording, refused: Refused, step: SignInStep | None = None) -> str:
    """Why a code did not work, in words."""
    say = "screens.account."
    if refused.why == "wait":
        return words.text(f"{say}wait_code", time=wait_text(words, refused.wait_s))
    if step == "app":
        app = {"wrong": "wrong_app_code", "wrong_code": "wrong_app_code", "too_many": "too_many_tries"}
        return words.text(say + app.get(refused.why, "burnt_app"))
    return words.text(f"{say}{'wrong_code' if refused.why == 'wrong' else refused.why}")


def password_error(words: Wording, refused: Refused) -> str:
    """Why a password did not work, where somebody is signed in and enters it again."""
    if refused.why == "wait":
        return words.text("screens.account.wait", time=wait_text(words, refused.wait_s))
    return words.text("screens.account.wrong_password")


def code_fault(words: Wording, typed: str) -> str:
    """What is wrong with a code as it was typed, "" where it may be one; such a slip costs no attempt."""
    figures = [sign for sign in typed if not sign.isspace() and sign not in "-\u2010\u2011\u2012\u2013\u2014"]
    if not figures:
        return words.text("screens.account.enter_code")
    if len(figures) not in {DIGITS, LASTING_DIGITS} or any(sign not in "0123456789" for sign in figures):
        # Nearer to the longer kind.
        lasting = len(figures) > (DIGITS + LASTING_DIGITS) // 2
        return words.text(f"screens.account.code_shape{'_lasting' if lasting else ''}")
    return ""


def new_password_errors(words: Wording, post: Post, about: Iterable[str]) -> dict[str, str]:
    """What is wrong with a new password and its repetition, by the box's name."""
    password, again = post.text("new_password"), post.text("confirm")
    if not password:
        return {"new_password": words.text("screens.account.problem.no_password")}
    problem = problem_of(password, about)
    if problem is not None:
        return {"new_password": words.text(f"screens.account.problem.{problem}")}
    return {} if password == again else {"confirm": words.text("screens.account.problem.different")}


async def go_on(context: AppContext, request: Request, passed: Passed, to: str = "") -> Response:
    """The next page, in the new session: `to`, or what the session waits for, or where the person was going."""
    context.background.wake("mail")
    browser_session = hold_session(request, passed.token)
    if passed.step is not None:
        path = to or PAGE_OF[passed.step]
    else:
        on = await path_on(context, request, browser_session.destination())
        path = to or on
    response = context.go(request, path)
    await make_known(context, request, response, passed)
    return response


async def make_known(context: AppContext, request: Request, response: Response, passed: Passed) -> None:
    """Let the response make the browser known to the account for which the step has shown enough, if to any."""
    if passed.known:
        cookie = await in_thread(context.authentication.known_cookie, passed.known, asker_of(request))
        if cookie is not None:
            know_browser(request, response, cookie)


async def path_on(context: AppContext, request: Request, destination: PageTarget | None) -> str:
    """Where somebody goes on who was let in by this post: the destination, after all that waited for them is saved."""
    landed = await context.arrived(request)
    if destination is None and landed:
        # Nobody knows any more where the person was going, but for what they typed too late, which may have to be
        # decided about.
        return list(landed.values())[-1]
    return (landed.get(destination.draft) if destination is not None else None) or path_of(destination)


async def to_sign_in(context: AppContext, request: Request, back: PageTarget) -> Response:
    """Redirect to signing in, from where the person comes back to `back`."""
    await remember(request, **back.facts())
    return context.go(request, "/account/sign-in")


def due(context: AppContext, request: Request) -> SignInStep | None:
    """The step that this browser's session waits for, None where it waits for none."""
    return context.authentication.due(browser_session_of(request).session)
