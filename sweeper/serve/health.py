"""The health check for container engines and load balancers."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from sweeper.errors import SweeperError
from sweeper.store import Database, explain_errors
from sweeper.store.database import schema
from sweeper.store.database.engine import reading


def health(database: Database) -> Callable[[Request], JSONResponse]:
    """Return the endpoint. It makes one query, without waiting for writers.

    It answers with status 200 and ``{"status": "ok"}``, or with status 503 and a ``reason`` if the
    database is unreachable or its tables have a different version.
    """

    def answer(request: Request) -> JSONResponse:
        try:
            with explain_errors(database.name):
                fault = schema.version_fault(reading(database.engine))
        except SweeperError as error:
            fault = str(error)
        if fault:
            return JSONResponse({"status": "unavailable", "reason": fault}, 503)
        return JSONResponse({"status": "ok"})

    return answer
