"""Where the form of the page Ask is sent to, and the answers about files."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sweeper.serve.pages import form
from sweeper.serve.pages.answer import answer_page
from sweeper.serve.pages.ask import ASK, ask_page
from sweeper.serve.problem import Problem
from sweeper.serve.templating import page
from sweeper.serve.uploads.desk import Desk

#: Where the form is sent to; below it is an address for each answer about a file.
ANSWERS = "/sweep/answers"


def answer_pages(desk: Desk) -> APIRouter:
    """Return the pages."""
    router = APIRouter(include_in_schema=False)

    @router.post(ANSWERS)
    async def ask(request: Request) -> Response:
        """Lead to the answer: by numbers, at an address that has them, or about a file."""
        async with desk.receiving(request) as sent:
            if sent.file is None:
                query = [(name, sent.fields[name]) for name in form.NAMES if name in sent.fields]
                return RedirectResponse(f"{ASK}?{urlencode(query)}" if query else ASK, 303)
            filled = form.Filled.of_file(sent.fields)
            if filled.file is None:
                return ask_page(request.scope, filled)
            try:
                key = await desk.submit(sent, filled.file)
            except Problem as problem:
                if problem.status != 422:
                    raise
                return ask_page(request.scope, filled.with_fault(problem.detail))
        return RedirectResponse(f"{ANSWERS}/{key}", 303)

    @router.get(f"{ANSWERS}/{{key}}")
    def answer(request: Request, key: str) -> Response:
        ticket = desk.find(key)
        asked = ticket.asked
        response: Response
        if ticket.answer is None:
            response = page(request.scope, "measuring.html", 202, name=ticket.name)
        else:
            response = answer_page(
                request.scope,
                form.Filled.again(asked),
                ticket.answer,
                asked.loss,
                asked.beside,
                name=ticket.name,
                loading=ticket.loading,
            )
        response.headers["Cache-Control"] = "no-store"
        return response

    return router
