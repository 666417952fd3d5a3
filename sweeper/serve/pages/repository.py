"""The pages of the repository: its tasks as a table, and each task's best settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.repository.meta_features.measure import DESCRIPTIONS
from sweeper.repository.objectives import regret_shown, shown
from sweeper.serve.lookup import Lookup
from sweeper.serve.templating import page

#: Where they are.
REPOSITORY = "/sweep/repository"


@dataclass(frozen=True)
class Sorting:
    """By which column a table is sorted, and which way."""

    by: str
    descending: bool


def repository_pages(lookup: Lookup) -> APIRouter:
    """Return the pages."""
    router = APIRouter(include_in_schema=False, prefix=REPOSITORY)

    @router.get("")
    def tasks(request: Request, objective: str = "", sort: str = "", down: str = "") -> Response:
        chosen = objective if objective in OBJECTIVES else DEFAULT_OBJECTIVE
        columns = _columns(chosen)
        by = sort if sort in columns else "task"
        measured = [each for each in lookup.snapshot().tasks.all if chosen in each["best"]]
        entries = sorted(measured, key=columns[by], reverse=bool(down))
        return page(
            request.scope,
            "repository.html",
            tasks=entries,
            objective=chosen,
            objectives=tuple(OBJECTIVES),
            sorting=Sorting(by, bool(down)),
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


def _columns(objective: str) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Return what the rows are sorted by, for each column."""

    return {
        "task": lambda entry: entry["task"].lower(),
        "start": lambda entry: (entry["plan"]["start"], entry["task"]),
        "classes": lambda entry: entry["plan"]["num_classes"],
        "per_class": lambda entry: entry["plan"]["per_class"],
        "samples": lambda entry: entry["plan"]["samples"],
        "scale": lambda entry: entry["best"][objective]["scale"] or 0.0,
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
