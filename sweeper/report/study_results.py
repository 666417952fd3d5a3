"""The results of a study, loaded from the store."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sweeper import store
from sweeper.registry.objectives import BALANCED_ACCURACY, DEFAULT_OBJECTIVE, only_held_out
from sweeper.store import (
    Confirmation,
    ConfirmationClaim,
    Database,
    Outlook,
    StoredStudy,
    StudySummary,
    TrialRecord,
)
from sweeper.study.ranking import best_controls, cost
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class ResultRow:
    """A trial or a control with the mean and the spread of each measure over its seeds."""

    record: TrialRecord
    values: dict[str, float]
    spread: dict[str, float]

    @classmethod
    def of(cls, record: TrialRecord, measures: tuple[str, ...]) -> "ResultRow":
        """Average over the seeds; the spread is the sample standard deviation.

        The given measures come first, then all others that were stored.
        """
        values, spread = {}, {}
        others = sorted({measure for seed in record.seeds for measure in seed.values})
        for measure in dict.fromkeys((*measures, *others)):
            seeds = [seed.values[measure] for seed in record.seeds if measure in seed.values]
            values[measure] = statistics.fmean(seeds) if seeds else math.nan
            finite = len(seeds) > 1 and all(map(math.isfinite, seeds))
            spread[measure] = statistics.stdev(seeds) if finite else math.nan
        return cls(record, values, spread)

    @property
    def label(self) -> str:
        """Its name in tables."""
        return self.record.control or f"trial {self.record.number}"


@dataclass(frozen=True)
class StudyResults:
    """A study, all its trials, and its confirmation, finished or begun, if there is one.

    The outlook is what further trials of a search would gain, where that was looked at.

    `measures` are those to show of each trial, see `shown_measures`.
    """

    summary: StudySummary
    spec: StudySpec
    trials: list[ResultRow]
    every_control: list[ResultRow]
    measures: tuple[str, ...]
    confirmation: Confirmation | ConfirmationClaim | None = None
    outlook: Outlook | None = None

    @classmethod
    def load(
        cls, database: Database, study: StoredStudy, values_alone: bool = False
    ) -> "StudyResults":
        """Read a study's results, see `sweeper.store.load_trials`."""
        spec = StudySpec.from_json(study.spec)
        records = store.load_trials(database, study.id, values_alone=values_alone)
        measures = shown_measures(spec, records)
        rows = [ResultRow.of(record, measures) for record in records]
        return cls(
            store.load_summary(database, study.id),
            spec,
            [row for row in rows if row.record.number is not None],
            [row for row in rows if row.record.control is not None],
            measures,
            store.find_confirmation(database, study.id) or store.find_claim(database, study.id),
            store.find_outlook(database, study),
        )

    @cached_property
    def complete(self) -> list[ResultRow]:
        """The trials that were trained to the end."""
        return [row for row in self.trials if row.record.state == "complete"]

    @cached_property
    def controls(self) -> list[ResultRow]:
        """The controls, of each loss the one at its best learning rate in the first objective."""
        if self.spec.kind == "experiment":
            return self.every_control
        records = [row.record for row in self.every_control]
        best = best_controls(records, self.spec.objectives[0])
        return [row for row in self.every_control if row.record in best]

    @cached_property
    def best(self) -> list[ResultRow]:
        """The best trial, or the Pareto front of several objectives; empty for an experiment."""
        if self.spec.kind == "experiment":
            return []
        if len(self.spec.objectives) == 1:
            return self.ranked[:1]
        return [row for row in self.complete if not any(self._beats(r, row) for r in self.complete)]

    @cached_property
    def ranked(self) -> list[ResultRow]:
        """The complete trials, best in the first objective first; an experiment's in order."""
        if self.spec.kind == "experiment":
            return self.complete
        first = self.spec.objectives[0]
        return sorted(self.complete, key=lambda row: cost(first, row.values[first]))

    def _beats(self, one: ResultRow, other: ResultRow) -> bool:
        pairs = [(cost(o, one.values[o]), cost(o, other.values[o])) for o in self.spec.objectives]
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def shown_measures(spec: StudySpec, records: Sequence[TrialRecord]) -> tuple[str, ...]:
    """Return the measures to show for each trial: the objectives, and the accuracies if measured.

    A net that learned nothing still maps different images to different points and may retrieve well
    because of that alone; only its accuracy reveals it. For retrieval alone no images are spared
    to measure it on. Balanced accuracy is measured beside it; earlier versions did not.
    """
    if spec.loaded.folds and only_held_out(spec.objectives):
        return spec.objectives
    shown = list(dict.fromkeys((*spec.objectives, DEFAULT_OBJECTIVE)))
    if any(BALANCED_ACCURACY in seed.values for record in records for seed in record.seeds):
        shown.insert(shown.index(DEFAULT_OBJECTIVE) + 1, BALANCED_ACCURACY)
    return tuple(shown)
