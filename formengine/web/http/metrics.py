"""The service's metrics, for Prometheus. No label comes from what anybody sent."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The figures of one app. A route is the pattern of an address, "" for one that there is not."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # The counters of the requests of one method, route and status: finding it by its labels takes longer than
        # counting.
        self._counts: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "formengine_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "formengine_request_seconds",
            "How long requests took.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.csp_reports = Counter(
            "formengine_csp_reports",
            "Reports of browsers that a page tried what its policy forbids.",
            registry=self.registry,
        )
        self.oldest_seconds = Gauge(
            "formengine_outbox_oldest_seconds",
            "How long the oldest e-mail or delivery that was not sent has waited.",
            ("urgency",),
            registry=self.registry,
        )
        self.deliveries_late = Gauge(
            "formengine_deliveries_late",
            "Submissions whose mailbox could not be told in time, a hundred at most.",
            ("urgency",),
            registry=self.registry,
        )
        self.files_waiting = Gauge(
            "formengine_files_waiting",
            "Uploads that wait for the virus scanner, a thousand at most.",
            registry=self.registry,
        )
        self.clock_behind = Gauge(
            "formengine_clock_behind_seconds",
            "How far the moment that drafts are destroyed by is behind the clock.",
            registry=self.registry,
        )
        self.drafts_marked = Gauge(
            "formengine_drafts_marked",
            "Drafts that are marked, and destroyed within days of running.",
            registry=self.registry,
        )
        self.disk_free = Gauge(
            "formengine_disk_free_ratio", "The share of the disk that is free.", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        kind = (method, route, status)
        if kind not in self._counts:
            self._counts[kind] = (
                self.requests.labels(method, route, str(status)),
                self.seconds.labels(route),
            )
        requests, times = self._counts[kind]
        requests.inc()
        times.observe(seconds)

    def text(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self.registry)
