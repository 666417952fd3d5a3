"""Pages made of Jinja2's templates, all text escaped."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse
from starlette.types import Scope

from sweeper.serve.described import described

_FOLDER = Path(__file__).parent

#: What pages load: style sheet, scripts.
STATIC = _FOLDER / "static"

_templates = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _marked(text: str) -> Markup:
    """Return text with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


_templates.filters["marked"] = _marked
_templates.filters["setting"] = described


def page(scope: Scope, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page.

    Args:
        scope: of the request.
        template: file name in the folder `templates`.
        status: of HTTP.
        values: what the template shows.
    """
    html = _templates.get_template(template).render(path=scope["path"], **values)
    return HTMLResponse(html, status)
