"""Pages of which one part is asked for again, by htmx, for as long as it may change."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from sweeper.serve.templating import page

#: Seconds between two looks.
SECONDS = 5

#: The parameter of a request for the part alone: what the page shows already.
SHOWN = "shown"


@dataclass(frozen=True)
class Refresh:
    """Where a part is asked for again, "" if no more, and after how many seconds."""

    address: str
    seconds: int = SECONDS


def refreshed(
    request: Request,
    name: str,
    state: object,
    values: Callable[[], dict[str, Any]],
    is_over: bool = False,
) -> Response:
    """Return a page, or its part: that is what a request with the parameter `SHOWN` is for.

    Nothing is sent to a page that shows this state already.

    Args:
        request: whose.
        name: of the templates: of the page without ``.html``; that of the part ends in ``_part``.
        state: what the part depends on, with a `repr` that is the same for the same.
        values: returns what the templates show.
        is_over: whether it will not change any more.
    """
    now = sha256(repr(state).encode()).hexdigest()[:16]
    shown = request.query_params.get(SHOWN)
    if shown == now:
        return Response(status_code=204)
    address = "" if is_over else f"{quote(request.scope['path'])}?{SHOWN}={now}"
    template = f"{name}.html" if shown is None else f"{name}_part.html"
    return page(request.scope, template, refresh=Refresh(address), **values())
