"""The health checks for container engines and load balancers."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Scope

from sweeper.errors import SweeperError
from sweeper.store import Database, explain_errors
from sweeper.store.database import schema
from sweeper.store.database.engine import reading

#: What the dashboard is asked for, which needs a thread of its own and no database.
_ASKED = "/api/meta"

#: Seconds that it has to answer.
DASHBOARD_SECONDS = 10.0


def health(database: Database) -> Callable[[Request], JSONResponse]:
    """Return the endpoint. It makes one query, without waiting for writers.

    It answers with status 200 and ``{"status": "ok"}``, or with status 503 and a ``reason`` if the
    database is unreachable or its tables have a different version.
    """

    def answer(request: Request) -> JSONResponse:
        return _answer(_fault_of_database(database))

    return answer


def ready(database: Database, dashboard: ASGIApp) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Return the endpoint that tells whether users get answers: as `health`, and the dashboard's.

    The dashboard is asked as a user asks it, so that it is not ready while its threads are busy.
    """

    async def answer(request: Request) -> JSONResponse:
        fault = await asyncio.to_thread(_fault_of_database, database)
        return _answer(fault or await _fault_of_dashboard(dashboard))

    return answer


def _answer(fault: str | None) -> JSONResponse:
    if fault:
        return JSONResponse({"status": "unavailable", "reason": fault}, 503)
    return JSONResponse({"status": "ok"})


def _fault_of_database(database: Database) -> str | None:
    try:
        with explain_errors(database.name):
            return schema.version_fault(reading(database.engine))
    except SweeperError as error:
        return str(error)


async def _fault_of_dashboard(dashboard: ASGIApp) -> str | None:
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": _ASKED,
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "server": None,
        "client": None,
    }
    try:
        async with asyncio.timeout(DASHBOARD_SECONDS):
            await dashboard(scope, receive, send)
    except TimeoutError:
        return f"the dashboard did not answer within {DASHBOARD_SECONDS:g} seconds"
    return None if statuses == [200] else f"the dashboard answered with status {statuses}"
