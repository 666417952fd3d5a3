"""What happens at a rung: objectives are measured and reported, and the pruner is asked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sweeper.worker.batch.batch_trial import BatchTrial
from sweeper.worker.batch.trial_array import TrialArray
from sweeper.worker.batch.trial_log import TrialLog
from sweeper.worker.batch.trial_measures import TrialMeasures

T = TypeVar("T", bound=BatchTrial)


def prune(
    array: TrialArray[T], logs: Mapping[T, TrialLog], epoch: int
) -> Iterator[tuple[T, TrialMeasures]]:
    """Yield the trials that are not worth going on with, with what was measured of them.

    All are reported before the first one is asked about, so that their order makes no difference.
    """
    asked = [trial for trial in array.trials if epoch in trial.spec.rungs]
    measures = array.measure(objectives_of(asked), objectives_alone=True)
    means = {trial: measures[trial].mean(trial.spec.objectives[0]) for trial in asked}

    def cost(trial: T) -> float:
        maximized = trial.spec.directions[0] == "maximize"
        return -means[trial] if maximized else means[trial]

    # The better first: halving compares each with those that were asked about before it.
    best_first = sorted((trial for trial in asked if math.isfinite(means[trial])), key=cost)
    for trial in best_first:
        values = measures[trial].of_seeds(trial.spec.objectives[0])
        trial.report(epoch, values)
        logs[trial].reports[epoch] = values
    return ((trial, measures[trial]) for trial in best_first if trial.should_prune())


def objectives_of(trials: Sequence[BatchTrial]) -> tuple[str, ...]:
    """Return all that the studies of trials ask for."""
    return tuple(dict.fromkeys(name for trial in trials for name in trial.spec.objectives))
