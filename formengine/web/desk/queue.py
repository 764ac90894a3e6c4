"""The queue: the cases of a form by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.form.process import Process
from formengine.language.words.moments import moment_text
from formengine.service.cases.cases import CaseRecord
from formengine.service.desk.queue import DONE, SHOWN, QueueLine
from formengine.service.desk.staff import Staff
from formengine.web.addresses import PATHS
from formengine.web.context import AppContext
from formengine.web.desk.staff_access import staff_of
from formengine.web.http.threads import in_thread
from formengine.web.middleware.access_refusals import access_refused

_HOUR_MIN = 60


def routes(context: AppContext) -> list[BaseRoute]:
    """One page."""

    async def queue(request: Request) -> Response:
        staff = await staff_of(context, request)
        forms = _forms(context, staff)
        form = request.query_params.get("form") or next(iter(forms), "")
        page = await in_thread(context.desk.queue, staff, form, request.query_params.get("stage", ""))
        if page is None:
            raise access_refused(request, staff.account)
        words = context.words
        names = await in_thread(_names, context, page.lines)
        return context.page(
            request,
            "desk/queue.html",
            title=words.text("screens.desk.queue.title"),
            forms=forms,
            team=form,
            tabs=[
                (tab.stage, tab.title or words.text("screens.desk.queue.done"), tab.count, tab.stage != DONE)
                for tab in page.tabs
            ],
            stage=page.stage,
            done=page.stage == DONE,
            lines=[_line(context, page.process, line, names) for line in page.lines],
            most=SHOWN,
            urgent=page.urgent,
            late=[case.row.reference for case in await in_thread(_late, context, staff)],
            moved=request.query_params.get("moved", ""),
        )

    return [Route(PATHS["desk"], queue)]


def _forms(context: AppContext, staff: Staff) -> dict[str, str]:
    """The titles of the queues that are theirs, by form."""
    found = {}
    for form in staff.forms:
        process = context.cases.processes.current(form)
        if process is not None:
            found[form] = process.definition.title
    return found


def _late(context: AppContext, staff: Staff) -> list[CaseRecord]:
    return [case for case in context.alarms.late() if staff.may_see(case.row)]


def _names(context: AppContext, lines: Sequence[QueueLine]) -> Mapping[str, str]:
    """The names of those who work on the cases, by their accounts."""
    return context.staff_roles.names([line.holder for line in lines if line.holder])


def _line(
    context: AppContext, process: Process, line: QueueLine, names: Mapping[str, str]
) -> dict[str, object]:
    row, zone = line.row, context.service.zone
    outcome = process.definition.outcomes.get(row.outcome)
    return {
        "reference": row.reference,
        "urgent": row.urgent,
        "waited": waited_text(context, line.waited_min),
        "due": moment_text(row.due_at.astimezone(zone), context.words),
        "late": line.late,
        "who": names.get(line.holder, "") if line.holder else "",
        "ended": moment_text(row.ended_at.astimezone(zone), context.words) if row.ended_at else "",
        "outcome": outcome.label if outcome is not None else row.outcome,
        "mailbox": next(
            (each.title for each in process.definition.mailboxes if each.id == row.mailbox), row.mailbox
        ),
    }


def waited_text(context: AppContext, minutes: int) -> str:
    """``7 h 10 min``, ``18 min``."""
    hours, rest = divmod(minutes, _HOUR_MIN)
    if hours:
        return context.words.text("screens.desk.queue.hours", hours=hours, minutes=rest)
    return context.words.text("screens.desk.queue.minutes", minutes=rest)
