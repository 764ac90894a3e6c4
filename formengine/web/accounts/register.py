"""Registering: the name, then email and password, then the code, then back to the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.language.fields.text import TEXT
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.identity import Person
from formengine.web.accounts.common import EMAIL_ENTRY, go_on, new_password_errors, page
from formengine.web.accounts.entries import Entered, EntryField, read_entries
from formengine.web.addresses import PATHS, path_of
from formengine.web.browser_session import browser_session_of, client_of
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread

NAMES: Final = (
    EntryField("first_name", TEXT, "screens.account.names.first_name", 100),
    EntryField("last_name", TEXT, "screens.account.names.last_name", 100),
)
_NAME_PAGE: Final = "account/register_name.html"
_ACCOUNT_PAGE: Final = "account/register_account.html"


def routes(context: AppContext) -> list[BaseRoute]:
    """The two pages of registering, and the confirmation."""
    pages = _Pages(context)
    return [
        Route(PATHS["register"], pages.register, methods=["GET", "POST"]),
        Route("/account/register/done", pages.done),
    ]


class _Pages:
    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._words = context.words

    async def register(self, request: Request) -> Response:
        """The name, then the rest: what was typed on the first page is on the second, hidden, and in no address."""
        if browser_session_of(request).account is not None:
            return self._context.go(request, "/account")
        if not is_post(request):
            return self._page(request, _NAME_PAGE, Post())
        post = await read_post(request)
        names = read_entries(post, NAMES, self._words)
        if names.errors:
            return self._page(request, _NAME_PAGE, post, names.errors)
        if post.text("step") != "account":
            return self._page(request, _ACCOUNT_PAGE, post)
        if post.action == "back":
            return self._page(request, _NAME_PAGE, post)
        return await self._account(request, post, names)

    async def _account(self, request: Request, post: Post, names: Entered) -> Response:
        email = read_entries(post, [EMAIL_ENTRY], self._words)
        about = (*names.values.values(), *email.typed.values())
        errors = {**email.errors, **await in_thread(new_password_errors, self._words, post, about)}
        if errors:
            return self._page(request, _ACCOUNT_PAGE, post, errors)
        few = await in_thread(self._context.limits.allow, "sign_up_ip", client_of(request))
        # A whole school may register from one address; a program may not.
        if not few and not await self._context.passed_once(request):
            return await self._context.challenge(request, PageTarget("register"))
        person = Person(email=email.values["email"], **names.values)
        done = await in_thread(
            self._context.authentication.register,
            browser_session_of(request).token,
            person,
            post.text("new_password"),
        )
        return await go_on(self._context, request, done)

    def _page(
        self,
        request: Request,
        template: str,
        post: Post,
        errors: Mapping[str, str] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        key = "name_title" if template == _NAME_PAGE else "account_title"
        return page(
            self._context,
            request,
            template,
            self._words.text(f"screens.account.register.{key}"),
            errors=errors,
            status=status,
            values={name: post.text(name) for name in ("first_name", "last_name", "email")},
        )

    async def done(self, request: Request) -> Response:
        """The confirmation that the account exists, with the way back to the form."""
        browser_session = browser_session_of(request)
        if browser_session.account is None:
            return self._context.go(request, "/account/sign-in")
        title = self._words.text("screens.account.register.done_title")
        return page(
            self._context,
            request,
            "account/register_done.html",
            title,
            next=path_of(browser_session.destination()),
        )
