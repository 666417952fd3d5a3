"""The pages of the repository: its tasks, what was imported, and each task's best settings."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup
from numpy import nan_to_num

from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.report.figures.task_map import Coloring, MappedTask, task_map_figure
from sweeper.repository.imports import imported_files
from sweeper.repository.meta_features.measure import DESCRIPTIONS
from sweeper.repository.objectives import regret_shown, shown
from sweeper.serve.described import described
from sweeper.serve.guard.gate import MAY_WRITE
from sweeper.serve.known_tasks import KnownTasks
from sweeper.serve.lookup import Lookup, reading
from sweeper.serve.pages.figures import SCRIPT, figure_json
from sweeper.serve.problem import Problem
from sweeper.serve.templating import page
from sweeper.store import Database

#: Where they are.
REPOSITORY = "/sweep/repository"


@dataclass(frozen=True)
class Sorting:
    """By which column a table is sorted, and which way."""

    by: str
    descending: bool


def repository_pages(lookup: Lookup, database: Database) -> APIRouter:
    """Return the pages; the database is that of the lookup."""
    router = APIRouter(include_in_schema=False, prefix=REPOSITORY)

    @router.get("")
    def tasks(
        request: Request, objective: str = "", sort: str = "", down: str = "", color: str = ""
    ) -> Response:
        chosen = objective if objective in OBJECTIVES else DEFAULT_OBJECTIVE
        with reading(database):
            imports = imported_files(database)
        may_write = request.scope[MAY_WRITE]
        try:
            known = lookup.snapshot().tasks
        except Problem as problem:  # it may be what was imported that cannot be read
            return page(
                request.scope,
                "imports.html",
                problem.status,
                fault=problem.detail,
                imports=imports,
                may_write=may_write,
            )
        columns = _columns(chosen, known)
        by = sort if sort in columns else "task"
        measured = [each for each in known.all if chosen in each["best"]]
        entries = sorted(measured, key=columns[by], reverse=bool(down))
        coloring: Coloring = "gain" if color == "gain" else "scale"
        return page(
            request.scope,
            "repository.html",
            tasks=entries,
            objective=chosen,
            objectives=tuple(OBJECTIVES),
            sorting=Sorting(by, bool(down)),
            gains=_gains(chosen, known),
            map=known.map,
            figure=_map(chosen, known, measured, coloring),
            coloring=coloring,
            plotly=SCRIPT,
            imports=imports,
            may_write=may_write,
        )

    @router.get("/{task:path}")
    def task(request: Request, task: str) -> Response:
        found = lookup.task(task)
        return page(
            request.scope,
            "task.html",
            task=found,
            facts=_facts(found),
            gain=shown,
            error=regret_shown,
            meanings=DESCRIPTIONS,
        )

    return router


def _gains(objective: str, known: KnownTasks) -> dict[str, str]:
    """Return the gain of each task's best setting in words."""
    gains = known.best_gains[objective]
    return {task: "–" if isnan(gain) else shown(objective, gain) for task, gain in gains.items()}


def _map(
    objective: str, known: KnownTasks, entries: list[dict[str, Any]], coloring: Coloring
) -> Markup | None:
    """Return the map of tasks, None where they have no places."""
    if known.map is None:
        return None
    tasks = [
        MappedTask(
            each["task"],
            each["plan"]["start"],
            described(each["best"][objective]),
            each["best"][objective]["scale"],
            known.best_gains[objective][each["task"]],
            f"{REPOSITORY}/{quote(each['task'])}",
        )
        for each in entries
    ]
    return figure_json(task_map_figure(known.map, tasks, objective, coloring))


def _columns(objective: str, known: KnownTasks) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Return what the rows are sorted by, for each column."""

    return {
        "task": lambda entry: entry["task"].lower(),
        "start": lambda entry: (entry["plan"]["start"], entry["task"]),
        "classes": lambda entry: entry["plan"]["num_classes"],
        "per_class": lambda entry: entry["plan"]["per_class"],
        "samples": lambda entry: entry["plan"]["samples"],
        "scale": lambda entry: entry["best"][objective]["scale"] or 0.0,
        "gain": lambda entry: nan_to_num(known.best_gains[objective][entry["task"]], nan=-inf),
    }


def _facts(task: dict[str, Any]) -> list[tuple[str, str]]:
    plan = task["plan"]
    return [
        ("source", task["source"]),
        ("classes", f"{plan['num_classes']:,}"),
        ("images per class", f"{plan['per_class']:,.0f}"),
        ("net", plan["net"]),
        ("start", plan["start"]),
        ("epochs", f"{plan['epochs']:,}"),
        ("batch size", f"{plan['batch_size']:,}"),
        ("embedding", f"{plan['embedding']:,}"),
    ]
