"""optuna-dashboard as an ASGI application, with workarounds for version 0.21."""

import re
from typing import TYPE_CHECKING, cast

import optuna_dashboard
from a2wsgi import WSGIMiddleware
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

#: Optuna's own plots are refused above this number of trials: a contour plot of 10,000 takes
#: gigabytes.
MOST_PLOTTED = 2000

_PLOT = re.compile(r"/api/studies/(\d+)/plot/")


class Dashboard:
    """optuna-dashboard for a storage; it serves /dashboard, /api, /static, /artifacts and /csv.

    Differences from optuna-dashboard itself:

    - Requests without Accept-Encoding, which it would answer with status 500, get
      ``Accept-Encoding: identity``.
    - Artifacts are sent with ``Content-Security-Policy: sandbox``: they are arbitrary uploads,
      including HTML, and must not run with this server's origin.
    - Plots drawn by the server are refused with status 413 above `MOST_PLOTTED` trials.
    """

    def __init__(self, storage: "BaseStorage") -> None:
        self._storage = storage
        # A queue without bounds, so that a client that reads slowly holds no thread.
        wsgi = WSGIMiddleware(optuna_dashboard.wsgi(storage), send_queue_size=0)
        self._app = cast(ASGIApp, wsgi)  # a2wsgi declares narrower types than Starlette

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if "accept-encoding" not in Headers(scope=scope):
            scope = {**scope, "headers": [*scope["headers"], (b"accept-encoding", b"identity")]}
        plot = _PLOT.match(scope["path"])
        if plot is not None and await run_in_threadpool(self._is_too_large, int(plot[1])):
            reason = f"more than {MOST_PLOTTED:,} trials are too many for this plot"
            await JSONResponse({"reason": reason}, 413)(scope, receive, send)
            return
        if scope["path"].startswith("/artifacts"):
            send = _sandboxed(send)
        await self._app(scope, receive, send)

    def _is_too_large(self, study_id: int) -> bool:
        try:
            return self._storage.get_n_trials(study_id) > MOST_PLOTTED
        except KeyError:
            return False  # the dashboard reports the missing study


def _sandboxed(send: Send) -> Send:
    async def sandboxed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Content-Security-Policy"] = "sandbox"
        await send(message)

    return sandboxed
