"""The web application: our own pages first, optuna-dashboard behind them."""

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
    """Return the application over the studies of a database.

    ``/`` leads to ``/dashboard``, ``/health`` says whether the database answers. While the
    application runs it keeps notes and figures of the studies up to date.
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
            # Last: it is asked for every path that nothing above has taken.
            Mount("/", Dashboard(database.optuna_storage)),
        ],
    )
