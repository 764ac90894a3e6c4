"""Who may enter the studio, and who may change anything there."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.identity import open_account
from formengine.store.rows import Role
from formengine.web.browser_session import browser_session_of, remember
from formengine.web.context import AppContext
from formengine.web.http.immediate import ImmediateResponse
from formengine.web.http.methods import is_post
from formengine.web.middleware.access_refusals import access_refused

# An approver looks at everything and decides; an author changes it.
MAY_LOOK: Final[frozenset[Role]] = frozenset({"author", "approver"})
MAY_CHANGE: Final[frozenset[Role]] = frozenset({"author"})
MAY_REVIEW: Final[frozenset[Role]] = frozenset({"author", "approver"})


async def author_of(context: AppContext, request: Request, *, posts: frozenset[Role] = MAY_CHANGE) -> str:
    """The id of the account that asks for a page of the studio and may have it.

    posts: the roles that may post to it.
    Raises `ImmediateResponse` with the way to sign in for a stranger who looks, and HTTPException otherwise: 403 for a
    stranger's post, whose page keeps what was typed and sends it again, 404 for an account of another role.
    """
    account = browser_session_of(request).account
    if account is None:
        if is_post(request):
            raise access_refused(request, None, status=403)
        await remember(request, **PageTarget("studio").facts())
        raise ImmediateResponse(context.go(request, "/account/sign-in"))
    with context.service.store.read() as tx:
        row = open_account(tx, account)
    if row is None or row.role not in MAY_LOOK:
        raise access_refused(request, account)
    if is_post(request) and row.role not in posts:
        raise access_refused(request, account, status=403)
    return account


def role_of(context: AppContext, account: str) -> Role | None:
    """The role of an account, None where it is not open."""
    with context.service.store.read() as tx:
        row = open_account(tx, account)
    return row.role if row is not None else None
