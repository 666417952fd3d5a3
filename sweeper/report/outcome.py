"""What came out of a study, gathered from the store."""

import math
import statistics
from dataclasses import dataclass
from functools import cached_property

from sweeper import store
from sweeper.search.ranking import cost
from sweeper.search.study_file import StudySpec
from sweeper.store import Database, StoredStudy, StudySummary, TrialRecord


@dataclass(frozen=True)
class Row:
    """A trial or a control with the mean and the spread of each measure over its seeds."""

    record: TrialRecord
    values: dict[str, float]
    spread: dict[str, float]

    @classmethod
    def of(cls, record: TrialRecord, measures: tuple[str, ...]) -> "Row":
        """Average over the seeds; the spread is the sample standard deviation.

        These measures come first, then what else was measured.
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
        """How it is called in a table."""
        return self.record.control or f"trial {self.record.number}"


@dataclass(frozen=True)
class Outcome:
    """A study and all its trials."""

    summary: StudySummary
    spec: StudySpec
    trials: list[Row]
    controls: list[Row]

    @classmethod
    def load(cls, database: Database, study: StoredStudy, values_alone: bool = False) -> "Outcome":
        """Read a study's results, see `sweeper.store.load_trials`."""
        spec = StudySpec.from_json(study.spec)
        measures = shown_measures(spec)
        records = store.load_trials(database, study.id, values_alone=values_alone)
        rows = [Row.of(record, measures) for record in records]
        return cls(
            store.summarise(database, study.name),
            spec,
            [row for row in rows if row.record.number is not None],
            [row for row in rows if row.record.control is not None],
        )

    @cached_property
    def complete(self) -> list[Row]:
        """The trials that were trained to the end."""
        return [row for row in self.trials if row.record.state == "complete"]

    @cached_property
    def best(self) -> list[Row]:
        """The best trial, or those that no other beats in all objectives; none of an experiment."""
        if self.spec.kind == "experiment":
            return []
        if len(self.spec.objectives) == 1:
            return self.ranked[:1]
        return [row for row in self.complete if not any(self._beats(r, row) for r in self.complete)]

    @cached_property
    def ranked(self) -> list[Row]:
        """The complete trials, the best in the first objective first; an experiment's in order."""
        if self.spec.kind == "experiment":
            return self.complete
        first = self.spec.objectives[0]
        return sorted(self.complete, key=lambda row: cost(first, row.values[first]))

    def _beats(self, one: Row, other: Row) -> bool:
        pairs = [(cost(o, one.values[o]), cost(o, other.values[o])) for o in self.spec.objectives]
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def shown_measures(spec: StudySpec) -> tuple[str, ...]:
    """Return what is shown of each trial: the objectives, and the accuracy where it is measured.

    A net that learnt nothing keeps images apart that differ, and may retrieve well by that alone:
    only its accuracy gives it away. Of retrieval alone no images are spared for it any more.
    """
    if spec.objectives == ("retrieval",) and spec.loaded.folds:
        return spec.objectives
    return tuple(dict.fromkeys((*spec.objectives, "accuracy")))
