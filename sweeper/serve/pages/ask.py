"""The page Ask: a form, and the answer under an address of its own."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sweeper.report.figures.prediction import prediction_figure
from sweeper.repository.objectives import regret_shown, shown
from sweeper.repository.practice import COLUMNS_SHOWN
from sweeper.repository.recommendation.expressible import simplest
from sweeper.repository.recommendation.recommendation import WHY_LISTED
from sweeper.serve.lookup import Lookup
from sweeper.serve.pages import form
from sweeper.serve.pages.figures import SCRIPT, figure_json
from sweeper.serve.pages.lines import lines
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
                return page(
                    request.scope,
                    "answer.html",
                    form=form,
                    filled=filled,
                    answer=answer,
                    figure=figure_json(prediction_figure(answer)) if answer.profiles else None,
                    lines=lines(answer, asked.loss, asked.beside),
                    columns=COLUMNS_SHOWN,
                    simplest=simplest(answer.setting),
                    why_listed=WHY_LISTED,
                    plotly=SCRIPT,
                    gain=lambda *gains: shown(answer.objective, *gains),
                    regret=lambda regret: regret_shown(answer.objective, regret),
                )
        tasks = len(lookup.snapshot().tasks.ids) if filled.is_empty else 0
        status = 422 if filled.fault else 200
        return page(
            request.scope, "ask.html", status, form=form, filled=filled, number_of_tasks=tasks
        )

    return router
