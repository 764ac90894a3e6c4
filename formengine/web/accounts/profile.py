"""The pages on which people manage their own accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.fields.email import EMAIL
from formengine.language.fields.long_text import LONG_TEXT
from formengine.language.fields.phone import PHONE
from formengine.language.fields.text import TEXT
from formengine.language.words.moments import moment_text
from formengine.service.accounts.authentication import Passed, Refused
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.totp import app_address
from formengine.service.accounts.user_agents import BROWSER, SYSTEM
from formengine.store.rows import SessionRow
from formengine.web.accounts.common import (
    code_error,
    code_fault,
    go_on,
    make_known,
    new_password_errors,
    page,
    password_error,
    to_sign_in,
)
from formengine.web.accounts.entries import EntryField, read_entries
from formengine.web.accounts.qr import qr_code
from formengine.web.accounts.register import NAMES
from formengine.web.addresses import PATHS
from formengine.web.browser_session import browser_session_of, hold_session, with_session, without_session
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread

_DETAILS: Final = (
    *NAMES,
    EntryField("job_title", TEXT, "screens.account.names.job_title", 200, required=False),
    EntryField("organisation", TEXT, "screens.account.names.organisation", 200, required=False),
    EntryField("phone", PHONE, "screens.account.names.phone", 60, required=False),
    EntryField("address", LONG_TEXT, "screens.account.names.address", 512, required=False),
)
_NEW_EMAIL: Final = EntryField("new_email", EMAIL, "screens.account.names.new_email")
# What `done` in the address may report as done; nothing else is shown.
_DONE: Final = frozenset(
    {"saved", "password_saved", "email_saved", "app_saved", "app_stopped", "others_ended"}
)

# In place of the name of a session to end.
_ALL_OTHERS: Final = "others"

PageHandler = Callable[[Request, str], Awaitable[Response]]


def routes(context: AppContext) -> list[BaseRoute]:
    """The account and what can be changed about it, all for those who are signed in."""
    pages = _Pages(context)

    def own(page_name: str, answer: PageHandler) -> Route:
        async def endpoint(request: Request) -> Response:
            account = browser_session_of(request).account
            if account is None:
                return await to_sign_in(context, request, PageTarget(page_name))
            return await answer(request, account)

        return Route(PATHS[page_name], endpoint, methods=["GET", "POST"])

    return [
        own("account", pages.overview),
        own("account_details", pages.details),
        own("account_email", pages.email),
        own("account_email_code", pages.email_code),
        own("account_password", pages.password),
        own("account_two_step", pages.two_step),
        own("account_recovery_codes", pages.recovery_codes),
        own("account_sessions", pages.sessions),
        own("account_close", pages.close),
        Route("/account/closed", pages.closed),
    ]


class _Pages:
    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._words = context.words
        self._own = context.profile

    def _page(
        self,
        request: Request,
        name: str,
        *,
        title: str = "",
        errors: Mapping[str, str] | None = None,
        status: int = 200,
        values: Mapping[str, str] | None = None,
        order: Sequence[str] = (),
        **more: object,
    ) -> Response:
        key = title or f"{name.removesuffix('.html')}.title"
        return page(
            self._context,
            request,
            f"account/{name}",
            self._words.text(f"screens.account.{key}"),
            errors=errors,
            status=status,
            values=values,
            order=order,
            whose_email=self._whose(request),
            **more,
        )

    async def overview(self, request: Request, account: str) -> Response:
        """The person's details, and links to change them."""
        done = request.query_params.get("done", "")
        return self._page(
            request,
            "yours.html",
            person=self._context.authentication.person(account),
            second=self._own.second(account),
            recovery_left=self._own.recovery_codes_left(account),
            sessions=len(self._context.sessions.of_account(account)),
            done=done if done in _DONE else "",
        )

    async def details(self, request: Request, account: str) -> Response:
        """Name, job title and the like."""
        facts = self._context.authentication.profile(account)
        if not is_post(request):
            return self._page(request, "details.html", values=facts)
        entered = read_entries(await read_post(request), _DETAILS, self._words)
        if entered.errors:
            order = [entry.name for entry in _DETAILS]
            return self._page(
                request, "details.html", errors=dict(entered.errors), order=order, values=entered.typed
            )
        await in_thread(self._own.change_details, account, entered.values)
        return self._done(request, "saved")

    async def email(self, request: Request, account: str) -> Response:
        """The new address, to which a code is sent."""
        if not is_post(request):
            return self._page(request, "email.html")
        post, browser_session = await read_post(request), browser_session_of(request)
        entered = read_entries(post, [_NEW_EMAIL], self._words)
        errors = {**entered.errors, **self._password_missing(post.text("password"))}
        if not errors and browser_session.session is not None:
            refused = await in_thread(
                self._own.begin_email,
                browser_session.session,
                account,
                post.text("password"),
                entered.values["new_email"],
            )
            if refused is None:
                self._context.background.wake("mail")
                return self._context.go(request, "/account/email/code")
            errors = {"password": password_error(self._words, refused)}
        return self._page(request, "email.html", errors=errors, values=entered.typed)

    async def email_code(self, request: Request, account: str) -> Response:
        """The code that was sent to the new address."""
        browser_session = browser_session_of(request)
        values: dict[str, Any] = {
            "title": "email.code_title",
            "step": "email",
            "sent": "sent" in request.query_params,
        }
        if not is_post(request) or browser_session.session is None:
            return self._page(request, "code.html", **values)
        post = await read_post(request)
        if post.action == "new_code":
            refused = await in_thread(self._own.new_email_code, browser_session.session, account)
            self._context.background.wake("mail")
            if refused is None:
                return self._context.go(request, "/account/email/code?sent=1")
            error = code_error(self._words, refused)
            return self._page(request, "code.html", errors={"code": error}, status=429, **values)
        typed = post.text("code")
        fault = code_fault(self._words, typed)
        if not fault:
            done = await in_thread(
                self._own.confirm_email, browser_session.token, browser_session.session, account, typed
            )
            if isinstance(done, Passed):
                return await go_on(self._context, request, done, "/account?done=email_saved")
            fault = code_error(self._words, done)
        return self._page(request, "code.html", errors={"code": fault}, **values)

    async def password(self, request: Request, account: str) -> Response:
        """The password now, and the new one."""
        if not is_post(request):
            return self._page(request, "password.html")
        post = await read_post(request)
        person = self._context.authentication.person(account)
        current, new = post.text("current"), post.text("new_password")
        errors = await in_thread(new_password_errors, self._words, post, (person.full_name, person.email))
        if not current:
            errors["current"] = self._words.text("screens.account.enter_current")
        if not errors and current == new:
            errors["new_password"] = self._words.text("screens.account.problem.same")
        if not errors:
            token = browser_session_of(request).token
            done = await in_thread(self._own.change_password, token, account, current, new)
            if isinstance(done, Passed):
                return await go_on(self._context, request, done, "/account?done=password_saved")
            errors = {"current": password_error(self._words, done)}
        return self._page(request, "password.html", errors=errors)

    async def two_step(self, request: Request, account: str) -> Response:
        """Two-step sign-in: an authenticator app is switched on, or off."""
        on = self._own.second(account) == "app"
        if not is_post(request):
            return await self._two_step_page(request, account, on=on)
        post, token = await read_post(request), browser_session_of(request).token
        if on and post.action != "turn_off":
            # The page with the recovery codes was loaded again: that must not switch the app off.
            return self._context.go(request, "/account/recovery-codes")
        password, typed = post.text("password"), post.text("code")
        errors = self._password_missing(password)
        fault = code_fault(self._words, typed)
        if fault and not on:
            errors["code"] = fault
        others = self._ends_others(post)
        if not errors and on:
            done = await in_thread(self._own.stop_app, token, account, password, end_others=others)
            if isinstance(done, Passed):
                return await go_on(self._context, request, done, "/account?done=app_stopped")
            errors = {"password": password_error(self._words, done)}
        elif not errors:
            done = await in_thread(self._own.confirm_app, token, account, password, typed, end_others=others)
            if isinstance(done, Passed):
                return await self._new_codes(request, done, anew=False)
            errors = self._app_errors(done)
        return await self._two_step_page(request, account, on=on, errors=errors, end_others=others)

    def _ends_others(self, post: Post) -> bool:
        """Whether the box that ends the other sessions is ticked; it is when the page is new."""
        return post.text("end_others") == "yes"

    def _app_errors(self, refused: Refused) -> dict[str, str]:
        if refused.why == "wrong_code":
            return {"code": code_error(self._words, refused, "app")}
        return {"password": password_error(self._words, refused)}

    async def _two_step_page(
        self,
        request: Request,
        account: str,
        *,
        on: bool,
        errors: dict[str, str] | None = None,
        end_others: bool = True,
    ) -> Response:
        if on:
            return self._page(
                request, "app_off.html", title="app.off_title", errors=errors, end_others=end_others
            )
        secret = self._own.begin_app(browser_session_of(request).token, account)
        email = self._context.authentication.person(account).email
        return self._page(
            request,
            "app_on.html",
            title="app.on_title",
            errors=errors,
            order=("code", "password"),
            end_others=end_others,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            qr=qr_code(app_address(secret, email, self._context.portal.title)),
        )

    async def _new_codes(self, request: Request, passed: Passed, *, anew: bool) -> Response:
        """The codes, shown once in the response itself: a page of their own would need them stored somewhere."""
        self._context.background.wake("mail")
        hold_session(request, passed.token)
        response = self._page(
            request, "new_recovery_codes.html", title="recovery.new_title", codes=passed.codes, anew=anew
        )
        await make_known(self._context, request, response, passed)
        return with_session(request, response, passed.token)

    async def recovery_codes(self, request: Request, account: str) -> Response:
        """How many recovery codes are left, and new ones."""
        if self._own.second(account) != "app":
            return self._context.go(request, "/account/two-step")
        errors, others = dict[str, str](), True
        if is_post(request):
            post = await read_post(request)
            password, others = post.text("password"), self._ends_others(post)
            errors = self._password_missing(password)
            if not errors:
                token = browser_session_of(request).token
                made = await in_thread(
                    self._own.new_recovery_codes, token, account, password, end_others=others
                )
                if isinstance(made, Passed):
                    return await self._new_codes(request, made, anew=True)
                errors = {"password": password_error(self._words, made)}
        return self._page(
            request,
            "recovery_codes.html",
            title="recovery.manage_title",
            errors=errors,
            left=self._own.recovery_codes_left(account),
            end_others=others,
        )

    async def sessions(self, request: Request, account: str) -> Response:
        """Where the account is signed in, and the end of one session or of all others."""
        browser_session = browser_session_of(request)
        errors, chosen = dict[str, str](), _ALL_OTHERS
        if is_post(request):
            post = await read_post(request)
            password, chosen = post.text("password"), post.text("end") or _ALL_OTHERS
            errors = self._password_missing(password)
            if not errors and chosen != _ALL_OTHERS:
                own = browser_session.holder or ""
                refused = await in_thread(self._own.end_session, account, password, chosen, but=own)
                if refused is None:
                    return self._context.go(request, "/account/sessions?done=1")
                errors = {"password": password_error(self._words, refused)}
            elif not errors:
                done = await in_thread(self._own.end_others, browser_session.token, account, password)
                if isinstance(done, Passed):
                    return await go_on(self._context, request, done, "/account?done=others_ended")
                errors = {"password": password_error(self._words, done)}
        return self._page(
            request,
            "sessions.html",
            errors=errors,
            done="done" in request.query_params,
            chosen=chosen,
            sessions=[
                self._session(name, row, own=row.token_hash == browser_session.holder)
                for name, row in self._own.sessions(account)
            ],
        )

    def _session(self, name: str, row: SessionRow, *, own: bool) -> dict[str, object]:
        zone = self._context.service.zone
        return {
            "name": name,
            "own": own,
            "browser": self._browser(row.facts, own=own),
            "since": moment_text(self._context.sessions.began_at(row).astimezone(zone), self._words),
            "used": moment_text(row.seen_at.astimezone(zone), self._words),
        }

    def _browser(self, facts: Mapping[str, str], *, own: bool) -> str:
        """Such as "Chrome on Windows", as far as it is known."""
        say = "screens.account.sessions."
        browser = facts.get(BROWSER) or self._words.text(f"{say}{'this' if own else 'elsewhere'}")
        system = facts.get(SYSTEM, "")
        return self._words.text(f"{say}on", browser=browser, system=system) if system else browser

    async def close(self, request: Request, account: str) -> Response:
        """What closing the account destroys, and the button that does it."""
        drafts = self._own.open_drafts(account)
        if not is_post(request):
            return self._page(request, "close.html", drafts=drafts)
        password = (await read_post(request)).text("password")
        errors = self._password_missing(password)
        if not errors:
            refused = await in_thread(self._own.close, account, password)
            if refused is None:
                self._context.background.wake("mail")
                return without_session(request, self._context.go(request, "/account/closed"))
            errors = {"password": password_error(self._words, refused)}
        return self._page(request, "close.html", errors=errors, drafts=drafts)

    async def closed(self, request: Request) -> Response:
        """The page after closing the account."""
        return self._page(request, "closed.html", title="close.done_title")

    def _whose(self, request: Request) -> str:
        account = browser_session_of(request).account
        return self._context.authentication.person(account).email if account is not None else ""

    def _password_missing(self, password: str) -> dict[str, str]:
        return {} if password else {"password": self._words.text("screens.account.enter_current")}

    def _done(self, request: Request, done: str) -> Response:
        return self._context.go(request, f"/account?done={done}")
