"""The endpoints of the API."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sweeper.registry.study_state import ACTIONS
from sweeper.report import results, workers
from sweeper.serve.api.tagged import tagged
from sweeper.serve.lookup import Lookup
from sweeper.serve.question import Asked
from sweeper.serve.steering import Steering

#: Where the API is.
PREFIX = "/sweep/api/v1"

_JSON = "application/json"


def api(lookup: Lookup, steering: Steering) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX)

    @router.post("/recommend")
    def recommend(asked: Asked) -> Response:
        """Recommend margins and a scale by numbers alone, before any training.

        The answer is the object of ``sweeper recommend --format json``, see docs/json.md.
        """
        return Response(lookup.answer(asked).to_json(), media_type=_JSON)

    @router.get("/tasks")
    def tasks(request: Request) -> Response:
        """Return the tasks of the repository: how each was trained, and its best settings."""
        return _found(request, lookup.snapshot().tasks.all)

    @router.get("/tasks/{task:path}")
    def task(request: Request, task: str) -> Response:
        """Return a task with its meta-features and, for each objective, its best settings."""
        return _found(request, lookup.task(task))

    @router.get("/studies")
    def studies(request: Request) -> Response:
        """Return the studies of the database with their trials by state."""
        return _found(request, lookup.studies())

    @router.get("/studies/{name:path}/results")
    def study_results(request: Request, name: str) -> Response:
        """Return the object of ``sweeper results --format json``."""
        return _found(request, results.to_dict(lookup.results(name)))

    @router.get("/studies/{name:path}")
    def study(request: Request, name: str) -> Response:
        """Return a study with its trials by state and cause."""
        return _found(request, lookup.study(name))

    for action in ACTIONS:
        router.add_api_route(
            f"/studies/{{name:path}}/{action}",
            _steering(steering, action),
            methods=["POST"],
            summary=f"{action.capitalize()} a study",
        )

    @router.get("/workers")
    def active(request: Request) -> Response:
        """Return the list of ``sweeper workers --format json``."""
        return _found(request, [workers.to_dict(each) for each in lookup.workers()])

    return router


def _steering(steering: Steering, action: str) -> Callable[[Request, str], Response]:
    def steer(request: Request, name: str) -> Response:
        """Return the study as ``GET studies/NAME`` does. Its workers follow after their epoch."""
        body = json.dumps(steering.steer(request.scope, name, action), ensure_ascii=False)
        return Response(body, media_type=_JSON)

    return steer


def _found(request: Request, content: Any) -> Response:
    """Return content as JSON, or nothing if the client has it already."""
    return tagged(request, json.dumps(content, ensure_ascii=False, allow_nan=False))
