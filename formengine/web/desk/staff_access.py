"""Who is let in to the desk: staff who are signed in and have a role, each to their own cases alone."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from formengine.service.accounts.destinations import PageTarget
from formengine.service.cases.cases import CaseRecord
from formengine.service.desk.staff import Staff
from formengine.web.browser_session import browser_session_of, remember
from formengine.web.context import AppContext
from formengine.web.http.immediate import ImmediateResponse
from formengine.web.middleware.access_refusals import access_refused


async def staff_of(context: AppContext, request: Request) -> Staff:
    """The staff member who asks.

    Whoever has not signed in is sent to do so, and comes back to the queue; to anybody else there is no desk (404).
    """
    account = browser_session_of(request).account
    if account is None:
        await remember(request, **PageTarget("desk").facts())
        raise ImmediateResponse(context.go(request, "/account/sign-in"))
    staff = context.staff_roles.of_account(account)
    if staff is None:
        raise access_refused(request, account)
    return staff


def case_of(context: AppContext, request: Request, staff: Staff) -> CaseRecord:
    """The case that the address names; 404 where there is none, and where it is not theirs."""
    case = context.desk.find(staff, request.path_params["reference"])
    if case is None:
        raise access_refused(request, staff.account)
    return case


def opened_here(context: AppContext, request: Request, staff: Staff, case: CaseRecord) -> bool:
    """Whether they have opened the case in this session, which the audit has recorded."""
    return context.desk.was_read(staff, case, session_began(context, request))


def session_began(context: AppContext, request: Request) -> datetime:
    """When the session of the request began; now, for one that has none."""
    session = browser_session_of(request).session
    return session.created_at if session is not None else context.service.clock()
