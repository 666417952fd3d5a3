"""A study as a page shows it: what came out, trial by trial and epoch by epoch."""

import math
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from sweeper.console import count
from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.report.page.features import Features
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.store import Database, StoredStudy, is_retryable
from sweeper.store.results.frames import curve_table, trial_table
from sweeper.study.ranking import cost
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class Reported:
    """A study with its frames.

    Attributes:
        outcome: its trials with all seeds.
        table: from `sweeper.store.results.frames.trial_table`.
        curves: from `sweeper.store.results.frames.curve_table`.
        slug: the name of its folder.
        features: the embeddings of one seed, where they were asked for.
        storage: the option that suggested commands need, see `sweeper.store.Database.option`.
    """

    outcome: StudyResults
    table: pd.DataFrame
    curves: pd.DataFrame
    slug: str
    features: Features | None = None
    storage: str = ""

    @classmethod
    def load(cls, database: Database, study: StoredStudy, slug: str) -> "Reported":
        """Read a study."""
        return cls(
            StudyResults.load(database, study),
            trial_table(database, study.id),
            curve_table(database, study.id),
            slug,
            storage=database.option,
        )

    @property
    def name(self) -> str:
        """The name of the study."""
        return self.outcome.summary.study.name

    @property
    def spec(self) -> StudySpec:
        """The study file."""
        return self.outcome.spec

    @property
    def objective(self) -> str:
        """The first objective, which settings are compared by."""
        return self.spec.objectives[0]

    @property
    def rows(self) -> list[ResultRow]:
        """The complete trials, a search's best first, and the controls."""
        controls = [row for row in self.outcome.controls if row.record.state == "complete"]
        return [*self.outcome.ranked, *controls]

    @property
    def progress(self) -> str:
        """How far it is: ``12 of 43 settings are complete (28 %), 1 failed``."""
        summary, done = self.outcome.summary, len(self.outcome.complete)
        total = summary.study.n_trials
        noun = "setting" if self.spec.kind == "experiment" else "trial"
        share = "" if done == total else f" ({100 * done / total:.0f} %)"
        verb = "is" if total == 1 else "are"
        states = {**summary.states, "running": summary.live}
        others = [f"{n} {name}" for name, n in states.items() if n and name != "complete"]
        return ", ".join([f"{done} of {count(total, noun)} {verb} complete{share}", *others])

    @property
    def failures(self) -> list[str]:
        """Why trials failed, a line for each; the lost ones were queued again."""
        failed = [row for row in self.outcome.trials if row.record.state == "failed"]
        own = [row for row in failed if not is_retryable(row.record.cause)]
        return [f"{row.label} failed: {row.record.cause}" for row in own]


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return a folder name for each study name, no two alike even where case does not count."""
    given: dict[str, str] = {}
    for name in names:
        slug = base = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "study"
        number = 2
        while slug.casefold() in {taken.casefold() for taken in given.values()}:
            slug, number = f"{base}-{number}", number + 1
        given[name] = slug
    return given


def by_seed(row: ResultRow, measure: str) -> dict[int, float]:
    """Return the values of a measure by seed, where a seed has it."""
    return {s.seed: s.values[measure] for s in row.record.seeds if measure in s.values}


def seeds_of(rows: Iterable[ResultRow]) -> list[int]:
    """Return all seeds that any of the trials was trained with, ascending."""
    return sorted({seed.seed for row in rows for seed in row.record.seeds})


def best_by_validation(study: Reported, rows: Sequence[ResultRow]) -> ResultRow | None:
    """Return the best of some settings, as far as that may be known; None if it may not.

    One alone is the best. Of several, a search's are compared by its objective, which is on
    validation data already, an experiment's, whose values are on test data, by the mean validation
    accuracy after the last epoch. Where that was not measured, nothing can be chosen without
    reading the test data.
    """
    if len(rows) == 1:
        return rows[0]
    costs = [_cost(study, row) for row in rows]
    if not rows or not all(map(math.isfinite, costs)):
        return None
    return rows[costs.index(min(costs))]


def losses_at_their_best(study: Reported) -> tuple[dict[str, ResultRow], list[str]]:
    """Return the best setting of each loss with its terms, and the losses without one."""
    groups: dict[str, list[ResultRow]] = {}
    for row in study.rows:
        groups.setdefault(row.record.setting.losses, []).append(row)
    found = {losses: best_by_validation(study, rows) for losses, rows in groups.items()}
    chosen = {losses: row for losses, row in found.items() if row is not None}
    return chosen, [losses for losses in found if losses not in chosen]


def _cost(study: Reported, row: ResultRow) -> float:
    """Return what a setting is chosen by, less being better; infinite if it was not measured."""
    if study.spec.kind == "search":
        return cost(study.objective, row.values[study.objective])
    last = [seed.curve[-1].accuracy if seed.curve else None for seed in row.record.seeds]
    known = [value for value in last if value is not None]
    whole = known and len(known) == len(last)
    return cost(DEFAULT_OBJECTIVE, statistics.fmean(known)) if whole else math.inf
