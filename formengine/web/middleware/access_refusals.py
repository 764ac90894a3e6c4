"""Refusals of what is somebody else's to see or to do: each is a security event."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from formengine.service.security_events import record
from formengine.web.middleware.errors_and_log import route_of


def access_refused(
    request: Request, account: str | None, *, status: int = 404, subject: str = ""
) -> HTTPException:
    """The refusal of a page that is there, and not for this account; recorded as an `access_refused`.

    status: 404 for what the account must not know of, 403 for what it may see and not do. subject: the id of what was
    asked for, "" where it is not known.
    """
    record("access_refused", account=account, subject=subject, route=route_of(request.scope))
    return HTTPException(status)
