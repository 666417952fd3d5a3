"""The web application: our own routes first, then optuna-dashboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from sweeper.serve.dashboard import Dashboard
from sweeper.serve.health import health
from sweeper.serve.refresh import Refresher
from sweeper.store import Database


def make_app(database: Database) -> Starlette:
    """Return the application for the studies of a database.

    ``/`` redirects to ``/dashboard``; ``/health`` reports whether the database responds. While the
    application runs, it keeps the studies' notes and figures up to date.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(Refresher(database).run())
        yield
        refreshing.cancel()
        with suppress(asyncio.CancelledError):
            await refreshing

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/", lambda request: RedirectResponse("/dashboard")),
            Route("/health", health(database)),
            # Last, because it handles every path that no route above matches.
            Mount("/", Dashboard(database.optuna_storage)),
        ],
    )
