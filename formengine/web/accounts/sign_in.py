"""Signing in in two steps, forgotten passwords, and signing out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.service.accounts.authentication import Passed, Refused
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.recovery_codes import normal_code
from formengine.service.accounts.user_agents import browser_facts
from formengine.service.logging import log
from formengine.web.accounts.common import (
    EMAIL_ENTRY,
    PAGE_OF,
    code_error,
    code_fault,
    due,
    go_on,
    new_password_errors,
    page,
    wait_text,
)
from formengine.web.accounts.entries import read_entries
from formengine.web.addresses import PATHS
from formengine.web.browser_session import (
    asker_of,
    browser_session_of,
    without_session,
)
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread


def routes(context: AppContext) -> list[BaseRoute]:
    """Signing in, codes, a forgotten password, signing out."""
    pages = _Pages(context)
    both = ["GET", "POST"]
    return [
        Route(PATHS["sign_in"], pages.sign_in, methods=both),
        Route("/account/code", pages.code, methods=both),
        Route("/account/register/code", pages.code, methods=both),
        Route("/account/recovery-code", pages.recovery_code, methods=both),
        Route(PATHS["forgotten"], pages.forgotten, methods=both),
        Route("/account/reset", pages.reset, methods=both),
        Route("/account/sign-out", pages.sign_out, methods=both),
        Route("/account/signed-out", pages.signed_out),
    ]


class _Pages:
    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._words = context.words

    # --- the first step -------------------------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        """Email and password, with the way to registering."""
        if browser_session_of(request).account is not None:
            return self._context.go(request, "/account")
        if not is_post(request):
            return self._sign_in_page(request)
        post = await read_post(request)
        entered = read_entries(post, [EMAIL_ENTRY], self._words)
        errors = dict(entered.errors)
        if not post.text("password"):
            errors["password"] = self._words.text("screens.account.enter_password")
        if errors:
            return self._sign_in_page(request, post, errors=errors)
        asker, email = asker_of(request), entered.values["email"]
        # Whoever is in the way on this network stops nobody who shows that they are human, each time.
        if (
            not await in_thread(self._may_try, asker.network)
            and not await in_thread(self._context.authentication.knows, email, asker)
            and not await self._context.passed_once(request)
        ):
            return await self._context.challenge(request, PageTarget("sign_in"))
        done = await in_thread(
            self._context.authentication.sign_in,
            browser_session_of(request).token,
            email,
            post.text("password"),
            asker,
        )
        if isinstance(done, Passed):
            return await go_on(self._context, request, done)
        message = self._words.text(
            f"screens.account.{done.why}", time=wait_text(self._words, done.wait_s or 1)
        )
        status = 422 if done.why == "wrong" else 429
        return self._sign_in_page(request, post, errors={"email": message}, status=status)

    def _may_try(self, client: str) -> bool:
        """Whether this IP address may try once more; too many from everywhere raise an alarm, never a refusal."""
        if not self._context.limits.allow("sign_in_all", ""):
            log.warning("sign_in_flood", limit="sign_in_all")
        return self._context.limits.allow("sign_in_ip", client)

    def _sign_in_page(
        self,
        request: Request,
        post: Post | None = None,
        *,
        errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        sign_in = self._context.portal.sign_in
        return page(
            self._context,
            request,
            "account/sign_in.html",
            sign_in.password_title
            if sign_in is not None
            else self._words.text("screens.account.sign_in.title"),
            errors=errors,
            status=status,
            values={"email": post.text("email") if post is not None else ""},
        )

    # --- the code -------------------------------------------------------------------------------------------------

    async def code(self, request: Request) -> Response:
        """The code that was e-mailed, or the app's: the second step of signing in, registering and resetting."""
        step = due(self._context, request)
        if step is None:
            return self._context.go(
                request, "/account" if browser_session_of(request).account else "/account/sign-in"
            )
        if step == "choose":
            return self._context.go(request, PAGE_OF[step])
        if not is_post(request):
            return self._code_page(request, sent="sent" in request.query_params)
        post = await read_post(request)
        token = browser_session_of(request).token
        if post.action == "new_code":
            refused = await in_thread(self._context.authentication.new_code, token, asker_of(request))
            self._context.background.wake("mail")
            if refused is None:
                return self._context.go(request, f"{PAGE_OF[step]}?sent=1")
            return self._code_page(request, error=code_error(self._words, refused, step), status=429)
        fault = code_fault(self._words, post.text("code"))
        if fault:
            return self._code_page(request, post, error=fault)
        browser = browser_facts(request.headers.get("user-agent", ""))
        done = await in_thread(
            self._context.authentication.enter_code,
            token,
            post.text("code"),
            browser=browser,
            asker=asker_of(request),
        )
        if isinstance(done, Refused):
            return self._code_page(request, error=code_error(self._words, done, step))
        return await go_on(
            self._context, request, done, "/account/register/done" if step == "register" else ""
        )

    def _code_page(
        self,
        request: Request,
        post: Post | None = None,
        *,
        error: str = "",
        status: int = 200,
        sent: bool = False,
    ) -> Response:
        step = due(self._context, request)
        titles = {
            "app": "screens.account.code.app_title",
            "register": "screens.account.register.code_title",
            "reset": "screens.account.forgotten.code_title",
        }
        sign_in = self._context.portal.sign_in
        title = self._words.text(titles.get(step or "", "screens.account.code.title"))
        return page(
            self._context,
            request,
            "account/code.html",
            sign_in.code_title if sign_in is not None and step == "sign_in" else title,
            errors={"code": error} if error else None,
            status=status,
            step=step,
            sent=sent,
            values={"code": post.text("code") if post is not None else ""},
        )

    async def recovery_code(self, request: Request) -> Response:
        """A recovery code in place of the app's."""
        if due(self._context, request) != "app":
            return self._context.go(request, "/account/code")
        if not is_post(request):
            return self._recovery_page(request)
        typed = (await read_post(request)).text("recovery_code")
        if normal_code(typed) is None:
            slip = "shape" if typed.strip() else "enter"
            return self._recovery_page(request, slip, typed)
        done = await in_thread(
            self._context.authentication.enter_code,
            browser_session_of(request).token,
            typed,
            browser=browser_facts(request.headers.get("user-agent", "")),
            recovery=True,
            asker=asker_of(request),
        )
        if isinstance(done, Refused):
            return self._recovery_page(request, "wrong" if done.why == "wrong" else "burnt")
        return await go_on(self._context, request, done)

    def _recovery_page(self, request: Request, why: str = "", typed: str = "") -> Response:
        said = {"burnt": "screens.account.burnt_app"}.get(why, f"screens.account.recovery.{why}")
        return page(
            self._context,
            request,
            "account/recovery_code.html",
            self._words.text("screens.account.recovery.title"),
            errors={"recovery_code": self._words.text(said)} if why else None,
            values={"recovery_code": typed},
        )

    # --- a forgotten password -------------------------------------------------------------------------------------

    async def forgotten(self, request: Request) -> Response:
        """The address to which a code is sent."""
        title = self._words.text("screens.account.forgotten.title")
        if not is_post(request):
            return page(self._context, request, "account/forgotten.html", title)
        post = await read_post(request)
        entered = read_entries(post, [EMAIL_ENTRY], self._words)
        errors, status = dict(entered.errors), 422
        if (
            not errors
            and not await self._may_ask(request, entered.values["email"])
            and not await self._context.passed_once(request)
        ):
            return await self._context.challenge(request, PageTarget("forgotten"))
        if not errors:
            token, email = browser_session_of(request).token, entered.values["email"]
            done = await in_thread(self._context.authentication.forgotten, token, email, asker_of(request))
            return await go_on(self._context, request, done)
        return page(
            self._context,
            request,
            "account/forgotten.html",
            title,
            errors=errors,
            status=status,
            values=entered.typed,
        )

    async def _may_ask(self, request: Request, email: str) -> bool:
        """Whether a code may be asked for once more on this network, or in this browser, which the account knows."""
        asker = asker_of(request)
        few = await in_thread(self._context.limits.allow, "forgotten_ip", asker.network)
        return few or await in_thread(self._context.authentication.knows, email, asker)

    async def reset(self, request: Request) -> Response:
        """The new password, after the code was right."""
        browser_session = browser_session_of(request)
        if browser_session.session is None or due(self._context, request) != "choose":
            return self._context.go(request, "/account/forgotten")
        title = self._words.text("screens.account.choose.title")
        person = self._context.authentication.known_to(browser_session.session)
        template, whose = "account/reset.html", person.email
        if not is_post(request):
            return page(self._context, request, template, title, whose_email=whose)
        post = await read_post(request)
        errors = await in_thread(new_password_errors, self._words, post, (person.full_name, person.email))
        if errors:
            return page(self._context, request, template, title, errors=errors, whose_email=whose)
        done = await in_thread(
            self._context.authentication.choose_password,
            browser_session.token,
            post.text("new_password"),
            browser=browser_facts(request.headers.get("user-agent", "")),
            asker=asker_of(request),
        )
        if isinstance(done, Refused):
            again = "/account/forgotten"
            if done.why == "gone":
                return self._context.go(request, again)
            said = {"new_password": self._words.text("screens.account.too_many_tries")}
            return page(self._context, request, template, title, errors=said, status=429, whose_email=whose)
        return await go_on(self._context, request, done)

    # --- the end --------------------------------------------------------------------------------------------------

    async def sign_out(self, request: Request) -> Response:
        """Ask, then end the session and clear what the browser stored."""
        if not is_post(request):
            title = self._words.text("screens.account.sign_out.title")
            return page(self._context, request, "account/sign_out.html", title)
        await in_thread(self._context.sessions.end, browser_session_of(request).token)
        return without_session(request, self._context.go(request, "/account/signed-out"))

    async def signed_out(self, request: Request) -> Response:
        """The page after signing out."""
        title = self._words.text("screens.account.sign_out.done_title")
        return page(self._context, request, "account/signed_out.html", title)
