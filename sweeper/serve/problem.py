"""What went wrong with a request, for programs (RFC 9457) and for people."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from sweeper.serve.templating import page


class Problem(Exception):
    """Why a request has no answer, and what to do about it.

    Attributes:
        status: of HTTP, 400 or more.
        detail: what is wrong.
        remedy: what to do, a sentence.
    """

    def __init__(self, status: int, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase

    def response(self, scope: Scope) -> Response:
        """Return the answer to a request: a page for a browser's own, else problem details."""
        if wants_page(scope):
            return page(scope, "problem.html", self.status, problem=self)
        fields = ("title", "status", "detail", "remedy")
        content = {"type": "about:blank", **{name: getattr(self, name) for name in fields}}
        return JSONResponse(content, self.status, media_type="application/problem+json")


def wants_page(scope: Scope) -> bool:
    """Return whether somebody looks at the answer: a browser asks for a page, not for data."""
    accepted = Headers(scope=scope).get("accept", "")
    is_data = scope["path"].startswith(("/sweep/api/", "/api/"))
    return "text/html" in accepted and not is_data
