"""The buttons and forms that steer studies: pause, resume, stop, rename, delete."""

from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sweeper.registry.study_state import ACTIONS
from sweeper.serve.guard.gate import MAY_WRITE
from sweeper.serve.pages.studies import STUDIES
from sweeper.serve.problem import Problem
from sweeper.serve.steering import Steering, Told
from sweeper.serve.templating import page

#: Where a study gets another name, and where it is deleted; not below `STUDIES`, since a study may
#: be called ``mine/delete``.
RENAME, DELETE = "/sweep/rename", "/sweep/delete"

#: What is told where another study has the name by now, or there is more to lose.
_CHANGED = "The study has changed since you opened this page; look at it again."


async def _fields(request: Request) -> dict[str, str]:
    """Return what a form sent."""
    sent = parse_qs((await request.body()).decode("latin-1"))
    return {name: values[0] for name, values in sent.items()}


Fields = Annotated[Mapping[str, str], Depends(_fields)]


def steering_pages(steering: Steering) -> APIRouter:
    """Return the pages, and what their forms are sent to."""
    router = APIRouter(include_in_schema=False)

    for action in ACTIONS:
        router.add_api_route(
            f"{STUDIES}/{{name:path}}/{action}", _state(steering, action), methods=["POST"]
        )

    @router.get(RENAME + "/{name:path}")
    def ask_name(request: Request, name: str) -> Response:
        told = steering.told(name)
        return _asked(request, "rename.html", told, told.identity, new_name=name)

    @router.post(RENAME + "/{name:path}")
    def rename(request: Request, name: str, fields: Fields) -> Response:
        told, new_name = steering.told(name), fields.get("name", "").strip()
        try:
            _require_same(told.identity, fields)
            return RedirectResponse(
                f"{STUDIES}/{quote(steering.rename(request.scope, told, new_name))}", 303
            )
        except Problem as problem:
            told = steering.told(name)
            return _asked(request, "rename.html", told, told.identity, problem, new_name=new_name)

    @router.get(DELETE + "/{name:path}")
    def ask_whether(request: Request, name: str) -> Response:
        told = steering.told(name)
        return _asked(request, "delete.html", told, told.extent)

    @router.post(DELETE + "/{name:path}")
    def delete(request: Request, name: str, fields: Fields) -> Response:
        told = steering.told(name)
        try:
            _require_same(told.extent, fields)
            steering.delete(request.scope, told)
        except Problem as problem:
            told = steering.told(name)
            return _asked(request, "delete.html", told, told.extent, problem)
        return RedirectResponse(STUDIES, 303)

    return router


def _state(steering: Steering, action: str) -> Callable[[Request, str], Response]:
    def steer(request: Request, name: str) -> Response:
        steering.steer(request.scope, name, action)
        return RedirectResponse(f"{STUDIES}/{quote(name)}", 303)

    return steer


def _require_same(mark: str, fields: Mapping[str, str]) -> None:
    """Refuse to change what is not what the page told of, and what no page told of at all."""
    if fields.get("told") != mark:
        raise Problem(409, _CHANGED, "")


def _asked(
    request: Request,
    template: str,
    told: Told,
    mark: str,
    problem: Problem | None = None,
    **values: str,
) -> Response:
    """Return a form about a study, with what was wrong with it when it was sent."""
    if not request.scope[MAY_WRITE]:
        raise Problem(403, "you may read here, and change nothing", "Ask who runs this server.")
    return page(
        request.scope,
        template,
        200 if problem is None else problem.status,
        study=told.study,
        lost=told.deletion,
        mark=mark,
        fault="" if problem is None else f"{problem} {problem.remedy}".strip(),
        **values,
    )
