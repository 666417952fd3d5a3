"""What browsers may do with the answers: no foreign scripts, no frames, no guessing of types."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: For our own pages: nothing but what this server sends. Plotly sets styles of elements.
OWN_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # Other sites get none. With 'no-referrer', browsers would hide where our own forms come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SafeHeaders:
    """Adds headers to every answer, refusals among them.

    Where the dashboard has a policy of its own, only who may frame it is added.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                own = headers.get("Content-Security-Policy")
                policy = OWN_POLICY if own is None else f"{own}; frame-ancestors 'none'"
                headers["Content-Security-Policy"] = policy
            await send(message)

        await self._app(scope, receive, sending)
