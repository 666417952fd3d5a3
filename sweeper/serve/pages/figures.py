"""Figures in pages, and the script that draws them, which comes with plotly's package."""

import gzip
from functools import cache
from importlib.resources import files

import plotly
import plotly.graph_objects as go
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

#: Where plotly's script is: another address with each version, so that it is loaded once.
SCRIPT = f"/sweep/static/plotly-{plotly.__version__}.js"


def figure_json(figure: go.Figure) -> Markup:
    """Return a figure as JSON that may stand in a page, without its title: the page has one."""
    figure.update_layout(title=None, margin_t=16)
    return Markup(figure.to_json().replace("<", "\\u003c"))  # nothing ends the element early


def figure_script() -> APIRouter:
    """Return the address of plotly's script."""
    router = APIRouter(include_in_schema=False)

    @router.get(SCRIPT)
    def script(request: Request) -> Response:
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
        }
        packed = "gzip" in request.headers.get("accept-encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(_script(packed), media_type="text/javascript", headers=headers)

    return router


@cache
def _script(packed: bool) -> bytes:
    content = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    return gzip.compress(content, mtime=0) if packed else content
