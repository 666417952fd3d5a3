"""Turns away requests that are not meant for this server, or whose sender has no token."""

from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sweeper.serve.audit import RIGHT, audit_request
from sweeper.serve.guard.access import VARIABLE, Access
from sweeper.serve.guard.bodies import STREAMED
from sweeper.serve.problem import Problem, wants_page

#: The cookie of those who logged in.
COOKIE = "sweeper_session"

#: Where one logs in.
LOGIN = "/sweep/login"

#: What is there for everybody: for container engines, and what the login page needs.
_OPEN = ("/health", "/ready", LOGIN)
_OPEN_FOLDER = "/sweep/static/"

_READING = ("GET", "HEAD", "OPTIONS")

#: What is sent to and changes nothing: questions, with files or without, and the token.
_ASKING = ("/sweep/api/v1/recommend", *STREAMED, LOGIN)

#: The key of a request's scope that says whether who sent it may change anything, for the pages.
MAY_WRITE = "sweeper.may_write"

#: What a proxy adds: behind one, everybody comes from this machine.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Gate:
    """Lets requests pass that `Access` allows; answers all others."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on, or answer it."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        problem = self._misdirected(scope) or self._foreign(scope)
        if problem is not None:
            return problem.response(scope)
        token = self._brought(scope)
        if not self._is_admitted(scope, token):
            if scope["method"] == "GET" and wants_page(scope):
                asked = scope["path"] + ("?" + scope["query_string"].decode("latin-1")).rstrip("?")
                return RedirectResponse(f"{LOGIN}?next={quote(asked, safe='')}", 303)
            response = Problem(
                401, "no token", f"Send the header 'Authorization: Bearer' with {VARIABLE}."
            ).response(scope)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        scope[MAY_WRITE], scope[RIGHT] = self._access.may_write(token), self._access.right(token)
        closed = self._closed(scope)
        if closed is not None:
            return closed.response(scope)
        if scope["method"] not in _READING and not scope["path"].startswith("/sweep"):
            audit_request(scope)
        return None

    def _misdirected(self, scope: Scope) -> Problem | None:
        """Refuse names that are not this server's: a foreign page may have pointed its own here."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._access.knows(hosts[0]):
            name = hosts[0] if len(hosts) == 1 else ""
            return Problem(
                421,
                f"this server does not go by the name {name!r}",
                "Use the address that it printed, or start it with --allowed-host and this name.",
            )
        if self._access.token is None and any(name in headers for name in _FORWARDED):
            return Problem(
                403,
                "the request came through a proxy, and this server has no token",
                f"Set {VARIABLE} where it is started.",
            )
        return None

    def _foreign(self, scope: Scope) -> Problem | None:
        """Refuse what pages of other sites send, which the user's browser may do unasked."""
        if scope["method"] in _READING:
            return None
        headers = Headers(scope=scope)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        same = origin is None or urlsplit(origin).netloc == headers["host"]
        if same and site in ("same-origin", "none"):
            return None
        return Problem(403, "the request comes from a page of another site", "Use our own pages.")

    def _brought(self, scope: Scope) -> str | None:
        """Return the token that a request brings, if it is one of ours."""
        headers = Headers(scope=scope)
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return token.strip() if self._access.admits(token.strip()) else None
        session = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return None if session is None else self._access.token_of(session)

    def _is_admitted(self, scope: Scope, token: str | None) -> bool:
        path = scope["path"]
        is_open = path in _OPEN or path.startswith(_OPEN_FOLDER)
        return self._access.token is None or is_open or token is not None

    def _closed(self, scope: Scope) -> Problem | None:
        """Refuse to write to who only reads, and by the dashboard, which leaves our tables out."""
        if scope["method"] in _READING or scope["path"] in _ASKING:
            return None
        if self._access.read_only:
            return Problem(
                403, "this server changes nothing", "Ask for one that runs without --read-only."
            )
        if not scope[MAY_WRITE]:
            return Problem(403, "this token is for reading alone", f"Send {VARIABLE}.")
        if scope["path"].startswith("/sweep") or self._access.dashboard_writes:
            return None
        return Problem(
            403,
            "this server does not write by the dashboard",
            "Start it with --dashboard-writes.",
        )
