"""Endpoints for monitoring: liveness, readiness and metrics."""

from __future__ import annotations

import shutil
from hmac import compare_digest

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from formengine.service.delivery.alarms import check_deliveries, late_deliveries
from formengine.service.health import (
    Finding,
    check_clamd,
    check_clock,
    check_disk,
    check_key_file,
    check_keys,
    check_outbox,
    check_store,
)
from formengine.service.security_events import record
from formengine.web.context import AppContext
from formengine.web.http.headers import CSP_REPORTS
from formengine.web.http.threads import in_thread

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
# A request that a proxy passed on carries one of these: then its peer's address is not the client's.
_PASSED_ON = ("x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via")
_FILES_COUNTED = 1000


def routes(context: AppContext) -> list[BaseRoute]:
    """The addresses for machines."""
    operations = _Operations(context)
    return [
        Route("/healthz", operations.healthz),
        Route("/readyz", operations.readyz),
        Route("/metrics", operations.metrics),
        Route(CSP_REPORTS, operations.csp_report, methods=["POST"]),
    ]


class _Operations:
    """Answers for programs."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        # The keys that were found to open every row: counting the rows takes long where there are many.
        self._counted_for: tuple[str, ...] = ()

    async def healthz(self, _: Request) -> Response:
        """200: the process answers."""
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Whether people can be served: 200 or 503. Who may read the metrics also gets the checks.

        What is not grave, such as a scanner that does not answer, is reported and leaves the service ready: a request
        for support must not be turned away because a file waits.
        """
        findings = await self._findings()
        ready = all(each.sound or not each.grave for each in findings)
        report: dict[str, object] = {"ready": ready}
        if self._may_read(request):
            report["checks"] = [
                {"subject": each.subject, "sound": each.sound, "grave": each.grave, "line": each.line}
                for each in findings
            ]
        return JSONResponse(report, 200 if ready else 503)

    async def _findings(self) -> list[Finding]:
        settings = self.context.settings
        return [*await in_thread(self._of_store), check_disk(settings.data), await check_clamd(settings)]

    def _of_store(self) -> list[Finding]:
        service, now = self.context.service, self.context.service.clock()
        return [
            *check_store(service.store),
            *self._of_keys(),
            check_clock(service.store, now),
            check_outbox(service.store, self.context.settings, now),
            check_deliveries(service.store, now),
        ]

    def _of_keys(self) -> list[Finding]:
        """Findings on the keys: on every row once for each set of keys, and while one is missing."""
        store, keys = self.context.service.store, self.context.service.keys
        findings = list(check_key_file(store, keys))
        if keys.ids != self._counted_for and all(each.sound for each in findings):
            findings = list(check_keys(store, keys))
            self._counted_for = keys.ids if all(each.sound for each in findings) else ()
        return findings

    async def metrics(self, request: Request) -> Response:
        """The metrics; 404 for those who may not read them."""
        if not self._may_read(request):
            record("access_refused", route="/metrics")
            raise HTTPException(404)
        await in_thread(self._measure)
        return Response(self.context.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _measure(self) -> None:
        """Update the metrics that are only known by asking."""
        service, metrics = self.context.service, self.context.metrics
        with service.store.read() as tx:
            oldest = tx.outbox.oldest_waiting()
            files = len(tx.files.waiting(_FILES_COUNTED))
            marked = tx.drafts.marked_count()
        steady = service.steady.look()
        for urgency in ("urgent", "standard"):
            since = oldest.get(urgency)
            waited = (service.clock() - since).total_seconds() if since is not None else 0
            metrics.oldest_seconds.labels(urgency).set(waited)
        late = late_deliveries(service.store, service.clock())
        for urgency in ("urgent", "standard"):
            number = sum(("urgent" if row.urgent else "standard") == urgency for row in late)
            metrics.deliveries_late.labels(urgency).set(number)
        metrics.files_waiting.set(files)
        metrics.drafts_marked.set(marked)
        metrics.clock_behind.set(steady.behind.total_seconds() if steady is not None else 0)
        folder = self.context.settings.data
        if folder.exists():
            usage = shutil.disk_usage(folder)
            metrics.disk_free.set(usage.free / usage.total)

    async def csp_report(self, _: Request) -> Response:
        """Count a report of a breach of the policy; nothing in it is stored. An empty response."""
        self.context.metrics.csp_reports.inc()
        return Response(status_code=204)

    def _may_read(self, request: Request) -> bool:
        """Whether the request brings the token, or comes from this machine by no proxy."""
        token = self.context.settings.metrics_token
        if token:
            given = request.headers.get("authorization", "")
            return compare_digest(given.encode(), f"Bearer {token}".encode())
        here = request.client is not None and request.client.host in _LOOPBACK
        return here and not any(name in request.headers for name in _PASSED_ON)
