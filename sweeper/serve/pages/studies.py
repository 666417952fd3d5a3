"""The pages of the studies and of the workers on them."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from sweeper.console import count, duration
from sweeper.registry.study_state import ACTIONS, StudyState
from sweeper.report import confirmed, outlook
from sweeper.report.figures.response import response_figure
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.text import measured
from sweeper.serve.guard.gate import MAY_WRITE
from sweeper.serve.lookup import Lookup, study_to_dict
from sweeper.serve.pages.figures import SCRIPT, figure_json
from sweeper.serve.pages.refreshed import refreshed
from sweeper.store import StudySummary
from sweeper.store.queue.active_workers import ActiveWorker

#: Where they are.
STUDIES, WORKERS = "/sweep/studies", "/sweep/workers"

#: How many of the best trials a page shows; the API has them all.
SHOWN = 20

#: Above this number of trials a page has no figure.
MOST_DRAWN = 2000


@dataclass(frozen=True)
class TrialLine:
    """A trial or a control as a row of the table."""

    label: str
    is_control: bool
    setting: str
    lr: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, row: ResultRow, measures: tuple[str, ...]) -> "TrialLine":
        """Return the row of a trial."""
        values = tuple(measured(name, row.values[name], row.spread[name]) for name in measures)
        setting = row.record.setting
        is_control = row.record.control is not None
        return cls(row.label, is_control, setting.describe(), f"{setting.lr:.3g}", values)


@dataclass(frozen=True)
class WorkerLine:
    """A worker as a row of the table."""

    name: str
    device: str
    study: str
    trials: str
    started: str
    speed: str
    seen: str

    @classmethod
    def of(cls, active: ActiveWorker) -> "WorkerLine":
        """Return the row of a worker."""
        trials = [str(each.control or each.number) for each in active.leases]
        seen = f"{duration(active.unseen)} ago"
        return cls(
            active.worker.name,
            active.worker.device,
            active.study,
            ", ".join(trials),
            f"{duration(active.seconds)} ago",
            f"{active.epochs_per_second:.3g}",
            f"lost, {seen}" if active.is_lost else seen,
        )


def study_pages(lookup: Lookup) -> APIRouter:
    """Return the pages."""
    router = APIRouter(include_in_schema=False)

    @router.get(STUDIES)
    def studies(request: Request) -> Response:
        lines = lookup.study_lines()
        return refreshed(request, "studies", lines, lambda: {"lines": lines})

    @router.get(STUDIES + "/{name:path}")
    def study(request: Request, name: str) -> Response:
        summary = lookup.summary(name)
        return refreshed(
            request,
            "study",
            lookup.what_shows(summary),
            lambda: _shown(lookup, summary, request.scope[MAY_WRITE]),
            summary.is_finished,
        )

    @router.get(WORKERS)
    def workers(request: Request) -> Response:
        active = [WorkerLine.of(each) for each in lookup.workers()]
        return refreshed(request, "workers", active, lambda: {"workers": active})

    return router


def _shown(lookup: Lookup, summary: StudySummary, may_write: bool) -> dict[str, Any]:
    """Return what a study's page shows."""
    found = study_to_dict(summary)
    name = summary.study.name
    outcome = lookup.results(name, values_alone=True) if found["objectives"] else None
    return {
        "study": found,
        "may_write": may_write,
        "actions": _actions(summary.study.state, summary.is_finished),
        "rows": [] if outcome is None else _rows(outcome),
        "heading": "" if outcome is None else _heading(outcome),
        "measures": () if outcome is None else outcome.measures,
        "split": "" if outcome is None else outcome.summary.study.split,
        "outlook": [] if outcome is None else outlook.lines(outcome),
        "confirmed": [] if outcome is None else _confirmed(outcome),
        "figures": {} if outcome is None else _figures(lookup, outcome),
        "plotly": SCRIPT,
    }


def _actions(now: StudyState, is_finished: bool) -> list[str]:
    return [name for name, state in ACTIONS.items() if _makes_sense(state, now, is_finished)]


def _makes_sense(state: StudyState, now: StudyState, is_finished: bool) -> bool:
    """Return whether somebody may want a study in a state.

    A stopped one has nobody to pause, and of a finished one nothing is left to pause or stop.
    """
    if is_finished and now == "active":
        return False
    return state != now and (state, now) != ("paused", "stopped")


def _rows(outcome: StudyResults) -> list[TrialLine]:
    rows = (*outcome.ranked[:SHOWN], *outcome.controls)
    return [TrialLine.of(row, outcome.measures) for row in rows]


def _heading(outcome: StudyResults) -> str:
    total = len(outcome.complete)
    if outcome.spec.kind == "experiment":
        return "Settings" if total <= SHOWN else f"The first {SHOWN} of {total:,} settings"
    if total <= SHOWN:
        return f"{count(total, 'complete trial').capitalize()}, best first"
    return f"The best {SHOWN} of {total:,} complete trials"


def _confirmed(outcome: StudyResults) -> list[str]:
    return confirmed.lines(outcome.confirmation, outcome.spec.objectives[0])


def _figures(lookup: Lookup, outcome: StudyResults) -> dict[str, Markup]:
    """Return the response to the hyperparameters, for each objective."""
    if not 0 < len(outcome.complete) <= MOST_DRAWN:
        return {}
    table = lookup.trial_table(outcome.summary.study)
    return {
        f"response-{name}": figure_json(response_figure(table, outcome.spec, name))
        for name in outcome.spec.objectives
    }
