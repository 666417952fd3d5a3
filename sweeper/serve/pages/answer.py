"""The page of an answer, to whatever was asked."""

from collections.abc import Sequence

from fastapi.responses import Response
from starlette.types import Scope

from sweeper.report.figures.prediction import prediction_figure
from sweeper.repository.objectives import regret_shown, shown
from sweeper.repository.practice import COLUMNS_SHOWN
from sweeper.repository.recommendation.expressible import simplest
from sweeper.repository.recommendation.recommendation import WHY_LISTED, Recommendation
from sweeper.serve.pages import form
from sweeper.serve.pages.figures import SCRIPT, figure_json
from sweeper.serve.pages.lines import lines
from sweeper.serve.templating import page


def answer_page(
    scope: Scope,
    filled: form.Filled,
    answer: Recommendation,
    loss: str,
    beside: Sequence[str],
    name: str = "",
    loading: Sequence[str] = (),
) -> Response:
    """Return the page.

    Args:
        scope: of the request.
        filled: the form with the question.
        answer: to it.
        loss: that was asked about.
        beside: terms that were asked about.
        name: of the file that was measured, if one was.
        loading: what is to be said of reading it.
    """
    return page(
        scope,
        "answer.html",
        form=form,
        filled=filled,
        answer=answer,
        name=name,
        loading=loading,
        figure=figure_json(prediction_figure(answer)) if answer.profiles else None,
        lines=lines(answer, loss, beside, measured=bool(loading)),
        columns=COLUMNS_SHOWN,
        simplest=simplest(answer.setting),
        why_listed=WHY_LISTED,
        plotly=SCRIPT,
        gain=lambda *gains: shown(answer.objective, *gains),
        regret=lambda regret: regret_shown(answer.objective, regret),
    )
