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
        retry_after: seconds after which it may be different; None if it stays.
    """

    def __init__(
        self, status: int, detail: str, remedy: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy
        self.retry_after = retry_after

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase

    def again(self) -> "Problem":
        """Return another one of the same: one that is raised holds what it was raised in."""
        return Problem(self.status, self.detail, self.remedy, retry_after=self.retry_after)

    def response(self, scope: Scope) -> Response:
        """Return the answer to a request: a page for a browser's own, else problem details."""
        response: Response
        if wants_page(scope):
            response = page(scope, "problem.html", self.status, problem=self)
        else:
            fields = ("title", "status", "detail", "remedy")
            content = {"type": "about:blank", **{name: getattr(self, name) for name in fields}}
            response = JSONResponse(content, self.status, media_type="application/problem+json")
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        return response


def wants_page(scope: Scope) -> bool:
    """Return whether somebody looks at the answer: a browser asks for a page, not for data."""
    accepted = Headers(scope=scope).get("accept", "")
    is_data = scope["path"].startswith(("/sweep/api/", "/api/"))
    return "text/html" in accepted and not is_data
