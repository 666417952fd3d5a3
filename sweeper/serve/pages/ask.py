"""The page Ask: a form, and the answer by numbers under an address of its own."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.types import Scope

from sweeper.serve.lookup import Lookup
from sweeper.serve.pages import form
from sweeper.serve.pages.answer import answer_page
from sweeper.serve.problem import Problem
from sweeper.serve.templating import page

#: Where it is.
ASK = "/sweep"


def ask_pages(lookup: Lookup) -> APIRouter:
    """Return the page."""
    router = APIRouter(include_in_schema=False)

    @router.get(ASK)
    def ask(request: Request) -> Response:
        query = dict(request.query_params)
        if any(not value.strip() for value in query.values()):
            # Fields that were left empty would make the address unreadable.
            kept = urlencode({name: value for name, value in query.items() if value.strip()})
            return RedirectResponse(f"{ASK}?{kept}" if kept else ASK, 303)
        filled = form.Filled.of(query)
        if (asked := filled.asked) is not None:
            try:
                answer = lookup.answer(asked)
            except Problem as problem:
                if problem.status != 422:
                    raise
                filled = filled.with_fault(problem.detail)
            else:
                return answer_page(request.scope, filled, answer, asked.loss, asked.beside)
        tasks = len(lookup.snapshot().tasks.ids) if filled.is_empty else 0
        return ask_page(request.scope, filled, tasks)

    return router


def ask_page(scope: Scope, filled: form.Filled, number_of_tasks: int = 0) -> Response:
    """Return the form, with what is wrong in it.

    Args:
        scope: of the request.
        filled: the form.
        number_of_tasks: that answers come from, told where nothing was asked yet.
    """
    status = 422 if filled.fault else 200
    return page(
        scope, "ask.html", status, form=form, filled=filled, number_of_tasks=number_of_tasks
    )
