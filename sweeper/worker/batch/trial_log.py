"""What is recorded of one trial while it trains, and the result that becomes of it."""

import math
from dataclasses import dataclass, field
from typing import Self

from sweeper.store import NON_FINITE, EpochRecord, SeedRecord, State
from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.batch.trial_measures import TrialMeasures
from sweeper.worker.batch.trial_result import TrialResult


@dataclass(frozen=True)
class TrialLog:
    """The curve of each seed of a trial, and what was reported at each rung.

    Attributes:
        curves: of each seed, the epochs.
        reports: the values reported, of each seed, by epoch.
    """

    curves: tuple[list[EpochRecord], ...]
    reports: dict[int, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def empty(cls, seeds: int) -> Self:
        """Return the log of a trial that is yet to be trained."""
        return cls(tuple([] for _ in range(seeds)))

    @classmethod
    def resumed(cls, snapshot: Snapshot, label: str) -> Self:
        """Return the log of the trial that a snapshot knows by a label."""
        k = snapshot.labels.index(label)
        return cls(tuple(map(list, snapshot.curves[k])), dict(snapshot.reports[k]))

    def divergence(self, seconds: float) -> TrialResult | None:
        """Return the failure of a trial of which a seed's loss is no longer finite, else None.

        The curves end there: further epochs say nothing.
        """
        bad = [
            (record.epoch, seed)
            for seed, curve in enumerate(self.curves)
            for record in curve
            if not math.isfinite(record.train_loss)
        ]
        if not bad:
            return None
        epoch = min(bad)[0]
        for curve in self.curves:
            del curve[epoch:]
        seeds = ", ".join(str(seed) for at, seed in bad if at == epoch)
        return self._failure(f"the loss of epoch {epoch} with seed {seeds}", epoch, seconds)

    def result(
        self,
        state: State,
        measures: TrialMeasures,
        objectives: tuple[str, ...],
        epoch: int,
        seconds: float,
    ) -> TrialResult:
        """Return the result of a trial that was measured after an epoch.

        It is a failure where an objective is NaN.
        """
        bad = measures.undefined_seeds(objectives)
        if bad:
            seeds = ", ".join(map(str, bad))
            return self._failure(
                f"the embeddings after epoch {epoch} with seed {seeds}", epoch, seconds
            )
        records = tuple(
            SeedRecord(
                seed,
                measures.of_seed(seed),
                tuple(curve),
                measures.classes(seed),
                measures.confusions(seed),
            )
            for seed, curve in enumerate(self.curves)
        )
        return TrialResult(state, epoch, seconds, seeds=records)

    def _failure(self, what: str, epoch: int, seconds: float) -> TrialResult:
        """Return a result without measures: what is known are the curves."""
        seeds = tuple(SeedRecord(seed, {}, tuple(curve)) for seed, curve in enumerate(self.curves))
        return TrialResult("failed", epoch, seconds, f"{NON_FINITE}: {what}", seeds)
