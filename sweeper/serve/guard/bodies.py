"""Requests are read whole before anybody works on them, within bounds of size and time."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sweeper.serve.problem import Problem

#: Most bytes of a request's body: a question has a few hundred, the longest note 45,000.
MOST_BYTES = 256 * 1024

#: Seconds that a body may take to arrive.
SECONDS = 20.0

#: Where files are sent to: their bodies are read by `sweeper.serve.uploads.receive`, within bounds
#: of its own.
STREAMED = ("/sweep/answers", "/sweep/api/v1/recommend/file")


class WholeBodies:
    """Hands requests on with their bodies: a client that sends slowly holds no thread."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body of one request, then hand the request on."""
        if scope["type"] != "http" or scope["path"] in STREAMED:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SECONDS):
                body = await _read(scope, receive)
        except TimeoutError:
            problem = Problem(
                408, f"the request took more than {SECONDS:g} seconds to arrive", "Send it again."
            )
            await problem.response(scope)(scope, receive, send)
        except Problem as problem:
            await problem.response(scope)(scope, receive, send)
        else:
            if body is not None:
                await self._app(scope, _Replay(body, receive), send)


class _Replay:
    """Gives a body that was read, then what else the client does: disconnect."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the whole body, None if the client left; raise Problem if it is too large."""
    too_large = Problem(
        413, f"the request is larger than {MOST_BYTES >> 10} KiB", "Send less at once."
    )
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or int(declared) > MOST_BYTES:
        raise too_large
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise too_large
        if not message.get("more_body", False):
            return bytes(body)
