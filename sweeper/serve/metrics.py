"""What Prometheus reads at ``/metrics``: trials, workers, leases, the queue and request times."""

import time
from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.serve.lookup import SECONDS
from sweeper.store import Database
from sweeper.store.queue.active_workers import ActiveWorker, active_workers

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Measures the requests to an application; reads the rest from the database when asked."""

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Studies(database))
        self.seconds = Histogram(
            "sweeper_request_seconds",
            "Time from a request to the end of its answer",
            ("part", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def answer(self, request: Request) -> Response:
        """Answer ``GET /metrics``."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class Timed:
    """Times every request, by the part of the application and the status of the answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            of = self._metrics.seconds.labels(_part(scope["path"]), str(status))
            of.observe(time.perf_counter() - began)


def _part(path: str) -> str:
    """Return the part of the application: paths themselves, which anybody makes up, are many."""
    if path in ("/health", "/ready", "/metrics"):
        return path.removeprefix("/")
    if f"{path}/".startswith("/sweep/api/"):
        return "api"
    return "pages" if f"{path}/".startswith("/sweep/") else "dashboard"


class _Studies:
    """Collects what the database knows at the moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics; where the database is out of reach that it is, and no others."""
        up = GaugeMetricFamily("sweeper_database_up", "Whether the database answers")
        try:
            with self._database.timeout(SECONDS):
                summaries = store.list_studies(self._database)
                workers = active_workers(self._database)
        except SweeperError:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, *_of_studies(summaries), *_of_workers(workers)]


def _of_studies(summaries: Iterable[store.StudySummary]) -> list[Metric]:
    trials = GaugeMetricFamily(
        "sweeper_trials", "Trials that have ended, by state", labels=("study", "state")
    )
    causes = GaugeMetricFamily(
        "sweeper_trials_by_cause",
        "Trials that failed or were lost, by cause",
        labels=("study", "cause"),
    )
    queued = GaugeMetricFamily("sweeper_queue", "Trials that wait in the queue", labels=("study",))
    live = GaugeMetricFamily("sweeper_leases", "Trials that workers hold", labels=("study",))
    budget = GaugeMetricFamily("sweeper_budget", "Trials asked for", labels=("study",))
    for summary in summaries:
        name = summary.study.name
        for state, number in summary.states.items():
            trials.add_metric([name, state], number)
        for cause, number in summary.causes.items():
            causes.add_metric([name, cause], number)
        queued.add_metric([name], summary.queued)
        live.add_metric([name], summary.live)
        budget.add_metric([name], summary.study.n_trials)
    return [trials, causes, queued, live, budget]


def _of_workers(active: Iterable[ActiveWorker]) -> list[Metric]:
    workers = GaugeMetricFamily(
        "sweeper_workers", "Workers that hold leases", labels=("study", "state")
    )
    age = GaugeMetricFamily(
        "sweeper_lease_age_seconds",
        "Since the worker that was seen longest ago renewed its leases",
        labels=("study",),
    )
    by_study = defaultdict(list)
    for worker in active:
        by_study[worker.study].append(worker)
    for study, of_study in by_study.items():
        lost = sum(worker.is_lost for worker in of_study)
        workers.add_metric([study, "live"], len(of_study) - lost)
        workers.add_metric([study, "lost"], lost)
        age.add_metric([study], max(worker.unseen for worker in of_study))
    return [workers, age]
