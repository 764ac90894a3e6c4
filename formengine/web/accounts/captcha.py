"""The captcha: a puzzle for the browser, and a code by e-mail where it runs no scripts."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.service.accounts.authentication import Refused
from formengine.service.accounts.captcha import PASSED, Captcha
from formengine.service.accounts.destinations import NOWHERE
from formengine.store.rows import SessionRow
from formengine.web.accounts.common import EMAIL_ENTRY, code_error, code_fault, page, path_on
from formengine.web.accounts.entries import read_entries
from formengine.web.addresses import path_of
from formengine.web.browser_session import (
    BrowserSession,
    browser_session_of,
    client_of,
    ensure_session,
    look_again,
    remember,
)
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread

# The box that people do not see and programs fill in; its name promises something worth filling in.
TRAP = "website"


def routes(context: AppContext) -> list[BaseRoute]:
    """The captcha, and the code for those whose browsers cannot solve it."""
    pages = _Pages(context, context.captcha)
    return [
        Route("/human-test", pages.test, methods=["GET", "POST"]),
        Route("/human-test/code", pages.code, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True)
class _Pages:
    context: AppContext
    captcha: Captcha

    async def test(self, request: Request) -> Response:
        """The page with the puzzle and the way without it; posted, the verdict."""
        browser_session = browser_session_of(request)
        if browser_session.fact(PASSED):
            return await self._go_on(request, browser_session)
        if not is_post(request):
            return await self._test_page(request)
        post = await read_post(request)
        if post.action == "email":
            return await self._send_code(request)
        # Judged by the token that this browser had before it got a session.
        fault = await in_thread(
            self.captcha.fault, browser_session.csrf, post.text("solution"), post.text(TRAP)
        )
        if fault is not None:
            key = {"late": "late", "used": "used"}.get(fault, "try_again")
            message = self.context.words.text(f"screens.human.{key}")
            return await self._test_page(request, errors={"start": message}, status=422)
        browser_session = await ensure_session(request)
        assert browser_session.session is not None  # noqa: S101 - made above
        await in_thread(self.captcha.passed, browser_session.session)
        return await self._go_on(request, browser_session)

    async def _test_page(
        self,
        request: Request,
        *,
        errors: dict[str, str] | None = None,
        status: int = 200,
        typed: str = "",
    ) -> Response:
        human_test = self.context.portal.human_test
        words = self.context.words
        return page(
            self.context,
            request,
            "human/test.html",
            human_test.title if human_test is not None else words.text("screens.human.title"),
            errors=errors,
            status=status,
            values={"email": typed},
            puzzle=await in_thread(self.captcha.puzzle, browser_session_of(request).csrf),
            trap=TRAP,
        )

    async def _send_code(self, request: Request) -> Response:
        """On to the page for the code; an IP address that many people share is slowed, not refused for good."""
        post = await read_post(request)
        entered = read_entries(post, [EMAIL_ENTRY], self.context.words)
        errors, status = dict(entered.errors), 422
        if post.text(TRAP):
            errors = {"email": self.context.words.text("screens.human.try_again")}
        elif not errors and not await in_thread(
            self.context.limits.allow, "human_code_ip", client_of(request)
        ):
            errors, status = {"email": self.context.words.text("screens.account.busy")}, 429
        if not errors:
            browser_session = await ensure_session(request)
            assert browser_session.session is not None  # noqa: S101 - made above
            refused = await in_thread(
                self.captcha.send_code, browser_session.session, entered.values["email"]
            )
            if refused is None:
                self.context.background.wake("mail")
                return self.context.go(request, "/human-test/code")
            errors, status = {"email": code_error(self.context.words, refused)}, 429
        return await self._test_page(request, errors=errors, status=status, typed=entered.typed["email"])

    async def code(self, request: Request) -> Response:
        """The code that was e-mailed; another is requested on the captcha's page, since the address is not stored."""
        browser_session = browser_session_of(request)
        if browser_session.fact(PASSED):
            return await self._go_on(request, browser_session)
        if browser_session.session is None:
            return self.context.go(request, "/human-test")
        if not is_post(request):
            return self._code_page(request)
        post = await read_post(request)
        if post.action == "new_code":
            return self.context.go(request, "/human-test")
        error = code_fault(self.context.words, post.text("code")) or await self._try(
            browser_session.session, post.text("code")
        )
        if error:
            return self._code_page(request, error)
        return await self._go_on(request, browser_session)

    async def _try(self, session: SessionRow, typed: str) -> str:
        refused: Refused | None = await in_thread(self.captcha.enter_code, session, typed)
        return code_error(self.context.words, refused) if refused is not None else ""

    def _code_page(self, request: Request, error: str = "") -> Response:
        return page(
            self.context,
            request,
            "account/code.html",
            self.context.words.text("screens.human.code_title"),
            errors={"code": error} if error else None,
            step="human",
            sent=False,
        )

    async def _go_on(self, request: Request, browser_session: BrowserSession) -> Response:
        """Redirect to where the person was going: `then` where the captcha came on the way, else `next`."""
        then = browser_session.destination("then")
        if not is_post(request):
            return self.context.go(request, path_of(then or browser_session.destination()))
        if then is not None:
            await remember(request, **NOWHERE.facts("then"))
        on = await path_on(self.context, request, then or look_again(request).destination())
        return self.context.go(request, on)
