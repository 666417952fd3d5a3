"""The service under ``/sweep``: its pages, and the API under ``/sweep/api/v1``."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sweeper import __version__
from sweeper.serve.api.files import file_answers
from sweeper.serve.api.routes import api
from sweeper.serve.guard.access import Access
from sweeper.serve.invalid import SEND_JSON, invalid
from sweeper.serve.known import Known
from sweeper.serve.login import login_pages
from sweeper.serve.lookup import Lookup
from sweeper.serve.pages.answers import answer_pages
from sweeper.serve.pages.ask import ask_pages
from sweeper.serve.pages.figures import figure_script
from sweeper.serve.pages.imports import import_pages
from sweeper.serve.pages.repository import repository_pages
from sweeper.serve.pages.steering import steering_pages
from sweeper.serve.pages.studies import study_pages
from sweeper.serve.problem import Problem
from sweeper.serve.steering import Steering
from sweeper.serve.templating import STATIC
from sweeper.serve.uploads.desk import Desk
from sweeper.store import Database


def make_service(database: Database, known: Known, access: Access) -> FastAPI:
    """Return the application for all paths below ``/sweep``; its `state.desk` is to be closed.

    Args:
        database: whose studies.
        known: what recommendations learn from.
        access: whom it answers.
    """
    # Its documentation pages load scripts from elsewhere.
    service = FastAPI(
        title="sweeper",
        version=__version__,
        openapi_url="/sweep/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    service.include_router(login_pages(access))
    lookup = Lookup(database, known)
    steering = Steering(database, lookup)
    desk = service.state.desk = Desk(lookup)
    for files in (file_answers, answer_pages):
        service.include_router(files(desk))
    service.include_router(api(lookup, steering))
    service.include_router(steering_pages(steering))
    service.include_router(import_pages(database))
    service.include_router(repository_pages(lookup, database))
    for pages in (ask_pages, study_pages):
        service.include_router(pages(lookup))
    service.include_router(figure_script())
    service.mount("/sweep/static", StaticFiles(directory=STATIC))
    service.exception_handler(Problem)(_problem)
    service.exception_handler(HTTPException)(_http)
    service.exception_handler(RequestValidationError)(_invalid)
    return service


def _problem(request: Request, problem: Problem) -> Response:
    return problem.response(request.scope)


def _http(request: Request, error: HTTPException) -> Response:
    remedies = {
        400: SEND_JSON,
        404: "Look at the addresses on /sweep.",
        405: "See /sweep/api/v1/openapi.json.",
    }
    remedy = remedies.get(error.status_code, "Try again.")
    response = Problem(error.status_code, str(error.detail), remedy).response(request.scope)
    response.headers.update(error.headers or {})
    return response


def _invalid(request: Request, error: RequestValidationError) -> Response:
    return invalid(error.errors()).response(request.scope)
