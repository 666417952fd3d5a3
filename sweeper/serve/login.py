"""Logging in with the token, for browsers, which cannot send it as a header."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sweeper.serve.guard.access import Access
from sweeper.serve.guard.gate import COOKIE, LOGIN
from sweeper.serve.templating import page


def login_pages(access: Access) -> APIRouter:
    """Return the login page and what its form is sent to."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    def ask(request: Request, next: str = "/sweep") -> Response:
        if access.token is None:
            return RedirectResponse(_own(next), 303)
        return page(request.scope, "login.html", next=_own(next), is_wrong=False)

    @router.post(LOGIN)
    async def log_in(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("latin-1"))
        token, target = (form.get(name, [""])[0] for name in ("token", "next"))
        token = token.strip()
        if not access.admits(token):
            return page(request.scope, "login.html", 403, next=_own(target), is_wrong=True)
        response = RedirectResponse(_own(target), 303)
        # A proxy that speaks TLS says so. Who lies about it harms himself alone.
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        response.set_cookie(
            COOKIE, access.session(token), path="/", secure=secure, httponly=True, samesite="strict"
        )
        return response

    return router


def _own(path: str) -> str:
    """Return a path on this server; nobody is sent elsewhere by a link to the login page."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/sweep"
