"""The web application: our own pages and API first, then optuna-dashboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sweeper.serve.dashboard import Dashboard
from sweeper.serve.guard.access import Access
from sweeper.serve.guard.bodies import WholeBodies
from sweeper.serve.guard.gate import Gate
from sweeper.serve.guard.headers import SafeHeaders
from sweeper.serve.health import health, ready
from sweeper.serve.known import Known
from sweeper.serve.metrics import Metrics, Timed
from sweeper.serve.refresh import Refresher
from sweeper.serve.service import make_service
from sweeper.store import Database

#: Of a server that nobody but this machine reaches.
LOCAL = Access()


def make_app(database: Database, access: Access = LOCAL) -> Starlette:
    """Return the application for the studies of a database.

    ``/sweep`` has our pages and ``/sweep/api/v1`` the API; ``/`` leads there. ``/health`` reports
    whether the database responds, ``/ready`` whether the dashboard does, too; ``/metrics`` is for
    Prometheus. While the application
    runs, it keeps the studies' notes and figures up to date, and what recommendations learn from.

    Args:
        database: whose studies.
        access: whom it answers.
    """
    known, metrics = Known(database), Metrics(database)
    service = make_service(database, known, access)
    dashboard = Dashboard(database.optuna_storage)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each.run()) for each in (Refresher(database), known)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(service.state.desk.close)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    app = Starlette(
        lifespan=lifespan,
        middleware=[
            Middleware(Timed, metrics=metrics),
            Middleware(SafeHeaders),
            Middleware(Gate, access=access),
            Middleware(WholeBodies),
        ],
        routes=[
            Route("/", lambda request: RedirectResponse("/sweep")),
            Route("/health", health(database)),
            Route("/ready", ready(database, dashboard)),
            Route("/metrics", metrics.answer),
        ],
    )
    # Every other path: one with a line break in it would pass a route for all by.
    app.router.default = _Halves(service, dashboard)
    return app


class _Halves:
    """Hands what is below ``/sweep`` to the service, and everything else to the dashboard."""

    def __init__(self, service: ASGIApp, dashboard: ASGIApp) -> None:
        self._service = service
        self._dashboard = dashboard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ours = f"{scope['path']}/".startswith("/sweep/")
        await (self._service if ours else self._dashboard)(scope, receive, send)
