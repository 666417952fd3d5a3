"""What pages and API read, with errors as problems of the request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from sweeper import store
from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.report.studies import StudyLine
from sweeper.report.study_results import StudyResults
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.serve.known import Known, Snapshot
from sweeper.serve.problem import Problem
from sweeper.serve.question import Asked, AskedOfFile
from sweeper.store import Database, StoredStudy, StudySummary
from sweeper.store.queue.active_workers import ActiveWorker, active_workers
from sweeper.store.results.frames import trial_table
from sweeper.study.study_file import StudySpec

#: Seconds to wait for a database that is out of reach: somebody looks at the page.
SECONDS = 2.0


class Lookup:
    """Reads from the database and from what is known.

    Every method raises `Problem`: 404 for what is not there, 422 for a question that has no answer,
    503 if the database is out of reach.
    """

    def __init__(self, database: Database, known: Known) -> None:
        self._database = database
        self._known = known
        self._lines: dict[int, tuple[object, StudyLine]] = {}

    def snapshot(self) -> Snapshot:
        """Return what is known."""
        with reading(self._database):
            return self._known.current()

    def answer(self, asked: Asked) -> Recommendation:
        """Return the recommendation."""
        snapshot = self.snapshot()
        with _answering():
            return snapshot.answer(asked.question())

    def answer_measured(
        self, asked: AskedOfFile, features: Mapping[str, float], plan: Plan, dataset: str
    ) -> Recommendation:
        """Return the recommendation for data that were measured.

        Args:
            asked: what is wanted.
            features: meta-features of the data.
            plan: the training, with what the data are.
            dataset: what commands call the data.
        """
        snapshot = self.snapshot()
        terms = asked_terms(asked.beside)
        with _answering():
            return snapshot.answer_measured(
                features, plan, asked.objective, asked.loss, terms, dataset
            )

    def task(self, name: str) -> dict[str, Any]:
        """Return a task of the repository, see `KnownTasks.detail`."""
        tasks = self.snapshot().tasks
        if name not in tasks.ids:
            raise _missing(unknown("task", name, tasks.ids), "tasks")
        return tasks.detail(name)

    def studies(self) -> list[dict[str, Any]]:
        """Return the studies of the database as plain values."""
        with reading(self._database):
            return [study_to_dict(summary) for summary in store.list_studies(self._database)]

    def study_lines(self) -> list[tuple[dict[str, Any], StudyLine]]:
        """Return the studies with the figures that lists show; read again where trials came."""
        with reading(self._database):
            summaries = store.list_studies(self._database)
            return [(study_to_dict(each), self._line(each)) for each in summaries]

    def summary(self, name: str) -> StudySummary:
        """Return one study with how far it is."""
        with reading(self._database, "studies"):
            return store.summarize(self._database, name)

    def study(self, name: str) -> dict[str, Any]:
        """Return one study as plain values."""
        return study_to_dict(self.summary(name))

    def what_shows(self, summary: StudySummary) -> tuple[object, ...]:
        """Return what a study's page depends on."""
        with reading(self._database):
            study = summary.study
            outlook = store.find_outlook(self._database, study)
            is_confirmed = store.find_confirmation(self._database, study.id) is not None
            claim = store.find_claim(self._database, study.id)
        return (*_progress(summary), outlook, is_confirmed, claim)

    def results(self, name: str, values_alone: bool = False) -> StudyResults:
        """Return the results of a study, see `StudyResults.load`."""
        with reading(self._database, "studies"):
            stored = store.find_study(self._database, name)
            return StudyResults.load(self._database, stored, values_alone)

    def trial_table(self, study: StoredStudy) -> pd.DataFrame:
        """Return the trials of a study, see `sweeper.store.results.frames.trial_table`."""
        with reading(self._database):
            return trial_table(self._database, study.id)

    def workers(self) -> list[ActiveWorker]:
        """Return the active workers."""
        with reading(self._database):
            return active_workers(self._database)

    def _line(self, summary: StudySummary) -> StudyLine:
        state = _progress(summary)
        before = self._lines.get(summary.study.id)
        if before is None or before[0] != state:
            before = (state, StudyLine.of(self._database, summary))
            self._lines[summary.study.id] = before
        return before[1]


@contextmanager
def reading(database: Database, listed: str = "") -> Iterator[None]:
    """Turn errors of the store into problems, see `Lookup`.

    Args:
        database: where it reads.
        listed: what of the API lists what there is, where a name may be unknown.
    """
    try:
        with database.timeout(SECONDS), store.explain_errors(database.name):
            yield
    except UsageError as error:
        raise _missing(error, listed) from None
    except SweeperError as error:
        raise Problem(503, str(error), "Try again in a minute.") from None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        raise Problem(422, str(error), "Correct it and ask again.") from None
    except SweeperError as error:
        raise Problem(503, str(error), "Try again in a minute.") from None


def _progress(summary: StudySummary) -> tuple[object, ...]:
    return (
        *(summary.study.name, summary.study.created),  # SQLite gives an id again
        *(summary.study.n_trials, summary.states, summary.causes),
        *(summary.live, summary.queued, summary.controls, summary.study.state),
    )


def study_to_dict(summary: StudySummary) -> dict[str, Any]:
    """Return a study as plain values, with the names of ``sweeper results --format json``."""
    study = summary.study
    try:
        objectives = list(StudySpec.from_json(study.spec).objectives)
    except SweeperError:  # written by another version of sweeper
        objectives = []
    return {
        "study": study.name,
        "kind": study.kind,
        "state": study.state,
        "objectives": objectives,
        "dataset": study.task.dataset.name,
        "net": study.task.net,
        "created": study.created.isoformat(timespec="seconds"),
        "budget": study.n_trials,
        "done": summary.counted,
        "states": {**summary.states, "running": summary.live, "queued": summary.queued},
        "causes": summary.causes,
        "dashboard": f"/dashboard/studies/{study.optuna_study_id}",
    }


def _missing(error: SweeperError, listed: str) -> Problem:
    return Problem(404, str(error), f"See /sweep/api/v1/{listed} for what there is.")
