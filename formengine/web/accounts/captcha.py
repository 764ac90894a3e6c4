"""The human test: a puzzle for the browser, and a code by e-mail where it runs no scripts."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.service.accounts.authentication import Refused
from formengine.service.accounts.captcha import Captcha
from formengine.store.rows import SessionRow
from formengine.web.accounts.common import EMAIL_ENTRY, code_error, code_fault, page
from formengine.web.accounts.entries import read_entries
from formengine.web.browser_session import BrowserSession, browser_session_of, client_of, ensure_session
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread

# The box that people do not see and programs fill in; its name promises something worth filling in.
TRAP = "website"


def routes(shell: AppContext) -> list[BaseRoute]:
    """The test, and the code for those whose browsers cannot take it."""
    pages = _Pages(shell, shell.human)
    return [
        Route("/human-test", pages.test, methods=["GET", "POST"]),
        Route("/human-test/code", pages.code, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True)
class _Pages:
    shell: AppContext
    human: Captcha

    async def test(self, request: Request) -> Response:
        """The puzzle, and beside it the way without."""
        visit = browser_session_of(request)
        if visit.fact("human"):
            return await self._go_on(request, visit)
        if request.method == "GET":
            return await self._test_page(request)
        post = await read_post(request)
        if post.text("move") == "email":
            return await self._send_code(request)
        # Judged by what this browser had before it got a session.
        fault = await in_thread(self.human.fault, visit.csrf, post.text("solution"), post.text(TRAP))
        if fault is not None:
            key = {"late": "late", "used": "used"}.get(fault, "try_again")
            said = self.shell.words.text(f"screens.human.{key}")
            return await self._test_page(request, errors={"start": said}, status=422)
        visit = await ensure_session(request)
        assert visit.session is not None  # noqa: S101 - made above
        await in_thread(self.human.passed, visit.session)
        return await self._go_on(request, visit)

    async def _test_page(
        self,
        request: Request,
        *,
        errors: dict[str, str] | None = None,
        status: int = 200,
        typed: str = "",
    ) -> Response:
        human_test = self.shell.portal.human_test
        words = self.shell.words
        return page(
            self.shell,
            request,
            "human/test.html",
            human_test.title if human_test is not None else words.text("screens.human.title"),
            errors=errors,
            status=status,
            values={"email": typed},
            puzzle=await in_thread(self.human.puzzle, browser_session_of(request).csrf),
            trap=TRAP,
        )

    async def _send_code(self, request: Request) -> Response:
        """On to the page for the code; an address that holds many people is slowed, not refused for good."""
        post = await read_post(request)
        entered = read_entries(post, [EMAIL_ENTRY], self.shell.words)
        errors, status = dict(entered.errors), 422
        if post.text(TRAP):
            errors = {"email": self.shell.words.text("screens.human.try_again")}
        elif not errors and not await in_thread(self.shell.limits.allow, "human_code_ip", client_of(request)):
            errors, status = {"email": self.shell.words.text("screens.account.busy")}, 429
        if not errors:
            visit = await ensure_session(request)
            assert visit.session is not None  # noqa: S101 - made above
            refused = await in_thread(self.human.send_code, visit.session, entered.values["email"])
            if refused is None:
                self.shell.background.wake("mail")
                return self.shell.go(request, "/human-test/code")
            errors, status = {"email": code_error(self.shell.words, refused)}, 429
        return await self._test_page(request, errors=errors, status=status, typed=entered.typed["email"])

    async def code(self, request: Request) -> Response:
        """The code that was e-mailed; another one is asked for on the test's page, since the address is not kept."""
        visit = browser_session_of(request)
        if visit.fact("human"):
            return await self._go_on(request, visit)
        if visit.session is None:
            return self.shell.go(request, "/human-test")
        if request.method == "GET":
            return self._code_page(request)
        post = await read_post(request)
        if post.text("move") == "new_code":
            return self.shell.go(request, "/human-test")
        error = code_fault(self.shell.words, post.text("code")) or await self._try(
            visit.session, post.text("code")
        )
        if error:
            return self._code_page(request, error)
        return await self._go_on(request, visit)

    async def _try(self, session: SessionRow, typed: str) -> str:
        refused: Refused | None = await in_thread(self.human.enter_code, session, typed)
        return code_error(self.shell.words, refused) if refused is not None else ""

    def _code_page(self, request: Request, error: str = "") -> Response:
        return page(
            self.shell,
            request,
            "account/code.html",
            self.shell.words.text("screens.human.code_title"),
            errors={"code": error} if error else None,
            step="human",
            sent=False,
        )

    async def _go_on(self, request: Request, visit: BrowserSession) -> Response:
        """On to where the person was going: `then` where the test was asked for on the way, else `next`."""
        then = visit.fact("then")
        if then and visit.session is not None:
            await in_thread(self.shell.sessions.set_facts, visit.session, then="")
        return self.shell.go(request, then or visit.fact("next") or "/hub")
